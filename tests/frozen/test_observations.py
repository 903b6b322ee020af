"""What stands of observations and of exemptions from them (R4.6.1)."""

from collections.abc import Mapping
from typing import Final

import asyncpg
import pytest

from tests.conftest import Database
from tests.frozen.additions import KEPT_OBSERVATION, NOT_AS
from tests.frozen.rows import ENDED
from tests.frozen.statements import (
    AT_THE_COMMIT,
    ONE,
    OTHER,
    Statement,
    entry_of,
    new,
    refused,
    told,
    tried,
)

_CORRECTED: Final = (
    "UPDATE practice_observations SET development = 'anew', version = version + 1 WHERE id = {}"
)
LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "an exemption from observations that is ended": (
        ENDED.format("observation_exemptions"),
        told("observation_exemption.ended", about_id=ONE),
        AT_THE_COMMIT,
    ),
    "highlights that a newer calendar gives longer": (
        (
            "UPDATE learning_highlights"
            " SET due_on = due_on + 1, calendar_version = calendar_version + 1"
        ),
    ),
    "an observation with its correction": (
        new("observation_corrections", NOT_AS["correction"]),
        _CORRECTED.format(OTHER),
        AT_THE_COMMIT,
    ),
}
"""What is done lawfully, each with its witness."""

NEVER: Final[Mapping[str, str]] = {
    "highlights that a newer calendar shortens": "UPDATE learning_highlights"
    " SET due_on = due_on - 1, calendar_version = calendar_version + 1",
    "an exemption from observations that is ended untold": ENDED.format("observation_exemptions"),
}
"""What was once taken when it was written directly, beside the columns that are frozen."""


@pytest.mark.parametrize(
    "kept",
    [
        "'{}'",
        KEPT_OBSERVATION.replace('"strengths": "strengths"', '"strengths": "None."'),
        f"{KEPT_OBSERVATION}::jsonb - 'planned'",
    ],
)
def test_a_correction_keeps_what_the_observation_says_and_all_of_it(
    world: Database, kept: str
) -> None:
    otherwise = new("observation_corrections", {**NOT_AS["correction"], "before": kept})
    answer = tried(world, otherwise)
    assert refused(answer, entry_of("observation_corrections", "closed_content")), answer


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


@pytest.mark.parametrize("what", NEVER)
def test_what_must_never_be_is_not_written(world: Database, what: str) -> None:
    answer = tried(world, NEVER[what], AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError | asyncpg.CheckViolationError), answer
