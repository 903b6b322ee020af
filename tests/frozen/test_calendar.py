"""The calendar changes by a version that is told (R4.2.4)."""

from collections.abc import Mapping
from typing import Final

import asyncpg
import pytest

from tests.conftest import Database
from tests.frozen.additions import NOT_AS
from tests.frozen.statements import AT_THE_COMMIT, FOURTH, Statement, new, tried

_CALENDAR: Final = (
    new("calendar_versions", {"version": "7"}),
    new(
        "events",
        {"id": FOURTH, "type": "'calendar.changed'", "data": """'{"calendar_version": 7}'"""},
    ),
)

LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "a bank holiday that a new calendar withdraws": (
        *_CALENDAR,
        (
            "UPDATE bank_holidays SET withdrawn_version = 7, withdrawn_reason = 'By mistake.'"
            " WHERE withdrawn_version IS NULL"
        ),
        AT_THE_COMMIT,
    ),
    "a bank holiday that a new calendar adds": (
        new("bank_holidays", {**NOT_AS["bank_holidays-calendar"], "added_version": "7"}),
        *_CALENDAR,
        AT_THE_COMMIT,
    ),
    "a day that turns with a version of the calendar": (
        new("calendar_versions", {"version": "7"}),
        "UPDATE calendar_days SET working = NOT working",
    ),
}
"""What is done lawfully, each with its witness."""

NEVER: Final[Mapping[str, str]] = {
    "a bank holiday withdrawn without a new calendar": "UPDATE bank_holidays"
    " SET withdrawn_version = 2, withdrawn_reason = 'No.' WHERE withdrawn_version IS NULL",
}
"""What was once taken when it was written directly, beside the columns that are frozen."""


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


@pytest.mark.parametrize("what", NEVER)
def test_what_must_never_be_is_not_written(world: Database, what: str) -> None:
    answer = tried(world, NEVER[what], AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError | asyncpg.CheckViolationError), answer
