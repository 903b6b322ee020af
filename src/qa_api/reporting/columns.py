"""What a dataset is made of: columns with their meaning, and how each is read from a row.

A row of a dataset may say only what its own record says, what never changes once it is there, and
the names of things whose renaming is stamped. Nothing in it depends on today or on who asks: that
is what lets a copy follow by changes alone. Free text and names of people have no kind of column.
"""

from collections.abc import Callable, Sequence
from dataclasses import field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Cast,
    ColumnElement,
    Date,
    Text,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from qa_api.db import parameter
from qa_api.models.aliases import aliased
from qa_api.models.base import Base
from qa_api.models.inner import value_of
from qa_api.models.subjects import Subject
from qa_api.rules.unchanging import Unchanging

LONDON: Final = "Europe/London"

Reading = Callable[[Any], ColumnElement[Any]]
"""From a row (an aliased entity) to the column's value."""


class Kind(StrEnum):
    """What a column holds, and so how it is written in JSON and CSV."""

    UUID = "uuid"
    CODE = "code"
    LABEL = "label"
    DATE = "date"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    PSEUDONYM = "pseudonym"
    REFERENCE = "reference"


class Named(Unchanging, eq=False):
    """An entity that is called something in the rows that refer to it, and may be called anew."""

    entity: Any
    attribute: str
    """Where the row keeps its key."""
    name: str = "name"
    key: str = "code"

    def label(self, row: Any) -> ColumnElement[Any]:
        """The name as it is now."""
        return self._of(row, self.name)

    def label_among_all(self, row: Any) -> ColumnElement[Any]:
        """The same name, from all names there are, which the statement finds once.

        For many rows: a name looked up for each takes a third of the time that they take.
        """
        named = aliased(self.entity)
        key, name = getattr(named, self.key), getattr(named, self.name)
        names = select(func.jsonb_object_agg(key, name, type_=JSONB)).scalar_subquery()
        found: ColumnElement[Any] = names[getattr(row, self.attribute)].astext
        return found

    def stamp(self, row: Any) -> ColumnElement[Any]:
        """The transaction that last renamed it; null if none ever did."""
        return self._of(row, "named_xid")

    def _of(self, row: Any, attribute: str) -> ColumnElement[Any]:
        named = aliased(self.entity)
        return value_of(named, select(getattr(named, attribute)).where(self._is(named, row)))

    def _is(self, named: Any, row: Any) -> ColumnElement[bool]:
        same: ColumnElement[bool] = getattr(named, self.key) == getattr(row, self.attribute)
        return same


class Column(Unchanging, eq=False):
    """One column: what it holds, what that means, and an example of it."""

    name: str
    kind: Kind
    meaning: str
    example: Any
    clause: str | None = None
    personal: bool = False
    """Whether it is data about a person: a worker's code, or a child's pseudonym or reference."""
    code: str | None = None
    """Of a label: the column whose code it puts into words."""
    read: Reading | None = None
    named: Named | None = None

    def value(self, row: Any) -> ColumnElement[Any]:
        """What the column says of a row; by default the record's attribute of the same name."""
        found: ColumnElement[Any] = self.read(row) if self.read else getattr(row, self.name)
        return found


Shown = Callable[[Any], ColumnElement[bool]]


def every_row(_: Any) -> ColumnElement[bool]:
    """Nothing about it is hidden from whoever may read the dataset."""
    return true()


def unrestricted(row: Any) -> ColumnElement[bool]:
    """Not about a restricted record. A grant to look ends; a copy would not (ADR 11)."""
    shown: ColumnElement[bool] = row.restricted.is_(False)
    return shown


class Dataset(Unchanging, eq=False):
    """One dataset, declared once: its statements, its dictionary and its contract follow."""

    name: str
    entity: type[Base]
    meaning: str
    clause: str
    columns: Sequence[Column]
    dated: str | None = None
    """The column that holds the business date, by which `from` and `to` ask."""
    shown: Shown = every_row
    key: tuple[str, ...] = ("id",)
    """The attributes that find the record."""
    listed_at: str | None = None
    """The list that shows the same rows to Quality & Standards."""
    named: tuple[Named, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(column.named for column in self.columns if column.named)
        object.__setattr__(self, "named", names)
        own = replace(_ID, read=self.row_id)
        object.__setattr__(self, "columns", (own, *self.columns, _IS_DELETED))

    @property
    def about_subjects(self) -> bool:
        """Whether its rows are about children or carer households."""
        return hasattr(self.entity, "subject_id")

    def row_id(self, row: Any) -> ColumnElement[Any]:
        """The row's id: its own, or one made from its key."""
        if self.key == ("id",):
            own: ColumnElement[Any] = row.id
            return own
        return func.dataset_id(*(cast(getattr(row, name), Text) for name in self.key))

    def business_date(self, row: Any) -> ColumnElement[Any]:
        """The London date that `from` and `to` ask by."""
        (column,) = (column for column in self.columns if column.name == self.dated)
        return column.value(row)


_ID = Column(
    "id",
    Kind.UUID,
    "The key of the row: it never changes and is never used again.",
    "019ab0c5-7b1e-7c3a-9d52-0c4f7a51e6b8",
)
_IS_DELETED = Column(
    "is_deleted",
    Kind.BOOLEAN,
    "`true`: the row is no longer in the dataset; every other column but `id` is null.",
    False,
    read=lambda _: literal(False),
)


# --- the columns that many datasets have ---


def id_of(name: str, meaning: str, *, clause: str | None = None, **more: Any) -> Column:
    """The id of another record, which is the `id` of a row in its own dataset."""
    example = "019ab0c1-22f0-7d6b-8a41-5e0f3b9c7d10"
    return Column(name, Kind.UUID, meaning, example, clause, **more)


def code(name: str, meaning: str, example: str, clause: str | None = None, **more: Any) -> Column:
    """A code of the authority's or of ours."""
    return Column(name, Kind.CODE, meaning, example, clause, **more)


def coded(
    name: str, meaning: str, example: str, clause: str | None = None, read: Reading | None = None
) -> tuple[Column, Column]:
    """A code of a set that the procedure closes, and its words beside it."""
    holds = Column(name, Kind.CODE, meaning, example, clause, read=read)
    words = example[:1].upper() + example[1:].replace("_", " ")
    label = Column(
        f"{name}_label",
        Kind.LABEL,
        f"`{name}` in words.",
        words,
        clause,
        code=name,
        read=lambda row: in_words(holds.value(row)),
    )
    return holds, label


def named(
    name: str, meaning: str, example: tuple[str, str], of: Named, clause: str | None = None
) -> tuple[Column, Column]:
    """A code of directory or catalogue, and the name it has now beside it."""
    return (
        Column(
            name,
            Kind.CODE,
            meaning,
            example[0],
            clause,
            read=lambda row: getattr(row, of.attribute),
        ),
        Column(
            f"{name}_label",
            Kind.LABEL,
            f"The name of `{name}`.",
            example[1],
            clause,
            code=name,
            read=of.label,
            named=of,
        ),
    )


def worker(
    name: str, meaning: str, clause: str | None = None, read: Reading | None = None
) -> Column:
    """A worker's code; never a name."""
    return Column(name, Kind.CODE, meaning, "sw1-lincoln-fast", clause, personal=True, read=read)


def day(name: str, meaning: str, clause: str | None = None, read: Reading | None = None) -> Column:
    """A London date."""
    return Column(name, Kind.DATE, meaning, "2026-11-23", clause, read=read)


def instant(name: str, meaning: str, clause: str | None = None) -> Column:
    """An instant, in UTC."""
    return Column(name, Kind.INSTANT, meaning, "2026-11-23T09:30:00.000000Z", clause)


def flag(name: str, meaning: str, clause: str | None = None, read: Reading | None = None) -> Column:
    """True or false; null where the question does not arise yet."""
    return Column(name, Kind.BOOLEAN, meaning, True, clause, read=read)


def whole(
    name: str, meaning: str, example: int, clause: str | None = None, read: Reading | None = None
) -> Column:
    """A whole number."""
    return Column(name, Kind.INTEGER, meaning, example, clause, read=read)


def subject() -> tuple[Column, Column]:
    """The subject of a row: a pseudonym for every reader, the reference where it may be seen."""
    return (
        Column(
            "subject",
            Kind.PSEUDONYM,
            "The child or carer household, by a pseudonym: the same in every dataset, and not to be"
            " turned back. After an adoption the old and the new identity have nothing in common.",
            "5f0c2a9be77d4c1f8e0a3b6d9c215e74",
            "C6",
            personal=True,
            read=lambda _: cast(None, Text),
        ),
        Column(
            "subject_ref",
            Kind.REFERENCE,
            "The case system's code and its reference, as `system/ref`. Null but for the roles that"
            " read it in lists too: Quality & Standards.",
            None,
            "X3",
            personal=True,
            read=_reference,
            named=Named(Subject, "subject_id", "ref", "id"),
        ),
    )


SHOWS_REFERENCES = "shows_references"
"""The statement's parameter: whether the caller's role may see the case system's reference."""


def _reference(row: Any) -> ColumnElement[Any]:
    about = aliased(Subject)
    reference = select(about.system + "/" + about.ref).where(
        about.id == row.subject_id, parameter(SHOWS_REFERENCES, Boolean())
    )
    return value_of(about, reference)


def to_reporting_alone(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value that is null for those who may see references: beside what they list it would tell
    of whoever is kept from them."""
    return case((not_(parameter(SHOWS_REFERENCES, Boolean())), value))


def in_words(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A code of ours as a reader would say it: `awaiting_response` is `Awaiting response`."""
    rest = func.replace(func.substr(value, 2), "_", " ", type_=Text)
    return func.upper(func.left(value, 1), type_=Text) + rest


class LondonDate(Cast[date]):
    """The London date of an instant, whatever the time zone of who asks."""

    inherit_cache = True

    def __init__(self, moment: ColumnElement[Any]) -> None:
        super().__init__(func.timezone(LONDON, moment), Date)
        self.where_it_is_london: ColumnElement[Any] = cast(moment, Date)
        """The same in a transaction whose time zone is London's: the zone is not looked up anew
        for each row, which takes longer than the rest of the row's dates."""


def london_date(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """The London date of an instant."""
    return LondonDate(moment)


def on_time(
    done_on: ColumnElement[Any], due_on: ColumnElement[Any], begun_at: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Whether what is done was done by its date; null while it is not done, or has no date yet."""
    # Before anybody was notified the clock has not started.
    return case((done_on.is_not(None), or_(begun_at.is_(None), done_on <= due_on)))


A_TYPE: Final = ("collaborative", "Collaborative audit")
"""An audit type and its label, as an example."""

QUARTER: Final = code("quarter", "The quarter of the financial year.", "2026-27 Q3")
