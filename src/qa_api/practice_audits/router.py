"""The routes of practice audits: fictitious cases, judged for training (R4.5.4)."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.computed_reads import answered, computed_read, listed
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.moderation.steadiness_schemas import SteadinessQuery
from qa_api.practice_audits import queries, service
from qa_api.practice_audits.figures import practice_agreement, practice_steadiness, row_key
from qa_api.practice_audits.schemas import (
    NewPracticeCase,
    PracticeAgreementOut,
    PracticeAgreementQuery,
    PracticeAuditIn,
    PracticeAuditOut,
    PracticeAuditQuery,
    PracticeAuditRow,
    PracticeCaseOut,
    PracticeCaseQuery,
    PracticeCaseRow,
    PracticeStandardOut,
    PracticeSteadinessRow,
)
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of
from qa_api.work import Work

router = APIRouter(prefix="/v1", tags=["practice-audits"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.PRACTICE_AUDIT_READ)]
Setting = Annotated[Change, secured(Change.creating, Permission.PRACTICE_CASE_SET)]
ReadingStandard = Annotated[Reader, secured(Reader.of, Permission.PRACTICE_CASE_SET)]
Judging = Annotated[Change, secured(Change.creating, Permission.PRACTICE_AUDIT_RECORD)]
Figuring = Annotated[Work, secured(computed_read, Permission.MODERATION_FIGURES)]
ReadingSteadiness = Annotated[Work, secured(computed_read, Permission.STEADINESS_READ)]

CASE = "/practice-cases/{practice_case_id}"


@router.post("/practice-cases", response_model=PracticeCaseOut, status_code=201)
async def set_practice_case(body: NewPracticeCase, setting: Setting) -> Response:
    """Set a case that was made up for auditors to practise on, with what is held to be right.

    Both stand as they are set. It is no child's: no record, plan, gate or figure knows it.
    """
    await setting.do(service.set_case, setting.id, body)
    return await setting.created(queries.CASE, f"/v1/practice-cases/{setting.id}")


@router.get("/practice-cases", response_model=page_of(PracticeCaseRow))
async def list_practice_cases(
    query: Annotated[PracticeCaseQuery, Query()], reading: Reading
) -> Response:
    """The fictitious cases, the latest first."""
    return await reading.page(queries.CASES, query)


@router.get(CASE, response_model=PracticeCaseOut)
async def get_practice_case(practice_case_id: Uuid, reading: Reading) -> Response:
    """One fictitious case, without what is held to be right of it."""
    return await reading.document(queries.CASE, id=practice_case_id)


@router.get(CASE + "/standard", response_model=PracticeStandardOut)
async def get_practice_standard(practice_case_id: Uuid, reading: ReadingStandard) -> Response:
    """What is held to be right of a case. An auditor reads it in their own practice audit."""
    return await reading.document(queries.STANDARD, case_id=practice_case_id)


@router.post(CASE + "/audits", response_model=PracticeAuditOut, status_code=201)
async def record_practice_audit(
    practice_case_id: Uuid, body: PracticeAuditIn, judging: Judging
) -> Response:
    """Judge a fictitious case, once. The answer shows the standard beside your judgement."""
    await judging.do(service.record_audit, judging.id, practice_case_id, body)
    return await judging.created(queries.AUDIT, f"/v1/practice-audits/{judging.id}")


@router.get("/practice-audits", response_model=page_of(PracticeAuditRow))
async def list_practice_audits(
    query: Annotated[PracticeAuditQuery, Query()], reading: Reading
) -> Response:
    """Practice audits beside their standards, the latest first: your own, or as Q&S all."""
    return await reading.page(queries.AUDITS, query)


@router.get("/practice-audits/{practice_audit_id}", response_model=PracticeAuditOut)
async def get_practice_audit(practice_audit_id: Uuid, reading: Reading) -> Response:
    """One practice audit beside its standard."""
    return await reading.document(queries.AUDIT, id=practice_audit_id)


@router.get("/practice-agreement", response_model=PracticeAgreementOut)
async def get_practice_agreement(
    query: Annotated[PracticeAgreementQuery, Query()], request: Request, work: Figuring
) -> Response:
    """How far practice audits agree with the standards, with the figures of moderation.

    Quality & Standards are told every count. For others the audits of a case come in only so many
    at a time as the smallest cell of policy has, counts are to the nearest of so many, coefficients
    in tenths, and nothing is told of a case that the caller could still judge.
    """
    return answered(request, work.policy_version, await practice_agreement(work, query))


@router.get("/practice-steadiness", response_model=page_of(PracticeSteadinessRow))
async def list_practice_steadiness(
    query: Annotated[SteadinessQuery, Query()], request: Request, work: ReadingSteadiness
) -> Response:
    """How each auditor judged fictitious cases, against the standards and the others.

    An auditor sees themselves, Quality & Standards everybody; 'not known yet' until numbers tell.
    """
    rows = await practice_steadiness(work, query)
    return listed(request, "practice-steadiness", query, rows, row_key)
