"""The clocks of the procedure: what is due when, and why (§4.2, §4.3).

Every clock starts at an instant whose London date is day 0, counts working days and ends
with a London day. A stored clock is lengthened by a newly proclaimed bank holiday and by
nothing else.
"""

from dataclasses import dataclass
from datetime import date, datetime

from qa_api.rules.calendar import Calendar
from qa_api.rules.decision import Explanation, Fact, RuleRefused
from qa_api.rules.local_time import end_of_local_day, local_date
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import NonWorkingDay, Recipient


@dataclass(frozen=True, slots=True)
class Counting:
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

    def days_to_add(self, calendar: Calendar) -> int:
        """Working days after ``counted_from``, the wait for a first working day included."""
        waits = self.from_working_day and not calendar.is_working_day(self.counted_from)
        return self.working_days + waits

    def due_on(self, calendar: Calendar) -> date:
        """The London date it ends on. Refuses past the calendar's horizon."""
        return calendar.add_working_days(self.counted_from, self.days_to_add(calendar))


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date: the last London day, the UTC instant that day is over, and why."""

    due_on: date
    due_at: datetime
    counting: Counting
    explanation: Explanation


def deadline(counting: Counting, calendar: Calendar, **facts: Fact) -> Deadline:
    """Count a due date and explain it day by day (R4.2.1, X2)."""
    due_on = counting.due_on(calendar)
    steps = calendar.explain_addition(counting.counted_from, counting.days_to_add(calendar))
    explanation = Explanation(
        rule=counting.rule,
        clause=counting.clause,
        policy_version=counting.policy_version,
        calendar_version=calendar.version,
        steps=steps,
        facts={
            "counted_from": counting.counted_from,
            "working_days": counting.working_days,
            "division": calendar.division,
            **facts,
        },
    )
    return Deadline(due_on, end_of_local_day(due_on), counting, explanation)


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
    explanation keeps the old date. Closed clocks are not the caller's to bring here.
    """
    if counting.due_on(calendar) <= due_on:
        return None
    return deadline(counting, calendar, previous_due_on=due_on)


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
    """Who is to be told by today of a missed due date, and since which date (R4.2.5)."""
    reached = []
    for step in policy.response_overdue_steps:
        tell_on = calendar.add_working_days(due_on, step.working_days_after)
        if tell_on > today:
            break
        reached.append((tell_on, step.tell))
    return tuple(reached)
