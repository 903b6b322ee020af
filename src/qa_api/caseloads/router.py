"""The routes of caseloads: sent by case systems, looked through and counted here (§4.4, R4.4.4)."""

from io import BytesIO
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request, Response

from qa_api.auth.roles import Permission
from qa_api.caseloads import coverage, queries, taking, verifying
from qa_api.caseloads.figures_schemas import CoverageOut, SampleSizeOut, SampleSizeQuery
from qa_api.caseloads.schemas import (
    CaseloadChildQuery,
    CaseloadChildRow,
    CaseloadIn,
    CaseloadOf,
    CaseloadQuery,
    CaseloadRow,
    CaseloadSent,
    ChildrenOfDay,
    MissingChildQuery,
    MissingChildRow,
    MissingOfDay,
    VerifiedOut,
)
from qa_api.caseloads.sheets import STRATUM, Form
from qa_api.caseloads.stated import HEADER, Stated
from qa_api.http.access import secured
from qa_api.http.computed_reads import answered, computed_read
from qa_api.http.files import FILE_LIMIT, FileRoute, file_of
from qa_api.http.reads import Reader
from qa_api.http.request_context import context_of
from qa_api.http.writes import JSON, Change
from qa_api.values.fields import IsoDate
from qa_api.values.pages import page_of
from qa_api.work import Work

FILE_TYPES: Final = {"/v1/caseloads": tuple(form.value for form in Form)}
"""How the paths begin that take a file, and the media types of the files."""

_FILES: Final[dict[str, Any]] = {
    "description": "A caseload may come as a file instead, which is read row by row:"
    f" {FILE_LIMIT // 2**20} MiB at most, UTF-8. Rows are named by their line in errors.",
    "content": {
        Form.NDJSON.value: {
            "description": "One child to a line, each an object like those of `children`.",
            "example": '{"ref": "C-1001", "team": "lincoln-fast", "status": "child-in-need"}\n',
        },
        Form.CSV.value: {
            "description": "The first line names the columns: `ref`, `team`, `status`, and those"
            f" of `worker`, `open_since` and `{STRATUM}` with a name that there are.",
            "example": f"ref,team,status,{STRATUM}age\nC-1001,lincoln-fast,child-in-need,5-9\n",
        },
    },
}

router = APIRouter(prefix="/v1", tags=["planning"], route_class=FileRoute)

ContentDigest = Annotated[
    str | None,
    Header(
        alias=HEADER,
        max_length=500,
        description="The digest of the body as you send it (RFC 9530), `sha-256` or `sha-512`: a "
        "body that arrives otherwise is refused, for it was cut.",
    ),
]
Sending = Annotated[Change, secured(Change.putting, Permission.CASELOAD_SEND)]
Reading = Annotated[Reader, secured(Reader.of, Permission.CASELOAD_READ)]
Verifying = Annotated[Change, secured(Change.looking, Permission.CASELOAD_READ)]
LookingThrough = Annotated[Reader, secured(Reader.of, Permission.CASELOAD_LOOK_THROUGH)]
Sizing = Annotated[Work, secured(computed_read, Permission.CASELOAD_LOOK_THROUGH)]
Covering = Annotated[Work, secured(computed_read, Permission.COVERAGE_READ)]


@router.get("/caseloads", response_model=page_of(CaseloadRow))
async def list_caseloads(query: Annotated[CaseloadQuery, Query()], reading: Reading) -> Response:
    """The caseloads that were taken, the latest day first."""
    return await reading.page(queries.CASELOADS, query)


@router.put(
    "/caseloads/{date}",
    response_model=CaseloadRow,
    responses={201: {"model": CaseloadRow}},
    openapi_extra={"x-files": _FILES},
)
async def put_caseload(
    date: IsoDate,
    body: CaseloadIn,
    query: Annotated[CaseloadSent, Query()],
    request: Request,
    sending: Sending,
    _: ContentDigest = None,
) -> Response:
    """Send everybody whose case is open on a day. It is taken whole, or not at all.

    Create it with `If-None-Match: *`; `If-Match` replaces what was sent for the day before. Sent
    again, the same caseload is the one that is there. One from which children were drawn
    stands, and so does one that a presented report tells of.
    A day that is ahead, or longer ago than caseloads are kept (policy), is refused. Count and hash
    in the answer are of what was sent, whoever is in it.
    It may come as a file of NDJSON or CSV, with a limit of its own: see `x-files`. A file that was
    cut at the end of a line looks whole: `count` or `Content-Digest` tells it from one.
    """
    expected = sending.precondition
    stated = Stated.of(query.count, request.headers.getlist(HEADER))
    if (sent := file_of(request)) is not None:
        content, form = sent
        await sending.do(
            taking.put_lines, date, query.system, content, Form(form), expected, stated
        )
    else:
        stated.check_content(BytesIO(context_of(request.scope).body))
        await sending.do(taking.put_caseload, date, query.system, body, expected, stated)
    status = 201 if expected.must_not_exist else 200
    key = {"taken_on": date, "system": query.system}
    return await sending.document(queries.SENT, status=status, **key)


@router.get("/caseloads/{date}", response_model=CaseloadRow)
async def get_caseload(
    date: IsoDate, query: Annotated[CaseloadOf, Query()], reading: Reading
) -> Response:
    """The caseload of a day: how many children it has, and the hash of its rows."""
    return await reading.document(queries.CASELOAD, taken_on=date, system=query.system)


@router.post("/caseloads/{date}/verify", response_model=VerifiedOut)
async def verify_caseload(
    date: IsoDate, query: Annotated[CaseloadOf, Query()], checking: Verifying
) -> Response:
    """Count and hash the rows that are kept of a caseload, to check them. Nothing is changed."""
    found = await verifying.verify(checking.work, date, query.system)
    return Response(found.model_dump_json(), media_type=JSON)


@router.get("/caseloads/{date}/children", response_model=page_of(CaseloadChildRow))
async def list_caseload_children(
    date: IsoDate, query: Annotated[CaseloadChildQuery, Query()], reading: LookingThrough
) -> Response:
    """The open children of a day, who is open longest first; whoever was never audited, too."""
    of_day = ChildrenOfDay(day=date, **query.model_dump())
    return await reading.page(queries.CHILDREN, of_day)


@router.get("/caseloads/{date}/missing", response_model=page_of(MissingChildRow))
async def list_caseload_missing(
    date: IsoDate, query: Annotated[MissingChildQuery, Query()], reading: LookingThrough
) -> Response:
    """The children whose cases are open here now and who are not in the day's caseload.

    An event that ended their case or handed it over may never have come.
    """
    return await reading.page(queries.MISSING, MissingOfDay(day=date, **query.model_dump()))


@router.get("/caseloads/{date}/coverage", response_model=CoverageOut)
async def get_caseload_coverage(
    date: IsoDate, query: Annotated[CaseloadOf, Query()], request: Request, covering: Covering
) -> Response:
    """Who of a day's open children was audited in the months before, by team, status, stratum."""
    found, version = await coverage.coverage_of(covering, date, query.system)
    return answered(request, version, found)


@router.get("/caseloads/{date}/sample-size", response_model=SampleSizeOut)
async def get_caseload_sample_size(
    date: IsoDate, query: Annotated[SampleSizeQuery, Query()], request: Request, sizing: Sizing
) -> Response:
    """How many of a day's open children to draw, so that a share is known so closely; and why."""
    found = await coverage.sample_size_of(sizing, date, query)
    return answered(request, 1, found)
