"""A response's clocks: started by the notification, lengthened by a bank holiday (R4.2.1-5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from qa_api import events
from qa_api.models.notifications import Notification
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.reads.expressions import passes_a_day, uncounted
from qa_api.rules.deadlines import Again, Change, count_again, response_due, told_later
from qa_api.rules.responses import answered_before_told
from qa_api.rules.states import ResponseState
from qa_api.rules.transitions import next_state
from qa_api.work import Work


async def start_clock(work: Work, event: events.WorkerNotified) -> None:
    """The worker was notified: that day is day 0, and the due date is set (R4.2.1, R4.2.8).

    A worker who has answered already gets the date too, since another round may be asked of them.
    But if the adequate answer was given before the worker was told, the matter is over: no clock
    starts, and telling the worker late changes nothing.
    """
    found = await work.session.scalars(
        select(AuditResponse)
        .where(AuditResponse.audit_id == event.audit_id, AuditResponse.notified_at.is_(None))
        .options(selectinload(AuditResponse.rounds))
        .with_for_update()
    )
    if (response := found.one_or_none()) is None:
        return
    notification = await work.session.get_one(Notification, event.about)
    assert notification.notified_at is not None  # noqa: S101  # that is what was recorded
    told_at = notification.notified_at
    if answered_before_told(_answered_at(response), told_at):
        return
    policy, today = await work.policy_at(told_at), await work.calendar()
    due = told_later(partial(response_due, told_at, policy), await work.calendar_at(told_at), today)
    response.state = next_state("audit_response", response.state, "notify")
    response.notified_at = notification.notified_at
    response.due_on = due.due_on
    response.explanation = due.explanation.as_json()
    response.policy_version = due.explanation.policy_version
    response.calendar_version = due.explanation.calendar_version
    first = response.rounds[0]
    first.due_on, first.explanation = response.due_on, response.explanation
    if due.due_on is not None:
        await work.record(
            events.ResponseDue(
                about=response.id,
                subject=response.subject_id,
                audit_id=response.audit_id,
                due_on=due.due_on,
            )
        )


def _answered_at(response: AuditResponse) -> datetime | None:
    """When the adequate round was submitted; None while there is none."""
    adequate = response.state == ResponseState.ADEQUATE
    return response.rounds[-1].submitted_at if adequate else None


async def count_clocks_again(work: Work, event: events.CalendarChanged) -> None:
    """Count open dates again, because the calendar has changed (R4.2.4).

    A date that could not be counted before is counted now. An open date gets later if a new bank
    holiday falls before it, and the former date is kept. Closed dates stay, and no date gets
    earlier. If a holiday was withdrawn, each date that was counted by it says so.
    """
    calendar = await work.calendar(event.calendar_version)
    concerned = await work.session.scalars(
        select(AuditResponse)
        .where(
            or_(
                AuditResponse.state != ResponseState.ADEQUATE,
                uncounted(AuditResponse.due_on, AuditResponse.explanation),
                passes_a_day(AuditResponse.explanation, event.days),
                AuditResponse.rounds.any(
                    or_(
                        uncounted(ResponseRound.due_on, ResponseRound.explanation),
                        uncounted(ResponseRound.review_due_on, ResponseRound.review_explanation),
                        passes_a_day(ResponseRound.explanation, event.days),
                        passes_a_day(ResponseRound.review_explanation, event.days),
                    )
                ),
            )
        )
        .options(selectinload(AuditResponse.rounds))
        .order_by(AuditResponse.id)
        .with_for_update()
    )

    async def again(response: AuditResponse) -> None:
        for clock in _clocks(response):
            if found := count_again(clock.kept, clock.due_on, calendar, is_open=clock.is_open):
                clock.move(found)
                await _record_change(work, clock, found)

    await work.row_by_row("clocks of responses", concerned.all(), again)


ClockName = Literal["response", "round", "review"]


@dataclass(slots=True)
class _Clock:
    """A due date, where it is kept, how it was counted, and whether it still runs."""

    name: ClockName
    response: AuditResponse
    round: ResponseRound
    due_on: date | None
    kept: Mapping[str, Any]
    is_open: bool

    def move(self, found: Again) -> None:
        """Write what a new calendar makes of it."""
        words = dict(found.explanation)
        if self.name == "review":
            self.round.review_due_on, self.round.review_explanation = found.due_on, words
            return
        self.round.due_on, self.round.explanation = found.due_on, words
        if self.name == "response":
            self.response.due_on, self.response.explanation = found.due_on, words
            self.response.calendar_version = found.calendar_version
            if found.change is Change.LENGTHENED:
                self.response.due_on_before = self.response.due_on_before or self.due_on


def _clocks(response: AuditResponse) -> Iterator[_Clock]:
    first, latest = response.rounds[0], response.rounds[-1]
    if (started := response.explanation) is not None:
        is_open = response.state != ResponseState.ADEQUATE
        yield _Clock("response", response, first, response.due_on, started, is_open)
    for each in response.rounds:
        if each is not first and (begun := each.explanation) is not None:
            is_open = each.submitted_at is None
            yield _Clock("round", response, each, each.due_on, begun, is_open)
        if (handed_in := each.review_explanation) is not None:
            is_open = each is latest and each.outcome is None
            yield _Clock("review", response, each, each.review_due_on, handed_in, is_open)


async def _record_change(work: Work, clock: _Clock, found: Again) -> None:
    """Record an event if the date was counted or moved, but not if only its words changed."""
    about: dict[str, Any] = {
        "about": clock.response.id,
        "subject": clock.response.subject_id,
        "audit_id": clock.response.audit_id,
        "clock": clock.name,
    }
    if found.change is Change.COUNTED and found.due_on is not None:
        await work.record(events.DueDateCounted(**about, due_on=found.due_on))
    if found.change is Change.LENGTHENED and clock.due_on is not None:
        await work.record(
            events.DueDateLengthened(**about, due_on=found.due_on, due_on_before=clock.due_on)
        )
