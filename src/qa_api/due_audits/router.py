"""The routes of due audits and of the intervals that managers set (R3.1, R3.2)."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from qa_api import problems
from qa_api.auth.roles import Permission
from qa_api.due_audits import intervals, queries
from qa_api.due_audits.schemas import (
    AuditIntervalEnd,
    AuditIntervalIn,
    AuditIntervalOut,
    AuditIntervalQuery,
    DueAuditOut,
    DueAuditQuery,
)
from qa_api.http.access import secured
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.problems import InputError
from qa_api.rules.cadence import months_after
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of

router = APIRouter(prefix="/v1", tags=["audits"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.DUE_AUDIT_READ)]
ReadingIntervals = Annotated[Reader, secured(Reader.of, Permission.CATALOGUE_READ)]
Setting = Annotated[Change, secured(Change.creating, Permission.AUDIT_INTERVAL_SET)]
Ending = Annotated[Change, secured(Change.of, Permission.AUDIT_INTERVAL_SET)]

_USUALLY_AHEAD: Final = 12
_FURTHEST_AHEAD: Final = 120


@router.get("/due-audits", response_model=page_of(DueAuditOut))
async def list_due_audits(query: Annotated[DueAuditQuery, Query()], reading: Reading) -> Response:
    """What is owed as at any date and falls due up to another, the longest overdue first.

    As at a date in the past it is what was owed then. Carers' audits count from the household's
    panel date, a team's from the day on which its manager set the interval; a date stays until
    its audit is completed, or cancelled with a reason.
    """
    as_at = query.as_at or reading.today
    until = query.until or months_after(as_at, _USUALLY_AHEAD)
    _refuse_out_of_order(as_at, until)
    return await reading.page(queries.DUE_AUDITS, query, as_at=as_at, until=until)


def _refuse_out_of_order(as_at: date, until: date) -> None:
    if until < as_at:
        detail = "Must not be before the day asked about."
        raise problems.validation([InputError.of("until", "order", detail)])
    if until > months_after(as_at, _FURTHEST_AHEAD):
        detail = "At most ten years after the day asked about."
        raise problems.validation([InputError.of("until", "too-far", detail)])


@router.get("/audit-intervals", response_model=page_of(AuditIntervalOut))
async def list_audit_intervals(
    query: Annotated[AuditIntervalQuery, Query()], reading: ReadingIntervals
) -> Response:
    """How often teams are audited where a manager sets it, newest first."""
    return await reading.page(queries.INTERVALS, query)


@router.post("/audit-intervals", response_model=AuditIntervalOut, status_code=201)
async def set_audit_interval(body: AuditIntervalIn, setting: Setting) -> Response:
    """Set how often your team is audited on a type, how many audits each time, and of what.

    One holds at a time: to change it, end it and set another.
    """
    await setting.do(intervals.set_interval, setting.id, body)
    return await setting.created(queries.INTERVAL, f"/v1/audit-intervals/{setting.id}")


@router.get("/audit-intervals/{interval_id}", response_model=AuditIntervalOut)
async def get_audit_interval(interval_id: Uuid, reading: ReadingIntervals) -> Response:
    """One interval."""
    return await reading.document(queries.INTERVAL, id=interval_id)


@router.post("/audit-intervals/{interval_id}/end", response_model=AuditIntervalOut)
async def end_audit_interval(interval_id: Uuid, body: AuditIntervalEnd, ending: Ending) -> Response:
    """Name the first day on which it no longer holds. Audits due from then on are taken back."""
    return await ending.step(queries.INTERVAL, intervals.end_interval, interval_id, body)
