"""What every table inherits really holds."""

import pytest
from sqlalchemy import inspect

from qa_api import models
from qa_api.models.base import Versioned

VERSIONED = sorted(
    (
        mapper.class_
        for mapper in models.Base.registry.mappers
        if issubclass(mapper.class_, Versioned)
    ),
    key=lambda table: table.__name__,
)


def test_there_are_rows_that_two_people_may_edit() -> None:
    assert len(VERSIONED) > 10


@pytest.mark.parametrize("table", VERSIONED, ids=lambda table: table.__name__)
def test_a_versioned_row_counts_its_versions(table: type[Versioned]) -> None:
    mapper = inspect(table)
    assert mapper.version_id_col is mapper.local_table.c.version
    assert mapper.eager_defaults is True
