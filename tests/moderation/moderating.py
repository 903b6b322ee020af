"""Completed audits of chosen days and what people do to moderate them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from qa_api import clock
from qa_api.audits.amending import said_by
from qa_api.audits.steps import held
from qa_api.models.access import Principal
from qa_api.models.audits import Audit, AuditRevision, DomainJudgement
from qa_api.models.catalogue import ToolDomain
from qa_api.models.subjects import Subject
from qa_api.rules.local_time import local_date
from qa_api.subjects.service import hand_over, restrict
from qa_api.work import Work
from tests.api import Api, Json
from tests.moderation.draws import draw_of, drawn_for, moderate
from tests.moderation.months import Months
from tests.responses.casework import Service, complete_audit

OUTCOME = {
    "quality": "Thorough; each answer has its evidence.",
    "analysis": "Names the drift, not yet why it happened.",
    "contribution_to_impact": "The child is seen alone again.",
    "judgement": "requires_improvement",
    "rationale": "Two visits were late, and nobody asked why.",
    "feedback_to_auditor": "Say what the family made of the plan.",
}
SAMPLES = "/v1/moderation-samples"


@dataclass
class Moderating:
    """The clock, the audits and the people around a sample."""

    service: Service
    api: Api
    new_ref: Callable[[], str]
    at: Callable[[str], None]
    months: Months | None = None  # where the tests share the database

    def audit(self, instant: str, **facts: Any) -> str:
        """The id of an audit of a new child, completed at an instant."""
        (audit_id,) = self.audits(instant, **facts)
        return audit_id

    def audits(
        self,
        *instants: str,
        auditor: str = "ps-lincoln-fast",
        auditor_team: str | None = "lincoln-fast",
        judgement: str = "good",
        scale: Any = None,
        **facts: Any,
    ) -> list[str]:
        """Audits of new children, completed at these instants; of group A by default.

        `planned`: under a plan, of a theme. `domains`: each domain of the tool that carries a
        judgement is judged, too.
        """
        domains, planned = facts.pop("domains", False), facts.pop("planned", None)
        held: dict[str, Any] = {"team": "boston-fast", "worker": "sw1-boston-fast"} | facts

        async def complete(work: Work) -> list[str]:
            made = []
            for instant in instants:
                audit_id, *_ = await complete_audit(
                    work, self.new_ref(), auditor=auditor, actions=0, draft=True, **held
                )
                audit = await work.session.get_one(Audit, audit_id)
                if planned:
                    (audit.plan_id, audit.theme_code), audit.plan_team = planned, held["team"]
                if domains:
                    await judge_domains(work, audit, judgement)
                audit.completed_at = datetime.fromisoformat(instant)
                audit.completed_on = local_date(audit.completed_at)
                audit.state, audit.auditor_team = "completed", auditor_team
                if scale is not None:
                    audit.scale_code, audit.scale_number = scale
                audit.overall_judgement, audit.overall_rationale = judgement, "The plan works."
                made.append(str(audit_id))
            return made

        self.at(instants[0])
        return self.service.work(complete)

    def move(self, audit_id: str, team: str) -> None:
        """The case of an audit goes to another team."""

        async def write(work: Work) -> None:
            audit = await work.session.get_one(Audit, UUID(audit_id))
            subject = await work.session.get_one(Subject, audit.subject_id)
            await hand_over(work, subject, team=team, worker=None, at=work.now)

        self.service.work(write)

    def amend(self, audit_id: str, judgement: str, domain: str | None = None) -> None:
        """Its auditor amends the judgement later, of the whole or of a domain."""

        async def write(work: Work) -> None:
            audit = await work.session.get_one(Audit, UUID(audit_id))
            before = AuditRevision(
                audit_id=audit.id,
                number=audit.revision,
                reason="It was worse.",
                replaced_at=work.now,
                content=await said_by(work, audit),
                **held(audit),
            )
            work.session.add(before)
            await work.session.flush()
            if domain is None:
                audit.overall_judgement = judgement
            else:
                judged = await work.session.get_one(DomainJudgement, (audit.id, domain))
                judged.judgement = judgement
                await work.session.flush()
            audit.revision += 1

        self.service.work(write)

    def record_in_error(self, audit_id: str) -> None:
        """The audit turns out to be of the wrong child."""

        async def write(work: Work) -> None:
            audit = await work.session.get_one(Audit, UUID(audit_id))
            people = select(Principal.id).where(Principal.worker.in_(("qs-1", "qs-2")))
            audit.error_reported_by, second = (await work.session.scalars(people)).all()
            await work.session.flush()
            audit.recorded_in_error_at, audit.error_confirmed_by = work.now, second

        self.service.work(write)

    def restrict(self, audit_id: str) -> None:
        """The record of the audit's child becomes restricted."""

        async def restricted(work: Work) -> None:
            audit = await work.session.get_one(Audit, UUID(audit_id))
            await restrict(work, await work.session.get_one(Subject, audit.subject_id), "staff")

        self.service.work(restricted)

    def drawn(self, period: str | None = None, group: str | None = "a", now: str = "") -> Json:
        """The sample that Quality & Standards draws."""
        if now:
            self.at(now)
        if self.months:
            ended = local_date(clock.now()).replace(day=1) - timedelta(days=1)
            self.months.claim(group, period or f"{ended:%Y-%m}")
        answer = self.api.as_("qs-1").create(SAMPLES, {"group": group, "period": period})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def read(self, path: str, person: str = "qs-1") -> Json:
        """A document as somebody sees it."""
        answer = self.api.as_(person).get(path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def redrawn(self, sample: Json, person: str = "qs-1") -> Json:
        """The proof."""
        answer = self.api.as_(person).post(f"{SAMPLES}/{sample['id']}/redraw")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def moderate(self, sample: Json, item: Json, **changes: Any) -> Json:
        """The assigned moderator records the outcome."""
        answer = self.try_to_moderate(item["moderator"], sample, item, **changes)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def try_to_moderate(self, person: str, sample: Json, item: Json, **changes: Any) -> Any:
        """Somebody records the outcome on the version that Quality & Standards sees."""
        path = place(sample, item)
        headers = {"if-match": self.api.as_("qs-1").tag(path)}
        return self.api.as_(person).request("PUT", path, json=OUTCOME | changes, headers=headers)

    def judged(self, audits: list[str], *judgements: tuple[str, str]) -> None:
        """A further draw, for no group: each auditor's judgement and the moderated one."""
        for audit_id, (judgement, _) in zip(audits, judgements, strict=True):
            if judgement != "good":
                self.amend(audit_id, judgement)

        async def draw(work: Work) -> None:
            found = [await work.session.get_one(Audit, UUID(audit_id)) for audit_id in audits]
            first, last = (pick(str(audit.completed_on) for audit in found) for pick in (min, max))
            ends_before = date.fromisoformat(last) + timedelta(days=1)
            sample = await draw_of(work, first[:7], date.fromisoformat(first), ends_before)
            for place, (audit, (_, moderated)) in enumerate(
                zip(found, judgements, strict=True), start=1
            ):
                outcome = await drawn_for(
                    work, sample, audit, place, moderator="slt-1", relation_to_auditor="none"
                )
                await moderate(work, outcome, moderated)

        self.service.work(draw)

    def try_to_see(self, person: str, sample: Json, item: Json) -> Any:
        """Somebody asks for a drawn audit's outcome."""
        return self.api.as_(person).get(place(sample, item))

    def assign(self, sample: Json, item: Json, moderator: str, *, unsealed: bool = True) -> Any:
        """Quality & Standards gives a drawn audit to somebody, by default to whom it may be."""
        body = {"moderator": moderator, "unsealed": unsealed}
        return self.api.as_("qs-1").act(f"{place(sample, item)}/assign", body)

    def close(self, sample: Json) -> Json:
        """Quality & Standards closes the sample."""
        answer = self.api.as_("qs-1").act(f"{SAMPLES}/{sample['id']}/close")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def judge_domains(work: Work, audit: Audit, judgement: str) -> None:
    """Its auditor judges each domain of the tool that carries a judgement."""
    found = await work.session.scalars(
        select(ToolDomain.key).where(ToolDomain.tool_id == audit.tool_id, ToolDomain.judged)
    )
    work.session.add_all(
        DomainJudgement(
            audit_id=audit.id,
            domain_key=key,
            tool_id=audit.tool_id,
            scale_code=audit.scale_code,
            scale_number=audit.scale_number,
            judgement=judgement,
            rationale="Each visit is on the file.",
            **held(audit),
        )
        for key in found
    )
    await work.session.flush()


def place(sample: Json, item: Json) -> str:
    """The path of a drawn audit's outcome."""
    return f"{SAMPLES}/{sample['id']}/outcomes/{item['audit_id']}"
