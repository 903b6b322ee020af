"""Reading what audits fall due by: households, intervals, closings, and what was done (§3)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.catalogue import AuditType
from qa_api.models.closures import ClosureGate
from qa_api.models.due_audits import AuditDueDate, AuditInterval
from qa_api.models.subjects import Subject
from qa_api.rules.cadence import CadenceKind
from qa_api.rules.closure import Cycle, EpisodePhase, ExemptBecause
from qa_api.rules.local_time import end_of_local_day, local_date, start_of_local_day
from qa_api.simulating.due import Closing, Household, Interval, Owed, Settled
from qa_api.simulating.policies import Year
from qa_api.work import Work


async def read_owed(work: Work, year: Year) -> Owed:
    """As the list of due audits reads it, and the closings whose gate was opened in the year."""
    made = await _made(work)
    return Owed(
        households=await _households(work, made),
        intervals=await _intervals(work, made),
        closings=await _closings(work, year),
    )


async def _made(work: Work) -> Mapping[tuple[UUID | str, str], list[Settled]]:
    """The due dates that audits stand for, by household or team, and type."""
    owed = AuditDueDate
    found = await work.session.execute(
        select(
            owed.subject_id,
            owed.owed_team,
            owed.type,
            owed.due_on,
            owed.number,
            owed.settled_on,
        ).where(owed.stands)
    )
    made: dict[tuple[UUID | str, str], list[Settled]] = defaultdict(list)
    for row in found:
        whose: UUID | str = row.subject_id or row.owed_team
        made[whose, row.type].append(Settled(row.due_on, row.number, row.settled_on))
    return made


async def _households(
    work: Work, made: Mapping[tuple[UUID | str, str], list[Settled]]
) -> list[Household]:
    type_, subject = AuditType, Subject
    found = await work.session.execute(
        select(
            type_.code,
            type_.interval_months,
            subject.id,
            subject.team,
            subject.first_panel_on,
            subject.approval_ended_on,
        )
        .join(subject, subject.kind == type_.subject_kind)
        .where(
            type_.active,
            type_.cadence == CadenceKind.ANNIVERSARY,
            subject.first_panel_on.is_not(None),
            subject.merged_into_id.is_(None),
        )
        .order_by(subject.id, type_.code)
    )
    done = await _completed(work)
    return [
        Household(
            team=row.team,
            first_panel_on=row.first_panel_on,
            approval_ended_on=row.approval_ended_on,
            every_months=row.interval_months,
            completed_on=done.get((row.id, row.code), ()),
            made=made.get((row.id, row.code), ()),
        )
        for row in found
    ]


async def _completed(work: Work) -> Mapping[tuple[UUID, str], list[date]]:
    """When audits of households were completed; what was recorded in error never was."""
    audit, household = aliased(Audit), aliased(Subject)
    found = await work.session.execute(
        select(audit.subject_id, audit.type, audit.completed_on)
        .join(household, household.id == audit.subject_id)
        .where(
            household.first_panel_on.is_not(None),
            audit.completed_on.is_not(None),
            audit.recorded_in_error_at.is_(None),
        )
    )
    done: dict[tuple[UUID, str], list[date]] = defaultdict(list)
    for row in found:
        done[row.subject_id, row.type].append(row.completed_on)
    return done


async def _intervals(
    work: Work, made: Mapping[tuple[UUID | str, str], list[Settled]]
) -> list[Interval]:
    interval, type_ = AuditInterval, AuditType
    found = await work.session.execute(
        select(
            interval.type,
            interval.team,
            func.lower(interval.valid).label("first"),
            func.upper(interval.valid).label("until"),
            interval.every_months,
            interval.audits_each_time,
        )
        .join(type_, type_.code == interval.type)
        .where(type_.active, type_.cadence == CadenceKind.INTERVAL)
        .order_by(interval.id)
    )
    return [
        Interval(
            team=row.team,
            first=row.first,
            until=row.until,
            every_months=row.every_months,
            each_time=row.audits_each_time,
            made=made.get((row.team, row.type), ()),
        )
        for row in found
    ]


async def _closings(work: Work, year: Year) -> list[Closing]:
    """A closing that another gate counts for is left out: both are of one person."""
    gate = ClosureGate
    begins, ends = start_of_local_day(year.starts_on), end_of_local_day(year.ends_on)
    found = await work.session.execute(
        select(
            gate.opened_at,
            gate.closed_at,
            gate.closing_counts_at,
            gate.reason_code,
            gate.policy_version,
            gate.explanation,
        ).where(gate.duplicate_of.is_(None), gate.opened_at >= begins, gate.opened_at < ends)
    )
    return [
        Closing(local_date(row.opened_at), _cycle(row), row.policy_version, _offered(row))
        for row in found
    ]


def _cycle(row: Any) -> Cycle:
    phase = EpisodePhase.PROPOSED if row.closed_at is None else EpisodePhase.CLOSED
    return Cycle(
        phase=phase,
        closed_at=row.closed_at,
        closing_counts_at=row.closing_counts_at,
        reason_code=row.reason_code,
    )


def _offered(row: Any) -> bool:
    because = row.explanation["facts"].get("exempt_because")
    return bool(because != ExemptBecause.NO_AUDIT_TYPE)
