"""Answers to questions that no longer apply: kept and marked in a draft, in no record (R4.1.1)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import hypothesis.strategies as st
import pytest
from hypothesis import given

from qa_api import clock
from qa_api.audits.queries import AUDIT
from qa_api.auth.development import DevelopmentIssuer
from qa_api.rules.audits import AuditContent, not_applying
from qa_api.rules.tools import Answer, AnswerKind, AppliesWhen, Domain, Question, applies
from tests.api import Api, Json
from tests.audits.auditing import GOOD, SUPERVISOR, Auditing, pointers
from tests.conftest import Database
from tests.reporting.copies import REPORTER, pull

EARLIER, HANGS_ON = "practice_concerns", "practice_concern_details"
WHY = {"reason": "Read again."}
TOLD = "The visits were not recorded."
LOOKED_AT = """
CREATE OR REPLACE FUNCTION question_applies(audit uuid, tool uuid, question text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN RAISE EXCEPTION 'the answers before it were looked at'; END $$"""


def answer(audit: Json, key: str) -> Json | None:
    """The answer to one question, as an audit shows it."""
    return next((one for one in audit["answers"] if one["question_key"] == key), None)


def put(case: Auditing, path: str, key: str, value: str) -> Json:
    """An answer saved by the auditor."""
    place = f"{path}/answers/{key}"
    return case.accept(case.api.as_(SUPERVISOR).change("PUT", place, {"value": value}))


def switched_off(case: Auditing, **plan: Any) -> str:
    """The path of a draft that lacks only the overall judgement, with an answer that is off."""
    path = case.filled(**plan)
    put(case, path, HANGS_ON, TOLD)
    put(case, path, EARLIER, "no")
    return path


def completed(case: Auditing, **plan: Any) -> str:
    path = switched_off(case, **plan)
    case.accept(case.api.as_(SUPERVISOR).act(f"{path}/complete", {"overall": GOOD}))
    return path


def test_in_a_draft_it_is_kept_and_marked(case: Auditing) -> None:
    path = switched_off(case)
    draft = case.read(path, SUPERVISOR)
    off, earlier = answer(draft, HANGS_ON), answer(draft, EARLIER)
    assert off is not None
    assert earlier is not None
    assert (off["value"], off["applies"], earlier["applies"]) == (TOLD, False, True)
    put(case, path, EARLIER, "partial")
    assert case.read(f"{path}/answers/{HANGS_ON}", SUPERVISOR)["applies"] is True


async def test_an_answer_to_what_always_applies_is_shown_without_looking_at_others(
    case: Auditing, database: Database, issuer: DevelopmentIssuer
) -> None:
    asked = {"question_key": EARLIER, "value": "no"}
    path = f"/v1/audits/{case.plan(auditor=SUPERVISOR, answers=[asked])['id']}"
    now, who = clock.now(), {"issuer": issuer.settings.issuer, "subject": "qs-1"}
    values = {**who, "now": now, "today": now.date(), "permitted_roles": ["quality_standards"]}
    values |= {"correlation_id": "c", "operation": "o", "id": UUID(path.rpartition("/")[2])}
    statement = AUDIT.prepared()
    owner = await asyncpg.connect(database.migrate_url)
    try:
        undone = owner.transaction()
        await undone.start()
        await owner.execute(LOOKED_AT)
        (row,) = await owner.fetch(statement.sql, *statement.arguments(values))
        await undone.rollback()
    finally:
        await owner.close()
    assert '"applies":true' in row["body"]


def test_who_answers_what_does_not_apply_is_told_and_the_draft_keeps_it(case: Auditing) -> None:
    path = case.started()
    early = put(case, path, HANGS_ON, TOLD)
    assert (early["value"], early["applies"]) == (TOLD, False), "nothing is answered before it"
    put(case, path, EARLIER, "yes")
    assert put(case, path, HANGS_ON, TOLD)["applies"] is True
    answers = [
        {"question_key": EARLIER, "value": "no"},
        {"question_key": HANGS_ON, "value": TOLD},
    ]
    begun = case.plan(auditor=SUPERVISOR, answers=answers)
    as_made = answer(case.read(f"/v1/audits/{begun['id']}", SUPERVISOR), HANGS_ON)
    assert as_made is not None
    assert as_made["applies"] is False


def test_at_completion_it_is_left_out_everywhere(case: Auditing) -> None:
    path = completed(case)
    audit_id = path.rpartition("/")[2]
    for person in ("qs-1", SUPERVISOR, "sw1-lincoln-fast"):
        assert answer(case.read(path, person), HANGS_ON) is None
    assert case.api.get(f"{path}/answers/{HANGS_ON}").status_code == 404
    record = case.api.get(f"/v1/subjects/mosaic/{case.ref}/record")
    page = case.api.get(f"/v1/subjects/mosaic/{case.ref}/record", headers={"accept": "text/html"})
    assert audit_id in record.text
    for shown in (record.text, page.text):
        assert TOLD not in shown
    assert HANGS_ON not in record.text
    rows, _ = pull(case.api.as_(REPORTER), "audit-answers", from_="2026-11-23", to="2026-11-24")
    said = {row["question"] for row in rows if row["audit"] == audit_id}
    assert EARLIER in said
    assert HANGS_ON not in said


@pytest.mark.long
def test_neither_side_of_a_comparison_says_it(case: Auditing, at: Callable[[str], None]) -> None:
    earlier = completed(case).rpartition("/")[2]
    at("2026-12-23T09:30:00Z")
    later = switched_off(case, re_audit_of=earlier)
    for state in ("draft", "completed"):
        compared = case.read(f"{later}/comparison")
        assert HANGS_ON not in {one["question_key"] for one in compared["answers"]}, state
        if state == "draft":
            done = case.api.as_(SUPERVISOR).act(f"{later}/complete", {"overall": GOOD})
            case.accept(done)


@pytest.mark.long
def test_an_amendment_leaves_out_what_it_switches_off_and_answers_nothing_that_is_off(
    case: Auditing,
) -> None:
    path = case.filled()
    put(case, path, HANGS_ON, TOLD)
    auditor = case.api.as_(SUPERVISOR)
    case.accept(auditor.act(f"{path}/complete", {"overall": GOOD}))
    no = {"question_key": EARLIER, "value": "no"}
    details = {"question_key": HANGS_ON, "value": "None of it."}
    refused = auditor.act(f"{path}/amend", WHY | {"answers": [no, details]})
    assert (refused.status_code, pointers(refused)) == (422, {"/answers/1/question_key"})
    amended = case.accept(auditor.act(f"{path}/amend", WHY | {"answers": [no]}))
    assert answer(amended, HANGS_ON) is None
    # What it said before stays in the record of the amendment, under its question.
    record = case.read(f"/v1/subjects/mosaic/{case.ref}/record")
    ((revision,),) = [audit["revisions"] for audit in record["audits"]]
    earlier = {one["key"]: one for one in revision["earlier"]}
    assert earlier[f"answer_{HANGS_ON}"]["value"] == TOLD
    assert earlier[f"answer_{HANGS_ON}"]["about"] == "What are the concerns about practice?"
    # Switched on again it is answered anew: what was left out does not come back by itself.
    yes = {"question_key": EARLIER, "value": "yes"}
    lacking = auditor.act(f"{path}/amend", WHY | {"answers": [yes]})
    assert lacking.status_code == 422
    again = case.accept(auditor.act(f"{path}/amend", WHY | {"answers": [yes, details]}))
    said = answer(again, HANGS_ON)
    assert said is not None
    assert (said["value"], said["applies"]) == ("None of it.", True)


@pytest.mark.long
def test_of_a_completed_audit_each_answer_that_is_kept_applies(case: Auditing) -> None:
    path = completed(case)
    auditor = case.api.as_(SUPERVISOR)
    yes = {"question_key": EARLIER, "value": "yes"}
    details = {"question_key": HANGS_ON, "value": "None of it."}
    for answers in ([], [yes, details], [{"question_key": EARLIER, "value": "no"}]):
        if answers:
            case.accept(auditor.act(f"{path}/amend", WHY | {"answers": answers}))
        kept = case.read(path)["answers"]
        assert {EARLIER, HANGS_ON} & {one["question_key"] for one in kept}
        # Read by itself an answer is looked up by the rule's own function.
        alone = [case.read(f"{path}/answers/{one['question_key']}") for one in kept]
        assert [one["applies"] for one in kept] == [one["applies"] for one in alone]
        assert all(one["applies"] for one in alone)


CHAIN = [
    Question(
        f"q{n}",
        "Asked?",
        AnswerKind.YES_NO_PARTIAL_NA,
        applies_when=AppliesWhen(f"q{n - 1}", ("yes", "partial")) if n else None,
    )
    for n in range(4)
]


@given(st.dictionaries(st.sampled_from([q.key for q in CHAIN]), st.sampled_from(["yes", "no"])))
def test_what_hangs_on_what_is_off_is_off(values: dict[str, str]) -> None:
    answers = {key: Answer(value) for key, value in values.items()}
    content = AuditContent([Domain("d", "D", tuple(CHAIN))], {"good"}, answers)
    asked = {q.key: q for q in CHAIN}
    off = not_applying(content)
    assert off == {key for key in answers if not applies(asked[key], answers, asked)}
    for n, question in enumerate(CHAIN):
        if question.key in answers:
            on = all(values.get(f"q{before}") == "yes" for before in range(n))
            assert (question.key in off) is not on


@pytest.fixture
def chain(api: Api, case: Auditing) -> str:
    """A type of audit whose questions hang one on the other."""
    code = f"chain-{uuid4().hex[:8]}"
    asked = [
        {"key": q.key, "text": q.text, "answer_kind": q.kind, "required": False}
        | (
            {"applies_when": {"question": q.applies_when.question, "answered": ["yes", "partial"]}}
            if q.applies_when
            else {}
        )
        for q in CHAIN
    ]
    domain = {"key": "chain", "title": "Chain", "judged": False, "questions": asked}
    scale = {"code": "four-point", "number": 1}
    tool = {"code": code, "name": "A chain", "scale": scale, "domains": [domain]}
    made = case.accept(api.as_("qs-1").create("/v1/audit-tools", tool))
    case.accept(api.as_("qs-1").act(f"/v1/audit-tools/{made['id']}/publish"))
    type_ = {
        "name": "A chain",
        "clause": "§4.1",
        "subject_kind": "child",
        "owner": "quality_standards",
        "cadence": "as_required",
        "tool_code": code,
        "may_audit": "any_auditor",
    }
    case.accept(api.as_("qs-1").change("PUT", f"/v1/audit-types/{code}", type_))
    return code


def test_the_database_and_the_rule_agree_all_the_way_up(
    api: Api, case: Auditing, chain: str
) -> None:
    audit = case.plan(type=chain, auditor="au-1", answers=[{"question_key": "q3", "value": "yes"}])
    path = f"/v1/audits/{audit['id']}"
    auditor = api.as_("au-1")
    asked = {q.key: q for q in CHAIN}
    given_: dict[str, Answer] = {"q3": Answer("yes")}
    for key, value in (
        ("q0", "yes"),
        ("q2", "yes"),
        ("q1", "yes"),
        ("q0", "no"),
        ("q0", "yes"),
        ("q1", "na"),
    ):
        said = case.accept(auditor.change("PUT", f"{path}/answers/{key}", {"value": value}))
        given_[key] = Answer(value)
        assert said["applies"] is applies(asked[key], given_, asked)
        shown = {one["question_key"]: one["applies"] for one in case.read(path)["answers"]}
        assert shown == {each: applies(asked[each], given_, asked) for each in given_}
