"""Telling whoever has to review now; the round keeps who was told when (R4.2.4)."""

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from qa_api import events
from qa_api.alerts import held_as, leave_alert
from qa_api.auth.duty import acts_for, these
from qa_api.directory.acting import who_reviews_for
from qa_api.models.audits import Audit
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.reads.expressions import responded
from qa_api.responses.service import who_responded
from qa_api.rules.alerts import AlertKind
from qa_api.rules.routing import ActingAs, Routed
from qa_api.rules.states import ResponseState
from qa_api.work import Work


async def tell_who_reviews_now(work: Work) -> None:
    """Tell whoever acts for the team today of each review that somebody else was told of.

    The review is in their list at once; this alert is the proof that they were told.
    """
    audited = these(Audit.auditor, Audit.audited_worker)
    barred = func.array_cat(audited, responded(AuditResponse.id))
    acting = acts_for(AuditResponse.team, AuditResponse, barred)
    waiting = await work.session.execute(
        select(ResponseRound, AuditResponse, Audit.auditor, Audit.audited_worker)
        .join(AuditResponse, AuditResponse.id == ResponseRound.response_id)
        .join(Audit, Audit.id == AuditResponse.audit_id)
        .where(
            AuditResponse.state == ResponseState.SUBMITTED,
            Audit.recorded_in_error_at.is_(None),
            ResponseRound.submitted_at.is_not(None),
            ResponseRound.outcome.is_(None),
            ResponseRound.reviewer.is_distinct_from(acting),
        )
        .options(selectinload(AuditResponse.rounds))
        .order_by(ResponseRound.id)
        .with_for_update(of=AuditResponse, skip_locked=True)
    )
    for round_, response, auditor, judged in waiting.all():
        routed = await who_reviews_for(
            work,
            response.team,
            response,
            auditor,
            frozenset([judged] if judged else []),
            who_responded(response.rounds),
        )
        await _hand_on(work, round_, response, routed)


async def _hand_on(
    work: Work, round_: ResponseRound, response: AuditResponse, routed: Routed
) -> None:
    before = {
        "reviewer": round_.reviewer,
        "acts_as": round_.reviewer_acts_as,
        "until": work.now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
    }
    round_.asked_before = [*round_.asked_before, before]
    round_.reviewer, round_.reviewer_acts_as = routed.worker, routed.acting_as
    why = round_.review_explanation or {}
    facts = why.get("facts", {}) | routed.explanation.as_json()["facts"]
    round_.review_explanation = why | {"facts": facts}
    await leave_alert(
        work,
        AlertKind.REVIEW_HANDED_ON,
        response.id,
        acting_as=routed.acting_as.value,
        recipient=routed.worker or ActingAs.QUALITY_STANDARDS.value,
        occasion=f"round {round_.number} {work.now.isoformat()}",
        **held_as(response),
    )
    await work.record(
        events.ReviewHandedOn(
            about=response.id,
            subject=response.subject_id,
            audit_id=response.audit_id,
            round=round_.number,
            acts_as=routed.acting_as,
        )
    )
