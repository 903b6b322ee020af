"""What happens to an audit response, and when it lets its audit close (§4.2)."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Uuid,
    exists,
    literal,
    not_,
    or_,
    select,
    text,
)
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql import bindparam

from qa_api import events, problems
from qa_api.audits import service as audits
from qa_api.auth.roles import Permission
from qa_api.db import Prepared
from qa_api.directory.service import team_leads
from qa_api.models.actions import RestorativeAction
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.directory import TeamMembership, Worker
from qa_api.models.escalations import Escalation
from qa_api.models.notifications import Notification
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.problems import InputError
from qa_api.responses.queries import visible_to
from qa_api.responses.schemas import AdequacyReview, ResponseHandOver
from qa_api.rules import responses as rule
from qa_api.rules.audits import ClosingFacts, audit_closes
from qa_api.rules.deadlines import return_round_due
from qa_api.rules.local_time import local_date
from qa_api.rules.responses import ReviewOutcome
from qa_api.rules.routing import acts_as
from qa_api.rules.states import (
    ActionState,
    AuditState,
    EscalationState,
    NotificationState,
    ResponseState,
)
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def await_response(work: Work, event: events.AuditCompleted) -> None:
    """Ask for a response to an audit with actions. Its clock waits for the notification."""
    if not event.action_ids:
        return
    await work.run(_AWAITED, audit_id=event.about, id=new_id(), round_id=new_id())


_HELD: Final = "subject_id, team, worker, restricted"
"""Who holds the case, as the audit has it."""
_AWAITED: Final = Prepared.of(
    text(f"""
WITH audit AS MATERIALIZED (
    SELECT id, {_HELD} FROM audits WHERE id = :audit_id
), response AS (
    INSERT INTO audit_responses (id, audit_id, state, version, {_HELD})
    SELECT :id, id, '{ResponseState.AWAITING_NOTIFICATION}', 1, {_HELD} FROM audit
)
INSERT INTO response_rounds (id, response_id, number, {_HELD})
SELECT :round_id, :id, 1, {_HELD} FROM audit""").bindparams(  # noqa: S608  # constants
        *(bindparam(name, type_=Uuid) for name in ("id", "audit_id", "round_id")),
    )
)
"""The response and its first round."""


def who_responded(rounds: Iterable[Any]) -> frozenset[str]:
    """Whoever answered in any round, and on whose behalf: none of them reviews it (R4.2.4)."""
    people = [(one.submitted_by, one.on_behalf_of) for one in rounds]
    return frozenset(person for pair in people for person in pair if person is not None)


async def hand_over_response(
    work: Work, response_id: UUID, expected: Precondition, body: ResponseHandOver
) -> None:
    """Let another worker of the team respond, or give it back to the case's worker (R4.2.3).

    The case system keeps the allocation: when the case goes to somebody else, the response goes
    with it (``follow_allocation``).
    """
    response = await _take_response(work, response_id)
    work.require(Permission.RESPONSE_HAND_OVER, team=response.team)
    response.state = next_state("audit_response", response.state, "hand_over")
    expected.check(response.version)
    if body.worker is not None:
        await check_gets_response(work, response, body.worker)
    response.handed_to = body.worker
    response.handed_over_at, response.handed_over_by = work.now, work.person()
    response.handed_over_because = body.reason
    await _say_handed_over(work, response)


async def check_gets_response(work: Work, response: AuditResponse, worker: str) -> None:
    """Refuse to give it to its auditor, or to somebody who does not work in the team today."""
    audit = await work.session.get_one(Audit, response.audit_id)
    rule.check_responder(worker, audit.auditor)
    await _require_of_team(work, worker, response.team)


async def _require_of_team(work: Work, worker: str, team: str | None) -> None:
    if not await work.session.scalar(select(_works_in(work, literal(worker), literal(team)))):
        detail = "Only somebody who works in the team today can be given the response."
        raise problems.validation([InputError.at(["worker"], "not-of-the-team", detail)])


def _works_in(work: Work, worker: Any, team: Any) -> ColumnElement[bool]:
    """Whether they belong to the team today and still work here."""
    return exists().where(
        TeamMembership.worker == worker,
        TeamMembership.team == team,
        TeamMembership.valid.contains(work.today),
        Worker.code == TeamMembership.worker,
        or_(Worker.leaves_on.is_(None), Worker.leaves_on >= work.today),
    )


async def take_back_from_leavers(work: Work) -> None:
    """Give a response that was handed to somebody who has left the team back to the case's worker.

    Otherwise they would go on reading about a child of a team that they no longer belong to.
    """
    works_there = _works_in(work, AuditResponse.handed_to, AuditResponse.team)
    await _take_back(work, not_(works_there.correlate(AuditResponse)))


async def follow_allocation(work: Work, event: events.AllocationChanged) -> None:
    """Give a response that was handed to somebody to the new holder of the case."""
    await _take_back(work, AuditResponse.subject_id == event.about)


async def _take_back(work: Work, concerned: ColumnElement[bool]) -> None:
    handed = await work.session.scalars(
        select(AuditResponse)
        .where(
            concerned,
            AuditResponse.handed_to.is_not(None),
            AuditResponse.state != ResponseState.ADEQUATE,
        )
        .order_by(AuditResponse.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for response in handed.all():
        response.handed_to = None
        await _say_handed_over(work, response)


async def _say_handed_over(work: Work, response: AuditResponse) -> None:
    await work.record(
        events.ResponseHandedOver(
            about=response.id,
            subject=response.subject_id,
            audit_id=response.audit_id,
            to=response.handed_to,
        )
    )


async def review_response(
    work: Work, response_id: UUID, expected: Precondition, body: AdequacyReview
) -> None:
    """Find a response adequate, or return it with reasons (R4.2.4).

    Whoever acts for the team reviews, but never the auditor, whom the audit judged, or who
    submitted. A return opens a further round with a date of its own; the original one stands.
    """
    response = await _take_response(work, response_id)
    work.require(Permission.RESPONSE_REVIEW, team=response.team)
    adequate = body.outcome is ReviewOutcome.ADEQUATE
    response.state = next_state(
        "audit_response", response.state, "accept" if adequate else "return"
    )
    expected.check(response.version)
    reviewed = response.rounds[-1]
    audit = await work.session.get_one(Audit, response.audit_id)
    reviewer = work.person()
    rule.check_reviewer(
        reviewer, audit.auditor, audit.audited_worker, who_responded(response.rounds)
    )
    if not adequate and body.reasons is None:
        detail = "Give the reasons for returning the response."
        missing = InputError.at(["reasons"], "reasons-missing", detail)
        raise problems.business_rule("§4.2, R4.2.4", detail, [missing])
    reviewed.reviewed_at, reviewed.reviewed_by = work.now, reviewer
    leads = await team_leads(work, response.team)
    reviewed.reviewed_as = acts_as(reviewer, leads)
    reviewed.outcome, reviewed.reasons = body.outcome, body.reasons
    await (_accept(work, response, reviewed) if adequate else _return(work, response, reviewed))


async def _accept(work: Work, response: AuditResponse, reviewed: ResponseRound) -> None:
    response.adequate_at = work.now
    response.adequate_submitted_on = reviewed.submitted_at and local_date(reviewed.submitted_at)
    await work.record(
        events.ResponseAccepted(
            about=response.id,
            subject=response.subject_id,
            audit_id=response.audit_id,
            round=reviewed.number,
        )
    )


async def _return(work: Work, response: AuditResponse, reviewed: ResponseRound) -> None:
    due = return_round_due(work.now, await work.policy(), await work.calendar())
    further = _round(response, reviewed.number + 1)
    further.due_on, further.explanation = due.due_on, due.explanation.as_json()
    work.session.add(further)
    await work.record(
        events.ResponseReturned(
            about=response.id,
            subject=response.subject_id,
            audit_id=response.audit_id,
            round=reviewed.number,
            due_on=due.due_on,
        )
    )


async def close_settled_audit(
    work: Work,
    event: events.WorkerNotified
    | events.AuditAmended
    | events.ResponseAccepted
    | events.ActionVerified
    | events.ActionCancelled
    | events.EscalationResolved,
) -> None:
    """Close the audit if what happened was the last thing that it waited for."""
    if event.audit_id is not None:
        await close_audit_if_settled(work, event.audit_id)


async def close_audit_if_settled(work: Work, audit_id: UUID) -> None:
    """Close a completed audit for which nothing is left to do (R4.2.2, R4.2.6)."""
    # The audit first: of two who settle its last two matters at once, the second sees both.
    held = (
        select(Audit.state)
        .where(Audit.id == audit_id, Audit.recorded_in_error_at.is_(None))
        .with_for_update()
    )
    if await work.session.scalar(held) != AuditState.COMPLETED:
        return
    facts = await _closing_facts(work, audit_id)
    if audit_closes(facts, work.policy_version).closes:
        await audits.close_audit(work, audit_id)


async def _closing_facts(work: Work, audit_id: UUID) -> ClosingFacts:
    async def states(
        of: type[Notification | AuditResponse | RestorativeAction | Escalation],
    ) -> list[str]:
        found = await work.session.scalars(select(of.state).where(of.audit_id == audit_id))
        return list(found)

    responses = await states(AuditResponse)
    return ClosingFacts(
        notified=NotificationState.DELIVERED in await states(Notification),
        response=ResponseState(responses[0]) if responses else None,
        actions=tuple(map(ActionState, await states(RestorativeAction))),
        escalations=tuple(map(EscalationState, await states(Escalation))),
    )


async def _take_response(work: Work, response_id: UUID) -> AuditResponse:
    response = await work.take(AuditResponse, response_id, visible_to)
    rounds = await work.session.scalars(
        select(ResponseRound)
        .where(ResponseRound.response_id == response_id)
        .order_by(ResponseRound.number)
    )
    set_committed_value(response, "rounds", list(rounds))
    return response


def _round(response: AuditResponse, number: int) -> ResponseRound:
    return ResponseRound(
        id=new_id(),
        response_id=response.id,
        number=number,
        subject_id=response.subject_id,
        team=response.team,
        worker=response.worker,
        restricted=response.restricted,
    )
