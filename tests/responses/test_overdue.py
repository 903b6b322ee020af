"""Missed dates are told once, on the day the procedure says, to who acts then (R4.2.4, R4.2.5)."""

from collections.abc import Callable

import pytest

from qa_api.responses.overdue import (
    RESPONSE_OVERDUE,
    REVIEW_OVERDUE,
    alert_overdue_responses,
    alert_unreviewed,
)
from tests.responses.casework import MANAGER, Case, Casework

At = Callable[[str], None]


def id_of(case: Case) -> str:
    return case.response.rpartition("/")[2]


@pytest.mark.long
def test_the_manager_is_told_on_the_first_working_day_after_and_only_once(
    casework: Casework, at: At
) -> None:
    at("2026-11-20T09:30:00Z")
    case = casework.completed_audit()
    casework.deliver(case)
    assert case.read(case.response)["due_on"] == "2026-11-27"

    def told() -> list[tuple[str, str]]:
        casework.as_service(alert_overdue_responses)
        return casework.alerts(id_of(case), RESPONSE_OVERDUE)

    at("2026-11-27T23:30:00Z")
    assert told() == []
    at("2026-11-28T09:30:00Z")
    assert case.read(case.response)["overdue"] is True
    assert told() == [], "a Saturday is no working day"
    at("2026-11-30T00:30:00Z")
    assert told() == [("team_manager", MANAGER)]
    at("2026-12-14T09:30:00Z")
    assert told() == [("team_manager", MANAGER)]
    assert len(casework.events(id_of(case), "response.overdue")) == 1


@pytest.mark.long
def test_what_was_answered_in_time_is_told_to_nobody(casework: Casework, at: At) -> None:
    case = casework.completed_audit()
    unheard = casework.completed_audit()
    casework.deliver(case)
    case.submit()
    at("2026-12-14T09:30:00Z")
    casework.as_service(alert_overdue_responses)
    assert casework.alerts(id_of(case), RESPONSE_OVERDUE) == []
    # Nobody was notified: no clock has started (R4.2.7).
    assert casework.alerts(id_of(unheard), RESPONSE_OVERDUE) == []


@pytest.mark.long
def test_a_further_round_has_a_date_of_its_own_to_miss(casework: Casework, at: At) -> None:
    case = casework.completed_audit()
    casework.deliver(case)
    case.submit()
    case.review("returned")
    at("2026-11-30T09:30:00Z")
    casework.as_service(alert_overdue_responses)
    assert casework.alerts(id_of(case), RESPONSE_OVERDUE) == []
    at("2026-12-01T09:30:00Z")
    casework.as_service(alert_overdue_responses)
    casework.as_service(alert_overdue_responses)
    assert casework.alerts(id_of(case), RESPONSE_OVERDUE) == [("team_manager", MANAGER)]


@pytest.mark.long
def test_a_reallocation_keeps_the_due_date(casework: Casework, at: At) -> None:
    case = casework.completed_audit()
    casework.deliver(case)
    before = case.read(case.response)
    at("2026-11-25T09:30:00Z")
    casework.reallocate(case, "sw2-lincoln-fast")
    after = case.read(case.response, "sw2-lincoln-fast")
    assert (after["due_on"], after["explanation"]) == (before["due_on"], before["explanation"])
    assert casework.api.as_("sw1-lincoln-fast").get(case.response).status_code == 404
    case.submit()


@pytest.mark.long
def test_an_unreviewed_response_goes_to_the_head_of_service_once(
    casework: Casework, at: At
) -> None:
    case = casework.completed_audit()
    casework.deliver(case)
    case.submit()

    def told() -> list[tuple[str, str]]:
        casework.as_service(alert_unreviewed)
        return casework.alerts(id_of(case), REVIEW_OVERDUE)

    at("2026-11-30T18:00:00Z")
    assert told() == []
    at("2026-12-01T09:30:00Z")
    assert told() == [("head_of_service", "hos-fast")]
    assert told() == [("head_of_service", "hos-fast")]
    assert case.review("adequate", "hos-fast")["rounds"][0]["reviewed_by"] == "hos-fast"
    at("2026-12-09T09:30:00Z")
    assert len(told()) == 1


@pytest.mark.long
def test_nobody_is_told_of_what_hangs_on_an_audit_recorded_in_error(
    casework: Casework, at: At
) -> None:
    unanswered, unreviewed = casework.completed_audit(), casework.completed_audit()
    for case in (unanswered, unreviewed):
        casework.deliver(case)
        _ = case.response
    unreviewed.submit()
    for case in (unanswered, unreviewed):
        audit = f"/v1/audits/{case.audit_id}"
        case.act(f"{audit}/record-in-error", "qs-1", reason="It is about another child.")
        assert casework.api.as_("qs-2").act(f"{audit}/confirm-error").status_code == 204
    at("2026-12-09T09:30:00Z")
    casework.as_service(alert_overdue_responses)
    casework.as_service(alert_unreviewed)
    assert casework.alerts(id_of(unanswered), RESPONSE_OVERDUE) == []
    assert casework.alerts(id_of(unreviewed), REVIEW_OVERDUE) == []
