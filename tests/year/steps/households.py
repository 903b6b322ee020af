"""Families whose children are closed together, and carers, whose audits fall due (§3, R3.2)."""

from datetime import date, timedelta
from typing import Final

from tests.api import Json
from tests.year.steps.closing import PROPOSED, case_worker, tell
from tests.year.turn import NothingToDo, Turn

_FAMILIES: Final = """
SELECT e.episode_id, max(e.source_version) AS version, s.worker, s.team,
       array_agg(DISTINCT s.ref ORDER BY s.ref) AS refs
FROM case_events e JOIN case_event_outcomes o ON o.case_event_id = e.id
JOIN subjects s ON s.id = o.subject_id AND s.merged_into_id IS NULL AND s.ref NOT LIKE 'removed:%'
WHERE e.episode_id LIKE 'F-%' AND e.source_version IS NOT NULL
GROUP BY e.episode_id, s.worker, s.team ORDER BY max(e.id::text) DESC LIMIT 20
"""
_CARERS: Final = (
    "SELECT * FROM subjects WHERE kind = 'carer_household' AND merged_into_id IS NULL"
    " AND ref NOT LIKE 'removed:%' ORDER BY id"
)


def propose_family(turn: Turn) -> None:
    """The cases of two to four children of a family are to be closed together."""
    worker, team = case_worker(turn)
    refs = [f"K-{turn.step.number}-{at}" for at in range(turn.random.randrange(2, 5))]
    closure = {"date": turn.day(turn.random.randrange(1, 30)), "reason_code": "RC1"}
    tell(
        turn, PROPOSED, f"F-{turn.step.number}", refs, 1, closure=closure, worker=worker, team=team
    )


def family_goes_on(turn: Turn) -> None:
    """Of a family one child is closed before the others, comes to it late, or stays open."""
    family = turn.row(_FAMILIES)
    refs: list[str] = list(family["refs"])
    said: Json = {key: family[key] for key in ("worker", "team") if family[key]}
    type_ = turn.one_of((PROPOSED, "case.closed.v1", "case.closed.v1", "case.reopened.v1"))
    if type_ != "case.reopened.v1":
        said["closure"] = {"date": turn.day(0), "reason_code": turn.one_of(("RC1", "RC4"))}
    if turn.chance(30):
        refs.append(f"K-{turn.step.number}-late")
    elif turn.chance(50):
        refs = refs[: turn.random.randrange(1, len(refs) + 1)]
    tell(turn, type_, family["episode_id"], refs, family["version"] + 1, **said)


def approve_carers(turn: Turn) -> None:
    """A carer household was first presented at Panel, so long ago that its audits fall due."""
    worker, team = case_worker(turn)
    ref = f"H-{turn.step.number}"
    body = {"kind": "carer_household", "team": team, "worker": worker}
    turn.put("qs-1", f"/v1/subjects/mosaic/{ref}", body, new=True)
    first = turn.today - timedelta(days=turn.random.randrange(0, 800))
    if turn.chance(15):
        first = date(2024, 2, 29)
    panel = {"first_panel_on": first.isoformat()}
    turn.put("qs-1", f"/v1/carer-households/mosaic/{ref}/panel-date", panel, new=True)


def correct_panel_date(turn: Turn) -> None:
    """The panel date was another, or the approval ends."""
    household = turn.row(_CARERS)
    if household["first_panel_on"] is None:
        raise NothingToDo
    first = household["first_panel_on"] + timedelta(days=turn.one_of((-400, -30, -1, 0, 1)))
    body: Json = {"first_panel_on": first.isoformat(), "reason": "The minutes say so."}
    if turn.chance(30):
        body["approval_ended_on"] = turn.day(turn.one_of((-1, 0, 40)))
    turn.put("qs-1", f"/v1/carer-households/mosaic/{household['ref']}/panel-date", body)


def plan_carers_audit(turn: Turn) -> None:
    """An audit of carers is planned by hand, for a date that is due or another."""
    household = turn.row(_CARERS)
    body = {
        "type": "carers",
        "subject": {"system": household["system"], "ref": household["ref"]},
        "due_on": turn.day(turn.random.randrange(5, 60)),
    }
    turn.create("qs-1", "/v1/audits", body)


STEPS: Final = {
    "a family is to be closed": (propose_family, 5),
    "a family goes on": (family_goes_on, 6),
    "carers are approved": (approve_carers, 3),
    "a panel date is corrected": (correct_panel_date, 2),
    "plan an audit of carers": (plan_carers_audit, 2),
}
