"""What stands of responses, actions and escalations (§4.2, §4.3)."""

from collections.abc import Mapping
from typing import Final

import asyncpg
import pytest

from qa_api.models.frozen import FROZEN
from tests.conftest import Database
from tests.frozen.additions import NOT_AS
from tests.frozen.rows import AS_COUNTED, COUNTED
from tests.frozen.statements import AT_THE_COMMIT, ONE, OTHER, Row, Statement, new, refused, tried

_ACTION: Final = f"UPDATE restorative_actions SET {{0}} = {{0}} + 1 WHERE id = {ONE}"
_SUBMITTED: Final = (
    f"UPDATE response_rounds SET submitted_at = now(), submitted_by = 'x' WHERE id = {OTHER}"
)
_TOLD_SUBMITTED: Final = (
    "INSERT INTO events (id, type, about_id, at, data, correlation_id)"
    f""" VALUES ({OTHER}, 'response.submitted', {OTHER}, now(), '{{"round": 1}}', 'c')"""
)
_WORDS: Final = f"UPDATE response_rounds SET explanation = '{{}}' WHERE id = {ONE}"
_KEPT: Final[Row] = {
    "action_id": ONE,
    "number": "9",
    "was": "'2026-11-23'",
    "became": "'2026-11-24'",
    "subject_id": ONE,
    "restricted": "",
}

_CHANGED: Final = {
    which: new("action_date_changes", {**_KEPT, "which": f"'{which}'"})
    for which in ("finish_on", "done_on")
}
LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "a review that another is asked for": (
        f"UPDATE response_rounds SET reviewer = 'another' WHERE id = {OTHER}",
    ),
    "words that say of a holiday that it is withdrawn": (
        _WORDS.format(
            COUNTED.format(
                **{
                    **AS_COUNTED,
                    "reason": "withdrawn",
                    "facts": '"days": 5, "withdrawn_since": ["2026-12-25"]',
                }
            )
        ),
    ),
    "a day that a newer calendar counts again": (
        _WORDS.format(COUNTED.format(**{**AS_COUNTED, "version": "2", "day": "2026-12-28"})),
    ),
    "a recipient in whose place another is asked": (
        f"UPDATE escalation_recipients SET replaced_at = now() WHERE id = {OTHER}",
    ),
    "a promised date with the one before": (
        _ACTION.format("due_on"),
        _CHANGED["finish_on"],
        AT_THE_COMMIT,
    ),
    "the day on which it was done with the one before": (
        _ACTION.format("done_on"),
        _CHANGED["done_on"],
        AT_THE_COMMIT,
    ),
    "a response with what it answers": (
        _SUBMITTED,
        new("response_items", NOT_AS["submission"]),
        _TOLD_SUBMITTED,
        AT_THE_COMMIT,
    ),
    "a further round of a response that is returned": (
        _SUBMITTED,
        f"UPDATE response_rounds SET outcome = 'returned' WHERE id = {OTHER}",
        new("response_rounds", {**NOT_AS["return"], "response_id": OTHER}),
        AT_THE_COMMIT,
    ),
}
"""What is done lawfully, each with its witness."""

NEVER: Final[Mapping[str, str]] = {
    "a reviewed round that another is asked to review": "UPDATE response_rounds"
    f" SET reviewer = 'other' WHERE id = {ONE}",
    "a day that was counted by other days": _WORDS.format(
        COUNTED.format(**{**AS_COUNTED, "day": "2026-12-28"})
    ),
    "a day that was counted by other facts": _WORDS.format(
        COUNTED.format(**{**AS_COUNTED, "facts": '"days": 6'})
    ),
    "a day that an older calendar counts again": _WORDS.format(
        COUNTED.format(**{**AS_COUNTED, "version": "0", "day": "2026-12-28"})
    ),
    "a due date lengthened under the same calendar": "UPDATE audit_responses SET"
    " due_on = due_on + 1, due_on_before = due_on",
    "a due date shortened under a newer calendar": "UPDATE audit_responses SET"
    " due_on = due_on - 1, due_on_before = due_on, calendar_version = calendar_version + 1",
    "an action's date moved without the one before": _ACTION.format("due_on"),
}
"""What was once taken when it was written directly, beside the columns that are frozen."""


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


def test_what_was_submitted_before_gets_no_further_answer(world: Database) -> None:
    (entry,) = (
        each for each in FROZEN if (each.table, each.what) == ("response_items", "submission")
    )
    late = new("response_items", NOT_AS["submission"])
    answer = tried(world, _SUBMITTED, late, AT_THE_COMMIT)
    assert refused(answer, entry), answer


@pytest.mark.parametrize("what", NEVER)
def test_what_must_never_be_is_not_written(world: Database, what: str) -> None:
    answer = tried(world, NEVER[what], AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError | asyncpg.CheckViolationError), answer
