"""The audit routes (§4.1)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from qa_api.audits import (
    amending,
    answers,
    batches,
    completing,
    content,
    drafting,
    in_error,
    own_view,
    planning,
    queries,
    service,
)
from qa_api.audits.batch_schemas import (
    AssignedItem,
    AssignmentOfOne,
    Assignments,
    AssignOutcome,
    AuditPlans,
    AuditsAssigned,
    AuditsPlanned,
    KeyedPlan,
    PlannedItem,
    PlanOutcome,
)
from qa_api.audits.comparing import COMPARISON
from qa_api.audits.content_schemas import (
    ActionIn,
    AnswerIn,
    FamilyContactIn,
    JudgementIn,
    UrgentFindingIn,
    WorkerViewIn,
)
from qa_api.audits.read_schemas import (
    AnswerOut,
    AuditActionOut,
    AuditOut,
    AuditRow,
    ComparisonOut,
    UrgentFindingOut,
)
from qa_api.audits.schemas import (
    Amendment,
    Assignment,
    AuditEdit,
    AuditPlan,
    AuditQuery,
    Cancellation,
    Completion,
    ErrorReport,
    SupervisionIn,
)
from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.batches import one_by_one
from qa_api.http.list_tables import AS_TABLE
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.values.batches import ItemRefusal
from qa_api.values.fields import Key, Uuid
from qa_api.values.pages import page_of

router = APIRouter(prefix="/v1/audits", tags=["audits"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.AUDIT_READ)]
Planning = Annotated[Change, secured(Change.creating, Permission.AUDIT_PLAN)]
PlanningMany = Annotated[Change, secured(Change.acting, Permission.AUDIT_PLAN)]
AssigningMany = Annotated[Change, secured(Change.acting, Permission.AUDIT_ASSIGN)]
Editing = Annotated[Change, secured(Change.of, Permission.AUDIT_EDIT)]
Assigning = Annotated[Change, secured(Change.of, Permission.AUDIT_ASSIGN)]
CarryingOut = Annotated[Change, secured(Change.of, Permission.AUDIT_CARRY_OUT)]
Answering = Annotated[Change, secured(Change.putting, Permission.AUDIT_CARRY_OUT)]
Adding = Annotated[Change, secured(Change.creating, Permission.AUDIT_CARRY_OUT)]
Raising = Annotated[Change, secured(Change.creating, Permission.URGENT_FINDING_RAISE)]
Cancelling = Annotated[Change, secured(Change.of, Permission.AUDIT_CANCEL)]
Amending = Annotated[Change, secured(Change.of, Permission.AUDIT_AMEND)]
RecordingInError = Annotated[Change, secured(Change.of, Permission.AUDIT_RECORD_IN_ERROR)]
Discussing = Annotated[Change, secured(Change.of, Permission.AUDIT_DISCUSS)]
OwnViews = Annotated[Change, secured(Change.of, Permission.OWN_VIEW_WRITE)]


@router.get("", response_model=page_of(AuditRow), responses=AS_TABLE)
async def list_audits(query: Annotated[AuditQuery, Query()], reading: Reading) -> Response:
    """The audits that you may know of, newest first."""
    return await reading.page(queries.AUDITS, query)


@router.get("/{audit_id}", response_model=AuditOut)
async def get_audit(audit_id: Uuid, reading: Reading) -> Response:
    """One audit, as far as you may see it."""
    return await reading.document(queries.AUDIT, id=audit_id)


@router.post("", response_model=AuditOut, status_code=201)
async def plan_audit(body: AuditPlan, change: Planning) -> Response:
    """Open an audit. With answers or actions recorded elsewhere it begins at once."""
    await change.do(planning.plan_audit, change.id, body)
    return await change.created(queries.AUDIT, f"/v1/audits/{change.id}")


@router.post("/batch", response_model=AuditsPlanned)
async def plan_audits(body: AuditPlans, change: PlanningMany, request: Request) -> AuditsPlanned:
    """Open many audits outside a quarter plan, at most 100. Each has an outcome of its own.

    What a rule refuses of one is told with it, and the others stand. Sent again, an audit that was
    planned for its `key` (kept 30 days) is `already_planned`, and one that was refused is tried
    once more. A body that is not of the declared form refuses the whole.
    """

    async def plan(item: KeyedPlan) -> tuple[UUID, PlanOutcome]:
        audit_id, again = await change.once(item.key, item.model_dump(mode="json"))
        return audit_id, await batches.plan_one(change.work, audit_id, item, again=again)

    done = await one_by_one(
        change, request, "audits", body.audits, plan, locks=lambda item: item.key
    )
    return AuditsPlanned(
        items=[
            PlannedItem(
                position=position,
                key=item.key,
                outcome=PlanOutcome.REFUSED if isinstance(came, ItemRefusal) else came[1],
                audit_id=None if isinstance(came, ItemRefusal) else came[0],
                problem=came if isinstance(came, ItemRefusal) else None,
            )
            for position, (item, came) in enumerate(zip(body.audits, done, strict=True))
        ]
    )


@router.post("/assign/batch", response_model=AuditsAssigned)
async def assign_audits(
    body: Assignments, change: AssigningMany, request: Request
) -> AuditsAssigned:
    """Name the auditors of many audits, at most 100. Each has an outcome of its own.

    What a rule refuses of one, or a `version` that is not the current one, is told with it; the
    others stand. Sent again, an audit that is theirs already is `already_assigned`.
    """

    async def assign(item: AssignmentOfOne) -> AssignOutcome:
        return await batches.assign_one(change.work, item)

    done = await one_by_one(
        change,
        request,
        "assignments",
        body.assignments,
        assign,
        locks=lambda item: str(item.audit_id),
    )
    return AuditsAssigned(
        items=[
            AssignedItem(
                position=position,
                audit_id=item.audit_id,
                outcome=AssignOutcome.REFUSED if isinstance(came, ItemRefusal) else came,
                problem=came if isinstance(came, ItemRefusal) else None,
            )
            for position, (item, came) in enumerate(zip(body.assignments, done, strict=True))
        ]
    )


@router.patch("/{audit_id}", response_model=AuditOut)
async def edit_audit(audit_id: Uuid, body: AuditEdit, change: Editing) -> Response:
    """Change the plan of an open audit, or what its auditor writes about the whole."""
    return await change.step(queries.AUDIT, service.edit_audit, audit_id, body)


@router.post("/{audit_id}/assign", response_model=AuditOut)
async def assign_audit(audit_id: Uuid, body: Assignment, change: Assigning) -> Response:
    """Name the auditor. Nobody audits their own work; the type says who else may not."""
    return await change.step(queries.AUDIT, service.assign_audit, audit_id, body)


@router.post("/{audit_id}/start", response_model=AuditOut)
async def start_audit(audit_id: Uuid, change: CarryingOut) -> Response:
    """Start a planned audit. It keeps the version of the tool that is published now."""
    return await change.step(queries.AUDIT, service.start_audit, audit_id)


@router.get("/{audit_id}/answers/{question_key}", response_model=AnswerOut)
async def get_answer(audit_id: Uuid, question_key: Key, reading: Reading) -> Response:
    """One answer, with the ETag that a change of it must name."""
    return await reading.document(queries.ANSWER, audit_id=audit_id, question_key=question_key)


@router.put("/{audit_id}/answers/{question_key}", response_model=AnswerOut)
async def record_answer(
    audit_id: Uuid, question_key: Key, body: AnswerIn, change: Answering
) -> Response:
    """Save one answer, finished or not. It has its own ETag and leaves the audit's as it is.

    `If-None-Match: *` saves the first, `If-Match` replaces. A client that has read the answer in
    its audit names version n as `"n.0000000000000000"`: only the version is compared.
    """
    await change.do(answers.record_answer, audit_id, question_key, change.precondition, body)
    return await change.document(queries.ANSWER, audit_id=audit_id, question_key=question_key)


@router.put("/{audit_id}/judgements/overall", response_model=AuditOut)
async def judge_overall(audit_id: Uuid, body: JudgementIn, change: CarryingOut) -> Response:
    """Judge the audit as a whole, with the rationale. The auditor judges; nothing is computed."""
    return await change.step(queries.AUDIT, content.judge_overall, audit_id, body)


@router.put("/{audit_id}/judgements/{domain_key}", response_model=AuditOut)
async def judge_domain(
    audit_id: Uuid, domain_key: Key, body: JudgementIn, change: CarryingOut
) -> Response:
    """Judge one domain of the tool, with the rationale."""
    await change.do(content.judge_domain, audit_id, domain_key, change.if_match, body)
    return await change.document(queries.AUDIT, id=audit_id)


@router.put("/{audit_id}/family-contact", response_model=AuditOut)
async def record_family_contact(
    audit_id: Uuid, body: FamilyContactIn, change: CarryingOut
) -> Response:
    """Record contact with the child, young person or family, as a whole."""
    return await change.step(queries.AUDIT, content.record_family_contact, audit_id, body)


@router.put("/{audit_id}/worker-view", response_model=AuditOut)
async def record_worker_view(audit_id: Uuid, body: WorkerViewIn, change: CarryingOut) -> Response:
    """Record the worker's own view of the work."""
    return await change.step(queries.AUDIT, content.record_worker_view, audit_id, body)


@router.post("/{audit_id}/actions", response_model=AuditActionOut, status_code=201)
async def add_action(audit_id: Uuid, body: ActionIn, change: Adding) -> Response:
    """Add a restorative action. It is a draft until the audit is completed."""
    await change.do(content.add_action, audit_id, change.id, body)
    location = f"/v1/audits/{audit_id}/actions/{change.id}"
    return await change.created(queries.ACTION, location, audit_id=audit_id, id=change.id)


@router.get("/{audit_id}/actions/{action_id}", response_model=AuditActionOut)
async def get_audit_action(audit_id: Uuid, action_id: Uuid, reading: Reading) -> Response:
    """One restorative action as its audit shows it, also while the audit is in progress."""
    return await reading.document(queries.ACTION, audit_id=audit_id, id=action_id)


@router.put("/{audit_id}/actions/{action_id}", response_model=AuditActionOut)
async def correct_audit_action(
    audit_id: Uuid, action_id: Uuid, body: ActionIn, change: CarryingOut
) -> Response:
    """Correct an action while the audit is in progress, as a whole. `If-Match` is the action's."""
    await change.do(drafting.correct_action, audit_id, action_id, change.if_match, body)
    return await change.document(queries.ACTION, audit_id=audit_id, id=action_id)


@router.post("/{audit_id}/actions/{action_id}/take-out", status_code=204)
async def take_out_audit_action(audit_id: Uuid, action_id: Uuid, change: CarryingOut) -> Response:
    """Take an action out of the draft while the audit is in progress. `If-Match` is the action's.

    When the audit is completed its actions are set. Then the team manager or Q&S can cancel one,
    with a reason.
    """
    await change.do(drafting.take_out_action, audit_id, action_id, change.if_match)
    return Response(status_code=204)


@router.post("/{audit_id}/urgent-findings", response_model=UrgentFindingOut, status_code=201)
async def raise_urgent_finding(audit_id: Uuid, body: UrgentFindingIn, change: Raising) -> Response:
    """Raise an urgent finding, at any moment: the team manager is told at once (§4.3)."""
    await change.do(content.raise_urgent_finding, audit_id, change.id, body)
    location = f"/v1/audits/{audit_id}/urgent-findings/{change.id}"
    return await change.created(queries.URGENT_FINDING, location, audit_id=audit_id, id=change.id)


@router.get("/{audit_id}/urgent-findings/{finding_id}", response_model=UrgentFindingOut)
async def get_urgent_finding(audit_id: Uuid, finding_id: Uuid, reading: Reading) -> Response:
    """One urgent finding."""
    return await reading.document(queries.URGENT_FINDING, audit_id=audit_id, id=finding_id)


@router.post("/{audit_id}/complete", response_model=AuditOut)
async def complete_audit(audit_id: Uuid, body: Completion, change: CarryingOut) -> Response:
    """Complete the audit and lock it. A refusal names everything that is missing."""
    return await change.step(queries.AUDIT, completing.complete_audit, audit_id, body)


@router.get("/{audit_id}/comparison", response_model=ComparisonOut)
async def compare_audit(audit_id: Uuid, reading: Reading) -> Response:
    """Compare this re-audit with the earlier audit: did it make a difference?

    If the earlier audit has been recorded in error since, the answer says so and shows nothing of
    it.
    """
    return await reading.document(COMPARISON, id=audit_id)


@router.post("/{audit_id}/amend", response_model=AuditOut)
async def amend_audit(audit_id: Uuid, body: Amendment, change: Amending) -> Response:
    """Amend a completed audit, with the reason: a new revision. The rules are applied again."""
    return await change.step(queries.AUDIT, amending.amend_audit, audit_id, body)


@router.post("/{audit_id}/record-in-error", response_model=AuditOut)
async def report_audit_error(
    audit_id: Uuid, body: ErrorReport, change: RecordingInError
) -> Response:
    """Report that a completed audit was made on the wrong child; a second person confirms it."""
    return await change.step(queries.AUDIT, in_error.report_error, audit_id, body)


@router.post("/{audit_id}/confirm-error", status_code=204)
async def confirm_audit_error(audit_id: Uuid, change: RecordingInError) -> Response:
    """Confirm, as a second person, that an audit was recorded in error. Nobody sees it any more."""
    await change.do(in_error.confirm_error, audit_id, change.if_match)
    return Response(status_code=204)


@router.post("/{audit_id}/withdraw-error", response_model=AuditOut)
async def withdraw_audit_error(audit_id: Uuid, change: RecordingInError) -> Response:
    """Withdraw the report that an audit was recorded in error: the audit stands as before."""
    return await change.step(queries.AUDIT, in_error.withdraw_error, audit_id)


@router.post("/{audit_id}/cancel", response_model=AuditOut)
async def cancel_audit(audit_id: Uuid, body: Cancellation, change: Cancelling) -> Response:
    """Cancel an audit before it is completed, with the reason."""
    return await change.step(queries.AUDIT, service.cancel_audit, audit_id, body)


@router.put("/{audit_id}/own-view", response_model=AuditOut)
async def write_own_view(audit_id: Uuid, body: WorkerViewIn, change: OwnViews) -> Response:
    """Write your own view of the audit of your work, or write it anew.

    From the notification until the audit closes; where it asks for no response, for as many days
    as the policy says (`own_view_days`). It stands beside what the auditor noted.
    """
    return await change.step(queries.AUDIT, own_view.write_own_view, audit_id, body)


@router.post("/{audit_id}/discuss-in-supervision", response_model=AuditOut)
async def discuss_in_supervision(
    audit_id: Uuid, body: SupervisionIn, change: Discussing
) -> Response:
    """Record when the audit was, or is to be, discussed in case supervision."""
    return await change.step(queries.AUDIT, service.discuss_in_supervision, audit_id, body)
