"""One audit of a batch: planned once for its key, assigned unless it is so already."""

from uuid import UUID

from qa_api.audits.batch_schemas import AssignmentOfOne, AssignOutcome, KeyedPlan, PlanOutcome
from qa_api.audits.planning import plan_audit
from qa_api.audits.schemas import Assignment, AuditPlan
from qa_api.audits.service import assign_audit
from qa_api.audits.steps import take_step
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def plan_one(work: Work, audit_id: UUID, planned: KeyedPlan, *, again: bool) -> PlanOutcome:
    """Plan the audit, unless it was planned for its key before."""
    if again:
        return PlanOutcome.ALREADY_PLANNED
    given = planned.model_dump(exclude={"key"}, exclude_unset=True)
    await plan_audit(work, audit_id, AuditPlan.model_validate(given))
    return PlanOutcome.PLANNED


async def assign_one(work: Work, item: AssignmentOfOne) -> AssignOutcome:
    """Name the auditor, unless it is theirs already: then the version does not matter."""
    audit = await take_step(work, item.audit_id, "assign", None)
    if audit.auditor == item.auditor:
        return AssignOutcome.ALREADY_ASSIGNED
    of_theirs = Precondition(versions=frozenset({item.version}))
    assignment = Assignment(
        auditor=item.auditor, conflict_override_reason=item.conflict_override_reason
    )
    await assign_audit(work, item.audit_id, of_theirs, assignment)
    return AssignOutcome.ASSIGNED
