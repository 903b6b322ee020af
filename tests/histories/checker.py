"""Judges a history of reads and writes of versions: was what clients were told ever untrue?

Every write names the version that it is based on, and an acknowledged one is told the version that
it made. So the versions of a register are the order in which its writes took place, and a history
is sound exactly where that order agrees with what clients saw and when. Nothing is searched for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count


@dataclass(frozen=True)
class Done:
    """One request of a client about one register, with its instants in seconds of one clock."""

    client: int
    register: str
    started: float
    ended: float
    value: str
    """What was written or read."""


@dataclass(frozen=True)
class Read(Done):
    """A read, and the version that it was told."""

    version: int

    def __str__(self) -> str:
        return _line(self, f"reads {self.value!r}, version {self.version}")


@dataclass(frozen=True)
class Write(Done):
    """A write that was based on a version; it made another, or none where it was refused."""

    based_on: int
    made: int | None

    def __str__(self) -> str:
        became = "refused" if self.made is None else f"version {self.made}"
        return _line(self, f"writes {self.value!r} on version {self.based_on}: {became}")


@dataclass(frozen=True)
class Fault:
    """What was untrue, and the fewest requests that show it."""

    what: str
    shown_by: tuple[Done, ...]

    def __str__(self) -> str:
        return "\n".join((self.what, *(f"  {one}" for one in self.shown_by)))


LOST = "an acknowledged write was overwritten by one that did not know it"
TWICE = "two acknowledged writes made one version"
DIRTY = "what a refused write said was read"
FROM_NOWHERE = "what was read is of no version that anybody was told of"
CHANGED = "one version said two things"
STALE = "a read was told less than was known when it began"
STALE_TO_ITSELF = "a client read less than it had been told itself"
LATE = "a write came before one that had ended when it began"


def faults_of(history: Iterable[Done]) -> list[Fault]:
    """Everything in a history that cannot have been, register by register."""
    registers: dict[str, list[Done]] = defaultdict(list)
    for one in history:
        registers[one.register].append(one)
    return [fault for of_one in registers.values() for fault in _faults_of_one(of_one)]


def _faults_of_one(history: Sequence[Done]) -> Iterator[Fault]:
    writes = [one for one in history if isinstance(one, Write)]
    reads = [one for one in history if isinstance(one, Read)]
    made: dict[int, Write] = {}
    for write in writes:
        if write.made is None:
            continue
        if (other := made.setdefault(write.made, write)) is not write:
            yield Fault(TWICE, (other, write))
    yield from _lost(made)
    yield from _told(reads, made, [write for write in writes if write.made is None])
    yield from _out_of_order(history)


def _lost(made: dict[int, Write]) -> Iterator[Fault]:
    """Nothing may lie between the version that a write knew and the one that it made."""
    for version, write in made.items():
        between = [made[one] for one in range(write.based_on + 1, version) if one in made]
        if between or version <= write.based_on:
            yield Fault(LOST, (*between[:1], write))


def _told(
    reads: Sequence[Read], made: dict[int, Write], refused: Sequence[Write]
) -> Iterator[Fault]:
    never = {write.value: write for write in refused}
    first: dict[int, Read] = {}
    for read in reads:
        write, before = made.get(read.version), first.setdefault(read.version, read)
        if read.value in never:
            yield Fault(DIRTY, (never[read.value], read))
        elif write is None:
            yield Fault(FROM_NOWHERE, (read,))
        elif write.value != read.value:
            yield Fault(CHANGED, (write, read))
        elif before.value != read.value:
            yield Fault(CHANGED, (before, read))


def _out_of_order(history: Sequence[Done]) -> Iterator[Fault]:
    """What had ended before something began must not be younger than it."""
    waiting: list[tuple[float, int, Done]] = []
    numbers = count()
    newest: Done | None = None
    newest_by: dict[int, Done] = {}
    for one in sorted(history, key=lambda one: one.started):
        while waiting and waiting[0][0] < one.started:
            ended = heappop(waiting)[2]
            newest = _newer(newest, ended)
            newest_by[ended.client] = _newer(newest_by.get(ended.client), ended)
        version = _version(one)
        if version is None:
            continue
        own = newest_by.get(one.client)
        if isinstance(one, Write):
            if newest is not None and _known(newest) >= version:
                yield Fault(LATE, (newest, one))
        elif own is not None and _known(own) > version:
            yield Fault(STALE_TO_ITSELF, (own, one))
        elif newest is not None and _known(newest) > version:
            yield Fault(STALE, (newest, one))
        heappush(waiting, (one.ended, next(numbers), one))


def _newer(one: Done | None, other: Done) -> Done:
    return other if one is None or _known(other) > _known(one) else one


def _known(one: Done) -> int:
    version = _version(one)
    return 0 if version is None else version


def _version(one: Done) -> int | None:
    if isinstance(one, Write):
        return one.made
    return one.version if isinstance(one, Read) else None


def _line(one: Done, what: str) -> str:
    return f"{one.started:.6f} to {one.ended:.6f}  client {one.client}  {one.register}  {what}"


def counted(history: Iterable[Done]) -> Counter[str]:
    """How many reads, acknowledged writes and refused ones a history has."""
    kinds: Counter[str] = Counter()
    for one in history:
        refused = isinstance(one, Write) and one.made is None
        kinds["refused" if refused else type(one).__name__.lower()] += 1
    return kinds
