"""What a draw leaves of an audit, for tests of what comes after it."""

from datetime import date
from typing import Any

from sqlalchemy import null

from qa_api.audits.steps import held
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.moderation import ModerationMember, ModerationOutcome, ModerationSample
from qa_api.moderation.drawing import lowest_judgements
from qa_api.work import Work


async def draw_of(
    work: Work, period: str, starts_on: date, ends_before: date, **facts: Any
) -> ModerationSample:
    """An open sample; what is drawn for it follows in the same work, which alone may add it."""
    sample = ModerationSample(
        id=new_id(),
        period=period,
        starts_on=starts_on,
        ends_before=ends_before,
        method="a lot",
        seed="0",
        population_hash="0",
        policy_version=work.policy_version,
        second_grade=facts.pop("second_grade", "open"),
        explanation={},
        drawn_at=work.now,
        state="open",
        **facts,
    )
    work.session.add(sample)
    await work.session.flush()
    return sample


async def member_of(
    work: Work, sample: ModerationSample, audit: Audit, *, drawn: bool
) -> ModerationMember:
    """An audit of the population."""
    lowest = await lowest_judgements(work, [audit])
    return ModerationMember(
        sample_id=sample.id,
        audit_id=audit.id,
        audit_type=audit.type,
        judgement=audit.overall_judgement or lowest[audit.id],
        audited_team=audit.audited_team,
        drawn=drawn,
        **held(audit),
    )


async def drawn_for(
    work: Work, sample: ModerationSample, audit: Audit, position: int, **facts: Any
) -> ModerationOutcome:
    """An audit of the population that was drawn, and its outcome to come."""
    judgement, rationale = audit.overall_judgement, audit.overall_rationale
    sealed = sample.second_grade == "sealed"
    work.session.add(await member_of(work, sample, audit, drawn=True))
    await work.session.flush()
    outcome = ModerationOutcome(
        id=new_id(),
        sample_id=sample.id,
        audit_id=audit.id,
        position=position,
        auditor=audit.auditor,
        auditor_team=audit.auditor_team,
        audit_type=audit.type,
        audit_revision=audit.revision,
        completed_on=audit.completed_on,
        scale_code=audit.scale_code,
        scale_number=audit.scale_number,
        auditor_judgement=judgement,
        sealed=sealed,
        unsealed_because=null() if sealed else "policy",
        auditor_rationale=rationale,
        **held(audit),
        **facts,
    )
    work.session.add(outcome)
    await work.session.flush()
    return outcome


async def moderate(work: Work, outcome: ModerationOutcome, judgement: str | None) -> None:
    """Its moderator judges the whole so."""
    outcome.moderated_judgement = judgement
    outcome.moderated_rationale = "As seen on the file."
    outcome.moderated_at, outcome.moderated_by = work.now, outcome.moderator
    await work.session.flush()
