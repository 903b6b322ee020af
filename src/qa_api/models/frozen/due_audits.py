"""What stands of how often audits fall due, and of the date that each is for (R3.1, R3.2)."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Frozen

_SETTLED: Final = (
    "EXISTS (SELECT FROM audits a WHERE a.id = NEW.audit_id"
    " AND NEW.settled_on IS NOT DISTINCT FROM CASE WHEN a.recorded_in_error_at IS NULL"
    " THEN coalesce(a.completed_on, (a.cancelled_at AT TIME ZONE 'Europe/London')::date) END)"
)
"""Completed, or cancelled with a reason; an audit that was recorded in error settles nothing."""

DUE_AUDITS: Final[tuple[Frozen | Begun, ...]] = (
    Frozen(
        "audit_intervals",
        "interval",
        "type team every_months audits_each_time scope reason set_at set_by",
        "an interval stands as it was set; another follows its end",
    ),
    Frozen(
        "audit_intervals",
        "days",
        "valid",
        "an interval is ended, and nothing else about its days changes",
        unless="NEW.ended_at IS NOT NULL AND NEW.ended_by IS NOT NULL"
        " AND lower(NEW.valid) IS NOT DISTINCT FROM lower(OLD.valid)",
    ),
    Frozen(
        "audit_intervals",
        "end",
        "valid ended_at ended_by ended_reason",
        "an interval is ended as is told",
        witness="EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp())"
        " AND e.about_id = NEW.id AND e.type = 'audit_interval.ended')",
        at_commit=True,
    ),
    Begun(
        "audit_intervals",
        "end",
        "an interval is set before it is ended",
        "ended_at ended_by ended_reason",
    ),
    Frozen(
        "audit_due_dates",
        "origin",
        "audit_id type owed_team number",
        "a due date is for one audit, and stays with whoever owes it",
    ),
    Frozen(
        "audit_due_dates",
        "settling",
        "settled_on",
        "a due date is settled on the day on which its audit was completed or cancelled",
        witness=_SETTLED,
        at_commit=True,
    ),
    Begun(
        "audit_due_dates",
        "settling",
        "a due date is settled by its audit",
        "settled_on",
    ),
)
