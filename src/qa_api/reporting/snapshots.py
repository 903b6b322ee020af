"""Which transactions a pull has seen, as PostgreSQL writes it: `xmin:xmax:those in between`."""

from dataclasses import dataclass
from typing import Final, Self

MOST_IN_PROGRESS: Final = 100
"""More of them would make a token too long for an address."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The transactions that were complete at a moment."""

    text: str

    @classmethod
    def taken(cls, text: str) -> Self:
        """What to remember of PostgreSQL's own snapshot.

        With very many transactions in progress it is remembered as of the oldest of them: what
        follows then repeats some rows, and still misses none.
        """
        oldest, _, in_progress = text.split(":")
        if in_progress.count(",") >= MOST_IN_PROGRESS:
            return cls(f"{oldest}:{oldest}:")
        return cls(text)

    @property
    def end(self) -> int:
        """The first transaction that had not begun."""
        return int(self.text.split(":")[1])
