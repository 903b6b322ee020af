"""What a case system tells: closings, moves, merges, restrictions, in any order and too often."""

import json
from typing import Any, Final

from tests.api import Json
from tests.year.turn import NothingToDo, Turn

PROPOSED: Final = "case.closure_proposed.v1"
_AFTER: Final = (
    *(("case.closed.v1",) * 4),
    "case.closure_cancelled.v1",
    "case.reopened.v1",
    PROPOSED,
)
_EPISODES: Final = """
SELECT episode_id, max(source_version) AS version,
       (array_agg(data -> 'data' ORDER BY source_version DESC, id DESC))[1] AS data
FROM case_events WHERE episode_id IS NOT NULL AND source_version IS NOT NULL
    AND data -> 'data' ? 'subjects'
GROUP BY episode_id ORDER BY max(id::text) DESC LIMIT 60
"""
SUBJECTS: Final = (
    "SELECT * FROM subjects WHERE kind = 'child' AND merged_into_id IS NULL"
    " AND ref NOT LIKE 'removed:%'"
)
_WORKERS: Final = """
SELECT m.worker, m.team FROM team_memberships m
WHERE m.valid @> $1::date AND m.worker LIKE ANY ('{sw%,new%}') ORDER BY 1, 2
"""


def case_worker(turn: Turn) -> tuple[str, str]:
    """Somebody who holds cases today, and their team."""
    found = turn.row(_WORKERS, turn.today)
    return found["worker"], found["team"]


def propose(turn: Turn) -> None:
    """A case is to be closed: of a child that nobody knew, or of one that is known."""
    worker, team = case_worker(turn)
    refs = [f"K-{turn.step.number}"]
    if turn.chance(25):
        known = turn.row(f"{SUBJECTS} AND worker IS NOT NULL ORDER BY id")
        refs, worker, team = [known["ref"]], known["worker"], known["team"]
    elif turn.chance(20):
        refs.append(f"K-{turn.step.number}-b")
    closure = {"date": turn.day(turn.random.randrange(1, 30)), "reason_code": "RC1"}
    said: Json = {"closure": closure}
    if not turn.chance(4):
        said |= {"worker": worker if not turn.chance(3) else "nobody-here", "team": team}
    tell(turn, PROPOSED, f"E-{turn.step.number}", refs, 1, **said)


def go_on(turn: Turn) -> None:
    """An episode goes on: it is closed, taken back, begun again; perhaps an older word comes."""
    episode = turn.row(_EPISODES)
    data = json.loads(episode["data"])
    version = episode["version"] + turn.one_of((1, 1, 1, 1, 2, -1))
    said = {key: data[key] for key in ("worker", "team") if data.get(key)}
    if (type_ := turn.one_of(_AFTER)) in {PROPOSED, "case.closed.v1"}:
        said["closure"] = {"date": turn.day(0), "reason_code": turn.one_of(("RC1", "RC4", "RC9"))}
    refs = [one["ref"] for one in data["subjects"] if not one["ref"].startswith("removed:")]
    if not refs:
        raise NothingToDo
    tell(turn, type_, episode["episode_id"], refs, max(0, version), **said)


def tell_again(turn: Turn) -> None:
    """The same event once more, as such systems do; or another under its id."""
    event = turn.row(
        "SELECT event_id, type, data -> 'data' AS data FROM case_events"
        " WHERE data::text NOT LIKE '%removed:%' ORDER BY id DESC LIMIT 40"
    )
    data = json.loads(event["data"])
    if turn.chance(30):
        data["occurred_at"] = turn.instant(hours=-1)
    turn.send(_event(event["type"], event["event_id"], data))


def move(turn: Turn) -> None:
    """A case goes to another worker, perhaps of another team, perhaps as of some days ago."""
    child = turn.row(f"{SUBJECTS} ORDER BY id")
    worker, team = case_worker(turn)
    said = {"worker": worker, "team": team, "from": turn.instant(days=-turn.random.randrange(4))}
    data = {**_of(turn, [child["ref"]]), "allocation": said}
    turn.send(_event("allocation.changed.v1", turn_id(turn), data))


def merge(turn: Turn) -> None:
    """Two records are of one person."""
    children = turn.place.rows(f"{SUBJECTS} ORDER BY id")
    first, second = turn.one_of(children), turn.one_of(children)
    if first["id"] == second["id"]:
        raise NothingToDo
    data = {
        "occurred_at": turn.instant(minutes=-1),
        "merge": {"from": first["ref"], "into": second["ref"]},
    }
    turn.send(_event("person.merged.v1", turn_id(turn), data))


def restrict(turn: Turn) -> None:
    """A record is restricted, or open again."""
    child = turn.row(f"{SUBJECTS} ORDER BY restricted DESC, id")
    said = {"kind": turn.one_of(("staff", "pre_adoption", "other")), "on": turn.chance(60)}
    data = {**_of(turn, [child["ref"]]), "restriction": said}
    turn.send(_event("record.restricted.v1", turn_id(turn), data))


def turn_id(turn: Turn) -> str:
    """An id for an event that no other step uses."""
    turn.keys += 1
    return f"{turn.step.number}-{turn.keys}"


def tell(turn: Turn, type_: str, episode: str, refs: list[str], version: int, **said: Any) -> None:
    """An event about some children's episode, now and then sent twice."""
    data = {"episode_id": episode, "source_version": version, **_of(turn, refs), **said}
    event = _event(type_, turn_id(turn), data)
    turn.send(event)
    if turn.chance(5):
        turn.send(event)


def _of(turn: Turn, refs: list[str]) -> Json:
    """Whom it is about and when it was; now and then by a clock that is wrong."""
    at = turn.instant(minutes=-turn.random.randrange(1, 90))
    if turn.chance(5):
        at = turn.instant(days=turn.one_of((-40, -3, -1, 1, 2, 30)))
    subjects = [{"ref": ref, "role": "child"} for ref in refs]
    return {"subjects": subjects, "occurred_at": at}


def _event(type_: str, id_: str, data: Json) -> Json:
    return {"specversion": "1.0", "id": id_, "source": "urn:mosaic", "type": type_, "data": data}


STEPS: Final = {
    "propose a closing": (propose, 30),
    "an episode goes on": (go_on, 30),
    "an event again": (tell_again, 9),
    "a case moves": (move, 15),
    "records are one": (merge, 3),
    "a record is restricted": (restrict, 3),
}
