"""X3: who knows of an audit, who reads what it says, and urgent findings at any moment."""

from collections.abc import Callable

import pytest

from tests.api import SOME_VERSION, Api
from tests.audits.auditing import (
    ACTION,
    FINDING,
    GOOD,
    HEAD,
    MANAGER,
    SUPERVISOR,
    WORKER,
    Auditing,
    of_new_child,
    pointers,
)

CONTENT = ("overall_rationale", "positive_feedback", "paper_records_read", "family_contact")


@pytest.mark.parametrize("person", [MANAGER, HEAD, "dm-lincoln-fast"])
def test_managers_know_that_a_draft_is_due_and_not_what_it_says(
    case: Auditing, person: str
) -> None:
    path = case.filled(due_on="2026-11-27")
    auditor = case.api.as_(SUPERVISOR)
    case.accept(auditor.create(f"{path}/actions", ACTION))
    case.accept(auditor.change("PUT", f"{path}/judgements/overall", GOOD, on=path))
    draft = case.read(path, person)
    assert draft["content_withheld"] is True
    assert draft["due_on"] == "2026-11-27"
    assert [draft[name] for name in CONTENT] == [None] * 4
    assert draft["answers"] == draft["judgements"] == draft["actions"] == []
    assert draft["overall_judgement"] is None
    subject = draft["subject"]["id"]
    (row,) = case.read(f"/v1/audits?subject={subject}", person)["items"]
    assert row["overall_judgement"] is None
    for part in ("answers/handover", "actions/" + case.read(path)["actions"][0]["id"]):
        assert case.api.as_(person).get(f"{path}/{part}").status_code == 404
        assert auditor.get(f"{path}/{part}").status_code == 200

    case.accept(auditor.act(f"{path}/complete"))
    done = case.read(path, person)
    assert done["content_withheld"] is False
    assert done["overall_judgement"] == "good"
    assert done["answers"]


def test_a_worker_sees_completed_audits_of_their_children_and_no_drafts(case: Auditing) -> None:
    path = case.filled()
    worker = case.api.as_(WORKER)
    assert worker.get(path).status_code == 404
    case.accept(case.api.as_(SUPERVISOR).act(f"{path}/complete", {"overall": GOOD}))
    assert case.read(path, WORKER)["overall_judgement"] == "good"
    assert case.api.as_("sw2-lincoln-fast").get(path).status_code == 404


def test_a_supervisor_sees_what_can_be_taken_on_and_what_is_completed(case: Auditing) -> None:
    planned = f"/v1/audits/{case.plan(type='tac')['id']}"
    supervisor = case.api.as_(SUPERVISOR)
    assert supervisor.get(planned).status_code == 200
    case.accept(case.api.as_(MANAGER).act(f"{planned}/assign", {"auditor": MANAGER}))
    assert supervisor.get(planned).status_code == 404


@pytest.mark.parametrize("person", ["ps-adoption", "tm-adoption", "hos-early-help", "au-1"])
def test_an_audit_of_others_does_not_exist(case: Auditing, person: str) -> None:
    path = case.completed()
    stranger = case.api.as_(person)
    assert stranger.get(path).status_code == 404
    subject = case.read(path)["subject"]["id"]
    assert case.read(f"/v1/audits?subject={subject}", person)["items"] == []
    if person.startswith("tm-"):
        headers = {"if-match": SOME_VERSION}
        refused = stranger.post(f"{path}/cancel", {"reason": "No."}, headers=headers)
        assert refused.status_code == 404


def test_a_senior_leader_reads_what_is_completed(case: Auditing) -> None:
    path = case.filled()
    leader = case.api.as_("slt-1")
    assert leader.get(path).status_code == 404
    case.accept(case.api.as_(SUPERVISOR).act(f"{path}/complete", {"overall": GOOD}))
    assert leader.get(path).json()["allowed_actions"] == []


@pytest.mark.long
def test_lists_hold_what_their_filters_say(
    api: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    at("2026-11-23T09:30:00Z")
    case = of_new_child(api, new_ref, team="cwd", worker="sw1-cwd")
    late = case.plan(due_on="2026-11-20")
    soon = case.plan(due_on="2026-11-23", auditor="ps-cwd")
    case.plan()
    subject = f"subject={late['subject']['id']}"

    def ids(query: str) -> list[str]:
        return [row["id"] for row in case.read(f"/v1/audits?{subject}&{query}")["items"]]

    assert ids("overdue=true") == [late["id"]]
    assert ids("due_from=2026-11-20&due_to=2026-11-23") == [late["id"]]
    assert set(ids("due_from=2026-11-20")) == {soon["id"], late["id"]}
    assert ids("auditor=ps-cwd") == [soon["id"]]
    assert len(ids("service=corporate-parenting")) == 3
    assert ids("service=fast") == []
    assert len(ids("team=cwd&type=closure&state=planned&worker=sw1-cwd")) == 3
    first = case.read(f"/v1/audits?{subject}&limit=2")
    second = case.read(f"/v1/audits?{subject}&limit=2&cursor={first['next_cursor']}")
    assert len(first["items"] + second["items"]) == 3
    assert second["next_cursor"] is None


# --- §4.3: urgent findings ---


@pytest.mark.parametrize("state", ["planned", "in_progress", "completed", "cancelled"])
def test_an_urgent_finding_is_raised_at_any_moment(case: Auditing, state: str) -> None:
    if state in {"planned", "cancelled"}:
        path = f"/v1/audits/{case.plan(auditor=SUPERVISOR)['id']}"
    else:
        path = case.started() if state == "in_progress" else case.completed()
    if state == "cancelled":
        case.accept(case.api.act(f"{path}/cancel", {"reason": "Planned twice."}))
    raised = case.api.as_(SUPERVISOR).create(f"{path}/urgent-findings", FINDING)
    finding = case.accept(raised)
    assert raised.status_code == 201
    assert finding["child_safe_now"] == "not_known"
    assert case.read(raised.headers["location"], SUPERVISOR)["id"] == finding["id"]
    assert [one["id"] for one in case.read(path)["urgent_findings"]] == [finding["id"]]


def test_an_urgent_finding_leaves_the_audits_version(case: Auditing) -> None:
    path = case.started()
    auditor = case.api.as_(SUPERVISOR)
    tag = {"if-match": auditor.tag(path)}
    case.accept(auditor.create(f"{path}/urgent-findings", FINDING))
    judged = auditor.request("PUT", f"{path}/judgements/overall", json=GOOD, headers=tag)
    assert judged.status_code == 200


def test_the_audit_with_an_urgent_finding_keeps_its_child(case: Auditing) -> None:
    path = f"/v1/audits/{case.plan(auditor=SUPERVISOR)['id']}"
    case.accept(case.api.as_(SUPERVISOR).create(f"{path}/urgent-findings", FINDING))
    refused = case.api.change("PATCH", path, {"subject": None, "team": case.team})
    assert pointers(refused) == {"/subject", "/team"}


@pytest.mark.parametrize("person", [MANAGER, WORKER, "slt-1"])
def test_who_does_not_audit_raises_no_finding(case: Auditing, person: str) -> None:
    path = case.completed()
    refused = case.api.as_(person).create(f"{path}/urgent-findings", FINDING)
    assert refused.status_code == 403


def test_a_finding_says_whether_the_child_is_safe(case: Auditing) -> None:
    path = case.started()
    vague = {"kind": "serious_safeguarding", "description": "Something."}
    refused = case.api.as_(SUPERVISOR).create(f"{path}/urgent-findings", vague)
    assert pointers(refused) == {"/child_safe_now"}
