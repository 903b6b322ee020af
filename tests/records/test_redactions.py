"""Redaction: the record says that something is not shown and why, and never shows it (R4.1.7)."""

from typing import Any
from uuid import uuid4

import pytest

from qa_api.records.redacting import redacted, text_at
from tests.audits.auditing import MANAGER, SUPERVISOR, Auditing, pointers
from tests.records.test_record import path_of, the_record

SECRET = "Her aunt's new address is known to us."
REASON = "It tells where somebody else lives."
MARK = f"[redacted: {REASON}]"


@pytest.fixture
def told(case: Auditing) -> str:
    """The path of a completed audit that says the secret in two places."""
    described = {
        "kind": "safety",
        "description": f"Talk to the aunt. {SECRET}",
        "needed_before_closure": False,
    }
    path = case.filled(actions=[described])
    auditing = case.api.as_(SUPERVISOR)
    overall = {"overall": {"judgement": "good", "rationale": SECRET}}
    case.accept(auditing.act(f"{path}/complete", overall))
    return path


def redact(case: Auditing, place: str, *, person: str = "qs-1", key: str | None = None) -> Any:
    return case.api.as_(person).create(
        f"/v1/subjects/mosaic/{case.ref}/redactions", {"path": place, "reason": REASON}, key=key
    )


def place_in(path: str) -> str:
    return f"/audits/{path.rpartition('/')[2]}/overall_rationale"


def test_a_redacted_text_stands_nowhere_in_any_form_of_the_record(
    case: Auditing, told: str
) -> None:
    answer = redact(case, place_in(told))
    assert answer.status_code == 201, answer.text
    assert case.accept(case.api.as_("qs-1").get(answer.headers["location"])) == answer.json()
    for audience in ("subject", "professional"):
        record = the_record(case, MANAGER, audience=audience)
        (audit,) = record["audits"]
        assert audit["overall_rationale"] == MARK
        assert audit["actions"][0]["description"] == f"Talk to the aunt. {MARK}"
        for accept in ("application/json", "text/html"):
            shown = case.api.as_(MANAGER).get(
                path_of(case), params={"audience": audience}, headers={"accept": accept}
            )
            assert "new address is known" not in shown.text
            assert REASON in shown.text
    assert [line["redacted_by"] for line in the_record(case)["redactions"]] == ["qs-1"]


def test_the_audit_itself_keeps_its_words(case: Auditing, told: str) -> None:
    redact(case, place_in(told))
    assert case.read(told)["overall_rationale"] == SECRET


def test_only_quality_standards_redacts(case: Auditing, told: str) -> None:
    assert redact(case, place_in(told), person=MANAGER).status_code == 403
    assert the_record(case)["redactions"] == []


def test_a_text_is_redacted_once(case: Auditing, told: str) -> None:
    key = uuid4().hex
    first, again = redact(case, place_in(told), key=key), redact(case, place_in(told), key=key)
    assert (first.json(), again.headers["idempotent-replayed"]) == (again.json(), "true")
    twice = redact(case, place_in(told))
    assert twice.status_code == 422
    assert pointers(twice) == {"/path"}
    assert len(the_record(case)["redactions"]) == 1


@pytest.mark.parametrize("what", ["overall_judgement", "answers", "answers/none/comment", "no/a"])
def test_only_a_text_that_stands_in_the_record_can_be_redacted(
    case: Auditing, told: str, what: str
) -> None:
    answer = redact(case, place_in(told).replace("overall_rationale", what))
    assert answer.status_code == 422
    assert pointers(answer) == {"/path"}
    assert SECRET not in answer.text


def a_record(**fields: Any) -> dict[str, Any]:
    lines = fields.pop("redactions", [])
    return {"audits": [{"id": "a", **fields}], "redactions": lines}


def test_a_place_is_named_by_keys_so_that_it_stays_when_more_is_recorded() -> None:
    answers = [{"question_key": key, "comment": key.upper()} for key in ("first", "second")]
    record = a_record(answers=answers)
    assert text_at(record, "/audits/a/answers/second/comment") == "SECOND"
    record["audits"][0]["answers"].insert(0, {"question_key": "earlier", "comment": "EARLIER"})
    assert text_at(record, "/audits/a/answers/second/comment") == "SECOND"


def test_a_short_text_is_hidden_where_it_stands_alone_and_not_within_other_words() -> None:
    path = "/audits/a/overall_rationale"
    record = redacted(
        a_record(
            overall_rationale="no",
            positive_feedback="We know now.",
            redactions=[{"path": path, "reason": "why"}],
        )
    )
    (audit,) = record["audits"]
    assert audit["overall_rationale"] == "[redacted: why]"
    assert audit["positive_feedback"] == "We know now."


def test_of_two_redactions_neither_uncovers_the_other() -> None:
    lines = [
        {"path": f"/audits/a/{name}", "reason": "why"}
        for name in ("overall_rationale", "positive_feedback")
    ]
    long, longer = "It was her aunt's.", "It was her aunt's. And his."
    for first, second in ((long, longer), (longer, long)):
        record = redacted(
            a_record(overall_rationale=first, positive_feedback=second, redactions=lines)
        )
        assert "aunt" not in str(record["audits"])
        assert "his" not in str(record["audits"])


# --- lifted ---


def lifted(case: Auditing, place: str, *, person: str = "qs-2") -> Any:
    headers = {"if-match": case.api.as_("qs-1").tag(place)}
    body = {"reason": "It was said by the child."}
    return case.api.as_(person).post(f"{place}/lift", body, headers=headers)


def test_a_lifted_redaction_shows_the_text_again_and_stays_on_record(
    case: Auditing, told: str
) -> None:
    place = redact(case, place_in(told)).headers["location"]
    answer = lifted(case, place)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["lifted_by"], answer.json()["redacted_by"]) == ("qs-2", "qs-1")
    for audience in ("subject", "professional"):
        record = the_record(case, audience=audience)
        assert record["audits"][0]["overall_rationale"] == SECRET
        (line,) = record["redactions"]
        assert (line["reason"], line["lift_reason"]) == (REASON, "It was said by the child.")
        assert line["lifted_at"] == "2026-11-23T09:30:00.000000Z"
    assert the_record(case, audience="subject")["redactions"][0]["lifted_by"] is None
    assert lifted(case, place).status_code == 409


def test_what_was_lifted_can_be_redacted_anew(case: Auditing, told: str) -> None:
    lifted(case, redact(case, place_in(told)).headers["location"])
    assert redact(case, place_in(told)).status_code == 201
    record = the_record(case)
    assert record["audits"][0]["overall_rationale"] == MARK
    assert sorted(line["lifted_at"] is None for line in record["redactions"]) == [False, True]


def test_only_quality_standards_lifts(case: Auditing, told: str) -> None:
    place = redact(case, place_in(told)).headers["location"]
    assert lifted(case, place, person=MANAGER).status_code == 403
    assert the_record(case)["audits"][0]["overall_rationale"] == MARK


def test_what_is_redacted_is_not_read_in_its_earlier_words(case: Auditing, told: str) -> None:
    amended = {
        "reason": "Too much was told.",
        "overall": {"judgement": "good", "rationale": "Her aunt is known to us."},
    }
    case.accept(case.api.as_(SUPERVISOR).act(f"{told}/amend", amended))
    redact(case, place_in(told))
    audit = the_record(case)["audits"][0]
    assert audit["overall_rationale"] == MARK
    (earlier,) = audit["revisions"][0]["earlier"]
    assert (earlier["key"], earlier["rationale"]) == ("overall", MARK)
    assert SECRET not in str(the_record(case))
