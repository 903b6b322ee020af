"""Quarter plans: drafted, published, changed; their cases drawn, their auditors named (§4.4)."""

from collections.abc import Sequence
from typing import Any, Final

from qa_api.rules.local_time import FinancialQuarter
from tests.api import Json
from tests.year.calling import Failed
from tests.year.steps.closing import SUBJECTS
from tests.year.turn import NothingToDo, Row, Turn

_THEMES: Final = ("childs-voice", "fathers", "supervision")
_PLANS: Final = (
    "SELECT id, quarter, state FROM quarter_plans WHERE state {} AND quarter >= $1 ORDER BY id"
)
_PUBLISHED: Final = "= 'published'"
_BLANK: Final = """
SELECT p.id, a.plan_team AS team, a.theme_code AS theme FROM quarter_plans p
JOIN quarter_plans v ON v.quarter = p.quarter JOIN audits a ON a.plan_id = v.id
WHERE p.state = 'published' AND p.quarter >= $1 AND a.state = 'planned' AND a.subject_id IS NULL
GROUP BY p.id, a.plan_team, a.theme_code ORDER BY p.id, 2, 3
"""
_DRAWN: Final = (
    "SELECT l.id, l.plan_id, l.caseload_id, l.population::text AS population"
    " FROM plan_case_lists l WHERE l.seed IS NOT NULL ORDER BY l.id"
)
_AUDITORS: Final = (
    "SELECT DISTINCT p.worker FROM principals p JOIN role_assignments r ON r.principal_id = p.id"
    " WHERE r.role = 'auditor' AND r.valid @> $1::date AND p.worker IS NOT NULL ORDER BY 1"
)


def draft(turn: Turn) -> None:
    """Q&S draft the plan of this quarter or the next, as its next version, and mostly publish."""
    quarter = _quarter(turn)
    plan = turn.create("qs-1", "/v1/quarter-plans", _content(turn, quarter.label))
    path = f"/v1/quarter-plans/{plan['id']}"
    if turn.chance(20):
        turn.put("qs-1", path, _content(turn, quarter.label))
    if turn.chance(85):
        turn.act("qs-1", f"{path}/publish")


def publish(turn: Turn) -> None:
    """A draft that was left lying is published, or written anew first."""
    plan = turn.row(_PLANS.format("= 'draft'"), _quarter_now(turn).label)
    path = f"/v1/quarter-plans/{plan['id']}"
    turn.put("qs-1", path, _content(turn, plan["quarter"]))
    turn.act("qs-1", f"{path}/publish")


def choose_cases(turn: Turn) -> None:
    """A team's planned audits get their cases: named, drawn from a list, or from a caseload."""
    blank = turn.row(_BLANK, _quarter_now(turn).label)
    body: Json = {"team": blank["team"], "theme": blank["theme"], "system": "mosaic"}
    taken = turn.place.rows("SELECT taken_on FROM caseloads ORDER BY taken_on DESC LIMIT 3")
    if taken and turn.chance(60):
        body |= {"method": "drawn", "caseload": turn.one_of(taken)["taken_on"].isoformat()}
    else:
        of_team = turn.place.rows(f"{SUBJECTS} AND team = $1 ORDER BY id", blank["team"])
        refs = [*(row["ref"] for row in of_team[-20:]), f"U-{turn.step.number}"]
        body |= {"method": "drawn", "refs": refs}
        if turn.chance(25):
            body |= {"method": "named", "refs": refs[:1]}
    turn.create("qs-1", f"/v1/quarter-plans/{blank['id']}/cases", body)


def name_auditors(turn: Turn) -> None:
    """Q&S name the auditors of a plan: mostly those that the service proposes."""
    plan = turn.row(_PLANS.format(_PUBLISHED), _quarter_now(turn).label)
    path = f"/v1/quarter-plans/{plan['id']}/allocation"
    found = turn.get("qs-1", path)["items"]
    items = [
        {"audit_id": item["audit_id"], "auditor": item["proposed"]}
        for item in found
        if item["proposed"]
    ]
    if not items:
        raise NothingToDo
    turn.put("qs-1", path, {"items": items[:8]}, on=path.rpartition("/")[0])


def exempt(turn: Turn) -> None:
    """A team or an auditor is asked nothing more."""
    plan = turn.row(_PLANS.format(_PUBLISHED), _quarter_now(turn).label)
    table, column = turn.one_of((("plan_teams", "team"), ("plan_auditors", "auditor")))
    who = turn.row(f"SELECT {column} FROM {table} WHERE plan_id = $1 ORDER BY 1", plan["id"])
    body = {column: who[column], "reason": "An inspection is here."}
    turn.create("qs-1", f"/v1/quarter-plans/{plan['id']}/exemptions", body)


def draw_again(turn: Turn) -> None:
    """Somebody repeats a draw: it comes out the same, and the progress adds up."""
    kept = turn.row(_DRAWN)
    path = f"/v1/quarter-plans/{kept['plan_id']}"
    again = turn.ask("qs-2", "POST", f"{path}/cases/{kept['id']}/redraw", {})
    lost = kept["caseload_id"] is None and '"removed:' in kept["population"]
    if not lost and not (again["same_population"] and again["same_draw"]):
        raise Failed("a draw of a plan's cases comes out otherwise")
    share = turn.get("qs-1", f"{path}/progress")["completion"]
    if share["numerator"] > share["denominator"]:
        raise Failed("a plan has more audits done than it has")


def _quarter_now(turn: Turn) -> FinancialQuarter:
    return FinancialQuarter.of(turn.today)


def _quarter(turn: Turn) -> FinancialQuarter:
    now = _quarter_now(turn)
    return now.next if turn.chance(25) else now


def _content(turn: Turn, quarter: str) -> Json:
    """What a version says: some themes, and some teams for each."""
    themes = [theme for theme in _THEMES if turn.chance(60)] or [_THEMES[0]]
    for theme in themes:
        _known(turn, theme)
    codes = [row["code"] for row in turn.place.rows("SELECT code FROM teams ORDER BY code")]
    teams = [
        {"team": team, "theme": theme, "why": "Complaints.", "audits_expected": expected}
        for theme in themes
        for team in _some(turn, codes, 3)
        for expected in [turn.random.randrange(1, 4)]
    ]
    auditors = [row["worker"] for row in turn.place.rows(_AUDITORS, turn.today)]
    return {
        "quarter": quarter,
        "audit_type": "themed",
        "themes": [{"theme": theme, "source": "Complaints"} for theme in themes],
        "teams": teams,
        "auditors": _some(turn, auditors, 5),
    }


def _known(turn: Turn, theme: str) -> None:
    found: Sequence[Row] = turn.place.rows("SELECT FROM themes WHERE code = $1", theme)
    if not found:
        turn.put("qs-1", f"/v1/themes/{theme}", {"title": theme}, new=True)


def _some(turn: Turn, among: Sequence[Any], most: int) -> list[Any]:
    return sorted(turn.random.sample(among, min(len(among), turn.random.randrange(1, most + 1))))


STEPS: Final = {
    "draw up a quarter plan": (draft, 4),
    "publish a draft": (publish, 2),
    "choose cases": (choose_cases, 6),
    "name auditors of a plan": (name_auditors, 4),
    "exempt from a plan": (exempt, 1),
    "repeat a draw": (draw_again, 2),
}
