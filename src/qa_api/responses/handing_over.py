"""Giving a response to another worker of the team together with other work (R4.2.3)."""

from sqlalchemy import Text, literal, select

from qa_api import problems
from qa_api.auth.duty import holds_over
from qa_api.auth.roles import Permission, roles_with
from qa_api.models.responses import AuditResponse
from qa_api.responses.schemas import ResponseHandOver
from qa_api.responses.service import check_gets_response, hand_over_response
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def check_gives(work: Work, response: AuditResponse) -> None:
    """Refuse whoever may not say who responds."""
    work.require(Permission.RESPONSE_HAND_OVER, team=response.team)


async def check_takes(work: Work, response: AuditResponse, taker: str) -> None:
    """Refuse who does not work in the team, audited it, or holds no role in which they respond."""
    await check_gets_response(work, response, taker)
    responders = sorted(roles_with(Permission.RESPONSE_SUBMIT))
    can = holds_over(literal(taker, Text), literal(response.team, Text), *responders)
    if not await work.session.scalar(select(can)):
        detail = "They hold no role today in which they could respond for the team."
        raise problems.business_rule("§4.2, R4.2.3", detail)


async def give(work: Work, response: AuditResponse, taker: str, reason: str) -> None:
    """Let them respond."""
    of_now = Precondition(versions=frozenset({response.version}))
    body = ResponseHandOver(worker=taker, reason=reason)
    await hand_over_response(work, response.id, of_now, body)
