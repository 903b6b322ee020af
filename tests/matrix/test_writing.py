"""Who may change what: every change, tried by everybody on real rows, against the written table."""

from typing import Any

from tests.matrix.walk import Walk
from tests.matrix.world import Tables, World
from tests.matrix.writing import Writing

_GOES_ON = {"access_log", "idempotency_keys"}
"""What a request leaves that changed nothing: that somebody looked."""


def kept(world: World) -> Tables:
    """Every row that a change could change."""
    return {name: rows for name, rows in world.tables().items() if name not in _GOES_ON}


def differing(before: Tables, after: Tables) -> dict[str, Any]:
    """The rows that are not as they were, by table."""
    return {
        name: [row for row in after[name] if row not in rows]
        or f"{len(rows) - len(after[name])} are gone"
        for name, rows in before.items()
        if sorted(map(str, rows)) != sorted(map(str, after[name]))
    }


def test_a_change_that_is_not_theirs_is_refused_and_changes_nothing(
    walk: Walk, world: World
) -> None:
    writing, before = Writing(walk), kept(world)
    allowed = 0
    for name, tried, may in writing.everybody():
        if may:
            writing.let_through(name, tried)
            allowed += 1
        else:
            writing.refused(name, tried)
    for name, operation, path, body in writing.makes():
        writing.make(name, operation, path, body)
    walk.hold(0)
    assert differing(before, kept(world)) == {}
    assert allowed > 10
    assert walk.asked > 200


def test_a_conflict_of_interest_turns_people_away(walk: Walk, world: World) -> None:
    writing, before = Writing(walk), kept(world)
    turned_away = set()
    for name, tried in writing.barred():
        writing.turned_away(name, tried)
        turned_away.add(tried.act.operation)
    walk.hold(0)
    assert differing(before, kept(world)) == {}
    assert turned_away >= {
        "confirm_audit_error",
        "approve_override",
        "approve_retention_run",
        "verify_action",
        "review_response",
    }
