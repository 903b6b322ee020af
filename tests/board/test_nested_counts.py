"""Counts that lie within each other leave over nobody when one is taken from the other (R4.7.3)."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import pytest

from qa_api.audits.steps import held as of_case
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.closures import CaseEvent, CaseEventOutcome, ClosureGate
from qa_api.models.escalations import Escalation
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.work import Work
from tests.api import Api, Json
from tests.board.test_metrics import metrics
from tests.board.test_publishing import counts
from tests.board.test_versions import TEAMS
from tests.escalations.explained import due_now
from tests.moderation.moderating import Moderating
from tests.reporting.copies import REPORTER
from tests.responses.casework import Casework

FAST, EARLY_HELP, CARE = TEAMS
Begun = Callable[[Work, Audit], Awaitable[None]]


@pytest.fixture
def moderating(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> Moderating:
    return Moderating(casework.service, board, new_ref, at)


def following(moderating: Moderating, day: str, each: int, one_more: int, act: Begun) -> None:
    """Something that follows audits of a day: so many of each of three teams, and of one more."""
    follow(moderating, day, {FAST: each + one_more, EARLY_HELP: each, CARE: each}, act)


def follow(moderating: Moderating, day: str, numbers: Mapping[str, int], act: Begun) -> list[str]:
    """Something that follows so many audits of teams, on one day."""
    made = [
        one
        for team, number in numbers.items()
        if number
        for one in moderating.audits(*[f"{day}T09:00:00Z"] * number, team=team)
    ]

    async def write(work: Work) -> None:
        for one in made:
            await act(work, await work.session.get_one(Audit, UUID(one)))
        await work.session.flush()

    moderating.service.work(write)
    return made


def numerators(board: Api, quarter: str, *keys: str) -> list[int | None]:
    """How many of each figure a reporting tool reads."""
    found: Json = metrics(board, REPORTER, quarter)
    return [counts(found, key)[0] for key in keys]


def responding(due: str, submitted: str | None = None, *, returned: bool = False) -> Begun:
    """A response that was due and submitted on these days, and perhaps returned."""

    def noon(day: str) -> datetime:
        return datetime.combine(date.fromisoformat(day), time(12), UTC)

    async def respond(work: Work, audit: Audit) -> None:
        told: Any = {"rule": "response_due", "clause": "§4.2", "policy_version": 1, "facts": {}}
        response = AuditResponse(
            id=new_id(),
            audit_id=audit.id,
            due_on=date.fromisoformat(due),
            notified_at=work.now,
            explanation=told,
            state="awaiting_notification",
            **of_case(audit),
        )
        work.session.add(response)
        await work.session.flush()
        response.state = "awaiting_response"
        await work.session.flush()
        if submitted:
            response.state = "submitted"
            response.first_submitted_at = noon(submitted)
            response.first_submitted_on = date.fromisoformat(submitted)
            await work.session.flush()
            round_ = ResponseRound(
                response_id=response.id,
                number=1,
                due_on=response.due_on,
                submitted_at=response.first_submitted_at,
                outcome="returned" if returned else None,
                reasons="Say more." if returned else None,
                **of_case(audit),
            )
            work.session.add(round_)

    return respond


@pytest.mark.long
def test_responses_submitted_less_those_on_time_tell_of_no_late_one(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day, due = "2089-90 Q1", "2089-05-16", "2089-05-24"
    following(moderating, day, 5, 0, responding(due))
    following(moderating, day, 5, 0, responding(due, "2089-05-20"))
    at("2089-07-04T09:00:00Z")
    keys = ("responses_first_on_time", "response_time")
    assert numerators(board, quarter, *keys) == [15, 15]
    following(moderating, day, 0, 1, responding(due, "2089-05-30"))
    at("2089-07-04T09:00:00Z")
    assert numerators(board, quarter, *keys) == [15, None], "16 less 15 is the late one"


@pytest.mark.long
def test_responses_submitted_less_those_returned_tell_of_no_single_one(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day, due = "2090-91 Q1", "2090-05-16", "2090-05-24"
    following(moderating, day, 5, 0, responding(due))
    following(moderating, day, 5, 0, responding(due, "2090-05-30", returned=True))
    at("2090-07-04T09:00:00Z")
    keys = ("responses_returned", "response_time")
    assert numerators(board, quarter, *keys) == [15, 15]
    following(moderating, day, 0, 1, responding(due, "2090-05-30"))
    at("2090-07-04T09:00:00Z")
    assert numerators(board, quarter, *keys) == [None, 16], "16 less 15 was not returned"


def alerting(*, acknowledged: bool, informed: bool) -> Begun:
    """An escalation of an urgent finding, and how far it went."""

    async def alert(work: Work, audit: Audit) -> None:
        escalation = Escalation(
            id=new_id(),
            trigger="urgent_finding",
            audit_id=audit.id,
            raised_at=work.now,
            **await due_now(work),
            state="raised",
            **of_case(audit),
        )
        work.session.add(escalation)
        await work.session.flush()
        if acknowledged:
            escalation.state, escalation.acknowledged_at = "acknowledged", work.now
            await work.session.flush()
        if informed:
            escalation.state = "quality_standards_informed"
            escalation.quality_standards_informed_at = work.now
            escalation.actions_to_be_taken = "Seen at home today."

    return alert


@pytest.mark.long
def test_alerts_acknowledged_less_those_passed_on_tell_of_no_single_one(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day = "2091-92 Q1", "2091-05-16"
    following(moderating, day, 5, 0, alerting(acknowledged=False, informed=False))
    following(moderating, day, 5, 0, alerting(acknowledged=True, informed=True))
    at("2091-07-04T09:00:00Z")
    keys = ("urgent_to_team_manager", "urgent_to_quality_standards")
    assert numerators(board, quarter, *keys) == [15, 15]
    following(moderating, day, 0, 1, alerting(acknowledged=True, informed=False))
    at("2091-07-04T09:00:00Z")
    assert numerators(board, quarter, *keys) == [16, None], "16 less 15 was not passed on"


def closing(*, audited: bool = False, exempt: bool = False) -> Begun:
    """A closing of the case, with this audit before it or without any."""

    async def close(work: Work, audit: Audit) -> None:
        episode = {"system": "mosaic", "episode_id": str(audit.id)}
        event = CaseEvent(
            id=new_id(),
            event_id=str(new_id()),
            type="case.closed.v1",
            received_at=work.now,
            fingerprint="f",
            data={},
            **episode,
        )
        work.session.add(event)
        await work.session.flush()
        told = {"case_event_id": event.id, "ref": "a child", "outcome": "applied"}
        work.session.add(CaseEventOutcome(**told, position=0, subject_id=audit.subject_id))
        held = of_case(audit) | {"audit_id": audit.id if audited else None}
        gate = ClosureGate(
            id=new_id(),
            **episode,
            cycle=1,
            current=True,
            opened_by_event=event.id,
            may_close=False,
            explanation={"rule": "closure_gate", "facts": {"exempt": exempt}},
            policy_version=work.policy_version,
            opened_at=work.now,
            closed_at=work.now,
            closing_counts_at=work.now,
            state="awaiting_audit",
            **held,
        )
        work.session.add(gate)

    return close


@pytest.mark.long
def test_closures_without_an_audit_less_those_that_were_exempt_tell_of_no_single_one(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day = "2092-93 Q1", "2092-05-16"
    following(moderating, day, 5, 0, closing(audited=True))
    following(moderating, day, 5, 0, closing(exempt=True))
    at("2092-07-04T09:00:00Z")
    keys = ("closures_with_audit", "closures_without_audit", "closures_exempt")
    assert numerators(board, quarter, *keys) == [15, 15, 15]
    following(moderating, day, 0, 1, closing())
    at("2092-07-04T09:00:00Z")
    assert numerators(board, quarter, *keys) == [15, 16, None], "16 less 15 needed an audit"
