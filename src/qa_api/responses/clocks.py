"""A response's clocks: started by the notification, lengthened by a bank holiday (R4.2.1-5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from qa_api import events
from qa_api.models.notifications import Notification
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.rules.deadlines import Counting, Deadline, lengthened, response_due
from qa_api.rules.transitions import ResponseState, next_state
from qa_api.work import Work


async def start_clock(work: Work, event: events.WorkerNotified) -> None:
    """The worker was notified: that day is day 0, and the due date is set (R4.2.1, R4.2.8).

    A worker who has answered already keeps what they answered, and gets the date all the same.
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
    due = response_due(notification.notified_at, await work.policy(), await work.calendar())
    response.state = next_state("audit_response", response.state, "notify")
    response.notified_at = notification.notified_at
    response.due_on = due.due_on
    response.explanation = due.explanation.as_json()
    response.policy_version = due.explanation.policy_version
    response.calendar_version = due.explanation.calendar_version
    first = response.rounds[0]
    first.due_on, first.explanation = response.due_on, response.explanation
    await work.record(
        events.ResponseDue(
            about=response.id,
            subject=response.subject_id,
            audit_id=response.audit_id,
            due_on=due.due_on,
        )
    )


async def lengthen_open_clocks(work: Work, event: events.CalendarChanged) -> None:
    """A bank holiday was proclaimed: every open clock that it falls into gets longer (R4.2.4).

    The date before is kept. What is closed stands, and nothing ever gets shorter.
    """
    calendar = await work.calendar(event.calendar_version)
    waiting = await work.session.scalars(
        select(AuditResponse)
        .where(AuditResponse.state != ResponseState.ADEQUATE)
        .options(selectinload(AuditResponse.rounds))
        .order_by(AuditResponse.id)
        .with_for_update()
    )
    for response in waiting.all():
        for clock in _open_clocks(response):
            before = clock.due_on
            later = lengthened(_counting(clock.explanation), before, calendar)
            if later is None:
                continue
            clock.move(later)
            await work.record(
                events.DueDateLengthened(
                    about=response.id,
                    subject=response.subject_id,
                    audit_id=response.audit_id,
                    clock=clock.name,
                    due_on=later.due_on,
                    due_on_before=before,
                )
            )


ClockName = Literal["response", "round", "review"]


@dataclass(slots=True)
class _Clock:
    """A due date that is still open, where it is kept, and how it was counted."""

    name: ClockName
    response: AuditResponse
    round: ResponseRound
    due_on: date
    explanation: Mapping[str, Any]

    def move(self, later: Deadline) -> None:
        """Write the later date; its explanation keeps what the clock was started by."""
        explanation: dict[str, Any] = later.explanation.as_json()
        explanation["facts"] = {**self.explanation["facts"], **explanation["facts"]}
        if self.name == "review":
            self.round.review_due_on, self.round.review_explanation = later.due_on, explanation
            return
        self.round.due_on, self.round.explanation = later.due_on, explanation
        if self.name == "response":
            self.response.due_on_before = self.response.due_on_before or self.due_on
            self.response.due_on, self.response.explanation = later.due_on, explanation
            self.response.calendar_version = later.explanation.calendar_version


def _open_clocks(response: AuditResponse) -> Iterator[_Clock]:
    first, latest = response.rounds[0], response.rounds[-1]
    if response.due_on is not None and response.explanation is not None:
        yield _Clock("response", response, first, response.due_on, response.explanation)
    if latest is not first and latest.submitted_at is None:
        if latest.due_on is not None and latest.explanation is not None:
            yield _Clock("round", response, latest, latest.due_on, latest.explanation)
    elif latest.submitted_at is not None and latest.review_due_on is not None:
        explanation = latest.review_explanation or {}
        yield _Clock("review", response, latest, latest.review_due_on, explanation)


def _counting(explanation: Mapping[str, Any]) -> Counting:
    """How a stored date was counted, so that it can be counted again."""
    facts = explanation["facts"]
    return Counting(
        explanation["rule"],
        explanation["clause"],
        explanation["policy_version"],
        date.fromisoformat(facts["counted_from"]),
        facts["working_days"],
    )
