"""What of somebody's work the caller may hand over and know of: their teams', or everybody's."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Select, and_, func, or_, select

from qa_api.auth.actor import Me
from qa_api.auth.reach import managed, unrestricted, whole_authority


def within_reach(row: Any, me: Me) -> ColumnElement[bool]:
    """In a team that the caller leads, or anywhere for Quality & Standards (X3)."""
    return and_(or_(whole_authority(me), managed(row, me)), unrestricted(row, me))


def seen_by_who_proposed(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether the caller sees the whole of a hand-over: they proposed it, or are of Q&S."""
    return or_(func.coalesce(row.proposed_by == me.worker, False), whole_authority(me))


def hidden(item: Any) -> ColumnElement[bool]:
    """Whether the record that a thing is about is restricted now, and the caller has no leave.

    The thing is then not there for them, whatever else lets them read of the hand-over (X3).
    """
    found: ColumnElement[bool] = func.qa_hides_thing(item.kind, item.thing_id, type_=Boolean)
    return found


def soonest(row: Any, due_on: Any, *conditions: ColumnElement[bool], me: Me) -> Select[Any, Any]:
    """Things within the caller's reach with their due dates, soonest first."""
    due = due_on.label("due_on")
    return (
        select(row, due)
        .where(*conditions, within_reach(row, me))
        .order_by(due.nulls_last(), row.id)
    )
