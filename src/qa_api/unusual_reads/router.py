"""The routes of unusual reads: Quality & Standards' alone."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.unusual_reads import queries, service
from qa_api.unusual_reads.schemas import (
    LookedInto,
    UnusualReadOut,
    UnusualReadQuery,
    UnusualReadRow,
)
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of

router = APIRouter(prefix="/v1", tags=["looking"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.UNUSUAL_READ_READ)]
Settling = Annotated[Change, secured(Change.of, Permission.UNUSUAL_READ_SETTLE)]


@router.get("/unusual-reads", response_model=page_of(UnusualReadRow))
async def list_unusual_reads(
    query: Annotated[UnusualReadQuery, Query()], reading: Reading
) -> Response:
    """What was unusual in who read which records, the latest day first (X3).

    A day is looked through when it is over. An entry about a restricted record is listed too, but
    names the record only to people with a grant. Reading this list is logged as well.
    """
    return await reading.page(queries.UNUSUAL_READS, query)


@router.get("/unusual-reads/{entry_id}", response_model=UnusualReadOut)
async def get_unusual_read(entry_id: Uuid, reading: Reading) -> Response:
    """One entry: what was read, by which rule it is unusual, and on which lines it rests."""
    return await reading.document(queries.UNUSUAL_READ, id=entry_id)


@router.post("/unusual-reads/{entry_id}/look-into", response_model=UnusualReadOut)
async def look_into_unusual_read(entry_id: Uuid, body: LookedInto, settling: Settling) -> Response:
    """Say what you found when you looked into it, by a code of the policy. That settles it.

    Nobody looks into their own reads, under whichever account. Reads of a system or another client
    can be looked into by anybody of Quality & Standards.
    """
    return await settling.step(queries.UNUSUAL_READ, service.look_into, entry_id, body)
