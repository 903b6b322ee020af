"""Completed audits without an overall judgement, and their moderation, domain by domain."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from qa_api.audits.steps import held
from qa_api.models.audits import Audit, DomainJudgement
from qa_api.models.moderation import ModeratedDomain
from qa_api.work import Work
from tests.api import Api
from tests.moderation.draws import draw_of, drawn_for
from tests.moderation.moderating import Moderating
from tests.responses.casework import complete_audit

Pairs = Mapping[str, tuple[str, str]]
"""Of each domain the auditor's judgement and the moderated one."""
WHY: Final = "As seen on the file."


def published_tool(api: Api, code: str, scale: str, *domains: str, overall: str = "none") -> UUID:
    """A tool whose domains are judged on a scale; the first of them escalates."""
    body = {
        "code": code,
        "name": "Audit conversation",
        "scale": {"code": scale, "number": 1},
        "overall": overall,
        "domains": [
            {
                "key": key,
                "title": key.rpartition("_")[2].title(),
                "escalates": key == domains[0],
                "questions": [{"key": f"{key}_seen", "text": "Seen?", "answer_kind": "text"}],
            }
            for key in domains
        ],
    }
    made = api.create("/v1/audit-tools", body)
    assert made.status_code == 201, made.text
    published = api.act(f"/v1/audit-tools/{made.json()['id']}/publish")
    assert published.status_code == 200, published.text
    return UUID(made.json()["id"])


async def completed(
    work: Work,
    moderating: Moderating,
    tool: UUID,
    scale: str,
    judgements: Mapping[str, str],
    **facts: Any,
) -> Audit:
    """An audit of a new child, of today, whose auditor judged these domains, and `overall`."""
    overall, asked = facts.pop("overall", None), facts.pop("asked", "none")
    team = facts.pop("team", "boston-fast")
    audit_id, *_ = await complete_audit(
        work, moderating.new_ref(), team=team, worker=f"sw1-{team}", actions=0, draft=True, **facts
    )
    audit = await work.session.get_one(Audit, audit_id)
    audit.tool_id, audit.overall_asked = tool, asked
    audit.scale_code, audit.scale_number = scale, 1
    await work.session.flush()
    work.session.add_all(
        DomainJudgement(
            audit_id=audit.id,
            domain_key=key,
            tool_id=tool,
            scale_code=scale,
            scale_number=1,
            judgement=judgement,
            rationale=WHY,
            **held(audit),
        )
        for key, judgement in judgements.items()
    )
    await work.session.flush()
    audit.completed_at, audit.completed_on = work.now, work.today
    audit.state, audit.overall_judgement = "completed", overall
    audit.overall_rationale = overall and WHY
    await work.session.flush()
    return audit


def moderated(
    moderating: Moderating,
    scale: str,
    month: str,
    auditor: str,
    tool: UUID,
    *judged: Pairs,
) -> None:
    """As many audits of one auditor, each domain with both judgements; the sample is closed."""

    async def draw(work: Work) -> None:
        first = date.fromisoformat(f"{month}-01")
        sample = await draw_of(work, month, first, first + timedelta(days=28))
        for position, pairs in enumerate(judged, start=1):
            own = {key: first for key, (first, _) in pairs.items()}
            audit = await completed(work, moderating, tool, scale, own, auditor=auditor)
            outcome = await drawn_for(
                work, sample, audit, position, moderator="slt-1", relation_to_auditor="none"
            )
            domains = _domains(outcome.id, audit, pairs)
            work.session.add_all(domains)
            await work.session.flush()
            for domain, (_, second) in zip(domains, pairs.values(), strict=True):
                domain.moderated_judgement, domain.moderated_rationale = second, WHY
            outcome.moderated_at, outcome.moderated_by = work.now, "slt-1"
        await work.session.flush()
        sample.state, sample.closed_at = "closed", work.now

    moderating.at(f"{month}-28T09:00:00Z")
    moderating.service.work(draw)


def _domains(outcome: UUID, audit: Audit, pairs: Pairs) -> Sequence[ModeratedDomain]:
    return [
        ModeratedDomain(
            outcome_id=outcome,
            domain_key=key,
            audit_id=audit.id,
            scale_code=audit.scale_code,
            scale_number=audit.scale_number,
            auditor_judgement=first,
            auditor_rationale=WHY,
            **held(audit),
        )
        for key, (first, _) in pairs.items()
    ]
