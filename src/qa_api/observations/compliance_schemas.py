"""What the route of observation compliance answers (R4.6.2): figures, and what they are made of."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import ConfigDict, Field, JsonValue

from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Choice,
    Code,
    Count,
    IsoDate,
    Output,
    QueryFlag,
    ReckonedFrom,
    ShortText,
    Version,
)
from qa_api.values.pages import PageQuery


class Level(StrEnum):
    """Whose figures: of each worker, team or service, or of the whole authority."""

    WORKER = "worker"
    TEAM = "team"
    SERVICE = "service"
    AUTHORITY = "authority"


_MET: Final[dict[str, JsonValue]] = {
    "numerator": 3,
    "denominator": 5,
    "numerator_counts": "Workers with as many observations as their period asks for.",
    "denominator_counts": "Workers in service of whom at least one observation is asked.",
}
_TEAM: Final[dict[str, JsonValue]] = {
    "level": "team",
    "code": "lincoln-fast",
    "as_at": "2026-11-22",
    "period": {"starts_on": "2026-04-01", "ends_on": "2027-03-31"},
    "workers": 6,
    "exempt": 1,
    "done": 8,
    "required": 10,
    "remaining": 3,
    "completed": _MET,
    "on_pace": {
        **_MET,
        "numerator": 4,
        "numerator_counts": "Workers with as many observations as the days gone by ask for.",
    },
    "with_none": 1,
    "with_one": 2,
    "with_two_or_more": 3,
    "policy_version": 1,
    "rows": "/v1/observation-compliance?level=worker&as_at=2026-11-22&team=lincoln-fast",
    "explanation": None,
}


class ComplianceFigure(Output):
    """A share, with what is counted above and below the line."""

    numerator: Count
    denominator: Count
    numerator_counts: ShortText
    denominator_counts: ShortText


class CompliancePeriod(Output):
    """The period in which observations are counted, both days included."""

    starts_on: IsoDate
    ends_on: IsoDate


class ComplianceRow(Output):
    """How far the observations of a worker, a team, a service or the authority are on a day."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TEAM]})

    level: Level
    code: Code | None
    """The code of the worker, team or service; null for the whole authority."""
    as_at: IsoDate
    period: CompliancePeriod | None
    """The days in which observations count. Null where the workers' periods differ, since each
    counts from its own start."""
    workers: Count
    """How many workers are in service and in a team on the day; one in two teams counts in each."""
    exempt: Count
    """How many of those workers are exempt on the day."""
    done: Count
    required: Count
    remaining: Count
    """How many observations are still to be done. One worker's extra makes up for no other's."""
    completed: ComplianceFigure
    on_pace: ComplianceFigure
    with_none: Count
    with_one: Count
    with_two_or_more: Count
    policy_version: Version
    rows: Annotated[str, Field(max_length=400)]
    """Where exactly the rows behind these figures are listed."""
    explanation: ExplanationOut | None
    """For one worker: how what is required of them was counted."""


class ComplianceQuery(PageQuery):
    """The day, by default today; whose figures; and the filters."""

    as_at: ReckonedFrom | None = None
    """The London date that the answer is about; today if it is left out."""
    level: Choice[Level] = Level.WORKER
    """Whose figures: of each worker, team or service, or of the whole authority."""
    worker: Code | None = None
    """Only of this worker, by code."""
    team: Code | None = None
    """Only of this team, by code."""
    service: Code | None = None
    """Only of this service, by code."""
    on_pace: QueryFlag | None = None
    """`true`: only where everybody is on pace; `false`: only where somebody is not."""
