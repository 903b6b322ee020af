"""What is noted of events that come together, and which of them tell of the same people."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from qa_api.case_events.effects import refs_of
from qa_api.case_events.messages import CaseEventMessage

Group = Sequence[int]
"""The places of the events that tell of the same people, in the order in which they came."""


class Noted(NamedTuple):
    """All of an event that decides what it does with others, and where it begins in its file."""

    begins: int
    id: str
    type: str
    refs: tuple[str, ...]
    episode_id: str | None
    source_version: int | None
    occurred_at: datetime | None

    @classmethod
    def of(cls, message: CaseEventMessage, begins: int = 0) -> "Noted":
        """What is noted of a message."""
        data = message.data
        return cls(
            begins,
            message.id,
            message.type,
            tuple(refs_of(message)),
            getattr(data, "episode_id", None),
            getattr(data, "source_version", None),
            getattr(data, "occurred_at", message.time),
        )


class SentEvent(NamedTuple):
    """An event, as it was sent."""

    noted: Noted
    sent: dict[str, Any]


class Groups:
    """Puts together the events that tell of the same people, or have the same id."""

    def __init__(self) -> None:
        self._above: list[int] = []
        self._first: dict[str, int] = {}

    def add(self, noted: Noted) -> None:
        """Add the next event."""
        place = len(self._above)
        self._above.append(place)
        for name in (f"id/{noted.id}", *(f"ref/{ref}" for ref in noted.refs)):
            # As a rule nobody has it yet, or the event before has it.
            first = self._first.setdefault(name, place)
            if first != place:
                other, own = self._root(first), self._root(place)
                # The earlier one stays on top.
                self._above[max(other, own)] = min(other, own)

    def found(self) -> list[Group]:
        """The groups, by their first event."""
        groups: dict[int, list[int]] = defaultdict(list)
        for place in range(len(self._above)):
            groups[self._root(place)].append(place)
        return list(groups.values())

    def _root(self, place: int) -> int:
        """The first of those that belong together."""
        above = self._above
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place
