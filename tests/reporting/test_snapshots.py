"""Which transactions a pull has seen, and what a token remembers of them."""

import asyncio

import asyncpg
import pytest

from qa_api.reporting import snapshots
from qa_api.reporting.snapshots import MOST_IN_PROGRESS, Snapshot
from tests.conftest import Database
from tests.reporting.copies import REPORTER, Copy
from tests.responses.casework import Casework


def test_very_many_in_progress_are_remembered_as_of_the_oldest() -> None:
    some = Snapshot("10:900:" + ",".join(map(str, range(10, 10 + MOST_IN_PROGRESS))), "e")
    assert some.remembered == some
    many = Snapshot(f"{some.text},800", "e")
    assert many.remembered == Snapshot("10:10:", "e")
    assert many.remembered.is_before(many)


def test_a_token_of_a_quiet_moment_is_taken_while_very_many_write(
    casework: Casework, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Copy(casework.api.as_(REPORTER), "audits")
    with asyncio.Runner() as runner:

        def write() -> asyncpg.Connection:
            writing = runner.run(asyncpg.connect(database.migrate_url))
            runner.run(writing.execute("BEGIN; SELECT pg_current_xact_id()"))
            return writing

        others = [write()]
        casework.completed_audit()  # so that the token ends after what is under way
        copy.begin()
        others.append(write())
        audit = str(casework.completed_audit().audit_id)
        monkeypatch.setattr(snapshots, "MOST_IN_PROGRESS", 1)  # two are very many
        for _ in range(2):
            # While they write it is sent again: rather repeated than missed.
            assert audit in {row["id"] for row in copy.follow()}
        for other in others:
            runner.run(other.close())
    copy.follow()
    assert copy.follow() == []
    assert copy.rows == copy.as_pulled_anew()
