"""The rules' data in this process: policies, calendars, scales and published tools. None of them
changes once it has a version, so each is read once."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, case, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from qa_api.models.catalogue import AuditTool, ScalePoint, ToolDomain, ToolQuestion
from qa_api.models.policy import BankHoliday, CalendarVersion, PolicyVersion
from qa_api.rules.calendar import Calendar
from qa_api.rules.escalation import Grade
from qa_api.rules.policy import Policy
from qa_api.rules.policy_keys import policy_from_values
from qa_api.rules.states import ToolState
from qa_api.rules.tools import AnswerKind, AppliesWhen, Domain, Question
from qa_api.transactions import Transaction


class Rulebook:
    """Policies and calendars by version, tools by id, scales by code and number.

    What the asking transaction wrote itself is not kept: it may still be rolled back, and its
    number given to something else. What is kept needs no session.
    """

    def __init__(self) -> None:
        self._policies: dict[int, Policy] = {}
        self._calendars: dict[int, Calendar] = {}
        self._domains: dict[UUID, tuple[Domain, ...]] = {}
        self._grades: dict[tuple[str, int], tuple[Grade, ...]] = {}

    async def policy(self, transaction: Transaction, version: int) -> Policy:
        """The policy that a record was, or is now, made under. NoResultFound where there is none.

        A key that the version does not have is newer than it, and has its default.
        """
        if version in self._policies:
            return self._policies[version]
        row = (
            await transaction.session.execute(
                select(
                    PolicyVersion.effective_from,
                    PolicyVersion.values,
                    _just_written("policy_versions"),
                ).where(PolicyVersion.version == version)
            )
        ).one()
        policy = policy_from_values(version, row.effective_from, row[1])
        if not row.just_written:
            self._policies[version] = policy
        return policy

    async def policy_version_on(self, transaction: Transaction, day: date) -> int | None:
        """The version in force on a London day: the latest effective, the higher one on a tie.

        Before the first there is, the first; None in an authority that has none.
        """
        begun = PolicyVersion.effective_from <= day
        version: int | None = await transaction.session.scalar(
            select(PolicyVersion.version)
            .order_by(
                begun.desc(),
                case((begun, PolicyVersion.effective_from)).desc(),
                PolicyVersion.effective_from,
                PolicyVersion.version.desc(),
            )
            .limit(1)
        )
        return version

    async def calendar_version_at(
        self, transaction: Transaction, instant: datetime, newest: int
    ) -> int | None:
        """The version of the calendar at an instant, `newest` at most; before the first, that."""
        known = select(CalendarVersion.version).where(CalendarVersion.version <= newest)
        by_then = known.where(CalendarVersion.recorded_at <= instant)
        version: int | None = await transaction.session.scalar(
            by_then.order_by(CalendarVersion.version.desc()).limit(1)
        )
        return version or await transaction.session.scalar(
            known.order_by(CalendarVersion.version).limit(1)
        )

    async def calendar(self, transaction: Transaction, version: int) -> Calendar:
        """The working calendar as it stood at a version. NoResultFound where there is none."""
        if version in self._calendars:
            return self._calendars[version]
        row = (
            await transaction.session.execute(
                select(
                    CalendarVersion.division,
                    CalendarVersion.known_from,
                    CalendarVersion.known_until,
                    _just_written("calendar_versions"),
                ).where(CalendarVersion.version == version)
            )
        ).one()
        calendar = Calendar(
            division=row.division,
            version=version,
            known_from=row.known_from,
            known_until=row.known_until,
            **await _holidays(transaction.session, version),
        )
        if not row.just_written:
            self._calendars[version] = calendar
        return calendar

    async def domains(self, transaction: Transaction, tool_id: UUID) -> tuple[Domain, ...]:
        """The domains and questions of one version of a tool (R4.1.1)."""
        if tool_id in self._domains:
            return self._domains[tool_id]
        state, just_written = (
            await transaction.session.execute(
                select(AuditTool.state, _just_written("audit_tools")).where(AuditTool.id == tool_id)
            )
        ).one()
        domains = await _domains(transaction.session, tool_id)
        if state != ToolState.DRAFT and not just_written:
            self._domains[tool_id] = domains
        return domains

    async def grades(self, transaction: Transaction, code: str, number: int) -> tuple[Grade, ...]:
        """The grades of one number of a judgement scale, best first (R4.1.3)."""
        if (code, number) in self._grades:
            return self._grades[code, number]
        points = (
            await transaction.session.execute(
                select(
                    ScalePoint.code,
                    ScalePoint.position,
                    ScalePoint.escalates,
                    _just_written("scale_points"),
                )
                .where(ScalePoint.scale_code == code, ScalePoint.scale_number == number)
                .order_by(ScalePoint.position)
            )
        ).all()
        grades = tuple(Grade(point.code, point.position, point.escalates) for point in points)
        if points and not points[0].just_written:
            self._grades[code, number] = grades
        return grades


def _just_written(table: str) -> ColumnElement[bool]:
    written_here = f"{table}.xmin = pg_current_xact_id_if_assigned()::xid"
    return literal_column(f"coalesce({written_here}, false)", Boolean).label("just_written")


async def _holidays(session: AsyncSession, version: int) -> dict[str, Any]:
    """The bank holidays of a version, and those that were withdrawn by then, with the reason."""
    rows = await session.execute(
        select(
            BankHoliday.holiday_on,
            BankHoliday.title,
            BankHoliday.withdrawn_version,
            BankHoliday.withdrawn_reason,
        )
        .where(BankHoliday.added_version <= version)
        .order_by(BankHoliday.added_version)
    )
    holidays, withdrawn = {}, {}
    for row in rows:
        if row.withdrawn_version is None or row.withdrawn_version > version:
            holidays[row.holiday_on] = row.title
        else:
            withdrawn[row.holiday_on] = row.withdrawn_reason
    return {
        "holidays": holidays,
        "withdrawn": {day: why for day, why in withdrawn.items() if day not in holidays},
    }


async def _domains(session: AsyncSession, tool_id: UUID) -> tuple[Domain, ...]:
    questions: dict[str, list[Question]] = {}
    asked = await session.scalars(
        select(ToolQuestion).where(ToolQuestion.tool_id == tool_id).order_by(ToolQuestion.position)
    )
    for row in asked:
        questions.setdefault(row.domain_key, []).append(_question(row))
    domains = await session.scalars(
        select(ToolDomain).where(ToolDomain.tool_id == tool_id).order_by(ToolDomain.position)
    )
    return tuple(
        Domain(
            row.key,
            row.title,
            tuple(questions.get(row.key, ())),
            judged=row.judged,
            escalates=row.escalates,
        )
        for row in domains
    )


def _question(row: ToolQuestion) -> Question:
    when = row.applies_when
    return Question(
        key=row.key,
        text=row.text,
        kind=AnswerKind(row.answer_kind),
        guidance=row.guidance,
        required=row.required,
        evidence_required=row.evidence_required,
        timescale_check=row.timescale_check,
        choices=tuple(row.choices),
        applies_when=AppliesWhen(when["question"], tuple(when["answered"])) if when else None,
    )
