"""Learning highlights: recorded by managers, routed, answered; missing and late show (R4.6.3)."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.api import Api, Json
from tests.observations.conftest import Office

QUARTER = "2026-27 Q2"


def highlight(office: Office, **changes: Any) -> Json:
    return {
        "team": office.code("north"),
        "quarter": QUARTER,
        "topic": "Direct work with younger children",
        "highlight": "Tools are known, but seldom brought along.",
        "routed_to": "learning_development",
    } | changes


def record(office: Office, person: str = "tm-north", **changes: Any) -> httpx.Response:
    return office.as_(person).create("/v1/learning-highlights", highlight(office, **changes))


def returns(office: Office, person: Api | None = None, **query: str) -> dict[str, str]:
    """The state of each team of this service."""
    answer = (person or office.api).get(
        "/v1/learning-highlight-returns", params={"service": office.code("service"), **query}
    )
    assert answer.status_code == 200, answer.text
    return {row["team"].partition("-")[0]: row["state"] for row in answer.json()["items"]}


@pytest.mark.parametrize("person", ["tm-north", "hos"])
def test_managers_record_what_their_team_learned(office: Office, person: str) -> None:
    answer = record(office, person)
    assert answer.status_code == 201
    said = answer.json()
    assert said["due_on"] == "2026-10-14"
    assert said["explanation"]["rule"] == "highlights_due"
    assert (said["late"], said["answered"]) == (True, False)


def test_nobody_else_records_for_a_team(office: Office) -> None:
    for person in ("ps-north", "tm-south"):
        assert record(office, person).status_code == 403
    answer = office.api.create("/v1/learning-highlights", highlight(office))
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"quarter": "2026-27 Q4"}, "/quarter"),
        ({"quarter": "2026-28 Q1"}, "/quarter"),
        ({"quarter": "2026-27 Q5"}, "/quarter"),
        ({"team": "no-such-team"}, "/team"),
        ({"routed_to": "somebody"}, "/routed_to"),
    ],
)
def test_what_cannot_be_is_refused_and_named(office: Office, changes: Json, pointer: str) -> None:
    answer = record(office, **changes)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("routed_to", "theirs", "others"),
    [("learning_development", "ld-1", "pa-1"), ("practice_advisor", "pa-1", "ld-1")],
)
def test_it_is_answered_once_by_those_whom_it_is_routed_to(
    office: Office, routed_to: str, theirs: str, others: str
) -> None:
    path = record(office, routed_to=routed_to).headers["location"]
    done = {"what_was_done": "Two workshops."}
    assert office.api.as_(others).get(path).status_code == 404
    tag = {"if-match": office.api.tag(path)}
    for person, status in ((office.api.as_(others), 404), (office.as_("tm-north"), 403)):
        assert person.post(f"{path}/answer", done, headers=tag).status_code == status
    answer = office.api.as_(theirs).act(f"{path}/answer", done)
    assert answer.status_code == 200
    assert answer.json()["answered_by"] == theirs
    # It comes back to who recorded it.
    assert office.as_("tm-north").get(path).json()["what_was_done"] == "Two workshops."
    assert office.api.as_(theirs).act(f"{path}/answer", done).status_code == 409


@pytest.mark.parametrize(
    ("routed_to", "theirs", "others"),
    [("learning_development", "ld-1", "pa-1"), ("practice_advisor", "pa-1", "ld-1")],
)
def test_it_waits_for_those_whom_it_is_routed_to_until_they_answer(
    office: Office, routed_to: str, theirs: str, others: str
) -> None:
    path = record(office, routed_to=routed_to).headers["location"]

    def waits(person: str) -> bool:
        found = office.api.as_(person).work("kind=answer")
        return path in {item["path"] for item in found}

    assert waits(theirs)
    assert not any(map(waits, (others, "qs-1", "slt-1")))
    office.api.as_(theirs).act(f"{path}/answer", {"what_was_done": "Two workshops."})
    assert not waits(theirs)


def test_it_is_seen_by_its_managers_and_not_by_other_teams(office: Office) -> None:
    path = record(office).headers["location"]
    for name, status in (("tm-north", 200), ("hos", 200), ("tm-south", 404), ("ps-north", 403)):
        assert office.as_(name).get(path).status_code == status
    listed = office.as_("tm-south").get(f"/v1/learning-highlights?quarter={QUARTER}").json()
    assert office.code("north") not in {row["team"] for row in listed["items"]}


def test_missing_and_late_ones_show(office: Office, at: Callable[[str], None]) -> None:
    at("2026-10-01T08:00:00Z")
    assert returns(office) == {"north": "awaited", "south": "awaited"}
    at("2026-10-14T22:59:59Z")  # still the 14th in London
    assert record(office).status_code == 201
    assert returns(office) == {"north": "recorded", "south": "awaited"}
    at("2026-10-14T23:00:00Z")
    assert returns(office) == {"north": "recorded", "south": "missing"}
    assert returns(office, state="missing") == {"south": "missing"}
    assert record(office, "tm-south", team=office.code("south")).status_code == 201
    assert returns(office) == {"north": "recorded", "south": "late"}
    assert returns(office, state="late") == {"south": "late"}


def test_a_quarter_ends_at_midnight_in_london(office: Office, at: Callable[[str], None]) -> None:
    at("2026-09-30T22:59:59Z")
    assert record(office, quarter="2026-27 Q3").status_code == 422
    assert set(returns(office, quarter="2026-27 Q1").values()) == {"missing"}
    at("2026-09-30T23:00:00Z")
    assert record(office, quarter="2026-27 Q3").status_code == 201


def test_a_team_that_is_no_more_is_not_missed(office: Office) -> None:
    office.close("south", on="2026-08-01")
    assert returns(office, quarter=QUARTER) == {"north": "missing"}
    assert returns(office, quarter="2026-27 Q1") == {"north": "missing", "south": "missing"}


def test_managers_follow_their_own_teams(office: Office) -> None:
    assert set(returns(office, office.as_("tm-north"))) == {"north"}
    assert set(returns(office, office.as_("hos"))) == {"north", "south"}
    assert set(returns(office, office.api.as_("slt-1"))) == {"north", "south"}
    assert office.api.as_("ld-1").get("/v1/learning-highlight-returns").status_code == 403
