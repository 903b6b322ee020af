"""Finding plans to work on: locked, in a state that fits, with their audits."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm.attributes import flag_modified

from qa_api.models.audits import Audit
from qa_api.models.planning import QuarterPlan
from qa_api.rules.states import AuditState, PlanState
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def plan_to_change(
    work: Work, plan_id: UUID, action: str, expected: Precondition | None = None
) -> QuarterPlan:
    """The plan, locked, in a state that allows the action; its version moves (404, 409, 412)."""
    plan = await work.find(select(QuarterPlan).where(QuarterPlan.id == plan_id).with_for_update())
    plan.state = next_state("quarter_plan", plan.state, action)
    if expected is not None:
        expected.check(plan.version)
    flag_modified(plan, "state")
    return plan


async def published_plan(work: Work, plan_id: UUID) -> QuarterPlan:
    """The plan, published or superseded; 404 for a draft, under which nothing has happened."""
    return await work.find(
        select(QuarterPlan).where(QuarterPlan.id == plan_id, QuarterPlan.state != PlanState.DRAFT)
    )


def of_quarter(quarter: str) -> ColumnElement[bool]:
    """Audits of every version of a quarter's plan: a later version goes on with them."""
    versions = select(QuarterPlan.id).where(
        QuarterPlan.quarter == quarter, QuarterPlan.state != PlanState.DRAFT
    )
    return Audit.plan_id.in_(versions)


def standing_audits(quarter: str) -> ColumnElement[bool]:
    """Those of them that stand: neither cancelled nor recorded in error."""
    return and_(
        of_quarter(quarter),
        Audit.state != AuditState.CANCELLED,
        Audit.recorded_in_error_at.is_(None),
    )
