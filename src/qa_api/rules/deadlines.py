"""The clocks of the procedure: what is due when, and why (§4.2, §4.3).

Every clock starts at an instant whose London date is day 0, counts working days and ends
with a London day. A stored clock is lengthened by a newly proclaimed bank holiday and by
nothing else. A date past the end of the calendar stays open until the calendar reaches it.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from qa_api.rules.calendar import CALENDAR_UNKNOWN, HOLIDAY, Calendar
from qa_api.rules.decision import Explanation, Fact, RuleRefused, plain
from qa_api.rules.local_time import end_of_local_day, local_date
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import NonWorkingDay, Recipient
from qa_api.rules.unchanging import Unchanging

_FROM_WORKING_DAY = "from_working_day"
_KNOWN_UNTIL = "known_until"
_WITHDRAWN_SINCE = "withdrawn_since"
_OF_ONE_COUNTING = frozenset({CALENDAR_UNKNOWN, _KNOWN_UNTIL, _WITHDRAWN_SINCE})
"""Facts about one counting, which the next does not take over."""


class Counting(Unchanging):
    """How a due date is counted: kept beside the date, so that it can be counted again.

    ``from_working_day`` says that day 0 is the first working day on or after ``counted_from``
    ('the same working day' for what happens on a Sunday is Monday).
    """

    rule: str
    clause: str
    policy_version: int
    counted_from: date
    working_days: int
    from_working_day: bool = False

    @classmethod
    def kept(cls, explanation: Mapping[str, Any]) -> "Counting":
        """How a date was counted, from the explanation that is kept beside it."""
        facts = explanation["facts"]
        return cls(
            explanation["rule"],
            explanation["clause"],
            explanation["policy_version"],
            date.fromisoformat(facts["counted_from"]),
            facts["working_days"],
            facts.get(_FROM_WORKING_DAY, False),
        )

    def days_to_add(self, calendar: Calendar) -> int:
        """Working days after ``counted_from``, the wait for a first working day included.

        Refuses past the calendar's horizon.
        """
        waits = self.from_working_day and not calendar.is_working_day(self.counted_from)
        return self.working_days + waits

    def due_on(self, calendar: Calendar) -> date | None:
        """The London date it ends on; None where the calendar does not reach it (Trap 1)."""
        if not calendar.knows(self.counted_from):
            return None
        return calendar.reach(self.counted_from, self.days_to_add(calendar))


class Deadline(Unchanging):
    """A due date: the last London day, the UTC instant that day is over, and why.

    Both are None while the calendar does not reach the day; the explanation says so.
    """

    due_on: date | None
    due_at: datetime | None
    counting: Counting
    explanation: Explanation


def deadline(counting: Counting, calendar: Calendar, **facts: Fact) -> Deadline:
    """Count a due date and explain it day by day (R4.2.1, X2); past the horizon it stays open."""
    due_on = counting.due_on(calendar)
    counted: dict[str, Fact] = {
        "counted_from": counting.counted_from,
        "working_days": counting.working_days,
        "division": calendar.division,
    }
    if counting.from_working_day:
        counted[_FROM_WORKING_DAY] = True
    if due_on is None:
        steps = calendar.explain_open(counting.counted_from)
        counted |= {CALENDAR_UNKNOWN: True, _KNOWN_UNTIL: calendar.known_until}
    else:
        steps = calendar.explain_addition(counting.counted_from, counting.days_to_add(calendar))
    explanation = Explanation(
        rule=counting.rule,
        clause=counting.clause,
        policy_version=counting.policy_version,
        calendar_version=calendar.version,
        steps=steps,
        facts={**counted, **facts},
    )
    due_at = None if due_on is None else end_of_local_day(due_on)
    return Deadline(due_on, due_at, counting, explanation)


def response_due(notified_at: datetime, policy: Policy, calendar: Calendar) -> Deadline:
    """When the audit response is due, from the instant of notification (§4.2, R4.2.1)."""
    counting = Counting(
        "response_due",
        "§4.2, R4.2.1",
        policy.version,
        local_date(notified_at),
        policy.response_working_days,
    )
    return deadline(counting, calendar, notified_at=notified_at)


def return_round_due(returned_at: datetime, policy: Policy, calendar: Calendar) -> Deadline:
    """When the next round is due after a return; the original date stands (§4.2, R4.2.4)."""
    counting = Counting(
        "return_round_due",
        "§4.2, R4.2.4",
        policy.version,
        local_date(returned_at),
        policy.return_working_days,
    )
    return deadline(counting, calendar, returned_at=returned_at)


def review_due(submitted_at: datetime, policy: Policy, calendar: Calendar) -> Deadline:
    """When the adequacy review is due; after it the HoS is told (§4.2, R4.2.4)."""
    counting = Counting(
        "review_due",
        "§4.2, R4.2.4",
        policy.version,
        local_date(submitted_at),
        policy.review_working_days,
    )
    return deadline(counting, calendar, submitted_at=submitted_at)


def queued_notification_due(queued_at: datetime, policy: Policy, calendar: Calendar) -> Deadline:
    """Until when a notification may stay queued before TM and Q&S are told (§4.2, R4.2.8)."""
    counting = Counting(
        "queued_notification_due",
        "§4.2, R4.2.8",
        policy.version,
        local_date(queued_at),
        policy.notification_queued_working_days,
        from_working_day=True,
    )
    return deadline(counting, calendar, queued_at=queued_at)


def acknowledge_due(raised_at: datetime, policy: Policy, calendar: Calendar) -> Deadline:
    """Until when the TM must have acknowledged an escalation (§4.3, R4.3.3).

    By default the end of the working day on which it was raised; for what is raised on a day
    off, the end of the next working day.
    """
    counting = _from_raising("acknowledge_due", raised_at, policy.acknowledge_working_days, policy)
    return deadline(counting, calendar, raised_at=raised_at)


def inform_due(raised_at: datetime, policy: Policy, calendar: Calendar) -> Deadline:
    """Until when Q&S must have been informed by the TM (§4.3, R4.3.3).

    Counted from the raising, not from the acknowledgement: a late first hop earns no time.
    """
    counting = _from_raising("inform_due", raised_at, policy.inform_working_days, policy)
    return deadline(counting, calendar, raised_at=raised_at)


def _from_raising(rule: str, raised_at: datetime, working_days: int, policy: Policy) -> Counting:
    waits = policy.raised_on_non_working_day is NonWorkingDay.NEXT_WORKING_DAY
    raised_on = local_date(raised_at)
    return Counting(rule, "§4.3, R4.3.3", policy.version, raised_on, working_days, waits)


def lengthened(counting: Counting, due_on: date, calendar: Calendar) -> Deadline | None:
    """An open clock under a new calendar: the later deadline, or None where it stands (R4.2.4).

    Only ever lengthens: a withdrawn holiday never takes back a day that was given. The
    explanation keeps the old date. Closed clocks are not the caller's to bring here. A new holiday
    may push the date past the end of the calendar; then it is open again.
    """
    later = deadline(counting, calendar, previous_due_on=due_on)
    stands = later.due_on is not None and later.due_on <= due_on
    return None if stands else later


def told_later(clock: Callable[[Calendar], Deadline], then: Calendar, now: Calendar) -> Deadline:
    """A clock that is written down after it began: what it would be, had it been at once (R4.2.8).

    It is counted by the calendar of its own instant. A bank holiday proclaimed since lengthens it;
    one withdrawn since takes nothing back.
    """
    at_once, by_now = clock(then), clock(now)
    if at_once.due_on is None or (by_now.due_on is not None and by_now.due_on >= at_once.due_on):
        return by_now
    return at_once


class Change(StrEnum):
    """What a new calendar does to a date that is kept."""

    COUNTED = "counted"
    LENGTHENED = "lengthened"
    REWORDED = "reworded"


class Again(Unchanging):
    """A kept date under a new calendar: what changed, and date and words as they are now."""

    change: Change
    due_on: date | None
    due_at: datetime | None
    explanation: Mapping[str, Any]
    calendar_version: int


def count_again(
    kept: Mapping[str, Any],
    due_on: date | None,
    calendar: Calendar,
    *,
    is_open: bool,
    counting: Counting | None = None,
) -> Again | None:
    """A kept date and its explanation under a new calendar; None where nothing changes (R4.2.4).

    A date that could not be counted is counted, also of what is closed: it never stood. One that
    is open is lengthened by a new holiday. Any other stands, and says so where a holiday that it
    was counted by has been withdrawn.
    """
    counting = counting or Counting.kept(kept)
    if due_on is None:
        counted = deadline(counting, calendar)
        if counted.due_on is None:
            return None
        return _rewritten(Change.COUNTED, counted, kept, calendar)
    later = lengthened(counting, due_on, calendar) if is_open else None
    if later is not None:
        return _rewritten(Change.LENGTHENED, later, kept, calendar)
    words = reworded(kept, calendar)
    if words == kept:
        return None
    version = words["calendar_version"]
    return Again(Change.REWORDED, due_on, end_of_local_day(due_on), words, version)


def reworded(kept: Mapping[str, Any], calendar: Calendar) -> Mapping[str, Any]:
    """An explanation that says of each holiday in it whether it still is one (R4.2.4, X2)."""
    steps = [
        {**step, "reason": calendar.said_now(date.fromisoformat(step["date"]), step["reason"])}
        if step["reason"].startswith(HOLIDAY)
        else step
        for step in kept["steps"]
    ]
    withdrawn = [
        step["date"]
        for step in steps
        if step["reason"].startswith(HOLIDAY)
        and date.fromisoformat(step["date"]) in calendar.withdrawn
    ]
    facts = {name: fact for name, fact in kept["facts"].items() if name != _WITHDRAWN_SINCE}
    if withdrawn:
        facts[_WITHDRAWN_SINCE] = withdrawn
    return {**kept, "steps": steps, "facts": facts}


def _rewritten(
    change: Change, found: Deadline, kept: Mapping[str, Any], calendar: Calendar
) -> Again:
    """What is written: the explanation keeps the facts that the clock was started by."""
    started_by = {
        name: fact for name, fact in kept["facts"].items() if name not in _OF_ONE_COUNTING
    }
    counted = {name: plain(fact) for name, fact in found.explanation.facts.items()}
    words = {**found.explanation.as_json(), "facts": {**started_by, **counted}}
    return Again(change, found.due_on, found.due_at, words, calendar.version)


def is_overdue(due_on: date, today: date) -> bool:
    """Is it late (R4.2.5)? Derived from today's London date; the due day itself is in time."""
    return today > due_on


def working_days_left(due_on: date, today: date, calendar: Calendar) -> int:
    """Working days after today up to the due date: 0 on the day, negative once missed (R4.2.5)."""
    return calendar.working_days_between(today, due_on)


def overdue_alert_on(due_on: date, calendar: Calendar) -> date:
    """The first working day after a missed due date, when the TM is alerted once (R4.2.5)."""
    return calendar.next_working_day(due_on)


def overdue_told(missed_at: datetime, policy: Policy, calendar: Calendar) -> Deadline:
    """When the first person is told of a due date missed on a day, and who is told after (R4.2.5).

    Refuses where the policy tells nobody.
    """
    clause, steps = "§4.2, R4.2.5", policy.response_overdue_steps
    if not steps:
        raise RuleRefused("tells-nobody", clause, "The policy tells nobody of an overdue response.")
    missed_on = local_date(missed_at)
    counting = Counting(
        "overdue_told", clause, policy.version, missed_on, steps[0].working_days_after
    )
    told = tuple(f"{step.working_days_after}: {step.tell.value}" for step in steps)
    return deadline(counting, calendar, due_on=missed_on, told_after_working_days=told)


def overdue_steps_reached(
    due_on: date, today: date, policy: Policy, calendar: Calendar
) -> tuple[tuple[date, Recipient], ...]:
    """Who is to be told by today of a missed due date, and since which date (R4.2.5).

    A step whose day the calendar does not reach waits until it does.
    """
    reached = []
    for step in policy.response_overdue_steps:
        tell_on = calendar.reach(due_on, step.working_days_after)
        if tell_on is None or tell_on > today:
            break
        reached.append((tell_on, step.tell))
    return tuple(reached)
