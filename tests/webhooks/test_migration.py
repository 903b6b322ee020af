"""What waited before deliveries had states: settled where it had been told by hand, else due."""

import asyncio
import os
from typing import Any

import asyncpg
import pytest
from alembic import command

from qa_api import migrate
from tests.conftest import Database, created, execute

AT = "'2026-11-20T09:00:00Z'"
DELIVERIES = {
    # name: event, endpoint, attempts, due_at, delivered_at
    "taken": ("told", "of_system", 1, AT, AT),
    "told_by_hand": ("told", "of_system", 3, AT, "NULL"),
    "only_listens": ("told", "of_all", 3, AT, "NULL"),
    "refused_for_ever": ("other", "of_system", 2, "'2199-01-01'", "NULL"),
}
ONCE = f"""
INSERT INTO policy_versions VALUES (1, '2020-01-01', '{{}}', 'first', now(), NULL);
INSERT INTO audit_types
    (code, name, clause, subject_kind, owner, cadence, may_audit, active, version)
    VALUES ('t', 'T', '§4.1', 'child', 'quality_standards', 'as_required', 'any_auditor', true, 1);
INSERT INTO case_systems (code, name, source, version) VALUES ('m', 'M', 'urn:m', 1);
INSERT INTO workers (code, version) VALUES ('tm', 1);
INSERT INTO webhook_endpoints (id, system, url, event_types, secrets, version)
    SELECT md5(name)::uuid, system, 'https://x.org', '{{}}', '[]', 1
    FROM (VALUES ('of_system', 'm'), ('of_all', NULL)) AS e (name, system);
INSERT INTO events (id, at, type, correlation_id, about_id, data)
    SELECT md5(name)::uuid, {AT}, 'x', 'c', gen_random_uuid(), '{{}}'
    FROM (VALUES ('told'), ('other')) AS e (name);
INSERT INTO audits (id, type, state, opened_by, policy_version, planned_at, version)
    VALUES (md5('audit')::uuid, 't', 'planned', 'person', 1, {AT}, 1);
INSERT INTO notifications (id, audit_id, kind, state, queued_at, queued_until, event_id,
                           notified_at, delivered_by, delivered_how, explanation, version)
    VALUES (gen_random_uuid(), md5('audit')::uuid, 'response_required', 'queued', {AT}, {AT},
            md5('told')::uuid, NULL, 'tm', 'By telephone', '{{}}', 1);
UPDATE notifications SET state = 'delivered', notified_at = {AT};
"""
BEFORE = ONCE + "".join(
    "INSERT INTO deliveries (id, event_id, endpoint_id, lane, case_key, attempts, due_at,"
    f" delivered_at) VALUES (md5('{name}')::uuid, md5('{event}')::uuid,"
    f" md5('{endpoint}')::uuid, 'ordinary', '{name}', {attempts}, {due}, {delivered});"
    for name, (event, endpoint, attempts, due, delivered) in DELIVERIES.items()
)
STANDS = (
    "SELECT case_key, state, due_at > now() AS later, settled_at IS NOT NULL AS settled"
    " FROM deliveries WHERE case_key ~ $1 ORDER BY position"
)


@pytest.mark.long
def test_what_was_queued_before_is_settled_or_due(postgres: Database) -> None:
    with created(postgres, f"qa_deliveries_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0011")))
        execute(url, BEFORE)
        migrate.upgrade(url)
        stands = {row["case_key"]: row for row in asyncio.run(_asked(url, ""))}
        assert {name: row["state"] for name, row in stands.items()} == {
            "taken": "delivered",
            "told_by_hand": "told_by_hand",
            "only_listens": "waiting",
            "refused_for_ever": "waiting",
        }
        assert not any(row["later"] for row in stands.values()), "whatever clock had said"
        assert all(row["settled"] == (row["state"] != "waiting") for row in stands.values())
        # A worker of the release before, which only knows `delivered_at`, may still be running.
        execute(url, "UPDATE deliveries SET delivered_at = now() WHERE case_key = 'only_listens'")
        (late,) = asyncio.run(_asked(url, "only_listens"))
        assert (late["state"], late["settled"]) == ("delivered", True)


REFUSED = """
UPDATE deliveries SET state = 'refused', settled_at = CASE case_key
    WHEN 'only_listens' THEN timestamptz '2026-11-20T09:00:00Z' ELSE '2026-11-20T10:00:00Z' END
    WHERE case_key IN ('only_listens', 'refused_for_ever');
UPDATE deliveries SET endpoint_id = md5('of_all')::uuid WHERE case_key = 'refused_for_ever';
INSERT INTO alerts (id, kind, about_id, occasion, recipient_role, recipient, at, restricted)
    VALUES (gen_random_uuid(), 'webhook_message_refused', md5('of_all')::uuid, '2026-11-20',
            'administrator', 'administrator', '2026-11-20T09:00:00Z', false);
"""
TOLD = """
SELECT d.case_key, a.occasion FROM alerts a LEFT JOIN deliveries d ON d.id = a.about_id
WHERE a.kind = 'webhook_message_refused' AND $1 = '' ORDER BY d.case_key
"""


@pytest.mark.long
def test_of_each_message_refused_before_somebody_is_told(postgres: Database) -> None:
    with created(postgres, f"qa_refused_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0011")))
        execute(url, BEFORE)
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0034")))
        execute(url, "SET qa.reach = 'service';" + REFUSED)
        migrate.upgrade(url)
        owners = asyncio.run(_asked(url, "", "SET qa.reach = 'service'", TOLD))
        assert [tuple(row) for row in owners] == [
            ("only_listens", "once"),
            ("refused_for_ever", "once"),
        ]


SKIPPED = f"""
INSERT INTO events (id, at, type, correlation_id, about_id, data)
    VALUES (md5('third')::uuid, {AT}, 'x', 'c', gen_random_uuid(), '{{}}');
INSERT INTO deliveries (id, event_id, endpoint_id, lane, case_key, attempts, due_at)
    VALUES (gen_random_uuid(), md5('third')::uuid, md5('of_system')::uuid, 'ordinary', 'tried', 10,
            {AT});
UPDATE deliveries SET state = 'skipped', settled_at = {AT}
    WHERE case_key IN ('tried', 'refused_for_ever');
INSERT INTO notifications (id, audit_id, kind, state, undeliverable_reason, queued_at, queued_until,
                           event_id, explanation, version)
    SELECT gen_random_uuid(), md5('audit')::uuid, 'response_required', 'undeliverable', 'exhausted',
           {AT}, {AT}, md5(name)::uuid, '{{}}', 1
    FROM (VALUES ('other'), ('third')) AS n (name);
"""
WHY = """
SELECT d.case_key, n.undeliverable_reason FROM notifications n
JOIN deliveries d ON d.event_id = n.event_id
WHERE d.state = 'skipped' AND $1 = '' ORDER BY d.case_key
"""


@pytest.mark.long
def test_what_was_skipped_before_says_so_unless_it_had_been_given_up_first(
    postgres: Database,
) -> None:
    with created(postgres, f"qa_skipped_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0011")))
        execute(url, BEFORE)
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0041")))
        execute(url, "SET qa.reach = 'service';" + SKIPPED)
        migrate.upgrade(url)
        stands = asyncio.run(_asked(url, "", "SET qa.reach = 'service'", WHY))
        assert [tuple(row) for row in stands] == [
            ("refused_for_ever", "skipped"),
            ("tried", "exhausted"),
        ]


async def _asked(url: str, names: str, before: str = "SELECT", question: str = STANDS) -> list[Any]:
    owner = await asyncpg.connect(url)
    try:
        await owner.execute(before)
        return list(await owner.fetch(question, names))
    finally:
        await owner.close()
