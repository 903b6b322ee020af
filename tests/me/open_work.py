"""One of each thing that waits for somebody, in the town of the moved people."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, text

from qa_api.events import UrgentFindingRaised
from qa_api.models.access import Principal, RestrictionGrant
from qa_api.models.audits import Audit, UrgentFinding
from qa_api.models.base import new_id
from qa_api.models.board import AwaitedUpdate, BoardDecision, BoardReport, QaUpdate
from qa_api.models.comments import Comment, CommentAddressee
from qa_api.models.escalations import Escalation
from qa_api.models.hand_overs import HandOver
from qa_api.models.moderation import LearningAction, ModerationOutcome, ModerationSample
from qa_api.models.notifications import Notification
from qa_api.models.observations import AwaitedHighlights, AwaitedObservation, LearningHighlight
from qa_api.models.responses import AuditResponse
from qa_api.models.retention import RetentionRun
from qa_api.models.subjects import Subject
from qa_api.notifications.service import mark_undeliverable
from qa_api.rules.deadlines import review_due
from qa_api.rules.notifications import UndeliverableReason
from qa_api.rules.states import EscalationState, ResponseState
from qa_api.subjects.service import restrict
from qa_api.work import Work
from tests.moderation.draws import draw_of, drawn_for, moderate
from tests.responses.casework import complete_audit, event_of

TEAM = "lincoln-fast"
SERVICE = "fast"
MANAGER, DEPUTY, HEAD = "tm-lincoln-fast", "dm-lincoln-fast", "hos-fast"
SUPERVISOR, WORKER, OTHER_WORKER = "ps-lincoln-fast", "sw1-lincoln-fast", "sw2-lincoln-fast"
AUDITOR, MODERATOR, OTHER_MANAGER, LEARNING = "au-1", "au-2", "tm-boston-fast", "ld-1"
QUARTER = "2026-27 Q2"
ESCALATION_STATES = ("raised", "acknowledged", "quality_standards_informed")

DOING = ("complete", "reassign")
"""Who does it does, or who leads names somebody who can."""


class Item(NamedTuple):
    """What waits: as what, where, and the steps of the record of which one must be theirs."""

    kind: str
    path: str
    steps: tuple[str, ...] = ()


Items = dict[str, Item]


async def open_items(work: Work) -> Items:
    """One of each thing that waits; what begins with a request of people is `begun_by_people`."""
    refs = iter(f"C-{new_id()}" for _ in range(20))
    return (
        await of_audits(work, refs)
        | await of_escalations(work, refs)
        | await of_practice(work, refs)
        | await of_the_board(work)
        | await of_themselves(work, refs)
    )


async def of_audits(work: Work, refs: Iterator[str]) -> Items:
    """From a draft to the verification of what followed."""
    draft = (await complete_audit(work, next(refs), draft=True))[0]
    awaited = await complete_audit(work, next(refs))
    handed = await complete_audit(work, next(refs), owner=SUPERVISOR)
    await work.session.execute(
        text(
            "UPDATE audit_responses SET handed_to = :to, handed_over_at = :at,"
            " handed_over_by = :by, handed_over_because = 'She is away.' WHERE audit_id = :audit"
        ),
        {"to": SUPERVISOR, "at": work.now, "by": MANAGER, "audit": handed[0]},
    )
    undelivered = await complete_audit(work, next(refs), actions=0)
    event = await event_of(work, undelivered[0])
    await mark_undeliverable(work, event, UndeliverableReason.REFUSED)
    reviewed = await complete_audit(work, next(refs), actions=1)
    await submitted(work, reviewed[0])
    await work.session.execute(
        text(
            "UPDATE restorative_actions SET state = 'done', done_by = :by, done_on = :on"
            " WHERE id = :id"
        ),
        {"by": WORKER, "on": work.today, "id": reviewed[1][0]},
    )
    notification = await work.session.scalar(
        select(Notification.id).where(Notification.audit_id == undelivered[0])
    )
    return {
        "complete": Item("complete", f"/v1/audits/{draft}"),
        "respond": Item("respond", await response_of(work, awaited[0]), ("submit",)),
        "respond, handed over": Item("respond", await response_of(work, handed[0]), ("submit",)),
        "do": Item("do", f"/v1/restorative-actions/{awaited[1][0]}", DOING),
        "do, by its owner": Item("do", f"/v1/restorative-actions/{handed[1][0]}", DOING),
        "notify": Item("notify_by_hand", f"/v1/notifications/{notification}", ("record_delivery",)),
        "review": Item("review", await response_of(work, reviewed[0]), ("accept",)),
        "verify": Item("verify", f"/v1/restorative-actions/{reviewed[1][0]}", ("verify",)),
        "confirm_error": Item("confirm_error", f"/v1/audits/{undelivered[0]}", ("confirm_error",)),
    }


async def of_escalations(work: Work, refs: Iterator[str]) -> Items:
    """Each hop; and one about a restricted record that only the head of service has leave for."""
    raised = [await escalated(work, next(refs), state) for state in ESCALATION_STATES]
    ref = next(refs)
    withheld = await escalated(work, ref, "raised")
    subject = (await work.session.scalars(select(Subject).where(Subject.ref == ref))).one()
    await restrict(work, subject, "staff")
    principals = select(Principal.id).where(Principal.worker.in_((HEAD, "qs-1")))
    head, granter = (await work.session.scalars(principals.order_by(Principal.worker))).all()
    work.session.add(
        RestrictionGrant(
            subject_id=subject.id,
            principal_id=head,
            reason="Leads the service.",
            granted_by=granter,
            granted_at=work.now,
            expires_at=work.now + timedelta(days=30),
        )
    )
    return {
        "acknowledge": Item("acknowledge", raised[0], ("acknowledge",)),
        "inform": Item("inform_quality_standards", raised[1], ("inform_quality_standards",)),
        "resolve": Item("resolve", raised[2], ("resolve",)),
        "acknowledge, restricted": Item("acknowledge", withheld, ("acknowledge",)),
    }


async def of_practice(work: Work, refs: Iterator[str]) -> Items:
    """Moderation, what was learned, observations and highlights."""
    sample = await draw_of(work, "2026-10", date(2026, 10, 1), date(2026, 11, 1))
    drawn = [await drawn_into(work, sample, next(refs), place) for place in (1, 2)]
    await moderate(work, drawn[1], drawn[1].auditor_judgement)
    to_do, to_verify = (learned(work, drawn[1]) for _ in range(2))
    highlight = LearningHighlight(
        id=new_id(),
        team="boston-fast",
        quarter=QUARTER,
        topic="Direct work",
        highlight="Tools are seldom brought along.",
        routed_to="learning_development",
        policy_version=work.policy_version,
        calendar_version=work.calendar_version,
        explanation={},
        recorded_at=work.now,
        recorded_on=work.today,
        recorded_by=OTHER_MANAGER,
    )
    observed = {"worker": WORKER, "team": TEAM, "remaining": 2, "due_on": date(2027, 3, 31)}
    owed = AwaitedHighlights(team=TEAM, quarter=QUARTER, due_on=date(2026, 10, 14))
    work.session.add_all([to_do, to_verify, highlight, AwaitedObservation(**observed), owed])
    await work.session.flush()
    to_verify.state, to_verify.done_on = "done", work.today
    to_verify.done_by, to_verify.how = OTHER_WORKER, "Read it."
    outcome = f"/v1/moderation-samples/{sample.id}/outcomes/{drawn[0].audit_id}"
    behind = f"/v1/observation-compliance?level=worker&worker={WORKER}&team={TEAM}"
    return {
        "moderate": Item("moderate", outcome),
        "learn": Item("do", f"/v1/learning-actions/{to_do.id}", ("complete",)),
        "verify, learned": Item("verify", f"/v1/learning-actions/{to_verify.id}", ("verify",)),
        "observe": Item("observe", behind),
        "answer": Item("answer", f"/v1/learning-highlights/{highlight.id}"),
        "record_highlights": Item(
            "record_highlights",
            f"/v1/learning-highlight-returns?quarter={QUARTER.replace(' ', '%20')}&team={TEAM}",
        ),
    }


async def drawn_into(
    work: Work, sample: ModerationSample, ref: str, position: int
) -> ModerationOutcome:
    """A completed audit that is to be moderated."""
    audit = await work.session.get_one(Audit, (await complete_audit(work, ref, actions=0))[0])
    return await drawn_for(
        work, sample, audit, position, moderator=MODERATOR, relation_to_auditor="none"
    )


def learned(work: Work, outcome: ModerationOutcome) -> LearningAction:
    """What somebody is to learn."""
    return LearningAction(
        id=new_id(),
        outcome_id=outcome.id,
        description="Ask why.",
        owner=OTHER_WORKER,
        due_on=date(2026, 12, 18),
        set_at=work.now,
        set_by=MODERATOR,
        state="open",
        subject_id=outcome.subject_id,
        team=outcome.team,
        worker=outcome.worker,
    )


async def of_the_board(work: Work) -> Items:
    """An update that is owed, a decision, and a removal that was proposed."""
    report = BoardReport(
        id=new_id(),
        quarter=QUARTER,
        number=1,
        title="A report",
        drafted_at=work.now,
        policy_version=work.policy_version,
        state="draft",
    )
    work.session.add(report)
    await work.session.flush()
    report.state, report.presented_at, report.snapshot = "presented", work.now, {}
    decision = BoardDecision(
        id=new_id(),
        report_id=report.id,
        decision="Ask every child.",
        owner=SUPERVISOR,
        recorded_at=work.now,
    )
    run = RetentionRun(
        id=new_id(),
        as_at=work.today,
        state="proposed",
        policy_version=work.policy_version,
        proposed_at=work.now,
        proposed_by="qs-1",
        items_hash="0" * 64,
        truncated=False,
    )
    owed = AwaitedUpdate(service=SERVICE, quarter=QUARTER, due_on=date(2026, 10, 14))
    # A run begins as its proposer's own.
    await work.session.execute(text("SELECT set_config('qa.worker', 'qs-1', true)"))
    work.session.add_all([decision, run, owed])
    await work.session.flush()
    return {
        "decided": Item("do", f"/v1/board-decisions/{decision.id}", ("complete",)),
        "approve_removal": Item("approve_removal", f"/v1/retention-runs/{run.id}", ("approve",)),
        "begin": Item(
            "begin", f"/v1/qa-updates?quarter={QUARTER.replace(' ', '%20')}&service={SERVICE}"
        ),
    }


async def begun_update(work: Work) -> Items:
    """An update to the Board that was begun."""
    update = QaUpdate(
        id=new_id(),
        service=SERVICE,
        quarter="2026-27 Q1",
        explanation={},
        policy_version=work.policy_version,
        calendar_version=work.calendar_version,
        begun_at=work.now,
        figures={},
        state="draft",
    )
    work.session.add(update)
    await work.session.flush()
    return {"complete, an update": Item("complete", f"/v1/qa-updates/{update.id}")}


async def of_themselves(work: Work, refs: Iterator[str]) -> Items:
    """What somebody was asked, and a hand-over that somebody proposed."""
    audit = await work.session.get_one(Audit, (await complete_audit(work, next(refs)))[0])
    comment = Comment(
        id=new_id(),
        kind="audit",
        audit_id=audit.id,
        addressed=True,
        text="Was the father asked?",
        written_by=SUPERVISOR,
        written_at=work.now,
        subject_id=audit.subject_id,
        team=audit.team,
        worker=audit.worker,
    )
    proposal = HandOver(
        id=new_id(),
        state="proposed",
        from_worker=OTHER_WORKER,
        to_workers=[WORKER],
        kinds=["audit"],
        because="leaves",
        shared=[],
        proposed_by=MANAGER,
        proposed_at=work.now,
    )
    work.session.add_all([comment, proposal])
    await work.session.flush()
    work.session.add(CommentAddressee(comment_id=comment.id, addressee=WORKER))
    await work.session.flush()
    return {
        "reply": Item("reply", f"/v1/comments/{comment.id}"),
        "accept_hand_over": Item(
            "accept_hand_over", f"/v1/hand-overs/{proposal.id}", ("accept", "withdraw")
        ),
    }


async def submitted(work: Work, audit_id: UUID) -> None:
    """The worker has answered: a review waits, and the manager was told."""
    found = select(AuditResponse).where(AuditResponse.audit_id == audit_id)
    response = (await work.session.scalars(found)).one()
    await work.session.refresh(response, ["rounds"])
    response.state = ResponseState.SUBMITTED
    (round_,) = response.rounds
    round_.submitted_at, round_.submitted_by = work.now, WORKER
    round_.reviewer, round_.reviewer_acts_as = MANAGER, "team_manager"
    due = review_due(work.now, await work.policy(), await work.calendar())
    round_.review_due_on, round_.review_explanation = due.due_on, due.explanation.as_json()
    await work.session.flush()


async def response_of(work: Work, audit_id: UUID) -> str:
    """The path of an audit's response."""
    found = select(AuditResponse.id).where(AuditResponse.audit_id == audit_id)
    return f"/v1/audit-responses/{await work.session.scalar(found)}"


async def escalated(work: Work, ref: str, state: str) -> str:
    """The path of the escalation of an urgent finding, as far on as `state`."""
    audit = await work.session.get_one(Audit, (await complete_audit(work, ref, actions=0))[0])
    finding = UrgentFinding(
        id=new_id(),
        audit_id=audit.id,
        kind="serious_safeguarding",
        description="Nobody has visited.",
        child_safe_now="no",
        raised_at=work.now,
        subject_id=audit.subject_id,
        team=audit.team,
        worker=audit.worker,
    )
    work.session.add(finding)
    await work.record(
        UrgentFindingRaised(
            about=audit.id, subject=audit.subject_id, finding_id=finding.id, kind=finding.kind
        )
    )
    found = select(Escalation).where(Escalation.finding_id == finding.id)
    escalation = (await work.session.scalars(found)).one()
    await work.session.refresh(escalation, ["recipients"])
    if state != "raised":
        escalation.state, escalation.acknowledged_at = EscalationState.ACKNOWLEDGED, work.now
        (asked,) = escalation.recipients
        asked.acknowledged_at, asked.acknowledged_by = work.now, MANAGER
        await work.session.flush()
    if state == "quality_standards_informed":
        escalation.actions_to_be_taken, escalation.informed_by = "Visit today.", MANAGER
        escalation.quality_standards_informed_at = work.now
        escalation.state = EscalationState.QUALITY_STANDARDS_INFORMED
        await work.session.flush()
    return f"/v1/escalations/{escalation.id}"
