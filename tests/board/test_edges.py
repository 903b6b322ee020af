"""Quarters begin and end at London midnights, and scales never meet in a trend (Trap 4, R4.1.3)."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range

from qa_api.events import AuditEdited
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.audits import Audit
from qa_api.models.directory import Team, TeamService
from qa_api.work import Work
from tests.api import Api, Json
from tests.audits.auditing import FINDING
from tests.board.test_metrics import disagreeing, figure, metrics
from tests.board.test_reports import presented
from tests.closures.sending import CLOSED, PROPOSED, Episode
from tests.conftest import let_in, told
from tests.moderation.moderating import Moderating
from tests.planning.quarters import accept
from tests.responses.casework import Casework

NOW = "2027-04-12T09:00:00Z"

EDGES = [
    # The clocks went forward on 31 March 2024 itself, and go back within the third quarters.
    ("2024-03-31T22:59:59Z", "2024-03-31T23:00:00Z", "2023-24 Q4", "2024-25 Q1"),
    ("2025-03-31T22:59:59Z", "2025-03-31T23:00:00Z", "2024-25 Q4", "2025-26 Q1"),
    ("2026-06-30T22:59:59Z", "2026-06-30T23:00:00Z", "2026-27 Q1", "2026-27 Q2"),
    ("2026-09-30T22:59:59Z", "2026-09-30T23:00:00Z", "2026-27 Q2", "2026-27 Q3"),
    ("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "2026-27 Q3", "2026-27 Q4"),
]
DATED = {
    "completed": "family_contact",
    "set": "actions_open",
    "raised": "urgent_findings",
    "closed": "closures_with_audit",
    "due": "audits_due",
}
"""A figure of each date that a quarter is counted by."""


def counts(board: Api, quarter: str) -> dict[str, int]:
    found = metrics(board, quarter=quarter)
    return {dated: figure(found, key)["denominator"]["count"] for dated, key in DATED.items()}


def happen(casework: Casework, board: Api, ref: str, instant: str) -> None:
    """One of each, now: an audit completed and due, an action set, a finding, a closing."""
    case = casework.completed_audit(actions=1)
    case_due = update(Audit).where(Audit.id == case.audit_id)

    async def due_today(work: Work) -> None:
        await work.session.execute(case_due.values(due_on=work.today))
        await work.record(AuditEdited(about=case.audit_id, subject=case.subject_id))

    casework.as_service(due_today)
    draft = casework.completed_audit(draft=True, actions=0)
    accept(board.as_("au-1").create(f"/v1/audits/{draft.audit_id}/urgent-findings", FINDING))
    episode = Episode(board, [ref])
    episode.tell(PROPOSED, 1, occurred_at=instant)
    episode.tell(CLOSED, 2, occurred_at=instant)


@pytest.mark.long
@pytest.mark.parametrize(("last", "first", "before", "after"), EDGES)
def test_every_dated_figure_turns_with_the_quarter_in_london(
    last: str,
    first: str,
    before: str,
    after: str,
    casework: Casework,
    board: Api,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> None:
    at(NOW)
    then = {quarter: counts(board, quarter) for quarter in (before, after)}
    for instant in (last, first):
        at(instant)
        happen(casework, board, new_ref(), instant)
    at(NOW)
    for quarter, counted in then.items():
        added = {dated: n - counted[dated] for dated, n in counts(board, quarter).items()}
        # What closed without an audit escalates as well.
        assert added == {"completed": 1, "set": 1, "raised": 2, "closed": 1, "due": 1}, quarter


@pytest.mark.long
def test_a_trend_marks_where_the_scale_changed_and_mixes_nothing(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    moderating = Moderating(casework.service, board, new_ref, at)
    scale = {
        "code": "safety",
        "name": "Safety",
        "points": [{"code": "safe", "label": "Safe"}, {"code": "unsafe", "label": "Not safe"}],
    }
    made = board.as_("qs-1").create("/v1/judgement-scales", scale)
    assert made.status_code == 201, made.text
    on_old = moderating.audits(*["2019-05-16T09:00:00Z"] * 6)
    on_new = moderating.audits(*["2019-08-15T09:00:00Z"] * 6, judgement="safe", scale=("safety", 1))
    assert on_old
    assert on_new

    at("2019-10-10T09:00:00Z")
    path = presented(board, quarter="2019-20 Q2")
    trend = board.as_("qs-1").get(path).json()["snapshot"]["trend"]
    assert [(one["quarter"], one["scale_changed"]) for one in trend[-2:]] == [
        ("2019-20 Q1", False),
        ("2019-20 Q2", True),
    ]

    def scales(quarter: Json) -> list[str]:
        return [one["scale_code"] for one in quarter["judgements"]]

    assert [scales(one) for one in trend[-2:]] == [["four-point"], ["safety"]]
    page = board.get(path, headers={"accept": "text/html"}).text
    assert page.count("Scale changed here") == page.count('class="mark">scale changed') == 1


def held(first: str, until: str | None = None) -> Range[date]:
    end = date.fromisoformat(until) if until else None
    return Range(date.fromisoformat(first), end, bounds="[)")


@pytest.mark.long
def test_an_audit_whose_team_is_gone_counts_for_the_authority_and_for_no_service(
    casework: Casework, board: Api, at: Callable[[str], None]
) -> None:
    async def open_a_team(work: Work) -> None:
        work.session.add(Team(code="short-lived", name="A team that was"))
        await work.session.flush()
        valid = held("2020-01-01", "2025-07-16")
        work.session.add(TeamService(team="short-lived", service="fast", valid=valid))
        await work.record(told())

    casework.as_service(open_a_team)
    at("2025-07-15T09:00:00Z")
    casework.completed_audit(team="short-lived")
    at(NOW)
    scopes = {"everywhere": {}, "in its service": {"service": "fast"}}
    scopes["of it"] = {"team": "short-lived"}
    found = {name: metrics(board, quarter="2025-26 Q2", **of) for name, of in scopes.items()}
    assert {
        name: figure(one, "family_contact")["denominator"]["count"] for name, one in found.items()
    } == {"everywhere": 1, "in its service": 0, "of it": 1}
    for one in found.values():
        assert not disagreeing(board, "qs-1", one)


@pytest.mark.long
def test_a_manager_of_two_teams_counts_both(
    casework: Casework, board: Api, at: Callable[[str], None]
) -> None:
    async def give_a_second(work: Work) -> None:
        theirs = select(Principal.id).where(Principal.worker == "tm-cwd")
        principal = (await work.session.scalars(theirs)).one()
        second = {"role": "team_manager", "scope": "team", "team": "adoption"}
        valid = held("2020-01-01")
        work.session.add(RoleAssignment(principal_id=principal, valid=valid, **second))
        await work.record(let_in(principal))

    casework.as_service(give_a_second)
    at("2025-11-17T09:00:00Z")
    for team in ("cwd", "adoption", "lac-north"):
        casework.completed_audit(team=team, worker=f"sw1-{team}")
    at(NOW)
    found = metrics(board, "tm-cwd", "2025-26 Q3")
    assert figure(found, "family_contact")["denominator"]["count"] == 2
    assert not disagreeing(board, "tm-cwd", found)
    one = metrics(board, "tm-cwd", "2025-26 Q3", team="adoption")
    assert figure(one, "family_contact")["denominator"]["count"] == 1
