import json
from datetime import UTC, date, datetime

from qa_api.rules.decision import Explanation, NotAllowedInState, Step


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
