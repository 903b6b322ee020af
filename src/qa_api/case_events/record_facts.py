"""Who holds a case and what is known of the person, worked out from everything told (C2)."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from qa_api import events
from qa_api.alerts import alert_role
from qa_api.audits.for_plans import withdraw_planned_audits
from qa_api.auth.roles import Role
from qa_api.case_events.histories import HOLDERS, PANEL, PERSON_FACTS, History, histories
from qa_api.closure_gates.service import reassess_subject
from qa_api.due_audits import schedule
from qa_api.models.audits import Audit
from qa_api.models.catalogue import AuditType
from qa_api.models.subjects import Subject
from qa_api.rules.alerts import AlertKind
from qa_api.rules.kinds import SubjectKind, kept_as
from qa_api.rules.restriction import restriction_now
from qa_api.rules.states import AuditState
from qa_api.rules.telling import Said, newest
from qa_api.subjects.service import hand_over, restrict
from qa_api.work import Work

Counts = Mapping[str, Said[Any]]
"""What counts of everything that was said, by the field; what nobody has said is not there."""


def _nobody(holder: str | None) -> bool:
    # A case that waits for a holder is in front of those who allocate it; one that has a wrong
    # holder is in front of somebody whom it does not concern.
    return holder is None


def _later_day(day: date | None) -> date:
    # The later of two days of birth or death keeps the record longer.
    return day or date.min


def _earlier_panel(panel: tuple[date, date | None]) -> tuple[int, date]:
    # The earlier presentation makes audits due earlier, the later end makes more of them due.
    first, ended = panel
    return -first.toordinal(), ended or date.max


CAUTIOUS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(HOLDERS, _nobody),
    **dict.fromkeys(PERSON_FACTS, _later_day),
    PANEL: _earlier_panel,
}
"""How cautious a value of each field is, by a key: of two that nothing else decides between, the
greater counts."""


def counts(history: History) -> Counts:
    """What counts, field by field."""
    return newest_of(history.said(history.lineage()))


def newest_of(said: Mapping[str, Collection[Said[Any]]]) -> Counts:
    """The same, of what was said of each field."""
    found = {name: newest(said.get(name, ()), cautious) for name, cautious in CAUTIOUS.items()}
    return {name: value for name, value in found.items() if value is not None}


async def follow(work: Work, subject: Subject, history: History, by: UUID) -> bool:
    """Bring the subject in line with everything told of it, `by` the event that has just come.

    Says whether that changed anything. A field of which nothing was said stays as it is. Needs the
    service's reach; the subject is locked.
    """
    counted = counts(history)
    turned = await _follow_kind(work, subject, history)
    await _tell_of_two_kinds(work, history, by)
    facts: dict[str, Any] = {name: counted[name].value for name in PERSON_FACTS if name in counted}
    facts["ref"] = history.lineage().survivor(subject.ref)
    changed = {name: value for name, value in facts.items() if value != getattr(subject, name)}
    for name, value in changed.items():
        setattr(subject, name, value)
    if changed:
        await work.record(events.SubjectEdited(about=subject.id, subject=subject.id))
    moved = await _follow_holders(work, subject, counted)
    presented = await _follow_panel(work, subject, counted)
    return turned or moved or presented or bool(changed)


async def _tell_of_two_kinds(work: Work, history: History, by: UUID) -> None:
    """Two merged records turn out to be a child's and a household's.

    Nothing is un-merged: people must look. They are told of the event that shows it, once.
    """
    if not history.lineage().steps or len(history.kinds()) < 2:
        return
    if history.kinds(without=by) != history.kinds():
        await alert_role(work, Role.QUALITY_STANDARDS, AlertKind.MERGE_OF_DIFFERENT_KINDS, by)


async def _follow_kind(work: Work, subject: Subject, history: History) -> bool:
    """Make the record a child's or a household's; cancel audits planned for the other kind."""
    kind = kept_as(history.kind())
    if kind == subject.kind:
        return False
    subject.kind = kind
    await work.record(events.SubjectEdited(about=subject.id, subject=subject.id))
    await take_back_those_of_another_kind(work, subject)
    await schedule.count_again(work, subject.id)
    await reassess_subject(work, subject.id, closed_too=True)
    return True


async def take_back_those_of_another_kind(work: Work, subject: Subject) -> None:
    """Cancel closure audits that were planned while the record was taken for the other kind."""
    await work.session.flush()
    planned = await work.session.scalars(
        select(Audit.id)
        .join(AuditType, AuditType.code == Audit.type)
        .where(
            Audit.subject_id == subject.id,
            Audit.state == AuditState.PLANNED,
            Audit.gate_id.is_not(None),
            AuditType.subject_kind != subject.kind,
        )
    )
    whose = "a child's" if subject.kind == SubjectKind.CHILD else "a carer household's"
    await withdraw_planned_audits(work, planned.all(), f"The record turned out to be {whose}.")


async def _follow_panel(work: Work, subject: Subject, counted: Counts) -> bool:
    """Keep the panel date of the record that is left, else the one entered last."""
    if PANEL not in counted or subject.kind != "carer_household":
        return False
    first, ended = counted[PANEL].value
    if (first, ended) == (subject.first_panel_on, subject.approval_ended_on):
        return False
    subject.first_panel_on, subject.approval_ended_on = first, ended
    await work.record(events.PanelDateSet(about=subject.id, subject=subject.id))
    return True


async def follow_references(work: Work, event: events.ReferencesChanged) -> None:
    """Hand the cases of those whose references changed to whoever their case systems mean now.

    All that was told of each case is read again, as when an event comes. Nothing waits for one.
    """
    await work.act_as_service()
    held = Subject.team if event.what == "team" else Subject.worker
    found = await work.session.scalars(
        select(Subject.id)
        .where(held.in_(event.codes), Subject.merged_into_id.is_(None))
        .order_by(Subject.id)
    )
    ids = found.all()
    for first in range(0, len(ids), _AT_ONCE):
        rows = await work.session.scalars(
            select(Subject)
            .where(Subject.id.in_(ids[first : first + _AT_ONCE]), Subject.merged_into_id.is_(None))
            .order_by(Subject.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        subjects = rows.all()
        told = await histories(work, subjects)
        for subject in subjects:
            await _follow_holders(work, subject, counts(told[subject.id]), again=True)


_AT_ONCE: Final = 500
"""Cases whose events are read together."""


async def _follow_holders(
    work: Work, subject: Subject, counted: Counts, *, again: bool = False
) -> bool:
    told = [counted[name].told for name in HOLDERS if name in counted]
    if not told:
        return False
    at = max((each.occurred_at for each in told if each.occurred_at), default=None)
    held = {
        "team": subject.reported_team or subject.team,
        "worker": subject.reported_worker or subject.worker,
    }
    said = {name: counted[name].value for name in HOLDERS if name in counted}
    now = held | said
    if now == held and subject.allocated_at == at and not again:
        return False
    # Whose a reference is depends on the day, and on case only as it is written: what was told is
    # compared once it is resolved.
    return await hand_over(work, subject, at=at, **now)


async def follow_restrictions(work: Work, subject: Subject, history: History) -> bool:
    """Restrict or open the record as everything told of it says; whether it changed (X3)."""
    kind = restriction_now(history.restrictions())
    return kind != subject.restriction_kind and await restrict(work, subject, kind)
