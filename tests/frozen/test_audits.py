"""What stands of an audit, and what amends it (R4.1.5)."""

from collections.abc import Mapping
from typing import Final

import asyncpg
import pytest

from tests.conftest import Database
from tests.frozen.additions import KEPT_ANSWER, KEPT_JUDGEMENT, KEPT_OVERALL, NOT_AS
from tests.frozen.statements import (
    AT_THE_COMMIT,
    FOURTH,
    ONE,
    OTHER,
    THIRD,
    Statement,
    entry_of,
    new,
    refused,
    tried,
)

_AMENDED: Final = (
    "UPDATE audits SET overall_rationale = 'anew', revision = revision + 1 WHERE id = {}"
)
_COMPLETED_LATE: Final = (
    "UPDATE audits SET state = 'completed', completed_at = '2026-06-01T23:30:00Z',"
    f" completed_on = '{{}}' WHERE id = {THIRD}"
)
_IN_ERROR_BEFORE: Final = (
    "UPDATE audits SET recorded_in_error_at = completed_at - interval '1 second',"
    f" error_confirmed_by = {OTHER} WHERE id = {ONE}"
)


def revision(answer: str, judgement: str, overall: str = KEPT_OVERALL) -> Statement:
    """A revision of an audit with one answer, one that is left out, and one judgement."""
    kept = f""""answers": {{{answer}}}, "judgements": {{{judgement}}}"""
    return new(
        "audit_revisions",
        {
            "audit_id": FOURTH,
            "number": "1",
            "subject_id": ONE,
            "restricted": "",
            "content": f"'{overall} {kept}}}'",
        },
    )


OTHERWISE_KEPT: Final[Mapping[str, tuple[str, str, str]]] = {
    "nothing": ("", "", '{"answers": {}, "judgements": {}, "overall": {},'),
    "another judgement": (
        KEPT_ANSWER,
        KEPT_JUDGEMENT,
        KEPT_OVERALL.replace("overall_judgement", "good"),
    ),
    "other words": (KEPT_ANSWER, KEPT_JUDGEMENT, KEPT_OVERALL.replace("overall_rationale", "No.")),
    "no answer": ("", KEPT_JUDGEMENT, KEPT_OVERALL),
    "another answer": (KEPT_ANSWER.replace("4", "5"), KEPT_JUDGEMENT, KEPT_OVERALL),
    "an answer of its own": (f'{KEPT_ANSWER}, "own": {{}}', KEPT_JUDGEMENT, KEPT_OVERALL),
    "another rationale": (KEPT_ANSWER, KEPT_JUDGEMENT.replace('"rationale"}', '""}'), KEPT_OVERALL),
    "no judgement": (KEPT_ANSWER, "", KEPT_OVERALL),
}

LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "a revision that keeps what was answered and judged": (
        revision(KEPT_ANSWER, KEPT_JUDGEMENT),
        _AMENDED.format(FOURTH),
        AT_THE_COMMIT,
    ),
    "a finding that another machine's clock raises before its audit": (
        new(
            "urgent_findings",
            {
                **NOT_AS["raising"],
                "id": OTHER,
                "subject_id": OTHER,
                "restricted": "",
                "child_safe_now": "'no'",
                "raised_at": "'2026-11-23T09:29:01Z'",
            },
        ),
    ),
    "an amendment with its revision": (
        new("audit_revisions", NOT_AS["amendment"]),
        _AMENDED.format(OTHER),
        AT_THE_COMMIT,
    ),
    "an action that an amendment adds": (
        new("audit_revisions", NOT_AS["amendment"]),
        new(
            "restorative_actions",
            {
                "id": THIRD,
                "audit_id": OTHER,
                "subject_id": OTHER,
                "restricted": "",
                "state": "'open'",
                "kind": "'practice'",
            },
        ),
        _AMENDED.format(OTHER),
        AT_THE_COMMIT,
    ),
    "a completed audit that moves with the case": (
        f"UPDATE audits SET team = 'moved', worker = 'moved' WHERE id = {OTHER}",
        f"UPDATE subjects SET team = 'moved', worker = 'moved' WHERE id = {OTHER}",
        AT_THE_COMMIT,
    ),
    "a completed audit that is due by another closing": (
        f"UPDATE audits SET due_on = due_on + 1 WHERE id = {OTHER}",
        new("events", {"id": OTHER, "type": "'audit.edited'", "about_id": OTHER}),
        AT_THE_COMMIT,
    ),
    "the worker's view of a draft": (
        new("worker_views", {"audit_id": THIRD, "subject_id": "", "restricted": ""}),
        f"UPDATE worker_views SET view = 'anew' WHERE audit_id = {THIRD}",
    ),
    "an audit that is completed on London's day": (_COMPLETED_LATE.format("2026-06-02"),),
}
"""What is done lawfully, each with its witness."""

NEVER: Final[Mapping[str, str]] = {
    "an error confirmed that nobody reported": f"UPDATE audits SET recorded_in_error_at = now(),"
    f" error_reported_by = {ONE}, error_confirmed_by = {OTHER} WHERE id = {ONE}",
    "an error undone": "UPDATE audits SET recorded_in_error_at = NULL, error_confirmed_by = NULL"
    f" WHERE id = {OTHER}",
    "an amendment without its revision": "UPDATE audits SET revision = revision + 1,"
    f" overall_judgement = 'judgement' WHERE id = {ONE}",
    "a judgement without a rationale": "UPDATE domain_judgements SET rationale = '  '"
    f" WHERE audit_id = {THIRD}",
    "an overall judgement without a rationale": f"UPDATE audits SET overall_rationale = E'\\n'"
    f" WHERE id = {THIRD}",
}
"""What was once taken when it was written directly, beside the columns that are frozen."""


@pytest.mark.long
@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


@pytest.mark.parametrize("kept", OTHERWISE_KEPT)
def test_a_revision_keeps_what_the_audit_says_and_all_of_it(world: Database, kept: str) -> None:
    entry = entry_of("audit_revisions", "closed_content")
    answer = tried(world, revision(*OTHERWISE_KEPT[kept]))
    assert refused(answer, entry), answer


@pytest.mark.parametrize(
    ("what", "entry"),
    [
        (_COMPLETED_LATE.format("2026-06-01"), "frozen_day_of_completion"),
        (_IN_ERROR_BEFORE, "frozen_day_of_error"),
    ],
)
def test_a_day_is_londons_and_an_error_is_found_after_it(
    world: Database, what: str, entry: str
) -> None:
    answer = tried(world, what)
    assert isinstance(answer, asyncpg.RestrictViolationError), answer
    assert answer.constraint_name == entry


@pytest.mark.parametrize("what", NEVER)
def test_what_must_never_be_is_not_written(world: Database, what: str) -> None:
    answer = tried(world, NEVER[what], AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError | asyncpg.CheckViolationError), answer
