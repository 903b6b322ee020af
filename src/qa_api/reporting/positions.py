"""What of a dataset is asked for, how far a pull has come, and the tokens that say so."""

from collections.abc import Mapping
from datetime import date

from qa_api import problems
from qa_api.reads.cursors import Cursors, KeyPart
from qa_api.reporting.columns import Dataset
from qa_api.reporting.pseudonyms import Pseudonyms
from qa_api.reporting.snapshots import Snapshot
from qa_api.rules.unchanging import Unchanging


class Asked(Unchanging):
    """What of a dataset is asked for: `from` and `to` by its business date, half-open."""

    dataset: Dataset
    from_: date | None
    to: date | None


class Position(Unchanging):
    """How far a pull has come: after which row of a round, and what that round shows.

    `since` is what was sent before, none in a full pull; `until` what the round began with.
    """

    since: Snapshot | None = None
    until: Snapshot | None = None
    after: tuple[KeyPart, ...] = ()


class Tokens(Unchanging):
    """Writes and reads how far a pull has come, signed and bound to what was asked.

    It is also bound to the columns, to the pseudonyms' key and to whether references are shown: if
    one of these changes, every row changes, and a copy must be made anew.
    """

    cursors: Cursors
    pseudonyms: Pseudonyms
    asked: Asked
    shows_references: bool

    def cursor(self, position: Position) -> str:
        """What continues a pull by pages."""
        ends = (position.since, position.until)
        texts = (None if end is None else end.written for end in ends)
        return self.cursors.write(self._name("pages"), self._bound, (*texts, *position.after))

    def position(self, cursor: str) -> Position:
        """Where a cursor continues. Raises ``invalid-cursor``."""
        since, until, *after = self.cursors.read(cursor, self._name("pages"), self._bound)
        return Position(_snapshot(since), _snapshot(until), tuple(after))

    def changes(self, seen: Snapshot) -> str:
        """What asks for the changes since everything that was sent."""
        return self.cursors.write(self._name("changes"), self._bound, (seen.written,))

    def seen(self, token: str) -> Snapshot:
        """What had been sent when a token was given out. Raises ``invalid-cursor``."""
        try:
            (text,) = self.cursors.read(token, self._name("changes"), self._bound)
        except problems.Problem:
            raise problems.invalid_changes_token() from None
        return Snapshot.read(str(text))

    def _name(self, of: str) -> str:
        return f"datasets/{self.asked.dataset.name}/{of}"

    @property
    def _bound(self) -> Mapping[str, KeyPart]:
        return {
            "from": self.asked.from_,
            "to": self.asked.to,
            "columns": ",".join(column.name for column in self.asked.dataset.columns),
            "pseudonyms": self.pseudonyms.fingerprint,
            "references": self.shows_references,
        }


def _snapshot(text: KeyPart) -> Snapshot | None:
    return None if text is None else Snapshot.read(str(text))
