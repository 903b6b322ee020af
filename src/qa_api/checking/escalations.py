"""Every escalation reached a person, or the list of Quality & Standards (§4.3, R4.3.3)."""

from sqlalchemy import func, select

from qa_api.checking.answers import Answer, Row
from qa_api.models.aliases import aliased
from qa_api.models.escalations import Escalation, EscalationRecipient
from qa_api.models.inner import there_is
from qa_api.work import Workshop


async def every_escalation_reached_somebody(workshop: Workshop) -> Answer:
    """Somebody is asked about it, and one that was answered was answered by a person we know.

    Where nobody leads the team the recipient names nobody: it stands in Quality & Standards' list.
    """
    escalation, asked = aliased(Escalation), aliased(EscalationRecipient)
    of_it = asked.escalation_id == escalation.id
    is_asked = there_is(asked, of_it, asked.replaced_at.is_(None))
    answered = there_is(asked, of_it, asked.acknowledged_by.is_not(None))
    lost = ~is_asked | (escalation.acknowledged_at.is_not(None) & ~answered)
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        found = list(await work.session.scalars(select(escalation.id).where(lost)))
        total = await work.session.scalar(select(func.count()).select_from(escalation)) or 0
    return Answer.of(total, (Row(Escalation.__tablename__, id_) for id_ in found))
