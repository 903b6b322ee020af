"""Cases that are made up for one test each, on a scale that nobody else is judged on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import pytest

from qa_api.models.base import new_id
from qa_api.models.practice_audits import PracticeAudit, PracticeAuditDomain
from qa_api.work import Work
from tests.api import Api, Json
from tests.moderation.profiles import published_tool
from tests.responses.casework import Service, casework, service

__all__ = ["casework", "practising", "service"]

NOW: Final = "2026-11-23T09:30:00Z"
CASES: Final = "/v1/practice-cases"
POINTS: Final = ("outstanding", "good", "inadequate")


@dataclass
class Practising:
    """People who set cases and judge them."""

    api: Api
    service: Service
    at: Callable[[str], None]
    scale: str

    def set(self, standard: str = "inadequate", **changes: Any) -> str:
        """The path of a new case."""
        answer = self.try_to_set(standard, **changes)
        assert answer.status_code == 201, answer.text
        return f"{CASES}/{answer.json()['id']}"

    def try_to_set(self, standard: str = "inadequate", person: str = "qs-1", **more: Any) -> Any:
        """Somebody sets a case."""
        body = {
            "title": "Two brothers, one plan",
            "material": "Four visits, two of them late.",
            "scale_code": self.scale,
            "scale_number": 1,
            "standard": {"judgement": standard, "rationale": "Nobody saw the elder alone."},
        }
        return self.api.as_(person).create(CASES, body | more)

    def tool(self, *domains: str, overall: str = "none") -> str:
        """The id of a published tool with these domains, judged on the scale."""
        code = f"practice-{uuid4().hex[:8]}"
        qs = self.api.as_("qs-1")
        return str(published_tool(qs, code, self.scale, *domains, overall=overall))

    def set_with(self, tool: str, whole: str | None = None, **standards: str) -> str:
        """The path of a new case that is judged as a tool asks."""
        answer = self.try_to_set_with(tool, whole, **standards)
        assert answer.status_code == 201, answer.text
        return f"{CASES}/{answer.json()['id']}"

    def try_to_set_with(self, tool: str, whole: str | None = None, **standards: str) -> Any:
        """Quality & Standards set a case with what is held to be right of each domain."""
        body = {
            "title": "Two brothers, one plan",
            "material": "Four visits, two of them late.",
            "tool_id": tool,
            "standard": judgements(whole, standards, "Nobody saw the elder alone."),
        }
        return self.api.as_("qs-1").create(CASES, body)

    def judge_by(self, path: str, person: str, whole: str | None = None, **domains: str) -> Any:
        """Somebody judges a case domain by domain, and as a whole if they say so."""
        body = judgements(whole, domains, "The plan is clear, and works.")
        return self.api.as_(person).create(f"{path}/audits", body)

    def judge(self, path: str, person: str, judgement: str = "good") -> Any:
        """Somebody judges a case."""
        body = {"judgement": judgement, "rationale": "The plan is clear, and works."}
        return self.api.as_(person).create(f"{path}/audits", body)

    def judged(self, path: str, *said: tuple[str, str], at: str = NOW) -> None:
        """Further judgements of a case, as they were recorded then; each of another auditor."""

        async def write(work: Work) -> None:
            for auditor, judgement in said:
                work.session.add(
                    PracticeAudit(
                        case_id=UUID(path.rpartition("/")[2]),
                        auditor=auditor,
                        scale_code=self.scale,
                        scale_number=1,
                        judgement=judgement,
                        rationale="The plan works.",
                        judged_at=datetime.fromisoformat(at),
                    )
                )

        self.service.work(write)

    def judged_by(self, path: str, *said: tuple[str, Mapping[str, str]]) -> None:
        """Further judgements of a case, domain by domain; each of another auditor."""
        case = UUID(path.rpartition("/")[2])
        scale = {"scale_code": self.scale, "scale_number": 1}

        async def write(work: Work) -> None:
            for auditor, domains in said:
                audit = PracticeAudit(
                    id=new_id(),
                    case_id=case,
                    auditor=auditor,
                    overall_judged=False,
                    judged_at=datetime.fromisoformat(NOW),
                    **scale,
                )
                work.session.add(audit)
                await work.session.flush()
                work.session.add_all(
                    PracticeAuditDomain(
                        audit_id=audit.id,
                        case_id=case,
                        domain_key=key,
                        judgement=judgement,
                        rationale="The plan works.",
                        **scale,
                    )
                    for key, judgement in domains.items()
                )

        self.service.work(write)

    def read(self, path: str, person: str = "qs-1") -> Json:
        """A document as somebody sees it."""
        answer = self.api.as_(person).get(path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def judgements(whole: str | None, domains: Mapping[str, str], why: str) -> Json:
    """Judgements as they are sent; the whole is left out where there is none."""
    told: Json = {
        "domains": [
            {"domain_key": key, "judgement": judgement, "rationale": why}
            for key, judgement in domains.items()
        ]
    }
    return told if whole is None else told | {"judgement": whole, "rationale": why}


@pytest.fixture
def practising(service: Service, api: Api, at: Callable[[str], None]) -> Practising:
    """A scale of its own, today."""
    at(NOW)
    scale = f"practice-{uuid4().hex[:8]}"
    body = {
        "code": scale,
        "name": "To practise on",
        "points": [{"code": code, "label": code.title()} for code in POINTS],
    }
    made = api.as_("qs-1").create("/v1/judgement-scales", body)
    assert made.status_code == 201, made.text
    return Practising(api, service, at, scale)
