"""Which transactions a pull has seen, as PostgreSQL writes it: `xmin:xmax:those in between`.

In stamps, so of one epoch, and all former epochs with it (ADR 14).
"""

from typing import Final, Self

from qa_api.rules.unchanging import Unchanging

MOST_IN_PROGRESS: Final = 100
"""More of them would make a token too long for an address."""


class Snapshot(Unchanging):
    """The transactions that were complete at a moment."""

    text: str
    epoch: str = ""
    """The id of the epoch; none in the first, which no restore began."""

    @property
    def remembered(self) -> "Snapshot":
        """What a token holds of PostgreSQL's own snapshot.

        With very many transactions in progress it is remembered as of the oldest of them: what
        follows then repeats some rows, and still misses none.
        """
        oldest, _, in_progress = self.text.split(":")
        if in_progress.count(",") < MOST_IN_PROGRESS:
            return self
        return Snapshot(f"{oldest}:{oldest}:", self.epoch)

    @classmethod
    def read(cls, written: str) -> Self:
        """One that a token holds."""
        text, _, epoch = written.partition("/")
        return cls(text, epoch)

    @property
    def written(self) -> str:
        """As a token holds it."""
        return f"{self.text}/{self.epoch}" if self.epoch else self.text

    @property
    def end(self) -> int:
        """The first transaction that had not begun."""
        return int(self.text.split(":")[1])

    @property
    def unseen(self) -> frozenset[int]:
        """Those that had begun before its end and were not complete."""
        written = self.text.split(":")[2]
        return frozenset(map(int, written.split(","))) if written else frozenset()

    def includes(self, earlier: "Snapshot") -> bool:
        """Whether all that `earlier` saw is seen. Of one server it is, once it is not before."""
        if not earlier.is_before(self):
            return False
        unseen_before = earlier.unseen
        return all(xid >= earlier.end or xid in unseen_before for xid in self.unseen)

    def is_before(self, later: "Snapshot") -> bool:
        """Whether what has happened up to `later` includes what this one has seen.

        It does not where a restore lies in between: what was restored may be older than this.
        """
        return self.epoch == later.epoch and self.end <= later.end
