"""What asking an invariant finds."""

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from qa_api.rules.unchanging import Unchanging


class Row(Unchanging):
    """A row by its table and id, and nothing else of it: what is printed names nobody."""

    table: str
    id: UUID | str

    def __str__(self) -> str:
        return f"{self.table} {self.id}"


class Answer(Unchanging):
    """Of how many rows something was asked, and of which of them it does not hold."""

    asked: int
    broken: tuple[Row, ...] = ()

    @classmethod
    def of(cls, asked: int, broken: Iterable[Row]) -> Self:
        """The broken ones in order, each once."""
        return cls(asked, tuple(sorted(set(broken), key=str)))
