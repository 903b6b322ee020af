"""Who knows which rows of a quarter, by what way they came to know them (R4.7.3, ADR 72)."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.directory import Post, Team
from qa_api.work import Work
from tests.api import Api
from tests.board.test_edges import held
from tests.board.test_metrics import metrics
from tests.board.test_nested_counts import alerting, follow, responding
from tests.board.test_publishing import counts
from tests.board.test_readers import SIX, given
from tests.board.test_versions import TEAMS
from tests.conftest import let_in, told
from tests.moderation.draws import draw_of, drawn_for, moderate
from tests.moderation.moderating import Moderating
from tests.planning.quarters import Planning, accept
from tests.reporting.copies import REPORTER
from tests.responses.casework import Casework

FAST, EARLY_HELP, CARE = TEAMS
SIXTEEN = {FAST: 5, EARLY_HELP: 5, CARE: 5, "lac-north": 1}


@pytest.fixture
def moderating(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> Moderating:
    return Moderating(casework.service, board, new_ref, at)


@pytest.fixture
def planning(board: Api, moderating: Moderating) -> Planning:
    return Planning(board.as_("qs-1"), moderating.new_ref)


@pytest.mark.long
def test_whoever_leads_a_team_knows_what_is_planned_for_it_also_before_there_is_a_case(
    board: Api, moderating: Moderating, planning: Planning, at: Callable[[str], None]
) -> None:
    quarter = "2050-51 Q1"
    at("2050-04-10T09:00:00Z")
    planning.published(planning.theme(), SIXTEEN, quarter=quarter)
    at("2050-07-04T09:00:00Z")
    assert counts(metrics(board, REPORTER, quarter), "audits_due") == (16, 16)

    role = {"role": "team_manager", "scope": "team", "team": CARE}
    given(moderating, f"tm-{FAST}", "2050-06-01", "2050-09-01", **role)
    own = metrics(board, f"tm-{FAST}", quarter)
    assert counts(own, "audits_due") == (10, 10)
    with_a_colleague = metrics(board, REPORTER, quarter)
    assert counts(with_a_colleague, "audits_due") == (None, None), "they know fifteen"


@pytest.mark.long
def test_an_auditor_knows_what_they_are_to_audit_also_before_there_is_a_case(
    board: Api, planning: Planning, at: Callable[[str], None]
) -> None:
    quarter = "2051-52 Q3"
    at("2051-10-10T09:00:00Z")
    plan = planning.published(planning.theme(), SIXTEEN, quarter=quarter)
    at("2052-01-04T09:00:00Z")
    assert counts(metrics(board, REPORTER, quarter), "audits_due") == (16, 16)

    theirs = [one for one in planning.audits(plan) if one["team"] != "lac-north"]
    named = [{"audit_id": one["audit_id"], "auditor": "au-1"} for one in theirs]
    accept(planning.decide(plan, named))
    listed = board.as_("au-1").get("/v1/audits?due_from=2051-12-31&due_to=2052-01-01").json()
    assert len(listed["items"]) == 15
    assert counts(metrics(board, REPORTER, quarter), "audits_due") == (None, None)


@pytest.mark.long
def test_whoever_is_let_in_without_a_worker_s_code_is_a_reader_too(
    board: Api, moderating: Moderating, planning: Planning, at: Callable[[str], None]
) -> None:
    quarter = "2052-53 Q1"
    at("2052-04-10T09:00:00Z")
    planning.published(planning.theme(), SIXTEEN, quarter=quarter)
    at("2052-07-04T09:00:00Z")
    assert counts(metrics(board, REPORTER, quarter), "audits_due") == (16, 16)

    async def give(work: Work) -> None:
        account = Principal(id=new_id(), issuer="https://area.example", subject="area-office")
        work.session.add(account)
        await work.session.flush()
        for team in TEAMS:
            over = {"role": "team_manager", "scope": "team", "team": team}
            valid = held("2052-06-01", "2052-09-01")
            work.session.add(RoleAssignment(principal_id=account.id, valid=valid, **over))
        await work.record(let_in(account.id))

    moderating.service.work(give)
    assert counts(metrics(board, REPORTER, quarter), "audits_due") == (None, None)


# --- who knows too little of a row for it to be counted as theirs ---

MANAGER = f"tm-{EARLY_HELP}"
TWENTY_ONE = {FAST: 10, EARLY_HELP: 5, CARE: 5}
"""With one of another team. Whoever manages the last two, and the first one's manager, know all
but that one."""


def second_team(moderating: Moderating, since: str, until: str) -> None:
    """The manager of one of the teams manages another as well."""
    role = {"role": "team_manager", "scope": "team", "team": CARE}
    given(moderating, MANAGER, since, until, **role)


@pytest.mark.long
def test_a_supervisor_is_not_taken_to_know_an_escalation_that_they_cannot_list(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day, since, until = "2055-56 Q1", "2055-05-16", "2055-04-01", "2055-08-01"
    role = {"role": "practice_supervisor", "scope": "team", "team": "cwd"}
    given(moderating, MANAGER, since, until, **role)
    act = alerting(acknowledged=False, informed=False)
    follow(moderating, day, {**TWENTY_ONE, "cwd": 1}, act)
    at("2055-07-04T09:00:00Z")
    assert counts(metrics(board, REPORTER, quarter), "urgent_findings") == (21, 21)
    second_team(moderating, since, until)
    assert board.as_(MANAGER).get("/v1/escalations?team=cwd").json()["items"] == []
    assert counts(metrics(board, REPORTER, quarter), "urgent_findings") == (None, None)


@pytest.mark.long
def test_a_moderator_is_not_taken_to_know_the_response_to_what_they_moderated(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day = "2055-56 Q3", "2055-10-18"
    act = responding("2055-10-26")
    *_, odd = follow(moderating, day, {**TWENTY_ONE, "cwd": 1}, act)

    async def draw(work: Work) -> None:
        sample = await draw_of(work, "2055-10", date(2055, 10, 1), date(2055, 11, 1))
        audit = await work.session.get_one(Audit, UUID(odd))
        outcome = await drawn_for(work, sample, audit, 1, moderator=MANAGER)
        await moderate(work, outcome, "good")

    moderating.service.work(draw)
    at("2056-01-04T09:00:00Z")
    assert counts(metrics(board, REPORTER, quarter), "responses_late") == (21, 21)
    second_team(moderating, "2055-10-01", "2056-02-01")
    assert counts(metrics(board, REPORTER, quarter), "responses_late") == (None, None)


@pytest.mark.long
@pytest.mark.parametrize(("year", "left"), [(2056, True), (2057, False)])
def test_whoever_left_a_post_does_not_know_what_its_team_had_since(
    board: Api, moderating: Moderating, at: Callable[[str], None], year: int, left: bool
) -> None:
    """While they are in the post they know that one as well, and so all that the others leave."""
    quarter, team = f"{year}-{year - 1999} Q1", f"team-of-{year}"

    async def post(work: Work) -> None:
        work.session.add(Team(code=team, name="A team of that year"))
        await work.session.flush()
        valid = held(f"{year}-01-01", f"{year}-04-01" if left else None)
        work.session.add(Post(kind="manager", team=team, worker=MANAGER, valid=valid))
        await work.record(told())

    moderating.service.work(post)
    role = {"role": "team_manager", "scope": "team", "team": team}
    given(moderating, MANAGER, f"{year}-01-01", f"{year}-12-31", **role)
    second_team(moderating, f"{year}-03-01", f"{year}-12-31")
    act = responding(f"{year}-05-24")
    follow(moderating, f"{year}-05-16", {**TWENTY_ONE, team: 1}, act)
    at(f"{year}-07-04T09:00:00Z")
    found = metrics(board, REPORTER, quarter)
    assert counts(found, "responses_late") == ((None, None) if left else (21, 21))


@pytest.mark.long
@pytest.mark.parametrize(("year", "role"), [(2042, "senior_leader"), (2059, "reporting")])
def test_whoever_read_every_response_by_a_role_of_before_knows_them(
    board: Api, moderating: Moderating, at: Callable[[str], None], year: int, role: str
) -> None:
    quarter, act = f"{year}-{year - 1999} Q3", responding(f"{year}-10-26")
    follow(moderating, f"{year}-10-16", dict.fromkeys(SIX, 4), act)
    given(moderating, "tm-cwd", f"{year}-10-01", f"{year}-11-10", role=role, scope="authority")
    at(f"{year}-11-05T09:00:00Z")
    assert counts(metrics(board, REPORTER, quarter), "responses_late") == (24, 24)
    if role == "senior_leader":
        assert counts(metrics(board, "tm-cwd", quarter), "responses_late") == (24, 24)
    follow(moderating, f"{year}-11-16", {"lac-south": 1}, responding(f"{year}-11-26"))
    at(f"{year + 1}-01-04T09:00:00Z")
    assert counts(metrics(board, REPORTER, quarter), "responses_late") == (None, None)
