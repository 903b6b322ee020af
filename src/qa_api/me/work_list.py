"""Everything that waits for somebody, as one relation (`me/work_items.py` describes a row).

Today's directory decides who can do a thing. If the person named cannot, it waits for their team;
if nobody of the team can, for Quality & Standards. So everything open is in somebody's list.
"""

from collections.abc import Collection
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, Subquery, false, union_all

from qa_api.me.alerts import alerts
from qa_api.me.casework import casework
from qa_api.me.conversations import conversations
from qa_api.me.one_entry import unattended, unclaimed, withheld
from qa_api.me.practice import (
    decisions,
    hand_overs,
    highlights,
    moderation,
    observations,
    reads,
    retention,
    returns,
    rights,
    updates,
)
from qa_api.me.work_items import in_order, kind_of, seen_in
from qa_api.models.base import Base
from qa_api.reads.listings import Piece
from qa_api.reads.shapes import Expression


@cache
def waits() -> tuple[Select[Any], ...]:
    """Each thing that can wait, by itself.

    Made when it is first asked for: putting them together takes longer than all other lists.
    """
    return (
        *casework(),
        *moderation(),
        *observations(),
        *highlights(),
        *returns(),
        *updates(),
        *decisions(),
        *retention(),
        *rights(),
        *reads(),
        *conversations(),
        *hand_overs(),
        *withheld(),
        *unclaimed(),
        *unattended(),
        *alerts(),
    )


@cache
def waiting_work() -> type[Base]:
    """One thing that waits for somebody, as a table that is read."""

    class WaitingWork(Base):
        """One thing that waits for somebody."""

        __table__ = union_all(*waits()).subquery("waiting_work")
        __mapper_args__ = {"primary_key": [__table__.c.key, __table__.c.waits_for]}  # noqa: RUF012 - as SQLAlchemy reads it

    return WaitingWork


# Of one kind of thing the key of a work list stands in the order of what it is about.
_BY_INDEX: Final[tuple[Expression, ...]] = (lambda row, _: row.sort_on, lambda row, _: row.about)


def places_for(roles: Collection[str], kind: str | None = None) -> tuple[int, ...]:
    """Of `waits`, the places of those that somebody with these roles can have in their list.

    `kind`: only of this kind.
    """
    held = frozenset(roles)
    return tuple(
        place
        for place, waiting in enumerate(waits())
        if not held.isdisjoint(seen_in(waiting)) and kind in {None, kind_of(waiting)}
    )


@cache
def waiting_at(places: tuple[int, ...]) -> Subquery:
    """The same table with no more than what waits at these places of `waits`.

    PostgreSQL makes each part of a statement ready whenever it runs, also those in which whoever
    asks can have nothing: most of what the whole takes where few things are open.
    """
    return union_all(*_at(places)).subquery("waiting_work")


@cache
def pieces_at(places: tuple[int, ...]) -> tuple[Piece, ...]:
    """The same for a page: what an index gives in the list's order stands by itself."""
    found = _at(places)
    others = [waiting for waiting in found if not in_order(waiting)]
    together = [Piece(union_all(*others).subquery("waiting_work"))] if others else []
    by_index = (waiting.subquery("soonest") for waiting in found if in_order(waiting))
    return (*together, *(Piece(waiting, _BY_INDEX) for waiting in by_index))


def _at(places: tuple[int, ...]) -> list[Select[Any]]:
    return [waits()[place] for place in places] or [waits()[0].where(false())]
