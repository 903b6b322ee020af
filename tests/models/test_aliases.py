"""Rows that are only spoken of: the same words as of entities that are loaded."""

import re
from typing import Any

import pytest
from sqlalchemy import exists, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import aliased as loaded

from qa_api.models.aliases import aliased, columns_of
from qa_api.models.base import Base
from qa_api.models.directory import Team
from qa_api.models.sealed import HIDDEN, TOLD_OTHERWISE

ENTITIES = sorted(
    (mapper.class_ for mapper in Base.registry.mappers), key=lambda entity: entity.__name__
)
SEALED = [entity for entity in ENTITIES if getattr(entity, "__tablename__", "") in HIDDEN]
"""Tables in which an auditor's judgement stands."""


DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy gives it no types


def words(statement: Any) -> str:
    return str(statement.compile(dialect=DIALECT))


def of_rows(row: Any, other: Any, names: tuple[str, ...]) -> Any:
    """Every column of a row, where there is another one with the same key."""
    key = names[0]
    there = exists().where(getattr(other, key) == getattr(row, key)).correlate_except(other)
    return select(*(getattr(row, name) for name in names)).where(there)


PLAIN = [entity for entity in ENTITIES if entity not in SEALED]


@pytest.mark.parametrize("entity", PLAIN, ids=lambda entity: str(entity.__name__))
def test_a_row_is_spoken_of_in_the_words_of_an_entity(entity: type[Base]) -> None:
    names = columns_of(entity)
    assert words(of_rows(aliased(entity), aliased(entity), names)) == words(
        of_rows(loaded(entity), loaded(entity), names)
    )


@pytest.mark.parametrize("entity", SEALED, ids=lambda entity: str(entity.__name__))
def test_a_judgement_is_never_spoken_of_without_asking_whether_it_is_sealed(
    entity: type[Base],
) -> None:
    said = words(select(*(getattr(aliased(entity), name) for name in columns_of(entity))))
    hidden = HIDDEN[entity.__tablename__]
    columns = [*hidden.columns.split(), *hidden.judged_answers.split()]
    for name in columns:
        asks = rf"CASE WHEN \(?NOT \(?qa_is_sealed\(\w+\.{hidden.audit}\)[^,]* THEN \w+\.{name} END"
        assert re.search(asks, said.replace(", ", " ")), name
    otherwise = TOLD_OTHERWISE.get(entity.__tablename__, {})
    for name in otherwise:
        asks = (
            rf"CASE WHEN \(?(?:\w+\.state = \S+ AND )?qa_is_sealed\([^)]*\)\)? THEN .* AS {name}\b"
        )
        assert re.search(asks, said), name
    assert len(re.findall("qa_is_sealed", said)) == len(columns) + len(otherwise)


def test_two_rows_of_a_table_are_two() -> None:
    one, other = aliased(Team), aliased(Team)
    assert words(select(one.code, other.code)).endswith("FROM teams AS teams_1, teams AS teams_2")


def test_what_is_no_column_is_no_attribute() -> None:
    with pytest.raises(AttributeError):
        _ = aliased(Team).no_such_column
