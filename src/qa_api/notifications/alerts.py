"""Telling people, once each, that something waits for them or has gone past its date."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from qa_api.directory.service import team_leads
from qa_api.models.alerts import Alert
from qa_api.models.base import SubjectData, new_id
from qa_api.rules.policy_values import Recipient
from qa_api.rules.routing import ActingAs, TeamLeads, who_acts
from qa_api.work import Work


async def alert(
    work: Work, record: Any, kind: str, tell: Recipient, *, occasion: str = "once"
) -> None:
    """Leave word for somebody about a record; who acts for them today, else Q&S.

    Told already about the same occasion, they are not told again. Needs the service's reach.
    """
    acting_as, recipient = await _who(work, record, tell)
    await _leave_word(
        work,
        kind=kind,
        about_id=record.id,
        occasion=occasion,
        recipient_role=acting_as,
        recipient=recipient,
        subject_id=record.subject_id,
        team=record.team,
        worker=record.worker,
        restricted=record.restricted,
    )


async def alert_quality_standards(work: Work, kind: str, about_id: UUID) -> None:
    """Leave word for Quality & Standards, once, about something that names no subject."""
    everybody = ActingAs.QUALITY_STANDARDS.value
    await _leave_word(
        work,
        kind=kind,
        about_id=about_id,
        occasion="once",
        recipient_role=everybody,
        recipient=everybody,
    )


async def _leave_word(work: Work, **word: Any) -> None:
    new = insert(Alert).values(id=new_id(), at=work.now, **word)
    await work.session.execute(new.on_conflict_do_nothing())


def told(kind: str, about_id: Any, occasion: Any) -> ColumnElement[bool]:
    """Whether anybody was told of this occasion, whoever was in post then."""
    earlier = aliased(Alert)
    return (
        exists()
        .where(earlier.kind == kind, earlier.about_id == about_id, earlier.occasion == occasion)
        .correlate_except(earlier)
    )


async def _who(work: Work, record: SubjectData, tell: Recipient) -> tuple[str, str]:
    leads = TeamLeads(None, None, None)
    if tell is not Recipient.QUALITY_STANDARDS:
        leads = await team_leads(work, record.team)
    if tell is Recipient.HEAD_OF_SERVICE:
        leads = TeamLeads(None, None, leads.head_of_service)
    routed = who_acts(leads, work.policy_version)
    return routed.acting_as.value, routed.worker or ActingAs.QUALITY_STANDARDS.value
