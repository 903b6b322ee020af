"""What happens to an audit."""

from uuid import UUID

from qa_api.audits.schemas import AuditPlan
from qa_api.work import Work


async def plan_audit(work: Work, audit_id: UUID, plan: AuditPlan) -> None:
    raise AssertionError
