"""A role is held once over the same days: what was held twice became one, and no other way is left.

The migration meets what releases before took; the database refuses it now, whoever writes.
"""

import asyncio
import os
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from alembic import command

from qa_api import migrate
from tests.conftest import Database, created, execute
from tests.test_privileges import ask

ADA, BEN = uuid4(), uuid4()
HELD: dict[str, tuple[Any, str, str | None, str]] = {
    # name: principal, role, team, days
    "first": (ADA, "practice_supervisor", "east", "[2026-01-01,2026-06-01)"),
    "over its end": (ADA, "practice_supervisor", "east", "[2026-05-01,2027-01-01)"),
    "within it": (ADA, "practice_supervisor", "east", "[2026-02-01,2026-03-01)"),
    "much later": (ADA, "practice_supervisor", "east", "[2028-01-01,)"),
    "of another team": (ADA, "practice_supervisor", "west", "[2026-01-01,)"),
    "of another person": (BEN, "practice_supervisor", "east", "[2026-01-01,)"),
    "right after": (BEN, "auditor", None, "[2026-06-01,)"),
    "right before": (BEN, "auditor", None, "[2026-01-01,2026-06-01)"),
    "the same": (BEN, "worker", None, "[2026-01-01,)"),
    "on no day": (BEN, "administrator", None, "empty"),
    "the very same": (BEN, "worker", None, "[2026-01-01,)"),
}


def inserted(name: str) -> str:
    principal, role, team, days = HELD[name]
    place = ("team", f"'{team}'") if team else ("authority", "NULL")
    return (
        "INSERT INTO role_assignments (id, principal_id, role, scope, team, valid, version)"
        f" VALUES (md5('{name}')::uuid, '{principal}', '{role}', '{place[0]}', {place[1]},"
        f" '{days}', 1);"
    )


PEOPLE = (
    "INSERT INTO teams (code, name, version) VALUES ('east', 'East', 1), ('west', 'West', 1);"
    "INSERT INTO principals (id, issuer, subject, version) VALUES"
    f" ('{ADA}', 'urn:i', 'ada', 1), ('{BEN}', 'urn:i', 'ben', 1);"
)


@pytest.mark.long
def test_what_was_held_twice_is_held_once_over_the_days_of_both(postgres: Database) -> None:
    with created(postgres, f"qa_roles_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0065")))
        execute(url, PEOPLE + "".join(inserted(name) for name in HELD))
        migrate.upgrade(url)
        names = {
            str(row[0]): name for name in HELD for row in ask(url, f"SELECT md5('{name}')::uuid")
        }
        left = {
            names[str(id_)]: (str(days), version)
            for id_, days, version in ask(
                url, "SELECT id, valid::text, version FROM role_assignments"
            )
        }
    assert left.pop("first") == ("[2026-01-01,2027-01-01)", 2)
    of_two = [left.pop(name) for name in ("the same", "the very same") if name in left]
    assert of_two == [("[2026-01-01,)", 2)]
    unchanged = {
        name: (HELD[name][3], 1)
        for name in (
            "much later",
            "of another team",
            "of another person",
            "right after",
            "right before",
        )
    }
    assert left == unchanged


@pytest.fixture(scope="module")
def holding(clone: Any) -> Database:
    made: Database = clone()
    execute(made.migrate_url, PEOPLE + inserted("first"))
    return made


@pytest.mark.parametrize("name", ["over its end", "within it"])
def test_the_database_takes_no_second_one(holding: Database, name: str) -> None:
    for url in (holding.database_url, holding.migrate_url):
        with pytest.raises(asyncpg.ExclusionViolationError):
            execute(url, inserted(name))


@pytest.mark.parametrize("name", ["much later", "of another team", "of another person"])
def test_what_is_no_second_one_is_taken(holding: Database, name: str) -> None:
    execute(holding.migrate_url, inserted(name))
