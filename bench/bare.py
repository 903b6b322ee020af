"""What is measured against, (a): the same bytes by hand-written SQL on bare asyncpg.

No framework, no token, no visibility, no validation, no policies: it connects as the tables' owner.
A read is one prepared statement; the POST is one data-modifying statement that writes the rows
that the service writes.
"""

import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import asyncpg
import orjson

from bench.bare_rows import ROW, document
from bench.bare_writes import asked_for
from qa_api import clock
from qa_api.models.base import new_id
from qa_api.rules.local_time import local_date
from qa_api.servers import dsn_arguments

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

WHOLE = document(answers="audit_answers", actions="restorative_actions", role="team_manager")
WRITTEN = document(answers="answers", actions="actions", role="quality_standards")

GET = f"""
SELECT a.version, (SELECT row_to_json(d)::text FROM (
    SELECT {WHOLE}) d) AS body
FROM audits a WHERE a.id = $2"""

LIST = f"""
SELECT a.id, (SELECT row_to_json(d)::text FROM (SELECT {ROW}) d) AS body
FROM audits a WHERE a.team = $2 AND a.state = $3 AND a.id < $4 ORDER BY a.id DESC LIMIT $5"""

# $1 today, $2 now, $3 audit, $4 subject's reference, $5 type, $6 auditor, $7 answers, $8 actions,
# $9 event, $10 correlation id, $11 key, $12 fingerprint, $13 log line
POST = f"""
WITH subject AS (
    SELECT s.* FROM subject_aliases l JOIN subjects s ON s.id = l.subject_id
    WHERE l.system = 'mosaic' AND l.ref = $4
), keyed AS (
    INSERT INTO idempotency_keys (principal_id, digest, fingerprint, created_id, at)
    VALUES ($13, $11, $12, $3, $2)
), tool AS (
    SELECT o.id, o.scale_code, o.scale_number, o.overall
    FROM audit_types t JOIN audit_tools o ON o.code = t.tool_code AND o.state = 'published'
    WHERE t.code = $5
), audit AS (
    INSERT INTO audits (id, type, subject_id, team, worker, restricted, tool_id, scale_code,
                        scale_number, overall_asked, opened_by, policy_version, auditor,
                        audited_worker, audited_team, planned_at, started_at, state, version)
    SELECT $3, $5, subject.id, team, worker, restricted, tool.id, scale_code, scale_number,
           tool.overall, 'person', 1, $6, worker, team, $2, $2, 'in_progress', 1
    FROM subject, tool
    RETURNING *
), answers AS (
    INSERT INTO audit_answers (audit_id, question_key, tool_id, subject_id, team, worker, value,
                               evidence, rationale, answered_at, version)
    SELECT $3, x.question_key, tool_id, subject_id, team, worker, x.value, x.evidence, x.rationale,
           $2, 1
    FROM audit, jsonb_to_recordset($7::jsonb)
        AS x(question_key text, value jsonb, evidence text, rationale text)
    RETURNING *
), actions AS (
    INSERT INTO restorative_actions (id, audit_id, subject_id, team, worker, kind, description,
                                     needed_before_closure, state, version)
    SELECT x.id, $3, subject_id, team, worker, x.kind, x.description, x.needed_before_closure,
           'open', 1
    FROM audit, jsonb_to_recordset($8::jsonb)
        AS x(id uuid, kind text, description text, needed_before_closure boolean)
    RETURNING *
), event AS (
    INSERT INTO events (id, at, type, principal_id, correlation_id, about_id, subject_id, data)
    SELECT $9, $2, 'audit.planned', $13, $10, $3, subject_id, '{{}}' FROM audit
), line AS (
    INSERT INTO access_log (id, at, principal_id, correlation_id, operation, subject_ids)
    SELECT gen_random_uuid(), $2, $13, $10, 'post:plan_audit', ARRAY[subject_id] FROM audit
)
SELECT a.version, (SELECT row_to_json(d)::text FROM (
    SELECT {WRITTEN}) d) AS body
FROM audit a"""


class Bare:
    """The whole application."""

    def __init__(self, owner_url: str) -> None:
        self._url = owner_url
        self._pool: asyncpg.Pool[asyncpg.Record]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["method"] in {"POST", "PUT"}:
            await self._change(scope["path"], receive, send)
        elif scope["query_string"]:
            await self._list(scope["query_string"].decode(), send)
        else:
            row = await self._row(GET, _today(), UUID(scope["path"].rpartition("/")[2]))
            await _answer(send, 200, row["body"].encode())

    async def _list(self, query: str, send: Send) -> None:
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        limit = int(asked["limit"])
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(
                LIST, _today(), asked["team"], asked["state"], UUID(asked["after"]), limit + 1
            )
        shown = rows[:limit]
        following = f'"{shown[-1]["id"]}"' if len(rows) > limit else "null"
        items = ",".join(row["body"] for row in shown)
        await _answer(send, 200, f'{{"items":[{items}],"next_cursor":{following}}}'.encode())

    async def _change(self, path: str, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if path == "/v1/audits":
            row = await self._planned(body)
            await _answer(send, 201, row["body"].encode())
            return
        status, statement, values = asked_for(path, body)
        row = await self._row(statement, *values)
        await _answer(send, status, row["body"].encode())

    async def _planned(self, body: bytes) -> asyncpg.Record:
        asked = orjson.loads(body)
        ids = sorted(new_id() for _ in asked["actions"])  # shown in the order of their ids
        for action, action_id in zip(asked["actions"], ids, strict=True):
            action["id"] = str(action_id)
        return await self._row(
            POST,
            _today(),
            datetime.now(UTC),  # noqa: TID251  # no part of the service
            new_id(),
            asked["subject"]["ref"],
            asked["type"],
            asked["auditor"],
            orjson.dumps(asked["answers"]).decode(),
            orjson.dumps(asked["actions"]).decode(),
            new_id(),
            "0" * 32,
            str(new_id()),
            hashlib.sha256(body).hexdigest(),
            UUID(int=1),
        )

    async def _row(self, statement: str, *values: Any) -> asyncpg.Record:
        async with self._pool.acquire() as connection:
            return await connection.fetchrow(statement, *values)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._pool = await asyncpg.create_pool(
            **dsn_arguments(self._url),
            min_size=10,
            max_size=10,
            server_settings={"jit": "off", "timezone": "UTC"},
            reset=_keep_as_is,
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})


def create_app(owner_url: str) -> Bare:
    """The application over the database at `owner_url`."""
    return Bare(owner_url)


def _today() -> Any:
    return local_date(clock.now())


async def _keep_as_is(_: Any) -> None:
    """No reset query."""


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
