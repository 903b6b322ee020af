"""One quarter's figures side by side: by team, service or type, or quarter by quarter (R4.7.3)."""

from pydantic import ConfigDict, Field

from qa_api.board.figure_schemas import (
    Link,
    MetricsQuery,
    Words,
)
from qa_api.board.rollup_cells import Grouping
from qa_api.moderation.agreement_schemas import IntervalOut, Sentence
from qa_api.rules.funnels import Standing
from qa_api.rules.metrics import Unit
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Choice,
    Code,
    Count,
    Instant,
    Key,
    Many,
    Number,
    Output,
    ShortText,
    Version,
)
from qa_api.values.periods import AskedQuarter, Quarter


class FigureDefinitionOut(Output):
    """What a figure is, once for all the rows that show it."""

    key: Key
    title: ShortText
    clause: ShortText
    unit: Unit
    numerator_is: Words
    denominator_is: Words


class FunnelBoundsOut(Output):
    """Between which bounds the share of a row lies by chance, given how few it has (R4.7.3)."""

    inner: IntervalOut
    """By chance at most one row of twenty lies beyond."""
    outer: IntervalOut
    """By chance at most one row of five hundred lies beyond."""
    stands: Standing
    """Where the row's share lies: within the bounds, or beyond them on which side and how far."""
    sentence: Sentence
    """What that says, in words."""


class BrokenDownFigureOut(Output):
    """One figure of one row, and where what it counts is listed."""

    key: Key
    numerator: Count
    numerator_rows: Link | None
    """The address of the list that the numerator counts. Null for rows of no known team, service or
    type: no filter of the list selects them."""
    denominator: Count
    denominator_rows: Link | None
    value: Number | None
    """In the `unit` of its definition: a share from 0 to 1, working days or minutes. Null where
    there is nothing to divide by, and for a share of so few that policy has it told otherwise."""
    funnel: FunnelBoundsOut | None
    """The bounds of a share of a team or service, where three or more stand side by side; null
    otherwise."""


class BreakdownRowOut(Output):
    """The figures of one team, service, type or quarter."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "quarter": "2026-27 Q2",
                    "code": "lincoln-fast",
                    "figures": [
                        {
                            "key": "audits_done",
                            "numerator": 32,
                            "numerator_rows": "/v1/audits?due_from=2026-07-01&due_to=2026-10-01"
                            "&cancelled=false&done=true&team=lincoln-fast",
                            "denominator": 40,
                            "denominator_rows": "/v1/audits?due_from=2026-07-01&due_to=2026-10-01"
                            "&cancelled=false&team=lincoln-fast",
                            "value": 0.8,
                            "funnel": {
                                "inner": {"low": 0.7211, "high": 0.9514},
                                "outer": {"low": 0.6547, "high": 1.0},
                                "stands": "within",
                                "sentence": "Within what chance gives so few.",
                            },
                        }
                    ],
                }
            ]
        }
    )

    quarter: Quarter
    code: Code | None
    """The code of the team, service or type; null for what has none, and for a quarter or the
    whole."""
    figures: Many[BrokenDownFigureOut]


class BreakdownOut(Output):
    """The figures of a quarter row by row, over what the caller may see, as at one instant.

    Counts of the rows add up to the count of the whole; shares and medians do not.
    """

    by: Grouping
    team: Code | None
    service: Code | None
    type: Code | None
    as_at: Instant
    policy_version: Version
    explanation: ExplanationOut
    """How they were counted."""
    definitions: Many[FigureDefinitionOut]
    """In the order in which the Board reads them; none over lists that the caller may not read."""
    whole: BreakdownRowOut
    """The quarter that was asked for, in one row."""
    rows: Many[BreakdownRowOut]
    """The rows by code, what has none last; or quarter by quarter, the earliest first."""


class BreakdownQuery(MetricsQuery):
    """How it is broken down, and of whose figures."""

    by: Choice[Grouping]
    """What the rows stand for: a team, a service, an audit type or a quarter."""
    since: AskedQuarter | None = Field(default=None)
    """The first quarter shown, like `2025-26 Q4`, of at most twelve; a year earlier if it is left
    out. Only where the rows stand for quarters.
    """
