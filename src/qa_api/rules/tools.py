"""The audit tool: what makes a definition sound, and an answer complete (§4.1, R4.1.1).

A published tool never changes and answers stay pinned to the version asked, so a definition
is checked whole before it is published.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from qa_api.rules.decision import Missing
from qa_api.rules.unchanging import Unchanging


class AnswerKind(StrEnum):
    """What kind of answer a question takes (R4.1.1)."""

    YES_NO_PARTIAL_NA = "yes_no_partial_na"
    JUDGEMENT = "judgement"
    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"


class OverallAsked(StrEnum):
    """Whether audits with a tool are judged as a whole (R4.1.3).

    Where that is not required the domains' judgements stand for the audit: its profile.
    """

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


YES, NO, PARTIAL, NA = "yes", "no", "partial", "na"
_YES_NO_PARTIAL_NA = frozenset({YES, NO, PARTIAL, NA})

Value: TypeAlias = str | int | float | date


class AppliesWhen(Unchanging):
    """A question applies only when an earlier one was answered with one of these words."""

    question: str
    answered: tuple[str, ...]


class Question(Unchanging):
    """One question; its key is stable across versions so that answers can be compared."""

    key: str
    text: str
    kind: AnswerKind
    guidance: str = ""
    required: bool = True
    evidence_required: bool = False
    timescale_check: bool = False
    choices: tuple[str, ...] = ()
    applies_when: AppliesWhen | None = None


class Domain(Unchanging):
    """A part of the tool; ``judged`` says whether it carries a judgement of its own (R4.1.3).

    ``escalates`` says that a judgement of it with the scale's mark goes to the manager (R4.3.2).
    """

    key: str
    title: str
    questions: tuple[Question, ...]
    judged: bool = True
    escalates: bool = False


class Answer(Unchanging):
    """What the auditor answered: the value, where the evidence is, and the timescale."""

    value: Value | None
    evidence: str | None = None
    rationale: str | None = None
    done_on: date | None = None
    expected_by: date | None = None


def faults_of_tool(
    domains: Sequence[Domain], overall: OverallAsked = OverallAsked.REQUIRED
) -> tuple[Missing, ...]:
    """Everything that keeps a tool from being published (R4.1.1); empty when it is sound."""
    found: list[Missing] = []
    if not domains:
        found.append(Missing("/domains", "no-domains", "A tool has at least one domain."))
    found.extend(_profile_faults(domains, overall))
    domain_keys = Counter(domain.key for domain in domains)
    question_keys = Counter(question.key for domain in domains for question in domain.questions)
    asked: dict[str, Question] = {}
    for at, domain in enumerate(domains):
        pointer = f"/domains/{at}"
        found.extend(_key_faults(domain.key, f"{pointer}/key", domain_keys))
        if not domain.questions:
            detail = "A domain asks at least one question."
            found.append(Missing(f"{pointer}/questions", "no-questions", detail))
        for place, question in enumerate(domain.questions):
            at_question = f"{pointer}/questions/{place}"
            found.extend(_key_faults(question.key, f"{at_question}/key", question_keys))
            found.extend(_question_faults(question, at_question, asked))
            asked.setdefault(question.key, question)
    return tuple(found)


def _profile_faults(domains: Sequence[Domain], overall: OverallAsked) -> list[Missing]:
    """What its marks lack: a judgement that must be brought to the manager has to be one (R4.3.2).

    Where no overall judgement is required, an audit escalates by its domains or not at all.
    """
    found = [
        Missing(
            f"/domains/{at}/escalates", "not-judged", "Only the judgement of a domain escalates."
        )
        for at, domain in enumerate(domains)
        if domain.escalates and not domain.judged
    ]
    if overall is not OverallAsked.REQUIRED and not any(
        domain.judged and domain.escalates for domain in domains
    ):
        detail = "Without an overall judgement at least one judged domain has to escalate."
        found.append(Missing("/domains", "nothing-escalates", detail))
    return found


def _key_faults(key: str, pointer: str, seen: Mapping[str, int]) -> list[Missing]:
    found = []
    if not key or len(key) > 80 or not set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-"):
        detail = "A key has small letters, digits, hyphens and underscores, 80 at most."
        found.append(Missing(pointer, "key-invalid", detail))
    if seen[key] > 1:
        found.append(Missing(pointer, "key-repeated", "This key is there more than once."))
    return found


def _question_faults(
    question: Question, pointer: str, asked: Mapping[str, Question]
) -> list[Missing]:
    found = []
    if not question.text.strip():
        found.append(Missing(f"{pointer}/text", "text-missing", "A question asks something."))
    if (question.kind is AnswerKind.CHOICE) != bool(question.choices):
        detail = "Choices belong to a question of kind choice, and to no other."
        found.append(Missing(f"{pointer}/choices", "choices-invalid", detail))
    if len(set(question.choices)) != len(question.choices):
        detail = "The same choice is there more than once."
        found.append(Missing(f"{pointer}/choices", "choice-repeated", detail))
    if question.applies_when is not None:
        earlier = asked.get(question.applies_when.question)
        words = _words(earlier)
        if earlier is None:
            detail = "A question can depend only on an earlier one."
            found.append(Missing(f"{pointer}/applies_when/question", "not-earlier", detail))
        elif not words or not set(question.applies_when.answered) <= words:
            detail = "These are not answers that the earlier question can have."
            found.append(Missing(f"{pointer}/applies_when/answered", "answers-invalid", detail))
        elif not question.applies_when.answered:
            detail = "Say at which answers the question applies."
            found.append(Missing(f"{pointer}/applies_when/answered", "answers-missing", detail))
    return found


def _words(question: Question | None) -> frozenset[str]:
    if question is None:
        return frozenset()
    if question.kind is AnswerKind.YES_NO_PARTIAL_NA:
        return _YES_NO_PARTIAL_NA
    return frozenset(question.choices)


def applies(
    question: Question, answers: Mapping[str, Answer], questions: Mapping[str, Question]
) -> bool:
    """Is the question to be answered, given the answers to earlier ones (R4.1.1)?

    A question that hangs on one that itself does not apply does not apply either.
    """
    condition = question.applies_when
    if condition is None:
        return True
    earlier = questions.get(condition.question)
    if earlier is not None and not applies(earlier, answers, questions):
        return False
    answer = answers.get(condition.question)
    return answer is not None and answer.value in condition.answered


def faults_of_answer(
    question: Question, answer: Answer, grades: Collection[str], pointer: str = ""
) -> tuple[Missing, ...]:
    """Why an answer cannot be saved: its value is not one that the question takes (R4.1.1).

    An unfinished answer can be saved; what it still lacks is ``gaps_in_answer``.
    """
    found = []
    if answer.value is not None and not _takes(question, answer.value, grades):
        detail = f"This question takes an answer of kind {question.kind}."
        found.append(Missing(f"{pointer}/value", "answer-kind", detail))
    if not question.timescale_check and (answer.done_on or answer.expected_by):
        detail = "This question has no timescale check."
        found.append(Missing(pointer, "no-timescale-check", detail))
    return tuple(found)


def _takes(question: Question, value: Value, grades: Collection[str]) -> bool:
    match question.kind:
        case AnswerKind.DATE:
            return isinstance(value, date)
        case AnswerKind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case AnswerKind.TEXT:
            return isinstance(value, str)
        case AnswerKind.JUDGEMENT:
            return value in grades
        case AnswerKind.CHOICE:
            return value in question.choices
        case AnswerKind.YES_NO_PARTIAL_NA:
            return value in _YES_NO_PARTIAL_NA


def gaps_in_answer(question: Question, answer: Answer | None, pointer: str) -> tuple[Missing, ...]:
    """What an answer lacks before the audit can be completed (R4.1.2, R4.1.3).

    No evidence and no date is asked of what did not happen or does not apply.
    """
    value = None if answer is None else answer.value
    if answer is None or value is None or (isinstance(value, str) and not value.strip()):
        if not question.required:
            return ()
        return (Missing(pointer, "answer-missing", "This question is not answered."),)
    found = []
    happened = value not in {NO, NA} or question.kind is not AnswerKind.YES_NO_PARTIAL_NA
    if question.evidence_required and happened and not (answer.evidence or "").strip():
        detail = "Name the document or case note that shows it."
        found.append(Missing(f"{pointer}/evidence", "evidence-missing", detail))
    if question.kind is AnswerKind.JUDGEMENT and not (answer.rationale or "").strip():
        detail = "Give the rationale of the judgement."
        found.append(Missing(f"{pointer}/rationale", "rationale-missing", detail))
    if question.timescale_check and value != NA:
        if happened and answer.done_on is None:
            found.append(Missing(f"{pointer}/done_on", "done-on-missing", "Say when it was done."))
        if not happened and answer.expected_by is None:
            detail = "Say by when it was expected."
            found.append(Missing(f"{pointer}/expected_by", "expected-by-missing", detail))
    return tuple(found)


def in_timescale(answer: Answer) -> bool | None:
    """Was it done by the date expected (R4.1.1)? None when either date is not known."""
    if answer.done_on is None or answer.expected_by is None:
        return None
    return answer.done_on <= answer.expected_by
