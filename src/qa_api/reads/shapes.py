"""The shape of a document: a read schema beside the model that it is read from.

The schema declares the shape once. `Shape` walks it beside the model and builds a select of exactly
its fields: a column where the names agree, a nested list where a relationship has the field's name,
or an expression that the domain gives. PostgreSQL writes the JSON.
"""

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any

from pydantic import BaseModel
from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    Text,
    case,
    cast,
    func,
    inspect,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.orm import RelationshipProperty

from qa_api.auth.actor import Me
from qa_api.models.aliases import aliased, table_of
from qa_api.models.base import Base
from qa_api.models.inner import NO_ROWS, one_of, rows_of
from qa_api.models.sealed import SEALED, audit_column, worked_out
from qa_api.reads.kept import completed
from qa_api.rules.unchanging import Unchanging

Expression = Callable[[Any, Me], ColumnElement[Any]]
"""A column computed from a row (an aliased entity) for the caller."""


Predicate = Callable[[Any, Me], ColumnElement[bool]]

ByParent = Callable[[Any], Mapping[str, Expression]]
"""Expressions of a nested row, given the row that it belongs to."""

Together = Callable[[Any, Me], Mapping[str, ColumnElement[Any]]]
"""Several columns computed from a row for the caller, which share a part."""

_UTC = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


def written_instant(instant: ColumnElement[Any]) -> ColumnElement[Any]:
    """An instant as the contract writes it: UTC with `Z`."""
    return func.to_char(func.timezone("UTC", instant), _UTC)


class Shape(Unchanging, eq=False):
    """A read schema beside the model it is read from."""

    schema: type[BaseModel]
    entity: type[Base]
    parts: Mapping[str, "Expression | Shape"] = field(default_factory=dict)
    """The fields that are no plain column: an expression, or the shape of a nested schema."""
    shown: Predicate | None = None
    """Of a nested shape: for which parents the caller may see it; else `[]` or null."""
    kept: Predicate | None = None
    """Of a nested shape: which of the related rows are in the list; None is all of them."""
    together: "Together | None" = None
    """Fields worked out beside each other, from what is computed once for all of them."""
    by_parent: "ByParent | None" = None
    """Of a nested shape: the fields that depend on the parent too; others are as in `parts`."""
    once: Mapping[str, Expression] = field(default_factory=dict)
    """What many fields ask of a row, worked out once for it: `worked_out` finds it by its name.

    PostgreSQL makes every word of a statement ready each time, so that fewer are better.
    """

    def columns(self, row: Any, me: Me) -> list[ColumnElement[Any]]:
        """Each field of the schema as a labelled column of `row`."""
        mapper = inspect(self.entity)
        columns: list[ColumnElement[Any]] = []
        together = self.together(row, me) if self.together else {}
        for name, described in self.schema.model_fields.items():
            part = self.parts.get(name)
            if name in together:
                value = together[name]
            elif callable(part):
                value = part(row, me)
            elif name in mapper.relationships:
                value = _nested(mapper.relationships[name], part or self._of(name), row, me)
            else:
                value = getattr(row, name)
                if isinstance(value.type, JSONB):
                    value = completed(value, described.annotation)
            if isinstance(value.type, DateTime):
                value = written_instant(value)
            columns.append(value.label(described.alias or name))
        return columns

    def _of(self, name: str) -> "Shape":
        annotation: Any = self.schema.model_fields[name].annotation
        while not isinstance(annotation, type):
            annotation = next(a for a in annotation.__args__ if a is not type(None))
        return Shape(annotation, inspect(self.entity).mapper.relationships[name].entity.class_)


def _nested(
    relationship: RelationshipProperty[Any], shape: Shape, parent: Any, me: Me
) -> ColumnElement[Any]:
    """The related rows as a JSON list, in the relationship's order, or the one related row."""
    child = aliased(shape.entity)
    if (sealed := worked_out(parent, SEALED)) is not None and _of_one_audit(relationship):
        child = child.knowing({SEALED: sealed})
    if shape.by_parent:
        shape = replace(shape, parts={**shape.parts, **shape.by_parent(parent)})
    joined: list[ColumnElement[bool]] = [
        getattr(child, str(remote.key)) == getattr(parent, str(local.key))
        for local, remote in relationship.local_remote_pairs or ()
    ]
    if shape.kept:
        joined.append(shape.kept(child, me))
    order = [getattr(child, str(column.key)) for column in relationship.order_by or ()]
    found = select(*shape.columns(child, me)).where(*joined).order_by(*order)
    if relationship.uselist:
        value, nothing = rows_of(child, found), NO_ROWS
    else:
        value, nothing = one_of(child, found), cast(None, JSON)
    return case((shape.shown(parent, me), value), else_=nothing) if shape.shown else value


def _of_one_audit(relationship: RelationshipProperty[Any]) -> bool:
    """Whether rows and the row that they belong to are sealed with one and the same audit."""
    local, remote = (
        audit_column(table_of(mapper.class_))
        for mapper in (relationship.parent, relationship.mapper)
    )
    pairs = relationship.local_remote_pairs or ()
    return any((ours.key, theirs.key) == (local, remote) for ours, theirs in pairs)


def text_of(shape: Shape, row: Any, me: Me) -> ColumnElement[str]:
    """A row as the text of a JSON object."""
    known: list[FromClause] = []
    if shape.once:
        values = [value(row, me).label(name) for name, value in shape.once.items()]
        # OFFSET 0: they are not put back into each place that asks for them.
        once = select(*values).correlate_except().offset(literal_column("0")).subquery("known")
        row, known = row.knowing({name: once.c[name] for name in shape.once}), [once]
    columns = select(*shape.columns(row, me)).select_from(*known)
    fields = columns.correlate_except(*known).subquery()
    whole = func.row_to_json(fields.table_valued(), type_=JSON)
    return select(cast(whole, Text)).select_from(fields).scalar_subquery()
