"""The directory: absences, leavers, newcomers, moves, hand-overs, teams reorganised."""

from typing import Any, Final

from tests.api import Json
from tests.year.turn import NothingToDo, Turn

_STAFF: Final = """
SELECT code FROM workers WHERE (leaves_on IS NULL OR leaves_on > $1::date)
AND code ~ '^(sw|ps|tm|new)' ORDER BY code
"""
_TEAMS: Final = "SELECT code FROM teams ORDER BY code"
_WORKER: Final = (
    *("starts_on", "leaves_on", "observations_required"),
    *("teams", "supervisors", "absences", "references"),
)
_TEAM: Final = ("name", "locality", "services", "managers", "deputies", "references")


def be_away(turn: Turn) -> None:
    """Somebody is away for some days, perhaps from today."""
    first = turn.one_of((0, 0, 1, 7))
    away = {
        "from": turn.day(first),
        "to": turn.day(first + turn.random.randrange(1, 25)),
        "reason_code": turn.one_of(("leave", "sick")),
    }
    worker = turn.row(_STAFF, turn.today)["code"]
    _change(turn, worker, lambda one: {"absences": [*one["absences"], away]})


def leave(turn: Turn) -> None:
    """Somebody leaves; perhaps what they hold is handed over first."""
    worker = turn.row(f"{_STAFF.replace('ps|tm|', '')}", turn.today)["code"]
    if turn.chance(60):
        _hand_over(turn, worker, "leaves")
    last = turn.day(turn.one_of((0, 1, 10)))
    _change(turn, worker, lambda _: {"leaves_on": last})


def hand_over(turn: Turn) -> None:
    """What somebody holds goes to another while they are away."""
    _hand_over(turn, turn.row(_STAFF, turn.today)["code"], turn.one_of(("away", "other")))


def _hand_over(turn: Turn, worker: str, because: str) -> None:
    team = _team_of(turn, worker)
    others = turn.place.rows(
        "SELECT DISTINCT worker FROM team_memberships WHERE team = $1 AND valid @> $2::date"
        " AND worker <> $3 ORDER BY 1",
        team,
        turn.today,
        worker,
    )
    body = {
        "from_worker": worker,
        "to_workers": [turn.one_of(others)["worker"]],
        "because": because,
    }
    turn.create("qs-1", "/v1/hand-overs", body)


def change_team(turn: Turn) -> None:
    """A worker goes to another team, today or soon."""
    worker = turn.row(f"{_STAFF.replace('ps|tm|', '')}", turn.today)["code"]
    team, first = turn.row(_TEAMS)["code"], turn.one_of((0, 1, 5))

    def moved(one: Json) -> Json:
        before = [each | {"to": each["to"] or turn.day(first)} for each in one["teams"]]
        return {"teams": [*before, {"team": team, "from": turn.day(first)}]}

    _change(turn, worker, moved)


def come(turn: Turn) -> None:
    """A newcomer, with an account and the role of a worker once a second person agrees."""
    team, code = turn.row(_TEAMS)["code"], f"new-{turn.step.number}"
    body = {"starts_on": turn.day(0), "teams": [{"team": team, "from": turn.day(0)}]}
    turn.put("admin-1", f"/v1/workers/{code}", body, new=True)
    issuer = turn.place.issuer.settings.issuer
    account = {"issuer": issuer, "subject": code, "worker": code}
    principal = _right(turn, principal=account)["target_id"]
    role: Json = {"role": "worker", "from": turn.day(0), "principal_id": principal}
    _right(turn, role_assignment=role)
    if turn.chance(40):
        _right(turn, role_assignment=role | {"role": "auditor"})
        _right(turn, role_assignment=role | {"role": "practice_supervisor", "team": team})


def change_manager(turn: Turn) -> None:
    """Another manager for a team, or none for a while."""
    team = turn.row(_TEAMS)["code"]
    found = _of(turn.get("admin-1", f"/v1/teams/{team}"), _TEAM)
    ended = [post | {"to": post["to"] or turn.day(0)} for post in found["managers"]]
    if turn.chance(70):
        other = turn.row(
            "SELECT DISTINCT p.worker, p.id FROM principals p JOIN role_assignments r"
            " ON r.principal_id = p.id WHERE r.role IN ('team_manager', 'practice_supervisor')"
            " AND p.worker IS NOT NULL AND r.valid @> $1::date ORDER BY 1, 2",
            turn.today,
        )
        ended.append({"worker": other["worker"], "from": turn.day(0), "to": None})
        role = {"role": "team_manager", "team": team, "from": turn.day(0)}
        _right(turn, role_assignment=role | {"principal_id": str(other["id"])})
    turn.put("admin-1", f"/v1/teams/{team}", found | {"managers": ended})


def move_team(turn: Turn) -> None:
    """A team goes to another service."""
    team = turn.row(_TEAMS)["code"]
    service = turn.row("SELECT code FROM services ORDER BY code")["code"]
    found = _of(turn.get("admin-1", f"/v1/teams/{team}"), _TEAM)
    ended = [each | {"to": each["to"] or turn.day(0)} for each in found["services"]]
    into = [*ended, {"service": service, "from": turn.day(0)}]
    turn.put("admin-1", f"/v1/teams/{team}", found | {"services": into})


def end_right(turn: Turn) -> None:
    """Somebody holds a role no more."""
    right = turn.row(
        "SELECT r.id FROM role_assignments r JOIN principals p ON p.id = r.principal_id"
        " WHERE r.valid @> $1::date AND upper_inf(r.valid) AND r.role IN ('auditor', 'worker',"
        " 'team_manager', 'practice_supervisor') ORDER BY r.id",
        turn.today,
    )
    turn.act("admin-1", f"/v1/role-assignments/{right['id']}/end", {"to": turn.day(1)})


def _right(turn: Turn, **change: Json) -> Json:
    """A right as an administrator proposes it; Quality & Standards confirm it."""
    body: Json = {"reason": "As agreed.", **change}
    proposed = turn.create("admin-1", "/v1/rights-changes", body)
    confirmed: Json = turn.act("qs-1", f"/v1/rights-changes/{proposed['id']}/confirm")
    return confirmed


def _change(turn: Turn, worker: str, how: Any) -> None:
    path = f"/v1/workers/{worker}"
    found = _of(turn.get("admin-1", path), _WORKER)
    turn.put("admin-1", path, found | how(found))


def _of(found: Json, names: tuple[str, ...]) -> Json:
    """What can be written of what was read, with its periods as they are."""
    return {name: found[name] for name in names if name in found}


def _team_of(turn: Turn, worker: str) -> str:
    found = turn.place.rows(
        "SELECT team FROM team_memberships WHERE worker = $1 AND valid @> $2::date ORDER BY 1",
        worker,
        turn.today,
    )
    if not found:
        raise NothingToDo
    return str(found[0]["team"])


STEPS: Final = {
    "somebody is away": (be_away, 12),
    "somebody leaves": (leave, 2),
    "work is handed over": (hand_over, 4),
    "somebody changes team": (change_team, 4),
    "a newcomer": (come, 4),
    "another manager": (change_manager, 2),
    "a team moves": (move_team, 1),
    "a role ends": (end_right, 1),
}
