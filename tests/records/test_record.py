"""The record of a subject: what it holds and in which order, who reads it, for whom (R4.1.7)."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from qa_api import clock
from qa_api.records.audiences import AUDIENCES, KEYS, REDACTABLE
from qa_api.records.schemas import SubjectHistory
from tests.api import Api, Json
from tests.audits.auditing import ACTION, FINDING, SUPERVISOR, Auditing, of_new_child, questions

PRAISE = "Warm and purposeful direct work."


def the_record(case: Auditing, person: str = "qs-1", **query: str) -> Json:
    return case.accept(case.api.as_(person).get(path_of(case), params=query))


def path_of(case: Auditing) -> str:
    return f"/v1/subjects/mosaic/{case.ref}/record"


def with_all_that_can_follow(case: Auditing) -> str:
    path = case.filled(actions=[ACTION])
    auditing = case.api.as_(SUPERVISOR)
    found = auditing.create(f"{path}/urgent-findings", FINDING)
    assert found.status_code == 201, found.text
    answer = auditing.act(f"{path}/complete", {"overall": {"judgement": "good", "rationale": "?!"}})
    case.accept(answer)
    return path


def test_it_holds_what_was_completed_in_that_order(
    case: Auditing, at: Callable[[str], None]
) -> None:
    early = case.filled()
    late = case.filled(auditor="au-1", type="collaborative")
    overall = {"overall": {"judgement": "good", "rationale": "Purposeful."}}
    case.accept(case.api.as_("au-1").act(f"{late}/complete", overall))
    at("2026-11-25T10:00:00Z")
    case.accept(case.api.as_(SUPERVISOR).act(f"{early}/complete", overall))

    audits = the_record(case)["audits"]

    assert [audit["id"] for audit in audits] == [path.rpartition("/")[2] for path in (late, early)]
    closure = audits[1]
    texts = {question.key: question.text for question in questions("closure")}
    asked = [answer["question_key"] for answer in closure["answers"]]
    assert asked == [key for key in texts if key in asked], "as the tool asks them"
    assert all(answer["question"] == texts[answer["question_key"]] for answer in closure["answers"])
    assert {judgement["label"] for judgement in closure["judgements"]} == {"Good"}
    assert closure["overall_label"] == "Good"


def test_it_holds_all_that_followed_from_an_audit(case: Auditing) -> None:
    with_all_that_can_follow(case)
    record = the_record(case)
    (audit,) = record["audits"]
    assert audit["positive_feedback"] == PRAISE
    assert [contact["who"] for contact in audit["family_contact"]["contacts"]] == ["mother"]
    assert [action["description"] for action in audit["actions"]] == [ACTION["description"]]
    assert audit["response"]["state"]
    assert [found["description"] for found in audit["urgent_findings"]] == [FINDING["description"]]
    (escalation,) = record["escalations"]
    assert escalation["finding_id"] == audit["urgent_findings"][0]["id"]


def test_a_draft_is_named_but_not_told(case: Auditing) -> None:
    case.filled()
    record = the_record(case)
    assert record["audits"] == []
    assert [audit["state"] for audit in record["unfinished_audits"]] == ["in_progress"]
    assert PRAISE not in json.dumps(record)


def test_it_holds_nothing_of_another_identity(case: Auditing, new_ref: Callable[[], str]) -> None:
    before_adoption = of_new_child(case.api, new_ref)
    before_adoption.completed()
    case.completed()
    record = the_record(case)
    assert len(record["audits"]) == 1
    assert before_adoption.ref not in json.dumps(record)


def fields(model: type[BaseModel], within: str = "") -> Iterator[tuple[str, bool]]:
    """Every field of the record, and whether it is a section with fields of its own."""
    for name, info in model.model_fields.items():
        place = f"{within}.{name}" if within else name
        inner = section(info.annotation)
        yield place, inner is not None
        if inner is not None and place not in AUDIENCES:
            yield from fields(inner, place)


def section(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    parts = [section(part) for part in getattr(annotation, "__args__", ())]
    return next((part for part in parts if part), None)


def test_for_every_field_it_is_decided_whom_it_is_for() -> None:
    known = dict(fields(SubjectHistory))
    undecided = {name for name, is_section in known.items() if not is_section} - set(AUDIENCES)
    assert not undecided
    assert set(AUDIENCES) <= set(known), "decided, but there is no such field"
    assert {text for text in REDACTABLE if not text.startswith("unfinished_audits")} <= set(known)
    assert set(KEYS) <= {name for name, is_section in known.items() if is_section}


def test_the_subject_is_not_shown_what_is_for_professionals(case: Auditing) -> None:
    with_all_that_can_follow(case)
    the_record(case)
    theirs = the_record(case, audience="subject")
    professional = the_record(case)
    assert professional["audits"][0]["answers"][0]["evidence"] == "Case note 12"
    assert professional["looks"]
    assert theirs["looks"] == theirs["unfinished_audits"] == []
    text = json.dumps(theirs)
    for secret in ("Case note 12", SUPERVISOR, "sw1-lincoln-fast", "qs-1"):
        assert secret not in text
        assert secret in json.dumps(professional)
    assert theirs["audits"][0]["positive_feedback"] == PRAISE
    assert theirs["audits"][0]["family_contact"]["contacts"][0]["who"] == "mother"


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("qs-1", 200),
        ("tm-lincoln-fast", 200),
        ("dm-lincoln-fast", 200),
        ("hos-fast", 200),
        ("tm-boston-fast", 404),
        ("hos-early-help", 404),
        ("sw1-lincoln-fast", 403),
        ("slt-1", 403),
        ("admin-1", 403),
        ("case-system-mosaic", 403),
    ],
)
def test_only_those_who_lead_the_case_now_and_quality_standards_read_it(
    case: Auditing, person: str, status: int
) -> None:
    answer = case.api.as_(person).get(path_of(case))
    assert answer.status_code == status
    absent = case.api.as_(person).get(f"/v1/subjects/mosaic/{case.ref}-not/record")
    assert absent.status_code == (403 if status == 403 else 404), "as if it did not exist"


def test_each_reading_is_logged_and_the_next_reader_sees_it(case: Auditing) -> None:
    clock.advance(timedelta(minutes=30))
    the_record(case, "tm-lincoln-fast", audience="subject")
    looks = the_record(case)["looks"]
    newest = looks[0]
    assert (newest["who"], newest["operation"]) == ("tm-lincoln-fast", "record:read")
    assert newest["roles"] == ["auditor", "team_manager"]
    assert newest["at"] == "2026-11-23T10:00:00.000000Z"
    case.api.as_("tm-boston-fast").get(path_of(case))
    assert {look["who"] for look in the_record(case)["looks"]} == {"tm-lincoln-fast", "qs-1"}


def test_there_is_no_other_form_than_json_and_a_page(case: Auditing, api: Api) -> None:
    answer = api.get(path_of(case), headers={"accept": "application/pdf"})
    assert answer.status_code == 406


def test_an_audit_made_on_the_wrong_child_is_not_in_it(case: Auditing) -> None:
    path = with_all_that_can_follow(case)
    why = {"reason": "The audit is about another child."}
    case.accept(case.api.as_("qs-1").act(f"{path}/record-in-error", why))
    assert case.api.as_("qs-2").act(f"{path}/confirm-error").status_code == 204
    record = the_record(case)
    assert record["audits"] == record["unfinished_audits"] == record["escalations"] == []
