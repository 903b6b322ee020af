"""What stands of intervals and due dates (R3.1, R3.2)."""

from collections.abc import Mapping
from typing import Final

import asyncpg
import pytest

from tests.conftest import Database
from tests.frozen.rows import ENDED
from tests.frozen.statements import AT_THE_COMMIT, ONE, OTHER, Statement, told, tried

LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "an interval that is ended": (
        ENDED.format("audit_intervals"),
        told("audit_interval.ended", about_id=ONE),
        AT_THE_COMMIT,
    ),
    "a due date that an audit in error does not settle": (
        f"UPDATE audit_due_dates SET settled_on = NULL WHERE audit_id = {OTHER}",
        AT_THE_COMMIT,
    ),
}
"""What is done lawfully, each with its witness."""

NEVER: Final[Mapping[str, str]] = {
    "an interval that is ended untold": ENDED.format("audit_intervals"),
    "a due date that is settled on another day": "UPDATE audit_due_dates"
    f" SET settled_on = settled_on - 1 WHERE audit_id = {ONE}",
    "a due date that an audit in error settles": "UPDATE audit_due_dates"
    f" SET settled_on = settled_on + 1 WHERE audit_id = {OTHER}",
    "a due date that its completed audit does not settle": "UPDATE audit_due_dates"
    f" SET settled_on = NULL WHERE audit_id = {ONE}",
}
"""What was once taken when it was written directly, beside the columns that are frozen."""


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


@pytest.mark.parametrize("what", NEVER)
def test_what_must_never_be_is_not_written(world: Database, what: str) -> None:
    answer = tried(world, NEVER[what], AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError | asyncpg.CheckViolationError), answer
