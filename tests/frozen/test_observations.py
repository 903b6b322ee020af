"""What stands of observations and of exemptions from them (R4.6.1)."""

from collections.abc import Mapping
from typing import Final

import asyncpg
import pytest

from tests.conftest import Database
from tests.frozen.rows import ENDED
from tests.frozen.statements import AT_THE_COMMIT, ONE, OTHER, Statement, new, told, tried

_CORRECTED: Final = (
    "UPDATE practice_observations SET development = 'anew', version = version + 1 WHERE id = {}"
)
LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "an exemption from observations that is ended": (
        ENDED.format("observation_exemptions"),
        told("observation_exemption.ended", about_id=ONE),
        AT_THE_COMMIT,
    ),
    "an observation with its correction": (
        new("observation_corrections", {"id": OTHER, "observation_id": OTHER}),
        _CORRECTED.format(OTHER),
        AT_THE_COMMIT,
    ),
}
"""What is done lawfully, each with its witness."""

NEVER: Final[Mapping[str, str]] = {
    "an exemption from observations that is ended untold": ENDED.format("observation_exemptions"),
}
"""What was once taken when it was written directly, beside the columns that are frozen."""


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


@pytest.mark.parametrize("what", NEVER)
def test_what_must_never_be_is_not_written(world: Database, what: str) -> None:
    answer = tried(world, NEVER[what], AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError | asyncpg.CheckViolationError), answer
