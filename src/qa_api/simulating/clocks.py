"""Which responses, reviews, notifications and escalations would have been late (§4.2, §4.3)."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TypeAlias

from qa_api.rules.calendar import Calendar
from qa_api.rules.deadlines import (
    Deadline,
    acknowledge_due,
    inform_due,
    is_overdue,
    overdue_steps_reached,
    queued_notification_due,
    response_due,
    return_round_due,
    review_due,
)
from qa_api.rules.local_time import local_date
from qa_api.rules.policy import Policy
from qa_api.rules.responses import (
    ReviewOutcome,
    Round,
    adequate_on_time,
    first_submitted_on_time,
)
from qa_api.rules.states import RESPONSE_AWAITED, ResponseState
from qa_api.rules.unchanging import Unchanging
from qa_api.simulating.policies import Policies, Year


class Started(Unchanging):
    """A clock that started: when, under which version of the policy, and by which calendar."""

    at: datetime
    policy_version: int
    calendar: Calendar


class RoundGiven(Unchanging):
    """One round of a response. `returned` started its clock; of the first round it is None."""

    number: int
    returned: Started | None
    submitted_at: datetime | None
    to_review: Started | None
    outcome: ReviewOutcome | None
    reviewed_at: datetime | None


class ResponseGiven(Unchanging):
    """A response: when the worker was notified, and what came back when."""

    notified: Started | None
    state: ResponseState
    rounds: Sequence[RoundGiven]


class NotificationSent(Unchanging):
    """A notification: since when it was queued, and when it was delivered, if it was.

    Of one that cannot be delivered it is not known since when: it is late in no column.
    """

    queued: Started
    notified_at: datetime | None
    is_queued: bool


class EscalationRaised(Unchanging):
    """An escalation, and when each of its hops was done, if it was."""

    to_acknowledge: Started
    to_inform: Started
    acknowledged_at: datetime | None
    informed_at: datetime | None
    resolved_at: datetime | None


class Clocks(Unchanging):
    """Everything that has a clock, and the calendar as it stands."""

    responses: Sequence[ResponseGiven]
    notifications: Sequence[NotificationSent]
    escalations: Sequence[EscalationRaised]
    calendar: Calendar


def late(clocks: Clocks, policies: Policies, year: Year) -> Mapping[str, int]:
    """How many were late, by the names of `figures`."""
    counted: Counter[str] = Counter()
    for response in clocks.responses:
        counted.update(_of_response(response, clocks.calendar, policies, year))
    for notification in clocks.notifications:
        counted.update(_of_notification(notification, policies, year.today))
    for escalation in clocks.escalations:
        counted.update(_of_escalation(escalation, policies, year.today))
    return counted


Rule: TypeAlias = Callable[[datetime, Policy, Calendar], Deadline]


def _due_on(rule: Rule, started: Started, policies: Policies) -> date | None:
    """The day on which a clock ends; None where the calendar does not reach it."""
    return rule(started.at, policies.of(started.policy_version), started.calendar).due_on


def _was_late(due_on: date | None, done_at: datetime | None, today: date) -> bool:
    """Whether it was done after its day, or is not done and its day is over (R4.2.5)."""
    done_on = today if done_at is None else local_date(done_at)
    return due_on is not None and is_overdue(due_on, done_on)


# --- responses ---


def _of_response(
    response: ResponseGiven, calendar: Calendar, policies: Policies, year: Year
) -> Iterator[str]:
    """The name of each figure in which it counts, once for each time."""
    due = [_due_of_round(response, each, policies) for each in response.rounds]
    awaited = response.state in RESPONSE_AWAITED
    if response.notified is not None and year.holds(local_date(response.notified.at)):
        yield "responses"
        yield from _by_original_date(response.rounds, due[0], year.today)
    if awaited and due[-1] is not None and is_overdue(due[-1], year.today):
        yield "responses_overdue"
    for given, due_on in zip(response.rounds, due, strict=True):
        of_year = given.returned is not None and year.holds(local_date(given.returned.at))
        if of_year and _was_late(due_on, given.submitted_at, year.today):
            yield "returns_late"
        if due_on is not None and (awaited or given.submitted_at is not None):
            told = _told(due_on, given.submitted_at, calendar, policies, year)
            yield from ["told_of_overdue"] * told
        yield from _of_review(given, policies, year)


def _due_of_round(response: ResponseGiven, given: RoundGiven, policies: Policies) -> date | None:
    if given.returned is not None:
        return _due_on(return_round_due, given.returned, policies)
    if given.number > 1 or response.notified is None:
        return None
    return _due_on(response_due, response.notified, policies)


def _by_original_date(
    rounds: Sequence[RoundGiven], due_on: date | None, today: date
) -> Iterator[str]:
    """Both figures of the original date; neither return nor reallocation moves it (R4.2.4)."""
    given = [
        Round(each.submitted_at, each.outcome) for each in rounds if each.submitted_at is not None
    ]
    unknown = due_on is None
    if first_submitted_on_time(given, due_on, today, calendar_unknown=unknown) is False:
        yield "first_late"
    if adequate_on_time(given, due_on, today, calendar_unknown=unknown) is False:
        yield "adequate_late"


def _told(
    due_on: date,
    submitted_at: datetime | None,
    calendar: Calendar,
    policies: Policies,
    year: Year,
) -> int:
    """How many times somebody was told of it within the year (R4.2.5).

    The worker looks soon after midnight, so what is answered on the day of a step was told of.
    """
    last = year.today if submitted_at is None else local_date(submitted_at)
    if not is_overdue(due_on, last):
        return 0
    steps = overdue_steps_reached(due_on, last, policies.on(due_on), calendar)
    return sum(year.holds(told_on) for told_on, _ in steps)


def _of_review(given: RoundGiven, policies: Policies, year: Year) -> Iterator[str]:
    if given.to_review is None or not year.holds(local_date(given.to_review.at)):
        return
    due_on = _due_on(review_due, given.to_review, policies)
    if _was_late(due_on, given.reviewed_at, year.today):
        yield "reviews_late"


# --- notifications and escalations ---


def _of_notification(
    notification: NotificationSent, policies: Policies, today: date
) -> Iterator[str]:
    due_on = _due_on(queued_notification_due, notification.queued, policies)
    is_known = notification.is_queued or notification.notified_at is not None
    if is_known and _was_late(due_on, notification.notified_at, today):
        yield "notifications_late"


def _of_escalation(escalation: EscalationRaised, policies: Policies, today: date) -> Iterator[str]:
    """A later hop, or that it was resolved, ends the wait for an earlier one (R4.3.3)."""
    yield "escalations"
    ends = [escalation.resolved_at, escalation.informed_at, escalation.acknowledged_at]
    acknowledge_on = _due_on(acknowledge_due, escalation.to_acknowledge, policies)
    if _was_late(acknowledge_on, _first(ends), today):
        yield "acknowledged_late"
    inform_on = _due_on(inform_due, escalation.to_inform, policies)
    if _was_late(inform_on, _first(ends[:2]), today):
        yield "informed_late"


def _first(instants: Sequence[datetime | None]) -> datetime | None:
    return min((each for each in instants if each is not None), default=None)
