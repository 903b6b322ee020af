"""What leaves whole: each dataset as everybody pulls it, each message as each receiver gets it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import text

from qa_api.auth.matrix.leaving import (
    ALWAYS_SENT,
    PULLED,
    SENT,
    SENT_OF_GATES,
    SENT_WITH,
    TOLD,
    Without,
)
from qa_api.auth.roles import Permission, roles_with
from qa_api.db import Database
from qa_api.models.base import new_id
from qa_api.models.deliveries import WebhookEndpoint
from qa_api.reactions import REACTIONS
from qa_api.reporting.columns import Dataset, Kind
from qa_api.reporting.datasets import DATASETS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.webhooks import outbox
from qa_api.webhooks.schemas import SENT_TYPES
from qa_api.work import Work, Workshop
from qa_api.worker.sending import Sender
from tests.api import Json
from tests.matrix.near import Model
from tests.matrix.walk import OVERSEER, Walk
from tests.matrix.world import Row
from tests.webhooks.schemas import faults_of
from tests.worker.receiving import Receiver

# --- datasets ---

_AN_AUDITS: Final[Mapping[str, Callable[[Model, Row], Row | None]]] = {
    "audits": lambda _, row: row,
    "response_rounds": lambda model, row: model.audit_of(
        model.by_id["audit_responses"][row["response_id"]]
    ),
    # An escalation of a closing has no audit that could be in error.
    "comments": lambda model, row: model.audit_of(row) or {"recorded_in_error_at": None},
    "learning_actions": lambda model, row: model.audit_of(
        model.by_id["moderation_outcomes"][row["outcome_id"]]
    ),
}
"""How a row leads to its audit, where it does not name it."""


def _audit(model: Model, row: Row, table: str) -> Row:
    found = _AN_AUDITS[table](model, row) if table in _AN_AUDITS else model.audit_of(row)
    assert found is not None
    return found


_LEFT_OUT: Final[Mapping[Without, Callable[[Model, Row, str], bool]]] = {
    Without.RESTRICTED: lambda model, row, _: bool(
        model.by_id["subjects"].get(row["subject_id"], {}).get("restricted")
    ),
    Without.IN_ERROR: lambda model, row, table: (
        _audit(model, row, table)["recorded_in_error_at"] is not None
    ),
    Without.DRAFT: lambda model, row, table: (
        _audit(model, row, table)["state"] not in {"completed", "closed"}
    ),
    Without.UNSET: lambda _, row, __: row["set_at"] is None,
    Without.LEFT_OUT: lambda _, row, __: bool(row["left_out"]),
    Without.DUPLICATE: lambda _, row, __: row["duplicate_of"] is not None,
}


@dataclass
class Pulling:
    """The pulls of a walk."""

    walk: Walk

    @cached_property
    def ids(self) -> Mapping[str, Mapping[tuple[str, ...], str]]:
        """Of each dataset the rows' ids in it, by the key of the record; of all there are."""

        async def found() -> dict[str, dict[tuple[str, ...], str]]:
            connection = await asyncpg.connect(self.walk.world.url)
            try:
                return {
                    name: {
                        tuple(row[1:]): row[0] for row in await connection.fetch(_keys_of(dataset))
                    }
                    for name, dataset in DATASETS.items()
                }
            finally:
                await connection.close()

        return asyncio.run(found())

    def held(self, name: str) -> dict[str, Row]:
        """The rows that a dataset holds by the table, by their ids in it; none of days."""
        pulled, dataset = PULLED[name], DATASETS[name]
        return {
            self.ids[name][tuple(str(row[key]) for key in dataset.key)]: row
            for row in self.walk.model.tables.get(pulled.table, ())
            if not any(_LEFT_OUT[why](self.walk.model, row, pulled.table) for why in pulled.without)
        }

    def whole(self, person: str, name: str) -> None:
        """A dataset as somebody pulls it: these rows and no others, each field as it is theirs."""
        shows, path = self.walk.people[person], f"/v1/reporting/{name}"
        if shows.person.roles.isdisjoint(roles_with(Permission.REPORTING_READ)):
            status = self.walk.get(person, path).status_code
            if status != 403:
                self.walk.wrong.append(f"{path} to {person} is {status}, not 403")
            return
        held = self.held(name)
        expected = set(held) if held else set(self.ids[name].values())
        rows = [*self.pages(person, path, 1 + len(expected) // 2)]
        found = [row["id"] for row in rows]
        if sorted(found) != sorted(expected):
            said = f"{name} to {person} has {sorted(set(found) - expected)} too much and"
            self.walk.wrong.append(f"{said} lacks {sorted(expected - set(found))}")
        for row in rows:
            self._as_is_theirs(person, DATASETS[name], row, held.get(row["id"], {}))

    def _as_is_theirs(self, person: str, dataset: Dataset, row: Json, record: Row) -> None:
        roles = self.walk.people[person].person.roles
        if set(row) != {column.name for column in dataset.columns}:
            self.walk.wrong.append(f"a row of {dataset.name} has other columns: {sorted(row)}")
        for column in dataset.columns:
            value = row.get(column.name)
            told = not roles.isdisjoint(TOLD[column.kind.value])
            if not told and value is not None:
                self.walk.wrong.append(f"{dataset.name}.{column.name} tells {person} {value}")
            if column.kind is Kind.REFERENCE and told:
                subject = self.walk.model.by_id["subjects"].get(record["subject_id"])
                if value != (f"{subject['system']}/{subject['ref']}" if subject else None):
                    self.walk.wrong.append(f"{dataset.name}.{column.name} is {value} to {person}")

    def pages(self, person: str, path: str, size: int) -> Iterator[Json]:
        """Page by page, each looked through."""
        following = f"{path}{'&' if '?' in path else '?'}limit={size}"
        mark: str | None = None
        while True:
            answer = self.walk.get(person, following + (f"&cursor={mark}" if mark else ""))
            self.walk.scan(self.walk.people[person], following, answer, rows=True)
            if answer.status_code != 200:
                self.walk.wrong.append(f"{following} to {person} is {answer.status_code}")
                return
            self.walk.answered += 1
            yield from answer.json()["items"]
            mark = answer.json()["next_cursor"]
            if mark is None:
                return

    def round_a_corner(self, person: str, name: str) -> None:
        """From another's place, since another's token, of the days of what is left out.

        Place and token of who is told references are taken from nobody who is not.
        """
        shows, path, held = self.walk.people[person], f"/v1/reporting/{name}", self.held(name)
        first = self.walk.get(OVERSEER, f"{path}?limit=1").json()["next_cursor"]
        token = self.walk.get(OVERSEER, f"{path}?limit=5000").json()["changes_token"]
        told = 400 if shows.person.roles.isdisjoint(TOLD[Kind.REFERENCE]) else 200
        asked = {f"limit=500&cursor={first}": told} if first else {}
        asked |= {f"changed_since={token}": told} if token else {}
        days = self._days_left_out(name, held)
        asked |= {f"from={first_day}&to={next_day}": 200 for first_day, next_day in days}
        permitted = not shows.person.roles.isdisjoint(roles_with(Permission.REPORTING_READ))
        for query, expected in asked.items():
            answer = self.walk.get(person, f"{path}?{query}")
            self.walk.scan(shows, f"{path}?{query}", answer, rows=True)
            if answer.status_code != (expected if permitted else 403):
                said = f"{path}?{query} to {person} is {answer.status_code}"
                self.walk.wrong.append(f"{said}: {answer.text}")
            self.walk.answered += permitted
            for row in answer.json().get("items", ()):
                if held and row["id"] not in held:
                    self.walk.wrong.append(f"{path}?{query} shows {person} {row['id']}")
                self._as_is_theirs(person, DATASETS[name], row, held.get(row["id"], {}))

    def _days_left_out(self, name: str, held: Mapping[str, Row]) -> Sequence[tuple[date, date]]:
        """Days on which something came about that the dataset does not hold; each until the next.

        All days of such a row: its business date may be computed from any.
        """
        if DATASETS[name].dated is None:
            return []
        kept = {id(row) for row in held.values()}
        days = {
            value.date() if isinstance(value, datetime) else value
            for row in self.walk.model.tables.get(PULLED[name].table, ())
            if id(row) not in kept
            for value in row.values()
            if isinstance(value, date)
        }
        return [(day, day + timedelta(days=1)) for day in self.walk.some(sorted(days))]


def _keys_of(dataset: Dataset) -> str:
    keys = [f"{key}::text" for key in dataset.key]
    row_id = "id::text" if dataset.key == ("id",) else f"dataset_id({', '.join(keys)})::text"
    return f'SELECT {row_id}, {", ".join(keys)} FROM "{dataset.entity.__tablename__}"'


# --- messages ---


@dataclass(frozen=True)
class Endpoint:
    """A receiver as it is registered; its path tells its messages from others'."""

    path: str
    system: str | None
    types: tuple[str, ...]
    id: UUID


@dataclass(frozen=True)
class Message:
    """One message as it came."""

    event_id: UUID
    endpoint: Endpoint
    body: Json
    text: str


class _NothingKept(Exception):
    """Ends a piece of work of which nothing is to be left."""


@asynccontextmanager
async def undone(settings: Settings) -> AsyncIterator[Work]:
    """Work of the service itself of which nothing is left when the block ends."""
    database = await Database.open(settings)
    try:
        with suppress(_NothingKept):
            async with Workshop(database, Rulebook(), REACTIONS).open_as_service("matrix") as work:
                yield work
                raise _NothingKept
    finally:
        await database.close()


def endpoints() -> list[Endpoint]:
    """One of each kind: of the sending system, of another, of none, and of one that asks little."""
    return [
        Endpoint("/own", "mosaic", SENT_TYPES, new_id()),
        Endpoint("/another", "another", SENT_TYPES, new_id()),
        Endpoint("/of-none", None, SENT_TYPES, new_id()),
        Endpoint("/little", "mosaic", ("audit.completed",), new_id()),
    ]


async def sent(
    work: Work, settings: Settings, receiver: Receiver, to: Iterable[Endpoint], ids: list[UUID]
) -> list[Message]:
    """Queue events for some endpoints, as when they happen, and send all that is queued."""
    by_path = {endpoint.path: endpoint for endpoint in to}
    await work.session.execute(
        text(
            "INSERT INTO case_systems (code, name, source, version)"
            " VALUES ('another', 'Another', 'urn:example:another', 1)"
        )
    )
    for endpoint in by_path.values():
        work.session.add(
            WebhookEndpoint(
                id=endpoint.id,
                system=endpoint.system,
                url=receiver.url + endpoint.path,
                event_types=list(endpoint.types),
                secrets=[{"secret": "whsec_AAAA", "signs_until": None}],
            )
        )
    await work.session.flush()
    work.to_send.extend(ids)
    await work.queue_deliveries()
    receiver.came.clear()
    async with Sender.open(settings) as sender:
        for lane in outbox.LANES:
            # Of each case the first goes, and then the next.
            while claimed := await outbox.claim(work, lane, slots=10_000, lease_seconds=600):
                for delivery in claimed:
                    if delivery.endpoint_id in {each.id for each in by_path.values()}:
                        await sender.send(delivery)
                await work.session.execute(_SENT, {"ids": [each.id for each in claimed]})
    return [
        Message(
            UUID(one.id), by_path["/" + one.path.rpartition("/")[2]], one.message, one.body.decode()
        )
        for one in receiver.came
    ]


_SENT = text("""
UPDATE deliveries SET state = 'delivered', lease = NULL, leased_until = NULL,
       delivered_at = clock_timestamp(), settled_at = clock_timestamp()
WHERE id = ANY (:ids)
""")


@dataclass
class Telling:
    """The messages of a walk."""

    walk: Walk

    @cached_property
    def events(self) -> Mapping[UUID, Row]:
        """A share of the events of each type, restricted records' among them; in a drill all."""
        found: dict[tuple[str, bool], list[Row]] = {}
        for row in sorted(
            self.walk.model.tables["events"], key=lambda row: (row["xid"], row["id"])
        ):
            if row["type"] in SENT_TYPES:
                found.setdefault((row["type"], self._restricted(row)), []).append(row)
        some = (row for rows in found.values() for row in self.walk.some(rows, of_the_suite=2))
        return {row["id"]: row for row in some}

    def _subject(self, event: Row) -> Row | None:
        return self.walk.model.by_id["subjects"].get(event["subject_id"])

    def _restricted(self, event: Row) -> bool:
        subject = self._subject(event)
        return subject is not None and bool(subject["restricted"])

    def is_told(self, endpoint: Endpoint, event: Row) -> bool:
        """Whether the table has an event sent to an endpoint."""
        subject = self._subject(event)
        if event["type"] not in endpoint.types:
            return False
        if endpoint.system is None:
            return not self._restricted(event)
        return subject is not None and subject["system"] == endpoint.system

    def hold(self, to: Iterable[Endpoint], messages: Sequence[Message]) -> None:
        """Each endpoint got what the table gives it, once, and nothing else."""
        for endpoint in to:
            came = [one.event_id for one in messages if one.endpoint == endpoint]
            expected = {id_ for id_, event in self.events.items() if self.is_told(endpoint, event)}
            if sorted(came) != sorted(expected):
                types = {self.events[each]["type"] for each in set(came) ^ expected}
                self.walk.wrong.append(f"{endpoint.path} is sent too much or too little of {types}")
        for message in messages:
            self._says_what_it_may(message)
            self.walk.answered += 1
            self.walk.asked += 1

    def _says_what_it_may(self, message: Message) -> None:
        event = self.events[message.event_id]
        said, kind, wrong = message.body["data"], event["type"], self.walk.wrong
        subject = self._subject(event)
        named = {SENT_WITH[code] for code in SENT_WITH.keys() & SENT[kind]}
        of_gate = kind.startswith("closure_gate.") and subject is not None
        fields = ALWAYS_SENT | SENT[kind] | named | (SENT_OF_GATES if of_gate else frozenset())
        wrong += [f"{kind} against the contract: {fault}" for fault in faults_of(message.body)]
        if set(message.body) != {"type", "timestamp", "data"} or set(said) != fields:
            wrong.append(f"{kind} says {sorted(set(said) ^ fields)} otherwise than the table")
        about = subject and {"system": subject["system"], "ref": subject["ref"]}
        if said["subject"] != about:
            wrong.append(f"{kind} is said to be about {said['subject']}")
        kept = json.loads(event["data"]) if isinstance(event["data"], str) else event["data"]
        for field in SENT[kind] - {"worker"}:
            if said.get(field) != kept[field]:
                wrong.append(
                    f"{kind}.{field} is {said.get(field)}, and the event has {kept[field]}"
                )
        if "worker" in SENT[kind]:
            called = self._called(message.endpoint.system, kept["worker"])
            if (said["worker"], said["worker_reference"]) != (called or kept["worker"], called):
                wrong.append(f"{kind} names {said['worker']} to {message.endpoint.path}")
        if "[[" in message.text:
            wrong.append(f"{kind} repeats what somebody wrote")

    def _called(self, system: str | None, worker: Any) -> str | None:
        """What a case system calls somebody; the walk has one name of each."""
        names = (
            row["reference"]
            for row in self.walk.model.tables["case_system_references"]
            if row["system"] == system and row["worker"] == worker
        )
        return next(names, None)
