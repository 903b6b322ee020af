"""The kinds of work that can move: who may give one, who may take it, and how it is given."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from sqlalchemy import Boolean, Text, Uuid, literal, select

from qa_api.actions import handing_over as actions
from qa_api.audits import handing_over as audits
from qa_api.auth.duty import may_see
from qa_api.moderation import handing_over as moderation
from qa_api.problems import Problem
from qa_api.responses import handing_over as responses
from qa_api.rules.decision import RuleRefused
from qa_api.rules.hand_over import HandOverKind
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

NO_LEAVE: Final = "They have no leave to see the restricted record."


class Giving(Unchanging, eq=False):
    """The domain's own checks and its own step, so that a hand-over can do nothing else."""

    check_gives: Callable[[Work, Any], Awaitable[None]]
    check_takes: Callable[[Work, Any, str], Awaitable[None]]
    give: Callable[[Work, Any, str, str], Awaitable[None]]


GIVING: Final[Mapping[HandOverKind, Giving]] = {
    HandOverKind.AUDIT: Giving(audits.check_gives, audits.check_takes, audits.give),
    HandOverKind.RESPONSE: Giving(responses.check_gives, responses.check_takes, responses.give),
    HandOverKind.ACTION: Giving(actions.check_gives, actions.check_takes, actions.give),
    HandOverKind.MODERATION: Giving(
        moderation.check_gives, moderation.check_takes, moderation.give
    ),
}


async def not_given(work: Work, kind: HandOverKind, record: Any) -> str | None:
    """Why the caller may not give it; None where they may."""
    return await _refusal(GIVING[kind].check_gives(work, record))


async def not_taken(work: Work, kind: HandOverKind, record: Any, taker: str) -> str | None:
    """Why this person may not take it; None where they may."""
    if record.restricted and not await _sees(work, record, taker):
        return NO_LEAVE
    return await _refusal(GIVING[kind].check_takes(work, record, taker))


async def _refusal(check: Awaitable[None]) -> str | None:
    """What a rule says against it."""
    try:
        await check
    except RuleRefused as refused:
        return refused.message
    except Problem as refused:
        return refused.errors[0].detail if refused.errors else refused.detail
    return None


async def _sees(work: Work, record: Any, taker: str) -> bool:
    asked = _Asked(record)
    return bool(await work.session.scalar(select(may_see(literal(taker, Text), asked))))


class _Asked:
    """A loaded record as the SQL of `auth/duty.py` takes it."""

    def __init__(self, record: Any) -> None:
        self.subject_id = literal(record.subject_id, Uuid)
        self.restricted = literal(record.restricted, Boolean)
