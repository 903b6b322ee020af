"""Opening the planned audit in time for its due date, once, and what settles the date (R3.2)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, Date, Uuid, and_, bindparam, or_, select, text
from sqlalchemy.dialects import postgresql

from qa_api import events, problems
from qa_api.audits.for_plans import withdraw_planned_audits
from qa_api.db import Prepared
from qa_api.due_audits.due_list import DueListRow
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.due_audits import AuditDueDate
from qa_api.models.subjects import Subject
from qa_api.rules.cadence import CLAUSES, CadenceKind, DueStatus, rematched
from qa_api.rules.states import AuditState
from qa_api.work import Work

_OWED: Final = DueListRow.__table__.c
AT_ONCE: Final = 200
"""How many audits one sweep opens: a new authority's backlog does not hold up the rest."""


# --- opening ---


async def open_due_audits(work: Work) -> int:
    """Open the audits that fall due within the policy's lead time; says how many.

    Planned, nobody's yet: each shows in its team's work until it is assigned. Safe with several
    workers at once. What was cancelled is not opened again; what was recorded in error is.
    """
    await work.act_as_service()
    lead = timedelta(days=(await work.policy()).due_audit_lead_days)
    owed = (
        select(*_OWED)
        .where(_OWED.audit_id.is_(None), _OWED.status != DueStatus.COMING)
        .order_by(_OWED.due_on, _OWED.key)
        .limit(AT_ONCE)
    )
    given = {"as_at": work.today, "until": work.today + lead}
    rows = (await work.session.execute(owed, given)).all()
    households = await _locked_households(work, {row.subject_id for row in rows if row.subject_id})
    planned = {new_id(): row for row in rows}
    won = await _claim(work, planned)
    audits = [_audit(work, audit_id, planned[audit_id], households) for audit_id in won]
    work.session.add_all(audits)
    await work.session.flush()
    for audit in audits:
        await work.record(
            events.AuditPlanned(about=audit.id, subject=audit.subject_id, audit_type=audit.type)
        )
    return len(audits)


async def _locked_households(work: Work, subjects: set[UUID]) -> dict[UUID, Subject]:
    """The households as they are held now, and stay until the audits are there."""
    found = await work.session.scalars(
        select(Subject)
        .where(Subject.id.in_(subjects))
        .order_by(Subject.id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    return {subject.id: subject for subject in found}


async def _claim(work: Work, planned: dict[UUID, Any]) -> list[UUID]:
    """Which of these audits are the first for their due date, the earliest due first."""
    if not planned:
        return []
    claimed = await work.session.scalars(
        postgresql.insert(AuditDueDate)
        .values([_for(audit_id, row) for audit_id, row in planned.items()])
        .on_conflict_do_nothing()
        .returning(AuditDueDate.audit_id)
    )
    won = set(claimed)
    return [audit_id for audit_id in planned if audit_id in won]


def _for(audit_id: UUID, row: Any) -> dict[str, Any]:
    return {
        "audit_id": audit_id,
        "type": row.type,
        "subject_id": row.subject_id,
        "owed_team": None if row.subject_id else row.team,
        "number": row.number,
        "due_on": row.due_on,
        "stands": True,
        "policy_version": row.policy_version,
        "explanation": row.explanation,
    }


def _audit(work: Work, audit_id: UUID, row: Any, households: dict[UUID, Subject]) -> Audit:
    household = households.get(row.subject_id)
    return Audit(
        id=audit_id,
        type=row.type,
        state=AuditState.PLANNED,
        subject_id=row.subject_id,
        team=household.team if household else row.team,
        worker=household.worker if household else None,
        restricted=household.restricted if household else False,
        opened_by="schedule",
        policy_version=work.policy_version,
        planned_at=work.now,
        due_on=row.due_on,
    )


async def take_up_due_date(work: Work, event: events.AuditPlanned) -> None:
    """An audit that somebody plans for a due date is the audit for it: no second one is opened."""
    if event.due_on is None:
        return
    owed = _OWED
    team = select(Audit.team).where(Audit.id == event.about).scalar_subquery()
    # The type first: of one that does not fall due by the calendar nothing is counted.
    found = await work.session.execute(
        select(*owed)
        .where(
            owed.type == event.audit_type,
            owed.due_on == event.due_on,
            or_(
                owed.subject_id == event.subject,
                and_(owed.subject_id.is_(None), owed.team == team),
            ),
        )
        .order_by(owed.key),
        {"as_at": work.today, "until": event.due_on},
    )
    rows = found.all()
    free = next((row for row in rows if row.audit_id is None), None)
    if free is not None:
        work.session.add(AuditDueDate(**_for(event.about, free)))
    elif any(row.subject_id for row in rows):
        raise problems.business_rule(
            CLAUSES[CadenceKind.ANNIVERSARY],
            "There is an audit for this due date already.",
            code="planned-already",
        )


# --- settling ---

_SETTLE: Final = Prepared.of(
    text(
        "UPDATE audit_due_dates SET settled_on = :on, stands = stands AND :stands"
        " WHERE audit_id = :audit"
    ).bindparams(
        bindparam("on", type_=Date),
        bindparam("stands", type_=Boolean),
        bindparam("audit", type_=Uuid),
    )
)


async def settle_due_date(work: Work, event: events.AuditCompleted | events.AuditCancelled) -> None:
    """Settle the due date of an audit that was completed, or excuse that of a cancelled one."""
    await work.run(_SETTLE, audit=event.about, on=work.today, stands=True)


async def owe_again(work: Work, event: events.AuditRecordedInError) -> None:
    """Open the due date of an audit recorded in error again: it was never settled."""
    await work.run(_SETTLE, audit=event.about, on=None, stands=False)


async def take_back(work: Work, no_longer_owed: Sequence[AuditDueDate], why: str) -> None:
    """Detach these audits from their due dates; cancel those the schedule opened, if not begun."""
    for owed in no_longer_owed:
        owed.stands = False
    await work.session.flush()
    opened = await work.session.scalars(
        select(Audit.id).where(
            Audit.id.in_([owed.audit_id for owed in no_longer_owed]),
            Audit.opened_by == "schedule",
        )
    )
    await withdraw_planned_audits(work, opened.all(), why)


# --- counting again ---


async def follow_panel_date(work: Work, event: events.PanelDateSet) -> None:
    """Give each audit to the nearest due date after a panel date was corrected (R3.2)."""
    await count_again(work, event.about)


async def follow_merge(work: Work, event: events.SubjectMerged) -> None:
    """Keep one panel date and the audits of both when two households' records are merged (C6)."""
    into = await work.session.get_one(Subject, event.about)
    merged = await work.session.get_one(Subject, event.merged)
    if "carer_household" not in {into.kind, merged.kind}:
        return
    if into.first_panel_on is None:
        into.first_panel_on = merged.first_panel_on
        into.approval_ended_on = merged.approval_ended_on
        await work.session.flush()
    await count_again(work, into.id, merged.id)


async def count_again(work: Work, household: UUID, *merged: UUID) -> None:
    """Give the audits of a household, and of those merged into it, to the dates due by now."""
    # A completed audit for which no date was left may have one again.
    made = and_(Audit.completed_on.is_not(None), Audit.recorded_in_error_at.is_(None))
    found = await work.session.scalars(
        select(AuditDueDate)
        .join(Audit, Audit.id == AuditDueDate.audit_id)
        .where(AuditDueDate.subject_id.in_((household, *merged)), or_(AuditDueDate.stands, made))
        .order_by(AuditDueDate.due_on, AuditDueDate.settled_on.nulls_last(), AuditDueDate.audit_id)
        .with_for_update(of=AuditDueDate)
    )
    by_type: dict[str, list[AuditDueDate]] = defaultdict(list)
    for owed in found:
        # While none stands, every due date shows as owed, and no two audits are for one.
        owed.stands, owed.subject_id = False, household
        by_type[owed.type].append(owed)
    await work.session.flush()
    left = []
    for type_, before in by_type.items():
        left += await _match(work, household, type_, before)
    await take_back(work, left, "The household's panel date or approval was put right.")


async def _match(
    work: Work, household: UUID, type_: str, before: Iterable[AuditDueDate]
) -> list[AuditDueDate]:
    """Give each due date its audit; gives those that are left without one."""
    by_day: dict[date, list[AuditDueDate]] = defaultdict(list)
    for owed in before:
        by_day[owed.due_on].append(owed)
    found = await work.session.execute(
        select(*_OWED)
        .where(_OWED.subject_id == household, _OWED.type == type_)
        .order_by(_OWED.due_on),
        {"as_at": work.today, "until": max(by_day) + _A_LONG_TIME},
    )
    due = {row.due_on: row for row in found}
    every = max((row.explanation["facts"]["every_months"] for row in due.values()), default=0)
    left = []
    for day, new in rematched(by_day, due, every).items():
        first, *others = by_day[day]
        left += others if new is not None else [first, *others]
        if new is not None:
            await _move(work, first, due[new])
    return left


async def _move(work: Work, owed: AuditDueDate, row: Any) -> None:
    audit = await work.session.get_one(Audit, owed.audit_id)
    if audit.state == AuditState.PLANNED and audit.due_on == owed.due_on != row.due_on:
        audit.due_on = row.due_on
        await work.record(events.AuditEdited(about=audit.id, subject=audit.subject_id))
    owed.due_on, owed.stands = row.due_on, True
    owed.policy_version, owed.explanation = row.policy_version, row.explanation


_A_LONG_TIME: Final = timedelta(days=5 * 366)
"""Longer than half of any interval: ten years."""
