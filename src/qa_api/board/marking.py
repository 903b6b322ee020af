"""Marking a change in a control chart: its limits are worked out anew from there on (R4.7.3)."""

from uuid import UUID

from qa_api import events, problems
from qa_api.board.chart_schemas import ChartChangeIn
from qa_api.models.board import ChartChange
from qa_api.problems import InputError
from qa_api.rules.local_time import Month
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
