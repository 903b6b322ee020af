"""When the updates of the services to the Board are due, also under a new calendar (R4.7.1).

The worker counts such dates and shows no figures, so nothing of figures is loaded here.
"""

from sqlalchemy import or_, select

from qa_api import events
from qa_api.models.board import QaUpdate
from qa_api.reads.expressions import passes_a_day
from qa_api.rules.deadlines import Deadline, count_again
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import update_due
from qa_api.work import Work


async def due_of(work: Work, quarter: FinancialQuarter) -> Deadline:
    """When updates about a quarter are due: the policy of its last day says."""
    return update_due(quarter, await work.policy_on(quarter.ends_on), await work.calendar())


def last_quarter(work: Work) -> FinancialQuarter:
    """The quarter that ended last in London."""
    return FinancialQuarter.of(work.today).previous


async def count_updates_again(work: Work, event: events.CalendarChanged) -> None:
    """Count again when open updates are due, because the calendar has changed.

    A date that could not be counted before is counted now, also for an update that was submitted.
    """
    concerned = await work.session.scalars(
        select(QaUpdate)
        .where(
            or_(
                QaUpdate.first_submitted_on.is_(None),
                QaUpdate.due_on.is_(None),
                passes_a_day(QaUpdate.explanation, event.days),
            )
        )
        .order_by(QaUpdate.id)
        .with_for_update()
    )
    calendar = await work.calendar(event.calendar_version)

    async def again(update: QaUpdate) -> None:
        is_open = update.first_submitted_on is None
        if found := count_again(update.explanation, update.due_on, calendar, is_open=is_open):
            update.due_on, update.explanation = found.due_on, dict(found.explanation)
            update.calendar_version = found.calendar_version

    await work.row_by_row("due dates of QA updates", concerned.all(), again)
