"""Which audits would have fallen due, and which closings would have needed one (§3)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from qa_api.rules.cadence import (
    Cadence,
    CadenceKind,
    DueAudit,
    DueStatus,
    due_audits,
    due_dates,
    months_after,
    rematched,
)
from qa_api.rules.closure import Cycle, EpisodePhase
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import CadenceAnchor
from qa_api.rules.unchanging import Unchanging
from qa_api.simulating.policies import MONTHS, Policies, Year

Cells = Counter[tuple[str | None, str]]
"""How many by team and month; a team is None where none is known."""
Matched = Mapping[date, date | None]
"""For which due date an audit is, by the date that it is for under the policies of then."""

_ONE_DAY = timedelta(days=1)
_A_LONG_TIME = timedelta(days=5 * 366)


class Settled(Unchanging):
    """The due date that an audit stands for, and since when it is settled, if it is."""

    due_on: date
    number: int
    settled_on: date | None


class Household(Unchanging):
    """A carer household and one audit type: what its due dates count from, and what was done."""

    team: str | None
    first_panel_on: date
    approval_ended_on: date | None
    every_months: int | None
    """The type's own interval, where it has one; else the policy says."""
    completed_on: Sequence[date]
    made: Sequence[Settled]


class Interval(Unchanging):
    """How often a manager has a team audited; no policy changes it (R3.1)."""

    team: str
    first: date
    until: date | None
    every_months: int
    each_time: int
    made: Sequence[Settled]


class Closing(Unchanging):
    """A closing that has a gate, and how its gate was decided last.

    `policy_version` is the one it was decided by, `offered` whether there was an audit to be had.
    """

    opened_on: date
    cycle: Cycle
    policy_version: int
    offered: bool


class Owed(Unchanging):
    """Everything by which audits fall due."""

    households: Sequence[Household]
    intervals: Sequence[Interval]
    closings: Sequence[Closing]


def audits_owed(
    owed: Owed, policies: Policies, actual: Policies, year: Year
) -> tuple[Mapping[str, int], Cells]:
    """The figures of audits by their names, and how many fell due by team and month.

    A month has what the list of due audits has on its first day and falls due in it. `actual` are
    the policies by which the audits were made.
    """
    counted: Counter[str] = Counter()
    cells: Cells = Counter()
    for household in owed.households:
        matched = _matched(household, policies, actual, year)
        for day, found in _looked_at(year):
            due = _of_household(household, matched, policies, *found)
            _count(due, day, household.team, counted, cells)
    for interval in owed.intervals:
        for day, found in _looked_at(year):
            _count(_of_interval(interval, policies, *found), day, interval.team, counted, cells)
    counted["audits_due"] = cells.total()
    counted["closings"] = len(owed.closings)
    counted["closings_to_audit"] = sum(_needs_audit(each, policies) for each in owed.closings)
    return counted, cells


def _looked_at(year: Year) -> Iterator[tuple[str | None, tuple[date, date, date]]]:
    """The month's label, the day that is asked about, and the days in which something falls due.

    At last today, without a label, as the list of due audits shows it: a year ahead.
    """
    for month in year.months:
        yield month.label, (month.starts_on, month.starts_on, month.ends_on)
    yield None, (year.today, date.min, months_after(year.today, MONTHS))


_FIGURE_OF: Mapping[DueStatus, str] = {
    DueStatus.OVERDUE: "audits_overdue",
    DueStatus.DUE: "audits_to_plan",
    DueStatus.COMING: "audits_coming",
}


def _count(
    due: Sequence[DueAudit],
    month: str | None,
    team: str | None,
    counted: Counter[str],
    cells: Cells,
) -> None:
    if month is not None:
        if due:
            cells[team, month] += len(due)
        return
    counted.update(_FIGURE_OF[each.status] for each in due)


# --- households ---


def _cadence(household: Household, policy: Policy) -> Cadence:
    every = household.every_months or policy.carers_audit_every_months
    first = policy.carers_first_audit_months
    return Cadence(CadenceKind.ANNIVERSARY, first, every, policy.cadence_anchor)


def _of_household(
    household: Household,
    matched: Matched,
    policies: Policies,
    as_at: date,
    first_day: date,
    until: date,
) -> list[DueAudit]:
    """What it owes as at a day within some days: each policy's dates while that is in force."""
    in_force = policies.on(as_at)
    done = [day for day in household.completed_on if day <= as_at]
    settled = [
        matched.get(each.due_on, each.due_on)
        for each in household.made
        if each.settled_on is not None and each.settled_on <= as_at
    ]
    found: list[DueAudit] = []
    for policy, first, last in _while_in_force(policies, until):
        found += due_audits(
            _cadence(household, policy),
            household.first_panel_on,
            as_at,
            until,
            policy_version=policy.version,
            settled=[day for day in settled if day is not None],
            last_audit_on=max(done, default=None),
            lead_days=in_force.due_audit_lead_days,
            first_day=max(first, first_day, in_force.carers_audits_owed_from),
            last_day=min(last, household.approval_ended_on or date.max),
        )
    return found


def _while_in_force(policies: Policies, until: date) -> Iterator[tuple[Policy, date, date]]:
    """Each policy with the first and the last day on which its due dates count."""
    dated = policies.dated(until)
    ends = [later.effective_from - _ONE_DAY for _, later in pairwise(dated)]
    for at, (policy, last) in enumerate(zip(dated, [*ends, date.max], strict=True)):
        yield policy, policy.effective_from if at else date.min, last


def _matched(household: Household, policies: Policies, actual: Policies, year: Year) -> Matched:
    """For which date each audit would have been, where the dates are others (R3.2).

    As when a panel date is put right: for the nearest one. Where dates count from the last audit,
    it is the audit that moves them, and it settles no other date.
    """
    if not household.made or policies is actual:
        return {}
    made = [each.due_on for each in household.made]
    until = max(made) + _A_LONG_TIME
    due = _dates(household, policies, until)
    if due == _dates(household, actual, until):
        return {}
    in_force = policies.on(year.today)
    if in_force.cadence_anchor is CadenceAnchor.FROM_LAST_AUDIT:
        return {}
    same = [day for day in made if day in due]
    left = [day for day in made if day not in due]
    every = household.every_months or in_force.carers_audit_every_months
    return {
        **dict(zip(same, same, strict=True)),
        **rematched(left, due.difference(same), every),
    }


def _dates(household: Household, policies: Policies, until: date) -> set[date]:
    done = max(household.completed_on, default=None)
    return {
        day
        for policy, first, last in _while_in_force(policies, until)
        for day in due_dates(_cadence(household, policy), household.first_panel_on, until, done)
        if first <= day <= last
    }


# --- intervals and closings ---


def _of_interval(
    interval: Interval, policies: Policies, as_at: date, first_day: date, until: date
) -> list[DueAudit]:
    cadence = Cadence(CadenceKind.INTERVAL, every_months=interval.every_months)
    in_force = policies.on(as_at)
    found: list[DueAudit] = []
    for number in range(1, interval.each_time + 1):
        settled = {
            each.due_on
            for each in interval.made
            if each.number == number and each.settled_on is not None and each.settled_on <= as_at
        }
        found += due_audits(
            cadence,
            interval.first,
            as_at,
            until,
            policy_version=in_force.version,
            settled=settled,
            lead_days=in_force.due_audit_lead_days,
            first_day=first_day,
            last_day=None if interval.until is None else interval.until - _ONE_DAY,
        )
    return found


def _needs_audit(closing: Closing, policies: Policies) -> bool:
    """Whether it needs its closure audit: neither history nor exempt (C3)."""
    policy = policies.of(closing.policy_version)
    if closing.cycle.is_history(policy.in_use_from):
        return False
    is_closed = closing.cycle.phase is EpisodePhase.CLOSED
    if not is_closed and closing.opened_on < policy.in_use_from:
        return False
    return closing.offered and not policy.exempts(closing.cycle.reason_code)
