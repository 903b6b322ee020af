"""What is drawn for moderation is added by its draw (R4.5.1)."""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.conftest import Database
from tests.frozen.additions import about, drawing
from tests.frozen.statements import (
    AT_THE_COMMIT,
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

_MODERATED: Final = (
    "UPDATE moderation_outcomes SET moderated_judgement = 'judgement', moderated_at = now(),"
    f" moderated_rationale = 'Seen.', moderated_by = 'both' WHERE sample_id = {THIRD}"
)
DRAWN_OTHERWISE: Final[Mapping[str, tuple[str, Row]]] = {
    "another judgement": ("moderation_outcomes", {"auditor_judgement": "'judgement'"}),
    "another rationale": ("moderation_outcomes", {"auditor_rationale": "'Other.'"}),
    "another auditor": ("moderation_outcomes", {"auditor": "'another'"}),
    "an earlier revision": ("moderation_outcomes", {"audit_revision": "0"}),
    "an audit that was not drawn": ("moderation_outcomes", {"audit_id": ONE}),
    "another sample's outcome": ("moderation_outcomes", {"sample_id": OTHER}),
    "a domain that says another judgement": (
        "moderated_domains",
        {"auditor_judgement": "'other'"},
    ),
    "a member that says another judgement": ("moderation_members", {"judgement": "'judgement'"}),
    "a member that is left out for nothing": (
        "moderation_members",
        {"exclusion": "'restricted'", "drawn": "false"},
    ),
    "a member of another sample": ("moderation_members", {"sample_id": OTHER}),
    "a member that is not completed": ("moderation_members", {"audit_id": THIRD}),
    "a team of another sample": ("moderating_teams", {"sample_id": OTHER}),
}

LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "a draw with its teams and what was drawn": (
        *drawing("moderation_outcomes"),
        new("moderating_teams", {"sample_id": THIRD}),
        about("moderation_outcomes", {"restricted": "true"}),
        _MODERATED,
        AT_THE_COMMIT,
    ),
    "a draw of nothing, which is closed at once": (
        *drawing("moderation_members", "closed"),
        about("moderation_members", {"restricted": "", "drawn": "false"}),
        AT_THE_COMMIT,
    ),
}
"""What is done lawfully, each with its witness."""


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


@pytest.mark.parametrize("what", DRAWN_OTHERWISE)
def test_what_is_drawn_is_added_by_the_draw_and_says_what_the_audit_says(
    world: Database, what: str
) -> None:
    table, row = DRAWN_OTHERWISE[what]
    entry = entry_of(table, "closed_draw")
    otherwise = (
        new(table, {"team": "'further'", **row})
        if table == "moderating_teams"
        else about(table, {"restricted": "true", **row})
    )
    answer = tried(world, *drawing(table), otherwise)
    assert refused(answer, entry), answer
