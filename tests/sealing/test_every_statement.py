"""R4.5.3: no read that is one statement names a column of a sealed judgement but behind the seal.

Nor one that follows from it, such as whether the audit has closed, but as it is told.

The twins show that nothing is told today. This holds each statement's own text, with every filter
that it takes: what names such a column and does not ask for the seal is found before anybody asks.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

import pytest
from sqlalchemy import Text, inspect, select

from qa_api.db import Prepared, parameter
from qa_api.models.aliases import aliased
from qa_api.models.base import Base
from qa_api.models.sealed import HIDDEN, TOLD_OTHERWISE, told_in
from qa_api.reads.documents import Document
from qa_api.reporting.datasets import DATASETS
from tests.auth.test_who_looked import statements

COLUMNS = {
    table: frozenset(
        [
            *hidden.columns.split(),
            *hidden.judged_answers.split(),
            *TOLD_OTHERWISE.get(table, {}),
        ]
    )
    for table, hidden in HIDDEN.items()
}
ENTITIES: Final = {
    str(inspect(mapper.class_).local_table): mapper.class_ for mapper in Base.registry.mappers
}
GROUPED: Final = r"\bstate (?:NOT )?IN \('\w+'(?:, '\w+')*\)"
"""States that `stands_in` has let through: they are never `closed` without `completed`."""

UNCLOSED: Final = (
    "CASE WHEN (a.state = 'closed' AND qa_is_sealed(a.id)) THEN 'completed' ELSE a.state END"
)

ONCE: Final = "CASE WHEN NOT k.sealed THEN {} END"
SEAL: Final = "(SELECT qa_is_sealed(a.id) AS sealed OFFSET 0) AS"
OF_A: Final = f"audits AS a, domain_judgements AS b, {SEAL} k WHERE true"


@cache
def told(table: str, row: str) -> tuple[str, ...]:
    """In what words a row's columns are told that follow from a judgement, the longest first."""
    one = aliased(ENTITIES[table], name=row)
    asked = parameter("given_state", Text())
    words = [getattr(one, name) for name in TOLD_OTHERWISE.get(table, {})]
    if "state" in TOLD_OTHERWISE.get(table, {}):
        words.append(told_in(one, asked))
    texts = [Prepared.of(select(word.label("said"))).sql for word in words]
    said = [re.sub(r"^SELECT (.*) AS said \s*FROM .*$", r"\1", text) for text in texts]
    return tuple(sorted(map(_of_any_parameter, said), key=len, reverse=True))


def _of_any_parameter(sql: str) -> str:
    return re.sub(r"\$\d+", "$n", sql)


def _in_words(sql: str, row: str) -> str:
    """The seal that a statement works out once, in words, where it is of the audit of this row."""
    worked_out = r"\(SELECT qa_is_sealed\((\w+)\.id\) AS sealed\b.*?OFFSET 0\) AS (\w+)"
    for audit, known in re.findall(worked_out, sql, flags=re.DOTALL):
        if row == audit:
            sql = sql.replace(f"{known}.sealed", f"qa_is_sealed({row}.id)")
        elif f"{row}.audit_id = {audit}.id" in sql:
            sql = sql.replace(f"{known}.sealed", f"qa_is_sealed({row}.audit_id)")
    return sql


def bare(sql: str) -> Iterator[str]:
    """The columns of a sealed judgement that a statement reads outside of the seal."""
    sql = _of_any_parameter(sql)
    for table, columns in COLUMNS.items():
        for row in {table, *re.findall(rf"\b{table} AS (\w+)", sql)}:
            said = _in_words(sql, row)
            for words in told(table, row):
                said = said.replace(words, "")
            said = re.sub(rf"\b{row}\.{GROUPED}", "", said)
            for column in columns:
                sealed = (
                    rf"CASE WHEN \(?NOT \(?qa_is_sealed\({row}\.\w+\)"
                    rf"(?: AND qa_asks_judgement\({row}\.\w+, {row}\.\w+\))?\)*"
                    rf" THEN {row}\.{column} END"
                )
                if re.search(rf"\b{row}\.{column}\b", re.sub(sealed, "", said)):
                    yield f"{row}.{column}"


def texts() -> Iterator[tuple[str, str]]:
    """Every document, every list with all its filters, by name; each once."""
    seen = set()
    for name, read in statements():
        if id(read) not in seen:
            seen.add(id(read))
            if isinstance(read, Document):
                yield name, read.prepared().sql
            else:
                yield name, read.prepared(frozenset(read.filters), after=False).sql


def test_every_statement_reads_judgements_behind_the_seal_alone() -> None:
    looked = 0
    for name, sql in texts():
        assert [*bare(sql)] == [], name
        looked += any(f" {table} AS " in sql for table in COLUMNS)
    assert looked >= 15


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT a.overall_judgement FROM audits AS a", ["a.overall_judgement"]),
        (
            "SELECT CASE WHEN NOT qa_is_sealed(a.id) THEN a.overall_judgement END FROM audits AS a",
            [],
        ),
        (
            "SELECT CASE WHEN NOT qa_is_sealed(b.id) THEN a.overall_judgement END FROM audits AS a",
            ["a.overall_judgement"],
        ),
        ("SELECT audits.overall_rationale FROM audits", ["audits.overall_rationale"]),
        ("SELECT a.state FROM audits AS a", ["a.state"]),
        ("SELECT 1 FROM audits AS a WHERE a.state = 'closed'", ["a.state"]),
        ("SELECT 1 FROM audits AS a WHERE a.state IN ('completed', 'closed')", []),
        ("SELECT a.version FROM audits AS a", ["a.version"]),
        (f"SELECT {UNCLOSED} FROM audits AS a", []),
        (f"SELECT {ONCE.format('a.overall_judgement')} FROM audits AS a, {SEAL} k", []),
        (f"SELECT {ONCE.format('b.rationale')} FROM {OF_A} AND b.audit_id = a.id", []),
        (f"SELECT {ONCE.format('b.rationale')} FROM {OF_A}", ["b.rationale"]),
    ],
    ids=[
        *("bare", "sealed", "of_another_row", "unaliased"),
        *("state", "one_state", "states_that_tell_nothing", "version", "as_it_is_told"),
        *("worked_out_once", "once_for_what_belongs_to_it", "once_for_another_audit"),
    ],
)
def test_a_column_outside_of_the_seal_is_found(sql: str, found: list[str]) -> None:
    assert [*bare(sql)] == found


def test_every_column_of_a_dataset_is_read_behind_the_seal() -> None:
    looked = 0
    for name, dataset in DATASETS.items():
        row = aliased(dataset.entity)
        sql = Prepared.of(select(*(column.value(row) for column in dataset.columns))).sql
        assert [*bare(sql)] == [], name
        looked += "qa_is_sealed" in sql
    assert looked >= 4
