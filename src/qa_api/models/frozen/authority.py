"""What stands of tools and scales, plans, the Board, observations and the calendar."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Closed, Frozen

_CALENDAR_NOW: Final = "EXISTS (SELECT FROM calendar_versions v WHERE qa_written_now(v.xid))"
_A_NEW_CALENDAR: Final = "a day of the calendar turns with a new version of the calendar"
_AS_PUBLISHED: Final = "a published plan stands; a later version supersedes it"
_CORRECTED_NOW: Final = (
    "EXISTS (SELECT FROM observation_corrections c WHERE c.observation_id = OLD.id"
    " AND c.corrected_version = OLD.version AND qa_written_now(c.xid))"
)
_BEFORE: Final = (
    "(SELECT p.values FROM policy_versions p WHERE p.version < NEW.version"
    " AND p.effective_from <= NEW.effective_from"
    " ORDER BY p.effective_from DESC, p.version DESC LIMIT 1)"
)
_KEPT_AS_CHANGED: Final = (
    "EXISTS (SELECT FROM rights_changes c"  # noqa: S608 - put together from what stands here
    " WHERE qa_written_now(c.xid) AND c.what = 'policy'"
    " AND c.state IN ('done', 'confirmed')"
    " AND (c.becomes #>> '{policy,effective_from}')::date <= NEW.effective_from"
    f" AND NOT EXISTS (SELECT FROM jsonb_each({_BEFORE}) was"
    " WHERE NEW.values -> was.key IS DISTINCT FROM was.value"
    " AND NOT EXISTS (SELECT FROM jsonb_array_elements(c.becomes #> '{policy,changes}') said"
    " WHERE said ->> 'key' = was.key AND said -> 'value' = NEW.values -> was.key)))"
)
"""A change of rights that says all that is different from what that day had; it may be confirmed
later than its day, and carried on to what is scheduled.
"""
_POLICY_TOLD: Final = (
    "EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp())"
    " AND e.type = 'configuration.changed' AND e.data ->> 'what' = 'policy'"
    " AND e.data ->> 'code' = NEW.version::text"
    f" AND (e.principal_id IS NULL OR {_KEPT_AS_CHANGED}))"
)

AUTHORITY: Final[tuple[Frozen | Begun | Closed, ...]] = (
    Begun(
        "policy_versions",
        "telling",
        "a change of the policy is told, and says all that is different",
        not_as="true",
        witness=_POLICY_TOLD,
        at_commit=True,
    ),
    Frozen(
        "audit_tools",
        "tool",
        "code number name scale_code scale_number published_at",
        "a published tool stands; a later number takes its place",
        since="OLD.state <> 'draft'",
    ),
    Frozen("judgement_scales", "scale", "code number name", "a scale never changes"),
    Frozen(
        "scale_points",
        "scale",
        "scale_code scale_number code label position escalates",
        "a scale never changes",
    ),
    Frozen(
        "quarter_plans",
        "plan",
        "quarter number audit_type drafted_at published_at",
        _AS_PUBLISHED,
        since="OLD.state <> 'draft'",
    ),
    Frozen(
        "plan_exemptions",
        "exemption",
        "plan_id team auditor reason decided_by decided_at",
        "an exemption stands as it was decided",
    ),
    Frozen(
        "plan_case_lists",
        "list",
        "plan_id team theme system method seed population population_hash chosen explanation"
        " policy_version posted_at",
        "a list stands as it was posted and drawn",
    ),
    Frozen(
        "qa_updates",
        "quarter",
        "service quarter begun_at begun_by",
        "an update is of one service and one quarter",
    ),
    Frozen(
        "qa_updates",
        "submission",
        "activity learning good_practice changes_made evidence_of_impact risks next_quarter"
        " figures",
        "what was submitted stands until it is returned",
        since="OLD.state = 'submitted'",
    ),
    Frozen(
        "qa_updates",
        "first_submission",
        "first_submitted_on",
        "when an update was first submitted stands",
        since="OLD.first_submitted_on IS NOT NULL",
    ),
    Frozen(
        "board_decisions",
        "decision",
        "report_id decision owner due_on recorded_at recorded_by",
        "a decision stands as the Board took it",
    ),
    Frozen(
        "board_decisions",
        "end",
        "done_at done_by done_how",
        "what was done about a decision stands",
        since="OLD.done_at IS NOT NULL",
    ),
    Frozen(
        "board_receipts",
        "dissemination",
        "report_id recipient disseminated_at disseminated_by",
        "to whom a report went stands",
    ),
    Frozen(
        "board_receipts",
        "receipt",
        "received_at",
        "that a report was received stands",
        since="OLD.received_at IS NOT NULL",
    ),
    Frozen(
        "practice_observations",
        "record",
        "worker team recorded_at recorded_by",
        "whom an observation is of, and who recorded it, stands",
    ),
    Frozen(
        "practice_observations",
        "content",
        "observer observed_on activity planned family_consent feedback strengths development",
        "an observation is corrected, and what it said before is kept",
        witness=_CORRECTED_NOW,
    ),
    Frozen(
        "practice_observations",
        "version",
        "version",
        "a version that was there does not come again",
        unless="NEW.version > OLD.version",
    ),
    Frozen(
        "practice_observations",
        "withdrawal",
        "withdrawn_at withdrawn_by withdrawn_reason",
        "an observation that was withdrawn stays so",
        since="OLD.withdrawn_at IS NOT NULL",
    ),
    Frozen(
        "observation_corrections",
        "content",
        "observation_id corrected_version before reason corrected_at corrected_by",
        "a correction keeps what the observation said",
    ),
    Frozen(
        "observation_exemptions",
        "grant",
        "worker reason granted_at granted_by",
        "an exemption stands as it was granted",
    ),
    Frozen(
        "observation_exemptions",
        "days",
        "valid",
        "an exemption is ended, and nothing else about its days changes",
        unless="NEW.ended_at IS NOT NULL AND NEW.ended_by IS NOT NULL"
        " AND lower(NEW.valid) IS NOT DISTINCT FROM lower(OLD.valid)",
    ),
    Frozen(
        "learning_highlights",
        "record",
        "team quarter topic highlight routed_to policy_version recorded_at recorded_on recorded_by",
        "what a team learned stands as it was recorded",
    ),
    Frozen(
        "learning_highlights",
        "answer",
        "answered_at answered_by what_was_done",
        "an answer stands",
        since="OLD.answered_at IS NOT NULL",
    ),
    Frozen(
        "calendar_days",
        "day",
        "day working_index working",
        _A_NEW_CALENDAR,
        witness=_CALENDAR_NOW,
    ),
    Closed("calendar_days", "addition", _A_NEW_CALENDAR, _CALENDAR_NOW),
    Closed("calendar_days", "removal", _A_NEW_CALENDAR, _CALENDAR_NOW, removed=True),
    Frozen(
        "bank_holidays",
        "holiday",
        "holiday_on added_version title source",
        "a bank holiday stands from the version that added it",
    ),
    Frozen(
        "bank_holidays",
        "withdrawal",
        "withdrawn_version withdrawn_reason",
        "a bank holiday that was withdrawn stays so; it can be added anew",
        since="OLD.withdrawn_version IS NOT NULL",
    ),
)
