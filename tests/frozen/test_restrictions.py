"""What is restricted stays so, and who is let in to it (X3)."""

from collections.abc import Mapping
from typing import Final

import asyncpg
import pytest

from qa_api.models import Base
from qa_api.models.frozen import Closed
from qa_api.models.frozen.restrictions import ABOUT_SUBJECTS, PARENTS
from tests.conftest import Database
from tests.frozen.additions import about, drawing, written
from tests.frozen.statements import (
    AT_THE_COMMIT,
    FOURTH,
    ONE,
    OTHER,
    THIRD,
    Row,
    Statement,
    entry_of,
    new,
    refused,
    tried,
)

_GRANT: Final = (
    "INSERT INTO restriction_grants"
    " (id, subject_id, principal_id, reason, granted_by, granted_at, expires_at) VALUES"
    f" ({OTHER}, {ONE}, {{}}, 'Complaint.', {{}}, '2026-11-23T09:30:00Z', '{{}}')"
)

_LEAVE: Final[Row] = {"id": OTHER, "expires_at": "'2027-02-21T09:30:00Z'"}
LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "leave for another to see a restricted record, for ninety days": (
        new("restriction_grants", {**_LEAVE, "principal_id": THIRD}),
    ),
    "leave for an account of nobody": (
        new("restriction_grants", {**_LEAVE, "principal_id": FOURTH}),
    ),
    "leave that ends sooner": (
        "UPDATE restriction_grants SET expires_at = expires_at - interval '1 hour'",
    ),
}
"""What is done lawfully, each with its witness."""

NEVER: Final[Mapping[str, str]] = {
    "leave to see a restricted record for more than ninety days": _GRANT.format(
        THIRD, ONE, "2027-02-21T09:30:01Z"
    ),
    "leave that one gives to oneself": _GRANT.format(ONE, ONE, "2026-11-24T09:30:00Z"),
    "leave that nobody of the directory gives": _GRANT.format(ONE, FOURTH, "2026-11-24T09:30:00Z"),
}
"""What was once taken when it was written directly, beside the columns that are frozen."""


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


@pytest.mark.parametrize("table", ABOUT_SUBJECTS)
def test_what_is_added_about_a_restricted_child_is_restricted(world: Database, table: str) -> None:
    entry = entry_of(table, "closed_subject")
    before = drawing(table)
    restricted = about(table, {"restricted": "true"})
    assert tried(world, *before, restricted) is None
    assert isinstance(entry, Closed)
    assert refused(tried(world, *before, written(world, entry)), entry)
    if table in PARENTS:
        of_another = about(table, {"restricted": "true", "subject_id": ONE})
        assert refused(tried(world, *before, of_another), entry)


def test_every_row_that_belongs_to_another_is_held_to_its_subject() -> None:
    tables = Base.metadata.tables
    for name in ABOUT_SUBJECTS:
        belongs = {
            (key.column.table.name, key.parent.name)
            for key in tables[name].foreign_keys
            if key.column.table.name in ABOUT_SUBJECTS and not key.parent.nullable
        }
        # An attempt is its audit's, as the contact is of which it is one.
        belongs |= {("audits", of) for parent, of in belongs if parent == "family_contacts"}
        assert not belongs or PARENTS[name] in belongs, name


@pytest.mark.parametrize("what", NEVER)
def test_what_must_never_be_is_not_written(world: Database, what: str) -> None:
    answer = tried(world, NEVER[what], AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError | asyncpg.CheckViolationError), answer
