"""Reading what has a clock: when each started and when each ended (§4.2, §4.3)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from qa_api.models.escalations import Escalation
from qa_api.models.notifications import Notification
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.reads.expressions import of_standing_audit
from qa_api.rules.local_time import end_of_local_day, start_of_local_day
from qa_api.rules.responses import ReviewOutcome
from qa_api.rules.states import NotificationState, ResponseState
from qa_api.simulating.clocks import (
    Clocks,
    EscalationRaised,
    NotificationSent,
    ResponseGiven,
    RoundGiven,
    Started,
)
from qa_api.simulating.policies import Year
from qa_api.work import Work


async def read_clocks(work: Work, year: Year) -> Clocks:
    """The clocks of a year, and the responses that are open now or had a round in it.

    What hangs on an audit that was recorded in error is in no list and counts nowhere; but an
    escalation stays one (R4.3.4).
    """
    return Clocks(
        responses=await _responses(work, year),
        notifications=await _notifications(work, year),
        escalations=await _escalations(work, year),
        calendar=await work.calendar(),
    )


async def _started(
    work: Work, at: datetime | None, explanation: Mapping[str, Any] | None
) -> Started | None:
    """A clock, from the explanation that is kept beside its date; None where none started."""
    if at is None or explanation is None:
        return None
    calendar = await work.calendar(explanation["calendar_version"])
    return Started(at, explanation["policy_version"], calendar)


async def _responses(work: Work, year: Year) -> list[ResponseGiven]:
    since = start_of_local_day(year.starts_on)
    given, of_year = ResponseRound, AuditResponse.notified_at >= since
    in_year = select(given.response_id).where(
        or_(given.submitted_at >= since, given.reviewed_at >= since)
    )
    kept = AuditResponse.state != ResponseState.ADEQUATE
    chosen = select(AuditResponse.id).where(
        of_standing_audit(AuditResponse), or_(of_year, kept, AuditResponse.id.in_(in_year))
    )
    rounds = await _rounds(work, chosen)
    found = await work.session.execute(
        select(
            AuditResponse.id,
            AuditResponse.notified_at,
            AuditResponse.explanation,
            AuditResponse.state,
        ).where(AuditResponse.id.in_(chosen))
    )
    return [
        ResponseGiven(
            await _started(work, row.notified_at, row.explanation),
            ResponseState(row.state),
            rounds[row.id],
        )
        for row in found.all()
    ]


async def _rounds(work: Work, of: Any) -> Mapping[UUID, list[RoundGiven]]:
    """The rounds of each response in their order; a return starts the clock of the next one."""
    given = ResponseRound
    found = await work.session.execute(
        select(
            given.response_id,
            given.number,
            given.explanation,
            given.submitted_at,
            given.review_explanation,
            given.outcome,
            given.reviewed_at,
        )
        .where(given.response_id.in_(of))
        .order_by(given.response_id, given.number)
    )
    rounds: dict[UUID, list[RoundGiven]] = defaultdict(list)
    for row in found.all():
        before = rounds[row.response_id]
        returned_at = before[-1].reviewed_at if before else None
        before.append(
            RoundGiven(
                number=row.number,
                returned=await _started(work, returned_at, row.explanation),
                submitted_at=row.submitted_at,
                to_review=await _started(work, row.submitted_at, row.review_explanation),
                outcome=ReviewOutcome(row.outcome) if row.outcome else None,
                reviewed_at=row.reviewed_at,
            )
        )
    return rounds


async def _notifications(work: Work, year: Year) -> list[NotificationSent]:
    sent = Notification
    found = await work.session.execute(
        select(sent.queued_at, sent.explanation, sent.notified_at, sent.state).where(
            of_standing_audit(sent), *_within(sent.queued_at, year)
        )
    )
    made = []
    for row in found.all():
        if queued := await _started(work, row.queued_at, row.explanation):
            is_queued = row.state == NotificationState.QUEUED
            made.append(NotificationSent(queued, row.notified_at, is_queued))
    return made


async def _escalations(work: Work, year: Year) -> list[EscalationRaised]:
    raised = Escalation
    found = await work.session.execute(
        select(
            raised.raised_at,
            raised.explanation,
            raised.acknowledged_at,
            raised.quality_standards_informed_at,
            raised.resolved_at,
        ).where(*_within(raised.raised_at, year))
    )
    made = []
    for row in found.all():
        hops = [
            await _started(work, row.raised_at, row.explanation[name])
            for name in ("acknowledge_by", "inform_by")
        ]
        acknowledge, inform = hops
        if acknowledge is not None and inform is not None:
            made.append(
                EscalationRaised(
                    acknowledge,
                    inform,
                    row.acknowledged_at,
                    row.quality_standards_informed_at,
                    row.resolved_at,
                )
            )
    return made


def _within(instant: Any, year: Year) -> tuple[Any, Any]:
    begins, ends = start_of_local_day(year.starts_on), end_of_local_day(year.ends_on)
    return instant >= begins, instant < ends
