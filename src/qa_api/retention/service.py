"""Retention runs: proposed, approved by a second person, cancelled (X4)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import insert, select, update

from qa_api import events, problems
from qa_api.auth.roles import Permission
from qa_api.models.base import new_id
from qa_api.models.retention import RetentionItem, RetentionRun
from qa_api.problems import InputError, Problem
from qa_api.retention.candidates import Candidate, past_their_day
from qa_api.retention.queries import run_visible_to, subject_visible_to
from qa_api.retention.schemas import RetentionRunCancel, RetentionRunIn
from qa_api.rules.retention import CLAUSE, Settled, check_as_at
from qa_api.rules.states import RetentionRunState
from qa_api.rules.transitions import next_state
from qa_api.rules.two_people import check_second_person
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

MOST: Final = 1_000
"""Items of one run: as many as two people can look through."""

CONSTRAINT_REFUSALS: Final[Mapping[str, Callable[[], Problem]]] = {
    "record_has_gone": lambda: problems.conflicting_data(
        "This is about a record whose time has come, and its content has gone: nothing more is"
        " written about it."
    )
}
"""What the database holds about records that went, in words."""

_FROZEN: Final = (
    "id",
    "record_class",
    "subject_id",
    "observation_id",
    "month",
    "kept_until",
    "explanation",
)


async def propose_run(work: Work, run_id: UUID, body: RetentionRunIn) -> None:
    """List the records past their day under the policy in force. Nothing is removed by that."""
    work.require(Permission.RETENTION_DECIDE, team=None)
    as_at = body.as_at or work.today
    check_as_at(as_at, work.today)
    found = await past_their_day(work, await work.policy(), as_at, MOST + 1)
    if not found:
        detail = "No record is past its day."
        at = InputError.at(["as_at"], "nothing-due", detail)
        raise problems.business_rule(CLAUSE, detail, [at], code="nothing-due")
    items = [_item(run_id, candidate) for candidate in found[:MOST]]
    run = RetentionRun(
        id=run_id,
        as_at=as_at,
        state=RetentionRunState.PROPOSED,
        policy_version=work.policy_version,
        proposed_at=work.now,
        proposed_by=work.person(),
        items_hash=_hash_of([item[name] for name in _FROZEN] for item in items),
        truncated=len(found) > MOST,
    )
    work.session.add(run)
    await work.session.flush()
    await work.session.execute(insert(RetentionItem), items)
    await _record_move(work, run)


async def approve_run(work: Work, run_id: UUID, expected: Precondition) -> None:
    """Approve, as a second person, the removal of what is listed.

    An approver decides only about items that they may see; the others are kept. A run whose items
    have changed since it was proposed cannot be approved.
    """
    run = await _to_change(work, run_id, expected, "approve")
    approver = work.person()
    refusal = "A second person has to approve a run."
    check_second_person(run.proposed_by, approver, CLAUSE, refusal)
    seen = subject_visible_to(RetentionItem, work.me)
    await work.act_as_service()
    if await _hash_of_run(work, run.id) != run.items_hash:
        raise problems.business_rule(
            CLAUSE, "The items are not those that were proposed.", code="items-changed"
        )
    await work.session.execute(
        update(RetentionItem)
        .where(RetentionItem.run_id == run.id, RetentionItem.outcome.is_(None), ~seen)
        .values(outcome=Settled.NOT_SEEN_BY_APPROVER.value, settled_at=work.now)
    )
    run.state = RetentionRunState.APPROVED
    run.approved_at, run.approved_by = work.now, approver
    await _record_move(work, run)


async def cancel_run(
    work: Work, run_id: UUID, expected: Precondition, body: RetentionRunCancel
) -> None:
    """Stop a run. What has been removed stays removed."""
    run = await _to_change(work, run_id, expected, "cancel")
    await work.act_as_service()
    await work.session.execute(
        update(RetentionItem)
        .where(RetentionItem.run_id == run.id, RetentionItem.outcome.is_(None))
        .values(outcome=Settled.RUN_CANCELLED.value, settled_at=work.now)
    )
    run.state = RetentionRunState.CANCELLED
    run.cancelled_at, run.cancelled_by, run.cancel_reason = work.now, work.person(), body.reason
    await _record_move(work, run)


def _item(run_id: UUID, candidate: Candidate) -> dict[str, object]:
    return {
        "id": new_id(),
        "run_id": run_id,
        "record_class": candidate.retention.record_class.value,
        "subject_id": candidate.subject_id,
        "observation_id": candidate.observation_id,
        "month": candidate.month,
        "kept_until": candidate.retention.kept_until,
        "explanation": candidate.retention.explanation.as_json(),
    }


async def _to_change(work: Work, run_id: UUID, expected: Precondition, action: str) -> RetentionRun:
    run = await work.take(RetentionRun, run_id, run_visible_to)
    work.require(Permission.RETENTION_DECIDE, team=None)
    next_state("retention_run", run.state, action)
    expected.check(run.version)
    return run


async def _hash_of_run(work: Work, run_id: UUID) -> str:
    columns = [getattr(RetentionItem, name) for name in _FROZEN]
    rows = await work.session.execute(select(*columns).where(RetentionItem.run_id == run_id))
    return _hash_of(rows.all())


def _hash_of(items: Iterable[Sequence[object]]) -> str:
    """A hash of the items, the same in whatever order they come."""
    lines = sorted(
        # As text, too, where the driver has a kind of UUID of its own.
        orjson.dumps(list(item), default=str, option=orjson.OPT_SORT_KEYS)
        for item in items
    )
    return sha256(b"\n".join(lines)).hexdigest()


async def _record_move(work: Work, run: RetentionRun) -> None:
    await work.record(
        events.RetentionRunMoved(about=run.id, state=run.state, items_hash=run.items_hash)
    )
