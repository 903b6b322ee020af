"""Who knows which rows of a quarter, by what way they came to know them (R4.7.3, ADR 72)."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from qa_api.audits.steps import held as of_case
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.directory import Post, Team, Worker
from qa_api.models.escalations import Escalation, EscalationRecipient
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


@pytest.mark.long
@pytest.mark.parametrize(
    ("year", "way"), [(2035, "stays"), (2038, "role"), (2039, "leaves"), (2047, "disabled")]
)
def test_whoever_audits_no_more_does_not_know_what_came_of_their_audits_since(
    board: Api, moderating: Moderating, at: Callable[[str], None], year: int, way: str
) -> None:
    """The worker is told, and so responds, when the audit's auditor is one no more."""
    quarter, code, ended = f"{year}-{year - 1999} Q1", f"auditor-of-{year}", f"{year}-05-20"

    async def come(work: Work) -> Principal:
        work.session.add(Worker(code=code))
        await work.session.flush()
        account = Principal(id=new_id(), issuer="https://area.example", subject=code, worker=code)
        work.session.add(account)
        await work.session.flush()
        await work.record(let_in(account.id))
        return account

    async def go(work: Work) -> None:
        if way == "leaves":
            worker = await work.session.get_one(Worker, code)
            worker.leaves_on = date.fromisoformat(ended)
        if way == "disabled":
            asked = select(Principal).where(Principal.worker == code)
            account = (await work.session.scalars(asked)).one()
            account.disabled_at = datetime.fromisoformat(f"{ended}T09:00:00Z")
            await work.record(let_in(account.id))
        else:
            await work.record(told())

    async def respond(work: Work, due: str, *audits: str) -> None:
        for one in audits:
            await responding(due)(work, await work.session.get_one(Audit, UUID(one)))

    moderating.service.work(come)
    for team in (EARLY_HELP, CARE):
        role = {"role": "team_manager", "scope": "team", "team": team}
        given(moderating, code, f"{year}-04-01", f"{year}-12-31", **role)
    until = ended if way == "role" else f"{year}-12-31"
    given(moderating, code, f"{year}-04-01", until, role="auditor", scope="authority")
    then = f"{year}-05-16T09:00:00Z"
    others = zip(TWENTY_ONE.items(), ("au-1", "au-2", "ps-lincoln-fast"), strict=True)
    made = [
        one
        for (team, many), auditor in others
        for one in moderating.audits(*[then] * many, team=team, auditor=auditor)
    ]
    odd = moderating.audit(then, team="cwd", auditor=code)
    moderating.service.work(lambda work: respond(work, f"{year}-05-24", *made))
    at(f"{year}-06-01T09:00:00Z")
    moderating.service.work(go)
    moderating.service.work(lambda work: respond(work, f"{year}-06-08", odd))
    at(f"{year}-07-04T09:00:00Z")
    found = metrics(board, REPORTER, quarter)
    assert counts(found, "responses_late") == ((21, 21) if way == "stays" else (None, None))


@pytest.mark.long
@pytest.mark.parametrize(("year", "auditor"), [(2053, "ps-lincoln-fast"), (2051, "au-1")])
def test_an_auditor_knows_their_own_pairs_and_not_those_of_the_team_that_they_supervise(
    board: Api, moderating: Moderating, at: Callable[[str], None], year: int, auditor: str
) -> None:
    """Of 41 pairs 20 were alike, so 21 were lowered: twenty that they audited, and one more."""
    quarter, then = f"{year}-{year - 1999} Q1", f"{year}-05-16T09:00:00Z"
    teams = (*TEAMS, "f4me-north")
    lowered = [one for team in teams for one in moderating.audits(*[then] * 5, team=team)]
    same = [
        one
        for team, who in zip(teams, ("au-1", "au-2") * 2, strict=True)
        for one in moderating.audits(*[then] * 5, team=team, auditor=who)
    ]
    lowered.append(moderating.audit(then, team="lincoln-fast", auditor=auditor))
    at(f"{year}-06-20T09:00:00Z")

    async def judge(work: Work) -> None:
        first, after = date(year, 5, 1), date(year, 6, 1)
        sample = await draw_of(work, f"{year}-05", first, after, second_grade="sealed")
        for place, one in enumerate((*lowered, *same), 1):
            audit = await work.session.get_one(Audit, UUID(one))
            outcome = await drawn_for(work, sample, audit, place, moderator="slt-1")
            await moderate(work, outcome, "good" if one in same else "requires_improvement")

    moderating.service.work(judge)
    at(f"{year}-07-04T09:00:00Z")
    (agreed,) = metrics(board, REPORTER, quarter)["agreement"]
    found = {one["key"]: one["numerator"]["count"] for one in agreed["figures"]}
    assert found["agreement_exact"] == (20 if auditor == "ps-lincoln-fast" else None)


@pytest.mark.long
def test_whoever_has_the_post_that_an_escalation_asked_knows_it_though_the_case_went_on(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    """Of fifteen cases fourteen had gone from the team when its next manager came."""
    quarter, day, team, before, after = (
        *("2043-44 Q1", "2043-05-16", "team-of-2043"),
        *("sw1-lac-north", "sw2-lac-north"),
    )
    act = alerting(acknowledged=False, informed=False)

    async def found(work: Work) -> None:
        work.session.add(Team(code=team, name="A team of that year"))
        await work.record(told())

    async def address(work: Work, audit: Audit) -> None:
        await act(work, audit)
        asked = select(Escalation).where(Escalation.audit_id == audit.id)
        escalation = (await work.session.scalars(asked)).one()
        recipient = EscalationRecipient(
            escalation_id=escalation.id,
            acts_as="team_manager",
            for_team=team,
            notified_at=work.now,
            **of_case(audit),
        )
        work.session.add(recipient)

    moderating.service.work(found)
    role = {"role": "team_manager", "scope": "team"}
    given(moderating, before, "2043-04-01", "2043-08-01", team="contact-fgc", **role)
    given(moderating, before, "2043-04-01", "2043-06-15", team=team, **role)
    made = follow(moderating, day, {team: 14}, address)
    follow(moderating, day, {"contact-fgc": 1}, act)
    at("2043-06-01T09:00:00Z")
    for one, other in zip(made, [FAST] * 5 + [EARLY_HELP] * 5 + [CARE] * 4, strict=True):
        moderating.move(one, other)
    at("2043-07-04T09:00:00Z")
    assert counts(metrics(board, REPORTER, quarter), "urgent_findings") == (15, 15)
    given(moderating, after, "2043-07-01", "2043-08-01", team=team, **role)
    listed = board.as_(after).get("/v1/escalations?raised_from=2043-05-16").json()
    assert len(listed["items"]) == 14
    assert counts(metrics(board, REPORTER, quarter), "urgent_findings") == (None, None)
