"""Pulling a dataset, batch by batch: by pages with a cursor, or whole in one transaction.

A pull by pages runs in rounds. The first round shows the dataset as at its first page. What changed
while the pages were asked for follows in a further round, like any other change, until a page has
seen all there is. So the last page's token stands for everything sent so far. A download is one
round within one transaction: it shows the dataset as at one moment.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from types import MappingProxyType
from typing import Any, Final, Self, TypeVar

import asyncpg
import orjson

from qa_api import clock, problems
from qa_api.attempts import DATABASE_FAULTS
from qa_api.auth.actor import finding_the_caller
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.auth.tokens import Caller
from qa_api.db import Database
from qa_api.models.base import new_id
from qa_api.reads.purposes import Purposes
from qa_api.replica import NotNow, Primary, Replica, said_of
from qa_api.reporting.columns import SHOWS_REFERENCES, Dataset
from qa_api.reporting.copying import WAIT_FOR_THE_READER, Copying, Gathered, Named, copied
from qa_api.reporting.positions import Asked, Position
from qa_api.reporting.queries import (
    ACCESS_LINE,
    COPIES,
    LEFT_SINCE,
    ROWS,
    Copied,
    Selected,
    settings_of,
)
from qa_api.reporting.snapshots import Snapshot
from qa_api.reporting.sources import (
    Batch,
    Connection,
    OfReplica,
    Part,
    Source,
    one_moment,
    seen_by,
    seen_on,
)
from qa_api.rules.local_time import local_date

DOWNLOADED_AT_ONCE: Final = 3_000
"""How many rows a download holds in memory at a time: some 2 MB. Each time waits for the disk."""
AT_ONCE_BESIDE_PEOPLE: Final = 200
"""How many while people ask: a shorter piece of work, so that they wait less for its end."""

log = logging.getLogger(__name__)

Sent = TypeVar("Sent", Batch, Part)


class Puller:
    """Reads datasets for one caller, with the rights they have at this moment."""

    shows_references: bool
    """Whether their role may see the case systems' references."""

    def __init__(self, database: Database, caller: Caller, correlation_id: str) -> None:
        self._database = database
        self.caller = caller
        self._correlation_id = correlation_id
        self._purpose: str | None = None
        self._lacks_purpose: tuple[str, ...] = ()

    @classmethod
    async def of(
        cls,
        database: Database,
        caller: Caller,
        correlation_id: str,
        purposes: Purposes | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Self:
        """For the caller that a token names; 401 or 403 where they may not pull at all.

        `purposes`: those of the policy, where it asks for what somebody reads.
        """
        puller = cls(database, caller, correlation_id)
        async with database.plain_reads.acquire(timeout=puller._patience) as connection:
            who = await puller._enter(connection)
        puller.shows_references = _sees_references(who)
        if purposes is not None:
            standing = purposes.of_account(who["principal_id"], who["worker"])
            puller._purpose = purposes.named(headers) or standing
            puller._lacks_purpose = () if puller._purpose else purposes.codes
        return puller

    def check_purpose(self, dataset: Dataset) -> None:
        """Refuse a dataset about children where the policy asks for a purpose and there is none.

        It is of the whole authority: whoever pulls it reads outside their own work.
        """
        if self._lacks_purpose and dataset.about_subjects:
            log.info("refused for want of a purpose: dataset %s", dataset.name)
            raise problems.purpose_required(self._lacks_purpose)

    async def page(self, asked: Asked, position: Position, size: int) -> Batch:
        """The next rows of a pull by pages."""
        async with self._transaction() as (connection, who):
            batch = await _batch(connection, asked, position, size, who)
            if shown := _shown(batch):
                changes = position.since is not None
                await self._log(connection, asked, shown, len(batch.rows), who, changes=changes)
        return batch

    async def download(
        self,
        asked: Asked,
        since: Snapshot,
        *,
        nobody_waits: Callable[[], bool] = lambda: True,
        replica: bool = False,
    ) -> AsyncGenerator[Batch]:
        """What changed, as at one moment. Each batch is in the access log before it is handed on.

        One statement, of which some rows are fetched at a time: the next ones while those before
        are on their way. While people wait, fewer are fetched, and only when they are asked for.
        """
        position = Position(since)

        def batches(source: Source) -> AsyncGenerator[Batch]:
            return self._downloaded(source, asked, position, nobody_waits)

        async with aclosing(self._from_one(asked, position, batches, replica=replica)) as found:
            async for batch in found:
                yield batch

    async def _downloaded(
        self, source: Source, asked: Asked, position: Position, nobody_waits: Callable[[], bool]
    ) -> AsyncGenerator[Batch]:
        prepared = await ROWS.beside(asked.dataset, _part(asked, position))
        values = _values(asked, position, None, source.who)
        await source.connection.execute(WAIT_FOR_THE_READER)
        cursor = await source.connection.cursor(prepared.sql, *prepared.arguments(values))
        ahead: asyncio.Future[Sequence[Any]] | None = None
        named = Named()
        try:
            size, whole = _at_once(alone=nobody_waits()), False
            while not whole:
                rows = await (ahead or cursor.fetch(size))
                batch = Batch(rows, None, source.now, source.of_replica)
                whole, ahead = len(batch.rows) < size, None
                alone = nobody_waits()
                size = _at_once(alone=alone)
                if alone and not whole:
                    ahead = asyncio.ensure_future(cursor.fetch(size))
                if shown := _shown(batch):
                    names, rows = named.anew(shown), len(batch.rows)
                    await self._log_beside(asked, names, rows, source.who, changes=True)
                yield batch
        finally:
            # Nothing else may use the connection before.
            if ahead is not None:
                await asyncio.gather(ahead, return_exceptions=True)

    async def copy(
        self,
        asked: Asked,
        copying: Copying,
        nobody_waits: Callable[[], bool] = lambda: True,
        *,
        replica: bool = False,
    ) -> AsyncGenerator[Part]:
        """Every row as at one moment. Each part is in the access log before it is handed on.

        PostgreSQL writes ahead what the next parts will need, as much as is in the pieces on their
        way. Each is worked on as it comes, also while the part before is being logged, so that
        PostgreSQL goes on. While people wait the parts are small.
        """

        def parts(source: Source) -> AsyncGenerator[Part]:
            return self._copied(source, asked, copying, nobody_waits)

        async with aclosing(self._from_one(asked, Position(), parts, replica=replica)) as found:
            async for part in found:
                yield part

    async def _copied(
        self, source: Source, asked: Asked, copying: Copying, nobody_waits: Callable[[], bool]
    ) -> AsyncGenerator[Part]:
        connection = source.connection
        part = Copied(
            dated_from=asked.from_ is not None,
            dated_to=asked.to is not None,
            cells=copying.form.is_table,
        )
        await connection.execute(settings_of(part))
        prepared = await COPIES.beside(asked.dataset, part)
        values = _values(asked, Position(), None, source.who)
        patience = self._database.command_timeout_seconds
        pieces = copied(connection, prepared, values, copying.options, patience)
        before: asyncio.Task[Part] | None = None
        named = Named()
        try:
            parts = copying.gathered(pieces, lambda: _at_once(alone=nobody_waits()))
            async with aclosing(pieces), aclosing(parts):
                async for some in parts:
                    if before is not None:
                        yield await before
                    before = asyncio.create_task(self._logged(source, asked, some, named))
                    # So that it begins now: where pieces wait, nothing below waits for anything.
                    await asyncio.sleep(0)
            if before is not None:
                yield await before
        finally:
            if before is not None:
                await asyncio.gather(before, return_exceptions=True)

    async def _from_one(
        self,
        asked: Asked,
        position: Position,
        made: Callable[[Source], AsyncGenerator[Sent]],
        *,
        replica: bool,
    ) -> AsyncGenerator[Sent]:
        """What is made from the replica if it may be; from the primary where nothing came."""
        begun = False
        if replica and self._database.replica is not None:
            try:
                async with (
                    self._on_replica(self._database.replica, asked, position) as source,
                    aclosing(made(source)) as parts,
                ):
                    async for part in parts:
                        begun = True
                        yield part
                    return
            except (NotNow, *DATABASE_FAULTS) as why:
                if begun:
                    raise
                log.info("the primary answers instead of the replica: %s", said_of(why))
        async with self._transaction() as (connection, who):
            now = await seen_by(connection, position)
            async with aclosing(made(Source(connection, who, now))) as parts:
                async for part in parts:
                    yield part

    @asynccontextmanager
    async def _on_replica(
        self, replica: Replica, asked: Asked, position: Position
    ) -> AsyncIterator[Source]:
        """A transaction there, for whom the primary lets in. Raises NotNow."""
        at = clock.now()
        async with self._transaction() as (connection, who):
            primary = await Primary.asked(connection)
        async with replica.read(primary, exact=True) as followed:
            now = await seen_on(followed, position)
            async with self._transaction() as (connection, _):
                if await connection.fetchval(LEFT_SINCE, asked.dataset.name, now.text):
                    raise NotNow("rows have left the dataset since")
            of_replica = OfReplica(followed.history, at - followed.behind)
            yield Source(followed.transaction.driver, who, now, of_replica)

    async def _logged(self, source: Source, asked: Asked, some: Gathered, named: Named) -> Part:
        if some.subjects:
            names = named.anew(some.subjects)
            await self._log_beside(asked, names, some.rows, source.who, changes=False)
        return Part(some.text, some.rows, source.now, source.of_replica)

    async def _log_beside(
        self,
        asked: Asked,
        subjects: set[bytes],
        rows: int,
        who: asyncpg.Record,
        *,
        changes: bool,
    ) -> None:
        """On a connection of its own: whoever stops listening has read what they have."""
        async with self._database.logged_reads.acquire(timeout=self._patience) as log:
            await self._log(log, asked, subjects, rows, who, changes=changes)

    @property
    def _patience(self) -> float:
        return self._database.pool_wait_seconds

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[tuple[Connection, asyncpg.Record]]:
        async with (
            self._database.logged_reads.acquire(timeout=self._patience) as connection,
            one_moment(connection),
        ):
            yield connection, await self._enter(connection)

    async def _enter(self, connection: Connection) -> asyncpg.Record:
        """Set what row-level security reads, for this transaction."""
        now = clock.now()
        values = {
            "issuer": self.caller.issuer,
            "subject": self.caller.subject,
            "now": now,
            "today": local_date(now),
            "permitted_roles": sorted(roles_with(Permission.REPORTING_READ)),
        }
        finding = finding_the_caller()
        who = await connection.fetchrow(finding.sql, *finding.arguments(values))
        if who is None:
            raise problems.unauthenticated("The token names nobody known here.")
        if not who["permitted"]:
            raise problems.forbidden(permission=Permission.REPORTING_READ)
        return who

    async def _log(
        self,
        connection: Connection,
        asked: Asked,
        subjects: set[bytes],
        rows: int,
        who: asyncpg.Record,
        *,
        changes: bool,
    ) -> None:
        """One line that names these subjects."""
        detail = {
            "dataset": asked.dataset.name,
            "from": asked.from_,
            "to": asked.to,
            "changes": changes,
            "rows": rows,
        }
        values = {
            "id": new_id(),
            "now": clock.now(),
            "principal_id": who["principal_id"],
            "correlation_id": self._correlation_id,
            "operation": Permission.REPORTING_READ.value,
            "subject_ids": f"{{{b','.join(subjects).decode()}}}",
            "purpose": self._purpose,
            "detail": orjson.dumps(detail).decode(),
        }
        await connection.execute(ACCESS_LINE.sql, *ACCESS_LINE.arguments(values))


def _shown(batch: Batch) -> set[bytes]:
    """Our ids of the subjects that rows show, as text."""
    return {str(row["subject_id"]).encode() for row in batch.rows if row["subject_id"] is not None}


def _at_once(*, alone: bool) -> int:
    return DOWNLOADED_AT_ONCE if alone else AT_ONCE_BESIDE_PEOPLE


async def _batch(
    connection: Connection, asked: Asked, position: Position, size: int, who: asyncpg.Record
) -> Batch:
    now = await seen_by(connection, position)
    prepared = await ROWS.beside(asked.dataset, _part(asked, position))
    values = _values(asked, position, size, who)
    rows = await connection.fetch(prepared.sql, *prepared.arguments(values))
    until = position.until or now
    following: Position | None
    if len(rows) == size:
        following = Position(position.since, until, tuple(rows[-1])[3:])
    else:
        # The round is over. If others wrote meanwhile, what they wrote is the next one.
        following = None if until == now else Position(since=until)
    return Batch(rows, following, until)


def _part(asked: Asked, position: Position) -> Selected:
    return Selected(
        changes=position.since is not None,
        until=position.until is not None,
        after=bool(position.after),
        dated_from=asked.from_ is not None,
        dated_to=asked.to is not None,
    )


def _values(
    asked: Asked, position: Position, size: int | None, who: asyncpg.Record
) -> dict[str, Any]:
    """The parameters of a statement; without a size all of its rows."""
    return {
        "since": position.since and position.since.text,
        "until": position.until and position.until.text,
        "from": asked.from_,
        "to": asked.to,
        "limit": size,
        SHOWS_REFERENCES: _sees_references(who),
        **{f"after_{n}": part for n, part in enumerate(position.after)},
    }


def _sees_references(who: asyncpg.Record) -> bool:
    """Whoever reads the references in lists too (X3)."""
    return Role.QUALITY_STANDARDS in who["roles"]
