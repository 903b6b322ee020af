"""What happens to a restorative action (R4.2.6)."""

from datetime import date
from functools import cache
from uuid import UUID

from sqlalchemy import DateTime, Uuid, select, update

from qa_api import events, problems
from qa_api.actions.answered import AnsweredAction
from qa_api.actions.dates import change_date
from qa_api.actions.queries import visible_to
from qa_api.actions.schemas import (
    ActionCancellation,
    ActionCompletion,
    ActionPlan,
    ActionReassignment,
    ActionReplan,
    ActionShortfall,
    ActionVerification,
    DoneCorrection,
)
from qa_api.auth.roles import Permission, Role
from qa_api.db import Prepared, parameter
from qa_api.directory.service import does_actions
from qa_api.models.actions import RestorativeAction
from qa_api.models.audits import Audit
from qa_api.models.directory import Worker
from qa_api.problems import InputError
from qa_api.rules.actions import (
    NOT_A_DOER,
    Capacity,
    check_canceller,
    check_corrector,
    check_done,
    check_moved,
    check_new_finish,
    check_new_owner,
    check_verifier,
)
from qa_api.rules.local_time import local_date
from qa_api.rules.states import ActionState
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

_CAPACITIES = {
    Role.AUDITOR: Capacity.AUDITOR,
    Role.TEAM_MANAGER: Capacity.TEAM_MANAGER,
    # The head of service acts for the manager (directory).
    Role.HEAD_OF_SERVICE: Capacity.TEAM_MANAGER,
    Role.QUALITY_STANDARDS: Capacity.QUALITY_STANDARDS,
}


# --- what the other domains ask ---


async def set_actions(work: Work, event: events.AuditCompleted) -> None:
    """Set the actions of an audit that was completed; until then they were part of its draft."""
    await work.run(_to_set(), audit_id=event.about, now=work.now)


@cache
def _to_set() -> Prepared:
    action = RestorativeAction
    return Prepared.of(
        update(action)
        .where(action.audit_id == parameter("audit_id", Uuid()), action.set_at.is_(None))
        .values(set_at=parameter("now", DateTime(timezone=True)))
    )


async def plan(
    work: Work,
    action: RestorativeAction | AnsweredAction,
    finish_on: date,
    how: str | None,
    *,
    reason: str | None = None,
) -> events.ActionPlanned:
    """Write by when an action will be finished. A former date is kept, with the reason.

    The event is for the caller to record.
    """
    step = "plan" if action.due_on is None else "replan"
    action.state = next_state("restorative_action", action.state, step)
    check_new_finish(finish_on, work.today)
    action.how = how or action.how
    if finish_on != action.due_on:
        await change_date(work, action, "finish_on", finish_on, reason)
    action.planned_at = work.now
    return events.ActionPlanned(
        about=action.id, subject=action.subject_id, audit_id=action.audit_id
    )


def complete(
    work: Work,
    action: RestorativeAction | AnsweredAction,
    done_on: date,
    how: str | None,
    done_by: str | None,
) -> events.ActionDone:
    """Write that somebody has done an action, and who says so. The event is for the caller."""
    action.state = next_state("restorative_action", action.state, "complete")
    check_done(done_on, set_on(action), work.today)
    action.done_on, action.done_by = done_on, done_by
    action.done_reported_by = work.actor.worker
    action.how = how or action.how
    return events.ActionDone(about=action.id, subject=action.subject_id, audit_id=action.audit_id)


def set_on(action: RestorativeAction | AnsweredAction) -> date:
    """The London date on which an action was set, by the completion of its audit."""
    if action.set_at is None:
        raise LookupError("an action of a draft is not set yet")
    return local_date(action.set_at)


# --- what people ask ---


async def plan_action(
    work: Work, action_id: UUID, expected: Precondition, body: ActionPlan
) -> None:
    """Say by when an action will be finished; its owner or whoever holds the case does."""
    action = await _own_action(work, action_id, "plan", Permission.ACTION_PLAN, expected)
    await work.record(await plan(work, action, body.finish_on, body.how))


async def replan_action(
    work: Work, action_id: UUID, expected: Precondition, body: ActionReplan
) -> None:
    """Promise another date, with the reason; the former ones stay and the TM is told (R4.2.6)."""
    action = await _own_action(work, action_id, "replan", Permission.ACTION_PLAN, expected)
    check_new_finish(body.finish_on, work.today)
    check_moved(body.finish_on, action.due_on)
    said = await plan(work, action, body.finish_on, body.how, reason=body.reason)
    await work.record(said)


async def complete_action(
    work: Work, action_id: UUID, expected: Precondition, body: ActionCompletion
) -> None:
    """Say that an action is done; its owner or whoever holds the case does."""
    action = await _own_action(work, action_id, "complete", Permission.ACTION_COMPLETE, expected)
    await work.record(complete(work, action, body.done_on, body.how, work.actor.worker))


async def correct_done(
    work: Work, action_id: UUID, expected: Precondition, body: DoneCorrection
) -> None:
    """Correct the day on which an action was done, with the reason; the TM is told (R4.2.6)."""
    action = await _seen(work, action_id)
    doers = _known(action.owner, action.worker, action.done_by)
    theirs = work.actor.worker in doers
    roles = _roles(work, action, Permission.ACTION_CORRECT, theirs=theirs)
    action.state = next_state("restorative_action", action.state, "correct_done")
    expected.check(action.version)
    check_corrector(work.person(), _capacities(roles), doers, ActionState(action.state))
    check_done(body.done_on, set_on(action), work.today)
    await change_date(work, action, "done_on", body.done_on, body.reason)
    await work.record(
        events.ActionDoneCorrected(
            about=action.id, subject=action.subject_id, audit_id=action.audit_id
        )
    )


async def verify_action(
    work: Work, action_id: UUID, expected: Precondition, body: ActionVerification
) -> None:
    """Say that an action was seen done, and whether it made a difference.

    Neither the doer does, nor whoever reported it done for them.
    """
    action = await _as_verifier(work, action_id, "verify", expected)
    action.verified_at, action.verified_by = work.now, work.actor.worker
    action.made_a_difference, action.verification_note = body.made_a_difference, body.note
    await work.record(
        events.ActionVerified(about=action.id, subject=action.subject_id, audit_id=action.audit_id)
    )


async def find_not_achieved(
    work: Work, action_id: UUID, expected: Precondition, body: ActionShortfall
) -> None:
    """Say, as a verifier, that what was reported done is not done: it is planned again."""
    action = await _as_verifier(work, action_id, "not_achieved", expected)
    check_new_finish(body.finish_on, work.today)
    action.not_achieved_reason = body.reason
    if body.finish_on != action.due_on:
        await change_date(work, action, "finish_on", body.finish_on, body.reason)
    action.planned_at = work.now
    action.done_on = action.done_by = action.done_reported_by = None
    await work.record(
        events.ActionNotAchieved(
            about=action.id, subject=action.subject_id, audit_id=action.audit_id
        )
    )


async def cancel_action(
    work: Work, action_id: UUID, expected: Precondition, body: ActionCancellation
) -> None:
    """Cancel an action, with the reason. The team manager or Q&S can, but not who is to do it."""
    action = await _seen(work, action_id)
    roles = work.require(Permission.ACTION_CANCEL, team=action.team)
    action.state = next_state("restorative_action", action.state, "cancel")
    expected.check(action.version)
    check_canceller(work.person(), _capacities(roles), _known(action.owner, action.worker))
    action.cancelled_at, action.cancel_reason = work.now, body.reason
    await work.record(
        events.ActionCancelled(about=action.id, subject=action.subject_id, audit_id=action.audit_id)
    )


async def reassign_action(
    work: Work, action_id: UUID, expected: Precondition, body: ActionReassignment
) -> None:
    """Name another owner or none, with the reason. The team manager or Q&S can (R4.2.6)."""
    action = await _seen(work, action_id)
    work.require(Permission.ACTION_REASSIGN, team=action.team)
    action.state = next_state("restorative_action", action.state, "reassign")
    expected.check(action.version)
    await check_owner(work, action, body.owner)
    before, action.owner = action.owner, body.owner
    action.reassigned_at, action.reassigned_by = work.now, work.person()
    action.reassigned_because = body.reason
    await work.record(
        events.ActionReassigned(
            about=action.id,
            subject=action.subject_id,
            audit_id=action.audit_id,
            owner_before=before,
            owner=body.owner,
        )
    )


async def check_owner(work: Work, action: RestorativeAction, owner: str | None) -> None:
    """Refuse another owner who is not here, or holds no role in which they could do it."""
    check_new_owner(action.owner, owner)
    if owner is not None:
        await _require_in_service(work, owner)
        if not await does_actions(work, owner):
            raise problems.validation([InputError.at(["owner"], "cannot-do-it", NOT_A_DOER)])


async def _require_in_service(work: Work, code: str) -> None:
    worker = await work.session.get(Worker, code)
    if worker is not None and (worker.leaves_on is None or worker.leaves_on >= work.today):
        return
    detail = "Nobody of this code is in service today; see GET /v1/workers."
    raise problems.validation([InputError.at(["owner"], "unknown", detail)])


async def _seen(work: Work, action_id: UUID) -> RestorativeAction:
    return await work.take(RestorativeAction, action_id, visible_to)


async def _own_action(
    work: Work, action_id: UUID, step: str, permission: Permission, expected: Precondition
) -> RestorativeAction:
    """An action that the actor is to do, as its owner or because they hold the case now.

    Its state allows the step.
    """
    action = await _seen(work, action_id)
    if work.actor.worker not in _known(action.owner, action.worker):
        raise work.not_permitted(permission)
    _roles(work, action, permission, theirs=True)
    next_state("restorative_action", action.state, step)
    expected.check(action.version)
    return action


def _roles(
    work: Work, action: RestorativeAction, permission: Permission, *, theirs: bool
) -> frozenset[Role]:
    """The actor's roles over an action. If it is theirs to do, any role that permits it counts."""
    if theirs and work.actor.holds(permission):
        return work.actor.roles_over(team=action.team, worker=work.actor.worker)
    roles = work.require(permission, team=action.team)
    # A supervisor has it for their own only.
    if not _capacities(roles):
        raise work.not_permitted(permission)
    return roles


async def _as_verifier(
    work: Work, action_id: UUID, step: str, expected: Precondition
) -> RestorativeAction:
    """An action whose verifier the actor is, in the state that the step leads to."""
    action = await _seen(work, action_id)
    auditor = await work.session.scalar(select(Audit.auditor).where(Audit.id == action.audit_id))
    roles = work.require(Permission.ACTION_VERIFY, team=action.team, auditor=auditor)
    action.state = next_state("restorative_action", action.state, step)
    expected.check(action.version)
    did_or_said = _known(action.done_by, action.done_reported_by)
    check_verifier(work.person(), _capacities(roles), did_or_said)
    return action


def _capacities(roles: frozenset[Role]) -> frozenset[Capacity]:
    return frozenset(_CAPACITIES[role] for role in roles if role in _CAPACITIES)


def _known(*workers: str | None) -> frozenset[str]:
    return frozenset(worker for worker in workers if worker is not None)
