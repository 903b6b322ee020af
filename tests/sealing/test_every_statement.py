"""R4.5.3: no read that is one statement names a column of a sealed judgement but behind the seal.

The twins show that nothing is told today. This holds each statement's own text, with every filter
that it takes: what names such a column and does not ask for the seal is found before anybody asks.
"""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from qa_api.db import Prepared
from qa_api.models.aliases import aliased
from qa_api.models.sealed import HIDDEN
from qa_api.reads.documents import Document
from qa_api.reporting.datasets import DATASETS
from tests.auth.test_who_looked import statements

COLUMNS = {
    table: frozenset([*hidden.columns.split(), *hidden.judged_answers.split()])
    for table, hidden in HIDDEN.items()
}


def bare(sql: str) -> Iterator[str]:
    """The columns of a sealed judgement that a statement reads outside of the seal."""
    for table, columns in COLUMNS.items():
        for row in {table, *re.findall(rf"\b{table} AS (\w+)", sql)}:
            for column in columns:
                sealed = (
                    rf"CASE WHEN \(?NOT \(?qa_is_sealed\({row}\.\w+\)"
                    rf"(?: AND qa_asks_judgement\({row}\.\w+, {row}\.\w+\))?\)*"
                    rf" THEN {row}\.{column} END"
                )
                if re.search(rf"\b{row}\.{column}\b", re.sub(sealed, "", sql)):
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
    ],
    ids=["bare", "sealed", "of_another_row", "unaliased"],
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
