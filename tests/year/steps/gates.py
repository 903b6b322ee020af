"""Gates that people open by hand, and take back (§3, C3)."""

from typing import Final

from tests.year.turn import Turn

_LEADERS: Final = """
SELECT g.id, r.subject FROM closure_gates g JOIN (
    SELECT p.subject, p.worker, r.team FROM principals p JOIN role_assignments r
    ON r.principal_id = p.id WHERE r.role = 'team_manager' AND r.valid @> $1::date
) r ON r.team = g.team WHERE {} ORDER BY g.id DESC, r.subject LIMIT 20
"""


def request_override(turn: Turn) -> None:
    """A manager asks to close all the same."""
    gate = turn.row(
        _LEADERS.format("g.state IN ('awaiting_audit', 'actions_outstanding')"), turn.today
    )
    body = {"reason": "The family has moved away."}
    turn.act(gate["subject"], f"/v1/closure-gates/{gate['id']}/override", body)


def withdraw_override(turn: Turn) -> None:
    """It was a mistake."""
    where = "g.override_requested_at IS NOT NULL AND g.override_withdrawn_at IS NULL"
    gate = turn.row(_LEADERS.format(where), turn.today)
    body = {"reason": "It was another family."}
    turn.act(gate["subject"], f"/v1/closure-gates/{gate['id']}/withdraw-override", body)


def reopen(turn: Turn) -> None:
    """What is clear is looked at again."""
    gate = turn.row(_LEADERS.format("g.state = 'clear'"), turn.today)
    body = {"reason": "Something new is known."}
    turn.act(gate["subject"], f"/v1/closure-gates/{gate['id']}/reopen", body)


STEPS: Final = {
    "ask for an override": (request_override, 6),
    "withdraw an override": (withdraw_override, 6),
    "reopen a gate": (reopen, 3),
}
