"""Audits at the point where somebody takes their next step: each step can be taken once.

One audit for each step is carried there through the service by its people, so that it is as its
rules want it. Its rows are then copied in the database: each copy is about another child, with that
child's team and worker.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from bench.database import Authority
from qa_api.demo.callers import Caller
from qa_api.demo.scenes.auditing import CHRONOLOGY, SEE_ALONE, fill_in, known_child, overall
from qa_api.models.base import new_id

TEAM = "lincoln-fast"
AUDITOR = f"ps-{TEAM}"
ACTIONS = (CHRONOLOGY, SEE_ALONE)


@dataclass(frozen=True)
class Templates:
    """Audits as the service made them, each with two actions but the first."""

    begun: UUID
    """Without an answer."""
    filled: UUID
    """Only the overall judgement is lacking."""
    completed: UUID
    """It waits for the worker's response."""


@dataclass(frozen=True)
class Copy:
    """An audit of the stock."""

    audit_id: UUID
    response_id: UUID
    actions: tuple[UUID, UUID]
    team: str
    worker: str
    version: int
    """Of the audit."""


def templates(filled: Authority, service_url: str) -> Templates:
    """Carry three audits so far that their next step can be taken."""
    with httpx.Client(base_url=service_url, timeout=30) as http:

        def caller(name: str) -> Caller:
            return Caller(name, http, filled.issuer.issue, lambda: None)

        standards, auditor = caller("qs-1"), caller(AUDITOR)

        def planned() -> str:
            ref = f"bench-{uuid4().hex}"
            known_child(standards, ref, TEAM, f"sw1-{TEAM}")
            subject = {"system": "mosaic", "ref": ref}
            plan = {"type": "closure", "subject": subject, "auditor": AUDITOR}
            return f"/v1/audits/{standards.create('/v1/audits', plan)['id']}"

        def to_complete() -> str:
            path = planned()
            fill_in(auditor, path, "good", actions=ACTIONS)
            return path

        begun, filled_in, completed = planned(), to_complete(), to_complete()
        auditor.act(f"{begun}/start")
        auditor.act(f"{completed}/complete", {"overall": overall("good")})
    return Templates(*(UUID(path.rpartition("/")[2]) for path in (begun, filled_in, completed)))


async def copies(connection: Any, template: UUID, count: int) -> list[Copy]:
    """So many copies of an audit with all that hangs on it."""
    async with connection.transaction():
        ids = [[new_id() for _ in range(count)] for _ in range(5)]
        await connection.execute("DROP TABLE IF EXISTS made")
        await connection.execute(_MADE, *ids, count)
        for statement in await _statements(connection):
            await connection.execute(statement, template)
        rows = await connection.fetch(_COPIED)
    return [
        Copy(
            row["audit_id"],
            row["response_id"],
            (row["first"], row["second"]),
            row["team"],
            row["worker"],
            row["version"],
        )
        for row in rows
    ]


async def _statements(connection: Any) -> list[str]:
    """One for each table whose rows are copied, parents first."""
    return [
        _COPY.format(
            table=table,
            columns=", ".join(await _columns(connection, table)),
            taken=", ".join(f"copy.{name}" for name in await _columns(connection, table)),
            changed=", ".join(f"'{name}', {value}" for name, value in {**_HELD, **changed}.items()),
            of=of,
        )
        for table, of, changed in _TABLES
    ]


async def _columns(connection: Any, table: str) -> list[str]:
    """All that a row is written with; its stamp is that of the transaction."""
    return [row["column_name"] for row in await connection.fetch(_COLUMNS, table)]


_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'
AND column_name <> 'changed_xid' ORDER BY ordinal_position"""
_MADE = """
CREATE TEMPORARY TABLE made AS
SELECT audit_id, response_id, round_id, first, second, subject_id, team, worker FROM (
    SELECT id AS subject_id, team, worker, row_number() OVER () AS number
    FROM (SELECT * FROM subjects WHERE ref LIKE 'B-%' ORDER BY random() LIMIT $6) chosen
) child JOIN unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[])
    WITH ORDINALITY ids (audit_id, response_id, round_id, first, second, number) USING (number)"""
_COPY = """
INSERT INTO {table} ({columns})
SELECT {taken} FROM made CROSS JOIN (
    SELECT *, row_number() OVER (ORDER BY {table}) AS place FROM {table} WHERE {of}
) original CROSS JOIN LATERAL jsonb_populate_record(
    NULL::{table}, to_jsonb(original) || jsonb_build_object({changed})) copy"""
_COPIED = """
SELECT made.*, a.version FROM made JOIN audits a ON a.id = made.audit_id ORDER BY made.audit_id"""
_HELD: Mapping[str, str] = {
    "subject_id": "made.subject_id",
    "team": "made.team",
    "worker": "made.worker",
}
_AUDIT = {
    "id": "made.audit_id",
    "auditor": "'ps-' || made.team",
    "auditor_team": "made.team",
    "audited_team": "made.team",
    "audited_worker": "made.worker",
    "audited_team_manager": "'tm-' || made.team",
}
_PART = {"audit_id": "made.audit_id"}
_RESPONSE = "(SELECT id FROM audit_responses WHERE audit_id = $1)"
_TABLES: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("audits", "id = $1", _AUDIT),
    ("audit_answers", "audit_id = $1", _PART),
    ("domain_judgements", "audit_id = $1", _PART),
    ("family_contacts", "audit_id = $1", _PART),
    ("family_contact_attempts", "audit_id = $1", _PART),
    (
        "restorative_actions",
        "audit_id = $1",
        _PART | {"id": "CASE original.place WHEN 1 THEN made.first ELSE made.second END"},
    ),
    ("audit_responses", "audit_id = $1", _PART | {"id": "made.response_id"}),
    (
        "response_rounds",
        f"response_id = {_RESPONSE}",
        {"id": "made.round_id", "response_id": "made.response_id"},
    ),
)
