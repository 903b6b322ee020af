"""Setting fictitious cases and judging them (R4.5.4)."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import DATERANGE, Range

from qa_api import events, problems
from qa_api.auth.duty import holds
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.aliases import aliased
from qa_api.models.inner import there_is, value_of
from qa_api.models.practice_audits import (
    PracticeAudit,
    PracticeAuditDomain,
    PracticeCase,
    PracticeStandard,
    PracticeStandardDomain,
)
from qa_api.practice_audits.judging import asked_of, asked_of_new, check_judgements
from qa_api.practice_audits.schemas import NewPracticeCase, PracticeAuditIn
from qa_api.problems import InputError
from qa_api.rules.decision import AlreadySo
from qa_api.rules.local_time import local_date
from qa_api.rules.steadiness import CLAUSE
from qa_api.work import Work


async def set_case(work: Work, case_id: UUID, body: NewPracticeCase) -> None:
    """Set a case that was made up, with its standard; both stand as they are set."""
    person = work.person()
    asked = await asked_of_new(work, body)
    await check_judgements(work, asked, body.standard, "standard")
    if body.ends_on is not None and body.ends_on < work.today:
        detail = "The last day to judge it must not be in the past."
        raise problems.validation([InputError.at(["ends_on"], "date-in-the-past", detail)])
    scale = {"scale_code": asked.scale_code, "scale_number": asked.scale_number}
    overall = {"overall_judged": body.standard.judgement is not None}
    work.session.add(
        PracticeCase(
            id=case_id,
            title=body.title,
            material=body.material,
            tool_id=asked.tool_id,
            ends_on=body.ends_on,
            set_at=work.now,
            set_by=person,
            **scale,
            **overall,
        )
    )
    await work.flush()
    work.session.add(
        PracticeStandard(
            case_id=case_id,
            judgement=body.standard.judgement,
            rationale=body.standard.rationale,
            **scale,
            **overall,
        )
    )
    await work.flush()
    work.session.add_all(
        PracticeStandardDomain(case_id=case_id, tool_id=asked.tool_id, **scale, **dict(one))
        for one in body.standard.domains
    )
    await work.record(events.PracticeCaseSet(about=case_id))


async def record_audit(work: Work, audit_id: UUID, case_id: UUID, body: PracticeAuditIn) -> None:
    """Judge a case, once; whoever set it or could read its standard does not."""
    person = work.person()
    case = await work.find(select(PracticeCase).where(PracticeCase.id == case_id))
    await _refuse_who_knows_the_standard(work, person, case)
    if case.ends_on is not None and case.ends_on < work.today:
        detail = "The last day to judge this case is over."
        raise problems.business_rule(CLAUSE, detail, code="practice-case-over")
    theirs = select(PracticeAudit.id).where(
        PracticeAudit.case_id == case_id, PracticeAudit.auditor == person
    )
    if await work.session.scalar(theirs) is not None:
        raise AlreadySo("practice_audit")
    asked = await asked_of(work, case)
    await check_judgements(work, asked, body)
    scale = {"scale_code": asked.scale_code, "scale_number": asked.scale_number}
    work.session.add(
        PracticeAudit(
            id=audit_id,
            case_id=case_id,
            auditor=person,
            overall_judged=case.overall_judged,
            judgement=body.judgement,
            rationale=body.rationale,
            judged_at=work.now,
            **scale,
        )
    )
    await work.flush()
    work.session.add_all(
        PracticeAuditDomain(audit_id=audit_id, case_id=case_id, **scale, **dict(one))
        for one in body.domains
    )
    await work.record(events.PracticeAuditRecorded(about=audit_id, case_id=case_id))


async def _refuse_who_knows_the_standard(work: Work, person: str, case: PracticeCase) -> None:
    """Refuse who set the case, and who could read its standard or its figures on any day since.

    With whichever of their accounts they come. A practice audit is about no child, so no line of
    the access log says who read either: that they could counts.
    """
    day_set = local_date(case.set_at)
    assigned, account = aliased(RoleAssignment), aliased(Principal)
    could_read = there_is(
        (assigned, account),
        assigned.principal_id == account.id,
        account.worker == person,
        assigned.role == Role.QUALITY_STANDARDS,
        assigned.valid.overlaps(Range(day_set, work.today, bounds="[]")),
    )
    reads = holds(literal(person), Role.QUALITY_STANDARDS, even_away=True)
    knows = case.set_by == person or await work.session.scalar(select(or_(could_read, reads)))
    if knows:
        detail = (
            "You set this case or could read its standard, so your judgement would say nothing."
        )
        raise problems.business_rule(CLAUSE, detail, code="knows-the-standard")
    if await work.session.scalar(select(_could_read_figures(person, day_set, work.today))):
        detail = (
            "You could read how others judged this case, before you were an auditor: your judgement"
            " would say nothing."
        )
        raise problems.business_rule(CLAUSE, detail, code="knows-the-figures")


def _could_read_figures(person: str, first: date, last: date) -> ColumnElement[bool]:
    """Whether they read agreement on some day of these, and could judge no case on it.

    Who could still judge is told nothing of it (`practice_agreement`).
    """

    def held(permission: Permission) -> ColumnElement[Any]:
        assigned, account = aliased(RoleAssignment), aliased(Principal)
        of_days = func.range_agg(
            assigned.valid * literal(Range(first, last, bounds="[]"), DATERANGE)
        )
        days = select(of_days).where(
            assigned.principal_id == account.id,
            account.worker == person,
            assigned.role.in_(sorted(roles_with(permission))),
        )
        return func.coalesce(value_of((assigned, account), days), func.datemultirange())

    read = held(Permission.MODERATION_FIGURES) - held(Permission.PRACTICE_AUDIT_RECORD)
    return not_(func.isempty(read))
