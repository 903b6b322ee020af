"""A completed audit that is amended: the old is kept, the rules run again, nothing is withdrawn."""

import pytest

from tests.api import Api
from tests.audits.auditing import ACTION, GOOD, SUPERVISOR, Auditing

INADEQUATE = {"judgement": "inadequate", "rationale": "The allegation was never followed up."}
WHY = {"reason": "The visit was not on the file after all."}


@pytest.mark.long
def test_an_amendment_is_a_new_revision_and_keeps_the_old(case: Auditing) -> None:
    path = case.completed()
    key = case.read(path)["answers"][0]["question_key"]
    answers = [{"question_key": key, "value": "no", "evidence": "Case note 44"}]
    amended = case.accept(case.api.as_(SUPERVISOR).act(f"{path}/amend", WHY | {"answers": answers}))
    assert amended["revision"] == 2
    assert [one["reason"] for one in amended["revisions"]] == [WHY["reason"]]
    assert amended["revisions"][0]["number"] == 1
    (answer,) = [one for one in amended["answers"] if one["question_key"] == key]
    assert (answer["value"], answer["version"]) == ("no", 2)


@pytest.mark.long
def test_a_judgement_that_escalates_now_escalates(case: Auditing) -> None:
    path = case.completed()
    audit_id = path.rpartition("/")[2]
    escalations = f"/v1/escalations?audit={audit_id}"
    assert case.read(escalations)["items"] == []
    for revision in (2, 3):
        worded = INADEQUATE | {"rationale": f"Never followed up, said {revision} times."}
        amended = case.api.as_(SUPERVISOR).act(f"{path}/amend", WHY | {"overall": worded})
        assert case.accept(amended)["revision"] == revision
        assert len(case.read(escalations)["items"]) == 1, "once, however often it is amended"
    case.accept(case.api.as_(SUPERVISOR).act(f"{path}/amend", WHY | {"overall": GOOD}))
    assert len(case.read(escalations)["items"]) == 1, "what was raised is not withdrawn"


def test_a_first_action_calls_for_a_response_with_a_notification_of_its_own(
    case: Auditing,
) -> None:
    path = case.completed()
    audit_id = path.rpartition("/")[2]
    assert case.read(f"/v1/audit-responses?audit={audit_id}")["items"] == []
    case.accept(case.api.as_(SUPERVISOR).act(f"{path}/amend", WHY | {"actions": [ACTION]}))
    (response,) = case.read(f"/v1/audit-responses?audit={audit_id}")["items"]
    assert response["state"] == "awaiting_notification"
    kinds = [one["kind"] for one in case.read(f"/v1/notifications?audit={audit_id}")["items"]]
    assert sorted(kinds) == ["information_only", "response_required"]


def test_an_amendment_needs_its_reason_and_may_not_take_away_what_is_needed(
    case: Auditing,
) -> None:
    path = case.completed()
    assert case.api.as_(SUPERVISOR).act(f"{path}/amend", {}).status_code == 422
    key = case.read(path)["answers"][0]["question_key"]
    emptied = WHY | {"answers": [{"question_key": key, "value": None}]}
    refused = case.api.as_(SUPERVISOR).act(f"{path}/amend", emptied)
    assert refused.status_code == 422
    assert case.read(path)["revision"] == 1


def test_only_the_auditor_and_quality_standards_amend(case: Auditing, api: Api) -> None:
    path = case.completed()
    praise = WHY | {"positive_feedback": "He was listened to."}
    for person in ("tm-lincoln-fast", "sw1-lincoln-fast"):
        assert api.as_(person).act(f"{path}/amend", praise).status_code == 403
    assert api.as_("qs-1").act(f"{path}/amend", praise).status_code == 200


def test_an_amendment_that_changes_nothing_is_none(case: Auditing) -> None:
    path = case.completed()
    audit = case.read(path)
    answer = audit["answers"][0]
    given = ("question_key", "value", "evidence", "rationale", "comment", "done_on", "expected_by")
    as_it_is = {
        "overall": GOOD,
        "positive_feedback": audit["positive_feedback"],
        "judgements": [{"domain_key": audit["judgements"][0]["domain_key"]} | GOOD],
        "answers": [{name: answer[name] for name in given}],
    }
    for said in ({}, as_it_is):
        refused = case.api.as_(SUPERVISOR).act(f"{path}/amend", WHY | said)
        assert (refused.status_code, refused.json()["code"]) == (422, "nothing-changed")
    assert case.read(path)["revision"] == 1
    assert case.read(path)["revisions"] == []
    (same,) = [
        one for one in case.read(path)["answers"] if one["question_key"] == answer["question_key"]
    ]
    assert same["version"] == answer["version"], "nothing of it stays"


def test_a_draft_is_edited_not_amended(case: Auditing) -> None:
    path = case.started()
    refused = case.api.as_(SUPERVISOR).act(f"{path}/amend", WHY)
    assert refused.status_code == 409
    assert "complete" in refused.json()["allowed_actions"]
