"""Completing an audit: what it says is read, held to its rule and locked with its event.

Auditors wait for it, and much follows; so it makes no session: its statements were compiled once.
"""

from dataclasses import dataclass, fields
from functools import cache
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, select

from qa_api import events, problems
from qa_api.audits.content import leave_out, recorded_in, tool_and_scale_of
from qa_api.audits.facts import team_of
from qa_api.audits.queries import AUDIT
from qa_api.audits.schemas import Completion
from qa_api.audits.steps import check_step
from qa_api.auth.actor import Me
from qa_api.db import Prepared, parameter
from qa_api.event_log import as_json, changing, recording_all
from qa_api.models.actions import RestorativeAction
from qa_api.models.audits import Audit
from qa_api.reads.shapes import Predicate
from qa_api.rules.audits import check_completion, check_overall_asked, not_applying
from qa_api.rules.tools import OverallAsked
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


@dataclass(slots=True)
class Completing:
    """What of an audit's own row its completion asks for or changes."""

    id: UUID
    subject_id: UUID | None
    team: str | None
    worker: str | None
    type: str
    version: int
    auditor: str | None
    tool_id: UUID | None
    scale_code: str | None
    scale_number: int | None
    overall_asked: str
    positive_feedback: str | None
    paper_records_read: bool | None
    state: str
    auditor_team: str | None
    overall_judgement: str | None
    overall_rationale: str | None


async def complete_audit(
    work: Work, audit_id: UUID, expected: Precondition, completion: Completion
) -> None:
    """Complete the audit and lock it (R4.1.5); a refusal names everything that is missing.

    The day of completion is London's. The worker's notification, an escalation and the decision
    about a closure gate follow in this transaction.
    """
    audit = await _take(work, audit_id)
    check_step(work, audit, "complete", expected)
    if completion.overall is not None:
        check_overall_asked(OverallAsked(audit.overall_asked))
        audit.overall_judgement = completion.overall.judgement
        audit.overall_rationale = completion.overall.rationale
    tool = await tool_and_scale_of(work, audit)
    content = await recorded_in(work, audit, tool)
    check_completion(content)
    await leave_out(work, audit.id, not_applying(content))
    audit.auditor_team = await team_of(work, audit.auditor) or audit.auditor_team
    actions = await work.run(_actions_of(), id=audit.id)
    completed = events.AuditCompleted(
        about=audit.id,
        subject=audit.subject_id,
        audit_type=audit.type,
        judgement=audit.overall_judgement,
        escalates=bool(tool.escalating_in(content)),
        action_ids=tuple(action.id for action in actions),
    )
    when = {"completed_at": work.now, "completed_on": work.today}
    changed = {name: getattr(audit, name) for name in ("id", *_CHANGED)} | when
    if await work.record_all([completed], _COMPLETED, audit=as_json([changed])) != 1:
        raise LookupError("an audit that was found is not written")


_COLUMNS: Final = tuple(each.name for each in fields(Completing))
_CHANGED: Final = _COLUMNS[_COLUMNS.index("state") :]
_WRITTEN: Final = (*_CHANGED, "completed_at", "completed_on")
_COMPLETED: Final = recording_all(audit=changing(Audit, _WRITTEN, "audit"))
"""The audit's own row and its event."""


async def _take(work: Work, audit_id: UUID) -> Completing:
    """The audit, locked; 404 if the caller may not see it. Near reasons are asked first (ADR 3)."""
    caller = work.actor.given(work.now, work.today)
    for visible in AUDIT.tries:
        found = await work.run(_to_take(visible), **caller, id=audit_id)
        if found:
            return Completing(*found[0])
    raise problems.not_found()


@cache
def _to_take(visible: Predicate) -> Prepared:
    """The audit, locked; others can add answers and actions to it meanwhile."""
    of_this_id = Audit.id == parameter("id", Uuid())
    return Prepared.of(
        select(*(getattr(Audit, name) for name in _COLUMNS))
        .where(of_this_id, visible(Audit, Me.given()))
        .with_for_update(key_share=True)
    )


@cache
def _actions_of() -> Prepared:
    action = RestorativeAction
    of_audit = select(action.id).where(action.audit_id == parameter("id", Uuid()))
    return Prepared.of(of_audit.order_by(action.id))
