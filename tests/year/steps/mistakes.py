"""Mistakes put right: audits in error, dates of actions corrected, actions given to others."""

from typing import Final

from tests.year.turn import Turn

_COMPLETED: Final = (
    "SELECT id FROM audits WHERE completed_at IS NOT NULL AND error_reported_by IS NULL"
    " AND recorded_in_error_at IS NULL ORDER BY id DESC LIMIT 30"
)
_ACTIONS: Final = """
SELECT a.id, a.team, a.done_on, u.auditor, a.done_by FROM restorative_actions a
JOIN audits u ON u.id = a.audit_id WHERE a.set_at IS NOT NULL AND {} ORDER BY a.id DESC LIMIT 30
"""


def report_error(turn: Turn) -> None:
    """An audit was made on the wrong child; a second person confirms it, or it is taken back."""
    who = turn.one_of(("qs-1", "qs-2"))
    audit = turn.row(_COMPLETED)
    body = {"reason": "Another child of the same name."}
    turn.act(who, f"/v1/audits/{audit['id']}/record-in-error", body)


def correct_done(turn: Turn) -> None:
    """An action was done on another day."""
    action = turn.row(_ACTIONS.format("a.done_on IS NOT NULL"))
    body = {"done_on": turn.day(-1), "reason": "It was the day before."}
    turn.act(action["done_by"], f"/v1/restorative-actions/{action['id']}/correct-done", body)


def cancel_action(turn: Turn) -> None:
    """An action that is not needed any more."""
    action = turn.row(_ACTIONS.format("a.state IN ('open', 'planned')"))
    turn.act(
        f"tm-{action['team']}",
        f"/v1/restorative-actions/{action['id']}/cancel",
        {"reason": "The family has moved away."},
    )


def reassign_action(turn: Turn) -> None:
    """An action is somebody else's."""
    action = turn.row(_ACTIONS.format("a.state IN ('open', 'planned')"))
    owner = turn.row(
        "SELECT worker FROM team_memberships WHERE team = $1 AND valid @> $2::date ORDER BY 1",
        action["team"],
        turn.today,
    )
    turn.act(
        f"tm-{action['team']}",
        f"/v1/restorative-actions/{action['id']}/reassign",
        {"owner": owner["worker"], "reason": "Knows the family."},
    )


STEPS: Final = {
    "report an audit in error": (report_error, 4),
    "correct when it was done": (correct_done, 2),
    "cancel an action": (cancel_action, 2),
    "give an action to another": (reassign_action, 2),
}
