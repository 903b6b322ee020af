"""A place in the event log, as a listener is told it and sends it back in `Last-Event-ID`.

Events are in the order of their stamps, and by their ids within a transaction. Up to a position
everything is final: no transaction can commit an event before it any more (ADR 14, ADR 37).
"""

from functools import total_ordering
from typing import Final, Self
from uuid import UUID

from qa_api import problems
from qa_api.problems import Problem
from qa_api.reads.cursors import Cursors
from qa_api.rules.unchanging import Unchanging

_NAME: Final = "changes"
_NOBODY: Final = UUID(int=0)


@total_ordering
class Position(Unchanging):
    """After which event: its stamp and its id. `epoch` is the id of the epoch; empty in the first.

    A position of another epoch cannot be compared: what was restored may be older than it.
    """

    stamp: int
    event: UUID = _NOBODY
    epoch: str = ""

    def __lt__(self, other: "Position") -> bool:
        return (self.stamp, self.event.int) < (other.stamp, other.event.int)

    def written(self, cursors: Cursors) -> str:
        """As it is sent: signed, so that nobody can have the whole log read from its beginning."""
        event = None if self.event == _NOBODY else self.event
        return cursors.write(_NAME, {}, (self.stamp, event, self.epoch))

    @classmethod
    def read(cls, written: str, cursors: Cursors) -> Self:
        """The position that was sent. Raises ``invalid-cursor``."""
        try:
            stamp, event, epoch = cursors.read(written, _NAME, {})
        except Problem:
            raise problems.invalid_position() from None
        return cls(
            stamp if isinstance(stamp, int) else 0,
            event if isinstance(event, UUID) else _NOBODY,
            str(epoch),
        )
