"""What stands of what case systems told, and when a gate moves (§3, C2 to C6)."""

from typing import Final

from qa_api.models.frozen.entries import Frozen

CLOSURE_AUDITED: Final = (
    "EXISTS (SELECT FROM audits a WHERE a.subject_id = NEW.subject_id AND a.gate_id IS NOT NULL"
    " AND a.state IN ('completed', 'closed') AND a.recorded_in_error_at IS NULL)"
)
TOLD_CLOSED: Final = (
    "EXISTS (SELECT FROM case_events e WHERE e.system = NEW.system"
    " AND e.episode_id = NEW.episode_id AND e.type LIKE 'case.closed.%')"
)

CLOSURES: Final = (
    Frozen(
        "case_events",
        "envelope",
        "system event_id type episode_id source_version occurred_at received_at fingerprint",
        "an event stands as it came",
    ),
    Frozen(
        "case_events",
        "data",
        "data",
        "an event stands as it came",
        # Of a merge that would join the two identities of an adopted child nobody is named.
        unless="OLD.parked AND NEW.parked AND NEW.data ="
        """ jsonb_set(OLD.data, '{data,merge}', '{"from": null, "into": null}')""",
    ),
    Frozen(
        "case_event_outcomes",
        "answer",
        "case_event_id position ref outcome gate_id",
        "a repeat of an event gets the same answer",
    ),
    Frozen(
        "closure_gates",
        "origin",
        "system episode_id opened_by_event opened_at",
        "a gate stays with the event that opened it",
    ),
    Frozen(
        "closure_gates",
        "clearing",
        "state",
        "a gate is clear once its closure audit is completed",
        since="NEW.state = 'clear'",
        witness=CLOSURE_AUDITED,
    ),
    Frozen(
        "closure_gates",
        "overriding",
        "state",
        "a gate is overridden by two people",
        since="NEW.state = 'overridden'",
        unless="NEW.override_requested_by IS NOT NULL AND NEW.override_approved_by IS NOT NULL"
        " AND NEW.override_withdrawn_at IS NULL",
    ),
    Frozen(
        "closure_gates",
        "closing",
        "state closed_at closing_counts_at",
        "a case is closed by its case system",
        since="(NEW.state IN ('closed', 'closed_without_audit') OR NEW.closed_at IS NOT NULL)",
        witness=TOLD_CLOSED,
    ),
    Frozen(
        "closure_gates",
        "override",
        "override_requested_by override_requested_at override_reason override_approved_by"
        " override_approved_at",
        "an override that was approved stands on record until another is requested",
        since="OLD.override_approved_by IS NOT NULL",
        unless="NEW.override_approved_by IS NULL AND NEW.override_approved_at IS NULL"
        " AND NEW.override_requested_at >= OLD.override_requested_at",
    ),
)
