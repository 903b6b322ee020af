"""What goes when a record's time has come, and what stays: every text of the schema, one by one.

Content is what people wrote and what says who somebody is. What stays are codes, dates and figures
without a name: the skeleton that keeps published totals right. The database works off its own copy
of `GOES` (`retained_content`); tests hold the two together, and every text column to one of the
tables here.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final


class Treatment(StrEnum):
    """What takes the place of content."""

    MARK = "mark"
    """A text becomes `[removed]`; null stays null."""
    CLEAR = "clear"
    """A value becomes null."""
    EMPTY = "empty"
    """JSON becomes an object without keys."""
    NAME = "name"
    """A reference becomes `removed:` and the id of its row."""
    OBSERVATION = "observation"
    """JSON that an observation was: its texts become `[removed]`, the rest stays."""


SUBJECT: Final = "subject"
PRACTICE_OBSERVATION: Final = "practice_observation"


def _treated(**treated: str) -> Mapping[str, Treatment]:
    return {
        column: Treatment(treatment)
        for treatment, columns in treated.items()
        for column in columns.split()
    }


GOES: Final[Mapping[str, Mapping[str, Treatment]]] = {
    "action_date_changes": _treated(mark="reason"),
    "audit_answers": _treated(
        clear="value done_on expected_by",
        mark="evidence rationale comment",
    ),
    "audit_revisions": _treated(mark="reason", empty="content"),
    "audit_responses": _treated(mark="handed_over_because"),
    "audits": _treated(
        mark="conflict_override_reason cancel_reason error_reason overall_rationale"
        " positive_feedback paper_records_read"
    ),
    "closure_gates": _treated(
        name="episode_id", mark="override_reason override_withdrawal_reason reopen_reason"
    ),
    "comments": _treated(mark="text"),
    "domain_judgements": _treated(mark="rationale"),
    "escalations": _treated(mark="actions_to_be_taken resolution dispute_reason"),
    "family_contact_attempts": _treated(mark="who how feedback"),
    "family_contacts": _treated(mark="not_expected_reason"),
    "learning_actions": _treated(
        mark="description how verification_note not_achieved_reason cancel_reason"
    ),
    "legal_holds": _treated(mark="reason lift_reason"),
    "moderated_domains": _treated(mark="auditor_rationale moderated_rationale consensus_rationale"),
    "moderation_outcomes": _treated(
        mark="auditor_rationale quality analysis themes observations contribution_to_impact"
        " moderated_rationale action_plan_comments feedback_to_auditor consensus_rationale"
    ),
    "notifications": _treated(mark="delivered_how"),
    "observation_corrections": _treated(observation="before", mark="reason"),
    "own_views": _treated(mark="view"),
    "panel_date_changes": _treated(mark="reason"),
    "practice_observations": _treated(
        mark="activity feedback strengths development withdrawn_reason"
    ),
    "redactions": _treated(mark="reason lift_reason"),
    "response_items": _treated(mark="how reason_not_immediate"),
    "response_rounds": _treated(mark="reasons"),
    "restorative_actions": _treated(
        mark="description how verification_note not_achieved_reason cancel_reason"
        " reassigned_because"
    ),
    "restriction_grants": _treated(mark="reason"),
    "subjects": _treated(
        name="ref",
        clear="born_on died_on first_panel_on approval_ended_on reported_team reported_worker",
        empty="entered",
    ),
    "urgent_findings": _treated(mark="description"),
    "worker_views": _treated(mark="view"),
}
"""What goes, column by column, in the rows of the subject or of the observation."""

_OWNER_COLUMNS: Final = {
    "subjects": "id",
    "practice_observations": "id",
    "observation_corrections": "observation_id",
}


def owner_column(table: str) -> str:
    """The column that says whose content a row is."""
    return _OWNER_COLUMNS.get(table, "subject_id")


def owner_kind(table: str) -> str:
    """Whether the table's content is a subject's or a practice observation's."""
    of_observation = {"practice_observations", "observation_corrections"}
    return PRACTICE_OBSERVATION if table in of_observation else SUBJECT


def _columns(**tables: str) -> Mapping[str, frozenset[str]]:
    return {table: frozenset(columns.split()) for table, columns in tables.items()}


WRITTEN_ANEW: Final = _columns(
    # What a case system sent names several children: theirs alone is taken out. The fingerprint
    # stays, so that a repeat is still answered as one.
    case_events="episode_id data",
    case_event_outcomes="ref",
    conflicting_case_events="data",
    # References that were posted for a plan, before and after the draw.
    plan_case_lists="population chosen",
    # A row of a caseload goes whole; its digest stays, so that count and hash still verify. What
    # tells one caseload from another goes with it, and what is being read in.
    caseload_children="ref status strata salt",
    caseloads="content_hash",
    caseload_lines="ref team worker status strata salt digest fingerprint",
    # What a removed record says of its rule, without the day it was counted from.
    retention_items="explanation",
    # Rows that go whole: names, lines of logs.
    subject_aliases="ref",
    access_log="correlation_id operation subject_ids purpose detail",
    unusual_reads="rule reader principal_ids roles line_ids subject_ids why explanation outcome"
    " aggregate state left_state",
    delivery_attempts="failure",
    deliveries="lane case_key aggregate state left_state",
)
"""What is about a subject and is not treated column by column: the function says how."""

MESSAGE_KEPT: Final = _columns(
    message="specversion id source type time datacontenttype data",
    data="episode_id subjects source_version occurred_at closure worker team allocation"
    " restriction",
    subjects="ref role born_on died_on",
    closure="date reason_code",
    allocation="worker team",
    restriction="kind on",
)
"""What stays, part by part, of a case system's message when one of several children goes.

It is what the service reads of it, without the words of a worker: what else was sent may say
anything about anybody.
"""

STAYS: Final = _columns(
    action_date_changes="which",
    alerts="kind occasion recipient_role recipient",
    audit_due_dates="explanation",
    audit_responses="explanation auditor aggregate state left_state",
    audits="opened_by scale_code overall_asked overall_judgement aggregate state left_state",
    audit_answers="question_key",
    audit_revisions="",
    case_events="event_id type fingerprint parked_reason",
    case_event_outcomes="outcome",
    comments="kind question_key auditor",
    caseload_children="digest",
    caseloads="rows_hash",
    closure_gates="explanation reason_code aggregate state left_state",
    conflicting_case_events="fingerprint",
    domain_judgements="domain_key scale_code judgement",
    escalation_recipients="acts_as acknowledged_as",
    escalations="trigger explanation aggregate state left_state",
    # Ids and codes by rule; the chain over it is why it stays.
    events="type correlation_id data",
    family_contact_attempts="outcome",
    hand_over_items="kind path stays_because detail passed_over sealing unsealed_because",
    hand_overs="to_workers kinds because shared aggregate state left_state",
    learning_actions="aggregate state left_state",
    legal_holds="record_class",
    moderated_domains="domain_key scale_code auditor_judgement moderated_judgement"
    " consensus_judgement",
    moderation_members="audit_type judgement audited_team exclusion stratum",
    moderation_outcomes="scale_code auditor_judgement moderated_judgement relation_to_auditor"
    " unsealed_because consensus_judgement",
    notifications="kind explanation undeliverable_reason aggregate state left_state",
    plan_case_lists="method seed population_hash explanation",
    practice_observations="family_consent",
    redactions="path",
    response_rounds="asked_before explanation review_explanation reviewer_acts_as reviewed_as"
    " outcome",
    restorative_actions="kind auditor aggregate state left_state",
    retention_items="record_class outcome",
    subjects="kind restriction_kind",
    urgent_findings="kind child_safe_now",
)
"""What stays, the skeleton: keys, states, judgements; explanations, which hold dates and codes."""

NOT_ABOUT_A_SUBJECT: Final = frozenset(
    {
        "absences",
        "access_removals",
        "access_seals",
        "allowed_actions",
        "allowed_transitions",
        "audit_intervals",
        "audit_tools",
        "audit_types",
        "audited_closings",
        "auditor_groups",
        "awaited_highlights",
        "awaited_observations",
        "awaited_updates",
        "busiest_hours",
        "bank_holidays",
        "board_coverages",
        "board_decisions",
        "board_report_rows",
        "board_reports",
        "calendar_versions",
        "chart_changes",
        "case_system_references",
        "case_systems",
        "caseload_uploads",
        "checkpoint_receipts",
        "dataset_departures",
        "dataset_downloads",
        "days_of_reads",
        "event_seals",
        "group_roles",
        "idempotency_keys",
        "judgement_scales",
        "kept_rights",
        "learning_highlights",
        "moderation_samples",
        "observation_exemptions",
        "plan_exemptions",
        "plan_teams",
        "plan_themes",
        "policy_versions",
        "practice_audit_domains",
        "practice_audits",
        "practice_cases",
        "practice_standard_domains",
        "practice_standards",
        "posts",
        "principals",
        "qa_update_submissions",
        "qa_updates",
        "quarter_plans",
        "retained_content",
        "retention_runs",
        "rights_changes",
        "role_assignments",
        "rollup_deltas",
        "rollup_rows",
        "rollups",
        "scale_points",
        "scim_groups",
        "scim_members",
        "scim_users",
        "services",
        "teams",
        "themes",
        "told_coverages",
        "tool_domains",
        "tool_questions",
        "webhook_endpoints",
        "worker_names",
        "workers",
    }
)
"""The authority's own: directory, catalogue, policy, plans, figures, what the Board was shown."""


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    """The rows of the database's own list: table, column, whose, found by, treatment."""
    for table, columns in sorted(GOES.items()):
        for column, treatment in sorted(columns.items()):
            yield table, column, owner_kind(table), owner_column(table), treatment.value
