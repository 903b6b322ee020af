"""Rows of a table under a name of their own, for expressions that load nothing.

SQLAlchemy's own `aliased` is for entities that are loaded: each copies the columns of its table
with their foreign keys, and each select of one is compiled as for loading. Reads load nothing
(ADR 3) and name dozens of rows in a statement: with plain columns it is put together in half the
time. The words of the statement are the same, but for one thing: what a sealed second grade hides
from its moderator is null for them here, and so wherever it is read (`sealed`, ADR 45).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, inspect
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.selectable import TableClause

from qa_api.models.base import Base
from qa_api.models.sealed import (
    SEALED,
    SealedIf,
    Told,
    audit_column,
    hides,
    is_sealed,
    keep,
    told_otherwise,
    unless_sealed,
)


def aliased(entity: type[Base], found: FromClause | None = None, *, name: str | None = None) -> Any:
    """One row of an entity's table, or of `found`, which has columns of the same names.

    Its attributes are the entity's columns; it stands wherever a table may stand.
    """
    if found is not None:
        return Row(entity, found)
    row = Row(entity, _without_constraints(entity).alias(name))
    row.seal()
    return row


class Row:
    """A row of `source`, by the attributes of the entity that its columns belong to."""

    def __init__(self, entity: type[Base], source: FromClause) -> None:
        self._entity = entity
        self._source = source
        self._seals = False
        self.once: Mapping[str, ColumnElement[Any]] = {}
        columns = source.c
        for attribute, column in _columns(entity).items():
            setattr(self, attribute, columns[column])

    def seal(self, sealed: ColumnElement[bool] | None = None) -> None:
        """Make null what the caller, who is to moderate it sealed, may not read of it yet.

        `sealed`: whether they are, where the statement has worked that out.
        """
        self._seals = True
        columns = self._source.c
        audit = audit_column(table_of(self._entity))
        if audit is None:
            return
        if sealed is None:
            sealed = is_sealed(columns[audit])
        for name, hidden in _hidden(self._entity).items():
            setattr(self, name, unless_sealed(columns[name], hidden(columns, sealed)))
        for name, told in _otherwise(self._entity).items():
            keep(self, name)
            setattr(self, name, told(columns, sealed).label(name))

    def knowing(self, once: Mapping[str, ColumnElement[Any]]) -> "Row":
        """The same row, of which the statement has worked these out once, by their names."""
        row = Row(self._entity, self._source)
        if self._seals:
            row.seal(once.get(SEALED))
        row.once = once
        return row

    def __clause_element__(self) -> FromClause:
        return self._source


@cache
def _columns(entity: type[Base]) -> dict[str, str]:
    """The name of the column of each attribute."""
    attributes = inspect(entity).column_attrs
    return {attribute.key: attribute.columns[0].name for attribute in attributes}


@cache
def _hidden(entity: type[Base]) -> Mapping[str, SealedIf]:
    """Of each column that a sealed second grade hides: whether it does; named as its attribute."""
    return hides(table_of(entity))


@cache
def _otherwise(entity: type[Base]) -> Mapping[str, Told]:
    """Of each column that follows from a judgement: what is told of it; named as its attribute."""
    return told_otherwise(table_of(entity))


def table_of(entity: type[Base]) -> str:
    """The name of the table of an entity."""
    return str(getattr(inspect(entity).local_table, "name", ""))


def columns_of(entity: type[Base]) -> tuple[str, ...]:
    """The attributes of an entity that are columns."""
    return tuple(_columns(entity))


class _Column(ColumnClause[Any]):
    """A column without a table's constraints; a class of its own, for Python compares `a == b` the
    other way round where b is of a class that is derived from a's."""

    inherit_cache = True


class _Table(TableClause):
    """A table's name and columns; there is one of each, so that it is its own key of a cache."""

    def _gen_cache_key(self, *_: Any) -> tuple[Any, ...]:
        return (self, *self._annotations_cache_key) if self._annotations else (self,)


@cache
def _without_constraints(entity: type[Base]) -> FromClause:
    table = inspect(entity).local_table
    if not isinstance(table, Table):
        return table  # what is read as if it were a table
    return _Table(table.name, *(_Column(column.name, column.type) for column in table.columns))
