"""From the event log to what each listener is told, asked with the rights they have now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum, auto
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from qa_api import clock, problems
from qa_api.auth.actor import finding_the_caller
from qa_api.auth.roles import Permission, roles_with
from qa_api.auth.tokens import Caller
from qa_api.db import RestoreUntold
from qa_api.events import RecordRestricted
from qa_api.live.listener import Change
from qa_api.live.places import (
    FOLLOWS_FROM_JUDGEMENT,
    QUIET,
    TAKEN_AWAY,
    Place,
    kind_of,
    place_of,
    record_of,
)
from qa_api.live.positions import Position
from qa_api.live.queries import (
    AS_SERVICE,
    CONCERNED,
    HAPPENED,
    NOW,
    SEEN,
    STILL_LET_IN,
)
from qa_api.rules.local_time import local_date
from qa_api.rules.unchanging import Unchanging

RIGHTS: Final = frozenset({"configuration.changed", "rights_change.moved"})
"""After these somebody may be let in no longer."""
RESTRICTED: Final = RecordRestricted.type

Connection = Any
"""A connection of the pool of reads that log nothing: nothing of a subject is shown here."""


class Restricts(Enum):
    """What a change of a restriction did to who sees the record."""

    HIDES = auto()
    """Whoever has no leave to see it sees it no longer."""
    SHOWS = auto()
    """Whoever could not see it may see it again."""
    STAYS = auto()
    """It was restricted before, for another reason, and is: nobody sees more or less."""


class Happened(Unchanging, eq=False):
    """One event, and where what it is about can be read."""

    position: Position
    type: str
    subject_id: UUID | None
    place: Place | None
    record_id: UUID
    """At its place; what the event is about where it has none."""
    restricts: Restricts | None = None
    """Of a restriction: whom it makes look again."""


class Now(Unchanging):
    """Up to where the log is final, and whether more of it is there that is not."""

    position: Position
    held_back: bool


class Concerned(Unchanging):
    """Whom what happened may concern, by id, with the records; and whom more than by role."""

    records: Mapping[UUID, frozenset[UUID]]
    near: frozenset[tuple[UUID, UUID]]
    """Pairs of a principal and a record that is, or was, theirs or near to them."""
    may_know: frozenset[tuple[UUID, UUID]]
    """Pairs of a principal and a record of which they may learn that something happened."""
    let_in: frozenset[tuple[UUID, UUID]]
    """Pairs of a principal and a record that no restriction keeps from them now."""


async def now_in(connection: Connection) -> Now:
    """Where the log is now. Raises RestoreUntold."""
    found = await connection.fetchrow(NOW)
    if found["untold"]:
        raise RestoreUntold
    position = Position(int(found["stamp"]), epoch=found["epoch"] or "")
    return Now(position, bool(found["held_back"]))


async def happened_in(
    connection: Connection, after: Position, until: Position, most: int
) -> list[Happened]:
    """What happened between two positions, at most so much."""
    rows = await connection.fetch(HAPPENED, str(after.stamp), after.event, str(until.stamp), most)
    return [_happened(row, until.epoch) for row in rows]


def _happened(row: asyncpg.Record, epoch: str) -> Happened:
    place, restricts = place_of(row["type"]), None
    record = row["about_id"]
    if place is not None:
        record = record_of(place, record, orjson.loads(row["data"]))
    elif row["type"] == RESTRICTED:
        restricts = _restricts(orjson.loads(row["data"]))
    position = Position(int(row["stamp"]), row["id"], epoch)
    return Happened(position, row["type"], row["subject_id"], place, record, restricts)


def _restricts(said: Mapping[str, Any]) -> Restricts:
    if said["kind"] is None:
        return Restricts.SHOWS
    # An older release did not say how it was before: it is told once too often.
    return Restricts.STAYS if said.get("was_restricted") else Restricts.HIDES


async def concerned_by(
    connection: Connection, happened: Sequence[Happened], principals: Collection[UUID]
) -> Concerned:
    """Whom of these it may concern, in one statement for all; nobody is shown anything by it."""
    pairs = sorted({(one.subject_id, one.record_id) for one in happened}, key=str)
    statement = await CONCERNED.beside()
    now = clock.now()
    values = {
        "principals": list(principals),
        "subjects": [subject for subject, _ in pairs],
        "records": [record for _, record in pairs],
        "now": now,
        "today": local_date(now),
    }
    async with connection.transaction(readonly=True):
        await connection.execute(AS_SERVICE, now.isoformat())
        rows = await connection.fetch(statement.sql, *statement.arguments(values))
    records: dict[UUID, set[UUID]] = defaultdict(set)
    near, may_know, let_in = set(), set(), set()
    for row in rows:
        pair = (row["principal_id"], row["record_id"])
        records[row["principal_id"]].add(row["record_id"])
        if row["near"]:
            near.add(pair)
        if row["may_know"]:
            may_know.add(pair)
        if row["not_restricted"]:
            let_in.add(pair)
    # What is about no child may be for anybody; there is little of it.
    for record in {one.record_id for one in happened if one.subject_id is None}:
        for principal in principals:
            records[principal].add(record)
    theirs = {who: frozenset(of) for who, of in records.items()}
    return Concerned(theirs, frozenset(near), frozenset(may_know), frozenset(let_in))


async def still_let_in(
    connection: Connection, principals: Collection[UUID]
) -> Mapping[UUID, frozenset[Permission]]:
    """Who of these is let in now, and which of the two permissions to listen they hold."""
    statement = await STILL_LET_IN.beside()
    now = clock.now()
    values = {"principals": list(principals), "now": now, "today": local_date(now)}
    rows = await connection.fetch(statement.sql, *statement.arguments(values))
    to = {"to_work": Permission.SELF_READ, "to_audits": Permission.AUDIT_READ}
    return {
        row["principal_id"]: frozenset(granted for name, granted in to.items() if row[name])
        for row in rows
    }


async def seen_by(
    connection: Connection, caller: Caller, place: Place, records: Collection[UUID]
) -> dict[UUID, asyncpg.Record]:
    """Which of the records at a place the caller sees now, behind both locks."""
    statement = await SEEN.beside(place)
    values = {**_as(caller, place.permission), "records": list(records)}
    rows = await connection.fetch(statement.sql, *statement.arguments(values))
    return {row["id"]: row for row in rows}


async def told_to(
    connection: Connection, caller: Caller, happened: Iterable[Happened]
) -> tuple[list[Change], set[UUID]]:
    """The changes that the caller sees, each kind of a record once; and what they do not see."""
    at: dict[Place, set[UUID]] = defaultdict(set)
    for one in happened:
        if one.place is not None:
            at[one.place].add(one.record_id)
    seen = {place: await seen_by(connection, caller, place, of) for place, of in at.items()}
    told: dict[tuple[str, str], Change] = {}
    unseen = set()
    for one in happened:
        if one.place is None:
            continue
        row = seen[one.place].get(one.record_id)
        if row is None:
            unseen.add(one.record_id)
            continue
        if row["sealed"] and one.type in FOLLOWS_FROM_JUDGEMENT:
            continue
        kind = kind_of(one.type)
        told.pop((kind, row["path"]), None)
        told[kind, row["path"]] = Change(
            position=one.position,
            kind=kind,
            path=row["path"],
            version=row["version"],
            audit_id=row["audit_id"],
            work=row["work"] and one.type not in QUIET,
        )
    seen_somehow = {record for rows in seen.values() for record in rows}
    return list(told.values()), unseen - seen_somehow


def without_address(one: Happened) -> bool:
    """Whether it may change somebody's list and cannot be told by an address."""
    return one.place is None and one.type not in QUIET


def taken_away(one: Happened) -> bool:
    """Whether it may have taken something from somebody who sees it no longer."""
    return one.type in TAKEN_AWAY


async def who_is(connection: Connection, caller: Caller, permission: Permission) -> UUID:
    """The principal that a token names; 401 or 403 where they may not listen."""
    finding = finding_the_caller()
    values = _as(caller, permission)
    who = await connection.fetchrow(finding.sql, *finding.arguments(values))
    if who is None:
        raise problems.unauthenticated("The token names nobody known here.")
    if not who["permitted"]:
        raise problems.forbidden(permission=permission)
    found: UUID = who["principal_id"]
    return found


def _as(caller: Caller, permission: Permission) -> dict[str, Any]:
    now = clock.now()
    return {
        "issuer": caller.issuer,
        "subject": caller.subject,
        "now": now,
        "today": local_date(now),
        "permitted_roles": sorted(roles_with(permission)),
    }
