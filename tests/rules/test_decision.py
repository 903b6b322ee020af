import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from qa_api.rules.decision import (
    AlreadySo,
    Explanation,
    Missing,
    NotAllowedInState,
    Step,
    plain,
)
from qa_api.rules.settled import SETTLED


def test_an_explanation_is_plain_json() -> None:
    explanation = Explanation(
        rule="response_due",
        clause="§4.2, R4.2.1",
        policy_version=3,
        calendar_version=7,
        steps=(Step(date(2026, 12, 25), False, "Bank holiday: Christmas Day"),),
        facts={
            "on": date(2026, 12, 24),
            "at": datetime(2026, 12, 24, 9, 30, tzinfo=UTC),
            "why": ("a", "b"),
            "days": 5,
            "nothing": None,
        },
    )
    assert json.loads(json.dumps(explanation.as_json())) == {
        "rule": "response_due",
        "clause": "§4.2, R4.2.1",
        "policy_version": 3,
        "calendar_version": 7,
        "steps": [
            {"date": "2026-12-25", "counted": False, "reason": "Bank holiday: Christmas Day"}
        ],
        "facts": {
            "on": "2026-12-24",
            "at": "2026-12-24T09:30:00Z",
            "why": ["a", "b"],
            "days": 5,
            "nothing": None,
        },
    }


def test_a_refusal_by_state_says_the_state_and_what_is_allowed() -> None:
    refused = NotAllowedInState("§4.1", "audit", "planned", ("assign", "start"))
    assert (refused.state, refused.allowed) == ("planned", ("assign", "start"))
    assert refused.message.startswith("This audit is planned. ")
    assert "can assign its auditor; its auditor can start it." in refused.message
    assert "Nothing further" in NotAllowedInState("§4.1", "audit", "closed", ()).message


@pytest.mark.usefixtures("in_new_york")
def test_an_instant_is_told_in_utc_wherever_the_process_runs() -> None:
    summer = datetime(2026, 6, 1, 9, 30, tzinfo=timezone(timedelta(hours=1)))
    assert plain(summer) == "2026-06-01T08:30:00Z"


def test_a_refusal_by_state_says_what_else_stands_in_the_way_and_names_each_of_it() -> None:
    missing = (Missing("/items/0", "reason-missing", "Say why."),)
    because = "Two actions are open."
    refused = NotAllowedInState(
        "§4.1", "audit", "in_progress", ("complete",), because, missing, code="actions-open"
    )
    assert (refused.code, refused.missing) == ("actions-open", missing)
    assert refused.message.startswith("This audit is in progress. Two actions are open. ")
    usual = NotAllowedInState("§4.1", "audit", "planned", ("start",))
    assert (usual.code, usual.clause, usual.missing) == ("state-conflict", "§4.1", ())
    assert "  " not in usual.message


def test_what_is_so_already_says_how_it_stands_and_who_can_do_what_next() -> None:
    refused = AlreadySo("known_year", year=2027, next_year=2028, until=date(2027, 12, 31))
    assert (refused.code, refused.state) == ("state-conflict", "known")
    assert refused.allowed == ("add", "withdraw", "confirm")
    assert refused.message.startswith("The bank holidays of 2027 are known already")
    assert "reaches to 2027-12-31. An administrator can" in refused.message
    assert "confirm 2028 next." in refused.message


@pytest.mark.parametrize("what", [*SETTLED])
def test_no_refusal_of_what_is_so_already_leaves_a_fact_out(what: str) -> None:
    settled = SETTLED[what]
    refused = AlreadySo(what, **dict.fromkeys(("year", "next_year", "until"), "2027"))
    assert settled.steps, "somebody can do something next"
    assert "{" not in refused.message
    assert (refused.state, refused.clause) == (settled.state, "")
