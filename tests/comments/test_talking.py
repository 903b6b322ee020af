"""A conversation on an audit: who reads it, whom it waits for, how it ends (X8)."""

from collections.abc import Callable

import pytest

from tests.api import Api
from tests.audits.auditing import MANAGER, SUPERVISOR, WORKER, Auditing, needed_answers
from tests.comments.talking import ASKED, about, read, replied, said, sees, waits
from tests.conftest import Accounts
from tests.responses.casework import Casework, complete_audit

AUDITOR, OTHERS = "au-1", ("sw2-lincoln-fast", "tm-boston-fast", "au-2")


@pytest.mark.long
def test_whoever_may_read_the_audit_reads_what_is_said_about_it(casework: Casework) -> None:
    case = casework.completed_audit()
    comment = said(case.api, AUDITOR, "audit", case.audit_id)
    shown = read(case.api, WORKER, comment)
    assert (shown["text"], shown["written_by"], shown["addressed"]) == (ASKED, AUDITOR, False)
    assert (shown["kind"], shown["about"]) == ("audit", str(case.audit_id))
    assert (shown["locked"], shown["addressees"], shown["reply_to"]) == (False, [], None)
    near = (AUDITOR, WORKER, MANAGER, SUPERVISOR, "hos-fast", "slt-1", "qs-1")
    assert all(sees(case.api, comment, *near))
    assert not any(sees(case.api, comment, *OTHERS))
    answer = replied(case.api, WORKER, comment)
    assert read(case.api, AUDITOR, answer)["reply_to"] == shown["id"]
    further = replied(case.api, MANAGER, answer)
    assert read(case.api, AUDITOR, further)["reply_to"] == shown["id"], "a conversation is one"
    refused = case.api.as_("tm-boston-fast").create(f"{comment}/replies", {"text": "I too."})
    assert refused.status_code == 404


@pytest.mark.long
def test_an_addressed_conversation_is_its_own_and_waits_for_whom_it_asks(
    casework: Casework,
) -> None:
    case = casework.completed_audit()
    to = [MANAGER, WORKER]
    comment = said(case.api, AUDITOR, "audit", case.audit_id, addressees=to)
    assert all(sees(case.api, comment, AUDITOR, *to, "qs-1"))
    assert not any(sees(case.api, comment, SUPERVISOR, "hos-fast", "slt-1", *OTHERS))
    assert [waits(case.api, comment, one) for one in (*to, AUDITOR, "qs-1")] == [
        *(True, True),
        *(False, False),
    ]
    answer = replied(case.api, MANAGER, comment)
    assert not any(sees(case.api, answer, SUPERVISOR, "hos-fast", "slt-1"))
    assert all(sees(case.api, answer, AUDITOR, *to, "qs-1"))
    assert [waits(case.api, comment, one) for one in to] == [False, True]
    asked = {
        one["addressee"]: one["answered_at"]
        for one in read(case.api, WORKER, comment)["addressees"]
    }
    assert asked[WORKER] is None
    assert asked[MANAGER] is not None
    case.act(f"{comment}/resolve", AUDITOR)
    assert not waits(case.api, comment, WORKER)
    assert read(case.api, WORKER, comment)["resolved_by"] == AUDITOR


def test_a_resolved_conversation_is_over(casework: Casework) -> None:
    case = casework.completed_audit()
    comment = said(case.api, AUDITOR, "audit", case.audit_id)
    answer = replied(case.api, WORKER, comment)
    unasked = case.refused(f"{comment}/resolve", WORKER)
    assert unasked.status_code == 403
    assert case.refused(f"{answer}/resolve", MANAGER).json()["code"] == "a-reply"
    case.act(f"{comment}/resolve", MANAGER)
    again = case.refused(f"{comment}/resolve", MANAGER)
    assert (again.status_code, again.json()["state"]) == (409, "resolved")
    late = case.api.as_(WORKER).create(f"{comment}/replies", {"text": "One more."})
    assert (late.status_code, late.json()["state"]) == (409, "resolved")
    events = [
        casework.events(comment.rpartition("/")[2], f"comment.{what}")
        for what in ("added", "resolved")
    ]
    assert events == [[{"audit_id": str(case.audit_id)}]] * 2, "no word of what was said"


def test_nobody_is_asked_who_could_not_read_it(casework: Casework, accounts: Accounts) -> None:
    case = casework.completed_audit()
    for to, code in (
        (["tm-boston-fast"], "cannot-read-it"),
        (["no-such-worker"], "cannot-read-it"),
        ([AUDITOR], "cannot-read-it"),
        ([MANAGER, MANAGER], "repeated"),
    ):
        answer = about(case.api, AUDITOR, "audit", case.audit_id, addressees=to)
        assert answer.status_code == 422, answer.text
        assert {one["code"] for one in answer.json()["errors"]} == {code}, to
    listed = case.read(f"/v1/comments?audit={case.audit_id}")
    assert listed["items"] == [], "nothing half done"
    # What lets them in counts, in whichever account.
    accounts.another("tm-boston-fast", "quality_standards")
    assert (
        about(case.api, AUDITOR, "audit", case.audit_id, addressees=["tm-boston-fast"]).status_code
        == 201
    )


def test_what_is_unknown_to_somebody_is_unknown_whether_it_is_there_or_not(
    casework: Casework,
) -> None:
    case = casework.completed_audit()
    there = about(case.api, "tm-boston-fast", "audit", case.audit_id)
    nowhere = about(case.api, "tm-boston-fast", "audit", "0199d1f0-7c1b-7000-8000-0000000000b1")
    other_kind = about(case.api, AUDITOR, "escalation", case.audit_id)
    assert there.status_code == nowhere.status_code == other_kind.status_code == 422
    assert there.json()["errors"] == nowhere.json()["errors"] == other_kind.json()["errors"]


def test_a_question_is_one_of_the_audits_tool(case: Auditing) -> None:
    audit = case.started()
    key = next(iter(needed_answers("closure")))
    comment = said(case.api, SUPERVISOR, "question", audit, question_key=key)
    assert read(case.api, "qs-1", comment)["question_key"] == key
    for body, code in (
        ({"kind": "question"}, "not-both"),
        ({"kind": "audit", "question_key": key}, "not-both"),
        ({"kind": "question", "question_key": "no_such_question"}, "unknown"),
    ):
        answer = about(case.api, SUPERVISOR, body.pop("kind"), audit, **body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["code"] == code
    # Of a draft managers see that it is due, and read nothing.
    assert not any(sees(case.api, comment, MANAGER, WORKER, "slt-1"))


@pytest.mark.long
def test_where_whom_it_asks_can_answer_no_longer_it_waits_for_quality_and_standards(
    casework: Casework,
) -> None:
    case = casework.completed_audit()
    comment = said(case.api, AUDITOR, "audit", case.audit_id, addressees=[WORKER])
    assert [waits(case.api, comment, one) for one in (WORKER, "qs-1")] == [True, False]
    casework.reallocate(case, "sw1-boston-fast", "boston-fast")
    assert not waits(case.api, comment, WORKER), "they read it no longer"
    assert waits(case.api, comment, "qs-1")
    assert case.api.as_(WORKER).get(comment).status_code == 404
    replied(case.api, "qs-1", comment, "They hold the case no longer.")
    case.act(f"{comment}/resolve", "qs-1")
    assert not waits(case.api, comment, "qs-1")


def test_of_a_restricted_record_nothing_is_read_without_a_grant(
    casework: Casework, new_ref: Callable[[], str], api: Api
) -> None:
    audit_id, *_ = casework.as_service(
        lambda work: complete_audit(work, new_ref(), restricted=True)
    )
    assert about(api, AUDITOR, "audit", audit_id).status_code == 422


@pytest.mark.long
def test_lists_filter_what_is_said(casework: Casework) -> None:
    case = casework.completed_audit()
    first = said(case.api, AUDITOR, "audit", case.audit_id, addressees=[MANAGER])
    action = said(case.api, MANAGER, "restorative_action", case.action())
    answer = replied(case.api, MANAGER, first)
    case.act(f"{action}/resolve", MANAGER)
    base, ids = (
        f"audit={case.audit_id}",
        [one.rpartition("/")[2] for one in (first, action, answer)],
    )
    subject = case.read(first)["subject"]
    for query, found in (
        (base, {0, 1, 2}),
        (f"subject={subject['system']}/{subject['ref']}", {0, 1, 2}),
        (f"about={case.action_ids[0]}", {1}),
        (f"{base}&kind=audit", {0, 2}),
        (f"reply_to={ids[0]}", {2}),
        (f"{base}&written_by={MANAGER}", {1, 2}),
        (f"{base}&resolved=true", {1}),
        (f"{base}&resolved=false", {0, 2}),
        (f"{base}&asks_me=true", {0}),
    ):
        listed = case.read(f"/v1/comments?{query}", MANAGER)["items"]
        assert {one["id"] for one in listed} == {ids[n] for n in found}, query
