"""Why a record is restricted, as its case system told, in whatever order (X3, C6)."""

from typing import Final
from uuid import UUID

from sqlalchemy import select

from qa_api.closures.messages import RESTRICTION
from qa_api.models.closures import CaseEvent, CaseEventOutcome
from qa_api.rules.restriction import RestrictionEvent, RestrictionKind
from qa_api.work import Work

_SAID: Final = CaseEvent.data["data"]["restriction"]


async def told_restrictions(work: Work, subject_id: UUID) -> list[RestrictionEvent]:
    """Every reason that was ever put on a subject's record, or taken off it."""
    rows = await work.session.execute(
        select(
            CaseEvent.id,
            CaseEvent.occurred_at,
            _SAID["kind"].astext.label("kind"),
            _SAID["on"].as_boolean().label("on"),
        )
        .join(CaseEventOutcome, CaseEventOutcome.case_event_id == CaseEvent.id)
        .where(CaseEventOutcome.subject_id == subject_id, CaseEvent.type == RESTRICTION)
    )
    return [
        RestrictionEvent(str(row.id), RestrictionKind(row.kind), row.on, row.occurred_at)
        for row in rows
    ]
