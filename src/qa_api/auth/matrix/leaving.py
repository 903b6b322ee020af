"""What leaves the service in bulk: the rows of each dataset, and messages to registered receivers.

How near somebody is to a record plays no part here. Everybody who may pull a dataset gets the same
rows; each receiver gets what its registration says. Each has a table: which rows, which fields, and
who is told those fields that say more than the row.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.rules.unchanging import Unchanging


class Without(StrEnum):
    """Which rows of its table a dataset leaves out, whoever pulls it."""

    RESTRICTED = "of a restricted record, whoever has a grant"
    IN_ERROR = "of an audit that was recorded in error"
    DRAFT = "of an audit that is not completed"
    UNSET = "that stand in a draft only"
    LEFT_OUT = "of questions that were left out"
    DUPLICATE = "told twice, of one closing"


class Pulled(Unchanging):
    """What a dataset holds: the rows of a table, and the columns of it that say who."""

    table: str
    without: frozenset[Without]
    people: frozenset[str]
    """The columns that hold a worker's code; all other codes are the authority's own."""


def _of(table: str, *without: Without, people: str = "") -> Pulled:
    return Pulled(table, frozenset(without), frozenset(people.split()))


_SECRET, _WRONG, _DRAFT = Without.RESTRICTED, Without.IN_ERROR, Without.DRAFT

PULLED: Final[Mapping[str, Pulled]] = {
    "audits": _of("audits", _SECRET, _WRONG, people="audited_worker auditor"),
    "audit-answers": _of("audit_answers", _SECRET, _WRONG, _DRAFT, Without.LEFT_OUT),
    "audit-judgements": _of("domain_judgements", _SECRET, _WRONG, _DRAFT),
    "restorative-actions": _of(
        "restorative_actions", _SECRET, _WRONG, Without.UNSET, people="owner"
    ),
    "audit-responses": _of("audit_responses", _SECRET, _WRONG, people="worker responder"),
    "response-rounds": _of(
        "response_rounds",
        _SECRET,
        _WRONG,
        people="submitted_by on_behalf_of reviewer reviewed_by",
    ),
    "notifications": _of("notifications", _SECRET, _WRONG, people="worker"),
    "escalations": _of("escalations", _SECRET),
    "closure-gates": _of("closure_gates", _SECRET, Without.DUPLICATE),
    "moderation-samples": _of("moderation_samples"),
    "moderation-outcomes": _of("moderation_outcomes", _SECRET, _WRONG, people="auditor moderator"),
    "moderated-domains": _of("moderated_domains", _SECRET, _WRONG),
    "learning-actions": _of("learning_actions", _SECRET, _WRONG, people="owner"),
    "comments": _of("comments", _SECRET, _WRONG, people="written_by"),
    "practice-observations": _of("practice_observations", people="worker observer"),
    "learning-highlights": _of("learning_highlights"),
    "quarter-plans": _of("quarter_plans"),
    "plan-teams": _of("plan_teams"),
    "plan-exemptions": _of("plan_exemptions", people="auditor decided_by"),
    "caseloads": _of("caseloads", people="sent_by"),
    "qa-updates": _of("qa_updates"),
    "board-coverage": _of("board_coverages"),
    "services": _of("services"),
    "teams": _of("teams"),
    "team-services": _of("team_services"),
    "workers": _of("workers", people="code"),
    "team-memberships": _of("team_memberships", people="worker"),
    "audit-types": _of("audit_types"),
    "calendar-days": _of("calendar_days"),
}
"""Each dataset: the table whose rows it holds, which of them not, and who is named in them."""

_WHO_PULLS: Final = roles_with(Permission.REPORTING_READ)
TOLD: Final[Mapping[str, frozenset[Role]]] = {
    **dict.fromkeys(
        ("uuid", "code", "label", "date", "instant", "boolean", "integer", "number", "pseudonym"),
        _WHO_PULLS,
    ),
    "reference": frozenset({Role.QUALITY_STANDARDS}),
}
"""Of each kind of column, whose pull has it filled in; of everybody else's it is null."""


class Receiving(StrEnum):
    """What an endpoint is sent of the events that it asked for, by how it is registered."""

    OWN_SYSTEM = "those about its case system's children and carer households, restricted ones too"
    NO_SYSTEM = "all, but of a restricted record none while it is restricted"


_ACTED: Final = "audit_type judgement escalates action_ids"
_DUE: Final = "audit_id due_on"
SENT: Final[Mapping[str, frozenset[str]]] = {
    event: frozenset(fields.split())
    for event, fields in {
        "audit.amended": f"{_ACTED} revision",
        "audit.completed": _ACTED,
        "audit.information_only": "audit_id notification_id worker",
        "audit.recorded_in_error": "",
        "audit.response_required": "audit_id notification_id worker",
        "closure_gate.changed": "system state may_close",
        "closure_gate.closed_without_audit": "system",
        "closure_gate.opened": "system state may_close",
        "comment.added": "audit_id",
        "comment.resolved": "audit_id",
        "escalation.acknowledged": "",
        "escalation.quality_standards_informed": "",
        "escalation.quality_standards_uninformed": "",
        "escalation.raised": "trigger audit_id gate_id",
        "escalation.readdressed": "",
        "escalation.resolved": "audit_id gate_id",
        "escalation.unacknowledged": "",
        "learning_highlight.answered": "team quarter",
        "learning_highlight.recorded": "team quarter routed_to",
        "moderation_sample.drawn": "group period population_hash outcome_ids",
        "notification.overdue": "audit_id",
        "practice_observation.recorded": "worker team observed_on",
        "response.accepted": "audit_id round",
        "response.due_date_counted": f"{_DUE} clock",
        "response.due_date_lengthened": f"{_DUE} clock due_on_before",
        "response.overdue": _DUE,
        "response.returned": f"{_DUE} round",
        "response.review_overdue": _DUE,
        "response.submitted": "audit_id round",
        "webhook_endpoint.test": "",
    }.items()
}
"""Each event that is sent, and what its message says beside `ALWAYS_SENT`."""

ALWAYS_SENT: Final = frozenset({"about", "subject", "url"})
"""The record, the child or carer household as its case system names it, and where to read more."""
SENT_WITH: Final[Mapping[str, str]] = {"worker": "worker_reference", "team": "team_reference"}
"""What goes with a code: what the receiver's case system calls it, null where that is not known."""
SENT_OF_GATES: Final = frozenset({"ref", "episode_id"})
"""Of a closure gate: what its case system calls the child and the episode."""
