"""The policy as data: each change a version, each value with its clause."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from qa_api.rules.policy_keys import POLICY_KEYS
from tests.api import Api
from tests.conftest import Database

NOW = "2026-11-22T12:00:00Z"


@pytest.fixture(autouse=True)
def _today(at: Callable[[str], None]) -> None:
    at(NOW)


def decide(api: Api, effective_from: str, key: str | None = None, **values: Any) -> Any:
    changes = [{"key": name, "value": value} for name, value in values.items()]
    body = {"effective_from": effective_from, "reason": "Decided.", "changes": changes}
    return api.create("/v1/policies", body, key=key)


def values_of(policy: Any) -> dict[str, Any]:
    return {value["key"]: value["value"] for value in policy.json()["values"]}


def due_on(api: Api, at: str) -> tuple[str, int]:
    found = api.get("/v1/deadlines/explain", params={"rule": "response_due", "at": at}).json()
    return found["due_on"], found["explanation"]["policy_version"]


def test_the_procedures_own_policy_says_where_each_value_comes_from(as_published: Api) -> None:
    answer = as_published.get("/v1/policies/in-force")
    policy = answer.json()
    assert (policy["version"], policy["in_force"], policy["effective_until"]) == (1, True, None)
    assert [value["key"] for value in policy["values"]] == list(POLICY_KEYS)
    for value in policy["values"]:
        known = POLICY_KEYS[value["key"]]
        assert value["value"] == value["default"] == known.default
        assert (value["clause"], value["unit"]) == (known.clause, known.unit)
        assert (value["meaning"], value["accepts"]) == (known.meaning, known.check.accepts)
    same = as_published.get("/v1/policies/1")
    assert same.content == answer.content
    assert as_published.get("/v1/policies/99").status_code == 404


def test_a_change_holds_from_its_day_and_what_was_before_stands(own: Api) -> None:
    before = own.get("/v1/policies/in-force").json()["version"]
    answer = decide(own, "2026-11-22", response_working_days=10)
    made = answer.json()["version"]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/policies/{made}"
    assert values_of(answer)["response_working_days"] == 10
    assert values_of(answer)["review_working_days"] == 5
    assert due_on(own, "2026-11-23T09:00:00Z") == ("2026-12-07", made)
    assert due_on(own, "2026-11-16T09:00:00Z") == ("2026-11-23", before)
    listed = {row["version"]: row for row in own.get("/v1/policies").json()["items"]}
    assert listed[before]["effective_until"] == "2026-11-22"
    assert (listed[before]["in_force"], listed[made]["in_force"]) == (False, True)


def test_a_later_change_keeps_the_earlier_ones(own: Api) -> None:
    decide(own, "2026-11-22", small_cell_minimum=7)
    answer = decide(own, "2026-11-22", observations_required=3)
    values = values_of(answer)
    assert (values["small_cell_minimum"], values["observations_required"]) == (7, 3)
    keys = [entry["key"] for entry in answer.json()["values"]]
    assert len(keys) == len(set(keys)), "each key once, however many versions there are"


def test_a_scheduled_version_takes_over_on_its_day(own: Api, at: Callable[[str], None]) -> None:
    now = own.get("/v1/policies/in-force").json()["version"]
    scheduled = decide(own, "2027-01-04", review_working_days=3).json()["version"]
    assert own.get("/v1/policies/in-force").json()["version"] == now
    at("2027-01-04T00:00:00Z")
    assert own.get("/v1/policies/in-force").json()["version"] == scheduled
    assert own.get(f"/v1/policies/{now}").json()["effective_until"] == "2027-01-04"


def test_a_change_is_carried_into_what_is_scheduled_where_that_says_nothing_else(
    own: Api, at: Callable[[str], None]
) -> None:
    decide(own, "2027-01-04", review_working_days=3, observations_required=4)
    decide(own, "2026-12-01", small_cell_minimum=8, observations_required=3)
    at("2027-01-04T09:00:00Z")
    values = values_of(own.get("/v1/policies/in-force"))
    keys = ("review_working_days", "small_cell_minimum", "observations_required")
    assert [values[key] for key in keys] == [3, 8, 4]


def test_every_kind_of_value_can_be_changed(own: Api) -> None:
    given: dict[str, Any] = {
        "observation_prorated": False,
        "observation_window": "rolling",
        "moderation_strata": ["team"],
        "response_overdue_steps": [
            {"working_days_after": 1, "tell": "team_manager"},
            {"working_days_after": 2, "tell": "head_of_service"},
        ],
        "retention_rules": [{"record_class": "child_record", "years": 80, "trigger": "born_on"}],
    }
    answer = decide(own, "2026-11-22", **given)
    assert answer.status_code == 201
    assert {key: values_of(answer)[key] for key in given} == given


@pytest.mark.parametrize(
    ("key", "value", "pointer"),
    [
        ("response_working_days", 0, "/changes/0"),
        ("response_working_days", True, "/changes/0"),
        ("response_working_days", "5", "/changes/0"),
        ("no_such_key", 5, "/changes/0"),
        ("observation_window", "whenever", "/changes/0"),
        ("moderation_sample_maximum", 1, "/changes"),  # below the minimum, which is not changed
    ],
)
def test_a_value_that_the_key_does_not_take_is_refused_by_its_place(
    own: Api, key: str, value: Any, pointer: str
) -> None:
    answer = decide(own, "2026-11-22", **{key: value})
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/business-rule"
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_the_past_is_not_changed(own: Api) -> None:
    answer = decide(own, "2026-11-21", response_working_days=10)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/effective_from"


def test_a_key_is_given_once(own: Api) -> None:
    change = {"key": "response_working_days", "value": 10}
    body = {"effective_from": "2026-11-22", "reason": "Twice.", "changes": [change, change]}
    answer = own.create("/v1/policies", body)
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/changes/0/key",
        "/changes/1/key",
    ]


def test_the_same_request_again_makes_no_second_version(own: Api) -> None:
    first = decide(own, "2026-11-22", key="the-same-key-0001", same_case_months=6)
    decide(own, "2026-11-22", same_case_months=7)
    made = own.get("/v1/policies?limit=500").json()
    again = decide(own, "2026-11-22", key="the-same-key-0001", same_case_months=6)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()["version"] == first.json()["version"]
    assert own.get("/v1/policies?limit=500").json() == made


@pytest.mark.parametrize("person", ["qs-1", "tm-lincoln-fast", "case-system-mosaic"])
def test_only_the_administrator_decides(own: Api, person: str) -> None:
    somebody = own.as_(person)
    assert somebody.get("/v1/policies/in-force").status_code == 200
    assert decide(somebody, "2026-11-22", response_working_days=10).status_code == 403


def test_the_database_refuses_to_rewrite_a_version(own: Api, own_database: Database) -> None:
    async def rewrite() -> None:
        connection = await asyncpg.connect(own_database.migrate_url)
        try:
            await connection.execute("UPDATE policy_versions SET reason = 'another'")
        finally:
            await connection.close()

    with pytest.raises(asyncpg.RestrictViolationError):
        asyncio.run(rewrite())
