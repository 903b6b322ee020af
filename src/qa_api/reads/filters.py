"""The kinds of filters that lists have, so that a list says only which column it asks."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Select, Text, Uuid, and_, case, cast, func, select

from qa_api.auth.actor import Me
from qa_api.auth.reach import subject_named
from qa_api.models.aliases import aliased
from qa_api.models.directory import Supervision
from qa_api.reads.expressions import changed as written_last
from qa_api.reads.expressions import london_midnight
from qa_api.reads.listings import Filter
from qa_api.reads.shapes import Expression, Predicate


def equals(attribute: str, type_: Any = None, *, narrows: bool = False) -> Filter:
    """Equal to this value, which is text unless `type_` says otherwise."""
    return Filter(
        lambda row, value, _: getattr(row, attribute) == value,
        Text() if type_ is None else type_,
        narrows=narrows,
        column=attribute if narrows else None,
    )


def on_or_after(attribute: str) -> Filter:
    """On this date or later; without a date it is left out."""
    return Filter(lambda row, value, _: getattr(row, attribute) >= value, Date())


def before(attribute: str) -> Filter:
    """Before this date; without a date it is left out."""
    return Filter(lambda row, value, _: getattr(row, attribute) < value, Date())


def from_midnight(attribute: str) -> Filter:
    """What happened on this London date or later."""
    return Filter(lambda row, value, _: getattr(row, attribute) >= london_midnight(value), Date())


def before_midnight(attribute: str) -> Filter:
    """What happened before this London date."""
    return Filter(lambda row, value, _: getattr(row, attribute) < london_midnight(value), Date())


def by_change(changed: Expression) -> Mapping[str, Filter]:
    """Of a list that says when its rows were changed: the filters by it."""
    return MappingProxyType(
        {
            "changed_from": Filter(
                lambda row, value, me: changed(row, me) >= london_midnight(value), Date()
            ),
            "changed_to": Filter(
                lambda row, value, me: changed(row, me) < london_midnight(value), Date()
            ),
        }
    )


CHANGED: Final = by_change(written_last)


def flag(holds: Predicate) -> Filter:
    """`true` keeps that of which this holds, `false` that of which it does not."""
    return Filter(lambda row, _, me: holds(row, me), None)


def is_set(attribute: str) -> Filter:
    """A flag: whether there is any value."""
    return flag(lambda row, _: getattr(row, attribute).is_not(None))


def is_true(attribute: str) -> Filter:
    """A flag that the row itself carries; none counts as false."""
    return flag(lambda row, _: getattr(row, attribute).is_(True))


def holds_today(attribute: str = "valid") -> Filter:
    """A flag: what has the caller's day among its dates."""
    return flag(lambda row, me: getattr(row, attribute).contains(me.today))


def supervised_by(named: Predicate | None = None) -> Filter:
    """Only where somebody whom this worker supervises today holds the case.

    `named`: of which rows the caller is told who holds the case; without it, of each.
    """

    def workers(value: Any, me: Me) -> Select[Any]:
        holds = aliased(Supervision)
        return select(holds.worker.label("value")).where(
            holds.supervisor == value, holds.valid.contains(me.today)
        )

    def keeps(row: Any, value: Any, me: Me) -> ColumnElement[bool]:
        held: ColumnElement[bool] = row.worker.in_(workers(value, me))
        return held if named is None else and_(held, named(row, me))

    return Filter(keeps, narrows=True, column="worker", values=workers)


def about_subject(*, narrows: bool = False) -> Filter:
    """Only about one subject, named by our id or as `system/ref`, by any name it has (X1).

    A name tells nothing of a subject that the caller may not see: it finds no row then.
    """

    def keeps(row: Any, value: ColumnElement[str], me: Me) -> ColumnElement[bool]:
        system, ref = (func.split_part(value, "/", part) for part in (1, 2))
        by_name = subject_named(system, ref, me)
        found = select(case((value.contains("/"), by_name), else_=cast(value, Uuid())))
        about: ColumnElement[bool] = row.subject_id == found.scalar_subquery()
        return about

    return Filter(keeps, Text(), narrows=narrows)
