"""`./dev bench writes`: the writes that come often, each beside one statement.

An answer is saved, an audit completed, a response submitted and a closing told of once. So each
burst has audits of its own that wait for just that (`bench/stock.py`).
"""

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import asyncpg

from bench import options, report
from bench.asked import Request, scenarios
from bench.database import Authority, authority
from bench.load import Burst, burst
from bench.processes import Served, serving
from bench.stock import TEAM, Templates, copies, templates

APPLICATIONS = ("qa_api", "bare")
GRADE = {"judgement": "good", "rationale": "Purposeful work in time."}
CONNECTIONS = 8
"""Each has a connection of its own to the database, so that nobody is told to come again."""
QUESTIONS_ANSWERED = 10
"""Of each audit, one request for each."""

Lines = Sequence[tuple[str, ...]]
"""Path, token, body and precondition of requests that can be made once."""


@dataclass(frozen=True)
class Stock:
    """What requests are made of."""

    filled: Authority
    made: Templates
    connection: Any
    planned: list[Request]
    tokens: dict[str, str]

    def token(self, who: str) -> str:
        """Theirs, signed once."""
        if who not in self.tokens:
            self.tokens[who] = self.filled.issuer.issue(who)
        return self.tokens[who]

    async def planning(self, count: int) -> Lines:
        """Audits with ten answers and two actions, by Quality & Standards."""
        return Random(uuid4().int).sample(self.planned, count)

    async def answering(self, count: int) -> Lines:
        """First answers to questions of audits that have begun, by their auditors."""
        questions = [row["key"] for row in await self.connection.fetch(_QUESTIONS, self.made.begun)]
        audits = await copies(self.connection, self.made.begun, -(-count // len(questions)))
        said = json.dumps({"value": "yes", "evidence": "CN-2026-114", "rationale": "Seen on file."})
        asked = (
            (
                f"/v1/audits/{one.audit_id}/answers/{key}",
                self.token(f"ps-{one.team}"),
                said,
                "If-None-Match: *",
            )
            for key in questions  # one audit after the other
            for one in audits
        )
        return list(islice(asked, count))

    async def completing(self, count: int) -> Lines:
        """Audits with everything that their tool asks for and two actions, by their auditors."""
        return [
            (
                f"/v1/audits/{one.audit_id}/complete",
                self.token(f"ps-{one.team}"),
                json.dumps({"overall": GRADE}),
                f'If-Match: "{one.version}.0000000000000000"',
            )
            for one in await copies(self.connection, self.made.filled, count)
        ]

    async def submitting(self, count: int) -> Lines:
        """Responses with one action done and one planned, by the children's workers."""
        version = await self.connection.fetchval(_VERSION, self.made.completed)
        today, later = datetime.now(UTC).date().isoformat(), "2099-12-18"  # noqa: TID251 - the service runs by it
        lines = []
        for one in await copies(self.connection, self.made.completed, count):
            done, planned = ({"action": str(key), "how": "As agreed."} for key in one.actions)
            promised = {"finish_on": later, "not_immediate_because": "The school must be asked."}
            items = {"items": [done | {"done_on": today}, planned | promised]}
            path = f"/v1/audit-responses/{one.response_id}/submit"
            precondition = f'If-Match: "{version}.0000000000000000"'
            lines.append((path, self.token(one.worker), json.dumps(items), precondition))
        return lines

    async def telling(self, count: int) -> Lines:
        """That the case of a child of whom nobody has heard is to be closed."""
        token = self.token("case-system-mosaic")
        return [("/v1/case-events", token, json.dumps(_proposal())) for _ in range(count)]


def _proposal() -> Mapping[str, Any]:
    case = uuid4().hex
    data = {
        "occurred_at": datetime.now(UTC).isoformat(),  # noqa: TID251  # no part of the service
        "source_version": 1,
        "team": TEAM,
        "worker": f"sw1-{TEAM}",
        "episode_id": case,
        "subjects": [{"ref": f"N-{case}", "role": "child"}],
    }
    about = {"source": "urn:mosaic", "type": "case.closure_proposed.v1"}
    return {"specversion": "1.0", "id": uuid4().hex, **about, "data": data}


WRITES: Mapping[str, tuple[str, Callable[[Stock, int], Awaitable[Lines]]]] = {
    "plan": ("POST", Stock.planning),
    "answer": ("PUT", Stock.answering),
    "complete": ("POST", Stock.completing),
    "submit": ("POST", Stock.submitting),
    "event": ("POST", Stock.telling),
}


def main(words: list[str], environment: Callable[[Authority], dict[str, str]], machine: str) -> int:
    """Fill, serve both, measure each kind of write in turns, report."""
    parser = options.parser("writes", __doc__, audits=100_000, requests=400, rounds=5, seconds=10.0)
    parser.add_argument("--only", choices=WRITES, nargs="*", default=list(WRITES))
    asked = parser.parse_args(words)
    print(machine)
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as name:
        data = asked.data or Path(name)
        data.mkdir(parents=True, exist_ok=True)
        with (
            authority(data, asked.audits) as filled,
            serving("qa_api", environment(filled)) as ours,
            serving("bare", environment(filled)) as bare,
        ):
            asyncio.run(_measure(filled, {"qa_api": ours, "bare": bare}, data, asked))
    return 0


async def _measure(
    filled: Authority, served: dict[str, Served], data: Path, asked: argparse.Namespace
) -> None:
    url = served["qa_api"].url
    made = await asyncio.to_thread(templates, filled, url)
    planned = (await scenarios(filled, url))[-1].own
    connection = await asyncpg.connect(filled.owner_url)
    try:
        stock = Stock(filled, made, connection, planned, {})
        for write in asked.only:
            print(report.write(write, await _rounds(stock, write, served, data, asked)), flush=True)
    finally:
        await connection.close()


async def _rounds(
    stock: Stock, write: str, served: dict[str, Served], data: Path, asked: argparse.Namespace
) -> report.Rounds:
    """Rounds of a burst of each, after one that warms plans and caches and is not counted."""
    method, requests = WRITES[write]
    postgres = stock.filled.server.pid
    assert postgres is not None
    rounds: dict[str, list[Burst]] = {name: [] for name in APPLICATIONS}
    for number in range(-1, asked.rounds):
        for name in APPLICATIONS:
            path = data / f"{write}-{name}.tsv"
            lines = await requests(stock, asked.requests)
            path.write_text("".join("\t".join(line) + "\n" for line in lines))
            mark = f"{os.getpid()}-{number}-{name}"
            done = await asyncio.to_thread(
                burst,
                served[name],
                postgres,
                method,
                path,
                seconds=asked.seconds,
                mark=mark,
                once=True,
                connections=CONNECTIONS,
            )
            if number >= 0:
                rounds[name].append(done)
    return rounds


_QUESTIONS = f"""
SELECT q.key FROM tool_questions q JOIN audits a ON a.tool_id = q.tool_id
WHERE a.id = $1 AND q.applies_when ->> 'question' IS NULL AND NOT q.timescale_check
AND q.answer_kind = 'yes_no_partial_na' ORDER BY q.key LIMIT {QUESTIONS_ANSWERED}"""
_VERSION = "SELECT version FROM audit_responses WHERE audit_id = $1"
