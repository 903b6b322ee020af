"""Whom rows name, what they never say, and what the access log keeps of a pull (X3, X5, C6)."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from qa_api import problems
from qa_api.reporting import pulling
from qa_api.reporting.columns import Kind
from qa_api.reporting.datasets import DATASETS
from qa_api.reporting.downloads import Written
from qa_api.reporting.pseudonyms import Pseudonyms
from qa_api.reporting.pulling import Puller
from qa_api.reporting.queries import COPIES, ROWS, Copied, Selected
from qa_api.retention.content import GOES, Treatment
from qa_api.settings import Settings
from tests.api import Api
from tests.audits.auditing import ACTION, of_new_child
from tests.conftest import Database
from tests.reporting.copies import REPORTER, download, ndjson, pull, set_restriction
from tests.responses.casework import Case, Casework

ABOUT_SUBJECTS = [name for name, dataset in DATASETS.items() if dataset.about_subjects]


def fetched(database: Database, statement: str, *values: Any) -> list[Any]:
    async def read() -> list[Any]:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    return asyncio.run(read())


def of(api: Api, case: Case, dataset: str) -> dict[str, Any]:
    rows, _ = pull(api, dataset, limit=5_000)
    own = {str(case.audit_id), *map(str, case.action_ids)}
    return next(row for row in rows if row["id"] in own)


@pytest.mark.long
def test_a_child_has_one_pseudonym_and_no_reference(casework: Casework) -> None:
    case = casework.completed_audit()
    reporter = casework.api.as_(REPORTER)
    audit, action = (of(reporter, case, name) for name in ("audits", "restorative-actions"))
    assert audit["subject"] == action["subject"]
    assert len(audit["subject"]) == 32
    assert audit["subject_ref"] is action["subject_ref"] is None
    other = of(reporter, casework.completed_audit(), "audits")
    assert other["subject"] != audit["subject"]


def test_quality_and_standards_see_the_reference_they_see_in_lists(casework: Casework) -> None:
    case = casework.completed_audit()
    person = casework.api.as_("qs-1")
    about = person.get(f"/v1/audits/{case.audit_id}").json()["subject"]
    assert of(person, case, "audits")["subject_ref"] == f"{about['system']}/{about['ref']}"


def test_a_pseudonym_follows_from_a_key_that_nobody_has(authority: Settings) -> None:
    subject = UUID("019ab0c5-7b1e-7c3a-9d52-0c4f7a51e6b8")
    ours, theirs = Pseudonyms(b"a" * 32), Pseudonyms(b"b" * 32)
    assert ours.of(subject) == Pseudonyms(b"a" * 32).of(subject)
    assert ours.of(subject) != theirs.of(subject)
    assert ours.fingerprint != theirs.fingerprint
    secret = SecretStr("the secret of one authority alone")
    assert authority.model_copy(update={"pseudonym_secret": secret}).pseudonym_key() == (
        secret.get_secret_value().encode()
    )


@pytest.mark.parametrize("dataset", DATASETS)
def test_no_statement_reads_what_somebody_wrote(dataset: str) -> None:
    """Except whether evidence was given, which says nothing of it."""
    found = DATASETS[dataset]
    part = Selected(changes=True, until=True, after=True, dated_from=False, dated_to=False)
    copied = Copied(dated_from=False, dated_to=False, cells=True)
    sql = ROWS.now(found, part).sql + COPIES.now(found, copied).sql
    sql = sql.replace(".evidence IS NOT NULL", "")
    table = found.entity.__tablename__
    written = [column for column, kind in GOES.get(table, {}).items() if kind is Treatment.MARK] + [
        "narrative",
        "rationale",
        "description",
        "reason",
        "explanation",
        "highlight",
    ]
    assert not [column for column in written if f".{column} " in sql or f".{column}," in sql]


@pytest.mark.long
def test_nothing_written_in_a_real_audit_is_in_any_dataset(
    api: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    at("2026-11-23T09:30:00Z")
    case = of_new_child(api, new_ref)
    case.completed(actions=[ACTION])
    for dataset in ABOUT_SUBJECTS:
        rows, _ = ndjson(api.as_(REPORTER), dataset)
        for text in ("See the child alone.", "Purposeful", "Warm and", "As the plan", case.ref):
            assert not any(
                text in str(value)
                for row in rows
                for name, value in row.items()
                if not name.endswith("_label")
            ), (dataset, text)


def test_columns_about_persons_are_marked() -> None:
    for dataset in DATASETS.values():
        for column in dataset.columns:
            if column.kind in {Kind.PSEUDONYM, Kind.REFERENCE} or column.name in {
                "worker",
                "auditor",
                "audited_worker",
                "observer",
                "moderator",
                "owner",
            }:
                assert column.personal == (column.name != "owner" or dataset.name != "audit-types")


def test_a_page_leaves_one_line_that_names_every_subject_shown(
    casework: Casework, database: Database
) -> None:
    case = casework.completed_audit()
    reporter = casework.api.as_(REPORTER)
    answer = reporter.get("/v1/reporting/audits", params={"from": "2026-11-01", "limit": 5_000})
    (line,) = fetched(
        database,
        "SELECT * FROM access_log WHERE correlation_id = $1",
        answer.headers["x-correlation-id"],
    )
    assert line["operation"] == "reporting:read"
    assert case.subject_id in line["subject_ids"]
    assert len(line["subject_ids"]) == len({row["subject"] for row in answer.json()["items"]})
    detail = line["detail"]
    assert '"dataset": "audits"' in detail
    assert '"from": "2026-11-01"' in detail
    assert f'"rows": {len(answer.json()["items"])}' in detail


@pytest.mark.long
def test_the_lines_of_a_download_name_everybody_whom_it_shows(
    casework: Casework,
    database: Database,
    authority: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    casework.completed_audit()
    casework.completed_audit()
    for parts in ("DOWNLOADED_AT_ONCE", "AT_ONCE_BESIDE_PEOPLE"):
        monkeypatch.setattr(pulling, parts, 1)
    reporter = casework.api.as_(REPORTER)
    pseudonyms = Pseudonyms(authority.pseudonym_key())
    for dataset, form in (("audits", "csv"), ("audits", "ndjson"), ("audit-answers", "csv")):
        answer = download(reporter, dataset, form)
        lines = fetched(
            database,
            "SELECT (detail ->> 'rows')::int AS rows, subject_ids FROM access_log"
            " WHERE correlation_id = $1",
            answer.headers["x-correlation-id"],
        )
        named = [pseudonyms.of(subject) for line in lines for subject in line["subject_ids"]]
        rows, _ = pull(reporter, dataset, limit=5_000)
        shown = [row["subject"] for row in rows if row["subject"] is not None]
        assert sorted(named) == sorted(set(shown)), "each in the first line whose row shows them"
        assert sum(line["rows"] for line in lines) == len(lines) == len(shown) > 1, (
            "a row at a time"
        )
        assert all(pseudonym in answer.text for pseudonym in shown)


def test_no_row_is_handed_on_before_its_line_is_written(
    casework: Casework, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while the next rows are made ready beside it; where it fails, its rows stay here."""
    casework.completed_audit()
    casework.completed_audit()
    monkeypatch.setattr(pulling, "DOWNLOADED_AT_ONCE", 1)
    monkeypatch.setattr(pulling, "AT_ONCE_BESIDE_PEOPLE", 1)
    write_its_line, add = Puller._logged, Written.add
    logged = handed_on = 0
    most = 1_000_000

    async def write_the_line(*args: Any) -> Any:
        nonlocal logged
        if logged == most:
            raise problems.unavailable()
        part = await write_its_line(*args)
        logged += 1
        return part

    def count(written: Written, part: bytes, rows: int = 0) -> None:
        nonlocal handed_on
        handed_on += rows
        assert handed_on <= logged
        add(written, part, rows)

    monkeypatch.setattr(Puller, "_logged", write_the_line)
    monkeypatch.setattr(Written, "add", count)
    download(casework.api.as_(REPORTER), "audits", "csv")
    assert handed_on > 1
    logged = handed_on = 0
    most = 1
    with pytest.raises(httpx.RemoteProtocolError):
        download(casework.api.as_(REPORTER), "audits", "csv")
    assert (logged, handed_on) == (1, 1)


def test_a_read_that_shows_nobody_leaves_no_line(casework: Casework, database: Database) -> None:
    reporter = casework.api.as_(REPORTER)
    answer = reporter.get("/v1/reporting/teams")
    assert not fetched(
        database,
        "SELECT FROM access_log WHERE correlation_id = $1",
        answer.headers["x-correlation-id"],
    )


@pytest.mark.long
def test_after_an_adoption_old_and_new_have_nothing_in_common(casework: Casework) -> None:
    """The old record is restricted as pre-adoption: it leaves, and no merge joins the two."""
    old, new = casework.completed_audit(), casework.completed_audit()
    reporter = casework.api.as_(REPORTER)
    before = of(reporter, old, "audits")
    set_restriction(casework, old, "pre_adoption")
    for dataset in ABOUT_SUBJECTS:
        rows, _ = pull(reporter, dataset, limit=5_000)
        assert before["subject"] not in {row["subject"] for row in rows}
    assert of(reporter, new, "audits")["subject"] != before["subject"]
