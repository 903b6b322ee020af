"""What falls due by the calendar, and how long records are kept, as each authority decided."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from qa_api.adoption.folder import Folder
from qa_api.data import shipped_authorities
from qa_api.demo.authority import demo_authority
from tests.adoption.authority import Authority, accept
from tests.api import Json

PANEL = date(2026, 10, 5)
BORN = date(2015, 3, 9)


def months_after(day: date, months: int) -> date:
    """The same day so many months later."""
    index = day.year * 12 + day.month - 1 + months
    return day.replace(year=index // 12, month=index % 12 + 1)


def household(house: Authority) -> str:
    """The id of a carer household that was first presented at Panel on 5 October 2026."""
    system, place = house.case_system[0], house.place
    ref = f"H-{uuid4().hex[:12]}"
    body = {"kind": "carer_household", "team": place.team, "worker": place.worker}
    made = accept(house.api.change("PUT", f"/v1/subjects/{system}/{ref}", body))
    path = f"/v1/carer-households/{system}/{ref}/panel-date"
    accept(house.api.change("PUT", path, {"first_panel_on": PANEL.isoformat()}))
    return str(made["id"])


def owed(house: Authority, subject: str, as_at: date, until: date) -> list[Json]:
    return house.listed(
        "/v1/due-audits", subject=subject, as_at=as_at.isoformat(), until=until.isoformat()
    )


@pytest.mark.long
def test_a_carer_household_is_audited_after_the_authoritys_own_months(house: Authority) -> None:
    audit_type = house.type_of(cadence="anniversary", subject_kind="carer_household")
    subject, policy = household(house), house.policy
    first = months_after(PANEL, policy["carers_first_audit_months"])
    every = audit_type["interval_months"] or policy["carers_audit_every_months"]
    second = months_after(first, every)

    rows = owed(house, subject, date(2026, 11, 23), second)
    assert [row["due_on"] for row in rows] == [first.isoformat(), second.isoformat()]
    assert {row["explanation"]["facts"]["anchor"] for row in rows} == {PANEL.isoformat()}

    begins = first - timedelta(days=policy["due_audit_lead_days"])
    (coming, *_) = owed(house, subject, begins - timedelta(days=1), second)
    (now_due, *_) = owed(house, subject, begins, second)
    assert (coming["status"], now_due["status"]) == ("coming", "due")


@pytest.mark.long
def test_a_childs_record_is_kept_as_long_as_the_authority_says(house: Authority) -> None:
    child = house.child()
    path = f"/v1/subjects/{child['system']}/{child['ref']}"
    held = {"kind": "child", "team": house.place.team, "worker": house.place.worker}
    accept(house.api.change("PUT", path, held | {"born_on": BORN.isoformat()}))
    kept = {one["record_class"]: one for one in house.read(f"{path}/retention")["records"]}
    (rule,) = [
        one for one in house.policy["retention_rules"] if one["record_class"] == "child_record"
    ]
    assert rule["trigger"] == "born_on"
    record = kept["child_record"]
    assert record["kept_until"] == BORN.replace(year=BORN.year + rule["years"]).isoformat()
    assert record["explanation"]["facts"]["years"] == rule["years"]


def test_the_same_childs_record_is_kept_until_different_days_in_different_authorities() -> None:
    def years(folder: Folder) -> object:
        rules = folder.authority.policy.model_dump()["values"].get("retention_rules", [])
        return next((one["years"] for one in rules if one["record_class"] == "child_record"), None)

    assert len({years(demo_authority(code)) for code in shipped_authorities()}) > 1
