"""Moderation: samples drawn each month, looked at again, and what is learned (§4.5)."""

from typing import Any, Final

from tests.api import Json
from tests.year.turn import Turn

_SAMPLES: Final = "SELECT id FROM moderation_samples WHERE state = 'open' ORDER BY id"
_OUTCOMES: Final = """
SELECT o.sample_id, o.audit_id, o.moderated_by, o.auditor FROM moderation_outcomes o
JOIN moderation_samples s ON s.id = o.sample_id
WHERE s.state = 'open' AND o.moderated_at IS NOT NULL ORDER BY o.id DESC LIMIT 20
"""


def draw(turn: Turn) -> None:
    """A sample of the month before, of one group."""
    group = turn.row("SELECT code FROM auditor_groups ORDER BY code")["code"]
    turn.create("qs-1", "/v1/moderation-samples", {"group": group})


def close(turn: Turn) -> None:
    """A sample is closed."""
    turn.act("qs-1", f"/v1/moderation-samples/{turn.row(_SAMPLES)['id']}/close")


def learn(turn: Turn) -> None:
    """A moderator sets what is to be learned."""
    outcome = turn.row(_OUTCOMES)
    place = f"/v1/moderation-samples/{outcome['sample_id']}/outcomes/{outcome['audit_id']}"
    body = {
        "description": "Look at one together.",
        "owner": outcome["auditor"],
        "due_on": turn.day(30),
    }
    turn.create(outcome["moderated_by"], f"{place}/learning-actions", body)


def assign_moderator(turn: Turn, person: str, item: Json) -> None:
    """Quality & Standards say who moderates."""
    among = turn.place.rows(
        "SELECT DISTINCT p.worker FROM principals p JOIN role_assignments r"
        " ON r.principal_id = p.id WHERE r.role IN ('auditor', 'team_manager')"
        " AND r.valid @> $1::date AND p.worker IS NOT NULL ORDER BY 1",
        turn.today,
    )
    body = {"moderator": turn.one_of(among)["worker"]}
    turn.act(person, f"{item['path']}/assign", body)


def moderate(turn: Turn, person: str, item: Json) -> None:
    """What the moderator finds."""
    body: Json = {
        "quality": "Thorough.",
        "analysis": "Names the drift.",
        "contribution_to_impact": "The child is seen alone again.",
        "judgement": turn.one_of(("outstanding", "good", "requires_improvement", "inadequate")),
        "rationale": "Two visits were late.",
    }
    turn.put(person, item["path"], body)
    after = turn.get(person, item["path"])
    if _differ(after) and turn.chance(80):
        said = {"judgement": "good", "rationale": "Agreed when read together."}
        turn.put(person, f"{item['path']}/consensus", said, on=item["path"])


def _differ(outcome: Any) -> bool:
    return bool(outcome.get("moderated_judgement") != outcome.get("auditor_judgement"))


def agree(turn: Turn, person: str, item: Json) -> None:
    """The other of the two agrees."""
    turn.act(person, f"{item['path']}/agree")


STEPS: Final = {
    "draw a sample": (draw, 2),
    "close a sample": (close, 2),
    "set what is to be learned": (learn, 2),
}
