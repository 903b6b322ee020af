"""Codes that events named before the directory kept references of case systems."""

import asyncio
import os

import asyncpg
import pytest
from alembic import command

from qa_api import migrate
from tests.conftest import Database, created, execute

BEFORE = """
INSERT INTO case_systems (code, source, name, version) VALUES ('old', 'urn:old', 'Old', 1);
INSERT INTO workers (code, version) VALUES ('ab1', 1);
INSERT INTO subjects (id, kind, system, ref, reported_team, reported_worker, allocated_at,
    restricted, restriction_kind, version)
SELECT id::uuid, 'child', 'old', id, team, worker, at::timestamptz, kind IS NOT NULL, kind, 1
FROM (VALUES
    ('00000000-0000-0000-0000-000000000001', 'East', 'SmithJ', '2026-09-02T09:00Z', NULL),
    ('00000000-0000-0000-0000-000000000002', NULL, 'smithj', '2026-09-01T09:00Z', 'staff'),
    ('00000000-0000-0000-0000-000000000003', 'EAST', 'AB1', '2026-09-03T09:00Z', NULL),
    ('00000000-0000-0000-0000-000000000004', NULL, NULL, NULL, NULL)
) AS v (id, team, worker, at, kind)
"""


@pytest.mark.long
def test_what_waits_already_is_listed_once_whatever_its_capitals(postgres: Database) -> None:
    with created(postgres, f"qa_references_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0020")))
        execute(url, BEFORE)
        migrate.upgrade(url)
        assert asyncio.run(_listed(url)) == [
            ("team", "east", "2026-09-02"),
            ("worker", "smithj", "2026-09-01"),
        ]


async def _listed(url: str) -> list[tuple[str, str, str]]:
    owner = await asyncpg.connect(url)
    try:
        rows = await owner.fetch(
            "SELECT kind, folded, (first_told_at AT TIME ZONE 'UTC')::date::text"
            " FROM case_system_references WHERE worker IS NULL AND team IS NULL ORDER BY kind"
        )
        return [tuple(row) for row in rows]
    finally:
        await owner.close()
