"""What was on record before events were weighed by what they say is right after the migration."""

import asyncio
import os
from typing import Any

import asyncpg
import orjson
import pytest
from alembic import command

from qa_api import migrate
from tests.conftest import Database, created, execute

BEFORE = """
INSERT INTO policy_versions VALUES (1, '2020-01-01', '{}', 'first', now(), NULL);
INSERT INTO case_systems (code, source, name, version) VALUES ('m', 'urn:m', 'M', 1);
INSERT INTO subjects (id, kind, system, ref, reported_team, allocated_at, restricted, born_on,
    version)
VALUES ('00000000-0000-7000-8000-000000000001', 'child', 'm', 'told', 'x', '2026-11-01 09:00+00',
        false, NULL, 1),
       ('00000000-0000-7000-8000-000000000002', 'child', 'm', 'by hand', 'x', NULL, false,
        '2015-03-09', 1),
       ('00000000-0000-7000-8000-000000000003', 'child', 'm', 'edited', 'x',
        '2099-01-01 00:00+00', false, '2015-03-09', 1);
INSERT INTO events (id, at, type, correlation_id, about_id, subject_id, data)
VALUES (gen_random_uuid(), '2026-11-02 10:00+00', 'subject.edited', 'c',
        '00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000003', '{}');
INSERT INTO case_events (id, system, event_id, type, episode_id, source_version, occurred_at,
    received_at, fingerprint, data, parked)
VALUES ('00000000-0000-7000-8000-00000000000e', 'm', 'e', 'case.closed.v1', 'E', 1,
        '2099-01-01 00:00+00', '2026-11-03 09:00+00', 'f', '{}', false);
INSERT INTO closure_gates (id, system, episode_id, cycle, current, opened_by_event, may_close,
    explanation, policy_version, opened_at, closed_at, subject_id, state, version)
SELECT gen_random_uuid(), 'm', 'E', 1, true, e.id, false, '{"facts": {}}', 1, now(),
    e.occurred_at, s.id, 'closed_without_audit', 1
FROM case_events e, subjects s WHERE s.ref <> 'by hand';
INSERT INTO case_event_outcomes (case_event_id, position, ref, outcome, subject_id)
SELECT e.id, row_number() OVER (), s.ref, 'closed_without_audit', s.id
FROM case_events e, subjects s WHERE s.ref <> 'by hand';
INSERT INTO subjects (id, kind, system, ref, restricted, version)
SELECT gen_random_uuid(), 'child', 'm', ref, false, 1
FROM unnest(ARRAY['left open', 'rightly open']) AS ref;
INSERT INTO case_events (id, system, event_id, type, occurred_at, received_at, fingerprint, data,
    parked)
SELECT gen_random_uuid(), 'm', told.id, 'record.restricted.v1', told.at::timestamptz,
    '2026-11-03 09:00+00', 'f', jsonb_build_object('data', jsonb_build_object('restriction',
        jsonb_build_object('kind', 'staff', 'on', told.put_on))), false
FROM (VALUES ('on', '2026-11-01 09:00+00', true), ('off', '2026-11-02 09:00+00', false),
             ('off ahead', '2099-01-01 09:00+00', false)) told (id, at, put_on);
INSERT INTO case_event_outcomes (case_event_id, position, ref, outcome, subject_id)
SELECT e.id, row_number() OVER (), s.ref, 'applied', s.id
FROM case_events e, subjects s
WHERE s.ref = 'left open' AND e.event_id IN ('on', 'off ahead')
OR s.ref = 'rightly open' AND e.event_id IN ('on', 'off');
INSERT INTO closure_gates (id, system, episode_id, cycle, current, opened_by_event, may_close,
    explanation, policy_version, opened_at, subject_id, state, version)
SELECT gen_random_uuid(), 'm', s.ref, 1, true, e.id, false, '{"facts": {}}', 1, now(), s.id,
    'awaiting_audit', 1
FROM case_events e, subjects s WHERE s.ref LIKE '%open' AND e.event_id = 'on';
"""


@pytest.mark.long
def test_closings_ahead_count_when_heard_of_and_what_was_entered_is_kept(
    postgres: Database,
) -> None:
    with created(postgres, f"qa_told_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0011")))
        execute(url, BEFORE)
        migrate.upgrade(url)
        entered, counted, cells, wrong, restricted = asyncio.run(_read(url))
    assert restricted == [("left open", "staff", True), ("rightly open", None, False)]
    assert counted == ["2026-11-03T09:00:00+00:00"] * 2
    assert (cells, wrong) == ([("closure-gates/closed", "2026-10-01", 2)], [])
    # What the case system told is read again; the hand's word is kept with its time, if it has one.
    assert entered["told"] == {}
    assert {name: each["value"] for name, each in entered["by hand"].items()} == {
        "team": "x",
        "born_on": "2015-03-09",
        "kind": "child",
    }
    assert entered["edited"]["team"]["at"] is None
    assert entered["edited"]["born_on"]["at"] == "2026-11-02T10:00:00.000000+00:00"
    assert {each["ref"] for each in entered["edited"].values()} == {"edited"}


async def _read(url: str) -> tuple[dict[str, Any], list[str], list[Any], list[Any], list[Any]]:
    owner = await asyncpg.connect(url)
    try:
        await owner.set_type_codec("jsonb", encoder=str, decoder=orjson.loads, schema="pg_catalog")
        subjects = await owner.fetch("SELECT ref, entered FROM subjects")
        gates = await owner.fetch(
            "SELECT closing_counts_at AS at FROM closure_gates WHERE closed_at IS NOT NULL"
        )
        restricted = await owner.fetch(
            "SELECT s.ref, s.restriction_kind, g.restricted FROM subjects s"
            " JOIN closure_gates g ON g.subject_id = s.id WHERE s.ref LIKE '%open' ORDER BY s.ref"
        )
        cells = await owner.fetch(
            "SELECT series, quarter, sum(n) AS n FROM (SELECT series, quarter, n FROM rollups"
            " UNION ALL SELECT series, quarter, n FROM rollup_deltas) counted"
            " GROUP BY series, quarter HAVING sum(n) <> 0"
        )
        wrong = await owner.fetch("SELECT * FROM wrong_rollups()")
        return (
            {row["ref"]: row["entered"] for row in subjects},
            [row["at"].isoformat() for row in gates],
            [(row["series"], row["quarter"].isoformat(), row["n"]) for row in cells],
            list(wrong),
            [tuple(row) for row in restricted],
        )
    finally:
        await owner.close()


OWED_BY_NOTHING = """
INSERT INTO policy_versions VALUES (1, '2020-01-01', '{}', 'first', now(), NULL);
INSERT INTO case_systems (code, source, name, version) VALUES ('m', 'urn:m', 'M', 1);
INSERT INTO workers (code, version) VALUES ('au', 1), ('w', 1);
INSERT INTO judgement_scales (code, number, name) VALUES ('k', 1, 'K');
INSERT INTO scale_points VALUES ('k', 1, 'good', 'Good', 1, false);
INSERT INTO audit_types (code, name, clause, subject_kind, owner, cadence, may_audit, active,
    version) VALUES ('t', 'T', '§3', 'child', 'service_area', 'every_closure', 'any_auditor', true,
    1);
INSERT INTO audit_tools (id, code, number, name, scale_code, scale_number, state, version)
    VALUES ('00000000-0000-0000-0000-0000000000e1', 't', 1, 'T', 'k', 1, 'draft', 1);
INSERT INTO subjects (id, kind, system, ref, restricted, version)
SELECT gen_random_uuid(), 'child', 'm', ref, false, 1
FROM unnest(ARRAY['called off', 'called off, begun', 'exempt', 'exempt, audited', 'exempt, waits',
    'overridden', 'closed', 'closed, audited', 'awaited', 'closed without']) AS ref;
INSERT INTO case_events (id, system, event_id, type, episode_id, source_version, occurred_at,
    received_at, fingerprint, data, parked)
SELECT gen_random_uuid(), 'm', ref, 'case.closed.v1', ref, 1, '2026-11-01 09:00+00',
    '2026-11-03 09:00+00', 'f', '{}', false FROM subjects;
INSERT INTO closure_gates (id, system, episode_id, cycle, current, opened_by_event, may_close,
    explanation, policy_version, opened_at, subject_id, state, version, cleared_at,
    override_approved_at, closed_at)
SELECT gen_random_uuid(), 'm', s.ref, 1, true, e.id, false,
    jsonb_build_object('facts', jsonb_build_object('waits_for',
        CASE WHEN s.ref = 'exempt, waits' THEN '["urgent finding"]'::jsonb ELSE '[]' END)),
    1, now(), s.id, 'awaiting_audit', 1,
    CASE WHEN s.ref NOT IN ('awaited', 'closed without') THEN '2026-11-03 09:00+00'::timestamptz
    END,
    CASE WHEN s.ref = 'overridden' THEN '2026-11-03 09:00+00'::timestamptz END,
    CASE WHEN s.ref LIKE 'closed%' THEN '2026-11-03 10:00+00'::timestamptz END
FROM subjects s JOIN case_events e ON e.episode_id = s.ref;
UPDATE closure_gates SET state = CASE
    WHEN episode_id LIKE 'called off%' THEN 'withdrawn' WHEN episode_id LIKE 'exempt%' THEN 'exempt'
    WHEN episode_id = 'awaited' THEN 'awaiting_audit'
    WHEN episode_id = 'closed without' THEN 'closed_without_audit'
    WHEN episode_id LIKE 'closed%' THEN 'closed' ELSE 'overridden' END;
INSERT INTO audits (id, type, state, opened_by, policy_version, planned_at, version, gate_id,
    subject_id, auditor, tool_id, scale_code, scale_number)
SELECT gen_random_uuid(), 't', 'planned', 'gate', 1, now(), 1, g.id, g.subject_id, 'au',
    '00000000-0000-0000-0000-0000000000e1', 'k', 1 FROM closure_gates g;
UPDATE audits a SET state = 'in_progress', started_at = now()
FROM closure_gates g WHERE g.id = a.gate_id AND g.episode_id ~ 'begun|audited|waits';
UPDATE audits a SET state = 'completed', completed_on = '2026-11-03', overall_judgement = 'good',
    overall_rationale = 'So.', completed_at = CASE WHEN g.episode_id LIKE 'closed%'
    THEN '2026-11-03 08:00+00' ELSE '2026-11-03 12:00+00' END::timestamptz
FROM closure_gates g WHERE g.id = a.gate_id AND g.episode_id ~ 'audited|waits';
UPDATE closure_gates g SET audit_id = a.id FROM audits a WHERE a.gate_id = g.id;
"""


@pytest.mark.long
def test_no_closing_that_owes_none_keeps_a_planned_audit_and_no_exempt_one_is_clear(
    postgres: Database,
) -> None:
    with created(postgres, f"qa_owed_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0011")))
        execute(url, OWED_BY_NOTHING)
        migrate.upgrade(url)
        cleared, audits, told, wrong = asyncio.run(_owed(url))
    heard = "2026-11-03T09:00:00+00:00"
    assert cleared == {
        "called off": None,
        "called off, begun": None,
        "exempt": None,
        "exempt, audited": "2026-11-03T12:00:00+00:00",
        "exempt, waits": None,
        "overridden": heard,
        "closed": None,
        "closed, audited": heard,
        "awaited": None,
        "closed without": None,
    }
    assert audits == {
        "called off": ("cancelled", "The closing of the case was called off."),
        "called off, begun": ("in_progress", None),
        "exempt": ("cancelled", "Closing for this reason needs no closure audit."),
        "exempt, audited": ("completed", None),
        "exempt, waits": ("completed", None),
        "overridden": ("cancelled", "The gate was overridden."),
        "closed": ("cancelled", "The case may close without it."),
        "closed, audited": ("completed", None),
        "awaited": ("planned", None),
        "closed without": ("planned", None),
    }
    assert told == [ref for ref, (state, _) in sorted(audits.items()) if state == "cancelled"]
    assert wrong == []


async def _owed(url: str) -> tuple[dict[str, Any], dict[str, Any], list[str], list[Any]]:
    owner = await asyncpg.connect(url)
    try:
        gates = await owner.fetch("SELECT episode_id, cleared_at AS at FROM closure_gates")
        audits = await owner.fetch(
            "SELECT g.episode_id, a.state, a.cancel_reason FROM audits a"
            " JOIN closure_gates g ON g.id = a.gate_id"
        )
        told = await owner.fetch(
            "SELECT g.episode_id FROM events e JOIN audits a ON a.id = e.about_id"
            " JOIN closure_gates g ON g.id = a.gate_id"
            " WHERE e.type = 'audit.cancelled' AND e.subject_id = a.subject_id ORDER BY 1"
        )
        wrong = await owner.fetch("SELECT * FROM wrong_rollups()")
    finally:
        await owner.close()
    return (
        {row["episode_id"]: row["at"].isoformat() if row["at"] else None for row in gates},
        {row["episode_id"]: (row["state"], row["cancel_reason"]) for row in audits},
        [row["episode_id"] for row in told],
        list(wrong),
    )


TYPES = """
INSERT INTO audit_types (code, name, clause, subject_kind, owner, cadence, may_audit, active,
    version)
SELECT code, code, '§3', kind, 'service_area', cadence, 'any_auditor', active, 1
FROM (VALUES ('closure', 'child', 'every_closure', true),
             ('closure-2', 'child', 'every_closure', true),
             ('of old', 'carer_household', 'every_closure', false),
             ('carers', 'carer_household', 'anniversary', true)) t (code, kind, cadence, active);
"""


@pytest.mark.long
def test_closings_that_have_a_type_were_always_audited(postgres: Database) -> None:
    with created(postgres, f"qa_audited_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0064")))
        execute(url, TYPES)
        migrate.upgrade(url)
        kept = asyncio.run(_audited(url))
    assert kept == [("child", None, None)]


async def _audited(url: str) -> list[Any]:
    owner = await asyncpg.connect(url)
    try:
        found = await owner.fetch("SELECT subject_kind, since, until FROM audited_closings")
    finally:
        await owner.close()
    return [tuple(row) for row in found]
