"""What of the policy protects is made weaker by two people; the rest is told (X3)."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx
import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.rules.policy import Policy
from qa_api.rules.policy_guards import WEAKENED_WHEN, WeakenedWhen
from qa_api.rules.policy_keys import POLICY_KEYS
from qa_api.rules.policy_values import FIRST_DAY, ROLES
from tests.api import Api, Json, serving
from tests.conftest import Clone, settings_for

TODAY: Final = "2026-11-23"
CHANGES: Final = "/v1/rights-changes"
PROCEDURE: Final = Policy(0, FIRST_DAY).values()

RULES: Final = [{"rule": "restricted_staff", "roles": list(ROLES)}]
WEAKER: Final[dict[str, list[Any]]] = {
    "small_cell_minimum": [4],
    "agreement_minimum_pairs": [2],
    "restriction_grant_days": [15, 90],
    "moderation_teams_maximum": [3],
    "rights_confirmed_by": ["administrator", "quality_standards"],
    "response_overdue_steps": [
        [],
        [{"working_days_after": 2, "tell": "team_manager"}],
        [{"working_days_after": 1, "tell": "head_of_service"}],
    ],
    "notification_queued_working_days": [1],
    "message_parked_after_hours": [25],
    "acknowledge_working_days": [1],
    "inform_working_days": [2],
    "raised_on_non_working_day": ["same_day"],
    "calendar_notice_days": [1],
    "in_use_from": ["1900-01-02", "2026-04-01"],
    "closure_exempt_reasons": [["moved"]],
    "closure_action_standard": ["verified"],
    "retention_rules": [
        [{"record_class": "child_record", "years": 74, "trigger": "born_on"}],
        [{"record_class": "child_record", "years": 75, "trigger": "case_closed_on"}],
        [{"record_class": "webhook_delivery", "years": 75, "trigger": "last_recorded_on"}],
    ],
    "looking_rules": [[], RULES],
    "looking_page_records": [4],
    "looking_hour_records": [151],
    "looking_window_days": [13],
    "own_view_days": [27],
    "caseload_kept_days": [36],
    "looking_same_days": [5],
    "looking_same_times": [13],
    "looking_from_hour": [6],
    "looking_until_hour": [20],
    "purposes": [[*PROCEDURE["purposes"], "curiosity"]],  # type: ignore[misc]  # a list of words
    "purposes_standing": [
        [{"account": "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90", "purpose": "inspection"}]
    ],
}
"""Of each key that protects what would protect less than the procedure's own value."""
STRONGER: Final[dict[str, Any]] = {
    "small_cell_minimum": 6,
    "restriction_grant_days": 13,
    "response_overdue_steps": [
        {"working_days_after": 1, "tell": "team_manager"},
        {"working_days_after": 3, "tell": "quality_standards"},
    ],
    "looking_same_times": 11,
    "retention_rules": [{"record_class": "child_record", "years": 76, "trigger": "born_on"}],
    "purpose_required": True,
}


@pytest.fixture(scope="module")
def of_its_own(clone_of_authority: Clone, issuer: DevelopmentIssuer) -> Iterator[Api]:
    """An authority whose policy is changed here."""
    settings = settings_for(clone_of_authority(), issuer)
    with serving(settings) as server, Api(server, issuer, "admin-1") as api:
        yield api


@pytest.fixture
def admin(of_its_own: Api, at: Callable[[str], None]) -> Api:
    at(f"{TODAY}T09:30:00Z")
    return of_its_own


def decide(by: Api, day: str = TODAY, **values: Any) -> httpx.Response:
    return by.create("/v1/policies", {"reason": "Decided.", **change(day, **values)["policy"]})


def change(day: str = TODAY, **values: Any) -> Json:
    asked = [{"key": key, "value": value} for key, value in values.items()]
    return {"reason": "Decided.", "policy": {"effective_from": day, "changes": asked}}


def proposed(by: Api, day: str = TODAY, **values: Any) -> str:
    asked = change(day, **values)
    answer = by.create(CHANGES, {"reason": asked["reason"], "policy": asked["policy"]})
    assert answer.status_code == 201, answer.text
    return f"{CHANGES}/{answer.json()['id']}"


def of_policy(told: Json) -> list[str]:
    policy = told["becomes"]["policy"] or {"changes": []}
    return [change["key"] for change in policy["changes"]]


def version(api: Api) -> int:
    return int(api.get("/v1/policies?limit=1").json()["items"][0]["version"])


def in_force(api: Api, key: str) -> Any:
    values = api.get("/v1/policies/in-force").json()["values"]
    return next(one["value"] for one in values if one["key"] == key)


def test_every_key_says_when_it_protects_less() -> None:
    assert set(WEAKENED_WHEN) == set(POLICY_KEYS)
    guarded = {key for key, when in WEAKENED_WHEN.items() if when != WeakenedWhen.NEVER}
    assert guarded == {*WEAKER, "purpose_required"}


def test_every_key_shows_when_it_needs_a_second_person(admin: Api) -> None:
    values = admin.get("/v1/policies/1").json()["values"]
    assert {one["key"]: one["second_person_when"] for one in values} == WEAKENED_WHEN


@pytest.mark.parametrize("key", list(WEAKER))
def test_one_person_makes_no_safeguard_weaker(admin: Api, key: str) -> None:
    before = version(admin)
    for value in WEAKER[key]:
        for day in (TODAY, "2031-01-06"):
            answer = decide(admin, day, observations_required=3, **{key: value})
            said = answer.json()
            assert (answer.status_code, said.get("code")) == (422, "second-person"), said
            assert [error["pointer"] for error in said["errors"]] == ["/changes/1"]
            assert "/v1/rights-changes" in said["detail"]
    assert version(admin) == before


@pytest.mark.long
def test_what_protects_more_is_decided_by_one_and_told(admin: Api) -> None:
    for key, value in STRONGER.items():
        was = in_force(admin, key)
        assert decide(admin, **{key: value}).status_code == 201
        done = admin.as_("qs-1").get(f"{CHANGES}?state=done&limit=500").json()["items"]
        (told,) = (one for one in done if key in of_policy(one))
        assert told["was"]["policy"]["changes"] == [{"key": key, "value": was}]
        assert told["becomes"]["policy"]["changes"] == [{"key": key, "value": value}]
        path = f"{CHANGES}/{told['id']}"
        (item,) = (one for one in admin.as_("qs-1").work() if one["path"] == path)
        assert item["told"] == "rights_changed"
        assert decide(admin, **{key: was}).json()["code"] == "second-person", "back is weaker"


@pytest.mark.long
def test_a_second_person_confirms_what_protects_less(admin: Api) -> None:
    before = in_force(admin, "restriction_grant_days")
    path = proposed(admin, restriction_grant_days=before + 7)
    assert in_force(admin, "restriction_grant_days") == before
    qs = admin.as_("qs-1")
    (item,) = (one for one in qs.work() if one["path"] == path)
    assert item["kind"] == "confirm_rights"
    shown = qs.get(path).json()
    assert shown["was"]["policy"]["changes"] == [{"key": "restriction_grant_days", "value": before}]
    assert (shown["workers"], shown["allowed_actions"]) == ([], ["confirm", "refuse"])
    own = admin.act(f"{path}/confirm")
    assert (own.status_code, own.json()["code"]) == (422, "second-person")
    assert qs.act(f"{path}/confirm").status_code == 200
    assert in_force(admin, "restriction_grant_days") == before + 7
    (item,) = (one for one in qs.work() if one["path"] == path)
    assert item["told"] == "rights_changed"


def test_what_was_changed_since_is_not_confirmed_and_what_is_late_counts_from_today(
    admin: Api, at: Callable[[str], None]
) -> None:
    qs = admin.as_("qs-1")
    outdated = proposed(admin, small_cell_minimum=1)
    assert decide(admin, observations_required=4).status_code == 201
    answer = qs.act(f"{outdated}/confirm")
    assert (answer.status_code, answer.json()["code"]) == (422, "changed-since")
    late = proposed(admin, agreement_minimum_pairs=3)
    at("2026-11-25T09:30:00Z")
    assert qs.act(f"{late}/confirm").status_code == 200
    newest = admin.get("/v1/policies/in-force").json()
    assert newest["effective_from"] == "2026-11-25"
    assert in_force(admin, "agreement_minimum_pairs") == 3


@pytest.mark.parametrize(
    ("values", "day", "pointer"),
    [
        ({"restriction_grant_days": 91}, TODAY, "/policy/changes/0"),
        ({"no_such_key": 1}, TODAY, "/policy/changes/0"),
        ({"small_cell_minimum": 1}, "2026-11-22", "/policy/effective_from"),
    ],
)
def test_what_no_policy_can_be_is_not_proposed(
    admin: Api, values: Json, day: str, pointer: str
) -> None:
    answer = admin.create(CHANGES, change(day, **values))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
