"""With what a record does not begin: what comes about later is not there from the start."""

from typing import Final

from qa_api.models.frozen.closures import (
    CLEARED_FIRST,
    CLEARED_OR_EXEMPT,
    EXEMPT,
    MAY_CLOSE,
    NEEDS_NONE,
    TOLD_CLOSED,
    WAITS,
)
from qa_api.models.frozen.entries import Begun, Closed, Frozen

WITH_A_LIFE_CYCLE: Final = (
    "audit_responses",
    "audit_tools",
    "audits",
    "board_reports",
    "closure_gates",
    "deliveries",
    "escalations",
    "hand_overs",
    "learning_actions",
    "moderation_samples",
    "notifications",
    "qa_updates",
    "quarter_plans",
    "restorative_actions",
    "retention_runs",
    "rights_changes",
    "unusual_reads",
)
"""Every table whose rows have states; a test holds the list to the schema."""

WITNESSES: Final = (
    "action_date_changes",
    "audit_revisions",
    "calendar_versions",
    "comments",
    "judgement_scales",
    "moderation_samples",
    "observation_corrections",
    "rights_changes",
)
"""Every table whose new rows let something be changed that stands; a test holds the list."""

_ADDED_NOW: Final = "a witness is of the transaction that adds it"

_DONE_LATER: Final = "an action is set before it is done, and done before it is verified"

_ACKNOWLEDGED_BEFORE: Final = (
    "EXISTS (SELECT FROM escalation_recipients r WHERE r.escalation_id = NEW.escalation_id"
    " AND r.for_team IS NOT DISTINCT FROM NEW.for_team"
    " AND (r.acknowledged_at, r.acknowledged_by, r.acknowledged_as)"
    " IS NOT DISTINCT FROM (NEW.acknowledged_at, NEW.acknowledged_by, NEW.acknowledged_as))"
)
"""Who acts for a team that has acknowledged is told in a row of their own, which says so too."""

BEGINNINGS: Final[tuple[Frozen | Begun | Closed, ...]] = (
    *(
        Begun(
            table, "state", "a record begins in its first state", not_as="NEW.left_state <> 'new'"
        )
        for table in WITH_A_LIFE_CYCLE
    ),
    Begun(
        "audits",
        "completion",
        "an audit is completed after it was begun",
        "completed_at completed_on closed_at",
    ),
    Begun(
        "audits",
        "error",
        "an error is reported of an audit that there is, and confirmed by another person",
        "error_reason error_reported_by error_confirmed_by recorded_in_error_at",
    ),
    Begun(
        "audit_responses",
        "outcome",
        "a response is awaited before it is submitted and found adequate",
        "first_submitted_at first_submitted_on adequate_at adequate_submitted_on",
    ),
    Begun(
        "restorative_actions",
        "outcome",
        _DONE_LATER,
        "done_on done_by verified_at verified_by made_a_difference cancelled_at cancel_reason",
    ),
    Begun(
        "learning_actions",
        "outcome",
        _DONE_LATER,
        "done_on done_by verified_at verified_by cancelled_at cancel_reason",
    ),
    Begun(
        "escalations",
        "outcome",
        "what was escalated is acknowledged, told and resolved afterwards",
        "notified_at acknowledged_at quality_standards_informed_at informed_by"
        " actions_to_be_taken disputed_at disputed_by resolved_at resolved_by resolution",
    ),
    Begun(
        "escalation_recipients",
        "acknowledgement",
        "somebody is told before they acknowledge",
        "acknowledged_at acknowledged_by acknowledged_as",
        witness=_ACKNOWLEDGED_BEFORE,
    ),
    Begun(
        "closure_gates",
        "override",
        "an override is asked for of a gate that there is, and approved by another person",
        "override_requested_by override_requested_at override_reason override_approved_by"
        " override_approved_at",
    ),
    Begun(
        "closure_gates",
        "clearing",
        "a gate is clear once its closure audit is completed",
        # An audit is asked for by a gate that there is.
        not_as="NEW.state IN ('clear', 'overridden') OR NEW.cleared_at IS NOT NULL",
    ),
    Begun(
        "closure_gates",
        "exemption",
        NEEDS_NONE,
        not_as="NEW.state = 'exempt'",
        witness=EXEMPT,
    ),
    Begun(
        "closure_gates",
        "leave_to_close",
        WAITS,
        not_as=f"NEW.may_close AND ({MAY_CLOSE}) IS NOT TRUE",
    ),
    Begun(
        "closure_gates",
        "closing_clear",
        CLEARED_FIRST,
        not_as="NEW.state = 'closed'",
        witness=CLEARED_OR_EXEMPT,
    ),
    Begun(
        "closure_gates",
        "closing",
        "a case is closed by its case system",
        not_as="NEW.state IN ('closed', 'closed_without_audit') OR NEW.closed_at IS NOT NULL",
        witness=TOLD_CLOSED,
        at_commit=True,
    ),
    Begun(
        "subjects",
        "merge",
        "a record is there before it is merged",
        "merged_into_id",
    ),
    Begun(
        "retention_runs",
        "approval",
        "a run is proposed by one and approved by another",
        "approved_at approved_by",
    ),
    Begun(
        "rights_changes",
        "decision",
        "a change of rights is proposed by one and decided by another",
        "decided_at decided_by",
    ),
    *(
        Begun(table, "witness", _ADDED_NOW, not_as="NEW.xid IS DISTINCT FROM stamp()")
        for table in WITNESSES
    ),
    *(
        Frozen(table, "witness", "xid", _ADDED_NOW)
        for table in WITNESSES
        if table != "calendar_versions"  # which nobody may update at all
    ),
    Begun(
        "audit_revisions",
        "amendment",
        "what an amendment replaces is kept, and what takes its place has the next number",
        not_as="true",
        witness="EXISTS (SELECT FROM audits a"
        " WHERE a.id = NEW.audit_id AND a.revision > NEW.number)",
        at_commit=True,
    ),
    Begun(
        "observation_corrections",
        "correction",
        "what a correction replaces is kept, and what takes its place is the next version",
        not_as="true",
        witness="EXISTS (SELECT FROM practice_observations o"
        " WHERE o.id = NEW.observation_id AND o.version > NEW.corrected_version)",
        at_commit=True,
    ),
    Begun(
        "events",
        "position",
        "an event stands where its own transaction stands",
        not_as="NEW.xid IS DISTINCT FROM stamp()",
    ),
    Closed(
        "scale_points",
        "content",
        "the points of a scale are made together with it",
        "EXISTS (SELECT FROM judgement_scales s WHERE s.code = OLD.scale_code"
        " AND s.number = OLD.scale_number AND qa_written_now(s.xid))",
    ),
)
