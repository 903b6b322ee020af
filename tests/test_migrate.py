"""A migration that meets those who work is tried again; nothing half done stays."""

import asyncio
from collections.abc import Callable

import pytest
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from qa_api import migrate
from tests.conftest import Clone
from tests.kept import KEPT

DEADLOCK, CHECK = "40P01", "23514"
HALF_DONE = "SELECT to_regclass('half_done') IS NOT NULL"


@pytest.fixture
def url(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database of this test's own; little is waited between two tries."""
    monkeypatch.setattr(migrate, "_POLL_SECONDS", 0.001)
    return clone().migrate_url


def refused(times: int, sqlstate: str, tries: list[int]) -> Callable[[Config], None]:
    """A migration that PostgreSQL refuses so many times, after some of it was done."""

    def act(config: Config) -> None:
        connection = config.attributes["connection"]
        tries.append(len(tries))
        connection.execute(text("CREATE TABLE half_done ()"))
        if len(tries) <= times:
            connection.execute(text(f"DO $$ BEGIN RAISE SQLSTATE '{sqlstate}'; END $$"))

    return act


def test_a_migration_in_conflict_with_who_works_is_tried_again_from_its_beginning(url: str) -> None:
    tries: list[int] = []
    asyncio.run(migrate.with_owner(url, refused(2, DEADLOCK, tries)))
    assert len(tries) == 3
    assert KEPT.ask(url, lambda kept: kept.fetchval(HALF_DONE))


@pytest.mark.parametrize(
    ("sqlstate", "most"), [(DEADLOCK, migrate._TRIES), (CHECK, 1)], ids=["in conflict", "wrong"]
)
def test_one_that_is_refused_again_and_again_or_is_wrong_ends_and_leaves_nothing(
    url: str, sqlstate: str, most: int
) -> None:
    tries: list[int] = []
    with pytest.raises(DBAPIError):
        asyncio.run(migrate.with_owner(url, refused(100, sqlstate, tries)))
    assert len(tries) == most
    assert not KEPT.ask(url, lambda kept: kept.fetchval(HALF_DONE))
