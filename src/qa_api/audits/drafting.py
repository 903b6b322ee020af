"""The auditor corrects restorative actions of a draft, or takes them out (R4.2.6).

When the audit is completed they are set; then none of them can be taken out any more.
"""

from uuid import UUID

from sqlalchemy import select

from qa_api import events
from qa_api.audits.content import check_owner
from qa_api.audits.content_schemas import ActionIn
from qa_api.audits.steps import take_step, touch
from qa_api.models.actions import RestorativeAction
from qa_api.models.audits import Audit
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def correct_action(
    work: Work, audit_id: UUID, action_id: UUID, expected: Precondition, given: ActionIn
) -> None:
    """Replace what an action of the draft says, as a whole; it keeps its id."""
    audit, action = await _drafted(work, audit_id, action_id, "correct_action", expected)
    await check_owner(work, given)
    for name, value in given.model_dump().items():
        setattr(action, name, value)
    await work.record(
        events.ActionCorrected(about=audit.id, subject=audit.subject_id, action_id=action.id)
    )


async def take_out_action(
    work: Work, audit_id: UUID, action_id: UUID, expected: Precondition
) -> None:
    """Take an action out of the draft: it was never set, and nobody but its auditor knew it."""
    audit, action = await _drafted(work, audit_id, action_id, "take_out_action", expected)
    await work.session.delete(action)
    await work.session.flush()
    await work.record(
        events.ActionTakenOut(about=audit.id, subject=audit.subject_id, action_id=action_id)
    )


async def _drafted(
    work: Work, audit_id: UUID, action_id: UUID, step: str, expected: Precondition
) -> tuple[Audit, RestorativeAction]:
    """The audit and one action of its draft; the versions of both are raised."""
    audit = await take_step(work, audit_id, step, None)
    action = await work.find(
        select(RestorativeAction)
        .where(RestorativeAction.id == action_id, RestorativeAction.audit_id == audit.id)
        .with_for_update()
    )
    expected.check(action.version)
    touch(audit)
    return audit, action
