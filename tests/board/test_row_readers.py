"""Who knows which rows of a quarter, by what way they came to know them (R4.7.3, ADR 72)."""

from collections.abc import Callable

import pytest

from tests.api import Api
from tests.board.test_metrics import metrics
from tests.board.test_publishing import counts
from tests.board.test_readers import given
from tests.board.test_versions import TEAMS
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
    quarter = "2087-88 Q1"
    at("2087-04-10T09:00:00Z")
    planning.published(planning.theme(), SIXTEEN, quarter=quarter)
    at("2087-07-04T09:00:00Z")
    assert counts(metrics(board, REPORTER, quarter), "audits_due") == (16, 16)

    role = {"role": "team_manager", "scope": "team", "team": CARE}
    given(moderating, f"tm-{FAST}", "2087-06-01", "2087-09-01", **role)
    own = metrics(board, f"tm-{FAST}", quarter)
    assert counts(own, "audits_due") == (10, 10)
    with_a_colleague = metrics(board, REPORTER, quarter)
    assert counts(with_a_colleague, "audits_due") == (None, None), "they know fifteen"


@pytest.mark.long
def test_an_auditor_knows_what_they_are_to_audit_also_before_there_is_a_case(
    board: Api, planning: Planning, at: Callable[[str], None]
) -> None:
    quarter = "2088-89 Q3"
    at("2088-10-10T09:00:00Z")
    plan = planning.published(planning.theme(), SIXTEEN, quarter=quarter)
    at("2089-01-04T09:00:00Z")
    assert counts(metrics(board, REPORTER, quarter), "audits_due") == (16, 16)

    theirs = [one for one in planning.audits(plan) if one["team"] != "lac-north"]
    named = [{"audit_id": one["audit_id"], "auditor": "au-1"} for one in theirs]
    accept(planning.decide(plan, named))
    listed = board.as_("au-1").get("/v1/audits?due_from=2088-12-31&due_to=2089-01-01").json()
    assert len(listed["items"]) == 15
    assert counts(metrics(board, REPORTER, quarter), "audits_due") == (None, None)
