"""The routes of reporting: what there is to pull, and pulling it (X1)."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from qa_api import clock
from qa_api.auth.roles import Permission
from qa_api.http.accept import preferred, takes_gzip
from qa_api.http.access import caller_of, guards_as, secured
from qa_api.http.computed_reads import answered, computed_read, told_as_at
from qa_api.http.problem_document import refusals
from qa_api.http.reads import JSON, Reader, next_link
from qa_api.http.request_context import context_of
from qa_api.http.route import StrictRoute
from qa_api.http.streaming import Streamed
from qa_api.problems import not_found
from qa_api.reporting import service
from qa_api.reporting.datasets import DATASETS
from qa_api.reporting.downloads import DOWNLOAD, Book
from qa_api.reporting.forms import BY_MEDIA_TYPE, DatasetForm
from qa_api.reporting.packing import Packing
from qa_api.reporting.pulling import Puller
from qa_api.reporting.schemas import (
    DatasetName,
    DatasetQuery,
    DatasetsOut,
    DownloadOut,
    any_dataset_page,
    dictionary,
)
from qa_api.reporting.service import Download, Pull
from qa_api.reporting.table_schemas import TableSchemaOut, table_schema
from qa_api.rules.local_time import local_date
from qa_api.values.fields import Uuid
from qa_api.work import Work

router = APIRouter(prefix="/v1", tags=["reporting"], route_class=StrictRoute)

DOWNLOADS: Final = "/v1/reporting/downloads"
_MEDIA_TYPES: Final = tuple(BY_MEDIA_TYPE)
_DOWNLOAD: Final = {"schema": {"type": "string", "maxLength": 2_000_000_000}}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": dict.fromkeys(_MEDIA_TYPES[1:], _DOWNLOAD)},
    **refusals("not-acceptable"),
}


@guards_as("pulling")
async def pulling(request: Request) -> Puller:
    """What pulls for the caller, who may."""
    correlation_id = context_of(request.scope).correlation_id
    state, caller = request.app.state, await caller_of(request)
    purposes = await state.purposes.on(local_date(clock.now()), state.database)
    return await Puller.of(state.database, caller, correlation_id, purposes, request.headers)


Reading = Annotated[Reader, secured(Reader.of, Permission.REPORTING_READ)]
Looking = Annotated[Work, secured(computed_read, Permission.REPORTING_READ)]
Pulling = Annotated[Puller, secured(pulling, Permission.REPORTING_READ)]


@router.get("/reporting/datasets", response_model=DatasetsOut)
async def get_datasets(request: Request, _: Looking) -> Response:
    """The data dictionary: every dataset, and what each of its columns means."""
    return answered(request, 1, dictionary())


@router.get("/reporting/datasets/{dataset}/schema", response_model=TableSchemaOut)
async def get_dataset_schema(dataset: DatasetName, request: Request, _: Looking) -> Response:
    """The Frictionless table schema of a dataset's CSV: its columns, their types and keys."""
    if dataset not in DATASETS:
        raise not_found()
    return answered(request, 1, table_schema(dataset))


@router.get("/reporting/downloads/{download_id}", response_model=DownloadOut)
async def get_download(download_id: Uuid, reading: Reading) -> Response:
    """What a download of yours holds: its rows, its length and its SHA-256, for a day (X1).

    `unfinished` is what was not sent to its end. Compare the digest with your file's.
    """
    return await reading.document(DOWNLOAD, id=download_id)


@router.get("/reporting/{dataset}", response_model=any_dataset_page, responses=_ANSWERS)
async def pull_dataset(
    dataset: DatasetName,
    query: Annotated[DatasetQuery, Query()],
    request: Request,
    pulling: Pulling,
) -> Response:
    """A dataset in full, or with `changed_since` only what has changed since.

    As JSON by pages: follow `next_cursor` until it is null; the last page's `changes_token` asks
    for what changes from then on. With `Accept: application/x-ndjson` or `text/csv`, or by
    `format`, whole, as at one moment: a download. Its token is in `Changes-Token`; what it holds
    stands for a day at `Download-Location`, so that you notice a file that was cut. A row comes
    again when it changed, and with `is_deleted` when it left; a copy that follows is the dataset.
    """
    if dataset not in DATASETS:
        raise not_found()
    pulling.check_purpose(DATASETS[dataset])
    form = query.format or BY_MEDIA_TYPE[preferred(request.headers.get("accept"), _MEDIA_TYPES)]
    state = request.app.state
    pull = service.begin(
        DATASETS[dataset],
        query,
        cursors=state.cursors,
        pseudonyms=state.pseudonyms,
        shows_references=pulling.shows_references,
        whole=form is not DatasetForm.JSON,
    )
    zipped = takes_gzip(request.headers.get("accept-encoding"))
    if form is DatasetForm.JSON:
        return await _page(request, pull, pulling, zipped=zipped)
    download = Download(pull, form, zipped=zipped, last_line=query.trailer is not None)
    return _file(request, download, pulling)


async def _page(request: Request, pull: Pull, pulling: Puller, *, zipped: bool) -> Response:
    body, cursor = await pull.page(pulling)
    headers = {"Link": next_link(request, cursor)} if cursor else {}
    packing = Packing(zipped=zipped)
    packed = await packing.add(body.encode()) + packing.end()
    return Response(packed, media_type=JSON, headers=_of_any(zipped=zipped) | headers)


def _file(request: Request, download: Download, pulling: Puller) -> Response:
    state = request.app.state
    book = Book(state.workshop, pulling.caller, context_of(request.scope).correlation_id)
    name = download.file_name(local_date(clock.now()))

    def head() -> dict[str, str]:
        return (
            _of_any(zipped=download.zipped)
            | told_as_at(download.as_at)
            | {
                "Content-Disposition": f'attachment; filename="{name}"',
                "Changes-Token": download.changes_token,
                "Download-Location": f"{DOWNLOADS}/{download.id}",
            }
        )

    return Streamed(
        download.parts(pulling, book, state.downloads, state.quotas.nobody_waits),
        media_type=download.form.media_type,
        head=head,
        write_deadline_seconds=state.settings.write_deadline_seconds,
        behind=state.quotas.behind_people,
    )


def _of_any(*, zipped: bool) -> dict[str, str]:
    """The headers of any answer with rows."""
    varies = {"Vary": "Accept, Accept-Encoding"}
    return varies | {"Content-Encoding": "gzip"} if zipped else varies
