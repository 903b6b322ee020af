"""A reader is a person with all the rows that they know, by whatever way (R4.7.3, ADR 47)."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import select

from qa_api.audits.steps import held as of_case
from qa_api.board.quarter_rows import QuarterRows, as_readers
from qa_api.board.row_readers import knowing
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.escalations import Escalation
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.readers import posts
from qa_api.work import Work
from tests.api import Api, Json
from tests.board.test_edges import held
from tests.board.test_metrics import metrics
from tests.board.test_publishing import counts, judgements
from tests.board.test_reports import presented
from tests.board.test_versions import SECTION, TEAMS, standing
from tests.closures.sending import ALLOCATED, CLOSED, PROPOSED, Episode
from tests.conftest import let_in
from tests.escalations.explained import due_now
from tests.moderation.draws import draw_of, drawn_for, moderate
from tests.moderation.moderating import Moderating
from tests.reporting.copies import REPORTER
from tests.responses.casework import Casework

FAST, EARLY_HELP, CARE = TEAMS
SIX = (*TEAMS, "lincoln-fast", "f4me-north", "lac-north")
BAD = "inadequate"


@pytest.fixture
def moderating(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> Moderating:
    return Moderating(casework.service, board, new_ref, at)


def audits(moderating: Moderating, team: str, day: str, many: int, **facts: Any) -> list[str]:
    """So many inadequate audits of a team, on one day."""
    then = [f"{day}T09:00:00Z"] * many
    return moderating.audits(*then, judgement=BAD, team=team, worker=f"sw1-{team}", **facts)


def figures(board: Api, quarter: str) -> Json:
    """What the next version of a quarter's report tells."""
    path = presented(board, quarter=quarter)
    return dict(board.as_("qs-1").get(path).json()["snapshot"]["figures"])


def given(moderating: Moderating, code: str, since: str, until: str = "", **role: str) -> None:
    """Give somebody another role from a day on, for as long as nobody else's tests see it."""

    async def give(work: Work) -> None:
        principal = await work.session.scalar(select(Principal.id).where(Principal.worker == code))
        assert principal is not None
        valid = held(since, until) if until else held(since)
        work.session.add(RoleAssignment(principal_id=principal, valid=valid, **role))
        await work.record(let_in(principal))

    moderating.service.work(give)


def told(found: Json) -> set[int]:
    """How many audits it tells to be inadequate, by themselves or with others."""
    alone = {
        one["count"]
        for scale in found["judgements"]
        for one in scale["judgements"]
        if one["judgement"] == BAD
    }
    return (alone | {one["count"] for one in found["joined"] or ()}) - {None}


@pytest.mark.long
def test_whoever_had_a_case_before_the_first_version_that_counts_it_knows_it(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    """Of fifteen audits a manager knew fourteen; then nine of those cases went to other teams."""
    quarter, day = "2054-55 Q1", "2054-05-16"
    at("2054-07-04T09:00:00Z")
    assert told(figures(board, quarter)) == set(), "the first version counts nothing"
    made = audits(moderating, FAST, day, 14) + audits(moderating, EARLY_HELP, day, 1)
    at("2054-07-05T09:00:00Z")
    assert judgements(metrics(board, f"tm-{FAST}", quarter))[BAD] == 14
    for audit, team in zip(made, [EARLY_HELP] * 4 + [CARE] * 5, strict=False):
        moderating.move(audit, team)
    assert judgements(metrics(board, f"tm-{FAST}", quarter))[BAD] == 5
    assert told(metrics(board, REPORTER, quarter)) == set()
    at("2054-07-20T09:00:00Z")
    second = figures(board, quarter)
    assert SECTION in standing(second), "beside the first one it would tell of the fifteen"
    assert told(second) == set()

    # The same before anything of a quarter was presented, until there are enough others.
    other, day = "2054-55 Q2", "2054-08-16"
    made = audits(moderating, FAST, day, 14) + audits(moderating, EARLY_HELP, day, 1)
    at("2054-08-17T09:00:00Z")
    for audit, team in zip(made, [EARLY_HELP] * 4 + [CARE] * 5, strict=False):
        moderating.move(audit, team)
    at("2054-10-04T09:00:00Z")
    assert told(metrics(board, REPORTER, other)) == set()
    for team in TEAMS:
        audits(moderating, team, day, 5)
    at("2054-10-04T09:00:00Z")
    assert told(figures(board, other)) == {30}


def test_rows_from_before_it_was_kept_who_knows_them_are_read_and_known_by_today_s_people() -> None:
    quarter = FinancialQuarter.labelled("2026-27 Q2")
    old = [["a1", "a", [["audits/completed", {}, False, False, ["one", "two"]]]]]
    read = QuarterRows.read(quarter, SECTION, old)
    manager, other = as_readers(quarter, frozenset({"m"})), as_readers(quarter, frozenset({"o"}))
    now = read.known_besides({(SECTION, "one"): manager, (SECTION, "gone"): other})
    assert now.known_by == {"one": manager}
    kept = QuarterRows.read(quarter, SECTION, orjson.loads(orjson.dumps(now.kept())))
    assert kept == now
    assert "'m'" not in str(now.kept()), "a digest names nobody"
    again = kept.known_besides({(SECTION, "one"): other})
    assert again.known_by == {"one": manager | other}
    counted = {readers: [one.number for one in cells] for _, readers, cells in again.by_readers()}
    assert counted == {posts(("a1", "a")) | manager | other: [1], posts(("a1", "a")): [1]}


@pytest.mark.long
def test_what_somebody_audited_elsewhere_and_what_they_know_by_two_posts_they_know_as_well(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day = "2058-59 Q1", "2058-05-16"
    for team in TEAMS:
        own = {"auditor": "tm-cwd", "auditor_team": "cwd"}
        audits(moderating, team, day, 4 if team == CARE else 5, **own)
    audits(moderating, CARE, day, 1)
    at("2058-07-04T09:00:00Z")
    assert judgements(metrics(board, "tm-cwd", quarter))[BAD] == 14
    assert told(figures(board, quarter)) == set(), "fifteen less fourteen is one"

    quarter, day = "2058-59 Q2", "2058-08-16"
    for team in TEAMS:
        audits(moderating, team, day, 5)
    audits(moderating, "lac-north", day, 1)
    at("2058-10-04T09:00:00Z")
    assert told(metrics(board, REPORTER, quarter)) == {16}, "each manager knows five"

    given(moderating, f"tm-{FAST}", "2058-01-01", role="team_manager", scope="team", team=CARE)
    assert judgements(metrics(board, f"tm-{FAST}", quarter))[BAD] == 10
    assert told(metrics(board, REPORTER, quarter)) == set(), "with a colleague they know fifteen"
    assert told(figures(board, quarter)) == set()


@pytest.mark.long
@pytest.mark.parametrize("sealed", [True, False])
def test_a_moderator_knows_what_was_not_sealed_from_them_also_when_another_has_it(
    board: Api, moderating: Moderating, at: Callable[[str], None], sealed: bool
) -> None:
    """Of a sealed one they know nothing yet, though it is theirs: one less all others tells it."""
    year = 2065 if sealed else 2067
    quarter, day = f"{year}-{year - 1999} Q1", f"{year}-05-16"
    made = [one for team in SIX for one in audits(moderating, team, day, 4)]
    for team in SIX:
        moderating.audits(*[f"{day}T09:00:00Z"] * 4, judgement="good", team=team)
    given_to_them = made if sealed else made[:-1]
    at(f"{year}-07-02T09:00:00Z")

    async def draw(work: Work) -> str:
        grade = "sealed" if sealed else "open"
        first, after = date(year, 5, 1), date(year, 6, 1)
        sample = await draw_of(work, f"{year}-05", first, after, second_grade=grade)
        for place, one in enumerate(given_to_them):
            audit = await work.session.get_one(Audit, UUID(one))
            outcome = await drawn_for(work, sample, audit, place + 1, moderator="tm-cwd")
            if sealed and place:
                await moderate(work, outcome, BAD)
        return str(sample.id)

    sample = moderating.service.work(draw)
    if sealed:
        own = board.as_("tm-cwd").get(f"/v1/audits/{made[0]}").json()
        assert own["overall_judgement"] is None
    for one in () if sealed else given_to_them:
        answer = moderating.assign({"id": sample}, {"audit_id": one}, "slt-1")
        assert answer.status_code == 200, answer.text
    assert not told(figures(board, quarter)) & {24}, "they know 23 of 24"


@pytest.mark.long
def test_a_role_over_the_authority_hides_nobody_from_the_rule_unless_it_reads_every_row(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day = "2075-76 Q1", "2075-05-16"
    for team in SIX:
        audits(moderating, team, day, 4)
    at("2075-06-10T09:00:00Z")
    role = {"role": "quality_standards", "scope": "authority"}
    given(moderating, "tm-cwd", "2075-05-01", "2075-06-11", **role)
    assert judgements(metrics(board, "tm-cwd", quarter))[BAD] == 24
    audits(moderating, "lac-south", "2075-06-20", 1)
    at("2075-07-04T09:00:00Z")
    assert told(metrics(board, REPORTER, quarter)) == set(), "who was Quality & Standards knows 24"

    role = {"role": "team_manager", "scope": "team", "team": FAST}
    given(moderating, "slt-1", "2075-07-01", "2075-07-10", **role)

    async def leading(work: Work) -> frozenset[str]:
        return (await knowing(work, [], [])).of_team(FAST)

    assert "slt-1" in moderating.service.work(leading), (
        "a senior leader reads no list of escalations"
    )


@pytest.mark.long
def test_the_first_team_of_a_child_knows_what_closed_while_it_was_theirs(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter = "2026-27 Q3"
    at("2026-11-23T09:30:00Z")
    made = [
        Episode(board, [moderating.new_ref()], team=team, worker=f"sw1-{team}")
        for team in (FAST,) * 14 + (EARLY_HELP,)
    ]
    for step, kind in enumerate((PROPOSED, CLOSED), 1):
        at(f"2026-11-2{2 + step}T09:30:00Z")
        for one in made:
            one.tell(kind, step)
    own = counts(metrics(board, f"tm-{FAST}", quarter), "closures_without_audit")
    assert own == (14, 14)
    at("2026-11-25T09:30:00Z")
    for one, team in zip(made, ["lac-north"] * 4 + [CARE] * 5, strict=False):
        one.team, one.worker = team, f"sw1-{team}"
        one.tell(ALLOCATED, 3, allocation={"team": team, "worker": f"sw1-{team}"})
    at("2027-01-05T09:00:00Z")
    found = figures(board, quarter)
    assert counts(found, "closures_without_audit") == (None, None), "they knew 14 of 15"


@pytest.mark.long
def test_who_came_to_know_rows_that_have_left_since_knows_that_they_left(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day = "2063-64 Q1", "2063-05-16"
    made = [audits(moderating, team, day, 6) for team in SIX if team != "lac-north"]
    for team in SIX:
        moderating.audits(*[f"{day}T09:00:00Z"] * 6, judgement="good", team=team)
    at("2063-07-04T09:00:00Z")
    assert told(figures(board, quarter)) == {30}
    gone = [one for of_team in made for one in of_team[:3]]
    at("2063-07-06T09:00:00Z")
    for one in gone[:-1]:
        moderating.move(one, "lac-north")
    assert judgements(metrics(board, "tm-lac-north", quarter))[BAD] == len(gone) - 1
    at("2063-07-10T09:00:00Z")
    for one in gone:
        moderating.record_in_error(one)
    at("2063-07-20T09:00:00Z")
    second = figures(board, quarter)
    assert SECTION in standing(second), "of fifteen that left they know fourteen"
    assert told(second) == {30}


@pytest.mark.long
def test_how_many_escalations_there_are_tells_no_judgement_that_is_joined(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day = "2062-63 Q1", "2062-05-16"
    then = [f"{day}T09:00:00Z"]
    made = [one for team in SIX for one in audits(moderating, team, day, 4)]
    for team in SIX:
        moderating.audits(*then * 6, judgement="good", team=team)

    async def escalate(work: Work) -> None:
        for one in made:
            audit = await work.session.get_one(Audit, UUID(one))
            escalation = Escalation(
                id=new_id(),
                trigger="inadequate_judgement",
                audit_id=audit.id,
                raised_at=audit.completed_at,
                **await due_now(work),
                state="raised",
                **of_case(audit),
            )
            work.session.add(escalation)
            await work.session.flush()

    moderating.service.work(escalate)
    at("2062-07-04T09:00:00Z")
    found = metrics(board, REPORTER, quarter)
    assert told(found) == {24}
    assert counts(found, "urgent_findings") == (0, 24), "as many as are told to be inadequate"
    moderating.audits(*then * 2, judgement="requires_improvement", team="lac-north")
    found = metrics(board, REPORTER, quarter)
    assert told(found) == {26}
    assert counts(found, "urgent_findings") == (0, None), "26 less 24 would be the two"
