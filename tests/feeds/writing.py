"""Who writes while datasets are followed: transactions that are held open, and a service's clients.

A transaction is held for some rounds of the followers, not for some time: so the same seed does the
same on any machine. In the drill that is seconds.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from uuid import uuid4

import asyncpg

from qa_api.reporting.datasets import DATASETS
from qa_api.subjects.moving import about_subjects
from tests.closures.sending import CLOUDEVENT, TEAM
from tests.kills.load import EVENTS_OF_A_CHILD, event_of
from tests.patient import Patient

HELD: Final = (0, 0, 0, 0, 1, 1, 2, 6)
"""Rounds that are waited for after a statement: one of these."""
DAY: Final = "date '2030-01-01' + {n} % 9999"
INSTANT: Final = "timestamptz '2026-01-01 00:00Z' + {n} * interval '1 second'"
POINT: Final = """(SELECT code FROM scale_points point
    WHERE (point.scale_code, point.scale_number) = (row.scale_code, row.scale_number)
    ORDER BY md5(code || {n}) LIMIT 1)"""
WRITES: Final[dict[str, str]] = {
    "audits": f"due_on = {DAY}",
    "audit-answers": f"expected_by = {DAY}",
    "audit-judgements": f"judgement = {POINT}",
    "restorative-actions": f"due_on = {DAY}",
    "audit-responses": f"due_on = CASE WHEN notified_at IS NOT NULL THEN {DAY} END",
    "response-rounds": f"due_on = {DAY}",
    "notifications": f"queued_at = {INSTANT}",
    "escalations": f"acknowledge_by = {INSTANT}",
    "closure-gates": f"closure_on = {DAY}",
    "moderation-samples": f"ends_before = {DAY}",
    "moderation-outcomes": "audit_revision = {n}",
    "moderated-domains": f"auditor_judgement = {POINT}",
    "learning-actions": f"due_on = {DAY}",
    "comments": "addressed = NOT addressed",
    "practice-observations": "observed_on = date '2026-01-01' + {n} % 200",
    "learning-highlights": f"due_on = {DAY}",
    "quarter-plans": "number = 1000 + {n}",
    "plan-teams": "audits_expected = {n}",
    "plan-exemptions": "decided_by = (SELECT code FROM workers ORDER BY md5(code || {n}) LIMIT 1)",
    "caseloads": "removed = {n}",
    "qa-updates": f"due_on = {DAY}",
    "board-coverage": "children = {n}, audited = 1, enough = false",
    "services": "name = 'Service {n}'",
    "teams": "name = 'Team {n}'",
    "team-services": f"valid = daterange(lower(valid), {DAY})",
    "workers": f"leaves_on = {DAY}",
    "team-memberships": f"valid = daterange(lower(valid), {DAY})",
    "audit-types": "name = 'Type {n}'",
    "calendar-days": "working_index = {n}",
}
"""For each dataset something that its rows show, and the rows of no other one."""
ONLY: Final = {
    "plan-teams": "plan_id IN (SELECT id FROM quarter_plans WHERE state = 'draft')",
    "team-services": "upper_inf(valid) OR upper(valid) > '2029-01-01'",
    "team-memberships": "upper_inf(valid) OR upper(valid) > '2029-01-01'",
}
"""Where not every row can be written."""
_ABOUT_CHILDREN: Final[list[Any]] = list(about_subjects())
RESTRICTED: Final = sorted(table.__tablename__ for table in _ABOUT_CHILDREN)
"""Tables whose rows are restricted with the record of their child, all of them at once."""
A_CHILD: Final = """
SELECT id, NOT restricted FROM subjects
WHERE abs(hashtext(id::text)) % {of} = {number} ORDER BY md5(concat(id, {n})) LIMIT 1
"""
RESTRICT: Final = """
UPDATE subjects SET restricted = $2, restriction_kind = CASE WHEN $2 THEN 'staff' END WHERE id = $1
"""
AN_EVENT: Final = """
INSERT INTO events (id, at, type, correlation_id, about_id, data)
VALUES (gen_random_uuid(), clock_timestamp(), 'audit.closed', 'feeds', gen_random_uuid(), '{}')
"""


class Rounds:
    """What writers wait for: the followers have gone round once more."""

    def __init__(self, most: int) -> None:
        self.most, self.done = most, 0
        self._next = asyncio.Event()

    @property
    def over(self) -> bool:
        """Whether nobody need write any more."""
        return self.done >= self.most

    def gone_round(self) -> None:
        """One more."""
        self.done += 1
        self._next.set()
        self._next = asyncio.Event()

    async def go_by(self, count: int) -> None:
        """Wait until so many have gone round from now on, or it is over."""
        until = min(self.done + count, self.most)
        while self.done < until:
            await self._next.wait()


@dataclass
class Written:
    """What all writers did, in numbers, and what the service acknowledged."""

    ends: Counter[str] = field(default_factory=Counter)
    """Transactions by how they ended."""
    audits: list[str] = field(default_factory=list)
    """Those that the service said were planned, in that order."""
    events: int = 0

    def __str__(self) -> str:
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.ends.items()))
        return f"transactions: {ends}; {len(self.audits)} audits planned, {self.events} events sent"


@dataclass
class Holder:
    """One who writes in long transactions, about children that no other of them writes about."""

    url: str
    number: int
    of: int
    random: Random
    numbers: Callable[[], int]
    datasets: Sequence[str]
    """Those that have rows; each comes in its turn."""

    def __post_init__(self) -> None:
        order = list(self.datasets)
        self.random.shuffle(order)
        self._turns = itertools.cycle(order)

    async def write(self, rounds: Rounds, written: Written) -> None:
        """One transaction after the other, each left open for a while."""
        connection = await asyncpg.connect(self.url)
        try:
            while not rounds.over:
                written.ends[await self._transaction(connection, rounds)] += 1
                if connection.is_closed():
                    connection = await asyncpg.connect(self.url)
        finally:
            await connection.close()

    async def _transaction(self, connection: Any, rounds: Rounds) -> str:
        transaction = connection.transaction()
        await transaction.start()
        try:
            for _ in range(self.random.randint(1, 4)):
                if self.random.random() < 0.2:
                    await self._restrict(connection)
                else:
                    await connection.execute(self._change())
                await connection.execute(AN_EVENT)
                await rounds.go_by(self.random.choice(HELD))
        except (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError):
            await transaction.rollback()
            return "in conflict"
        how = self.random.random()
        if how < 0.7:
            await transaction.commit()
            return "committed"
        if how < 0.9:
            await transaction.rollback()
            return "rolled back"
        connection.terminate()
        return "cut off"

    def _change(self) -> str:
        """Something else stands in one or two rows."""
        name = next(self._turns)
        dataset, n = DATASETS[name], self.numbers()
        table, key = dataset.entity.__tablename__, ", ".join(f'"{part}"' for part in dataset.key)
        owned = f"concat_ws('/', {key})"
        if dataset.about_subjects:
            owned = f"coalesce(subject_id::text, {owned})"
        mine = f"abs(hashtext({owned})) % {self.of} = {self.number}"
        only = f"({ONLY.get(name, 'true')}) AND {mine}"
        chosen = f"SELECT {key} FROM {table} WHERE {only} ORDER BY md5(concat({key}, {n})) LIMIT 2"
        return f"UPDATE {table} row SET {WRITES[name].format(n=n)} WHERE ({key}) IN ({chosen})"

    async def _restrict(self, connection: Any) -> None:
        """The record of a child is restricted, or released, with all that is about them."""
        asked = A_CHILD.format(of=self.of, number=self.number, n=self.numbers())
        child = await connection.fetchrow(asked)
        if child is not None:
            await connection.execute(RESTRICT, *child)
            for table in RESTRICTED:
                change = f'UPDATE "{table}" SET restricted = $2 WHERE subject_id = $1'
                await connection.execute(change, *child)


@dataclass
class Clients:
    """People and a case system who write through the service."""

    patient: Patient
    token: Callable[[str], str]
    written: Written

    async def plan(self, rounds: Rounds) -> None:
        """Quality & Standards plan one audit after the other."""
        while not rounds.over:
            headers = {"authorization": f"Bearer {self.token('qs-1')}"}
            answer, _ = await self.patient.ask(
                "POST",
                "/v1/audits",
                headers=headers | {"idempotency-key": uuid4().hex},
                json={"type": "collaborative", "team": TEAM},
            )
            assert answer.status_code == 201, answer.text
            self.written.audits.append(answer.json()["id"])
            await rounds.go_by(1)

    async def tell(self, rounds: Rounds) -> None:
        """A case system proposes to close children's cases, and takes it back."""
        while not rounds.over:
            child, episode = f"C-{uuid4().hex[:12]}", f"EP-{uuid4().hex[:12]}"
            for version in range(1, 1 + EVENTS_OF_A_CHILD):
                headers = {"authorization": f"Bearer {self.token('case-system-mosaic')}"}
                answer, _ = await self.patient.ask(
                    "POST",
                    "/v1/case-events",
                    headers=headers | {"content-type": CLOUDEVENT},
                    json=event_of(child, episode, version),
                )
                assert answer.status_code == 202, answer.text
                self.written.events += 1
            await rounds.go_by(1)
