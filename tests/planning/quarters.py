"""Quarter plans of the demo authority, made through the API as Quality & Standards would."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any
from uuid import uuid4

from qa_api.rules.local_time import FinancialQuarter
from tests.api import Api, Json
from tests.audits.auditing import Auditing, of_new_child

FIRST, SECOND = "lincoln-fast", "cwd"
WHY = "Complaints about assessments here."
# Each test plans quarters of its own; nothing else of the run is in them. In years of their own the
# tests of one process would come past 2099, after which nobody may plan.
_QUARTERS = (FinancialQuarter(year, number) for year in count(2040) for number in range(1, 5))


@dataclass
class Planning:
    """One test's plans."""

    api: Api
    new_ref: Callable[[], str]
    quarters: list[FinancialQuarter] = field(default_factory=list)
    """Those that are this test's own, as far as it has asked for any."""

    def quarter(self, number: int = 1) -> str:
        """The first of this test's own quarters, or a later one."""
        return self._quarter(number).label

    @property
    def ends_on(self) -> date:
        """The last day of its first quarter, by which what is planned in it is due."""
        return self._quarter(1).ends_on

    def _quarter(self, number: int) -> FinancialQuarter:
        while len(self.quarters) < number:
            self.quarters.append(next(_QUARTERS))
        return self.quarters[number - 1]

    def theme(self) -> str:
        """A theme that no other test uses."""
        code = f"theme-{uuid4().hex[:8]}"
        body = {
            "title": "The child's voice",
            "sources": [{"service": "fast", "source": "Complaints"}, {"source": "Inspection"}],
            "practice_lead_session": "November",
        }
        accept(self.api.change("PUT", f"/v1/themes/{code}", body))
        return code

    def short_type(self) -> str:
        """A type of themed audit that asks next to nothing: carrying one out takes no time."""
        code = f"short-{uuid4().hex[:8]}"
        question = {"key": "voice", "text": "Heard?", "answer_kind": "text", "required": False}
        domain = {"key": "voice", "title": "Voice", "judged": False, "questions": [question]}
        scale = {"code": "four-point", "number": 1}
        tool = {"code": code, "name": "A short tool", "scale": scale, "domains": [domain]}
        made = accept(self.api.create("/v1/audit-tools", tool))
        accept(self.api.act(f"/v1/audit-tools/{made['id']}/publish"))
        type_ = {
            "name": "A short themed audit",
            "clause": "§4.4",
            "subject_kind": "child",
            "owner": "quality_standards",
            "cadence": "as_required",
            "tool_code": code,
            "may_audit": "quality_standards_run",
        }
        accept(self.api.change("PUT", f"/v1/audit-types/{code}", type_))
        return code

    def content(self, theme: str, teams: dict[str, int] | None = None, **changed: Any) -> Json:
        """What a plan says: so many audits of each team."""
        expected = {FIRST: 2} if teams is None else teams
        return {
            "quarter": self.quarter(),
            "audit_type": "themed",
            "themes": [{"theme": theme, "source": "Complaints", "practice_lead_session": "May"}],
            "teams": [
                {"team": team, "theme": theme, "why": WHY, "audits_expected": number}
                for team, number in expected.items()
            ],
            "auditors": ["au-1", "au-2"],
        } | changed

    def draft(self, theme: str, teams: dict[str, int] | None = None, **changed: Any) -> str:
        """The path of a draft."""
        body = self.content(theme, teams, **changed)
        return f"/v1/quarter-plans/{accept(self.api.create('/v1/quarter-plans', body))['id']}"

    def published(self, theme: str, teams: dict[str, int] | None = None, **changed: Any) -> str:
        """The path of a published plan."""
        path = self.draft(theme, teams, **changed)
        accept(self.api.act(f"{path}/publish"))
        return path

    def audits(self, path: str) -> list[Json]:
        """The plan's audits, as its allocation lists them."""
        return list(self.read(f"{path}/allocation")["items"])

    def progress(self, path: str, person: str = "qs-1") -> dict[str, Json]:
        """The plan's progress by team."""
        found = self.read(f"{path}/progress", person)["teams"]
        return {team["team"]: team for team in found}

    def completion(self, path: str, person: str = "qs-1") -> tuple[int, int]:
        """Numerator and denominator of the plan's completion."""
        share = self.read(f"{path}/progress", person)["completion"]
        return share["numerator"], share["denominator"]

    def case(self, team: str = FIRST, worker: str | None = None) -> Auditing:
        """A child of a team that no other test knows."""
        return of_new_child(self.api, self.new_ref, team=team, worker=worker or f"sw1-{team}")

    def name(self, path: str, theme: str, *refs: str, team: str = FIRST, **how: Any) -> Any:
        """Post references for a team's audits."""
        body = {"team": team, "theme": theme, "system": "mosaic", "method": "named"}
        return self.api.create(f"{path}/cases", body | {"refs": list(refs)} | how)

    def decide(self, path: str, items: list[Json]) -> Any:
        """Name auditors."""
        return self.api.change("PUT", f"{path}/allocation", {"items": items})

    def read(self, path: str, person: str = "qs-1") -> Json:
        """A document as somebody sees it."""
        return accept(self.api.as_(person).get(path))


def accept(answer: Any) -> Json:
    """The document of an answer that went well."""
    assert answer.status_code in {200, 201}, answer.text
    return dict(answer.json())


def codes(answer: Any) -> set[str]:
    """The codes of the faults that a refusal names."""
    assert answer.status_code == 422, answer.text
    return {error["code"] for error in answer.json()["errors"]}
