"""Moderating what was drawn, and what is learnt from it (R4.5.2, R4.5.3, R4.5.5).

Nothing here ever writes an audit: the moderated judgement stands beside its auditor's.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from qa_api import events, problems
from qa_api.auth.roles import Permission, Role
from qa_api.directory.service import is_in_service
from qa_api.models.audits import Audit
from qa_api.models.moderation import (
    LearningAction,
    ModeratingTeam,
    ModerationOutcome,
    ModerationSample,
)
from qa_api.moderation import people
from qa_api.moderation.consensus import agree_on_consensus, propose_consensus
from qa_api.moderation.drawing import draw_sample, moderated, redraw_sample
from qa_api.moderation.judging import (
    SEALING,
    Domains,
    check_each_domain,
    check_judgement,
    check_whole,
    domains_by_key,
    outcome_of,
    take_step,
)
from qa_api.moderation.knowing import auditors_ever, who_knows
from qa_api.moderation.learning_schemas import (
    LearningCancelled,
    LearningDone,
    LearningShortfall,
    LearningVerified,
    NewLearningAction,
)
from qa_api.moderation.queries import (
    learning_visible_to,
    owner_can,
    sample_visible_to,
)
from qa_api.moderation.schemas import ModeratorIn, OutcomeIn
from qa_api.problems import InputError
from qa_api.rules.actions import check_done
from qa_api.rules.decision import AlreadySo
from qa_api.rules.local_time import local_date
from qa_api.rules.moderation import (
    ModeratedAudit,
    Moderator,
    Relation,
    Unsealed,
    check_moderator,
    check_sealed,
    unsealed_because,
)
from qa_api.rules.policy_values import SecondGrade
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

__all__ = [
    "agree_on_consensus",
    "assign_moderator",
    "cancel_learning_action",
    "close_sample",
    "complete_learning_action",
    "draw_sample",
    "find_learning_not_achieved",
    "propose_consensus",
    "record_outcome",
    "redraw_sample",
    "set_learning_action",
    "verify_learning_action",
]

LEARNING = "§4.5, R4.5.5"


# --- the sample ---


async def close_sample(work: Work, sample_id: UUID, expected: Precondition) -> None:
    """End the moderation of a sample: outcomes are final, and moderators see its audits no more."""
    sample = await work.take(ModerationSample, sample_id, sample_visible_to)
    work.require(Permission.MODERATION_DRAW, team=None)
    sample.state = next_state("moderation_sample", sample.state, "close")
    expected.check(sample.version)
    sample.closed_at, sample.closed_by = work.now, work.actor.worker
    await work.record(events.ModerationSampleClosed(about=sample.id))


async def assign_moderator(
    work: Work, sample_id: UUID, audit_id: UUID, expected: Precondition, body: ModeratorIn
) -> None:
    """Give a drawn audit to another moderator, under the same rules as in the draw.

    Who could not judge it sealed is refused while somebody else could, unless that is asked for.
    Whoever has it already keeps it as they had it.
    """
    outcome = await outcome_of(work, sample_id, audit_id)
    work.require(Permission.MODERATION_DRAW, team=None)
    await take_step(work, outcome, "assign")
    if outcome.moderated_at is not None:
        raise AlreadySo("moderated_audit")
    expected.check(outcome.version)
    if outcome.moderator == body.moderator:
        return
    before, sealed_before = outcome.moderator, outcome.sealed
    outcome.relation_to_auditor = await _let_moderate(
        work, outcome, body.moderator, even_unsealed=body.unsealed
    )
    outcome.moderator, outcome.assigned_at = body.moderator, work.now
    await work.record(
        events.ModeratorAssigned(
            about=outcome.id,
            subject=outcome.subject_id,
            sample_id=sample_id,
            moderator=body.moderator,
            moderator_before=before,
            sealed_before=sealed_before,
        )
    )


async def record_outcome(
    work: Work, sample_id: UUID, audit_id: UUID, expected: Precondition, body: OutcomeIn
) -> None:
    """Record the outcome of moderating one audit; its moderator does, while the sample is open."""
    outcome = await outcome_of(work, sample_id, audit_id)
    person = work.actor.worker
    if person is None or outcome.moderator != person:
        raise problems.forbidden("Only the moderator of the audit can record the outcome.")
    await take_step(work, outcome, "record_outcome")
    expected.check(outcome.version)
    domains = await domains_by_key(work, outcome, body.domains)
    if outcome.moderated_at is not None and outcome.unsealed_because != Unsealed.POLICY:
        _refuse_another_judgement(outcome, domains, body)
    else:
        outcome.relation_to_auditor = await _let_moderate(work, outcome, person)
        check_whole(outcome, body.judgement, body.rationale)
        if body.judgement is None:
            check_each_domain(domains, body.domains)
        else:
            await check_judgement(work, outcome, body.judgement)
        await _judge(work, outcome, domains, body)
        outcome.moderated_at, outcome.moderated_by = work.now, person
    for name in OutcomeIn.model_fields.keys() - {"judgement", "rationale", "domains"}:
        setattr(outcome, name, getattr(body, name))
    await work.record(
        events.ModerationOutcomeRecorded(
            about=outcome.id,
            subject=outcome.subject_id,
            sample_id=sample_id,
            audit_id=audit_id,
            judgement=body.judgement,
        )
    )


async def _judge(work: Work, outcome: ModerationOutcome, domains: Domains, body: OutcomeIn) -> None:
    """Judge the whole and each domain that is named; one that is left out is not judged."""
    for key, domain in domains.items():
        given = next((one for one in body.domains if one.domain_key == key), None)
        domain.moderated_judgement = given.judgement if given else None
        domain.moderated_rationale = given.rationale if given else None
    # Before the outcome: once that is judged and sealed the database refuses another domain.
    await work.flush()
    outcome.moderated_judgement, outcome.moderated_rationale = body.judgement, body.rationale


def _refuse_another_judgement(
    outcome: ModerationOutcome, domains: Domains, body: OutcomeIn
) -> None:
    """Refuse another judgement than the one on record; all else may still be put better.

    The moderator reads the auditor's since then, whether or not the pair was sealed.
    """
    said = [(None, outcome.moderated_judgement, outcome.moderated_rationale)] + [
        (key, domain.moderated_judgement, domain.moderated_rationale)
        for key, domain in sorted(domains.items())
        if domain.moderated_judgement is not None
    ]
    given = [(None, body.judgement, body.rationale)] + [
        (one.domain_key, one.judgement, one.rationale)
        for one in sorted(body.domains, key=lambda one: one.domain_key)
    ]
    if given != said:
        detail = (
            "You have seen the auditor's judgements since you recorded yours: judgements and"
            " rationales stay as they are."
        )
        if outcome.sealed:
            detail += " Where you think otherwise now, agree on a consensus with the auditor."
        raise problems.business_rule(SEALING, detail, code="sealed-judgement-stands")


async def _let_moderate(
    work: Work, outcome: ModerationOutcome, worker: str, *, even_unsealed: bool = True
) -> Relation:
    """Refuse whoever may not moderate it today (R4.5.2); returns their relation to the auditor.

    The pair is sealed or not by what they know of the audit today, and where they have it already,
    by what they were since they have it (R4.5.3).
    """
    who, facts = await check_may_moderate(work, outcome, worker, even_unsealed=even_unsealed)
    grade = await _second_grade(work, outcome)
    if outcome.moderator != worker or outcome.sealed:
        because = unsealed_because(who, facts, grade)
        outcome.sealed, outcome.unsealed_because = because is None, because
    return await people.relation(work, worker, facts, outcome.auditor_team)


async def check_may_moderate(
    work: Work, outcome: ModerationOutcome, worker: str, *, even_unsealed: bool = False
) -> tuple[Moderator, ModeratedAudit]:
    """Refuse whoever may not moderate it today; returns what is known of them and of the audit.

    So is who could not judge it sealed, while somebody else could, but for `even_unsealed`.
    """
    audit = await work.find(select(Audit).where(Audit.id == outcome.audit_id))
    teams = await work.session.scalars(
        select(ModeratingTeam.team).where(ModeratingTeam.sample_id == outcome.sample_id)
    )
    ever = await auditors_ever(work, (audit.id,))
    facts, their_turn = moderated(audit, ever[audit.id]), teams.all()
    since = local_date(outcome.assigned_at) if outcome.assigned_at else None
    has_it = outcome.moderator == worker
    knows = await who_knows(work, (worker,), (audit.id,), since=since if has_it else None)
    who = await people.moderator(work, worker, (outcome,), knows[worker])
    check_moderator(who, facts, their_turn)
    if (
        not even_unsealed
        and not has_it
        and await _second_grade(work, outcome) is SecondGrade.SEALED
    ):
        others = await people.candidates(work, their_turn, (audit.id,))
        check_sealed(who, facts, others, their_turn)
    return who, facts


async def check_new_moderator(
    work: Work, outcome: ModerationOutcome, worker: str
) -> Unsealed | None:
    """Refuse whoever may not moderate it today; returns why it would not be sealed with them."""
    who, facts = await check_may_moderate(work, outcome, worker, even_unsealed=True)
    return unsealed_because(who, facts, await _second_grade(work, outcome))


async def _second_grade(work: Work, outcome: ModerationOutcome) -> SecondGrade:
    found = select(ModerationSample.second_grade).where(ModerationSample.id == outcome.sample_id)
    return SecondGrade(str(await work.session.scalar(found)))


# --- what is learnt ---


async def set_learning_action(
    work: Work, action_id: UUID, sample_id: UUID, audit_id: UUID, body: NewLearningAction
) -> None:
    """Set somebody a learning action; the moderator does, or Quality & Standards.

    It comes out of the moderation: before the outcome is recorded there is none, and its owner
    would learn from it who is to judge them sealed.
    """
    outcome = await outcome_of(work, sample_id, audit_id)
    person = work.actor.worker
    sets = person == outcome.moderator or Role.QUALITY_STANDARDS in work.actor.roles
    if person is None or not sets:
        raise problems.forbidden("Only the moderator of the audit can set a learning action.")
    await take_step(work, outcome, "record_outcome")
    if outcome.moderated_at is None:
        detail = "Nothing is learnt from it yet: its moderator records the outcome first."
        raise problems.business_rule(LEARNING, detail, code="not-moderated-yet")
    if not await is_in_service(work, body.owner):
        detail = "Nobody of that code is in service."
        raise problems.validation([InputError.at(["owner"], "unknown", detail)])
    _check_due(work, body.due_on)
    work.session.add(
        LearningAction(
            id=action_id,
            outcome_id=outcome.id,
            description=body.description,
            owner=body.owner,
            due_on=body.due_on,
            set_at=work.now,
            set_by=person,
            state="open",
            subject_id=outcome.subject_id,
            team=outcome.team,
            worker=outcome.worker,
            restricted=outcome.restricted,
        )
    )
    await work.record(
        events.LearningActionSet(
            about=action_id, subject=outcome.subject_id, outcome_id=outcome.id, owner=body.owner
        )
    )


async def complete_learning_action(
    work: Work, action_id: UUID, expected: Precondition, body: LearningDone
) -> None:
    """Say that it is done: its owner does; where they cannot, Quality & Standards."""
    action = await _learning_action(work, action_id)
    person = work.person()
    if person != action.owner and not await _may_stand_in(work, action):
        detail = (
            "Only the owner of a learning action can say that it is done; Quality & Standards"
            " can where the owner cannot."
        )
        raise problems.forbidden(detail)
    action.state = next_state("learning_action", action.state, "complete")
    expected.check(action.version)
    check_done(body.done_on, local_date(action.set_at), work.today)
    action.done_on, action.done_by, action.how = body.done_on, person, body.how
    await _moved(work, action)


async def _may_stand_in(work: Work, action: LearningAction) -> bool:
    """Whether Q&S may do it: its owner has left, is away or may not see it."""
    if Role.QUALITY_STANDARDS not in work.actor.roles:
        return False
    able = select(owner_can(LearningAction)).where(LearningAction.id == action.id)
    return not await work.session.scalar(able)


async def verify_learning_action(
    work: Work, action_id: UUID, expected: Precondition, body: LearningVerified
) -> None:
    """Say that it was seen done, and whether it made a difference; never the doer."""
    action = await _to_settle(work, action_id, "verify", expected)
    action.verified_at, action.verified_by = work.now, work.actor.worker
    action.made_a_difference, action.verification_note = body.made_a_difference, body.note
    await _moved(work, action)


async def find_learning_not_achieved(
    work: Work, action_id: UUID, expected: Precondition, body: LearningShortfall
) -> None:
    """Find that what was reported done is not; it is open again with a new date."""
    action = await _to_settle(work, action_id, "not_achieved", expected)
    _check_due(work, body.due_on)
    action.not_achieved_reason, action.due_on = body.reason, body.due_on
    action.done_on = action.done_by = None
    await _moved(work, action)


async def cancel_learning_action(
    work: Work, action_id: UUID, expected: Precondition, body: LearningCancelled
) -> None:
    """Cancel it with a reason; never whose it is to do."""
    action = await _to_settle(work, action_id, "cancel", expected)
    action.cancelled_at, action.cancel_reason = work.now, body.reason
    await _moved(work, action)


async def _learning_action(work: Work, action_id: UUID) -> LearningAction:
    return await work.take(LearningAction, action_id, learning_visible_to)


async def _to_settle(
    work: Work, action_id: UUID, step: str, expected: Precondition
) -> LearningAction:
    """A learning action that the actor settles, in the state that the step leads to."""
    action = await _learning_action(work, action_id)
    person = work.actor.worker
    if person != action.set_by and Role.QUALITY_STANDARDS not in work.actor.roles:
        raise problems.forbidden("Only whoever set it, or Quality & Standards, can do this.")
    action.state = next_state("learning_action", action.state, step)
    expected.check(action.version)
    if person in {action.owner, action.done_by}:
        raise problems.business_rule(
            LEARNING, "You cannot verify or cancel a learning action that is yours to do."
        )
    return action


def _check_due(work: Work, due_on: date) -> None:
    if due_on < work.today:
        detail = "The date to finish by must not be in the past."
        raise problems.business_rule(
            LEARNING, detail, [InputError.at(["due_on"], "date-in-the-past", detail)]
        )


async def _moved(work: Work, action: LearningAction) -> None:
    await work.record(
        events.LearningActionMoved(about=action.id, subject=action.subject_id, state=action.state)
    )
