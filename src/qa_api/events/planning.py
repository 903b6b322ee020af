"""The events of quarter plans (§4.4)."""

from datetime import date
from uuid import UUID

from qa_api.events.event import Event


class QuarterPlanDrafted(Event):
    """A version of a quarter's plan was begun, or its draft rewritten."""

    type = "quarter_plan.drafted"

    quarter: str
    number: int


class QuarterPlanPublished(Event):
    """A version of a quarter's plan holds from now on (R4.4.2)."""

    type = "quarter_plan.published"

    quarter: str
    number: int
    supersedes: UUID | None


class QuarterPlanExempted(Event):
    """The plan asks nothing more of a team or an auditor."""

    type = "quarter_plan.exempted"

    team: str | None
    auditor: str | None


class QuarterPlanCasesChosen(Event):
    """Cases were named or drawn for a team's planned audits (R4.4.3)."""

    type = "quarter_plan.cases_chosen"

    case_list_id: UUID
    audit_ids: tuple[UUID, ...]


class QuarterPlanAllocated(Event):
    """Quality & Standards decided who audits what."""

    type = "quarter_plan.allocated"

    audit_ids: tuple[UUID, ...]


class CaseloadTaken(Event):
    """The caseload of a case system on a day was taken whole (R4.4.4)."""

    type = "caseload.taken"

    system: str
    taken_on: date
    children: int
    rows_hash: str


class CaseloadForgotten(Event):
    """A caseload that nothing was drawn from went when its time had come (R4.4.4, X4)."""

    type = "caseload.forgotten"

    system: str
    taken_on: date
