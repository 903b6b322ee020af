"""The main job, from a proposed closure to a clear gate, in every authority alike."""

from collections.abc import Callable
from datetime import date

import pytest

from qa_api import clock
from tests.adoption.authority import Authority, Episode, accept, days_counted

At = Callable[[str], None]
PROPOSED = "case.closure_proposed.v1"


def today() -> date:
    return clock.now().date()


@pytest.mark.long
def test_a_proposed_closure_goes_through_to_a_clear_gate(house: Authority) -> None:
    audit_type = house.type_of(cadence="every_closure")
    episode = Episode(house)
    assert episode.tell(PROPOSED) == "gate_opened"
    gate = episode.gate()
    assert (gate["state"], gate["may_close"]) == ("awaiting_audit", False)

    path, auditor = f"/v1/audits/{gate['audit_id']}", house.auditor_of(audit_type)
    assert house.read(path)["type"] == audit_type["code"]
    assert house.read(path)["due_on"] is None
    accept(house.api.as_(house.place.manager).act(f"{path}/assign", {"auditor": auditor}))
    house.complete(path, audit_type, auditor, actions=2)
    assert episode.gate()["state"] == "actions_outstanding"

    response = house.notified(path)
    days = house.policy["response_working_days"]
    assert response["due_on"] == house.working_days_after(today(), days).isoformat()
    assert len(days_counted(response["explanation"])) == days
    assert response["explanation"]["facts"]["working_days"] == days

    submitted = house.submit(response)
    review = submitted["rounds"][0]["review_due_on"]
    assert (
        review == house.working_days_after(today(), house.policy["review_working_days"]).isoformat()
    )
    assert house.review(response, "adequate")["state"] == "adequate"

    # Done is enough for some authorities; others want to have seen it.
    assert episode.gate()["may_close"] == (house.policy["closure_action_standard"] == "done")
    for action in house.listed("/v1/restorative-actions", audit=gate["audit_id"]):
        verified = {"made_a_difference": True}
        accept(
            house.api.as_(auditor).act(f"/v1/restorative-actions/{action['id']}/verify", verified)
        )
    assert (episode.gate()["state"], episode.gate()["may_close"]) == ("clear", True)
    assert house.read(path)["state"] == "closed"


@pytest.mark.long
def test_a_return_opens_a_round_after_the_authoritys_own_days(house: Authority) -> None:
    response = house.notified(house.audited(house.type_of(cadence="every_closure"), actions=1))
    house.submit(response)
    returned = house.review(response, "returned")
    due = house.working_days_after(today(), house.policy["return_working_days"])
    assert returned["rounds"][1]["due_on"] == returned["current_due_on"] == due.isoformat()
    assert returned["due_on"] == response["due_on"]


@pytest.mark.long
def test_a_day_that_only_this_authority_keeps_is_skipped_and_named(house: Authority) -> None:
    own = house.listed("/v1/bank-holidays", source="authority")
    response = house.notified(house.audited(house.type_of(cadence="every_closure"), actions=1))
    skipped = {
        step["date"]: step["reason"]
        for step in response["explanation"]["steps"]
        if not step["counted"]
    }
    within = [day for day in own if today().isoformat() < day["date"] <= response["due_on"]]
    for day in within:
        assert day["title"] in skipped[day["date"]]
    assert not set(days_counted(response["explanation"])) & {day["date"] for day in own}


def test_a_closure_is_exempt_for_the_authoritys_reasons_and_no_other(house: Authority) -> None:
    exempt = house.policy["closure_exempt_reasons"]
    for reason in (*exempt, "RC-of-nobody"):
        episode = Episode(house)
        episode.tell(PROPOSED, closure={"date": "2026-11-30", "reason_code": reason})
        gate = episode.gate()
        assert gate["may_close"] == (reason in exempt)
        assert gate["state"] == ("exempt" if reason in exempt else "awaiting_audit")


@pytest.mark.long
def test_an_overdue_response_is_told_to_whom_the_policy_names(house: Authority, at: At) -> None:
    response = house.notified(house.audited(house.type_of(cadence="every_closure"), actions=1))
    path = f"/v1/audit-responses/{response['id']}"
    at(f"{response['due_on']}T12:00:00Z")
    assert house.read(path)["overdue"] is False
    steps = house.policy["response_overdue_steps"]
    told = house.read(
        "/v1/deadlines/explain", rule="overdue_told", at=f"{response['due_on']}T12:00:00Z"
    )
    assert told["explanation"]["facts"]["told_after_working_days"] == [
        f"{step['working_days_after']}: {step['tell']}" for step in steps
    ]
    first = house.working_days_after(
        date.fromisoformat(response["due_on"]), steps[0]["working_days_after"]
    )
    assert told["due_on"] == first.isoformat()
    at(f"{first}T12:00:00Z")
    assert house.read(path)["overdue"] is True


@pytest.mark.long
def test_whoever_audited_leaves_the_review_to_the_deputy_or_where_none_is_to_the_head(
    house: Authority,
) -> None:
    audit_type = house.type_of(owner="quality_standards", subject_kind="child")
    by_deputies = {bool(team["deputies"]): team["code"] for team in house.listed("/v1/teams")}
    for place in house.places():
        if place.team not in by_deputies.values():
            continue
        manager = place.manager
        audit = house.audited(audit_type, auditor=manager, place=place, actions=1)
        submitted = house.submit(house.notified(audit, place))
        expected = "deputy" if by_deputies.get(True) == place.team else "head_of_service"
        assert submitted["rounds"][0]["reviewer_acts_as"] == expected
