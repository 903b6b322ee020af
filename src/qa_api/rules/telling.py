"""Which of several statements about one thing counts, judged by what they say (C2).

Events arrive late, twice and out of order, and their senders' clocks may be wrong. So it does not
matter when an event came. Of two events in one numbered stream with versions, the higher version
counts; otherwise the later time that they give. A time later than the event's own first receipt
cannot be right: it is kept and shown, but ranks nothing. What is still undecided goes to the more
cautious value, and then to the greater id of the sender.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

V = TypeVar("V")

CLAUSE: Final = "C2"


class Telling(NamedTuple):
    """Everything about an event that decides where it stands in the order of events.

    ``event_id`` is the sender's. ``occurred_at`` is the time that it gives; None is before
    everything, for what was on record before any event. ``received_at`` is its first receipt; None
    is for what was entered here, where the clock is ours. ``source_version`` orders the events of
    its ``stream``: those of one episode, or those about one reference that name none.
    """

    event_id: str
    occurred_at: datetime | None
    received_at: datetime | None = None
    stream: str | None = None
    source_version: int | None = None

    @property
    def ranked_at(self) -> datetime | None:
        """The time that it gives, if that can be right: not later than its first receipt."""
        if self.occurred_at is None or is_ahead(self.occurred_at, self.received_at):
            return None
        return self.occurred_at

    def numbered_with(self, other: "Telling") -> bool:
        """Whether their versions decide between the two."""
        return (
            self.stream is not None
            and self.stream == other.stream
            and self.source_version is not None
            and other.source_version is not None
            and self.source_version != other.source_version
        )


def is_ahead(occurred_at: datetime, received_at: datetime | None) -> bool:
    """Whether the sender's clock was ahead: the event gives a time after its receipt."""
    return received_at is not None and occurred_at > received_at


def counts_at(occurred_at: datetime, received_at: datetime | None) -> datetime:
    """When it counts as having happened: as said, or at its first receipt where that is earlier."""
    return occurred_at if received_at is None else min(occurred_at, received_at)


def known_times(told: Iterable[Telling]) -> Mapping[Telling, datetime | None]:
    """From when on each has happened, as far as that is known.

    What has no rank of its own happened after whatever its stream numbers below it.
    """
    every = set(told)
    times = {each: each.ranked_at for each in every}
    streams: dict[str, list[tuple[int, Telling]]] = defaultdict(list)
    for each in every:
        if each.stream is not None and each.source_version is not None:
            streams[each.stream].append((each.source_version, each))
    for numbered in streams.values():
        version, before, so_far = -1, None, None
        for number, each in sorted(numbered, key=lambda pair: pair[0]):
            if number != version:
                version, before = number, so_far
            times[each] = _later(before, each.ranked_at)
            so_far = _later(so_far, each.ranked_at)
    return times


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


class Said(NamedTuple, Generic[V]):
    """One value that was said. The smallest ``level`` counts first, whenever it was said."""

    value: V
    told: Telling
    level: int = 0


def _plainly_last(level: Collection[Said[V]]) -> Said[V] | None:
    """The one whose time can be right and is later than all others, which no version replaces.

    No other can be known to have happened later: each is as late as those that have a time.
    """
    times = [(each.told.ranked_at, each) for each in level]
    latest = max((at for at, _ in times if at is not None), default=None)
    found = [each for at, each in times if at is not None and at == latest]
    if len(found) != 1:
        return None
    told = found[0].told
    stream, version = told.stream, told.source_version
    if stream is not None and version is not None:
        for each in level:
            other = each.told.source_version
            if other is not None and other > version and each.told.stream == stream:
                return None
    return found[0]


def newest(said: Collection[Said[V]], cautious: Callable[[V], Any]) -> Said[V] | None:
    """The value that counts among all that were said of one thing; None if there is none.

    ``cautious`` gives the greater key to the more cautious value. The result depends on the set of
    values alone, not on their order or on repetitions.
    """
    if not said:
        return None
    if len(said) == 1:
        return next(iter(said))
    least = min(each.level for each in said)
    level = [each for each in said if each.level == least]
    if (last := _plainly_last(level)) is not None:
        return last
    newest_version: dict[str, int] = {}
    for each in level:
        stream, version = each.told.stream, each.told.source_version
        if stream is not None and version is not None:
            newest_version[stream] = max(version, newest_version.get(stream, version))
    times = known_times(each.told for each in level)

    def superseded(each: Said[V]) -> bool:
        stream, version = each.told.stream, each.told.source_version
        return stream is not None and version is not None and version < newest_version[stream]

    def rank(each: Said[V]) -> tuple[Any, ...]:
        at = times[each.told]
        known = at.timestamp() if at is not None else 0.0
        from_the_beginning = each.told.occurred_at is None
        return (
            not from_the_beginning,
            at is not None,
            known,
            cautious(each.value),
            each.told.event_id,
            str(each.value),
        )

    return max((each for each in level if not superseded(each)), key=rank)


class Heard:
    """All that was told of somebody so far, as far as it decides what counts of what comes next."""

    def __init__(self) -> None:
        self._latest: datetime | None = None
        self._versions: dict[str, int] = {}

    def is_plainly_last(self, told: Telling) -> bool:
        """Hear one more: whether it happened after all others, and none has a later version.

        Then what it says counts, of whatever it says something (`newest`).
        """
        at, latest = told.ranked_at, self._latest
        stream, version = told.stream, told.source_version
        is_last = at is not None and (latest is None or at > latest)
        if stream is not None and version is not None:
            known = self._versions.get(stream, version)
            is_last = is_last and version >= known
            self._versions[stream] = max(version, known)
        self._latest = _later(latest, at)
        return is_last
