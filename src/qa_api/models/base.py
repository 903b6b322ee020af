"""What every table has: naming, keys, versions, and who may see a row about a subject."""

import os
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from asyncpg.pgproto import pgproto
from sqlalchemy import (
    Computed,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import UserDefinedType

from qa_api import clock

JsonObject = dict[str, Any]
"""A JSON object kept as data: an explanation, a tool's choices, an event's references."""

SEALABLE: Final = "at >= '0002-01-01 00:00:00Z' AND at < '9999-01-01 00:00:00Z'"
"""Of an instant in a log: one that the sealer can read. PostgreSQL knows others, far away."""


class Xid8(UserDefinedType[int]):
    """A stamp: epoch and transaction id in one number; the change feed is served in its order.

    The upper bits are the epoch that began with the last restore, the lower 48 PostgreSQL's full
    transaction id (ADR 14).
    """

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class Base(DeclarativeBase):
    """The one schema; nothing is loaded that a statement does not name."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "ck": "%(table_name)s_%(constraint_name)s_check",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        UUID: Uuid,
        date: Date,
        datetime: DateTime(timezone=True),
        JsonObject: JSONB,
        list[Any]: JSONB,
        Range[date]: DATERANGE,
    }

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        # Here and not on `Versioned`: the base stands first, and its arguments would win.
        table: Any = cls
        if issubclass(table, Versioned):
            return {"eager_defaults": True, "version_id_col": table.version}
        return {"eager_defaults": True}


_COUNTED: Final = 12
"""So many bits count the ids of one millisecond."""
_COUNT: Final = (1 << _COUNTED) - 1
_AHEAD: Final = 60_000 << _COUNTED


class _Order:
    """Gives the 60 bits by which ids are sorted: the millisecond, and a count within it.

    The count goes on over the end of a millisecond, and while the clock stands or is put back a
    little. After a clock that is put back by more than a minute the ids begin anew.
    """

    def __init__(self) -> None:
        self._latest = 0

    def next(self) -> tuple[int, int]:
        """Millisecond and count."""
        return divmod(self.take(1), 1 << _COUNTED)

    def take(self, many: int) -> int:
        """The bits of the first of so many ids, whose bits follow one another."""
        now = int(clock.now().timestamp() * 1000) << _COUNTED
        following = self._latest + 1
        first = following if now <= following < now + _AHEAD else now
        self._latest = first + many - 1
        return first


_ORDER: Final = _Order()


def new_id() -> UUID:
    """A UUID of version 7: unique, and later ids of a process sort after earlier ones (RFC 9562).

    Ids decide which of two gates of one closing answers, so their order must be the order in which
    things happened, within a millisecond too.
    """
    milliseconds, count = _ORDER.next()
    chance = int.from_bytes(os.urandom(8), "big") & ~(0x3 << 62)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (count << 64) | (0x2 << 62) | chance)


def new_ids() -> Iterator[UUID]:
    """As many as are wanted for what is written together, in order too.

    They are the driver's own, which are made and written faster than Python's.
    """
    while True:
        chance, first = os.urandom(8 * _AT_ONCE), _ORDER.take(_AT_ONCE)
        for number in range(_AT_ONCE):
            bits, begins = first + number, 8 * number
            yield pgproto.UUID(
                ((bits >> _COUNTED) << 16 | 0x7000 | bits & _COUNT).to_bytes(8)
                + bytes((0x80 | chance[begins] & 0x3F,))
                + chance[begins + 1 : begins + 8]
            )


_AT_ONCE: Final = 16
"""Ids that are taken together. Others that are made meanwhile sort after all of them."""


class Identified:
    """A row with an id of its own, made by us so that a create can be repeated safely."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class Changing:
    """A row that reports read incrementally: stamped with the transaction that last wrote it.

    The column's default stamps an insert, a trigger stamps an update, so no writer can forget.
    """

    changed_xid: Mapped[int] = mapped_column(
        Xid8(), server_default=text("stamp()"), nullable=False, index=True
    )


class ChangedWhen:
    """A row that lists sort and filter by when it was written last: a trigger notes it.

    For people who look at a list. Who keeps a copy follows `changed_xid`, which misses nothing.
    """

    changed_at: Mapped[datetime] = mapped_column(server_default=text("qa_written_at()"))


def changed_last(table: str) -> Iterator[Index]:
    """Indexes for a list in the order of its changes: of all rows, and of a team's."""
    yield Index(f"{table}_changed_idx", "changed_at", "id")
    yield Index(f"{table}_team_changed_idx", "team", "changed_at", "id")


class Named:
    """A row whose name stands in reports beside its code: stamped when it is given another name.

    A trigger stamps it; null until then. What else changes about it changes no row that names it.
    """

    named_xid: Mapped[int | None] = mapped_column(Xid8())


class Witness:
    """A row that allows another change, in the transaction that adds it and in no other.

    `xid` is that transaction's stamp and never changes, so writing the row again allows nothing. A
    change of rights is stamped once more by the transaction that decides it. Null in rows older
    than this rule.
    """

    xid: Mapped[int | None] = mapped_column(Xid8(), server_default=text("stamp()"))


class Versioned:
    """A row that two people may edit: `version` is the first half of its ETag."""

    version: Mapped[int] = mapped_column(default=1)


class SubjectData:
    """A row about a subject: hidden by row-level security from whoever has no business with it.

    `team` and `worker` are who holds the case *now*; they move with the allocation, and a row
    whose team is not known yet is for the Quality & Standards team alone.
    """

    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id"), index=True)
    team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"))
    worker: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    restricted: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class Stateful:
    """A row with a life cycle. The database refuses any step that the rules do not name.

    A trigger keeps the state that was left in `left_state`; the pair must stand in
    `allowed_transitions`.
    """

    state: Mapped[str]
    left_state: Mapped[str] = mapped_column(default="new", server_default="new")

    __aggregate__: ClassVar[str]

    @declared_attr
    def aggregate(cls) -> Mapped[str]:
        return mapped_column(Text, Computed(f"'{cls.__aggregate__}'::text", persisted=True))


SOONEST: Final = """(
CASE
    WHEN due_on IS NULL THEN '9000-01-01'::date
    ELSE due_on
END)"""
"""The order of the lists whose soonest due date comes first, as `soonest_due` asks for it; in the
lines that PostgreSQL writes."""


def soonest_first(
    table: str, *columns: str, name: str = "soonest", only: str | None = None
) -> Iterator[Index]:
    """Indexes for a list whose soonest due date comes first: of all rows, and by each column.

    `only` some of the rows: what waits is found, however much there is that waits no more.
    """
    soonest = text(SOONEST)
    kept = text(only) if only else None
    yield Index(f"{table}_{name}_idx", soonest, "id", postgresql_where=kept)
    for column in columns:
        yield Index(f"{table}_{column}_{name}_idx", column, soonest, "id", postgresql_where=kept)


def soonest_in_state(table: str) -> Iterator[Index]:
    """Indexes for one state of such a list, the authority's and a team's.

    However few are in it, or none: without them all others are read to find so.
    """
    soonest = text(SOONEST)
    yield Index(f"{table}_state_soonest_idx", "state", soonest, "id")
    yield Index(f"{table}_team_state_soonest_idx", "team", "state", soonest, "id")


def life_cycle() -> ForeignKeyConstraint:
    """The constraint that ties a `Stateful` table to the allowed transitions."""
    return ForeignKeyConstraint(
        ["aggregate", "left_state", "state"],
        [
            "allowed_transitions.aggregate",
            "allowed_transitions.from_state",
            "allowed_transitions.to_state",
        ],
        name="life_cycle",
    )
