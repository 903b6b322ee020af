"""R4.1.1: an answer has its own version, so that saving one neither blocks nor stales the audit."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api import Json
from tests.audits.auditing import ACTION, GOOD, SUPERVISOR, Auditing, pointers

YES = {"value": "yes", "evidence": "Case note 7"}
FIRST = {"if-none-match": "*"}


def test_an_answer_is_created_once_and_replaced_by_version(case: Auditing) -> None:
    path = f"{case.started()}/answers/handover"
    auditor = case.api.as_(SUPERVISOR)
    created = auditor.request("PUT", path, json=YES, headers=FIRST)
    assert created.status_code == 200
    assert created.json()["version"] == 1
    assert auditor.request("PUT", path, json=YES, headers=FIRST).status_code == 412
    mine = {"if-match": created.headers["etag"]}
    changed = auditor.request("PUT", path, json=YES | {"value": "no"}, headers=mine)
    assert (changed.json()["version"], changed.json()["value"]) == (2, "no")
    stale = auditor.request("PUT", path, json=YES, headers=mine)
    assert stale.status_code == 412
    assert stale.headers["etag"].startswith('"2.')
    assert auditor.request("PUT", path, json=YES).status_code == 428


def test_a_version_read_in_the_audit_is_enough_to_replace_an_answer(case: Auditing) -> None:
    audit = case.started()
    auditor = case.api.as_(SUPERVISOR)
    path = f"{audit}/answers/handover"
    case.accept(auditor.request("PUT", path, json=YES, headers=FIRST))
    (answer,) = case.read(audit, SUPERVISOR)["answers"]
    tag = {"if-match": f'"{answer["version"]}.{"0" * 16}"'}
    case.accept(auditor.request("PUT", path, json=YES | {"comment": "Twice."}, headers=tag))


def test_saving_an_answer_leaves_the_audits_version(case: Auditing) -> None:
    path = case.started()
    auditor = case.api.as_(SUPERVISOR)
    tag = auditor.tag(path)
    case.accept(auditor.request("PUT", f"{path}/answers/handover", json=YES, headers=FIRST))
    headers = {"if-match": tag}
    judged = auditor.request("PUT", f"{path}/judgements/overall", json=GOOD, headers=headers)
    assert judged.status_code == 200


def test_many_answers_are_saved_side_by_side(case: Auditing) -> None:
    path = case.started()
    auditor = case.api.as_(SUPERVISOR)
    keys = ["handover", "contingency", "chronology", "supervision", "closing_letter"]

    def save(key: str) -> int:
        return auditor.request("PUT", f"{path}/answers/{key}", json=YES, headers=FIRST).status_code

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(save, keys)) == [200] * 5


@pytest.mark.long
def test_of_two_who_save_the_same_answer_at_once_one_wins(case: Auditing) -> None:
    path = f"{case.started()}/answers/handover"
    auditor = case.api.as_(SUPERVISOR)

    def save(headers: Json) -> int:
        return auditor.request("PUT", path, json=YES, headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(save, [FIRST] * 8)) == [200] + [412] * 7
        assert sorted(pool.map(save, [{"if-match": auditor.tag(path)}] * 8)) == [200] + [412] * 7


@pytest.mark.parametrize(
    ("key", "answer", "pointer"),
    [
        ("handover", {"value": "maybe"}, "/value"),
        ("handover", {"value": 3}, "/value"),
        ("documents_outstanding", {"value": "three"}, "/value"),
        ("step_down", {"value": "yes"}, "/value"),
        ("handover", {"value": "yes", "done_on": "2026-11-01"}, ""),
        ("handover", {"answer": "yes"}, "/answer"),
        ("handover", {"value": "yes", "done_on": "1 May"}, "/done_on"),
    ],
)
def test_an_answer_that_the_question_does_not_take_is_refused(
    case: Auditing, key: str, answer: Json, pointer: str
) -> None:
    path = f"{case.started()}/answers/{key}"
    refused = case.api.as_(SUPERVISOR).request("PUT", path, json=answer, headers=FIRST)
    assert refused.status_code == 422
    assert pointers(refused) == {pointer}


def test_an_unfinished_answer_can_be_saved_and_an_unknown_question_not(case: Auditing) -> None:
    path = case.started()
    auditor = case.api.as_(SUPERVISOR)
    comment = {"comment": "Ask the school."}
    saved = auditor.request("PUT", f"{path}/answers/handover", json=comment, headers=FIRST)
    assert case.accept(saved)["value"] is None
    unknown = auditor.request("PUT", f"{path}/answers/no_such", json=YES, headers=FIRST)
    assert unknown.status_code == 404


def test_a_date_question_takes_a_date(case: Auditing) -> None:
    path = case.started("au-1", type="collaborative") + "/answers/current_episode_since"
    auditor = case.api.as_("au-1")
    refused = auditor.request("PUT", path, json={"value": "last May"}, headers=FIRST)
    assert pointers(refused) == {"/value"}
    saved = auditor.request("PUT", path, json={"value": "2025-05-04"}, headers=FIRST)
    assert case.accept(saved)["value"] == "2025-05-04"


def test_nobody_but_the_auditor_answers(case: Auditing) -> None:
    path = f"{case.started()}/answers/handover"
    for person, status in (("tm-lincoln-fast", 403), ("ps-adoption", 404), ("sw1-adoption", 403)):
        answer = case.api.as_(person).request("PUT", path, json=YES, headers=FIRST)
        assert answer.status_code in {status, 404}, person
        assert not answer.is_success


def test_two_editors_of_the_audit_do_not_overwrite_each_other(case: Auditing) -> None:
    path = case.started()
    auditor = case.api.as_(SUPERVISOR)
    tag = {"if-match": auditor.tag(path)}

    def judge(_: int) -> int:
        answer = auditor.request("PUT", f"{path}/judgements/overall", json=GOOD, headers=tag)
        return answer.status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(judge, range(6))) == [200] + [412] * 5


def test_an_action_added_meanwhile_stops_a_completion_that_did_not_know_it(
    case: Auditing,
) -> None:
    path = case.filled()
    auditor = case.api.as_(SUPERVISOR)
    tag = {"if-match": auditor.tag(path)}
    case.accept(auditor.create(f"{path}/actions", ACTION))
    late = auditor.post(f"{path}/complete", {"overall": GOOD}, headers=tag)
    assert late.status_code == 412


@pytest.mark.parametrize(
    ("part", "body", "pointer"),
    [
        ("judgements/overall", GOOD | {"judgement": "excellent"}, "/judgement"),
        ("judgements/overall", {"judgement": "good"}, "/rationale"),
        ("judgements/overall", GOOD | {"rationale": " "}, "/rationale"),
        ("family-contact", {"expected": False}, "/not_expected_reason"),
        (
            "family-contact",
            {"expected": True, "not_expected_reason": "None."},
            "/not_expected_reason",
        ),
        (
            "family-contact",
            {
                "expected": True,
                "contacts": [
                    {
                        "who": "father",
                        "how": "visit",
                        "at": "2026-11-24T10:00:00Z",
                        "outcome": "spoken",
                    }
                ],
            },
            "/contacts/0/at",
        ),
        ("worker-view", {"view": ""}, "/view"),
    ],
)
def test_a_part_that_says_too_little_is_refused(
    case: Auditing, part: str, body: Json, pointer: str
) -> None:
    path = case.started()
    refused = case.api.as_(SUPERVISOR).change("PUT", f"{path}/{part}", body, on=path)
    assert refused.status_code == 422
    assert pointers(refused) == {pointer}


def test_family_contact_is_replaced_whole(case: Auditing) -> None:
    path = case.filled()
    none = {"expected": False, "not_expected_reason": "The young person asked us not to."}
    changed = case.api.as_(SUPERVISOR).change("PUT", f"{path}/family-contact", none, on=path)
    contact = case.accept(changed)["family_contact"]
    assert contact["contacts"] == []
    assert contact["not_expected_reason"] == none["not_expected_reason"]
    attempt = {"who": "aunt", "how": "visit", "at": "2026-11-20T10:00:00Z"}
    twice = {
        "expected": True,
        "contacts": [attempt | {"outcome": "not_reached"}, attempt | {"outcome": "spoken"}],
    }
    changed = case.api.as_(SUPERVISOR).change("PUT", f"{path}/family-contact", twice, on=path)
    assert [c["outcome"] for c in case.accept(changed)["family_contact"]["contacts"]] == [
        "not_reached",
        "spoken",
    ]
