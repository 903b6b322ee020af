"""When learning highlights are due, also after the calendar has changed (R4.6.3)."""

from sqlalchemy import or_, select

from qa_api import events
from qa_api.models.observations import LearningHighlight
from qa_api.reads.expressions import passes_a_day
from qa_api.rules.deadlines import Deadline, count_again
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.observation import highlights_due
from qa_api.work import Work


async def due_of(work: Work, quarter: FinancialQuarter) -> Deadline:
    """When highlights of a quarter are due: the policy of its last day says, or of today."""
    return highlights_due(quarter, await work.policy_on(quarter.ends_on), await work.calendar())


async def count_highlights_again(work: Work, event: events.CalendarChanged) -> None:
    """Count the due dates that could not be counted before, because the calendar has changed.

    A highlight is recorded once, so none of its dates is still open and could get later.
    """
    concerned = await work.session.scalars(
        select(LearningHighlight)
        .where(
            or_(
                LearningHighlight.due_on.is_(None),
                passes_a_day(LearningHighlight.explanation, event.days),
            )
        )
        .order_by(LearningHighlight.id)
        .with_for_update()
    )
    calendar = await work.calendar(event.calendar_version)

    async def again(highlight: LearningHighlight) -> None:
        if found := count_again(highlight.explanation, highlight.due_on, calendar, is_open=False):
            highlight.due_on, highlight.explanation = found.due_on, dict(found.explanation)
            highlight.calendar_version = found.calendar_version

    await work.row_by_row("due dates of highlights", concerned.all(), again)
