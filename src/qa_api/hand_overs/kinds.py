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
from qa_api.rules.hand_over import NO_LEAVE, HandOverKind, Seal
from qa_api.rules.moderation import Unsealed
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work


class Giving(Unchanging, eq=False):
    """The domain's own checks and its own step, so that a hand-over can do nothing else."""

    check_gives: Callable[[Work, Any], Awaitable[None]]
    check_takes: Callable[[Work, Any, str], Awaitable[Unsealed | None]]
    """It says why the new holder's second grade would not be sealed, where it is about one."""
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
    return await refusal(GIVING[kind].check_gives(work, record))


class Taking(Unchanging):
    """What the rules say of one who would take a thing: what is against it, what comes of it."""

    against: str | None = None
    """Why they may not; None where they may."""
    seal: Seal | None = None
    """What comes of the seal of a second grade with them; None of any other thing."""
    unsealed: Unsealed | None = None


async def taking(work: Work, kind: HandOverKind, record: Any, taker: str) -> Taking:
    """What comes of it if this person takes it, or why they may not."""
    if record.restricted and not await _sees(work, record, taker):
        return Taking(NO_LEAVE)
    unsealed: Unsealed | None = None

    async def asked() -> None:
        nonlocal unsealed
        unsealed = await GIVING[kind].check_takes(work, record, taker)

    if (against := await refusal(asked())) is not None:
        return Taking(against)
    if kind is not HandOverKind.MODERATION:
        return Taking()
    return Taking(None, Seal.of(before=record.sealed, after=unsealed is None), unsealed)


def who_may_take(asked: Mapping[str, Taking]) -> list[str]:
    """Who of those asked may take a thing: who would judge it sealed before all others (R4.5.3)."""
    may = [taker for taker, each in asked.items() if each.against is None]
    return [taker for taker in may if asked[taker].unsealed is None] or may


async def refusal(asked: Awaitable[None]) -> str | None:
    """What a rule says against it; None where it does not."""
    try:
        await asked
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
