"""QA updates are submitted as they say, and awaited until they are begun (R4.7.1)."""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.conftest import Database
from tests.frozen.rows import NARRATIVE
from tests.frozen.statements import AT_THE_COMMIT, ONE, OTHER, Row, Statement, new, tried

_BEGUN_UPDATE: Final[Row] = {
    "id": OTHER,
    "state": "'draft'",
    "quarter": "'another'",
    **{part: f"'{part}'" for part in NARRATIVE.split()},
}

_FIRST_SUBMISSION: Final[Row] = {
    "update_id": OTHER,
    "number": "1",
    "submitted_at": "'2026-06-01T23:30:00Z'",
    "narrative": "'{" + ", ".join(f'"{part}": "{part}"' for part in NARRATIVE.split()) + "}'",
}

LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "an update that is submitted again": (
        new(
            "qa_update_submissions",
            {"number": "2", "narrative": _FIRST_SUBMISSION["narrative"]},
        ),
        new("events", {"id": OTHER, "type": "'qa_update.moved'", "about_id": ONE}),
        AT_THE_COMMIT,
    ),
    "an update that is first submitted": (
        new("qa_updates", _BEGUN_UPDATE),
        (
            "UPDATE qa_updates SET first_submitted_on = '2026-06-02', state = 'submitted'"
            f" WHERE id = {OTHER}"
        ),
        new("qa_update_submissions", _FIRST_SUBMISSION),
        new("events", {"id": OTHER, "type": "'qa_update.moved'", "about_id": OTHER}),
        AT_THE_COMMIT,
    ),
    "an update that a newer calendar gives longer": (
        "UPDATE qa_updates SET due_on = due_on + 1, calendar_version = calendar_version + 1",
    ),
    "an awaited update that is begun": (
        "DELETE FROM awaited_updates",
        new("qa_updates", _BEGUN_UPDATE),
        AT_THE_COMMIT,
    ),
}
"""What is done lawfully, each with its witness."""


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None
