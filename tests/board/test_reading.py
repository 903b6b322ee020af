"""What a report or a list of what is overdue reads does not grow with the past (R4.7.3)."""

import asyncio
import os
import re

import asyncpg
import pytest
from alembic import command

from qa_api import clock, migrate
from qa_api.actions.queries import ACTIONS
from qa_api.auth.development import DevelopmentIssuer
from qa_api.board.rollup_cells import Grouping, seen_through_teams
from qa_api.db import Database as Connections
from qa_api.db import Prepared
from qa_api.reads.listings import Listing
from qa_api.responses.queries import RESPONSES
from qa_api.rules.local_time import local_date
from tests.conftest import Clone, Database, created, execute, settings_for


@pytest.fixture(scope="module")
def empty(clone: Clone) -> Database:
    """Where nothing was ever written, so that plans follow from no rows of other tests."""
    return clone()


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("by", [None, *Grouping])
def test_what_teams_have_done_is_read_from_sums_alone(by: Grouping | None, wide: bool) -> None:
    read = Prepared.of(seen_through_teams(by, wide))
    tables = set(re.findall(r"(?:FROM|JOIN) (\w+)", read.sql))
    assert tables <= {"rollups", "rollup_deltas", "team_services"}
    assert {"rollups", "rollup_deltas"} <= tables


@pytest.mark.parametrize(
    ("listing", "indexes"),
    [
        (RESPONSES, ["awaited", "team_awaited", "worker_awaited"]),
        (ACTIONS, ["unsettled", "team_unsettled", "worker_unsettled", "owner_unsettled"]),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
async def test_what_is_overdue_is_found_among_what_is_open(
    empty: Database, listing: Listing, indexes: list[str]
) -> None:
    prepared = listing.prepared(frozenset({"overdue"}), after=False)
    now = clock.now()
    values = {"issuer": "i", "subject": "s", "now": now, "today": local_date(now), "limit": 50}
    values |= {"permitted_roles": [], "correlation_id": "c", "operation": "o"}
    reader = await asyncpg.connect(empty.read_url)
    try:
        # So few rows are quicker read from end to end: what could be used is asked here.
        await reader.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        await reader.execute("SET enable_sort = off")
        plan = await reader.fetch(f"EXPLAIN {prepared.sql}", *prepared.arguments(values))
    finally:
        await reader.close()
    used = "\n".join(line[0] for line in plan)
    table = listing.shape.entity.__tablename__
    assert [name for name in indexes if f"using {table}_{name}_idx" not in used] == []


async def test_reads_are_planned_once_whatever_their_values(
    database: Database, issuer: DevelopmentIssuer
) -> None:
    connections = await Connections.open(settings_for(database, issuer))
    try:
        for pool in (connections.plain_reads, connections.logged_reads):
            async with pool.acquire() as reader:
                assert await reader.fetchval("SHOW plan_cache_mode") == "force_generic_plan"
    finally:
        await connections.close()


@pytest.mark.long
def test_what_was_there_before_the_rollups_is_counted_by_the_migration(postgres: Database) -> None:
    with created(postgres, f"qa_before_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0006")))
        execute(url, BEFORE)
        migrate.upgrade(url)
        assert asyncio.run(_counted(url)) == [("audits/due", 1)]


async def _counted(url: str) -> list[tuple[str, int]]:
    owner = await asyncpg.connect(url)
    try:
        assert await owner.fetch("SELECT * FROM wrong_rollups()") == []
        return [tuple(row) for row in await owner.fetch("SELECT series, n FROM rollups")]
    finally:
        await owner.close()


BEFORE = (
    "INSERT INTO policy_versions VALUES (1, '2020-01-01', '{}', 'first', now(), NULL);"
    "INSERT INTO audit_types (code, name, clause, subject_kind, owner, cadence, may_audit, active,"
    " version) VALUES ('t', 'T', '§4.1', 'child', 'quality_standards', 'as_required',"
    " 'any_auditor', true, 1);"
    "INSERT INTO audits (id, type, state, opened_by, policy_version, planned_at, due_on, version)"
    " VALUES (gen_random_uuid(), 't', 'planned', 'person', 1, now(), '2026-11-02', 1)"
)
