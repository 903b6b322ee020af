"""Until when what is held about a subject is kept, as its readers are told (X4)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api import give_right
from tests.retention.keeping import Keeping


def of_class(retention: Any, record_class: str) -> Any:
    (found,) = (each for each in retention["records"] if each["record_class"] == record_class)
    return found


def test_a_childs_record_has_its_date_and_says_why(keeping: Keeping) -> None:
    case = keeping.child("2008-02-29")
    found = keeping.retention(case.ref)
    record = of_class(found, "child_record")
    assert (record["kept_until"], record["held"], record["due"]) == ("2083-02-28", False, False)
    assert record["explanation"]["clause"] == "X4"
    assert record["explanation"]["facts"] == {
        "record_class": "child_record",
        "trigger": "born_on",
        "triggered_on": "2008-02-29",
        "years": 75,
        "kept_until": "2083-02-28",
        "no_date_because": None,
        "held_by": [],
    }
    assert found["holds"] == []
    assert found["removed"] is None


def test_without_a_date_of_birth_it_is_kept(keeping: Keeping) -> None:
    record = of_class(keeping.retention(keeping.child(None).ref), "child_record")
    assert (record["kept_until"], record["no_date_because"]) == (None, "trigger_not_known")
    assert record["due"] is False


def test_reading_it_is_logged_like_any_look_at_the_record(keeping: Keeping) -> None:
    case = keeping.child()
    keeping.retention(case.ref, "tm-lincoln-fast")
    path = f"/v1/subjects/mosaic/{case.ref}/record"
    looks = keeping.read(path)["looks"]
    assert [look["who"] for look in looks if look["operation"] == "record:read"] == [
        "tm-lincoln-fast"
    ]
    (log,) = (
        each
        for each in keeping.retention(case.ref)["records"]
        if each["record_class"] == "access_log"
    )
    assert log["kept_until"] == "2032-11-30", "six years after the month of the newest look"


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("qs-1", 200),
        ("tm-lincoln-fast", 200),
        ("hos-fast", 200),
        ("tm-boston-fast", 404),
        ("sw1-lincoln-fast", 403),
        ("slt-1", 403),
        ("admin-1", 403),
        ("case-system-mosaic", 403),
    ],
)
def test_whoever_reads_the_record_reads_its_dates(
    keeping: Keeping, person: str, status: int
) -> None:
    case = keeping.child()
    path = f"/v1/subjects/mosaic/{case.ref}/retention"
    assert keeping.api.as_(person).get(path).status_code == status


def test_two_rule_sets_give_the_same_child_two_dates(
    keeping: Keeping, at: Callable[[str], None]
) -> None:
    case = keeping.child("2008-02-29")
    rules = [{"record_class": "child_record", "years": 7, "trigger": "reaches_18_on"}]
    changes = [{"key": "retention_rules", "value": rules}]
    give_right(keeping.api, policy={"effective_from": "2027-04-01", "changes": changes})
    (made, *_) = keeping.api.get("/v1/policies?limit=1").json()["items"]
    before = of_class(keeping.retention(case.ref), "child_record")
    at("2027-04-01T08:00:00Z")
    after = of_class(keeping.retention(case.ref), "child_record")
    assert (before["kept_until"], after["kept_until"]) == ("2083-02-28", "2033-02-28")
    versions = [each["explanation"]["policy_version"] for each in (before, after)]
    assert versions == [1, made["version"]]
    (log,) = (each for each in keeping.retention(case.ref)["records"][1:])
    assert log["no_date_because"] == "no_rule", "what the authority has no rule for is kept"


def test_a_carer_households_record_counts_from_what_was_recorded_last(
    keeping: Keeping, at: Callable[[str], None]
) -> None:
    ref = keeping.new_ref()
    body = {"kind": "carer_household", "team": "fostering-north", "worker": None}
    answer = keeping.api.change("PUT", f"/v1/subjects/mosaic/{ref}", body)
    assert answer.status_code == 200, answer.text
    at("2026-12-24T23:30:00Z")
    panel = f"/v1/carer-households/mosaic/{ref}/panel-date"
    set_to = {"first_panel_on": "2024-05-10"}
    headers = {"if-none-match": "*"}
    answer = keeping.api.request("PUT", panel, json=set_to, headers=headers)
    assert answer.status_code == 201, answer.text
    record = of_class(keeping.retention(ref), "carer_record")
    assert record["kept_until"] == "2036-12-24"
    assert record["explanation"]["facts"]["trigger"] == "last_recorded_on"
