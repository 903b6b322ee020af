"""When audits of a type fall due: closures, anniversaries, intervals (§3, R3.1, R3.2).

Anniversaries are counted from the anchor each time and never from the date before, so
29 February falls to the 28th in a common year and returns to the 29th, and a late audit
moves nothing.
"""

from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from qa_api.rules.decision import Explanation, RuleRefused
from qa_api.rules.policy_values import CadenceAnchor
from qa_api.rules.unchanging import Unchanging

_HALF_A_MONTH: Final = timedelta(days=15)


class CadenceKind(StrEnum):
    """How often audits of a type are due (R3.1)."""

    EVERY_CLOSURE = "every_closure"
    ANNIVERSARY = "anniversary"
    AS_REQUIRED = "as_required"
    ONGOING = "ongoing"
    INTERVAL = "interval"


RULE: Final = "due_audit"
CLAUSES: Final[Mapping[CadenceKind, str]] = {
    CadenceKind.ANNIVERSARY: "§3, R3.2",
    CadenceKind.INTERVAL: "§3, R3.1",
}
"""Where audits that fall due by the calendar come from."""


class DueStatus(StrEnum):
    """How a due date stands on a day (R3.2)."""

    OVERDUE = "overdue"
    DUE = "due"
    COMING = "coming"


class Cadence(Unchanging):
    """A type's cadence. Months matter to ``anniversary`` and ``interval`` only.

    An interval is set by a manager from a date; its first audit is due one interval later.
    """

    kind: CadenceKind
    first_after_months: int | None = None
    every_months: int | None = None
    anchor: CadenceAnchor = CadenceAnchor.FROM_PANEL_DATE

    @property
    def has_due_dates(self) -> bool:
        """Do audits fall due by the calendar, and not by an event or somebody's decision?"""
        return self.kind in {CadenceKind.ANNIVERSARY, CadenceKind.INTERVAL}


class DueAudit(Unchanging):
    """One audit that is owed: its due date, how that stands, and why."""

    due_on: date
    status: DueStatus
    explanation: Explanation


def months_after(anchor: date, months: int) -> date:
    """The same day so many months later, or the month's last day where it has no such day."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def due_dates(
    cadence: Cadence, anchor: date, until: date, last_audit_on: date | None = None
) -> Iterator[date]:
    """Every due date up to and including ``until``, the earliest first (R3.2).

    Under ``from_last_audit`` the dates count from the last audit once there is one.
    """
    if not cadence.has_due_dates or cadence.every_months is None:
        return
    every = cadence.every_months
    months = every if cadence.first_after_months is None else cadence.first_after_months
    if cadence.anchor is CadenceAnchor.FROM_LAST_AUDIT and last_audit_on is not None:
        anchor, months = last_audit_on, every
    while (due_on := months_after(anchor, months)) <= until:
        yield due_on
        months += every


def due_audits(
    cadence: Cadence,
    anchor: date,
    as_at: date,
    until: date,
    *,
    policy_version: int,
    settled: Collection[date] = (),
    last_audit_on: date | None = None,
    lead_days: int = 0,
    first_day: date | None = None,
    last_day: date | None = None,
) -> tuple[DueAudit, ...]:
    """What is owed as at a date and up to another, the longest overdue first (§3, R3.2).

    ``settled`` are the due dates whose audit is completed, or excused by a decision: every
    other one stays due, so a missed year never disappears. ``lead_days`` before its date an
    audit counts as due rather than coming. ``last_audit_on`` matters to ``from_last_audit``.
    Audits fall due from ``first_day``, since when the policy holds, to ``last_day``, on which it
    or the approval ends.
    """
    owed = []
    for due_on in due_dates(cadence, anchor, until, last_audit_on):
        if due_on in settled:
            continue
        if (first_day and due_on < first_day) or (last_day and due_on > last_day):
            continue
        explanation = Explanation(
            RULE,
            CLAUSES[cadence.kind],
            policy_version,
            facts={
                "cadence": cadence.kind.value,
                "counted_by": cadence.anchor.value
                if cadence.kind is CadenceKind.ANNIVERSARY
                else None,
                "anchor": anchor,
                "last_audit_on": last_audit_on,
                "first_after_months": cadence.first_after_months,
                "every_months": cadence.every_months,
            },
        )
        owed.append(DueAudit(due_on, _status(due_on, as_at, lead_days), explanation))
    return tuple(owed)


def _status(due_on: date, as_at: date, lead_days: int) -> DueStatus:
    if due_on < as_at:
        return DueStatus.OVERDUE
    return DueStatus.DUE if due_on <= as_at + timedelta(days=lead_days) else DueStatus.COMING


def rematched(
    owed: Collection[date], due: Collection[date], every_months: int
) -> Mapping[date, date | None]:
    """Which due date each audit is for, once the dates are counted from another day (R3.2).

    It is the nearest date, less than half an interval away. If a panel date moves by some days, an
    audit stays the audit of its year; if it was wrong by years, it becomes another year's. Each
    date has one audit; None if there is none for it.
    """
    free, found = sorted(due), {}
    for before in sorted(owed):
        nearest = min(free, key=lambda day: abs(day - before), default=None)
        if nearest is not None and abs(nearest - before) >= _HALF_A_MONTH * every_months:
            nearest = None
        found[before] = nearest
        if nearest is not None:
            free.remove(nearest)
    return found


def check_panel_date(
    kind: str,
    first_panel_on: date,
    approval_ended_on: date | None,
    today: date,
    *,
    changes: bool,
    reason: str | None,
) -> None:
    """Refuse a panel date that cannot be, and a change of one without its reason (§3, R3.2)."""
    if kind != "carer_household":
        raise _no_panel_date("not-a-household", "Only carer households are presented at Panel.")
    if first_panel_on > today:
        raise _no_panel_date(
            "in-the-future", "The panel date must not be in the future.", "first_panel_on"
        )
    if approval_ended_on is not None and approval_ended_on < first_panel_on:
        raise _no_panel_date(
            "order", "The approval must not end before the first presentation.", "approval_ended_on"
        )
    if changes and reason is None:
        raise _no_panel_date("reason-missing", "Say why the panel date changes.", "reason")


def _no_panel_date(code: str, message: str, field: str | None = None) -> RuleRefused:
    return RuleRefused(code, CLAUSES[CadenceKind.ANNIVERSARY], message, field)
