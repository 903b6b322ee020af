"""C3-C5: the gate before a case closes."""

from collections.abc import Callable

import pytest

from tests.api import SOME_VERSION, Api
from tests.audits.auditing import FINDING
from tests.closures.sending import (
    CANCELLED,
    CLOSED,
    HEAD,
    MANAGER,
    PROPOSED,
    REOPENED,
    SUPERVISOR,
    WORKER,
    Episode,
)


def test_a_proposal_opens_a_gate_and_its_audit(episode: Episode) -> None:
    receipt = episode.send(
        episode.event(PROPOSED, closure={"date": "2026-11-27", "reason_code": "RC1"})
    )
    assert receipt["outcome"] == "gate_opened"
    answer = episode.answer()
    assert answer["id"] == receipt["outcomes"][0]["gate_id"]
    assert (answer["state"], answer["may_close"]) == ("awaiting_audit", False)
    assert answer["waits_for"] == ["closure audit"]
    audit = episode.api.as_(MANAGER).get(f"/v1/audits/{answer['audit_id']}").json()
    assert (audit["state"], audit["auditor"], audit["opened_by"]) == ("planned", None, "gate")
    assert (audit["gate_id"], audit["due_on"]) == (answer["id"], "2026-11-27")
    assert (audit["team"], audit["worker"]) == ("lincoln-fast", WORKER)


def test_a_child_without_a_gate_is_not_proposed_and_may_not_close(
    episode: Episode, new_ref: Callable[[], str]
) -> None:
    assert (episode.answer()["state"], episode.answer()["may_close"]) == ("not_proposed", False)
    episode.tell(PROPOSED)
    elsewhere = episode.answer(episode="EP-of-nobody")
    assert (elsewhere["state"], elsewhere["may_close"]) == ("not_proposed", False)
    stranger = episode.api.as_(MANAGER).get(f"/v1/subjects/mosaic/{new_ref()}/closure-gate")
    assert stranger.status_code == 404
    foreign = episode.api.as_("case-system-mosaic").get("/v1/subjects/other/C-1/closure-gate")
    assert foreign.status_code == 404


@pytest.mark.long
def test_a_gate_clears_when_audit_actions_and_findings_are_all_settled(episode: Episode) -> None:
    episode.tell(PROPOSED)
    audit = episode.begin_audit()
    finding = episode.api.as_(SUPERVISOR).create(f"{audit}/urgent-findings", FINDING)
    assert finding.status_code == 201, finding.text
    assert episode.answer()["waits_for"] == ["closure audit", "urgent finding"]
    episode.complete_audit(audit, actions=1)
    answer = episode.answer()
    assert answer["state"] == "actions_outstanding"
    assert answer["waits_for"] == ["actions needed before closure", "urgent finding"]

    (action,) = episode.api.as_(WORKER).get(f"{audit}").json()["actions"]
    episode.act(f"/v1/restorative-actions/{action['id']}/complete", WORKER, done_on="2026-11-23")
    answer = episode.answer()
    assert (answer["state"], answer["waits_for"]) == ("actions_outstanding", ["urgent finding"])

    escalations = episode.api.as_("qs-1").get(f"/v1/escalations?audit={audit.split('/')[-1]}")
    (escalation,) = escalations.json()["items"]
    path = f"/v1/escalations/{escalation['id']}"
    episode.act(f"{path}/acknowledge", MANAGER)
    episode.act(f"{path}/inform-quality-standards", MANAGER, actions_to_be_taken="Visit today.")
    assert episode.answer()["may_close"] is False
    episode.act(f"{path}/resolve", "qs-1", resolution="Visited; safe.")
    answer = episode.answer()
    assert (answer["state"], answer["may_close"], answer["waits_for"]) == ("clear", True, [])


@pytest.mark.long
def test_a_clear_case_closes_and_a_reopened_one_needs_a_new_audit(episode: Episode) -> None:
    episode.tell(PROPOSED)
    first = episode.complete_audit()
    # The case closes later on the day on which its gate cleared.
    closing = episode.event(CLOSED, 2)
    closing["data"]["occurred_at"] = "2026-11-23T16:00:00Z"
    assert episode.send(closing)["outcome"] == "gate_changed"
    answer = episode.answer()
    assert (answer["state"], answer["may_close"]) == ("closed", True)

    reopening = episode.event(REOPENED, 3)
    reopening["data"]["occurred_at"] = "2026-11-23T17:00:00Z"
    assert episode.send(reopening)["outcome"] == "gate_changed"
    answer = episode.answer()
    assert (answer["state"], answer["may_close"]) == ("not_proposed", False)

    again = episode.event(PROPOSED, 4)
    again["data"]["occurred_at"] = "2026-11-23T18:00:00Z"
    assert episode.send(again)["outcome"] == "gate_opened"
    answer = episode.answer()
    assert (answer["state"], answer["may_close"]) == ("awaiting_audit", False)
    assert answer["audit_id"] != first.rpartition("/")[2]
    assert [(gate["cycle"], gate["state"]) for gate in episode.gates()] == [
        (1, "closed"),
        (2, "awaiting_audit"),
    ]


def test_a_case_closed_without_a_clear_gate_is_taken_escalates_and_owes_its_audit(
    episode: Episode,
) -> None:
    episode.tell(PROPOSED)
    assert episode.tell(CLOSED, 2) == "closed_without_audit"
    answer = episode.answer()
    assert (answer["state"], answer["may_close"]) == ("closed_without_audit", False)
    raised = episode.api.as_(MANAGER).get(f"/v1/escalations?gate={answer['id']}").json()["items"]
    assert [each["trigger"] for each in raised] == ["closed_without_audit"]
    assert episode.api.as_(MANAGER).get(f"/v1/audits/{answer['audit_id']}").status_code == 200


def test_a_case_that_closes_unannounced_gets_a_gate_an_audit_and_an_escalation(
    episode: Episode,
) -> None:
    assert episode.tell(CLOSED) == "closed_without_audit"
    answer = episode.answer()
    assert (answer["state"], answer["may_close"]) == ("closed_without_audit", False)
    assert answer["audit_id"] is not None
    # Completed afterwards, the audit is no audit prior to closure.
    episode.complete_audit()
    assert episode.answer()["state"] == "closed_without_audit"
    raised = episode.api.as_("qs-1").get(f"/v1/escalations?gate={answer['id']}").json()["items"]
    assert len(raised) == 1


def test_a_cancelled_audit_is_owed_again(episode: Episode) -> None:
    episode.tell(PROPOSED)
    before = episode.answer()["audit_id"]
    episode.act(f"/v1/audits/{before}/cancel", MANAGER, reason="Opened for another team.")
    answer = episode.answer()
    assert answer["audit_id"] not in {None, before}
    assert answer["state"] == "awaiting_audit"


def test_a_proposal_taken_back_withdraws_the_gate(episode: Episode) -> None:
    episode.tell(PROPOSED)
    assert episode.tell(CANCELLED, 2) == "gate_changed"
    assert (episode.answer()["state"], episode.answer()["may_close"]) == ("withdrawn", False)
    assert episode.tell(PROPOSED, 3) == "gate_changed"
    assert episode.answer()["state"] == "awaiting_audit"


def waiting(episode: Episode, person: str) -> list[str]:
    """The audits in somebody's list of work."""
    items = episode.api.as_(person).work()
    return [item["path"] for item in items if item["kind"] in {"assign", "complete"}]


def overdue(episode: Episode) -> list[str]:
    found = episode.api.as_("qs-1").get(f"/v1/audits?overdue=true&team={episode.team}&limit=200")
    return [item["id"] for item in found.json()["items"]]


@pytest.mark.long
def test_a_closing_called_off_leaves_no_audit_in_anybodys_work(
    episode: Episode, at: Callable[[str], None]
) -> None:
    episode.tell(PROPOSED, closure={"date": "2026-11-25"})
    audit_id = episode.answer()["audit_id"]
    path = f"/v1/audits/{audit_id}"
    assert path in waiting(episode, SUPERVISOR)
    assert episode.api.as_(SUPERVISOR).get(path).status_code == 200
    episode.act(f"{path}/assign", MANAGER, auditor=SUPERVISOR)
    at("2026-12-01T09:30:00Z")
    assert audit_id in overdue(episode)
    episode.tell(CANCELLED, 2)
    assert path not in waiting(episode, SUPERVISOR) + waiting(episode, MANAGER)
    assert audit_id not in overdue(episode)
    taken_back = episode.api.as_(MANAGER).get(path).json()
    assert taken_back["state"] == "cancelled"
    assert taken_back["cancel_reason"] == "The closing of the case was called off."
    assert episode.answer()["waits_for"] == []
    # Proposed again it is owed again.
    episode.tell(PROPOSED, 3, closure={"date": "2026-12-04"})
    again = episode.answer()
    assert (again["state"], again["waits_for"]) == ("awaiting_audit", ["closure audit"])
    assert f"/v1/audits/{again['audit_id']}" in waiting(episode, SUPERVISOR)


def test_a_closing_called_off_leaves_a_begun_audit_to_its_auditor(episode: Episode) -> None:
    episode.tell(PROPOSED, closure={"date": "2026-11-20"})
    path = episode.begin_audit()

    def begun() -> tuple[str, str | None]:
        audit = episode.api.as_(SUPERVISOR).get(path).json()
        return audit["state"], audit["due_on"]

    assert begun() == ("in_progress", "2026-11-20")
    episode.tell(CANCELLED, 2)
    assert begun() == ("in_progress", None)
    assert path.rpartition("/")[2] not in overdue(episode)
    episode.tell(PROPOSED, 3, closure={"date": "2027-01-29"})
    assert f"/v1/audits/{episode.answer()['audit_id']}" == path
    assert begun() == ("in_progress", "2027-01-29")


def test_a_begun_audit_is_due_by_the_day_that_the_closing_moved_to(episode: Episode) -> None:
    episode.tell(PROPOSED, closure={"date": "2026-12-15"})
    path = episode.begin_audit()
    episode.tell(PROPOSED, 2, closure={"date": "2026-12-01"})
    assert episode.api.as_(SUPERVISOR).get(path).json()["due_on"] == "2026-12-01"


def test_what_an_overridden_gate_lacks_is_waited_for_no_more(episode: Episode) -> None:
    episode.tell(PROPOSED)
    gate, audit = episode.gate(), f"/v1/audits/{episode.answer()['audit_id']}"
    episode.act(f"{gate}/override", MANAGER, reason="The family moved abroad.")
    approved = episode.act(f"{gate}/approve-override", HEAD)
    assert approved["waits_for"] == []
    assert approved["explanation"]["facts"]["set_aside"] == ["closure audit"]
    assert episode.api.as_(MANAGER).get(audit).json()["state"] == "cancelled"
    assert audit not in waiting(episode, SUPERVISOR)


def test_an_override_takes_two_people(episode: Episode) -> None:
    episode.tell(PROPOSED)
    gate = episode.gate()
    why = {"reason": "The family moved abroad."}
    early = episode.api.as_(HEAD).act(f"{gate}/approve-override")
    assert early.status_code == 409
    assert early.json()["detail"] == (
        "This closure gate is waiting for the closure audit. Nobody has asked for an override."
        " The team's manager or Quality & Standards can ask for an override."
    )
    requested = episode.act(f"{gate}/override", MANAGER, **why)
    assert requested["override_requested_by"] == MANAGER
    assert requested["may_close"] is False
    alone = episode.api.as_(MANAGER).act(f"{gate}/approve-override")
    assert (alone.status_code, alone.json()["clause"]) == (422, "§3, C5")
    assert episode.answer()["may_close"] is False
    approved = episode.act(f"{gate}/approve-override", HEAD)
    assert (approved["state"], approved["may_close"]) == ("overridden", True)
    assert (approved["override_approved_by"], approved["override_reason"]) == (
        HEAD,
        why["reason"],
    )
    assert episode.answer()["may_close"] is True


def test_an_override_given_by_mistake_is_withdrawn_by_one_person(episode: Episode) -> None:
    episode.tell(PROPOSED)
    gate = episode.gate()
    none_yet = episode.api.as_(HEAD).act(f"{gate}/withdraw-override", {"reason": "No."})
    assert none_yet.status_code == 409
    episode.act(f"{gate}/override", MANAGER, reason="The family moved abroad.")
    episode.act(f"{gate}/approve-override", HEAD)
    found = episode.api.as_(MANAGER).get(gate).json()
    assert "withdraw_override" in found["allowed_actions"]
    for person in (SUPERVISOR, WORKER, "case-system-mosaic"):
        refused = episode.api.as_(person).post(
            f"{gate}/withdraw-override", {"reason": "No."}, headers={"if-match": SOME_VERSION}
        )
        assert refused.status_code in {403, 404}
    assert episode.api.as_(HEAD).act(f"{gate}/withdraw-override").status_code == 422
    taken_back = episode.act(f"{gate}/withdraw-override", HEAD, reason="It was another family.")
    assert (taken_back["state"], taken_back["may_close"]) == ("awaiting_audit", False)
    assert taken_back["waits_for"] == ["closure audit"]
    assert (taken_back["override_withdrawn_by"], taken_back["override_withdrawal_reason"]) == (
        HEAD,
        "It was another family.",
    )
    assert taken_back["override_approved_by"] == HEAD, "what was done stays known"
    assert episode.answer()["may_close"] is False
    # The audit is owed again, and another override takes two people again.
    assert f"/v1/audits/{episode.answer()['audit_id']}" in waiting(episode, SUPERVISOR)
    again = episode.act(f"{gate}/override", MANAGER, reason="Now they did.")
    assert again["override_withdrawn_at"] is None
    assert again["override_approved_by"] is None
    assert episode.api.as_(MANAGER).act(f"{gate}/approve-override").status_code == 422
    assert episode.act(f"{gate}/approve-override", HEAD)["state"] == "overridden"


@pytest.mark.long
def test_a_withdrawn_override_leaves_the_gate_as_what_is_on_record_makes_it(
    episode: Episode,
) -> None:
    episode.tell(PROPOSED)
    gate = episode.gate()
    episode.act(f"{gate}/override", MANAGER, reason="It is urgent.")
    requested = episode.act(f"{gate}/withdraw-override", MANAGER, reason="It is not.")
    assert requested["state"] == "awaiting_audit"
    work = episode.api.as_(HEAD).get("/v1/me/work?kind=approve_override&limit=200").json()
    assert gate not in {item["path"] for item in work["items"]}
    audit = episode.begin_audit()
    episode.act(f"{gate}/override", MANAGER, reason="It is urgent.")
    episode.act(f"{gate}/approve-override", HEAD)
    episode.complete_audit(audit, actions=1)
    assert episode.answer()["state"] == "overridden"
    left = episode.act(f"{gate}/withdraw-override", "qs-1", reason="Look at the actions.")
    assert (left["state"], left["waits_for"]) == (
        "actions_outstanding",
        ["actions needed before closure"],
    )


OVERRIDING = {
    "request_override": ("override", {"reason": "The family moved abroad."}),
    "approve_override": ("approve-override", {}),
    "withdraw_override": ("withdraw-override", {"reason": "It was another family."}),
}


def offered(episode: Episode, gate: str, person: str) -> set[str]:
    """The steps of an override that somebody is offered."""
    found = episode.api.as_(person).get(gate).json()["allowed_actions"]
    return set(found) & OVERRIDING.keys()


@pytest.mark.parametrize("step", OVERRIDING)
@pytest.mark.parametrize("person", [MANAGER, HEAD, SUPERVISOR])
@pytest.mark.parametrize(
    "standing",
    [
        [],
        ["request_override"],
        ["request_override", "approve_override"],
        ["request_override", "withdraw_override"],
        ["request_override", "approve_override", "withdraw_override"],
        ["request_override", "withdraw_override", "request_override"],
    ],
    ids=" ".join,
)
def test_a_gate_offers_of_an_override_what_the_step_would_answer(
    episode: Episode, standing: list[str], person: str, step: str
) -> None:
    episode.tell(PROPOSED)
    gate = episode.gate()
    for taken in standing:
        path, body = OVERRIDING[taken]
        episode.act(f"{gate}/{path}", HEAD if taken == "approve_override" else MANAGER, **body)
    is_offered = step in offered(episode, gate, person)
    path, body = OVERRIDING[step]
    answer = episode.api.as_(person).act(f"{gate}/{path}", body)
    assert (answer.status_code == 200) is is_offered, (standing, answer.text)


def test_only_leads_and_quality_standards_override(episode: Episode) -> None:
    episode.tell(PROPOSED)
    gate, why = episode.gate(), {"reason": "Because."}
    assert episode.api.as_(SUPERVISOR).act(f"{gate}/override", why).status_code == 403
    assert episode.api.as_("tm-boston-fast").get(gate).status_code == 404
    assert episode.api.as_("case-system-mosaic").act(f"{gate}/override", why).status_code == 403


def test_a_clear_gate_reopened_needs_a_new_audit(episode: Episode) -> None:
    episode.tell(PROPOSED)
    done = episode.complete_audit().rpartition("/")[2]
    gate = episode.gate()
    assert episode.answer()["state"] == "clear"
    reopened = episode.act(f"{gate}/reopen", "qs-1", reason="A new allegation.")
    assert (reopened["state"], reopened["reopened_by"]) == ("awaiting_audit", "qs-1")
    assert reopened["audit_id"] not in {None, done}
    assert episode.answer()["may_close"] is False
    # The new audit cancelled, the old one still does not clear the gate.
    episode.act(f"/v1/audits/{reopened['audit_id']}/cancel", MANAGER, reason="By mistake.")
    assert episode.answer()["state"] == "awaiting_audit"
    uncleared = episode.api.as_("qs-1").act(f"{gate}/reopen", {"reason": "Again."})
    assert uncleared.status_code == 409


def test_case_systems_are_told_no_free_text(episode: Episode, api: Api) -> None:
    episode.tell(PROPOSED)
    gate = episode.gate()
    episode.act(f"{gate}/override", MANAGER, reason="Unspeakable.")
    told = api.as_("case-system-mosaic").get(gate)
    assert told.status_code == 200
    assert "Unspeakable" not in told.text
    assert told.json()["allowed_actions"] == []
    assert "Unspeakable" in api.as_(HEAD).get(gate).text


def test_a_gate_explains_itself(episode: Episode) -> None:
    episode.tell(PROPOSED, closure={"reason_code": "RC4"})
    gate = episode.api.as_(MANAGER).get(episode.gate()).json()
    assert gate["explanation"]["rule"] == "closure_gate"
    assert gate["explanation"]["facts"]["waits_for"] == ["closure audit"]
    assert gate["policy_version"] == gate["explanation"]["policy_version"]
    assert gate["reason_code"] == "RC4"
    assert "request_override" in gate["allowed_actions"]
