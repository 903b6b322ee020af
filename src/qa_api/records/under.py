"""Rows of other tables within a document of the record: lists, single rows, single columns."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, select

from qa_api.auth.actor import Me
from qa_api.models.aliases import aliased
from qa_api.models.base import Base
from qa_api.models.catalogue import ScalePoint
from qa_api.models.inner import one_of, rows_of, value_of
from qa_api.reads.shapes import Expression, Shape

Belongs = Callable[[Any, Any], ColumnElement[bool]]
"""Whether a row belongs to its parent."""

Order = Callable[[Any], tuple[ColumnElement[Any], ...]]


def rows_under(
    shape: Shape, belongs: Belongs, order: Order, limit: int | None = None
) -> Expression:
    """The rows that belong to a parent, as a list in their order."""

    def column(parent: Any, me: Me) -> ColumnElement[Any]:
        row = aliased(shape.entity)
        found = select(*shape.columns(row, me)).where(belongs(row, parent)).order_by(*order(row))
        return rows_of(row, found.limit(limit))

    return column


def row_under(shape: Shape, belongs: Belongs) -> Expression:
    """The one row that belongs to a parent, or null."""

    def column(parent: Any, me: Me) -> ColumnElement[Any]:
        row = aliased(shape.entity)
        return one_of(row, select(*shape.columns(row, me)).where(belongs(row, parent)))

    return column


def column_of(entity: type[Base], name: str, **joined: str) -> Expression:
    """A column of the row whose key, given as `theirs=ours`, stands in this one."""

    def column(row: Any, _: Me) -> ColumnElement[Any]:
        other = aliased(entity)
        keys = [getattr(other, theirs) == getattr(row, ours) for theirs, ours in joined.items()]
        return value_of(other, select(getattr(other, name)).where(*keys))

    return column


def label_of(name: str) -> Expression:
    """The label that the row's own scale gives to one of its judgements."""
    scale = {"scale_code": "scale_code", "scale_number": "scale_number"}
    return column_of(ScalePoint, "label", **scale, code=name)


def placed(*columns: Expression) -> Order:
    """In the order of these columns."""
    # Where a question stands in the tool does not depend on who reads.
    nobody: Any = None
    return lambda row: tuple(column(row, nobody) for column in columns)
