"""Events of years past, worked out piece by piece ahead of their being written.

Working them out takes about as long as writing them. So of a long file other processes do it: they
read each piece again, say what those who hold cases are called there, are told what the database
says of them, and hand back the rows, part by part. They ask the database nothing and write
nothing, so whatever becomes of them, what is kept is what this process has committed.
"""

import asyncio
import pickle
from collections import Counter, deque
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Final, NamedTuple, Protocol

from qa_api.case_events.event_file import EventFile, FileChanged, in_batches
from qa_api.case_events.groups import Group, SentEvent
from qa_api.case_events.past import Known, Left, names_in
from qa_api.case_events.past_known import There, worked_out
from qa_api.case_events.past_rows import Rows, rows_of
from qa_api.closure_gates.episodes import Outcome
from qa_api.copies import in_a_copy

Outcomes = Counter[str]
"""How many events had each outcome."""

_PART: Final = 150
"""Groups that are written together."""


class EndedEarly(Exception):
    """A process that works out what comes next has ended, and nobody had told it to."""


class Part(NamedTuple):
    """What some groups leave behind."""

    rows: Rows
    done: Outcomes
    others: list[Group]
    """The groups that are taken one by one."""


class Ahead(Protocol):
    """The pieces of a file, one after the other: of each first the names, then its parts."""

    async def names(self) -> set[str]:
        """What those who hold cases are called in the next piece."""

    def parts(self, there: There, known: Known) -> AsyncGenerator[Part]:
        """What that piece leaves behind, by what the database says of it."""


class _Piece:
    """The groups that are taken in one piece of work, read again; of several shares only one.

    What is written together falls to the shares in turns.
    """

    def __init__(self, file: EventFile, groups: Sequence[Group], share: int, shares: int) -> None:
        parts = [groups[first : first + _PART] for first in range(0, len(groups), _PART)]
        self._parts = [
            [(group, file.read(group)) for group in part] for part in parts[share::shares]
        ]
        read = (events for part in self._parts for _, events in part)
        self.names = names_in(event for events in read for event in events)

    def parts(self, there: There, known: Known) -> Iterator[Part]:
        """What they leave behind."""
        for part in self._parts:
            yield _worked_out(part, there, known)


def _worked_out(
    part: Sequence[tuple[Group, Sequence[SentEvent]]], there: There, known: Known
) -> Part:
    left, done, others = Left(), Outcomes(), []
    for group, events in part:
        if there.all_repeat(events):
            done[Outcome.DUPLICATE.value] += len(events)
        elif (one := worked_out(events, there, known)) is None:
            others.append(group)
        else:
            left.add(one)
    done.update(each.outcome.value for each in left.taken)
    done[Outcome.DUPLICATE.value] += left.repeated
    return Part(rows_of(left), +done, others)


class InThisProcess:
    """Works out pieces in this process, each part while the one before it is written."""

    def __init__(self, file: EventFile, pieces: Iterable[Sequence[Group]]) -> None:
        self._coming = (_Piece(file, groups, 0, 1) for groups in pieces)
        self._piece: _Piece | None = None

    async def names(self) -> set[str]:
        """What those who hold cases are called in the next piece."""
        self._piece = next(self._coming)
        return self._piece.names

    async def parts(self, there: There, known: Known) -> AsyncGenerator[Part]:
        """What that piece leaves behind."""
        if self._piece is None:
            raise LookupError("its names come first")
        parts = self._piece.parts(there, known)
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            yield part


class InOtherProcesses:
    """Has other processes work out pieces, each its share, and receives what they hand back."""

    def __init__(self, others: Sequence[Connection]) -> None:
        self._others = others
        self._unfinished: list[Connection] = []
        """Those that have not yet handed back all of a piece."""

    async def names(self) -> set[str]:
        """What those who hold cases are called in the next piece."""
        for other in list(self._unfinished):  # the piece before was given up
            while other in self._unfinished:
                await self._part(other)
        names: list[set[str]] = [await _receive(other) for other in self._others]
        return set().union(*names)

    async def parts(self, there: There, known: Known) -> AsyncGenerator[Part]:
        """What that piece leaves behind."""
        self._unfinished = list(self._others)
        for other in self._others:
            await _tell(other, (there, known))
        coming = deque((other, self._ask(other)) for other in self._others)
        try:
            while coming:
                other, asked = coming[0]
                part = await asked
                coming.popleft()
                if part is not None:
                    # What has been worked out is received while the part before it is written.
                    coming.append((other, self._ask(other)))
                    yield part
        finally:
            await asyncio.gather(*(asked for _, asked in coming), return_exceptions=True)

    def _ask(self, other: Connection) -> asyncio.Task[Part | None]:
        return asyncio.create_task(self._part(other))

    async def _part(self, other: Connection) -> Part | None:
        part: Part | None = await _receive(other)
        if part is None:
            self._unfinished.remove(other)
        return part


async def _tell(other: Connection, what: object) -> None:
    try:
        await asyncio.to_thread(_send, other, what)
    except ConnectionError:
        raise EndedEarly from None


async def _receive(other: Connection) -> Any:
    try:
        found = _read(await asyncio.to_thread(other.recv_bytes))
    except (EOFError, ConnectionError):
        raise EndedEarly from None
    if isinstance(found, Exception):
        raise found
    return found


@contextmanager
def ahead_of(file: EventFile, at_once: int, *, processes: int) -> Iterator[Ahead]:
    """Whoever works out the file in pieces of so many events: this process where `processes` is 0.

    Others are copies of this one, so nothing else may go on here yet: no thread, no connection.
    """
    if not processes:
        yield InThisProcess(file, in_batches(file.groups(), at_once))
        return
    with ExitStack() as held:
        shares = [partial(work_out_for, file, at_once, (n, processes)) for n in range(processes)]
        yield InOtherProcesses([held.enter_context(in_a_copy(share)) for share in shares])


def work_out_for(file: EventFile, at_once: int, share: tuple[int, int], other: Connection) -> None:
    """Work out a share of one piece after the other, until the file or the other process ends.

    `share` says which it is, from 0 on, and of how many.
    """
    try:
        for groups in in_batches(file.groups(), at_once):
            piece = _Piece(file, groups, *share)
            _send(other, piece.names)
            there, known = _read(other.recv_bytes())
            for part in piece.parts(there, known):
                _send(other, part)
            _send(other, None)
    except FileChanged as fault:
        _send(other, fault)


def _read(received: bytes) -> Any:
    return pickle.loads(received)  # noqa: S301 - our own process wrote it


def _send(other: Connection, what: object) -> None:
    other.send_bytes(pickle.dumps(what, pickle.HIGHEST_PROTOCOL))
