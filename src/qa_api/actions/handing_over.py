"""Giving a restorative action to another owner together with other work (R4.2.6)."""

from qa_api.actions.schemas import ActionReassignment
from qa_api.actions.service import check_owner, reassign_action
from qa_api.auth.roles import Permission
from qa_api.models.actions import RestorativeAction
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def check_gives(work: Work, action: RestorativeAction) -> None:
    """Refuse whoever may not name its owner."""
    work.require(Permission.ACTION_REASSIGN, team=action.team)


async def check_takes(work: Work, action: RestorativeAction, taker: str) -> None:
    """Refuse an owner who could not do it."""
    await check_owner(work, action, taker)


async def give(work: Work, action: RestorativeAction, taker: str, reason: str) -> None:
    """Name the new owner."""
    of_now = Precondition(versions=frozenset({action.version}))
    body = ActionReassignment(owner=taker, reason=reason)
    await reassign_action(work, action.id, of_now, body)
