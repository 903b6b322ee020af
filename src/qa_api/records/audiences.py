"""Which field of the record is for which reader, in one table, and its effect (R4.1.7).

A field that is not in the table is shown to nobody.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from qa_api.records.schemas import Audience

_BOTH: Final = frozenset(Audience)
_PROFESSIONAL: Final = frozenset({Audience.PROFESSIONAL})


def _for(
    audiences: frozenset[Audience], section: str, names: str
) -> dict[str, frozenset[Audience]]:
    return {f"{section}.{name}": audiences for name in names.split()}


AUDIENCES: Final[Mapping[str, frozenset[Audience]]] = {
    # Children read what is about them; codes of staff and of our own machinery are not.
    **_for(_BOTH, "subject", "id kind system ref born_on died_on first_panel_on team_name"),
    **_for(_BOTH, "subject.removed", "removed_on run_id kept_until_year"),
    **_for(_PROFESSIONAL, "subject", "team worker restriction_kind"),
    **_for(
        _BOTH,
        "audits",
        "id type type_name state revision re_audit_of completed_at completed_on closed_at"
        " audited_team_name overall_judgement overall_label overall_rationale positive_feedback",
    ),
    **_for(
        _PROFESSIONAL,
        "audits",
        "auditor audited_worker audited_team paper_records_read discussed_in_supervision_on",
    ),
    **_for(_BOTH, "audits.judgements", "domain_key domain judgement label rationale"),
    **_for(
        _BOTH,
        "audits.answers",
        "domain question_key question answer_kind value value_label rationale comment done_on"
        " expected_by",
    ),
    # A document's reference says nothing to a child, and may name somebody else's.
    **_for(_PROFESSIONAL, "audits.answers", "evidence"),
    **_for(_BOTH, "audits.family_contact", "expected not_expected_reason"),
    **_for(_PROFESSIONAL, "audits.family_contact", "key_worker_forewarned contact_details_checked"),
    **_for(_BOTH, "audits.family_contact.contacts", "number who how at outcome feedback"),
    **_for(_BOTH, "audits.worker_view", "view recorded_at"),
    **_for(_BOTH, "audits.own_view", "view written_at"),
    **_for(_BOTH, "audits.urgent_findings", "id kind description raised_at"),
    # What the auditor did not know at that moment frightens without telling how it ended.
    **_for(_PROFESSIONAL, "audits.urgent_findings", "child_safe_now"),
    **_for(
        _BOTH,
        "audits.actions",
        "id kind description state needed_before_closure due_on first_promised_on how done_on"
        " verified_at made_a_difference verification_note not_achieved_reason cancel_reason",
    ),
    **_for(_PROFESSIONAL, "audits.actions", "owner done_by verified_by"),
    **_for(_BOTH, "audits.response", "state notified_at due_on adequate_at"),
    **_for(
        _BOTH, "audits.response.rounds", "number due_on submitted_at reviewed_at outcome reasons"
    ),
    **_for(_PROFESSIONAL, "audits.response.rounds", "submitted_by reviewed_by"),
    **_for(
        _BOTH,
        "audits.response.rounds.items",
        "action_id how done_on finish_on reason_not_immediate",
    ),
    **_for(_BOTH, "audits.revisions", "number reason replaced_at"),
    **_for(_PROFESSIONAL, "audits.revisions", "replaced_by"),
    # Earlier words are for the same readers as today's.
    **_for(
        _BOTH,
        "audits.revisions.earlier",
        "key about judgement label value text rationale comment done_on expected_by",
    ),
    **_for(_PROFESSIONAL, "audits.revisions.earlier", "evidence"),
    # A child reads what somebody else made of the work; how the auditor did is for those who work.
    **_for(
        _BOTH,
        "audits.moderations",
        "id moderated_at auditor_judgement auditor_label moderated_judgement moderated_label"
        " moderated_rationale contribution_to_impact consensus_judgement consensus_label"
        " consensus_rationale",
    ),
    **_for(
        _BOTH,
        "audits.moderations.domains",
        "domain_key domain auditor_judgement auditor_label moderated_judgement moderated_label"
        " moderated_rationale consensus_judgement consensus_label consensus_rationale",
    ),
    **_for(
        _PROFESSIONAL,
        "audits.moderations",
        "moderated_by quality analysis themes observations action_plan_comments"
        " feedback_to_auditor",
    ),
    **_for(
        _BOTH,
        "audits.moderations.learning_actions",
        "id description state due_on done_on verified_at made_a_difference",
    ),
    **_for(
        _PROFESSIONAL,
        "audits.moderations.learning_actions",
        "owner how verified_by verification_note not_achieved_reason cancel_reason",
    ),
    "unfinished_audits": _PROFESSIONAL,  # a draft may be wrong still
    **_for(
        _BOTH,
        "escalations",
        "id audit_id finding_id trigger state raised_at actions_to_be_taken resolved_at resolution",
    ),
    **_for(
        _PROFESSIONAL,
        "escalations",
        "acknowledged_at quality_standards_informed_at disputed_at dispute_reason",
    ),
    **_for(_BOTH, "comments", "id kind audit_id question_key written_at text released_at"),
    **_for(_PROFESSIONAL, "comments", "written_by"),
    **_for(
        _BOTH,
        "closure_gates",
        "id episode_id state may_close audit_id opened_at closure_on closed_at reopened_at",
    ),
    **_for(
        _PROFESSIONAL,
        "closure_gates",
        "override_reason override_withdrawn_at override_withdrawal_reason reopen_reason",
    ),
    **_for(_BOTH, "redactions", "id audit_id path reason redacted_at lifted_at lift_reason"),
    **_for(_PROFESSIONAL, "redactions", "redacted_by lifted_by"),
    "looks": _PROFESSIONAL,
    "audience": _BOTH,
}

REDACTABLE: Final = frozenset(
    f"{section}.{name}"
    for section, names in {
        "audits": "overall_rationale positive_feedback paper_records_read",
        "audits.judgements": "rationale",
        "audits.answers": "value evidence rationale comment",
        "audits.family_contact": "not_expected_reason",
        "audits.family_contact.contacts": "who how feedback",
        "audits.worker_view": "view",
        "audits.own_view": "view",
        "audits.urgent_findings": "description",
        "audits.actions": "description how verification_note not_achieved_reason cancel_reason",
        "audits.response.rounds": "reasons",
        "audits.response.rounds.items": "how reason_not_immediate",
        "audits.revisions": "reason",
        "audits.revisions.earlier": "value text evidence rationale comment",
        "audits.moderations": "moderated_rationale quality analysis themes observations"
        " consensus_rationale"
        " contribution_to_impact action_plan_comments feedback_to_auditor",
        "audits.moderations.domains": "moderated_rationale consensus_rationale",
        "audits.moderations.learning_actions": "description how verification_note"
        " not_achieved_reason cancel_reason",
        "unfinished_audits": "cancel_reason",
        "escalations": "actions_to_be_taken resolution dispute_reason",
        "comments": "text",
        "closure_gates": "override_reason override_withdrawal_reason reopen_reason",
    }.items()
    for name in names.split()
)
"""The fields that hold what somebody wrote: only these can be redacted."""

KEYS: Final[Mapping[str, str]] = {
    "audits": "id",
    "audits.judgements": "domain_key",
    "audits.answers": "question_key",
    "audits.family_contact.contacts": "number",
    "audits.urgent_findings": "id",
    "audits.actions": "id",
    "audits.response.rounds": "number",
    "audits.response.rounds.items": "action_id",
    "audits.revisions": "number",
    "audits.revisions.earlier": "key",
    "audits.moderations": "id",
    "audits.moderations.domains": "domain_key",
    "audits.moderations.learning_actions": "id",
    "unfinished_audits": "id",
    "escalations": "id",
    "comments": "id",
    "closure_gates": "id",
}
"""By which field an entry of each list is named in a place."""


def shown_to(audience: Audience, value: Any, field: str = "") -> Any:
    """The record without what is not for this audience: null, or an empty list."""
    if field in AUDIENCES and audience not in AUDIENCES[field]:
        return [] if isinstance(value, list) else None
    if isinstance(value, dict) and field not in AUDIENCES:
        return {name: shown_to(audience, part, inside(field, name)) for name, part in value.items()}
    if isinstance(value, list) and field not in AUDIENCES:
        return [shown_to(audience, part, field) for part in value]
    return value if field in AUDIENCES else None


def inside(field: str, name: str) -> str:
    """The name of a field within a section."""
    return f"{field}.{name}" if field else name


def texts(value: Any, field: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    """Every text in a record that can be redacted: its holder and its name there."""
    if isinstance(value, list):
        for part in value:
            yield from texts(part, field)
    elif isinstance(value, dict):
        for name, part in value.items():
            if inside(field, name) in REDACTABLE and isinstance(part, str):
                yield value, name
            else:
                yield from texts(part, inside(field, name))
