"""How often a team is audited, where a manager sets it: YOS peer, Children's health (R3.1)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from qa_api import events, problems
from qa_api.auth.roles import Permission
from qa_api.directory.service import known_team
from qa_api.due_audits.schedule import take_back
from qa_api.due_audits.schemas import AuditIntervalEnd, AuditIntervalIn
from qa_api.models.catalogue import AuditType
from qa_api.models.due_audits import AuditDueDate, AuditInterval
from qa_api.problems import InputError, Problem
from qa_api.rules.cadence import CLAUSES, CadenceKind
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

CLAUSE: Final = CLAUSES[CadenceKind.INTERVAL]


async def set_interval(work: Work, interval_id: UUID, given: AuditIntervalIn) -> None:
    """Set how often a team is audited on a type, from a day on; the team's manager does (R3.1)."""
    work.require(Permission.AUDIT_INTERVAL_SET, team=given.team)
    type_ = await work.session.get(AuditType, given.type)
    _refuse_what_is_unknown(type_, known=await known_team(work, given.team))
    assert type_ is not None  # noqa: S101  # refused above
    months = given.every_months or type_.interval_months
    if type_.cadence != CadenceKind.INTERVAL or not type_.active or months is None:
        raise _refused(
            "type", "cadence", "Managers do not set how often audits of this type are due."
        )
    work.session.add(
        AuditInterval(
            id=interval_id,
            type=given.type,
            team=given.team,
            valid=_days(given.from_, given.to),
            every_months=months,
            audits_each_time=given.audits_each_time,
            scope=given.scope,
            reason=given.reason,
            set_at=work.now,
            set_by=work.person(),
        )
    )
    await work.record(
        events.AuditIntervalSet(about=interval_id, audit_type=given.type, team=given.team)
    )


async def end_interval(
    work: Work, interval_id: UUID, expected: Precondition, given: AuditIntervalEnd
) -> None:
    """End an interval on a day; audits for due dates from then on are taken back."""
    interval = await work.find(
        select(AuditInterval).where(AuditInterval.id == interval_id).with_for_update()
    )
    work.require(Permission.AUDIT_INTERVAL_SET, team=interval.team)
    expected.check(interval.version)
    interval.valid = _days(interval.valid.lower, given.to)
    interval.ended_at, interval.ended_by = work.now, work.person()
    interval.ended_reason = given.reason
    await work.record(
        events.AuditIntervalEnded(about=interval.id, audit_type=interval.type, team=interval.team)
    )
    no_longer_owed = await work.session.scalars(
        select(AuditDueDate)
        .where(
            AuditDueDate.type == interval.type,
            AuditDueDate.owed_team == interval.team,
            AuditDueDate.due_on >= given.to,
            AuditDueDate.stands,
        )
        .order_by(AuditDueDate.audit_id)
    )
    await take_back(work, no_longer_owed.all(), "The interval that asked for it has ended.")


def _refuse_what_is_unknown(type_: AuditType | None, *, known: bool) -> None:
    unknown = [("type", type_ is None), ("team", not known)]
    errors = [
        InputError.at([name], "unknown", f"There is no such {what}.")
        for (name, is_so), what in zip(unknown, ("audit type", "team"), strict=True)
        if is_so
    ]
    if errors:
        raise problems.validation(errors)


def _days(first: date | None, until: date | None) -> Range[date]:
    if first is not None and until is not None and until <= first:
        raise _refused("to", "order", "The last day must be after the first.")
    return Range(first, until, bounds="[)")


def _refused(field: str, code: str, detail: str) -> Problem:
    return problems.business_rule(CLAUSE, detail, [InputError.at([field], code, detail)])


CONSTRAINT_REFUSALS: Final[Mapping[str, Callable[[], Problem]]] = {
    "audit_intervals_one_at_a_time": lambda: problems.business_rule(
        CLAUSE, "Another interval is in force on some of these days: end it first.", code="overlap"
    ),
    "audit_due_dates_one_of_household": lambda: problems.business_rule(
        CLAUSES[CadenceKind.ANNIVERSARY],
        "There is an audit for this due date already.",
        code="planned-already",
    ),
}
"""What the constraints that stand behind these services mean when one of them fires."""
