"""Downloads: whole, as at one moment, in little memory, and never mistaken for whole when cut."""

import asyncio
import logging
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import asyncpg
import httpx
import orjson
import pytest
from sqlalchemy import literal, select

from qa_api.auth.development import DevelopmentIssuer
from qa_api.db import Prepared
from qa_api.reporting.copying import copied
from qa_api.reporting.service import DOWNLOADS_AT_ONCE
from tests.api import Api, Server, serving
from tests.conftest import Clone, Database, settings_for
from tests.reporting.copies import REPORTER, download, kept, ndjson, pull, row_by_row, table

ROWS = 120_000
DATASET = "/v1/reporting/practice-observations"
NDJSON = {"accept": "application/x-ndjson"}
LEFT = "a client left before the end of its download"
FORMS = ("ndjson", "csv", "excel", "excel_comma")
_MANY = f"""
INSERT INTO practice_observations (id, worker, observer, team, observed_on, activity, planned,
    family_consent, strengths, development, recorded_at, recorded_by, version)
SELECT gen_random_uuid(), 'sw1-cwd', 'ps-cwd', 'cwd', date '2020-01-01' + n % 2000, 'A visit.',
    true, 'given', 'Warm.', 'None.', now(), 'ps-cwd', 1
FROM generate_series(1, {ROWS}) AS n
"""


@pytest.fixture(scope="module")
def large(clone_of_authority: Clone) -> Database:
    """A database of its own, with more rows than anybody wants in memory."""
    return clone_of_authority()


@pytest.fixture(scope="module")
def library(large: Database, issuer: DevelopmentIssuer) -> Iterator[Server]:
    """The API over it."""
    settings = settings_for(large, issuer)
    owner(large, _MANY)
    with serving(settings) as server:
        yield server


@pytest.fixture
def reporter(library: Server, issuer: DevelopmentIssuer) -> Iterator[Api]:
    with Api(library, issuer, REPORTER) as api:
        yield api


def owner(database: Database, statement: str) -> None:
    run(database.migrate_url, statement)


def run(url: str, statement: str) -> None:
    async def once() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(once())


def end_the_transaction(database: Database) -> None:
    """As when the server is stopped: the download waits for its reader and loses its connection."""
    waiting = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname ="
        " current_database() AND usename = current_user AND wait_event = 'ClientWrite'"
    )

    async def end() -> None:
        connection = await asyncpg.connect(database.read_url)
        try:
            for _ in range(200):
                if await connection.fetchval(waiting):
                    return
                await asyncio.sleep(0.05)
            raise AssertionError("no download waits")
        finally:
            await connection.close()

    asyncio.run(end())


def begun(reporter: Api, stack: ExitStack, **query: str) -> httpx.Response:
    """A download of which nothing has been read yet, too large to be sent unless it is."""
    plain = {"authorization": f"Bearer {reporter.token()}", "accept-encoding": "identity"}
    headers = NDJSON | plain
    return stack.enter_context(reporter.http.stream("GET", DATASET, headers=headers, params=query))


@pytest.mark.long
def test_a_download_takes_no_more_memory_than_a_few_batches(reporter: Api) -> None:
    ndjson(reporter, "services")  # what is loaded and built for the first one stays
    tracemalloc.start()
    try:
        size = lines = 0
        with ExitStack() as stack:
            for part in begun(reporter, stack).iter_bytes():
                size += len(part)
                lines += part.count(b"\n")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert lines == ROWS
    assert peak < size / 5, f"{peak} bytes for {size}"


@pytest.mark.long
def test_a_download_shows_one_moment_and_its_token_what_follows(
    reporter: Api, large: Database
) -> None:
    with ExitStack() as stack:
        answer = begun(reporter, stack)
        parts = answer.iter_lines()
        rows = [orjson.loads(next(parts))]
        owner(
            large,
            "UPDATE practice_observations SET planned = false WHERE observed_on >= '2025-01-01'",
        )
        rows += [orjson.loads(line) for line in parts]
    assert len(rows) == len({row["id"] for row in rows}) == ROWS
    assert all(row["planned"] for row in rows)
    token = answer.headers["changes-token"]
    changed, _ = pull(reporter, "practice-observations", changed_since=token)
    assert {row["id"] for row in changed} == {
        row["id"] for row in rows if row["observed_on"] >= "2025-01-01"
    }


@pytest.mark.long
def test_changes_are_downloaded_too(reporter: Api, large: Database) -> None:
    _, token = pull(reporter, "practice-observations", limit=5_000, from_="2025-06-01")
    owner(
        large, "UPDATE practice_observations SET planned = true WHERE observed_on >= '2025-06-01'"
    )
    query = {"changed_since": token, "from": "2025-06-01"}
    rows, token = ndjson(reporter, "practice-observations", **query)
    assert rows
    assert all(row["planned"] for row in rows)
    rows, _ = ndjson(reporter, "practice-observations", **query | {"changed_since": token})
    assert rows == []


@pytest.mark.long
def test_what_is_cut_off_cannot_be_taken_for_whole(
    reporter: Api, large: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with ExitStack() as stack:
        answer = begun(reporter, stack, trailer="line")
        parts = answer.iter_lines()
        received = [next(parts)]
        end_the_transaction(large)
        with pytest.raises(httpx.RemoteProtocolError):
            received.extend(parts)
    assert not any("end_of" in line for line in received)
    stands = kept(reporter, answer)
    assert stands["state"] == "unfinished"
    assert (stands["finished_at"], stands["rows"], stands["bytes"], stands["sha256"]) == (None,) * 4
    assert len(ndjson(reporter, "services")[0]) > 0, "the next one is served"
    assert faults(caplog) == []
    assert "a download was broken off: ConnectionDoesNotExistError (08003)" in caplog.messages


@pytest.mark.long
def test_only_so_many_at_once_and_who_stops_listening_makes_room(reporter: Api) -> None:
    with ExitStack() as stack:
        under_way = [begun(reporter, stack).iter_lines() for _ in range(DOWNLOADS_AT_ONCE)]
        assert all(next(lines) for lines in under_way)
        refused = reporter.get(DATASET, headers=NDJSON)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
    for _ in range(100):
        answer = reporter.get("/v1/reporting/services", headers=NDJSON)
        if answer.status_code == 200:
            return
        assert answer.status_code == 429
    raise AssertionError("nobody made room")


def test_who_hangs_up_in_the_middle_has_an_unfinished_download(
    reporter: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with ExitStack() as stack:
        answer = begun(reporter, stack)
        assert next(answer.iter_lines())
    for _ in range(100):  # until the place it held is free
        if any(LEFT in message for message in caplog.messages):
            break
        assert reporter.get("/v1/reporting/services", headers=NDJSON).status_code == 200
    assert LEFT in caplog.messages
    assert kept(reporter, answer)["state"] == "unfinished"
    assert faults(caplog) == [], "whoever leaves is no fault of ours"


def faults(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says went wrong with the program itself."""
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]


def is_cut_off(lines: Iterator[str]) -> bool:
    """Whether the rest of a download does not come."""
    try:
        list(lines)
    except httpx.RemoteProtocolError:
        return True
    return False


@pytest.mark.long
def test_a_client_that_takes_nothing_makes_room_though_it_does_not_hang_up(
    large: Database,
    library: Server,
    issuer: DevelopmentIssuer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = settings_for(large, issuer, write_deadline_seconds=0.2)
    with ExitStack() as stack:
        server = stack.enter_context(serving(settings))
        reporter = stack.enter_context(Api(server, issuer, REPORTER))
        under_way = [begun(reporter, stack).iter_lines() for _ in range(DOWNLOADS_AT_ONCE)]
        assert all(next(lines) for lines in under_way)
        give_up = time.monotonic() + 30
        answer = reporter.get("/v1/reporting/services", headers=NDJSON)
        while answer.status_code == 429 and time.monotonic() < give_up:
            answer = reporter.get("/v1/reporting/services", headers=NDJSON)
        assert answer.status_code == 200
        assert kept(reporter, answer)["state"] == "finished"
        # Whoever made room was cut off, and nobody takes the half for the whole.
        assert any(is_cut_off(lines) for lines in under_way)
    assert faults(caplog) == []


def test_a_transaction_stays_open_while_the_last_of_what_it_read_is_taken(large: Database) -> None:
    """PostgreSQL is done long before a slow client is; its own patience is not the client's."""

    async def copy_slowly() -> int:
        short = {"idle_in_transaction_session_timeout": "50"}
        connection = await asyncpg.connect(large.migrate_url, server_settings=short)
        watch = await asyncpg.connect(large.migrate_url)
        try:
            async with connection.transaction():
                statement = Prepared.of(select(literal("a row")))
                pieces = copied(connection, statement, {}, {"format": "text"}, patience=10)
                assert [piece async for piece in pieces] == [b"a row\n"]
                since = await watch.fetchval("SELECT clock_timestamp()")
                idle = "SELECT clock_timestamp() > $1::timestamptz + interval '200 ms'"
                while not await watch.fetchval(idle, since):
                    pass
                return int(await connection.fetchval("SELECT 1"))
        finally:
            await connection.close()
            await watch.close()

    assert asyncio.run(copy_slowly()) == 1


def test_a_table_is_safe_to_open(reporter: Api, large: Database) -> None:
    formula = "=HYPERLINK(1)"
    owner(large, f"UPDATE teams SET name = '{formula}' WHERE code = 'cwd'")
    header, *records = table(reporter, "teams")
    at = header.index("code_label")
    (cell,) = (record[at] for record in records if record[1] == "cwd")
    assert cell == f"'{formula}"
    token = download(reporter, "team-services", "csv").headers["changes-token"]
    owner(large, "UPDATE teams SET name = 'CWD' WHERE code = 'cwd'")
    (changed, *_), _ = pull(reporter, "team-services", changed_since=token)
    assert changed["team_label"] == "CWD"


def test_whatever_teams_are_called_a_file_is_what_is_written_row_by_row(
    reporter: Api, large: Database
) -> None:
    called = ('a, b; "c"', "two\r\nlines", "back\\slash\\n", "=1", "@a, b", "-", '"', " é\u2028")
    pages, _ = pull(reporter, "teams")
    names = {row["code"]: row["code_label"] for row in pages}
    assert len(names) >= len(called)
    rename(large, dict(zip(names, called, strict=False)))
    pages, _ = pull(reporter, "teams")
    assert set(called) <= {row["code_label"] for row in pages}
    for form in FORMS:
        assert download(reporter, "teams", form).content == row_by_row("teams", form, pages)
    rename(large, names)


def rename(database: Database, names: Mapping[str, str]) -> None:
    async def once() -> None:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            rows = [(name, code) for code, name in names.items()]
            await connection.executemany("UPDATE teams SET name = $1 WHERE code = $2", rows)
        finally:
            await connection.close()

    asyncio.run(once())


@pytest.mark.long
def test_a_copy_that_does_not_go_on_is_given_up_and_the_next_one_is_served(
    large: Database, issuer: DevelopmentIssuer
) -> None:
    """Its time-out counts from piece to piece: the statement has none while somebody reads."""
    settings = settings_for(
        large, issuer, command_timeout_seconds=0.5, lock_timeout_seconds=60, read_pool_size=2
    )

    async def while_it_is_locked(ask: Callable[[], httpx.Response]) -> httpx.Response:
        connection = await asyncpg.connect(large.migrate_url)
        try:
            async with connection.transaction():
                await connection.execute("LOCK TABLE practice_observations")
                return await asyncio.to_thread(ask)
        finally:
            await connection.close()

    with serving(settings) as server, Api(server, issuer, REPORTER) as reporter:
        refused = asyncio.run(while_it_is_locked(lambda: reporter.get(DATASET, headers=NDJSON)))
        assert refused.status_code == 503, refused.text
        for _ in range(3):
            assert ndjson(reporter, "teams")[0]
