"""A reader is a person with all the rows that they know, by whatever way (R4.7.3, ADR 47)."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from qa_api.board.quarter_rows import QuarterRows, as_readers
from qa_api.models.access import Principal, RoleAssignment
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.readers import posts
from qa_api.work import Work
from tests.api import Api, Json
from tests.board.test_edges import held
from tests.board.test_metrics import metrics
from tests.board.test_publishing import judgements
from tests.board.test_reports import presented
from tests.board.test_versions import SECTION, TEAMS, standing
from tests.conftest import let_in
from tests.moderation.moderating import Moderating
from tests.reporting.copies import REPORTER
from tests.responses.casework import Casework

FAST, EARLY_HELP, CARE = TEAMS
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


def told(found: Json) -> object:
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

    async def second_post(work: Work) -> None:
        found = select(Principal.id).where(Principal.worker == f"tm-{FAST}")
        principal = (await work.session.scalars(found)).one()
        team = {"role": "team_manager", "scope": "team", "team": CARE}
        work.session.add(RoleAssignment(principal_id=principal, valid=held("2058-01-01"), **team))
        await work.record(let_in(principal))

    moderating.service.work(second_post)
    assert judgements(metrics(board, f"tm-{FAST}", quarter))[BAD] == 10
    assert told(metrics(board, REPORTER, quarter)) == set(), "with a colleague they know fifteen"
    assert told(figures(board, quarter)) == set()
