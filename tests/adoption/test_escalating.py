"""What goes to the team manager at once is what the scale marks, in every authority alike."""

from datetime import datetime

import pytest

from qa_api import clock
from qa_api.rules.local_time import local_date
from tests.adoption.authority import WHY, Authority, accept


def escalations(house: Authority, audit: str) -> list[str]:
    """The ids of an audit's escalations."""
    found = house.listed("/v1/escalations", audit=audit.rpartition("/")[2])
    return [one["id"] for one in found]


@pytest.mark.long
def test_each_judgement_escalates_exactly_where_its_scale_says_so(house: Authority) -> None:
    audit_type = house.type_of(owner="quality_standards", subject_kind="child")
    scale = house.scale_of(house.tool_of(audit_type))
    marked = [point["code"] for point in scale if point["escalates"]]
    assert marked, "a scale without a mark escalates nothing"
    mild = [point["code"] for point in scale if not point["escalates"]]
    for judgement in (*marked, mild[0], mild[-1]):
        audit = house.audited(audit_type, judgement=judgement)
        assert len(escalations(house, audit)) == (judgement in marked), judgement


@pytest.mark.long
def test_both_hops_are_due_after_the_authoritys_own_days(house: Authority) -> None:
    audit_type = house.type_of(owner="quality_standards", subject_kind="child")
    worst = house.scale_of(house.tool_of(audit_type))[-1]["code"]
    (id_,) = escalations(house, house.audited(audit_type, judgement=worst))
    found = house.read(f"/v1/escalations/{id_}")
    for hop in ("acknowledge", "inform"):
        due = local_date(datetime.fromisoformat(found[f"{hop}_by"]))
        days = house.policy[f"{hop}_working_days"]
        last = house.working_days_after(local_date(clock.now()), days)
        assert (due - last).days in {0, 1}, hop  # the end of a day is the next one's midnight
        explained = found["explanation"][f"{hop}_by"]
        assert explained["facts"]["working_days"] == days
        assert explained["policy_version"] == found["policy_version"]


@pytest.mark.long
def test_an_urgent_finding_goes_both_hops_and_is_resolved(house: Authority) -> None:
    audit_type = house.type_of(owner="quality_standards", subject_kind="child")
    auditor = house.auditor_of(audit_type)
    path = house.planned(audit_type, house.child(), auditor=auditor)
    accept(house.api.as_(auditor).act(f"{path}/start"))
    finding = {"kind": "serious_safeguarding", "description": WHY, "child_safe_now": "not_known"}
    accept(house.api.as_(auditor).create(f"{path}/urgent-findings", finding))
    (id_,) = escalations(house, path)
    escalation, manager = f"/v1/escalations/{id_}", house.api.as_(house.place.manager)
    assert house.read(escalation, house.place.manager)["team"] == house.place.team
    assert accept(manager.act(f"{escalation}/acknowledge"))["state"] == "acknowledged"
    informed = manager.act(f"{escalation}/inform-quality-standards", {"actions_to_be_taken": WHY})
    assert accept(informed)["state"] == "quality_standards_informed"
    resolved = house.api.act(f"{escalation}/resolve", {"resolution": WHY})
    assert accept(resolved)["state"] == "resolved"
