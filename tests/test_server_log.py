"""The database's own log says which constraint was broken, and never by which row (X5)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from qa_api import migrate
from qa_api.server_log import quieten
from tests.conftest import Database, execute

WORDS = "zqtext.control"
TALKATIVE = ("log_error_verbosity = verbose", "log_parameter_max_length = -1")


def as_superuser(database: Database, statement: str) -> None:
    execute(database.migrate_url.replace("qa_owner", "postgres"), statement)


@pytest.fixture
def talkative(clone: Callable[[], Database]) -> Database:
    """A database on a server that is set as most are, with a table that refuses what is said."""
    made = clone()
    for role in ("qa_app", "qa_read"):
        for setting in TALKATIVE:
            as_superuser(made, f"ALTER ROLE {role} IN DATABASE {made.name} SET {setting}")
    execute(
        made.migrate_url,
        "CREATE TABLE said (words text CHECK (words NOT LIKE 'zq%'));"
        "GRANT INSERT ON said TO qa_app",
    )
    return made


def said_of_a_broken_constraint(database: Database, log: Path) -> str:
    """What the server logs when the service writes a row that it refuses."""
    before = log.stat().st_size
    with pytest.raises(asyncpg.CheckViolationError):
        execute(database.database_url, f"INSERT INTO said VALUES ('{WORDS}')")
    with log.open(errors="replace") as lines:
        lines.seek(before)
        return lines.read()


def statements_in(told: str) -> list[str]:
    return [line for line in told.splitlines() if line.startswith("ALTER ROLE")]


def test_migrating_says_how_rows_are_kept_out_of_the_log_and_then_they_are(
    talkative: Database, caplog: pytest.LogCaptureFixture
) -> None:
    if talkative.log is None:
        pytest.skip("the server's log is not ours to read")
    # The control: as most servers are set, the row is told.
    assert WORDS in said_of_a_broken_constraint(talkative, talkative.log)
    migrate.upgrade(talkative.migrate_url)
    told = statements_in(caplog.text)
    assert len(told) == 4, caplog.text
    for statement in told:
        as_superuser(talkative, statement)
    said = said_of_a_broken_constraint(talkative, talkative.log)
    assert "said_words_check" in said
    assert WORDS not in said
    caplog.clear()
    migrate.upgrade(talkative.migrate_url)
    assert caplog.text == ""


def test_where_the_connection_may_it_is_set(
    talkative: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def once() -> None:
        connection = await asyncpg.connect(talkative.migrate_url.replace("qa_owner", "postgres"))
        try:
            await quieten(connection)
        finally:
            await connection.close()

    asyncio.run(once())
    assert caplog.text == ""
    if talkative.log is not None:
        assert WORDS not in said_of_a_broken_constraint(talkative, talkative.log)
