"""A file of a dataset says beside itself what it holds, and in every form it has the same rows."""

import csv
import gzip
import hashlib
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from itertools import cycle
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from sqlalchemy import select

from qa_api.http.quotas import Quotas
from qa_api.models.base import new_id
from qa_api.models.reporting import DatasetDownload
from qa_api.reporting import pulling
from qa_api.reporting.datasets import DATASETS
from qa_api.reporting.forgetting import forget_downloads
from qa_api.reporting.forms import DatasetForm
from qa_api.work import Work
from tests.api import Api, Json
from tests.reporting.copies import REPORTER, download, kept, pull, row_by_row
from tests.responses.casework import Casework

FORMS = ("ndjson", "csv", "excel", "excel_comma")
SEPARATORS = {"csv": ",", "excel": ";", "excel_comma": ","}
MARK = "\ufeff"


def read(answer: httpx.Response, form: str) -> list[Json]:
    """The rows of a file, as whoever wrote it meant them."""
    if form == "ndjson":
        return [orjson.loads(line) for line in answer.text.splitlines()]
    text = answer.content.decode()
    assert text.startswith(MARK) == (form != "csv")
    lines = csv.DictReader(
        StringIO(text.removeprefix(MARK), newline=""), delimiter=SEPARATORS[form], strict=True
    )
    return list(lines)


def as_text(value: object) -> str:
    """A value as a table has it."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    return str(value)


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_fetched_ahead_or_when_they_are_asked_for_the_rows_are_the_same(
    casework: Casework, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """While people ask, fewer rows are read at a time, and none outside their turn."""
    monkeypatch.setattr(pulling, "DOWNLOADED_AT_ONCE", 3)
    monkeypatch.setattr(pulling, "AT_ONCE_BESIDE_PEOPLE", 2)
    files = []
    for answers in (cycle([True]), cycle([False]), cycle([True, False])):
        monkeypatch.setattr(Quotas, "nobody_waits", lambda _, said=answers: next(said))
        answer = download(casework.api.as_(REPORTER), "teams", form)
        files.append(read(answer, form))
        assert kept(casework.api.as_(REPORTER), answer)["rows"] == len(files[-1])
    assert files[0] == files[1] == files[2]
    assert len(files[0]) > 2 * 3, "fetched several times"


@pytest.mark.long
@pytest.mark.parametrize("dataset", sorted(DATASETS))
def test_every_form_has_the_same_rows(casework: Casework, dataset: str) -> None:
    casework.completed_audit()
    reporter = casework.api.as_(REPORTER)
    some = {"from_": "2027-01-01"} if dataset == "calendar-days" else {}
    pages, _ = pull(reporter, dataset, limit=5_000, **some)
    expected = [{name: as_text(value) for name, value in row.items()} for row in pages]
    for form in FORMS:
        answer = download(reporter, dataset, form, **some)
        rows = read(answer, form)
        if form == "ndjson":
            assert rows == pages
        else:
            assert rows == expected
        assert answer.content == row_by_row(dataset, form, pages)
        stands = kept(reporter, answer)
        assert stands["state"] == "finished"
        assert (stands["dataset"], stands["format"]) == (dataset, form)
        assert stands["rows"] == len(rows) == len(pages)
        assert stands["bytes"] == len(answer.content)
        assert stands["sha256"] == hashlib.sha256(answer.content).hexdigest()


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_a_day_is_londons_in_a_file_as_on_a_page(
    casework: Casework, at: Callable[[str], None], form: str
) -> None:
    at("2026-07-02T23:30:00Z")
    action, *_ = casework.completed_audit().action_ids
    rows = read(download(casework.api.as_(REPORTER), "restorative-actions", form), form)
    (row,) = (row for row in rows if row["id"] == str(action))
    assert row["set_on"] == "2026-07-03"


@pytest.fixture
def reporter(api: Api) -> Api:
    return api.as_(REPORTER)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_compressed_for_whoever_reads_that_and_the_digest_is_of_the_file(
    reporter: Api, form: str
) -> None:
    plain = reporter.get(
        "/v1/reporting/teams", params={"format": form}, headers={"accept-encoding": "identity"}
    )
    assert "content-encoding" not in plain.headers
    with reporter.http.stream(
        "GET",
        "/v1/reporting/teams",
        params={"format": form},
        headers={
            "authorization": f"Bearer {reporter.token()}",
            "accept-encoding": "br, gzip;q=0.5",
        },
    ) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]
    assert len(raw) < len(plain.content)
    assert gzip.decompress(raw) == plain.content
    assert kept(reporter, answer)["sha256"] == hashlib.sha256(plain.content).hexdigest()


def test_pages_are_compressed_too(reporter: Api) -> None:
    zipped = reporter.get("/v1/reporting/teams", headers={"accept-encoding": "gzip"})
    plain = reporter.get("/v1/reporting/teams", headers={"accept-encoding": "gzip;q=0, *"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.json()["items"] == plain.json()["items"]


def test_a_file_has_a_name_that_says_what_it_is(reporter: Api, at: Callable[[str], None]) -> None:
    at("2026-11-23T23:30:00Z")

    def name(form: str, **query: object) -> str:
        answer = download(reporter, "audits", form, **query)
        return str(answer.headers["content-disposition"])

    assert name("csv") == 'attachment; filename="audits-2026-11-23.csv"'
    assert name("excel", from_="2026-04-01", to="2026-07-01") == (
        'attachment; filename="audits-from-2026-04-01-to-2026-07-01-2026-11-23.csv"'
    )
    token = download(reporter, "audits", "ndjson").headers["changes-token"]
    assert name("ndjson", changed_since=token) == (
        'attachment; filename="audits-changes-2026-11-23.ndjson"'
    )


def test_the_form_that_the_query_names_goes_before_accept(reporter: Api) -> None:
    both = reporter.get(
        "/v1/reporting/services", params={"format": "csv"}, headers={"accept": "application/json"}
    )
    assert both.headers["content-type"].startswith("text/csv")
    named = reporter.get(
        "/v1/reporting/services", params={"format": "json"}, headers={"accept": "text/csv"}
    )
    assert named.json()["dataset"] == "services"
    unknown = reporter.get("/v1/reporting/services", params={"format": "xlsx"})
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["parameter"] == "format"


def test_a_last_line_is_there_for_whoever_asks_for_it(reporter: Api) -> None:
    asked = download(reporter, "services", "ndjson", trailer="line")
    *rows, last = map(orjson.loads, asked.text.splitlines())
    token = asked.headers["changes-token"]
    assert last == {"end_of": "services", "rows": len(rows), "changes_token": token}
    assert kept(reporter, asked)["sha256"] == hashlib.sha256(asked.content).hexdigest()
    text = download(reporter, "services", "csv", trailer="line").text
    header, *records, end = csv.reader(StringIO(text, newline=""))
    assert end[0] == "#end"
    assert int(end[1]) == len(records) == len(rows) == kept(reporter, asked)["rows"]
    assert len(end) == len(header)
    pull(reporter, "services", changed_since=end[2])
    refused = reporter.get("/v1/reporting/services", params={"trailer": "line"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "downloads-only"


def test_a_download_is_shown_to_nobody_but_who_asked_for_it(reporter: Api, api: Api) -> None:
    answer = download(reporter, "services", "csv")
    where = answer.headers["download-location"]
    assert reporter.get(where).status_code == 200
    assert api.as_("qs-1").get(where).status_code == 404
    assert api.as_("tm-lincoln-fast").get(where).status_code == 403


def test_the_database_itself_shows_a_download_to_its_principal_alone_and_ends_it_once(
    casework: Casework,
) -> None:
    answer = download(casework.api.as_(REPORTER), "services", "csv")
    id_ = answer.headers["download-location"].rpartition("/")[2]
    seen: list[Any] = []

    async def look(work: Work) -> None:
        def ask(statement: str) -> Any:
            return work.driver.execute(statement.replace("?", f"'{id_}'"))

        principal = await work.driver.fetchval(
            "SELECT principal_id::text FROM dataset_downloads WHERE id = $1::uuid", id_
        )
        ended = "UPDATE dataset_downloads SET rows = 0 WHERE id = ?"
        seen.append(await ask(ended))
        await ask("SELECT set_config('qa.reach', 'authority', true)")
        seen.append(await ask("SELECT FROM dataset_downloads WHERE id = ?"))
        await ask(f"SELECT set_config('qa.principal', '{principal}', true)")
        seen.append(await ask("SELECT FROM dataset_downloads WHERE id = ?"))

    casework.as_service(look)
    assert seen == ["UPDATE 0", "SELECT 0", "SELECT 1"]


def test_what_a_download_held_is_forgotten_after_a_day(casework: Casework) -> None:
    left: list[UUID] = []
    ids = {hours: new_id() for hours in (23, 25)}

    async def sweep(work: Work) -> None:
        for hours, id_ in ids.items():
            begun_at = work.now - timedelta(hours=hours)
            work.session.add(
                DatasetDownload(
                    id=id_,
                    principal_id=new_id(),
                    dataset="teams",
                    format=DatasetForm.CSV,
                    begun_at=begun_at,
                )
            )
        await work.flush()
        await forget_downloads(work)
        found = select(DatasetDownload.id).where(DatasetDownload.id.in_(ids.values()))
        left.extend(await work.session.scalars(found))

    casework.as_service(sweep)
    assert left == [ids[23]]
