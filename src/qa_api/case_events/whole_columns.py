"""Statements that write many rows of a table, of each column a list; several are sent as one."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from qa_api.work import Work

Columns = Sequence[Sequence[Any]]
"""Of each column of a table its values, one for each row; nothing where there is no row."""


def by_column(rows: Iterable[tuple[Any, ...]]) -> Columns:
    """The same rows, of each column a list."""
    return list(zip(*rows, strict=True))


class _Many(ABC):
    """A statement about many rows: some columns have one value in all, the others one in each."""

    def __init__(self, table: str, same: Mapping[str, str], **columns: str) -> None:
        """Columns come with their types."""
        self.table, self._same, self._columns = table, same, columns

    def of(self, same: Sequence[Any], columns: Columns) -> "Write":
        """It for these rows: what is the same in all, and the columns in their order."""
        return Write(self, same, columns)

    @property
    def arguments(self) -> int:
        """How many it takes."""
        return len(self._same) + len(self._columns)

    @abstractmethod
    def sql(self, first: int) -> str:
        """Its text; its arguments are numbered from the first on."""

    def _given(self, first: int) -> tuple[list[str], str]:
        """The values that are the same in all rows, and where the others are read from."""
        # JSON comes as text: the driver knows no list of it.
        kinds = ["text" if kind == "jsonb" else kind for kind in self._columns.values()]
        types = (*self._same.values(), *(f"{kind}[]" for kind in kinds))
        given = [f"${number}::{kind}" for number, kind in enumerate(types, first)]
        same, each = given[: len(self._same)], given[len(self._same) :]
        return same, f"unnest({', '.join(each)}) AS given ({', '.join(self._columns)})"

    def _taken(self) -> dict[str, str]:
        """The values of each row, by the column."""
        return {
            name: f"given.{name}::jsonb" if kind == "jsonb" else f"given.{name}"
            for name, kind in self._columns.items()
        }


class Insert(_Many):
    """Adds the rows."""

    def sql(self, first: int) -> str:
        """Its text; its arguments are numbered from the first on."""
        same, given = self._given(first)
        names = ", ".join((*self._same, *self._columns))
        taken = ", ".join((*same, *self._taken().values()))
        return f"INSERT INTO {self.table} ({names}) SELECT {taken} FROM {given}"  # noqa: S608 - ours


class Update(_Many):
    """Changes the rows of these ids; where a version is `expected`, those alone that have it."""

    def sql(self, first: int) -> str:
        """Its text; its arguments are numbered from the first on."""
        same, given = self._given(first)
        values = dict(zip(self._same, same, strict=True)) | self._taken()
        wanted = f"{self.table}.id = {values.pop('id')}"
        if (version := values.pop("expected", None)) is not None:
            wanted += f" AND {self.table}.version = {version}"
        written = ", ".join(f"{name} = {value}" for name, value in values.items())
        return (
            f"UPDATE {self.table} SET {written} FROM {given}"  # noqa: S608 - ours
            f" WHERE {wanted}"
        )


class Write(NamedTuple):
    """A statement, with the rows that it is for."""

    statement: _Many
    same: Sequence[Any]
    columns: Columns


async def write_together(work: Work, *writes: Write, returning: str | None = None) -> Any:
    """Write all of it as one statement: what names each other may come in it in any order.

    Gives the first value of what the last of them is `returning`, None where there is none.
    """
    found = [each for each in writes if each.columns]
    if not found:
        return None
    sql = _together(tuple(each.statement for each in found), returning)
    return await work.driver.fetchval(sql, *_arguments(found))


async def write_one(work: Work, write: Write) -> int:
    """Write the rows of one statement; how many were written."""
    if not write.columns:
        return 0
    done: str = await work.driver.execute(write.statement.sql(1), *_arguments([write]))
    return int(done.rpartition(" ")[2])


def _arguments(writes: Iterable[Write]) -> Iterable[Any]:
    for each in writes:
        yield from each.same
        yield from each.columns


@lru_cache(maxsize=100)
def _together(statements: tuple[_Many, ...], returning: str | None) -> str:
    texts, first = [], 1
    for each in statements:
        texts.append(each.sql(first))
        first += each.arguments
    *others, last = texts
    named = ", ".join(f"part_{number} AS ({text})" for number, text in enumerate(others))
    before = f"WITH {named} " if named else ""
    return before + last + (f" RETURNING {returning}" if returning else "")
