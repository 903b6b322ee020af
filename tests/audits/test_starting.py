"""R3.1: as-required and ongoing audits are started by those who own their type."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.api import Api, Json
from tests.audits.auditing import TEAM, Auditing, of_new_child, pointers

TYPE: Json = {
    "name": "A type of a test",
    "clause": "§3, R3.1",
    "subject_kind": "child",
    "owner": "service_area",
    "cadence": "as_required",
    "tool_code": "closure",
    "may_audit": "any_auditor",
}
RULES: dict[str, Json] = {
    "quality_standards": {},
    "team_manager": {},
    "supervisor_or_manager": {},
    "own_teams": {"start_teams": ["adoption"]},
}
REVIEWER = "ps-adoption"
"""Leads the team that the type with the rule `own_teams` belongs to."""


@pytest.fixture(scope="module")
def codes() -> dict[str, str]:
    """What the types are called here, by their rule."""
    return {rule: f"t-{uuid4().hex[:10]}" for rule in RULES}


@pytest.fixture
def types(api: Api, codes: dict[str, str]) -> dict[str, str]:
    """A type for each rule."""
    for rule, code in codes.items():
        body = TYPE | {"may_start": rule} | RULES[rule]
        answer = api.change("PUT", f"/v1/audit-types/{code}", body)
        assert answer.status_code in {200, 201}, answer.text
        assert answer.json()["may_start"] == rule
    return codes


def start(case: Auditing, person: str, type_: str, **plan: object) -> int:
    body = {"type": type_, "subject": case.subject} | plan
    return case.api.as_(person).create("/v1/audits", body).status_code


@pytest.mark.parametrize(
    ("rule", "started_by"),
    [
        ("quality_standards", {"qs-1"}),
        ("team_manager", {"qs-1", "hos-fast", f"tm-{TEAM}"}),
        ("supervisor_or_manager", {"qs-1", "hos-fast", f"tm-{TEAM}", f"ps-{TEAM}"}),
        ("own_teams", {"qs-1"}),
    ],
)
def test_who_starts_one_is_data_of_the_type(
    case: Auditing, types: dict[str, str], rule: str, started_by: set[str]
) -> None:
    people = ["qs-1", "hos-fast", f"tm-{TEAM}", f"ps-{TEAM}", f"sw1-{TEAM}", "slt-1", "au-1"]
    started = {person for person in people if start(case, person, types[rule]) == 201}
    assert started == started_by


def test_nobody_starts_one_on_a_case_they_do_not_lead(
    case: Auditing, types: dict[str, str]
) -> None:
    for rule in ("team_manager", "supervisor_or_manager"):
        for person in ("tm-adoption", REVIEWER):
            assert start(case, person, types[rule], auditor=person) == 422, "not theirs to see"


def test_a_types_own_team_starts_it_on_any_teams_case_and_does_it(
    case: Auditing, types: dict[str, str]
) -> None:
    api = case.api.as_(REVIEWER)
    body = {"type": types["own_teams"], "subject": case.subject}
    assert api.create("/v1/audits", body).status_code == 403, "they do it themselves"
    made = api.create("/v1/audits", body | {"auditor": REVIEWER})
    assert made.status_code == 201, made.text
    path = f"/v1/audits/{made.json()['id']}"
    assert made.json()["team"] == TEAM
    assert api.act(f"{path}/start").status_code == 200
    assert case.read(path, f"tm-{TEAM}")["state"] == "in_progress"
    assert case.api.as_("tm-adoption").get(path).status_code == 404, "only who audits it sees it"
    assert start(case, "ps-boston-fast", types["own_teams"], auditor="ps-boston-fast") == 422


def test_a_restricted_case_is_not_found_by_a_types_own_team_either(
    api: Api, new_ref: Callable[[], str], types: dict[str, str], restrict: Callable[[str], None]
) -> None:
    case = of_new_child(api, new_ref)
    restrict(case.ref)
    assert start(case, REVIEWER, types["own_teams"], auditor=REVIEWER) == 422


def test_a_practice_supervisor_takes_an_audit_on_but_hands_none_out(
    case: Auditing, types: dict[str, str]
) -> None:
    supervisor, type_ = f"ps-{TEAM}", types["supervisor_or_manager"]
    assert start(case, supervisor, type_, auditor="au-1") == 403
    assert start(case, supervisor, type_, auditor=supervisor) == 201
    planned = case.plan(type=types["team_manager"], auditor=supervisor)
    path = f"/v1/audits/{planned['id']}"
    moved = case.api.as_(supervisor).change("PATCH", path, {"due_on": "2026-12-24"})
    assert moved.status_code == 403, "when it is due is for who may start one to say"


def test_left_out_it_is_who_runs_the_type(api: Api) -> None:
    for owner, rule in (("service_area", "team_manager"), ("quality_standards",) * 2):
        path = f"/v1/audit-types/t-{uuid4().hex[:10]}"
        made = api.change("PUT", path, TYPE | {"owner": owner})
        assert made.json()["may_start"] == rule


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"may_start": "own_teams"}, "/start_teams"),
        ({"may_start": "team_manager", "start_teams": ["adoption"]}, "/start_teams"),
        ({"may_start": "own_teams", "start_teams": ["no-such-team"]}, "/start_teams/0"),
        ({"may_start": "anybody"}, "/may_start"),
    ],
)
def test_its_own_teams_are_named_where_they_count(api: Api, changed: Json, pointer: str) -> None:
    answer = api.change("PUT", f"/v1/audit-types/t-{uuid4().hex[:10]}", TYPE | changed)
    assert answer.status_code == 422
    assert pointer in pointers(answer)
