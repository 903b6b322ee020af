"""Two records that are one person's: everything about the one becomes the other's (C6)."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Index,
    PrimaryKeyConstraint,
    Select,
    Table,
    UniqueConstraint,
    and_,
    not_,
    or_,
    select,
    true,
    tuple_,
    update,
)

from qa_api import events
from qa_api.models.base import SubjectData
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.subjects.moving import about_subjects
from qa_api.work import Work


async def merge_subjects(work: Work, source: Subject, into: Subject) -> None:
    """Make everything about `source` point to `into`, its references too.

    It is then held as `into` was; the caller decides between what was told of both. A row that
    `into` has already stays where it is, out of use. A grant to see `source` does not open `into`.
    Needs the service's reach; both rows are locked, in the order of their ids.
    """
    for subject in sorted((source, into), key=lambda each: each.id):
        await work.session.refresh(subject, with_for_update=True)
    moved = (source.team, source.worker) != (into.team, into.worker)
    await work.session.flush()
    for table in about_subjects():
        await _repoint(work, table, source, into)
    await work.session.execute(
        update(SubjectAlias).where(SubjectAlias.subject_id == source.id).values(subject_id=into.id)
    )
    await work.session.execute(
        update(SubjectAlias).where(SubjectAlias.stands_for == source.id).values(stands_for=into.id)
    )
    # Whoever was merged into the source before is now part of the same record.
    await work.session.execute(
        update(Subject)
        .where(or_(Subject.id == source.id, Subject.merged_into_id == source.id))
        .values(
            merged_into_id=into.id,
            team=into.team,
            worker=into.worker,
            version=Subject.version + 1,
        )
    )
    await work.record(events.SubjectMerged(about=into.id, subject=into.id, merged=source.id))
    if moved:
        await work.record(
            events.AllocationChanged(
                about=into.id, subject=into.id, team=into.team, worker=into.worker
            )
        )


async def _repoint(work: Work, table: type[SubjectData], source: Subject, into: Subject) -> None:
    rows: Any = table.__table__  # type: ignore[attr-defined]  # a mixin of tables
    twice = [_already_there(rows, key, source.id, into.id) for key in _keys_of_subjects(rows)]
    await work.session.execute(
        update(rows)
        .where(rows.c.subject_id == source.id, *(not_(found) for found in twice))
        .values(subject_id=into.id, team=into.team, worker=into.worker, restricted=into.restricted)
    )


def _keys_of_subjects(rows: Table) -> Iterator[tuple[Sequence[str], ColumnElement[bool]]]:
    """The unique keys that a subject is part of: their other columns, and which rows they bind."""
    keys: list[tuple[list[str], ColumnElement[bool]]] = [
        ([column.name for column in constraint.columns], true())
        for constraint in rows.constraints
        if isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint)
    ]
    keys += [
        ([column.name for column in index.columns], _rows_of(index))
        for index in rows.indexes
        if index.unique
    ]
    for names, condition in keys:
        if "subject_id" in names:
            yield [name for name in names if name != "subject_id"], condition


def _rows_of(index: Index) -> ColumnElement[bool]:
    where: ColumnElement[bool] | None = index.dialect_options["postgresql"]["where"]
    return true() if where is None else where


def _already_there(
    rows: Table, key: tuple[Sequence[str], ColumnElement[bool]], source: UUID, into: UUID
) -> ColumnElement[bool]:
    """Whether `into` has a row of the same key, so that both cannot be there."""
    names, condition = key

    def of(subject: UUID) -> Select[Any]:
        # The condition of a partial index names its columns barely: they must be the only ones.
        columns = [*(rows.c[name] for name in names), *rows.primary_key.columns]
        unique = {column.name: column for column in columns}
        return select(*unique.values()).where(rows.c.subject_id == subject, condition)

    mine, theirs = of(source).subquery("mine"), of(into).subquery("theirs")
    same = and_(true(), *(mine.c[name] == theirs.c[name] for name in names))
    primary = [column.name for column in rows.primary_key.columns]
    both = select(*(mine.c[name] for name in primary)).join(theirs, same)
    return tuple_(*(rows.c[name] for name in primary)).in_(both)
