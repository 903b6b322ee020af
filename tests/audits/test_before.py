"""What was on record before: answers that were off, errors and their escalations, reviews."""

import asyncio
import os
from typing import Any

import asyncpg
import pytest
from alembic import command

from qa_api import migrate
from tests.conftest import Database, created, execute

BEFORE = """
INSERT INTO policy_versions VALUES (1, '2020-01-01', '{}', 'first', now(), NULL);
INSERT INTO calendar_versions (version, division, known_from, known_until, recorded_at, reason)
    VALUES (1, 'england-and-wales', '2020-01-01', '2028-12-31', now(), 'first');
INSERT INTO workers (code, version) VALUES ('w', 1), ('au', 1), ('deputy', 1), ('qs', 1);
INSERT INTO teams (code, name, version) VALUES ('t', 'T', 1);
INSERT INTO posts (id, kind, team, worker, valid)
    VALUES (gen_random_uuid(), 'deputy', 't', 'deputy', '[2020-01-01,)');
INSERT INTO principals (id, issuer, subject, worker, version)
    VALUES ('00000000-0000-0000-0000-0000000000f1', 'i', '1', 'qs', 1),
           ('00000000-0000-0000-0000-0000000000f2', 'i', '2', 'qs', 1);
INSERT INTO case_systems (code, source, name, version) VALUES ('s', 'urn:s', 'S', 1);
INSERT INTO subjects (id, kind, system, ref, team, restricted, version)
    VALUES ('00000000-0000-0000-0000-0000000000d1', 'child', 's', 'C', 't', false, 1);
INSERT INTO judgement_scales (code, number, name) VALUES ('k', 1, 'K');
INSERT INTO scale_points VALUES ('k', 1, 'good', 'Good', 1, false);
INSERT INTO audit_types (code, name, clause, subject_kind, owner, cadence, may_audit, active,
    version) SELECT code, 'T', '§3', kind, 'service_area', 'as_required', 'any_auditor', true, 1
FROM (VALUES ('t', 'child'), ('h', 'carer_household')) AS v (code, kind);
INSERT INTO audit_tools (id, code, number, name, scale_code, scale_number, state, version)
    VALUES ('00000000-0000-0000-0000-0000000000e1', 't', 1, 'T', 'k', 1, 'draft', 1);
INSERT INTO tool_domains VALUES ('00000000-0000-0000-0000-0000000000e1', 'd', 1, 'D', '', false);
INSERT INTO tool_questions (tool_id, domain_key, key, position, text, guidance, answer_kind,
    choices, required, evidence_required, timescale_check, applies_when)
SELECT '00000000-0000-0000-0000-0000000000e1', 'd', key, place, 'Q?', '', 'yes_no_partial_na',
    '[]', true, false, false, hangs_on::jsonb
FROM (VALUES ('a', 1, NULL),
             ('b', 2, '{"question": "a", "answered": ["yes"]}'),
             ('c', 3, '{"question": "b", "answered": ["yes"]}')) AS v (key, place, hangs_on);
INSERT INTO audits (id, type, state, opened_by, policy_version, planned_at, version, tool_id,
    scale_code, scale_number, auditor, subject_id, team)
SELECT id::uuid, 't', 'in_progress', 'person', 1, now(), 1,
    '00000000-0000-0000-0000-0000000000e1', 'k', 1, 'au',
    '00000000-0000-0000-0000-0000000000d1', 't'
FROM (VALUES ('00000000-0000-0000-0000-0000000000a1'),
             ('00000000-0000-0000-0000-0000000000a2')) AS v (id);
INSERT INTO audit_answers (audit_id, question_key, tool_id, value, answered_at, version)
SELECT audit.id, key, audit.tool_id, to_jsonb(value), now(), 1
FROM audits audit, (VALUES ('a', 'no'), ('b', 'yes'), ('c', 'yes')) AS v (key, value);
UPDATE audits SET state = 'completed', completed_at = now(), completed_on = '2026-11-23',
    overall_judgement = 'good', overall_rationale = 'So.'
WHERE id = '00000000-0000-0000-0000-0000000000a1';
INSERT INTO escalations (id, state, version, trigger, audit_id, raised_at, policy_version,
    calendar_version, explanation, acknowledge_by, inform_by)
SELECT gen_random_uuid(), 'raised', 1, 'urgent_finding', id, now(), 1, 1, '{}', now(), now()
FROM audits;
INSERT INTO escalation_recipients (id, escalation_id, recipient, acts_as, for_team, notified_at,
    acknowledged_at, acknowledged_by)
SELECT gen_random_uuid(), e.id, 'w', 'team_manager', 't', now(), now(), person
FROM (SELECT min(id::text)::uuid AS id FROM escalations) e,
    (VALUES ('deputy'), ('qs')) AS v (person);
UPDATE audits SET error_reason = 'Wrong.', recorded_in_error_at = now(),
    error_reported_by = '00000000-0000-0000-0000-0000000000f1',
    error_confirmed_by = '00000000-0000-0000-0000-0000000000f2'
WHERE id = '00000000-0000-0000-0000-0000000000a1';
INSERT INTO audit_responses (id, audit_id, state, version, team)
    VALUES ('00000000-0000-0000-0000-0000000000b1', '00000000-0000-0000-0000-0000000000a2',
            'awaiting_notification', 1, 't');
INSERT INTO response_rounds (id, response_id, number, team, submitted_at, submitted_by,
    reviewed_at, reviewed_by, outcome, reasons)
SELECT gen_random_uuid(), '00000000-0000-0000-0000-0000000000b1', number, 't', now(), 'w',
    now(), reviewer, 'returned', 'So.'
FROM (VALUES (1, 'deputy'), (2, 'qs')) AS v (number, reviewer);
"""


@pytest.mark.long
def test_what_is_on_record_is_put_right(postgres: Database) -> None:
    with created(postgres, f"qa_right_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0011")))
        execute(url, BEFORE)
        migrate.upgrade(url)
        found = asyncio.run(_found(url))
        # What hangs on what is off is off; a draft keeps all of it.
        assert found["left_out"] == ["b", "c"]
        assert found["drafted"] == ["a", "b", "c"]
        assert found["ended"] == [("resolved", "qs"), ("raised", None)]
        assert found["reviewed"] == ["deputy", "quality_standards"]
        assert found["acknowledged"] == [("deputy", "deputy"), ("qs", "quality_standards")]
        assert found["papers"] == [("h", True), ("t", False)]


async def _found(url: str) -> dict[str, list[Any]]:
    owner = await asyncpg.connect(url)

    async def column(statement: str) -> list[Any]:
        rows = [tuple(row) for row in await owner.fetch(statement)]
        return [row[0] if len(row) == 1 else row for row in rows]

    completed = "'00000000-0000-0000-0000-0000000000a1'"
    try:
        return {
            "left_out": await column(
                "SELECT question_key FROM audit_answers WHERE left_out"
                f" AND audit_id = {completed} ORDER BY 1"
            ),
            "drafted": await column(
                "SELECT question_key FROM audit_answers WHERE NOT left_out"
                f" AND audit_id <> {completed} ORDER BY 1"
            ),
            "ended": await column("SELECT state, resolved_by FROM escalations ORDER BY audit_id"),
            "reviewed": await column("SELECT reviewed_as FROM response_rounds ORDER BY number"),
            "acknowledged": await column(
                "SELECT acknowledged_by, acknowledged_as FROM escalation_recipients ORDER BY 1"
            ),
            "papers": await column(
                "SELECT code, notes_paper_records FROM audit_types ORDER BY code"
            ),
        }
    finally:
        await owner.close()
