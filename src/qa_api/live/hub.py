"""Everybody who listens to one process, and the one who hears for all of them.

One connection hears that something was committed. Then, at most some times a second, what happened
since is read once for all; one statement says whom it may concern, and those alone are asked for by
their own rights. A listener holds no connection (ADR 37).
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from qa_api import problems
from qa_api.attempts import DATABASE_FAULTS, name_of
from qa_api.auth.roles import Permission
from qa_api.auth.tokens import Caller
from qa_api.db import HAPPENED, Database, RestoreUntold
from qa_api.live import telling
from qa_api.live.listener import Listener
from qa_api.live.messages import Because
from qa_api.live.places import AUDITS
from qa_api.live.positions import Position
from qa_api.live.telling import Concerned, Happened, Restricts
from qa_api.notices import listen
from qa_api.settings import Settings

MOST_TOLD: Final = 200
"""So many events are told one by one; who has missed more is told to look again."""
MOST_PAIRS: Final = 50_000
"""So many pairs of an event and a caller are looked at; of more, all are told to look again."""
MOST_AT_ONCE: Final = 100
"""So many people whose time to look again has come are asked for in one round, the others later."""
BY_ITSELF: Final = 5.0
"""Seconds after which it looks by itself: a process may end between a commit and telling of it."""
BETWEEN_ROUNDS: Final = 0.1
"""Seconds: what is committed meanwhile is read together."""
HELD_BACK: Final = 0.2
"""Seconds after which events are looked for again that older transactions hold back."""
AGAIN_AFTER: Final = 2.0
"""Seconds after which a round is tried again that the database did not answer."""
COME_BACK_SECONDS: Final = 30

log = logging.getLogger(__name__)


class Hub:
    """All listeners of one process."""

    def __init__(self, database: Database, settings: Settings) -> None:
        """Nothing is opened before somebody listens."""
        self._database = database
        self._settings = settings
        self._listeners: set[Listener] = set()
        self._each: Counter[UUID] = Counter()
        self._position: Position | None = None
        self._turn = asyncio.Lock()
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def __len__(self) -> int:
        return len(self._listeners)

    # --- those who come and go ---

    async def let_in(
        self, caller: Caller, permission: Permission, audit_id: UUID | None = None
    ) -> UUID:
        """The principal of somebody who may listen; 401, 403, or 404 for an audit not theirs."""
        async with self._connection() as connection:
            principal = await telling.who_is(connection, caller, permission)
            if audit_id and not await telling.seen_by(connection, caller, AUDITS, [audit_id]):
                raise problems.not_found()
        return principal

    async def join(self, listener: Listener) -> None:
        """Begin to tell somebody, from their position on.

        Raises ``quota-exceeded`` where they listen too often, ``unavailable`` where too many do.
        """
        self._make_room(listener)
        try:
            async with self._turn:
                async with self._connection() as connection:
                    if self._position is None:
                        self._position = (await telling.now_in(connection)).position
                    await self._catch_up(connection, listener, self._position)
                self._listeners.add(listener)
                listener.ring = self._woken.set
        except BaseException:
            self._each[listener.principal_id] -= 1
            raise
        if not self._tasks:
            heard = listen(self._settings, HAPPENED, self._woken.set)
            self._tasks = [asyncio.create_task(heard), asyncio.create_task(self._run())]

    def _make_room(self, listener: Listener) -> None:
        each = self._settings.live_listeners_each
        if self._each[listener.principal_id] >= each:
            raise problems.too_many_listeners(each, COME_BACK_SECONDS)
        if self._each.total() >= self._settings.live_listeners:
            raise problems.unavailable(COME_BACK_SECONDS)
        self._each[listener.principal_id] += 1

    def leave(self, listener: Listener) -> None:
        """They listen no longer."""
        if listener in self._listeners:
            self._listeners.discard(listener)
            self._each[listener.principal_id] -= 1
            self._each += Counter()  # forget whoever listens no more
        if not self._listeners:
            self._position = None

    async def close(self) -> None:
        """Hear nothing more."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _connection(self) -> Any:
        patience = self._database.pool_wait_seconds
        return self._database.plain_reads.acquire(timeout=patience)

    async def _catch_up(self, connection: Any, listener: Listener, until: Position) -> None:
        """Tell what has happened since they went away; where that cannot be told, to look again."""
        since = listener.position
        if since is None or since.epoch != until.epoch:
            listener.position = until
            listener.look_again(Because.STARTED if since is None else Because.MISSED)
            return
        if since >= until:  # they heard it from a process that has read on: that is not told twice
            return
        missed = await telling.happened_in(connection, since, until, MOST_TOLD + 1)
        if len(missed) > MOST_TOLD:
            listener.position = until
            listener.look_again(Because.MISSED)
            return
        changes, unseen = await telling.told_to(connection, listener.caller, missed)
        who = listener.principal_id
        concerned = await telling.concerned_by(connection, missed, [who])
        look_again = any(
            _lost(one, unseen, (who, one.record_id), concerned)
            if one.subject_id is not None
            else telling.without_address(one)
            for one in missed
            if one.subject_id is None or one.record_id in concerned.records.get(who, ())
        )
        listener.tell(changes, look_again=look_again, until=until)

    # --- what is heard ---

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(BY_ITSELF):
                    await self._woken.wait()
            self._woken.clear()
            try:
                async with self._turn:
                    held_back = await self._round()
            except DATABASE_FAULTS as fault:
                log.warning("listeners wait for the database: %s", name_of(fault))
                self._look_later(AGAIN_AFTER)
            except RestoreUntold as untold:
                log.warning("nobody is told of changes: %s", untold)
                self._look_later(AGAIN_AFTER)
            except Exception as fault:  # noqa: BLE001 - nobody would be told of anything any more
                log.critical("a round of changes failed: %s", name_of(fault))
                self._position = None  # what was to be told is not tried again
                self._look_later(AGAIN_AFTER)
            else:
                if held_back:
                    self._look_later(HELD_BACK)
            await asyncio.sleep(BETWEEN_ROUNDS)

    def _look_later(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._woken.set)

    async def _round(self) -> bool:
        """Tell everybody what has happened since the last round; whether more is held back."""
        if not self._listeners:
            return False
        async with self._connection() as connection:
            await self._look_at_the_time(connection)
            now = await telling.now_in(connection)
            if self._position is None or now.position.epoch != self._position.epoch:
                self._tell_all_to_look_again(now.position)
                return now.held_back
            happened = await telling.happened_in(
                connection, self._position, now.position, MOST_TOLD + 1
            )
            if happened:
                await self._tell(connection, happened, now.position)
        self._move_on(now.position)
        return now.held_back

    async def _tell(self, connection: Any, happened: list[Happened], until: Position) -> None:
        listeners: dict[UUID, list[Listener]] = defaultdict(list)
        for listener in self._listeners:
            listeners[listener.principal_id].append(listener)
        if any(one.type in telling.RIGHTS or _is_for_all(one) for one in happened):
            await self._end_for_others(connection, listeners)
        if len(happened) > MOST_TOLD or len(happened) * len(listeners) > MOST_PAIRS:
            self._tell_all_to_look_again(until)
            return
        concerned = await telling.concerned_by(connection, happened, listeners.keys())
        for principal, records in concerned.records.items():
            theirs = [one for one in happened if one.record_id in records]
            await _tell_one(connection, listeners[principal], theirs, concerned, until)
        # Last: who is told to look again has been told of all until then.
        if any(map(_is_for_all, happened)):
            for listener in self._listeners:
                listener.tell((), look_again=True, until=until)

    async def _look_at_the_time(self, connection: Any) -> None:
        """Whoever's hour or day is over looks again; a right that time alone has ended ends it.

        No event says that a role or a grant has run out.
        """
        theirs: dict[UUID, list[Listener]] = defaultdict(list)
        over = [listener for listener in self._listeners if listener.time_is_over]
        for listener in over:
            if listener.principal_id in theirs or len(theirs) < MOST_AT_ONCE:
                theirs[listener.principal_id].append(listener)
        if not theirs:
            return
        if sum(map(len, theirs.values())) < len(over):
            self._woken.set()
        await self._end_for_others(connection, theirs)
        for listeners in theirs.values():
            await _end_where_unseen(connection, listeners)
            for listener in listeners:
                listener.look_again(Because.TIME)

    async def _end_for_others(self, connection: Any, listeners: dict[UUID, list[Listener]]) -> None:
        """Tell nothing more to whoever is let in no longer."""
        let_in = await telling.still_let_in(connection, listeners.keys())
        for principal in list(listeners):
            held = let_in.get(principal, frozenset())
            for listener in listeners[principal]:
                if listener.permission not in held:
                    listener.end(Because.RIGHTS)
            listeners[principal] = [one for one in listeners[principal] if not one.over]
            if not listeners[principal]:
                del listeners[principal]

    def _tell_all_to_look_again(self, until: Position) -> None:
        self._move_on(until)
        for listener in self._listeners:
            listener.look_again(Because.MISSED)

    def _move_on(self, until: Position) -> None:
        if self._listeners:
            self._position = until
        for listener in self._listeners:
            if listener.position is None or listener.position < until:
                listener.position = until


async def _tell_one(
    connection: Any,
    listeners: Collection[Listener],
    happened: list[Happened],
    concerned: Concerned,
    until: Position,
) -> None:
    """Tell one caller, wherever they listen, what they see; and to look where they see no more."""
    first = next(iter(listeners))
    changes, unseen = await telling.told_to(connection, first.caller, happened)
    look_again = any(
        _lost(one, unseen, (first.principal_id, one.record_id), concerned) for one in happened
    )
    for listener in listeners:
        listener.tell(changes, look_again=look_again, until=until)
    if look_again:
        await _end_where_unseen(connection, listeners)


def _is_for_all(one: Happened) -> bool:
    """Whether it is about no child, and all are told to look again."""
    return one.subject_id is None and telling.without_address(one)


def _lost(
    one: Happened, unseen: Collection[UUID], pair: tuple[UUID, UUID], concerned: Concerned
) -> bool:
    """Whether something may have left somebody's list by it, and they may know that it happened.

    That a record is restricted now is told to whoever could see it: it is in their list no longer.
    Where it was restricted before, or they are let in, they lose nothing.
    """
    if one.restricts is not None:
        is_hidden = one.restricts is Restricts.HIDES and pair not in concerned.let_in
        return is_hidden or one.restricts is Restricts.SHOWS
    left = one.subject_id is not None and telling.without_address(one)
    taken = telling.taken_away(one) and one.record_id in unseen and pair in concerned.near
    return (left or taken) and pair in concerned.may_know


async def _end_where_unseen(connection: Any, listeners: Collection[Listener]) -> None:
    """Tell nothing more of an audit to whoever sees it no longer."""
    of_audits = [one for one in listeners if one.audit_id is not None]
    if of_audits:
        audits = {one.audit_id for one in of_audits if one.audit_id is not None}
        seen = await telling.seen_by(connection, of_audits[0].caller, AUDITS, audits)
        for listener in of_audits:
            if listener.audit_id not in seen:
                listener.end(Because.RIGHTS)
