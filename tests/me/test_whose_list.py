"""Whoever may do a thing that is theirs has it in their list, in whichever role; late is late."""

from collections.abc import Callable

import pytest

from tests.api import Json
from tests.conftest import Accounts
from tests.responses.casework import DEPUTY, MANAGER, WORKER, Case, Casework, casework, service

__all__ = ("casework", "service")

SUPERVISOR = "ps-lincoln-fast"
At = Callable[[str], None]


def waiting(case: Case, person: str, kind: str, about: str, query: str = "") -> list[Json]:
    """What waits for somebody about one record."""
    items = case.api.as_(person).work(f"kind={kind}{query}")
    return [item for item in items if item["path"] == about]


@pytest.mark.long
@pytest.mark.parametrize("person", [SUPERVISOR, DEPUTY])
def test_a_response_handed_to_a_supervisor_or_deputy_is_in_their_list(
    casework: Casework, person: str
) -> None:
    case = casework.completed_audit()
    case.act(f"{case.response}/hand-over", MANAGER, worker=person, reason="He is on leave.")
    assert len(waiting(case, person, "respond", case.response)) == 1
    assert not waiting(case, WORKER, "respond", case.response)
    case.worker = person
    assert case.submit()["state"] == "submitted"


@pytest.mark.parametrize("person", [SUPERVISOR, DEPUTY, MANAGER])
def test_the_response_of_a_case_that_a_supervisor_or_manager_holds_is_in_their_list(
    casework: Casework, person: str
) -> None:
    case = casework.completed_audit(worker=person)
    assert len(waiting(case, person, "respond", case.response)) == 1


@pytest.mark.parametrize("person", ["hos-fast", "qs-1", SUPERVISOR])
def test_whoever_holds_the_case_does_its_actions_whatever_their_post(
    casework: Casework, person: str
) -> None:
    case = casework.completed_audit(worker=person, actions=2)
    path, other = case.action(0), case.action(1)
    assert len(waiting(case, person, "do", path)) == 1
    assert {"plan", "complete"} <= set(case.read(path, person)["allowed_actions"])
    case.act(f"{path}/plan", person, finish_on="2026-12-01")
    case.act(f"{path}/complete", person, done_on="2026-11-23")
    assert not waiting(case, person, "verify", path), "nobody verifies what they did"
    case.act(f"{other}/complete", person, done_on="2026-11-23")
    someone_else = casework.completed_audit(actions=1).action()
    refused = case.refused(f"{someone_else}/complete", person, done_on="2026-11-23")
    assert refused.status_code == 403


@pytest.mark.long
def test_a_missed_date_stays_late_in_the_list_until_it_is_verified(
    casework: Casework, at: At
) -> None:
    case = casework.completed_audit(actions=1)
    path = case.action()
    case.act(f"{path}/plan", WORKER, finish_on="2026-11-27")
    at("2026-11-30T09:30:00Z")
    (missed,) = waiting(case, WORKER, "do", path)
    assert missed["overdue"] is True
    case.act(f"{path}/replan", WORKER, finish_on="2026-12-18", reason="The school is closed.")
    (moved,) = waiting(case, WORKER, "do", path, "&overdue=true")
    assert (moved["overdue"], moved["due_on"]) == (True, "2026-12-18")
    assert moved["missed_on"] == "2026-11-27"
    # The filters go by the date that it is late since, and that is shown.
    assert len(waiting(case, WORKER, "do", path, "&due_to=2026-11-28&due_from=2026-11-27")) == 1
    assert not waiting(case, WORKER, "do", path, "&due_from=2026-11-28")
    assert not waiting(case, WORKER, "do", path, "&due_to=2026-11-27")
    other = casework.completed_audit(actions=1)
    other.act(f"{other.action()}/plan", WORKER, finish_on="2026-12-01")
    items = case.api.as_(WORKER).work("kind=do")
    order = [item["path"] for item in items]
    assert order.index(path) < order.index(other.action()), "what was missed first comes first"
    case.act(f"{path}/complete", WORKER, done_on="2026-11-30")
    (done,) = waiting(case, "au-1", "verify", path, "&overdue=true")
    assert done["overdue"] is True


@pytest.mark.long
def test_what_was_done_in_time_is_not_late_for_being_verified_later(
    casework: Casework, at: At
) -> None:
    case = casework.completed_audit(actions=1)
    path = case.action()
    case.act(f"{path}/plan", WORKER, finish_on="2026-11-27")
    case.act(f"{path}/complete", WORKER, done_on="2026-11-23")
    at("2026-12-01T09:30:00Z")
    (done,) = waiting(case, "au-1", "verify", path)
    assert (done["overdue"], case.read(path)["overdue"]) == (False, False)
    assert (done["due_on"], done["missed_on"]) == ("2026-11-27", None)
    assert len(waiting(case, "au-1", "verify", path, "&due_to=2026-11-28")) == 1


@pytest.mark.long
def test_an_account_lists_what_is_its_persons_in_the_roles_that_it_holds(
    casework: Casework, at: At, accounts: Accounts
) -> None:
    """Whose code an account bears is no right to see anything: the role is."""
    case = casework.completed_audit(actions=2)
    action = case.action(1)
    case.act(f"{action}/plan", WORKER, finish_on="2026-11-27")
    case.act(f"{action}/replan", WORKER, finish_on="2026-12-18", reason="The school is closed.")
    at("2026-12-01T09:30:00Z")
    case.submit()
    expected = [
        (MANAGER, "review", case.response),
        (MANAGER, "told", action),
        (WORKER, "do", action),
    ]
    for person, kind, path in expected:
        (item,) = waiting(case, person, kind, path)
        without = case.api.as_(accounts.another(person))
        assert without.get("/v1/me/work").status_code == 403
        for role in ("administrator", "learning_development"):
            account = case.api.as_(accounts.another(person, role))
            assert account.get("/v1/me").json()["worker"] == person
            items = account.work()
            assert not [one for one in items if one["subject"]], (person, role)
            if kind == "told":
                assert account.post(f"/v1/me/alerts/{item['about']}/seen").status_code == 404
    again = accounts.another(WORKER, "worker")
    assert len(waiting(case, again, "do", action)) == 1


def test_a_worker_who_is_untold_for_too_long_is_told_by_hand(casework: Casework, at: At) -> None:
    case = casework.completed_audit()
    for person in (MANAGER, DEPUTY):
        assert not waiting(case, person, "notify_by_hand", case.notification)
    at("2026-12-07T09:30:00Z")
    for person in (MANAGER, DEPUTY):
        assert len(waiting(case, person, "notify_by_hand", case.notification)) == 1
    casework.deliver(case)
    for person in (MANAGER, DEPUTY):
        assert not waiting(case, person, "notify_by_hand", case.notification)
