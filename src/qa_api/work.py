"""One piece of work: one request, one transaction, one actor, one instant.

Services take a `Work` and never commit, roll back or begin. What they did is said with `record`,
which writes the event and whatever other domains do about it into the same transaction; its
deliveries are queued as the last thing before the commit. Either all of it happens or none.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import ColumnElement, Select, Uuid, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import bindparam

from qa_api import clock, problems
from qa_api.auth.actor import CALLER, Actor, Me
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.db import Database, Found, Prepared
from qa_api.event_log import QUEUE, RECORD, all_logged, logged
from qa_api.events import Event
from qa_api.models.access import Principal
from qa_api.models.base import Identified, new_id
from qa_api.opening import OPEN_AS_SERVICE, RequestKey, opening, opening_with_key
from qa_api.problems import Problem
from qa_api.rulebook import Rulebook
from qa_api.rules.calendar import Calendar
from qa_api.rules.decision import RuleRefused
from qa_api.rules.local_time import local_date
from qa_api.rules.policy import Policy
from qa_api.rules.unchanging import Unchanging
from qa_api.transactions import Transaction

log = logging.getLogger(__name__)

Row = TypeVar("Row")
Thing = TypeVar("Thing", bound=Identified)
Visible = Callable[[Any, Me], ColumnElement[bool]]
Reaction = Callable[["Work", Any], Awaitable[None]]
Reactions = Mapping[type[Event], tuple[Reaction, ...]]

SERVICE: Final = Actor(
    principal_id=UUID(int=0),
    worker=None,
    system=None,
    roles=frozenset(),
    supervised_teams=frozenset(),
    managed_teams=frozenset(),
    headed_teams=frozenset(),
)
"""The service itself: the sweep, the delivery worker, what follows from an event."""


@dataclass(slots=True)
class Work:
    """What a service function works with."""

    transaction: Transaction
    actor: Actor
    now: datetime
    correlation_id: str
    policy_version: int
    calendar_version: int
    rulebook: Rulebook
    reactions: Reactions
    to_send: list[UUID] = field(default_factory=list)
    """The events recorded so far that webhook endpoints may receive, in order."""
    stamp: str | None = None
    """The stamp of its transaction, where an event was recorded in it."""
    policies_of_days: dict[date, int | None] = field(default_factory=dict)  # as asked so far
    key_taken: bool = False  # whether the key that it was opened with was free
    as_at: datetime | None = None  # of one that reads on a replica: up to when it surely sees all

    @property
    def session(self) -> AsyncSession:
        """The session of its transaction."""
        return self.transaction.session

    @property
    def driver(self) -> "asyncpg.Connection[asyncpg.Record]":
        """The connection of its transaction, for what needs no session."""
        return self.transaction.driver

    @property
    def today(self) -> date:
        """The London date of this work."""
        return local_date(self.now)

    @property
    def me(self) -> Me:
        """The actor as SQL, for `visible_to`."""
        return Me.loaded(self.actor, self.now, self.today)

    @property
    def caller(self) -> dict[str, Any]:
        """The values of `CALLER` in this work."""
        return self.actor.as_caller(self.now, self.today)

    async def policy(self, version: int | None = None) -> Policy:
        """The policy in force today, or the one of a version that a record keeps."""
        return await self.rulebook.policy(self.transaction, version or self.policy_version)

    async def calendar(self, version: int | None = None) -> Calendar:
        """The working calendar as it stands, or as it stood at a version."""
        return await self.rulebook.calendar(self.transaction, version or self.calendar_version)

    async def policy_at(self, instant: datetime) -> Policy:
        """The policy of the London day of an instant, today's if that is ahead of now."""
        return await self.policy_on(local_date(instant))

    async def policy_on(self, day: date) -> Policy:
        """The policy in force on a London day, not later than today."""
        in_force = await self.policy()
        if in_force.effective_from <= day:
            return in_force
        if day not in (asked := self.policies_of_days):
            asked[day] = await self.rulebook.policy_version_on(self.transaction, day)
        return await self.policy(asked[day])

    async def calendar_at(self, instant: datetime) -> Calendar:
        """The working calendar as it stood at an instant; before the first, the first."""
        version = await self.rulebook.calendar_version_at(
            self.transaction, instant, self.calendar_version
        )
        return await self.calendar(version)

    async def row_by_row(
        self, doing: str, rows: Iterable[Row], act: Callable[[Row], Awaitable[object]]
    ) -> None:
        """Do the same to each of many rows. If a rule refuses one, only that row is left out.

        What was done to that row is undone, and the log says which rule refused.
        """
        for row in rows:
            try:
                async with self.alone():
                    await act(row)
            except RuleRefused as refused:
                log.warning("%s: one was refused: %s", doing, refused.code)
            except Problem as refused:
                log.warning("%s: one was refused: %s", doing, refused)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Do something that may fail alone: it is undone, and what was recorded is not sent.

        Afterwards row-level security shows as much as before, whatever followed from an event.
        """
        recorded = len(self.to_send)
        reach = await self.driver.fetchval(_REACH)
        try:
            async with self.transaction.savepoint():
                yield
                await self.flush()
        except BaseException:
            del self.to_send[recorded:]
            raise
        await self.driver.fetchval(_REACH_AGAIN, reach)

    async def find(self, *tries: Select[Row], **values: Any) -> Row:
        """The one row a statement finds; nothing found is 404, as if it did not exist.

        Of several the first that finds it. A statement that is kept asks for `CALLER`, and takes
        its other values by name.
        """
        for statement in tries:
            found = await self.session.scalars(statement, {**self.caller, **values})
            row: Row | None = found.one_or_none()
            if row is not None:
                return row
        raise problems.not_found()

    async def take(self, thing: type[Thing], id_: UUID, visible_to: Visible) -> Thing:
        """The thing of this id, locked until the commit; what they may not know of is 404."""
        found: Thing = await self.find(_to_take(thing, visible_to), id=id_)  # type: ignore[arg-type]  # mypy: a class can be hashed
        return found

    async def note_change(self, thing: Any) -> None:
        """Write a thing's row, so that it counts as changed by what was saved beside it.

        Its version stays. Nobody is waited for: whoever holds the row meanwhile writes it.
        """
        row: Any = type(thing)
        free = select(row.id).where(row.id == thing.id)
        await self.session.execute(
            update(row)
            .where(row.id.in_(free.with_for_update(key_share=True, skip_locked=True)))
            .values(changed_at=self.now)
            .execution_options(synchronize_session=False)
        )

    async def run(self, prepared: Prepared, **values: Any) -> list[Found]:
        """The rows of a statement that was compiled once.

        It goes straight to the driver, because the session costs more than such a statement does.
        Like the session's own it sees what has been flushed, and flushes nothing.
        """
        rows: list[Found] = await self.driver.fetch(
            prepared.sql, *prepared.arguments(values), record_class=Found
        )
        return rows

    async def flush(self) -> None:
        """Write what the session holds; nothing to write costs nothing."""
        await self.transaction.flush()

    def require(
        self,
        permission: Permission,
        *,
        team: str | None,
        worker: str | None = None,
        auditor: str | None = None,
        system: str | None = None,
    ) -> frozenset[Role]:
        """The actor's roles over this record that give the permission; none is 403."""
        roles = self.actor.roles_over(team=team, worker=worker, auditor=auditor, system=system)
        if not (permitted := roles & roles_with(permission)):
            raise self.not_permitted(permission)
        return permitted

    def not_permitted(self, permission: Permission) -> problems.Problem:
        """403 for a record: whether the actor lacks the permission, or holds it for others."""
        if self.actor.holds(permission):
            return problems.out_of_reach(permission)
        return problems.forbidden(permission=permission)

    def person(self) -> str:
        """The worker who acts, whichever of their accounts they use; one of nobody is 403."""
        if self.actor.worker is None:
            detail = (
                "Only a person does this, and the account that you use belongs to no worker of the"
                " directory. An administrator can say whose it is."
            )
            raise problems.forbidden(detail)
        return self.actor.worker

    async def person_behind(self, principal_id: UUID | None) -> str | None:
        """The worker whom a principal lets in, as the directory has it; None for other clients."""
        found = select(Principal.worker).where(Principal.id == principal_id)
        worker: str | None = await self.session.scalar(found)
        return worker

    async def act_as_service(self) -> None:
        """From here on row-level security shows whatever the service itself must reach."""
        await self.driver.fetchval(_ACT_AS_SERVICE)

    @asynccontextmanager
    async def reaching_everybody(self) -> AsyncIterator[None]:
        """Read as the service what the caller may not, and then be the caller again.

        Whoever reads so decides what of it leaves: counts, or what is kept for the service itself.
        """
        own = await self.driver.fetchval(_REACH)
        await self.act_as_service()
        yield
        await self.driver.fetchval(_REACH_AGAIN, own)

    async def record(self, event: Event, writing: Prepared = RECORD, **rows: str) -> UUID:
        """Record an event: log it, queue it for sending, and let other domains react.

        What follows from an event is the service's own doing, so the reach widens with it.
        `writing`: a statement of `recording` that writes the event's own `rows` before it.
        """
        event_id = new_id()
        await self._write(writing, {event_id: event}, **rows, **logged(event_id, event))
        return event_id

    async def record_all(self, told: Iterable[Event], writing: Prepared, **rows: str) -> int:
        """Record events about one subject with their `rows`; says how many of these it wrote.

        `writing`: of `recording_all`. What follows from several of one kind follows from the last.
        """
        events = {new_id(): event for event in told}
        return await self._write(writing, events, **rows, told=all_logged(events))

    async def _write(self, writing: Prepared, events: Mapping[UUID, Event], **values: Any) -> int:
        await self.flush()
        by = None if self.actor is SERVICE else self.actor.principal_id
        told = {"at": self.now, "principal_id": by, "correlation_id": self.correlation_id}
        (done,) = await self.run(writing, **values, **told)
        self.stamp = done.stamp
        self.to_send += (event_id for event_id, event in events.items() if event.sent)
        for event in {type(event): event for event in events.values()}.values():
            for reaction in self.reactions.get(type(event), ()):
                await reaction(self, event)
        await self.flush()
        return int(done.written)

    async def queue_deliveries(self) -> None:
        """Give what is to be sent its place in the queue of each endpoint that wants it.

        The last thing before the commit. Places in one case's queue are taken in turns, and a turn
        is held until the commit: no place is committed before an earlier one. Turns are taken last,
        all at once and in one order, so nobody who holds one waits for anything else (ADR 5).
        """
        if self.to_send:
            await self.flush()
            await self.run(QUEUE, ids=self.to_send)
            self.to_send.clear()


@cache
def _to_take(thing: Any, visible_to: Visible) -> Select[Any]:
    """Put together once for each thing, and kept."""
    of_this_id = thing.id == bindparam("id", type_=Uuid)
    return select(thing).where(of_this_id, visible_to(thing, CALLER)).with_for_update()


_REACH: Final = "SELECT current_setting('qa.reach', true)"
_REACH_AGAIN: Final = "SELECT set_config('qa.reach', $1, true)"
_ACT_AS_SERVICE: Final = "SELECT set_config('qa.reach', 'service', true)"


class Workshop(Unchanging):
    """What every piece of work in this process shares."""

    database: Database
    rulebook: Rulebook
    reactions: Reactions

    @asynccontextmanager
    async def open(
        self,
        *,
        issuer: str,
        subject: str,
        permission: Permission,
        correlation_id: str,
        key: RequestKey | None = None,
        planned_once: bool = False,
    ) -> AsyncIterator[Work]:
        """Begin as the person or system that a token names; commit when the block ends well.

        Unknown callers are 401, callers without the permission 403. `key`: to be taken (`key_taken`
        says so). `planned_once`, and with a key: plans are kept.
        """
        now = clock.now()
        values: dict[str, Any] = {
            "issuer": issuer,
            "subject": subject,
            "now": now,
            "today": local_date(now),
            "permitted_roles": sorted(roles_with(permission)),
        }
        statement = opening(planned_once=planned_once) if key is None else opening_with_key()
        if key is not None:
            values |= {name: getattr(key, name) for name in RequestKey.__dataclass_fields__}
        async with self.database.transaction() as transaction:
            row = await transaction.driver.fetchrow(
                statement.sql, *statement.arguments(values), record_class=Found
            )
            if row is None:
                raise problems.unauthenticated("The token names nobody known here.")
            if not row.permitted:
                raise problems.forbidden(permission=permission)
            work = self._work(transaction, Actor.of(row), now, correlation_id, row)
            work.key_taken = key is not None and row.key_taken is not None
            yield work
            await work.queue_deliveries()
        self.database.tell_of(work.stamp)

    @asynccontextmanager
    async def open_as_service(
        self, correlation_id: str, *, to_read: bool = False
    ) -> AsyncIterator[Work]:
        """Begin as the service itself; commit when the block ends well.

        Begun `to_read` it sees one instant of the database, and can write nothing.
        """
        now = clock.now()
        async with self.database.transaction(to_read=to_read) as transaction:
            row = await transaction.driver.fetchrow(
                OPEN_AS_SERVICE, local_date(now), now.isoformat(), record_class=Found
            )
            work = self._work(transaction, SERVICE, now, correlation_id, row)
            yield work
            await work.queue_deliveries()
        self.database.tell_of(work.stamp)

    def _work(
        self, transaction: Transaction, actor: Actor, now: datetime, correlation_id: str, row: Any
    ) -> Work:
        return Work(
            transaction=transaction,
            actor=actor,
            now=now,
            correlation_id=correlation_id,
            policy_version=row.policy_version,
            calendar_version=row.calendar_version,
            rulebook=self.rulebook,
            reactions=self.reactions,
        )
