"""Caseloads: everybody whose case is open on a day, sent by the case system (§4.4, R4.4.4)."""

from typing import Final

from tests.api import Json
from tests.year.calling import Failed
from tests.year.steps.closing import SUBJECTS
from tests.year.turn import NothingToDo, Turn

_SENDER: Final = "case-system-mosaic"
_MOST: Final = 150
_TAKEN: Final = "SELECT taken_on, children FROM caseloads ORDER BY taken_on DESC LIMIT 5"


def send(turn: Turn) -> None:
    """Last night's caseload comes; now and then twice, or again with others in it."""
    day = turn.day(-turn.one_of((0, 1, 1, 1, 2)))
    path = f"/v1/caseloads/{day}"
    there = turn.place.rows("SELECT FROM caseloads WHERE taken_on::text = $1", day)
    body = {"children": _children(turn)}
    turn.put(_SENDER, path, body, new=not there)
    if turn.chance(20):
        turn.put(_SENDER, path, body)
    if turn.chance(15):
        turn.put(_SENDER, path, {"children": [*body["children"][1:], _unknown(turn, "late")]})


def look_through(turn: Turn) -> None:
    """Q&S check a caseload, and read who of it was looked at; so do senior leaders."""
    day = turn.row(_TAKEN)["taken_on"].isoformat()
    path = f"/v1/caseloads/{day}"
    same = turn.ask("qs-1", "POST", f"{path}/verify", {})
    if not (same["same_count"] and same["same_hash"] and same["same_rows"]):
        raise Failed("a caseload is not as it was taken")
    for person in ("qs-1", "slt-1"):
        covered = turn.get(person, f"{path}/coverage")["covered"]
        if covered and covered["audited"] > covered["children"]:
            raise Failed("more children were looked at than there are")
    turn.get("qs-1", f"{path}/sample-size?width_percent=20")
    turn.get("qs-1", f"{path}/children?limit=20")


def _children(turn: Turn) -> list[Json]:
    known = turn.place.rows(f"{SUBJECTS} AND team IS NOT NULL ORDER BY id")[-_MOST:]
    if not known:
        raise NothingToDo
    return [
        *(
            {
                "ref": row["ref"],
                "team": row["team"],
                "worker": row["worker"],
                "status": turn.one_of(("child-in-need", "child-protection", "looked-after")),
                "strata": {"age": turn.one_of(("0-4", "5-9", "10-17"))},
            }
            for row in known
        ),
        _unknown(turn, "unknown"),
    ]


def _unknown(turn: Turn, what: str) -> Json:
    """A child of whom no event told."""
    team = turn.row("SELECT code FROM teams ORDER BY code")["code"]
    return {"ref": f"K-{turn.step.number}-{what}", "team": team, "status": "child-in-need"}


STEPS: Final = {
    "a caseload comes": (send, 4),
    "a caseload is looked through": (look_through, 2),
}
