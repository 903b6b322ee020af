"""The routes of reporting: what there is to pull, and pulling it (X1)."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from qa_api import clock
from qa_api.auth.roles import Permission
from qa_api.http.accept import preferred
from qa_api.http.access import caller_of, guards_as, secured
from qa_api.http.computed_reads import answered, computed_read
from qa_api.http.problem_document import refusals
from qa_api.http.reads import JSON, next_link
from qa_api.http.request_context import context_of
from qa_api.http.route import StrictRoute
from qa_api.http.streaming import Streamed
from qa_api.problems import not_found
from qa_api.reporting import service
from qa_api.reporting.datasets import DATASETS
from qa_api.reporting.pulling import Puller
from qa_api.reporting.schemas import (
    DatasetName,
    DatasetQuery,
    DatasetsOut,
    any_dataset_page,
    dictionary,
)
from qa_api.rules.local_time import local_date
from qa_api.work import Work

router = APIRouter(prefix="/v1", tags=["reporting"], route_class=StrictRoute)

NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
_FORMS: Final = (JSON, NDJSON, CSV)
_DOWNLOAD: Final = {"schema": {"type": "string", "maxLength": 2_000_000_000}}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {NDJSON: _DOWNLOAD, CSV: _DOWNLOAD}},
    **refusals("not-acceptable"),
}


@guards_as("pulling")
async def pulling(request: Request) -> Puller:
    """What pulls for the caller, who may."""
    correlation_id = context_of(request.scope).correlation_id
    state, caller = request.app.state, await caller_of(request)
    purposes = await state.purposes.on(local_date(clock.now()), state.database)
    return await Puller.of(state.database, caller, correlation_id, purposes, request.headers)


Looking = Annotated[Work, secured(computed_read, Permission.REPORTING_READ)]
Pulling = Annotated[Puller, secured(pulling, Permission.REPORTING_READ)]


@router.get("/reporting/datasets", response_model=DatasetsOut)
async def get_datasets(request: Request, _: Looking) -> Response:
    """The data dictionary: every dataset, and what each of its columns means."""
    return answered(request, 1, dictionary())


@router.get("/reporting/{dataset}", response_model=any_dataset_page, responses=_ANSWERS)
async def pull_dataset(
    dataset: DatasetName,
    query: Annotated[DatasetQuery, Query()],
    request: Request,
    pulling: Pulling,
) -> Response:
    """A dataset in full, or with `changed_since` only what has changed since.

    As JSON by pages: follow `next_cursor` until it is null; the last page's `changes_token` asks
    for what changes from then on. With `Accept: application/x-ndjson` or `text/csv` whole, as at
    one moment: the last line says how many rows went before it and has the token. A row comes
    again when it changed, and with `is_deleted` when it left; a copy that follows is the dataset.
    """
    if dataset not in DATASETS:
        raise not_found()
    pulling.check_purpose(DATASETS[dataset])
    form = preferred(request.headers.get("accept"), _FORMS)
    state = request.app.state
    pull = service.begin(
        DATASETS[dataset],
        query,
        cursors=state.cursors,
        pseudonyms=state.pseudonyms,
        shows_references=pulling.shows_references,
        whole=form != JSON,
    )
    if form == JSON:
        body, cursor = await pull.page(pulling)
        headers = {"Vary": "Accept"} | ({"Link": next_link(request, cursor)} if cursor else {})
        return Response(body, media_type=JSON, headers=headers)
    parts = pull.download(pulling, state.downloads, as_csv=form == CSV)
    return Streamed(
        parts,
        media_type=form,
        write_deadline_seconds=state.settings.write_deadline_seconds,
    )
