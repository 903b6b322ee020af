"""What is about one person moves with a merge or with its case alone (C6)."""

from collections.abc import Mapping
from typing import Final

import asyncpg
import pytest

from qa_api.models.frozen.moves import HELD
from tests.conftest import Database
from tests.frozen.statements import (
    AT_THE_COMMIT,
    FIFTH,
    FOURTH,
    ONE,
    OTHER,
    THIRD,
    Statement,
    new,
    tried,
)

_OF_ONE: Final = """'{"merged": "00000000-0000-7000-8000-000000000001"}'"""
_MOVED: Final = f"UPDATE urgent_findings SET subject_id = {OTHER} WHERE subject_id = {ONE}"
_MERGED: Final = f"UPDATE subjects SET merged_into_id = {OTHER} WHERE id IN ({ONE}, {THIRD})"
_TOLD: Final = new(
    "events", {"id": OTHER, "type": "'subject.merged'", "about_id": OTHER, "data": _OF_ONE}
)

LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "what is held with its case": (
        f"UPDATE subjects SET team = 'moved', worker = 'moved' WHERE id = {ONE}",
        *(
            f"UPDATE {table} SET team = 'moved', worker = 'moved' WHERE subject_id = {ONE}"
            for table in HELD
        ),
        AT_THE_COMMIT,
    ),
    "a reference that stood for a record which it is now part of": (
        "DELETE FROM subject_aliases WHERE stands_for IS NOT NULL",
        new(
            "events",
            {
                "id": OTHER,
                "type": "'subject.merged'",
                "data": _OF_ONE.replace(ONE[1:37], FIFTH[1:37]),
            },
        ),
        AT_THE_COMMIT,
    ),
    "a reference that means another record after a merge": (
        (f"UPDATE subject_aliases SET subject_id = {ONE} WHERE subject_id = {OTHER}"),
        f"UPDATE subjects SET merged_into_id = {ONE} WHERE id = {OTHER}",
        "SET CONSTRAINTS frozen_subject IMMEDIATE",
    ),
    "a record that is called by another reference of its own": (
        new("subject_aliases", {"ref": "'further'", "subject_id": ONE}),
        f"UPDATE subjects SET ref = 'further' WHERE id = {ONE}",
        AT_THE_COMMIT,
    ),
    "what a merge leaves behind, after it moved": (
        f"UPDATE subjects SET team = 'moved' WHERE id = {THIRD}",
        new(
            "closure_gates",
            {
                "id": FOURTH,
                "state": "'awaiting_audit'",
                "current": "false",
                "subject_id": THIRD,
                "restricted": "",
            },
        ),
        f"UPDATE closure_gates SET team = 'moved' WHERE id = {FOURTH}",
        f"UPDATE subjects SET team = 'joined' WHERE id = {THIRD}",
        AT_THE_COMMIT,
    ),
    "what moves with its merge": (_MOVED, _MERGED, _TOLD, AT_THE_COMMIT),
    "what moves back within one merge": (_MERGED, _MOVED, _TOLD, AT_THE_COMMIT),
    "two gates that change places in a merge": (
        f"UPDATE closure_gates SET subject_id = NULL WHERE subject_id = {OTHER}",
        f"UPDATE closure_gates SET subject_id = {ONE} WHERE subject_id IS NULL",
        _MERGED,
        _TOLD,
        AT_THE_COMMIT,
    ),
}
"""What is done lawfully, each with its witness."""

NEVER: Final[Mapping[str, str]] = {
    "a response that is another team's than its case": f"UPDATE audit_responses SET team = 'other'"
    f" WHERE id = {ONE}",
    "a settled action that is another worker's than its case": "UPDATE restorative_actions"
    f" SET worker = 'other' WHERE id = {ONE}",
    "a reference that names another child": "UPDATE subject_aliases"
    f" SET subject_id = {ONE} WHERE subject_id = {OTHER}",
    "a finding moved to another child": f"UPDATE urgent_findings SET subject_id = {OTHER}",
    "a gate moved to another child by way of nobody": "UPDATE closure_gates SET subject_id = NULL",
    "a merge that nobody told": f"UPDATE subjects SET merged_into_id = {OTHER}"
    f" WHERE id IN ({ONE}, {THIRD})",
    "a merge undone": f"UPDATE subjects SET merged_into_id = NULL WHERE id = {THIRD}",
    "a merge into a record that is merged itself": f"UPDATE subjects SET merged_into_id = {THIRD}"
    f" WHERE id = {ONE}",
    "a person merged into themselves": f"UPDATE subjects SET merged_into_id = id WHERE id = {ONE}",
}
"""What was once taken when it was written directly, beside the columns that are frozen."""


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


@pytest.mark.parametrize("what", NEVER)
def test_what_must_never_be_is_not_written(world: Database, what: str) -> None:
    answer = tried(world, NEVER[what], AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError | asyncpg.CheckViolationError), answer
