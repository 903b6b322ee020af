"""A refusal because of another version carries the tag that a GET of the caller gives."""

from uuid import uuid4

import pytest

from tests.audits.auditing import ACTION, GOOD, MANAGER, SUPERVISOR, Auditing
from tests.conftest import Database
from tests.looking import rows

OF_ANOTHER = {"if-match": f'"99.{"0" * 16}"'}
CREATES = {"if-none-match": "*"}


@pytest.mark.parametrize(
    ("method", "below", "body"),
    [
        ("PATCH", "", {"positive_feedback": "Well planned."}),
        ("POST", "/complete", {}),
        ("PUT", "/judgements/overall", GOOD),
        ("PUT", "/judgements/planning", GOOD),
    ],
)
def test_a_change_of_an_audit_is_told_the_audits_tag(
    case: Auditing, method: str, below: str, body: dict[str, str]
) -> None:
    audit = case.started()
    auditor = case.api.as_(SUPERVISOR)
    stale = auditor.request(method, f"{audit}{below}", json=body, headers=OF_ANOTHER)
    assert stale.status_code == 412
    assert stale.headers.get_list("etag") == [auditor.tag(audit)]


def test_the_tag_is_the_callers_own(case: Auditing) -> None:
    audit = case.started()
    tags = {}
    for person, step, body in (
        (SUPERVISOR, "complete", {}),
        (MANAGER, "cancel", {"reason": "Twice."}),
    ):
        stale = case.api.as_(person).post(f"{audit}/{step}", body, headers=OF_ANOTHER)
        assert stale.status_code == 412
        tags[person] = stale.headers["etag"]
        assert tags[person] == case.api.as_(person).tag(audit)
    assert len(set(tags.values())) == 2, "they may do different things with it"


def test_the_tag_is_good_for_the_next_attempt(case: Auditing) -> None:
    audit = case.started()
    auditor = case.api.as_(SUPERVISOR)
    feedback = {"positive_feedback": "Well planned."}
    stale = auditor.request("PATCH", audit, json=feedback, headers=OF_ANOTHER)
    good = {"if-match": stale.headers["etag"]}
    assert auditor.request("PATCH", audit, json=feedback, headers=good).status_code == 200


def test_what_has_an_address_of_its_own_has_a_tag_of_its_own(case: Auditing) -> None:
    audit = case.started()
    auditor = case.api.as_(SUPERVISOR)
    answer = f"{audit}/answers/handover"
    yes = {"value": "yes", "evidence": "Case note 7"}
    absent = auditor.request("PUT", answer, json=yes, headers=OF_ANOTHER)
    assert absent.status_code == 412
    assert "etag" not in absent.headers, "there is no answer yet, and the audit's tag is not its"
    case.accept(auditor.request("PUT", answer, json=yes, headers=CREATES))
    twice = auditor.request("PUT", answer, json=yes, headers=CREATES)
    assert (twice.status_code, twice.headers["etag"]) == (412, auditor.tag(answer))


def test_a_change_below_a_part_is_told_the_parts_tag(case: Auditing) -> None:
    audit = case.started()
    auditor = case.api.as_(SUPERVISOR)
    made = case.accept(auditor.create(f"{audit}/actions", ACTION))
    action = f"{audit}/actions/{made['id']}"
    stale = auditor.post(f"{action}/take-out", headers=OF_ANOTHER)
    assert (stale.status_code, stale.headers["etag"]) == (412, auditor.tag(action))


def test_what_was_read_for_the_tag_is_in_the_access_log(case: Auditing, database: Database) -> None:
    audit = case.started()
    correlation = str(uuid4())
    headers = {**OF_ANOTHER, "x-correlation-id": correlation}
    stale = case.api.as_(SUPERVISOR).post(f"{audit}/complete", {}, headers=headers)
    assert stale.status_code == 412
    logged = "SELECT operation, subject_ids FROM access_log WHERE correlation_id = $1"
    (line,) = rows(database, logged, correlation)
    assert line["operation"] == "audit:read"
    subject = case.read(audit)["subject"]["id"]
    assert [str(one) for one in line["subject_ids"]] == [subject]


def test_who_may_not_read_it_is_told_no_tag(case: Auditing) -> None:
    audit = case.started()
    stranger = case.api.as_("ps-boston-fast")
    refused = stranger.post(f"{audit}/complete", {}, headers=OF_ANOTHER)
    assert refused.status_code in {403, 404}
    assert "etag" not in refused.headers
