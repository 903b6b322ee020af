"""The response to an audit over HTTP: what is asked, by when, and who may say so (§4.2)."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from qa_api import clock
from qa_api.auth.roles import Permission
from qa_api.models.events import LoggedEvent
from qa_api.responses.schemas import ResponseSubmission
from qa_api.responses.submission import submit_response
from qa_api.rules.deadlines import is_overdue
from qa_api.rules.responses import (
    ReviewOutcome,
    Round,
    adequate_on_time,
    first_submitted_on_time,
)
from qa_api.values.preconditions import Precondition
from qa_api.work import Work
from tests.closures.statements import statements_of
from tests.responses.casework import DEPUTY, MANAGER, WORKER, Casework

At = Callable[[str], None]


def test_the_clock_starts_at_notification_and_not_at_completion(casework: Casework, at: At) -> None:
    case = casework.completed_audit()
    waiting = case.read(case.response, WORKER)
    assert (waiting["state"], waiting["due_on"]) == ("awaiting_notification", None)
    assert waiting["working_days_left"] is None
    at("2026-11-26T10:00:00Z")
    casework.deliver(case)
    told = case.read(case.response, WORKER)
    assert (told["state"], told["due_on"]) == ("awaiting_response", "2026-12-03")
    assert told["working_days_left"] == 5
    assert told["notified_at"].startswith("2026-11-26T10:00:00")
    explained = told["explanation"]
    assert explained["clause"] == "§4.2, R4.2.1"
    assert [step["date"] for step in explained["steps"]][:2] == ["2026-11-26", "2026-11-27"]
    assert (told["policy_version"], told["calendar_version"]) == (1, 1)


def test_day_zero_is_the_london_date_at_any_hour(casework: Casework, at: At) -> None:
    at("2026-06-11T09:00:00Z")
    case = casework.completed_audit()
    at("2026-06-13T09:00:00Z")
    casework.deliver(case, "2026-06-12T23:30:00Z")
    # Half past eleven at night in UTC is already Saturday in London.
    assert case.read(case.response)["explanation"]["steps"][0]["date"] == "2026-06-13"
    assert case.read(case.response)["due_on"] == "2026-06-19"


def test_a_notification_delivered_twice_starts_one_clock(casework: Casework, at: At) -> None:
    case = casework.completed_audit()
    casework.deliver(case)
    at("2026-11-25T09:30:00Z")
    casework.deliver(case)
    assert case.read(case.response)["due_on"] == "2026-11-30"


def test_a_response_that_misses_an_action_is_refused_and_names_it(casework: Casework) -> None:
    case = casework.completed_audit()
    whole = case.submission()
    answer = casework.api.as_(WORKER).act(f"{case.response}/submit", {"items": whole["items"][:1]})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/items", "action-not-covered")
    assert str(case.action_ids[1]) in error["detail"]
    assert case.read(case.response)["state"] == "awaiting_notification"


def test_what_is_not_done_at_once_needs_its_reason_and_its_date(casework: Casework) -> None:
    case = casework.completed_audit(actions=1)
    (item,) = case.submission()["items"]
    undated = {"action": item["action"], "how": "Soon."}
    answer = casework.api.as_(WORKER).act(f"{case.response}/submit", {"items": [undated]})
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/items/0/finish_on",
        "/items/0/not_immediate_because",
    }


def test_submitting_plans_and_completes_the_actions(casework: Casework) -> None:
    case = casework.completed_audit()
    casework.deliver(case)
    submitted = case.submit()
    assert submitted["state"] == "submitted"
    assert submitted["first_submitted_on_time"] is True
    done, planned = (case.read(case.action(n)) for n in (0, 1))
    assert (done["state"], done["done_by"], done["done_on"]) == ("done", WORKER, "2026-11-23")
    assert (planned["state"], planned["due_on"]) == ("planned", "2026-12-18")


def test_submitting_takes_few_statements_whatever_its_actions(casework: Casework) -> None:
    """A round trip each."""
    worker = casework.api.as_(WORKER)
    by_them = partial(worker.do, Permission.RESPONSE_SUBMIT)

    def asked(actions: int) -> list[str]:
        case = casework.completed_audit(actions=actions)
        done = {"how": "As agreed.", "done_on": clock.now().date().isoformat()}
        items = [{"action": one} | done for one in case.action_ids]
        said = ResponseSubmission.model_validate({"items": items})
        response = UUID(case.response.rpartition("/")[2])

        async def act(work: Work) -> None:
            await submit_response(work, response, Precondition(any_version=True), said)

        return statements_of(by_them, act)

    # The first has the statements prepared, and the rules read.
    _, of_two, of_four = (asked(number) for number in (2, 2, 4))
    assert len(of_two) <= 10, of_two
    assert len(of_four) == len(of_two), of_four


def test_each_action_that_is_answered_has_an_event_before_that_of_the_response(
    casework: Casework,
) -> None:
    case = casework.completed_audit(actions=3)
    case.submit()

    async def recorded(work: Work) -> list[tuple[str, UUID, Any]]:
        told = select(LoggedEvent.type, LoggedEvent.about_id, LoggedEvent.data).where(
            LoggedEvent.subject_id == case.subject_id,
            LoggedEvent.type.regexp_match("^(action|response)[.]"),
        )
        found = await work.session.execute(told.order_by(LoggedEvent.id))
        return [(row.type, row.about_id, row.data) for row in found]

    of_audit = {"audit_id": str(case.audit_id)}
    done, *planned = case.action_ids
    assert casework.as_service(recorded) == [
        ("action.done", done, of_audit),
        *(("action.planned", one, of_audit) for one in planned),
        ("response.submitted", UUID(case.response.rpartition("/")[2]), of_audit | {"round": 1}),
    ]


def test_submitted_is_not_adequate(casework: Casework) -> None:
    case = casework.completed_audit()
    casework.deliver(case)
    submitted = case.submit()
    assert submitted["adequate_on_time"] is None
    assert submitted["adequate_at"] is None
    (first,) = submitted["rounds"]
    assert (first["reviewer"], first["reviewer_acts_as"]) == (MANAGER, "team_manager")
    assert first["review_due_on"] == "2026-11-30"
    assert case.review("adequate")["adequate_on_time"] is True


@pytest.mark.long
def test_a_return_opens_a_round_of_its_own_and_keeps_the_original_date(
    casework: Casework, at: At
) -> None:
    case = casework.completed_audit()
    casework.deliver(case)
    case.submit()
    at("2026-11-27T09:30:00Z")
    returned = case.review("returned")
    assert (returned["state"], returned["due_on"]) == ("returned", "2026-11-30")
    assert [r["outcome"] for r in returned["rounds"]] == ["returned", None]
    assert returned["rounds"][1]["due_on"] == returned["current_due_on"] == "2026-12-04"
    at("2026-12-03T09:30:00Z")
    assert case.read(case.response)["overdue"] is False
    case.submit()
    accepted = case.review("adequate")
    assert accepted["state"] == "adequate"
    # First in time; the round found adequate was not. The second is the Board's figure.
    assert accepted["first_submitted_on_time"] is True
    assert accepted["adequate_on_time"] is False


def test_a_return_says_why(casework: Casework) -> None:
    case = casework.completed_audit()
    case.submit()
    answer = casework.api.as_(MANAGER).act(f"{case.response}/review", {"outcome": "returned"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/reasons"


def test_the_worker_may_answer_before_the_notification(casework: Casework, at: At) -> None:
    case = casework.completed_audit()
    early = case.submit()
    assert (early["state"], early["due_on"]) == ("submitted", None)
    at("2026-11-25T09:30:00Z")
    casework.deliver(case)
    told = case.read(case.response)
    assert (told["state"], told["due_on"]) == ("submitted", "2026-12-02")
    assert told["first_submitted_on_time"] is True


def test_nothing_is_reviewed_or_submitted_twice(casework: Casework) -> None:
    case = casework.completed_audit()
    early = casework.api.as_(MANAGER).act(f"{case.response}/review", {"outcome": "adequate"})
    assert early.status_code == 409
    assert early.json()["state"] == "awaiting_notification"
    assert "submit" in early.json()["allowed_actions"]
    case.submit()
    again = casework.api.as_(WORKER).act(f"{case.response}/submit", case.submission())
    assert again.status_code == 409


def test_two_reviewers_at_once_one_is_told_that_it_is_done(casework: Casework) -> None:
    case = casework.completed_audit()
    case.submit()
    manager = casework.api.as_(MANAGER)
    tag = manager.tag(case.response)
    path, headers = f"{case.response}/review", {"if-match": tag}
    assert manager.request("POST", path, json={"outcome": "adequate"}, headers=headers).is_success
    late = manager.request("POST", path, json={"outcome": "adequate"}, headers=headers)
    assert (late.status_code, late.json()["state"]) == (409, "adequate")
    bare = manager.post(path, {"outcome": "adequate"})
    assert bare.status_code == 428


@pytest.mark.long
@pytest.mark.parametrize(
    ("auditor", "worker", "reviewer", "acts_as"),
    [
        (MANAGER, WORKER, DEPUTY, "deputy"),
        ("au-1", MANAGER, DEPUTY, "deputy"),
        (DEPUTY, MANAGER, "hos-fast", "head_of_service"),
    ],
)
def test_a_manager_who_audited_or_was_judged_does_not_review(
    casework: Casework, auditor: str, worker: str, reviewer: str, acts_as: str
) -> None:
    case = casework.completed_audit(auditor=auditor, worker=worker)
    casework.deliver(case)
    casework.reallocate(case, WORKER)
    case.submit()
    first = case.read(case.response)["rounds"][0]
    assert (first["reviewer"], first["reviewer_acts_as"]) == (reviewer, acts_as)
    assert first["review_explanation"]["facts"]["passed_over"]
    refused = casework.api.as_(MANAGER).act(f"{case.response}/review", {"outcome": "adequate"})
    assert (refused.status_code, refused.json()["code"]) == (422, "own-work")
    assert case.review("adequate", reviewer)["state"] == "adequate"


@pytest.mark.long
@pytest.mark.parametrize(
    ("person", "place"),
    [
        (MANAGER, "team_manager"),
        (DEPUTY, "deputy"),
        ("hos-fast", "head_of_service"),
        ("qs-1", "quality_standards"),
    ],
)
@pytest.mark.parametrize("outcome", ["adequate", "returned"])
def test_a_review_is_recorded_as_that_of_who_made_it(
    casework: Casework, person: str, place: str, outcome: str
) -> None:
    case = casework.completed_audit(actions=1)
    case.submit()
    (waiting,) = case.read(case.response)["rounds"]
    assert (waiting["reviewer_acts_as"], waiting["reviewed_as"]) == ("team_manager", None)
    reviewed = case.review(outcome, person)["rounds"][0]
    assert (reviewed["reviewed_by"], reviewed["reviewed_as"]) == (person, place)


@pytest.mark.long
def test_who_may_see_and_do_what(casework: Casework) -> None:
    case = casework.completed_audit()
    case.submit()
    api, path = casework.api, case.response
    for person in (WORKER, MANAGER, "hos-fast", "qs-1", "slt-1", "ps-lincoln-fast", "au-1"):
        assert api.as_(person).get(path).status_code == 200, person
    for person in ("tm-boston-fast", "sw2-lincoln-fast", "hos-early-help", "au-2"):
        assert api.as_(person).get(path).status_code == 404, person
        listed = api.as_(person).get(f"/v1/audit-responses?audit={case.audit_id}")
        assert listed.json()["items"] == [], person
    for person in ("case-system-mosaic", "admin-1"):
        assert api.as_(person).get(path).status_code == 403, person
    assert api.as_("au-1").get(path).json()["allowed_actions"] == []
    assert api.as_(MANAGER).get(path).json()["allowed_actions"] == ["accept", "return"]
    answer = api.as_("ps-lincoln-fast").act(f"{path}/review", {"outcome": "adequate"})
    assert answer.status_code == 403


@pytest.mark.long
def test_the_list_filters_and_has_the_soonest_due_first(casework: Casework, at: At) -> None:
    team, worker = "adoption", "sw2-adoption"
    first, second, unheard = (casework.completed_audit(team=team, worker=worker) for _ in range(3))
    casework.deliver(second)
    at("2026-11-24T09:30:00Z")
    casework.deliver(first)

    def listed(query: str) -> list[str]:
        items = casework.api.as_(worker).get(f"/v1/audit-responses?{query}").json()["items"]
        return [item["audit_id"] for item in items]

    ids = [str(case.audit_id) for case in (second, first, unheard)]
    assert listed("") == ids
    assert listed("service=corporate-parenting&team=adoption") == ids
    assert listed("service=fast") == []
    assert listed("state=awaiting_notification") == ids[2:]
    assert listed("due_from=2026-12-01") == ids[1:2]
    assert listed("due_to=2026-12-01") == ids[:1]
    page = casework.api.as_(worker).get("/v1/audit-responses?limit=2").json()
    rest = casework.api.as_(worker).get(f"/v1/audit-responses?limit=2&cursor={page['next_cursor']}")
    assert [item["audit_id"] for item in rest.json()["items"]] == ids[2:]
    at("2026-12-01T09:30:00Z")
    assert listed("overdue=true") == ids[:1]
    assert listed("overdue=false") == ids[1:]


@pytest.mark.long
def test_what_the_database_derives_is_what_the_rule_says(casework: Casework, at: At) -> None:
    case = casework.completed_audit()
    mondays = ("2026-11-23", "2026-11-30", "2026-12-07", "2026-12-14")

    def hold() -> None:
        for monday in mondays:
            at(f"{monday}T12:00:00Z")
            read, today = case.read(case.response), date.fromisoformat(monday)
            rounds = [
                Round(
                    datetime.fromisoformat(one["submitted_at"]),
                    one["outcome"] and ReviewOutcome(one["outcome"]),
                )
                for one in read["rounds"]
                if one["submitted_at"]
            ]
            due_on = read["due_on"] and date.fromisoformat(read["due_on"])
            assert read["first_submitted_on_time"] is first_submitted_on_time(rounds, due_on, today)
            assert read["adequate_on_time"] is adequate_on_time(rounds, due_on, today)
            current = read["current_due_on"] and date.fromisoformat(read["current_due_on"])
            assert read["overdue"] is (current is not None and is_overdue(current, today))
            assert (current is None) is (read["state"] not in {"awaiting_response", "returned"})

    hold()
    at("2026-11-23T12:00:00Z")
    casework.deliver(case)
    hold()
    for submitted_on, outcome in (("2026-11-24", "returned"), ("2026-12-02", "adequate")):
        at(f"{submitted_on}T12:00:00Z")
        case.submit()
        hold()
        at(f"{submitted_on}T13:00:00Z")
        case.review(outcome)
        hold()
