"""Changes marked in control charts, and withdrawn: limits are worked out anew (R4.7.3)."""

from uuid import UUID

from qa_api import events, problems
from qa_api.board.chart_schemas import ChartChangeIn, ChartChangeWithdrawal
from qa_api.board.queries import change_visible_to
from qa_api.models.board import ChartChange
from qa_api.problems import InputError
from qa_api.rules.decision import AlreadySo
from qa_api.rules.local_time import Month
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def mark_change(work: Work, change_id: UUID, body: ChartChangeIn) -> None:
    """Mark that practice changed, from which month on and why; no month that has not begun."""
    month = Month.labelled(body.month)
    if month.starts_on > work.today:
        detail = "A change is marked once its month has begun."
        raise problems.validation([InputError.at(["month"], "future", detail)])
    work.session.add(
        ChartChange(
            id=change_id,
            chart=body.chart,
            month=month.label,
            why=body.why,
            marked_at=work.now,
            marked_by=work.actor.worker,
        )
    )
    await work.record(
        events.ChartChangeMarked(about=change_id, chart=body.chart, month=month.label)
    )


async def withdraw_change(
    work: Work, change_id: UUID, expected: Precondition, body: ChartChangeWithdrawal
) -> None:
    """Say that a change was marked by mistake: it stays on record, and no chart follows it.

    Board reports that were presented keep what they showed.
    """
    change = await work.take(ChartChange, change_id, change_visible_to)
    if change.withdrawn_at is not None:
        raise AlreadySo("chart_change")
    expected.check(change.version)
    change.withdrawn_at, change.withdrawn_by = work.now, work.person()
    change.withdrawn_reason = body.reason
    await work.record(
        events.ChartChangeWithdrawn(about=change.id, chart=change.chart, month=change.month)
    )
