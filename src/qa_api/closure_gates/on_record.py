"""What is recorded about a subject that matters for closing: its gates and what they depend on.

Two records of one person may each have asked for an audit of the same closing (C6). So an audit is
found by the gate that asked for it, even where another gate answers for the closing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, case, exists, func, or_, select

from qa_api.db import Prepared, parameter
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.closures import ClosureGate
from qa_api.models.escalations import Escalation
from qa_api.models.subjects import Subject
from qa_api.rules.closure_audits import AskedAudit, audit_awaited, audit_that_counts
from qa_api.rules.escalation import EscalationTrigger
from qa_api.rules.states import AUDIT_FINISHED, ActionState, AuditState, EscalationState, GateState
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work


class OnRecord(Unchanging):
    """What is on record about a subject that bears on closing."""

    subject: Subject
    audits: tuple[tuple[UUID, AskedAudit], ...] = ()
    """Its closure audits, each with the gate of the subject that it is of."""
    actions: tuple[ActionState, ...] = ()
    urgent_findings: tuple[EscalationState, ...] = ()

    @property
    def completed(self) -> frozenset[UUID | None]:
        """Its closure audits that are completed or closed."""
        return frozenset(each.id for _, each in self.audits if each.finished)

    @property
    def begun(self) -> frozenset[UUID | None]:
        """Its closure audits that somebody is at."""
        return frozenset(each.id for _, each in self.audits if each.begun)

    def of(self, gate: ClosureGate, gates: Collection[ClosureGate]) -> "OfClosing":
        """What there is of one closing: of its gate, and of those that stand back for it."""
        twins = {each.id for each in gates if each.duplicate_of == gate.id} | {gate.id}
        asked = tuple(audit for of, audit in self.audits if of in twins)
        reopened = [each.reopened_at for each in gates if each.id in twins and each.reopened_at]
        return OfClosing(self, asked, gate.audit_id, max(reopened, default=None))


class OfClosing(Unchanging):
    """What is on record of one closing, whichever of the person's records it was told of."""

    person: OnRecord
    asked: tuple[AskedAudit, ...]
    now: UUID | None
    """The audit that its gate points to."""
    reopened_at: datetime | None

    @property
    def completed(self) -> AskedAudit | None:
        """The completed audit that counts."""
        return audit_that_counts(self.asked, self.now, self.reopened_at)

    @property
    def awaited(self) -> AskedAudit | None:
        """The audit that is waited for, of those that are open."""
        return audit_awaited(self.asked, self.now)

    @property
    def open(self) -> tuple[AskedAudit, ...]:
        """Those that are neither completed nor cancelled."""
        return tuple(each for each in self.asked if each.open)

    def awaits(self, audit_id: UUID) -> bool:
        """Whether an audit is one of the open ones."""
        return any(each.id == audit_id for each in self.open)


# --- statements built once, for many events come ---

_LOCKED = select(ClosureGate).order_by(ClosureGate.id).with_for_update(key_share=True)
_OF_EPISODE = _LOCKED.where(
    ClosureGate.system == bindparam("system"),
    ClosureGate.episode_id == bindparam("episode_id"),
    ClosureGate.subject_id.in_(bindparam("subjects", expanding=True)),
)
_TO_DECIDE = _LOCKED.where(
    ClosureGate.subject_id == bindparam("subject_id"),
    or_(
        ClosureGate.state.not_in(bindparam("settled", expanding=True)),
        ClosureGate.duplicate_of.is_not(None),
    ),
)
_STANDS = Audit.recorded_in_error_at.is_(None)
"""An audit made on the wrong child says nothing about a gate (R4.1.5)."""


def _all_of(column: Any, *where: Any) -> ColumnElement[Any]:
    of_subject = select(column).where(column.class_.subject_id == Subject.id, *where)
    return func.array(of_subject.correlate(Subject).scalar_subquery())


def _of_audit(audit_id: Any, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Audit.id == audit_id, _STANDS, *where)


@cache
def _on_record() -> Select[Any]:
    """Each subject of `subjects`, with its audits, actions and findings; made when first asked."""
    asked_by = aliased(ClosureGate)
    audits = (
        select(
            func.jsonb_agg(
                func.jsonb_build_array(
                    # A gate left with a record that was merged away stands for that of the person.
                    case(
                        (asked_by.subject_id == Subject.id, asked_by.id),
                        else_=asked_by.duplicate_of,
                    ),
                    Audit.id,
                    Audit.state,
                    Audit.completed_at,
                    asked_by.reopened_at,
                    func.coalesce(asked_by.audit_id == Audit.id, False),
                )
            )
        )
        .join(asked_by, asked_by.id == Audit.gate_id)
        .where(Audit.subject_id == Subject.id, _STANDS, Audit.state != AuditState.CANCELLED)
        .correlate(Subject)
        .scalar_subquery()
    )
    return select(
        Subject,
        audits,
        _all_of(
            RestorativeAction.state,
            RestorativeAction.needed_before_closure,
            _of_audit(RestorativeAction.audit_id, Audit.state.in_(AUDIT_FINISHED)),
        ),
        _all_of(
            Escalation.state,
            Escalation.trigger == EscalationTrigger.URGENT_FINDING,
            _of_audit(Escalation.audit_id),
        ),
    ).where(Subject.id.in_(bindparam("subjects", expanding=True)))


async def lock_subject(work: Work, subject_id: UUID) -> None:
    """Have whoever decides about the subject's gates wait until this work is done."""
    await work.run(_subject_locked(), id=subject_id)


@cache
def _subject_locked() -> Prepared:
    this = select(Subject.id).where(Subject.id == parameter("id", Uuid()))
    return Prepared.of(this.with_for_update(key_share=True))


_AS_IT_IS_NOW = {"populate_existing": True}


async def gates_of_episode(
    work: Work, system: str, episode_id: str, subjects: Sequence[UUID]
) -> Sequence[ClosureGate]:
    """The gates of an episode of these subjects, locked."""
    given = {"system": system, "episode_id": episode_id, "subjects": subjects}
    return await _locked(work, _OF_EPISODE, given)


async def gates_to_decide(
    work: Work, subject_id: UUID, *, closed_too: bool
) -> Sequence[ClosureGate]:
    """The subject's gates that are not withdrawn, nor closed, and all that stand back; locked."""
    # Most have no gate at all: to ask for that past the session costs a quarter.
    if not await work.run(_any_gate(), subject_id=subject_id):
        return ()
    settled = [GateState.WITHDRAWN] if closed_too else [GateState.WITHDRAWN, GateState.CLOSED]
    return await _locked(work, _TO_DECIDE, {"subject_id": subject_id, "settled": settled})


@cache
def _any_gate() -> Prepared:
    of_subject = ClosureGate.subject_id == parameter("subject_id", Uuid())
    return Prepared.of(select(ClosureGate.id).where(of_subject).limit(1))


async def _locked(
    work: Work, statement: Select[ClosureGate], given: dict[str, Any]
) -> Sequence[ClosureGate]:
    gates = await work.session.scalars(statement, given, execution_options=_AS_IT_IS_NOW)
    return gates.all()


async def what_is_on_record(work: Work, subjects: Sequence[UUID]) -> dict[UUID, OnRecord]:
    """What bears on closing of each subject, as it is now. Needs the service's reach."""
    rows = await work.session.execute(
        _on_record(), {"subjects": subjects}, execution_options=_AS_IT_IS_NOW
    )
    return {
        subject.id: OnRecord(
            subject,
            tuple(_asked(each) for each in audits or () if each[0] is not None),
            tuple(ActionState(state) for state in needed),
            tuple(EscalationState(state) for state in found),
        )
        for subject, audits, needed, found in rows
    }


def _asked(written: Sequence[Any]) -> tuple[UUID, AskedAudit]:
    gate, id_, state, completed_at, reopened_at, of_gate_now = written
    audit = AskedAudit(
        UUID(id_), AuditState(state), _instant(completed_at), _instant(reopened_at), of_gate_now
    )
    return UUID(gate), audit


def _instant(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)
