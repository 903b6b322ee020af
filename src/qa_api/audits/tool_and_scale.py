"""The questions of an audit's tool and the grades of its scale (R4.1.1)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from qa_api import problems
from qa_api.audits.content_schemas import AnswerIn
from qa_api.catalogue.service import domains_of_tool, grades_of_scale
from qa_api.problems import InputError, Problem
from qa_api.rules.audits import AuditContent
from qa_api.rules.escalation import WHOLE, escalating_judgements
from qa_api.rules.tools import Answer, AnswerKind, Domain, Question, faults_of_answer
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work


class ToolAndScale(Unchanging):
    """One version of a tool and the scale it judges by."""

    domains: tuple[Domain, ...]
    questions: Mapping[str, Question]
    grades: frozenset[str]
    escalating: frozenset[str]
    """The grades that go to the team manager at once (§4.3)."""

    def escalating_in(self, content: AuditContent) -> Mapping[str, str]:
        """What of an audit goes to the team manager at once, by domain (R4.3.2)."""
        given = {key: judgement.grade for key, judgement in content.judgements.items()}
        if content.overall is not None:
            given[WHOLE] = content.overall.grade
        marked = {domain.key for domain in self.domains if domain.escalates}
        return escalating_judgements(given, marked, self.escalating)

    def faults_of(self, question: Question, given: AnswerIn, pointer: str) -> list[InputError]:
        """Why the tool does not take an answer as it was given; empty when it does."""
        answer = Answer(
            value_of(question, given.value),
            given.evidence,
            given.rationale,
            given.done_on,
            given.expected_by,
        )
        faults = faults_of_answer(question, answer, self.grades, pointer)
        return [InputError(one.detail, one.code, one.pointer) for one in faults]

    def check_grade(self, grade: str, field: str) -> None:
        """Refuse a grade that the tool's scale does not have (R4.1.3)."""
        if grade not in self.grades:
            detail = "This grade is not of the scale that the tool uses."
            at = InputError.at([field], "grade-unknown", detail)
            raise problems.business_rule("§4.1, R4.1.3", detail, [at])


async def tool_and_scale(
    work: Work, tool_id: UUID, scale_code: str, scale_number: int
) -> ToolAndScale:
    """What the pinned version of a tool asks, and the pinned number of its scale."""
    domains = await domains_of_tool(work, tool_id)
    grades = await grades_of_scale(work, scale_code, scale_number)
    return ToolAndScale(
        domains=domains,
        questions={question.key: question for domain in domains for question in domain.questions},
        grades=frozenset(grade.code for grade in grades),
        escalating=frozenset(grade.code for grade in grades if grade.escalates),
    )


def not_taken(errors: Sequence[InputError]) -> Problem:
    """The refusal of answers that the tool does not take (R4.1.1)."""
    detail = "The tool does not take what was answered."
    return problems.business_rule("§4.1, R4.1.1", detail, errors[:100])


def value_of(question: Question, written: Any) -> Any:
    """An answer's value from how JSON writes it: a date is written as text."""
    if question.kind is not AnswerKind.DATE or not isinstance(written, str):
        return written
    try:
        return date.fromisoformat(written) if len(written) == len("2026-11-22") else written
    except ValueError:
        return written
