"""Audits of the demo authority, carried through the API as its people would."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qa_api.catalogue.schemas import QuestionIn
from qa_api.demo.authority import demo_authority
from qa_api.rules.tools import AnswerKind
from tests.api import Api, Json
from tests.audits.filling import fill

TEAM = "lincoln-fast"
WORKER = "sw1-lincoln-fast"
SUPERVISOR = "ps-lincoln-fast"
MANAGER = "tm-lincoln-fast"
HEAD = "hos-fast"

GOOD = {"judgement": "good", "rationale": "Purposeful and in time."}
ACTION = {
    "kind": "practice",
    "description": "See the child alone.",
    "needed_before_closure": True,
}
FINDING = {
    "kind": "serious_safeguarding",
    "description": "Nobody has visited since the allegation.",
    "child_safe_now": "not_known",
}
CONTACT = {
    "expected": True,
    "key_worker_forewarned": True,
    "contact_details_checked": True,
    "contacts": [
        {"who": "mother", "how": "telephone", "at": "2026-11-20T14:30:00Z", "outcome": "spoken"}
    ],
}

_TOOLS = {tool.code: tool for _, tool in demo_authority().tools}


def questions(tool: str) -> list[QuestionIn]:
    """What a tool of the demo authority asks."""
    return [question for domain in _TOOLS[tool].domains for question in domain.questions]


def domains(tool: str) -> list[str]:
    """The domains of a tool that are judged."""
    return [domain.key for domain in _TOOLS[tool].domains if domain.judged]


def answer_to(question: QuestionIn) -> Json:
    """An answer that lacks nothing."""
    values: dict[AnswerKind, Any] = {
        AnswerKind.YES_NO_PARTIAL_NA: "yes",
        AnswerKind.TEXT: "As the plan says.",
        AnswerKind.DATE: "2026-09-01",
        AnswerKind.NUMBER: 2,
        AnswerKind.CHOICE: question.choices[0] if question.choices else None,
    }
    answer = {"value": values[question.answer_kind]}
    if question.evidence_required:
        answer["evidence"] = "Case note 12"
    if question.timescale_check:
        answer |= {"done_on": "2026-11-02", "expected_by": "2026-11-03"}
    return answer


def needed_answers(tool: str) -> dict[str, Json]:
    """The answers that a tool asks for when everything is answered `yes`."""
    known = {question.key: question for question in questions(tool)}
    given: dict[str, Json] = {}
    for question in known.values():
        condition = question.applies_when
        if (
            condition is None
            or given.get(condition.question, {}).get("value") in condition.answered
        ):
            given[question.key] = answer_to(question)
    return given


@dataclass
class Auditing:
    """One child's case and the audits of it."""

    api: Api
    ref: str
    team: str = TEAM

    @property
    def subject(self) -> Json:
        """The subject as a plan names it."""
        return {"system": "mosaic", "ref": self.ref}

    def plan(self, person: str = "qs-1", **plan: Any) -> Json:
        """An audit of the child, planned."""
        body = {"type": "closure", "subject": self.subject} | plan
        answer = self.api.as_(person).create("/v1/audits", body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def started(self, auditor: str = SUPERVISOR, **plan: Any) -> str:
        """The path of an audit that its auditor has begun."""
        path = f"/v1/audits/{self.plan(auditor=auditor, **plan)['id']}"
        self.accept(self.api.as_(auditor).act(f"{path}/start"))
        return path

    def filled(self, auditor: str = SUPERVISOR, **plan: Any) -> str:
        """The path of an audit that lacks only the overall judgement."""
        tool = plan.get("type", "closure")
        answers = [{"question_key": key, **answer} for key, answer in needed_answers(tool).items()]
        path = f"/v1/audits/{self.plan(auditor=auditor, answers=answers, **plan)['id']}"
        fill(
            self.api.as_(auditor),
            path,
            judgements=dict.fromkeys(domains(tool), GOOD),
            contact=CONTACT,
            praise="Warm and purposeful direct work.",
        )
        return path

    def completed(self, auditor: str = SUPERVISOR, **plan: Any) -> str:
        """The path of a completed audit."""
        path = self.filled(auditor, **plan)
        self.accept(self.api.as_(auditor).act(f"{path}/complete", {"overall": GOOD}))
        return path

    def read(self, path: str, person: str = "qs-1") -> Json:
        """A document as somebody sees it."""
        return self.accept(self.api.as_(person).get(path))

    def accept(self, answer: Any) -> Json:
        """The document of an answer that went well."""
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())


def of_new_child(
    api: Api, new_ref: Callable[[], str], *, team: str = TEAM, worker: str = WORKER
) -> Auditing:
    """A child that no other test knows, held by a team and a worker."""
    case = Auditing(api, new_ref(), team)
    body = {"kind": "child", "team": team, "worker": worker}
    case.accept(api.as_("qs-1").change("PUT", f"/v1/subjects/mosaic/{case.ref}", body))
    return case


def pointers(answer: Any) -> set[str]:
    """Where a refusal says the faults are."""
    return {error.get("pointer", error.get("parameter")) for error in answer.json()["errors"]}
