"""Giving a drawn audit to another moderator together with other work (R4.5.2, R4.5.3)."""

from qa_api.auth.roles import Permission
from qa_api.models.moderation import ModerationOutcome
from qa_api.moderation.schemas import ModeratorIn
from qa_api.moderation.service import assign_moderator, check_new_moderator
from qa_api.rules.moderation import Unsealed
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def check_gives(work: Work, _: ModerationOutcome) -> None:
    """Refuse whoever may not say who moderates."""
    work.require(Permission.MODERATION_DRAW, team=None)


async def check_takes(work: Work, outcome: ModerationOutcome, taker: str) -> Unsealed | None:
    """Refuse who may not moderate it; returns why the pair would not be sealed with them."""
    return await check_new_moderator(work, outcome, taker)


async def give(work: Work, outcome: ModerationOutcome, taker: str, _: str) -> None:
    """Name the new moderator: sealed or not by what they know of the audit."""
    of_now = Precondition(versions=frozenset({outcome.version}))
    body = ModeratorIn(moderator=taker, unsealed=True)
    await assign_moderator(work, outcome.sample_id, outcome.audit_id, of_now, body)
