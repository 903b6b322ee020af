"""What is kept of everybody's rights is what their roles come to, whatever changes (ADR 79)."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qa_api.checking.rights import differing_rights, every_kept_right_is_what_roles_come_to
from tests.checking.test_check import one
from tests.conftest import Database, execute
from tests.kept import KEPT
from tests.responses.casework import Service

FIRST: Final = date(2031, 3, 28)
"""Of the days on which something begins or ends; the clocks change on the third of them."""
LENGTH: Final = 8
DAYS: Final = [FIRST + timedelta(days=number) for number in range(-1, LENGTH + 2)]
"""Those, and the one before and after: on each the two are compared."""

SETTING: Final = (
    "INSERT INTO services (code, name, version) VALUES ('kept-1', 'One', 1), ('kept-2', 'Two', 1)",
    "INSERT INTO teams (code, name, version) VALUES ('kept-a', 'A', 1), ('kept-b', 'B', 1)",
    "INSERT INTO workers (code, version) VALUES ('kept-x', 1), ('kept-y', 1)",
    (
        "INSERT INTO principals (id, issuer, subject, worker, version) VALUES"
        " ('00000000-0000-7000-8000-000000000001', 'kept', 'x', 'kept-x', 1),"
        " ('00000000-0000-7000-8000-000000000002', 'kept', 'y', 'kept-y', 1),"
        " ('00000000-0000-7000-8000-000000000003', 'kept', 'nobody', NULL, 1)"
    ),
)

Change = tuple[str, tuple[Any, ...]]
"""A statement and its values."""

ends = st.one_of(st.none(), st.integers(0, LENGTH).map(lambda days: FIRST + timedelta(days=days)))
ranges = st.tuples(ends, ends).filter(
    lambda both: both[0] is None or both[1] is None or both[0] < both[1]
)
WHOSE: Final = [UUID(f"00000000-0000-7000-8000-00000000000{number}") for number in (1, 2, 3)]
accounts = st.sampled_from(WHOSE)
workers = st.sampled_from(["kept-x", "kept-y"])
teams = st.sampled_from(["kept-a", "kept-b"])
services = st.sampled_from(["kept-1", "kept-2"])
roles = st.one_of(
    st.tuples(st.just("auditor"), st.just("authority"), st.none(), st.none()),
    st.tuples(
        st.sampled_from(["practice_supervisor", "team_manager"]), st.just("team"), st.none(), teams
    ),
    st.tuples(
        st.sampled_from(["team_manager", "head_of_service"]),
        st.just("service"),
        services,
        st.none(),
    ),
)
posts = st.one_of(
    st.tuples(st.sampled_from(["manager", "deputy"]), teams, st.none()),
    st.tuples(st.just("head"), st.none(), services),
)

_GIVE: Final = (
    "INSERT INTO role_assignments (id, principal_id, role, scope, service, team, valid, version)"
    " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, daterange($6, $7), 1)"
)
_BELONG: Final = (
    "INSERT INTO team_services (id, team, service, valid)"
    " VALUES (gen_random_uuid(), $1, $2, daterange($3, $4))"
)
_APPOINT: Final = (
    "INSERT INTO posts (id, kind, team, service, worker, valid)"
    " VALUES (gen_random_uuid(), $1, $2, $3, $4, daterange($5, $6))"
)


SERVES: Final = "UPDATE workers SET starts_on = $2, leaves_on = $3 WHERE code = $1"
IS: Final = "UPDATE principals SET worker = $2 WHERE id = $1"


def changed(statement: str, *values: st.SearchStrategy[Any]) -> st.SearchStrategy[Change]:
    return st.tuples(*values).map(lambda given: (statement, given))


given_roles = st.tuples(accounts, roles, ranges).map(lambda it: (_GIVE, (it[0], *it[1], *it[2])))
belonging = st.tuples(teams, services, ranges).map(lambda it: (_BELONG, (it[0], it[1], *it[2])))
appointed = st.tuples(posts, workers, ranges).map(lambda it: (_APPOINT, (*it[0], it[1], *it[2])))
changes = st.one_of(
    given_roles,
    given_roles,
    belonging,
    appointed,
    st.tuples(accounts, ranges).map(
        lambda it: (
            "UPDATE role_assignments SET valid = daterange($2, $3) WHERE principal_id = $1",
            (it[0], *it[1]),
        )
    ),
    changed(
        "UPDATE role_assignments SET principal_id = $2 WHERE principal_id = $1", accounts, accounts
    ),
    changed("DELETE FROM role_assignments WHERE principal_id = $1", accounts),
    st.tuples(services, ranges).map(
        lambda it: (
            "UPDATE team_services SET valid = daterange($2, $3) WHERE service = $1",
            (it[0], *it[1]),
        )
    ),
    changed("UPDATE team_services SET service = $2 WHERE service = $1", services, services),
    changed("DELETE FROM team_services WHERE service = $1", services),
    st.tuples(workers, ranges).map(
        lambda it: ("UPDATE posts SET valid = daterange($2, $3) WHERE worker = $1", (it[0], *it[1]))
    ),
    changed("UPDATE posts SET worker = $2 WHERE worker = $1", workers, workers),
    changed("DELETE FROM posts WHERE worker = $1", workers),
    changed(
        "UPDATE workers SET starts_on = $2, leaves_on = $3 WHERE code = $1", workers, ends, ends
    ),
    changed(
        "UPDATE principals SET worker = $2 WHERE id = $1", accounts, st.one_of(st.none(), workers)
    ),
)

_X: Final = WHOSE[0]
LATER: Final = FIRST + timedelta(days=3)
AUDITS: Final = (_GIVE, (_X, "auditor", "authority", None, None, None, None))
HEADS: Final = (_GIVE, (_X, "head_of_service", "service", "kept-1", None, None, None))
BELONGS: Final = (_BELONG, ("kept-a", "kept-1", FIRST, LATER))
LEFT: Final = (_APPOINT, ("head", None, "kept-1", "kept-x", FIRST, LATER))


@pytest.mark.long
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=st.lists(changes, min_size=1, max_size=12))
@example(made=[BELONGS, HEADS, ("DELETE FROM team_services WHERE service = $1", ("kept-1",))])
@example(made=[HEADS, BELONGS])
@example(made=[HEADS, LEFT, ("DELETE FROM posts WHERE worker = $1", ("kept-x",))])
@example(made=[LEFT, HEADS])
@example(made=[AUDITS, (SERVES, ("kept-x", FIRST, LATER)), (SERVES, ("kept-x", None, None))])
@example(made=[(SERVES, ("kept-x", FIRST, LATER)), AUDITS])
@example(made=[LEFT, HEADS, (IS, (_X, None)), (IS, (_X, "kept-x"))])
def test_on_every_day_what_is_kept_is_what_the_join_says(
    held: Database, made: list[Change]
) -> None:
    KEPT.ask(held.migrate_url, lambda kept: _compared(kept, made))


async def _compared(connection: asyncpg.Connection, made: list[Change]) -> None:
    """After each change, in a transaction of which nothing stays."""
    within = connection.transaction()
    await within.start()
    try:
        for statement in SETTING:
            await connection.execute(statement)
        for statement, values in made:
            try:
                async with connection.transaction():
                    await connection.execute(statement, *values)
            except asyncpg.IntegrityConstraintViolationError:
                continue  # two at a time, which no authority has
            assert await _differing(connection) == [], statement
    finally:
        await within.rollback()


async def _differing(connection: asyncpg.Connection) -> list[Any]:
    asked = differing_rights()
    values = asked.arguments({"days": DAYS, "whose": WHOSE})
    return list(await connection.fetch(asked.sql, *values))


_HEAD: Final = "(SELECT id FROM principals WHERE subject = 'hos-fast')"
_KEPT: Final = f"SELECT roles FROM kept_rights WHERE principal_id = {_HEAD}"


@pytest.mark.parametrize(
    "spoiled",
    [
        "UPDATE kept_rights SET roles = array_append(roles, 'quality_standards')",
        "UPDATE kept_rights SET headed_teams = array_append(headed_teams, 'adoption')",
        "UPDATE kept_rights SET ends = '2026-11-24'",
        "DELETE FROM kept_rights",
    ],
)
def test_a_right_that_was_written_over_is_found(
    service: Service, held: Database, at: Callable[[str], None], spoiled: str
) -> None:
    at("2026-11-23T09:30:00Z")
    assert service.works(every_kept_right_is_what_roles_come_to).broken == ()
    execute(held.migrate_url, f"{spoiled} WHERE principal_id = {_HEAD}")
    broken = service.works(every_kept_right_is_what_roles_come_to).broken
    execute(held.migrate_url, f"SELECT keep_rights(ARRAY[{_HEAD}])")
    assert [row.table for row in broken] == ["principals"]
    assert broken[0].id == one(held, f"SELECT {_HEAD}")


def test_who_serves_writes_no_kept_right(held: Database) -> None:
    for url in (held.database_url, held.read_url):
        for statement in (f"DELETE FROM kept_rights WHERE principal_id = {_HEAD}",
                          f"SELECT keep_rights(ARRAY[{_HEAD}])"):  # fmt: skip
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                execute(url, statement)


_ROLE: Final = (
    "INSERT INTO role_assignments (id, principal_id, role, scope, service, valid, version) VALUES"
    f" ('00000000-0000-7000-8000-00000000000a', {_HEAD}, 'head_of_service', 'service', 'kept-3',"
    " '[2099-04-01,2099-05-01)', 1)"
)
_TEAM: Final = (
    "INSERT INTO team_services (id, team, service, valid) VALUES"
    " ('00000000-0000-7000-8000-00000000000b', 'kept-c', 'kept-3', '[2099-04-01,2099-05-01)')"
)


@pytest.mark.parametrize(("first", "second"), [(_ROLE, _TEAM), (_TEAM, _ROLE)])
def test_of_two_changes_at_once_both_count(held: Database, first: str, second: str) -> None:
    """Neither sees the other's, so the second waits for the first."""
    service = "INSERT INTO services (code, name, version) VALUES ('kept-3', 'Three', 1)"
    team = "INSERT INTO teams (code, name, version) VALUES ('kept-c', 'C', 1)"
    execute(held.migrate_url, service, team)
    try:
        asyncio.run(_at_once(held, first, second))
        then = f"principal_id = {_HEAD} AND begins = '2099-04-01'"
        assert "kept-c" in one(held, f"SELECT headed_teams FROM kept_rights WHERE {then}")
    finally:
        execute(
            held.migrate_url,
            "DELETE FROM role_assignments WHERE service = 'kept-3'",
            "DELETE FROM team_services WHERE service = 'kept-3'",
            "DELETE FROM services WHERE code = 'kept-3'",
            "DELETE FROM teams WHERE code = 'kept-c'",
        )


async def _at_once(held: Database, first: str, second: str) -> None:
    one_, other, watching = [await asyncpg.connect(held.migrate_url) for _ in range(3)]
    try:
        transaction = one_.transaction()
        await transaction.start()
        await one_.execute(first)
        waiting = asyncio.create_task(other.execute(second))
        waits = "SELECT cardinality(pg_blocking_pids($1)) > 0"
        while not await watching.fetchval(waits, other.get_server_pid()):
            assert not waiting.done(), "it did not wait"
        await transaction.commit()
        await waiting
    finally:
        for each in (one_, other, watching):
            await each.close()
