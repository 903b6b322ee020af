"""R4.1.1-R4.1.3: a sound tool, and answers that show what they must."""

from dataclasses import replace
from datetime import date

import pytest

from qa_api.rules.decision import Missing
from qa_api.rules.tools import (
    Answer,
    AnswerKind,
    AppliesWhen,
    Domain,
    OverallAsked,
    Question,
    Value,
    applies,
    faults_of_answer,
    faults_of_tool,
    gaps_in_answer,
    in_timescale,
)

VISIT = Question(
    "visit-made",
    "Was the child visited?",
    AnswerKind.YES_NO_PARTIAL_NA,
    evidence_required=True,
    timescale_check=True,
)
WHY = Question(
    "why-not", "Why not?", AnswerKind.TEXT, applies_when=AppliesWhen("visit-made", ("no",))
)
MORE = Question(
    "who-knew",
    "Who knew?",
    AnswerKind.CHOICE,
    choices=("ps", "tm"),
    applies_when=AppliesWhen("visit-made", ("no", "partial")),
)
GRADE = Question("grade", "How good was it?", AnswerKind.JUDGEMENT)
CALL = Question("call", "Was the family called?", AnswerKind.YES_NO_PARTIAL_NA)
SOUND = (Domain("journey", "The journey", (VISIT, WHY, MORE)), Domain("voice", "Voice", (GRADE,)))
GRADES = ("good", "inadequate")


def faults(*questions: Question) -> list[tuple[str, str]]:
    found = faults_of_tool((Domain("d", "D", questions),))
    return [(m.pointer.removeprefix("/domains/0"), m.code) for m in found]


def test_a_sound_tool_has_no_faults() -> None:
    assert faults_of_tool(SOUND) == ()


@pytest.mark.parametrize("overall", list(OverallAsked))
def test_a_tool_escalates_by_its_whole_or_by_a_domain(overall: OverallAsked) -> None:
    marked = (*SOUND, Domain("safety", "Safety", (CALL,), escalates=True))
    assert faults_of_tool(marked, overall) == ()
    unmarked = [fault.code for fault in faults_of_tool(SOUND, overall)]
    assert unmarked == ([] if overall is OverallAsked.REQUIRED else ["nothing-escalates"])


def test_only_a_domain_that_is_judged_can_escalate() -> None:
    learning = Domain("learning", "Learning", (CALL,), judged=False, escalates=True)
    found = faults_of_tool((*SOUND, learning), OverallAsked.NONE)
    assert [(fault.pointer, fault.code) for fault in found] == [
        ("/domains/2/escalates", "not-judged"),
        ("/domains", "nothing-escalates"),
    ]


def test_a_tool_asks_something() -> None:
    (nothing,) = faults_of_tool(())
    assert (nothing.pointer, nothing.code) == ("/domains", "no-domains")
    assert nothing.detail == "A tool has at least one domain."
    assert faults() == [("/questions", "no-questions")]


@pytest.mark.parametrize(
    ("question", "pointer", "code"),
    [
        (replace(GRADE, key="Grade"), "/questions/1/key", "key-invalid"),
        (replace(GRADE, key=""), "/questions/1/key", "key-invalid"),
        (replace(GRADE, key="k" * 81), "/questions/1/key", "key-invalid"),
        (replace(GRADE, text=" "), "/questions/1/text", "text-missing"),
        (replace(GRADE, choices=("a",)), "/questions/1/choices", "choices-invalid"),
        (replace(MORE, choices=()), "/questions/1/choices", "choices-invalid"),
        (replace(MORE, choices=("a", "a")), "/questions/1/choices", "choice-repeated"),
        (
            replace(WHY, applies_when=AppliesWhen("later", ("no",))),
            "/questions/1/applies_when/question",
            "not-earlier",
        ),
        (
            replace(WHY, applies_when=AppliesWhen("why-not", ("no",))),
            "/questions/1/applies_when/question",
            "not-earlier",
        ),
        (
            replace(WHY, applies_when=AppliesWhen("visit-made", ("never",))),
            "/questions/1/applies_when/answered",
            "answers-invalid",
        ),
        (
            replace(WHY, applies_when=AppliesWhen("visit-made", ())),
            "/questions/1/applies_when/answered",
            "answers-missing",
        ),
    ],
)
def test_a_fault_is_pointed_at(question: Question, pointer: str, code: str) -> None:
    assert faults(VISIT, question) == [(pointer, code)]


def test_a_question_cannot_depend_on_free_text() -> None:
    depends = replace(GRADE, applies_when=AppliesWhen("why-not", ("x",)))
    assert [code for _, code in faults(VISIT, WHY, depends)] == ["answers-invalid"]


def test_keys_are_unique_over_the_whole_tool() -> None:
    twice = (Domain("a", "A", (VISIT,)), Domain("a", "B", (VISIT,)))
    assert [(m.pointer, m.code) for m in faults_of_tool(twice)] == [
        ("/domains/0/key", "key-repeated"),
        ("/domains/0/questions/0/key", "key-repeated"),
        ("/domains/1/key", "key-repeated"),
        ("/domains/1/questions/0/key", "key-repeated"),
    ]


def asked(kind: AnswerKind) -> Question:
    return Question("q", "?", kind, choices=("red",) if kind is AnswerKind.CHOICE else ())


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        (AnswerKind.YES_NO_PARTIAL_NA, "partial", True),
        (AnswerKind.YES_NO_PARTIAL_NA, "maybe", False),
        (AnswerKind.YES_NO_PARTIAL_NA, 1, False),
        (AnswerKind.JUDGEMENT, "good", True),
        (AnswerKind.JUDGEMENT, "na", False),
        (AnswerKind.CHOICE, "red", True),
        (AnswerKind.CHOICE, "blue", False),
        (AnswerKind.TEXT, "words", True),
        (AnswerKind.TEXT, 4, False),
        (AnswerKind.NUMBER, 4, True),
        (AnswerKind.NUMBER, 4.5, True),
        (AnswerKind.NUMBER, True, False),
        (AnswerKind.NUMBER, "4", False),
        (AnswerKind.DATE, date(2026, 11, 20), True),
        (AnswerKind.DATE, "2026-11-20", False),
    ],
)
def test_a_question_takes_its_own_kind_of_answer(
    kind: AnswerKind, value: Value, fits: bool
) -> None:
    found = faults_of_answer(asked(kind), Answer(value), GRADES, "/answers/q")
    assert [m.code for m in found] == ([] if fits else ["answer-kind"])
    assert all(m.pointer == "/answers/q/value" for m in found)


def test_an_unfinished_answer_can_be_saved() -> None:
    assert faults_of_answer(VISIT, Answer(None), GRADES) == ()
    assert faults_of_answer(VISIT, Answer("yes"), GRADES) == ()


def test_dates_belong_to_a_timescale_check() -> None:
    found = faults_of_answer(GRADE, Answer("good", done_on=date(2026, 11, 20)), GRADES)
    assert [m.code for m in found] == ["no-timescale-check"]


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        (None, ["answer-missing"]),
        (Answer(None), ["answer-missing"]),
        (Answer("yes"), ["evidence-missing", "done-on-missing"]),
        (Answer("partial", evidence=" "), ["evidence-missing", "done-on-missing"]),
        (Answer("yes", evidence="Note 12", done_on=date(2026, 11, 2)), []),
        (Answer("no"), ["expected-by-missing"]),
        (Answer("no", expected_by=date(2026, 11, 2)), []),
        (Answer("na"), []),
    ],
)
def test_what_happened_is_shown_with_evidence_and_date(
    answer: Answer | None, codes: list[str]
) -> None:
    assert [m.code for m in gaps_in_answer(VISIT, answer, "/answers/visit-made")] == codes


def test_a_judgement_carries_its_rationale() -> None:
    assert [m.code for m in gaps_in_answer(GRADE, Answer("good"), "/a")] == ["rationale-missing"]
    assert gaps_in_answer(GRADE, Answer("good", rationale="Timely visits."), "/a") == ()


def test_blank_text_is_no_answer_and_an_optional_one_may_be_left_out() -> None:
    text = asked(AnswerKind.TEXT)
    assert [m.code for m in gaps_in_answer(text, Answer("  "), "/a")] == ["answer-missing"]
    assert gaps_in_answer(replace(text, required=False), Answer("  "), "/a") == ()


def test_nought_is_an_answer() -> None:
    assert gaps_in_answer(asked(AnswerKind.NUMBER), Answer(0), "/a") == ()


def test_a_question_applies_when_the_earlier_answer_says_so() -> None:
    questions = {q.key: q for q in (VISIT, WHY, MORE)}
    assert applies(VISIT, {}, questions)
    assert not applies(WHY, {}, questions)
    assert applies(WHY, {"visit-made": Answer("no")}, questions)
    assert not applies(WHY, {"visit-made": Answer("yes")}, questions)


def test_what_hangs_on_a_question_that_does_not_apply_does_not_apply() -> None:
    last = replace(GRADE, applies_when=AppliesWhen("who-knew", ("ps",)))
    questions = {q.key: q for q in (VISIT, MORE, last)}
    answers = {"visit-made": Answer("yes"), "who-knew": Answer("ps")}
    assert not applies(last, answers, questions)
    assert applies(last, {**answers, "visit-made": Answer("no")}, questions)


@pytest.mark.parametrize(
    ("done_on", "expected_by", "timely"),
    [
        (date(2026, 11, 2), date(2026, 11, 2), True),
        (date(2026, 11, 3), date(2026, 11, 2), False),
        (None, date(2026, 11, 2), None),
        (date(2026, 11, 2), None, None),
    ],
)
def test_timely_is_by_the_date_expected(
    done_on: date | None, expected_by: date | None, timely: bool | None
) -> None:
    assert in_timescale(Answer("yes", done_on=done_on, expected_by=expected_by)) is timely


def test_a_key_may_be_of_any_of_its_characters_and_of_eighty() -> None:
    every = "abcdefghijklmnopqrstuvwxyz0123456789_-"
    for key in (every, "k" * 80):
        assert faults(replace(GRADE, key=key)) == []
    for key in ("X", "é", "a b"):
        assert faults(replace(GRADE, key=key)) == [("/questions/0/key", "key-invalid")]


def test_a_question_may_apply_at_every_answer_of_an_earlier_one() -> None:
    choice = replace(MORE, choices=("a", "b"), applies_when=None)
    depends = replace(GRADE, applies_when=AppliesWhen(choice.key, ("a", "b")))
    assert faults(choice, depends) == []


def test_each_gap_of_an_answer_is_pointed_at() -> None:
    judged = replace(GRADE, required=True, evidence_required=True)
    timed = replace(VISIT, required=True, timescale_check=True, evidence_required=False)
    plain = replace(VISIT, timescale_check=False)

    def pointed(found: tuple[Missing, ...]) -> list[tuple[str, str]]:
        return [(each.pointer, each.code) for each in found]

    assert pointed(gaps_in_answer(judged, None, "/a")) == [("/a", "answer-missing")]
    assert pointed(gaps_in_answer(judged, Answer("good"), "/a")) == [
        ("/a/evidence", "evidence-missing"),
        ("/a/rationale", "rationale-missing"),
    ]
    assert pointed(gaps_in_answer(timed, Answer("yes"), "/a")) == [
        ("/a/done_on", "done-on-missing")
    ]
    assert pointed(gaps_in_answer(timed, Answer("no"), "/a")) == [
        ("/a/expected_by", "expected-by-missing")
    ]
    dated = Answer("yes", done_on=date(2026, 11, 23))
    assert pointed(faults_of_answer(plain, dated, (), "/a")) == [("/a", "no-timescale-check")]
