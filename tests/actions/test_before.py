"""Actions that were planned before former dates were kept (R4.2.6)."""

import asyncio
import os
from datetime import date

import asyncpg
import pytest
from alembic import command

from qa_api import migrate
from tests.conftest import Database, created, execute

BEFORE = """
INSERT INTO policy_versions VALUES (1, '2020-01-01', '{}', 'first', now(), NULL);
INSERT INTO audit_types (code, name, clause, subject_kind, owner, cadence, may_audit, active,
    version) VALUES ('t', 'T', '§4.1', 'child', 'quality_standards', 'as_required',
    'any_auditor', true, 1);
INSERT INTO audits (id, type, state, opened_by, policy_version, planned_at, version)
    VALUES ('00000000-0000-0000-0000-0000000000a1', 't', 'planned', 'person', 1, now(), 1);
INSERT INTO restorative_actions (id, audit_id, kind, description, needed_before_closure, state,
    set_at, due_on, planned_at, version)
SELECT id::uuid, '00000000-0000-0000-0000-0000000000a1', 'practice', 'Do.', false, 'open',
    '2026-09-01T09:00Z', due_on::date, planned_at::timestamptz, 1
FROM (VALUES ('00000000-0000-0000-0000-000000000001', '2026-11-27', '2026-11-02T09:00Z'),
             ('00000000-0000-0000-0000-000000000002', '2027-03-01', '2026-10-31T09:00Z'),
             ('00000000-0000-0000-0000-000000000003', '2027-03-01', '2026-10-01T09:00Z'),
             ('00000000-0000-0000-0000-000000000004', NULL, NULL)) AS v (id, due_on, planned_at);
UPDATE restorative_actions SET state = 'planned' WHERE due_on IS NOT NULL;
INSERT INTO audit_responses (id, audit_id, state, version)
    VALUES ('00000000-0000-0000-0000-0000000000b1', '00000000-0000-0000-0000-0000000000a1',
            'awaiting_notification', 1);
INSERT INTO response_rounds (id, response_id, number)
    VALUES ('00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-0000000000b1', 1),
           ('00000000-0000-0000-0000-0000000000c2', '00000000-0000-0000-0000-0000000000b1', 2);
INSERT INTO response_items (round_id, action_id, how, finish_on, reason_not_immediate)
SELECT round::uuid, action::uuid, 'So.', finish_on::date, 'Because.'
FROM (VALUES
    ('00000000-0000-0000-0000-0000000000c2', '00000000-0000-0000-0000-000000000002', '2026-12-24'),
    ('00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-000000000002', '2026-10-30'),
    ('00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-000000000003', '2026-10-30')
) AS v (round, action, finish_on)
"""


@pytest.mark.long
def test_what_was_promised_first_and_missed_is_found_where_it_is_on_record(
    postgres: Database,
) -> None:
    with created(postgres, f"qa_promised_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0011")))
        execute(url, BEFORE)
        migrate.upgrade(url)
        assert asyncio.run(_promised(url)) == [
            (date(2026, 11, 27), None),  # planned once: it moved nowhere that anybody knows of
            (date(2026, 10, 30), date(2026, 10, 30)),  # promised anew on the day after
            (date(2026, 10, 30), None),  # moved in time
            (None, None),
        ]


async def _promised(url: str) -> list[tuple[date | None, date | None]]:
    owner = await asyncpg.connect(url)
    try:
        assert await owner.fetch("SELECT * FROM wrong_rollups()") == []
        rows = await owner.fetch(
            "SELECT first_promised_on, missed_on FROM restorative_actions ORDER BY id"
        )
        return [tuple(row) for row in rows]
    finally:
        await owner.close()


REPORTED = """
INSERT INTO workers (code, version) VALUES ('sw', 1), ('tm', 1);
INSERT INTO restorative_actions (id, audit_id, kind, description, needed_before_closure, state,
    left_state, set_at, done_on, done_by, version)
SELECT id::uuid, '00000000-0000-0000-0000-0000000000a1', 'practice', 'Do.', false, 'done', 'open',
    '2026-09-01T09:00Z', '2026-11-02', 'sw', 1
FROM (VALUES ('00000000-0000-0000-0000-000000000011'),
             ('00000000-0000-0000-0000-000000000012')) AS v (id);
UPDATE response_rounds SET submitted_at = '2026-11-02T09:00Z', submitted_by = 'tm',
    on_behalf = true, on_behalf_of = 'sw' WHERE number = 1;
INSERT INTO response_items (round_id, action_id, how, done_on)
VALUES ('00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-000000000011', 'So.',
        '2026-11-02')
"""


@pytest.mark.long
def test_who_reported_it_done_is_found_where_a_response_says_so(postgres: Database) -> None:
    with created(postgres, f"qa_reported_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0011")))
        execute(url, BEFORE)
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0065")))
        execute(url, REPORTED)
        migrate.upgrade(url)
        assert asyncio.run(_reported(url)) == ["tm", "sw"]


async def _reported(url: str) -> list[str | None]:
    owner = await asyncpg.connect(url)
    try:
        await owner.execute("SELECT set_config('qa.reach', 'service', false)")
        rows = await owner.fetch(
            "SELECT done_reported_by FROM restorative_actions WHERE state = 'done' ORDER BY id"
        )
        return [row["done_reported_by"] for row in rows]
    finally:
        await owner.close()
