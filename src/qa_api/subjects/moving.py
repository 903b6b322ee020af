"""Everything that is recorded about somebody goes where they go."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.orm.attributes import set_committed_value

from qa_api.models.base import Base, SubjectData
from qa_api.work import Work

Holders = tuple[str | None, str | None]
"""The team and the worker that hold a case."""
_TYPES: Final = {"team": "text", "worker": "text", "restricted": "boolean"}
"""What every row about somebody has of them."""


def about_subjects() -> Iterator[type[SubjectData]]:
    """Every table about a subject, always in the same order, so that no two works deadlock."""
    tables = {
        mapper.persist_selectable.description: mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, SubjectData)
    }
    return (tables[name] for name in sorted(tables))


async def move_what_is_theirs(work: Work, holders: Mapping[UUID, Holders]) -> None:
    """Give all that is about these people to who holds their cases now."""
    moved = {id_: {"team": team, "worker": worker} for id_, (team, worker) in holders.items()}
    await change_what_is_theirs(work, moved)


async def change_what_is_theirs(work: Work, people: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Let every row about these people say of them what is given, with one statement for all.

    The same columns of each. Needs the service's reach; the people are locked, and are so already.
    """
    if not people:
        return
    await work.flush()
    ids = sorted(people)
    columns = tuple(people[ids[0]])
    values = ([people[id_][column] for id_ in ids] for column in columns)
    await work.driver.execute(_changed(columns), ids, *values)
    for row in work.transaction.loaded():
        whose = row.subject_id if isinstance(row, SubjectData) else None
        if whose is not None and whose in people:
            for column, value in people[whose].items():
                set_committed_value(row, column, value)


@cache
def _changed(columns: tuple[str, ...]) -> str:
    given = ", ".join(f"${number}::{_TYPES[each]}[]" for number, each in enumerate(columns, 2))
    values = ", ".join(f"{each} = given.{each}" for each in columns)
    tables = [inspect(each).local_table.name for each in about_subjects()]
    parts = (
        f"{name} AS (UPDATE {name} t SET {values} FROM given WHERE t.subject_id = given.person)"  # noqa: S608 - ours
        for name in tables
    )
    people = f"SELECT * FROM unnest($1::uuid[], {given}) AS given (person, {', '.join(columns)})"  # noqa: S608 - ours
    return f"WITH given AS ({people}), {', '.join(parts)} SELECT"
