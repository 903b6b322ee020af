"""Control charts of the Board's figures, and the changes that people mark in them (R4.7.3)."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, JsonValue

from qa_api.moderation.agreement_schemas import Sentence
from qa_api.rules.trends import ChartKind, ChartRule, Says
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Code,
    Count,
    Few,
    Input,
    Instant,
    Key,
    LongText,
    Number,
    Output,
    QueryFlag,
    ShortText,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery
from qa_api.values.periods import AskedMonth, MonthLabel, Quarter
from qa_api.values.text import Formed

ChartName = Annotated[
    str,
    Formed(
        r"^(audits_completed|judged_escalating|responses_adequate_on_time|response_time)$",
        "`audits_completed`, `judged_escalating`, `responses_adequate_on_time` or `response_time`.",
        most=40,
    ),
]
MOST_MONTHS: Final = 120
"""Ten years: as long a chart can be, and so a run of months on one side."""
Said = Annotated[str, Field(max_length=400)]


class LimitsOut(Output):
    """Between which bounds a month lies by chance."""

    mean: Number
    """The mean of the months that the limits come from, or their median where they vary by less
    than one: how many, working days, or from 0 to 1."""
    low: Number
    """The lower limit: how many, working days, or a share from 0 to 1."""
    high: Number
    """The upper limit: how many, working days, or a share from 0 to 1."""


class ChartPointOut(Output):
    """One month of a chart."""

    month: MonthLabel
    value: Number
    """What is drawn: how many, working days, or a share from 0 to 1."""
    number: Number
    """How many of those counted the numerator has; in a chart of counts or days what is drawn, in
    its unit."""
    of: Count | None
    """How many the share is of; null in a chart of counts or days."""
    limits: LimitsOut | None
    """The limits of the month; null where there are too few months."""
    rules: Few[ChartRule]
    """The rules that the month breaks, with others or alone; empty where there is none."""


class ChartSignalOut(Output):
    """A rule that fired."""

    rule: ChartRule
    months: Annotated[list[MonthLabel], Field(max_length=MOST_MONTHS)]
    """The months that break it."""
    upwards: bool
    """Whether they are above the mean (or the median, where months hardly vary), or rising."""
    trial: bool
    """Whether their limits are trial limits, so that it may be chance; false where there are
    none."""
    sentence: Sentence
    """What fired, and where, in words."""


class ChartStretchOut(Output):
    """The months from one marked change to the next, which have their own limits."""

    starts: MonthLabel
    """The first of its months."""
    months: Count
    """How many months it has so far."""
    trial: bool
    """Whether the limits are trial limits: twelve months know them roughly. False where there are
    none."""
    locked: bool
    """Whether later months no longer move the limits: there are twelve or more."""
    why: LongText | None
    """Why the change was marked with which it begins; null for the first months."""


class ChartOut(Output):
    """A figure month by month, and whether it rose, fell or neither."""

    chart: Key
    """The name of the chart."""
    title: ShortText
    clause: ShortText
    kind: ChartKind
    """How its limits are worked out: for counts and days, or for shares."""
    scale_code: Code | None
    """The scale that was judged on; null where none is: scales are never joined."""
    scale_number: Version | None
    domain_key: Key | None
    """The domain that was judged, of audits for which their domains stand; null where none is, and
    in what was frozen before there were such."""
    domain: ShortText | None
    """What the tool calls the domain."""
    numerator_is: Said
    denominator_is: Said | None
    """What the share is of, in words; null in a chart of counts or days."""
    says: Says | None
    """What the months of the quarter say: `no_months` where none of them is in the chart; null
    where the chart is withheld."""
    trial: bool
    """Whether the limits of its last months are trial limits; false where there are none."""
    sentence: Sentence
    """What the chart says, for a manager."""
    points: Few[ChartPointOut]
    """The last months, at most 24; empty where the chart is withheld."""
    signals: Few[ChartSignalOut]
    """The rules that fired among the months that are shown."""
    stretches: Few[ChartStretchOut]
    """The months divided by the marked changes, the earliest first."""
    withheld: bool
    """Whether it is not shown because a month has too few."""


class ChartsOut(Output):
    """The control charts up to the end of a quarter, over what the caller may see."""

    quarter: Quarter
    as_at: Instant
    policy_version: Version
    explanation: ExplanationOut
    """How the limits and the rules were worked out."""
    team: Code | None
    service: Code | None
    type: Code | None
    charts: Few[ChartOut]
    """The charts, in the order in which the Board reads them: none over lists that the caller may
    not read."""


# --- changes ---


class ChartChangeIn(Input):
    """From which month on a chart has new limits, and why: what was changed in practice."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "chart": "responses_adequate_on_time",
                    "month": "2026-09",
                    "why": "Since September team managers read every response before it goes in.",
                }
            ]
        }
    )

    chart: ChartName
    """The chart, by its key: of the authority and each team, service, scale and domain alike."""
    month: AskedMonth
    """The first month with new limits."""
    why: LongText
    """What was changed in practice; the Board's page says it under the chart."""


class ChartChangeWithdrawal(Input):
    """Why the change was marked by mistake."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "It began in October, not in September."}]}
    )

    reason: Text


_CHANGE: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-0000000000e1",
    "chart": "responses_adequate_on_time",
    "month": "2026-09",
    "why": "Since September team managers read every response before it goes in.",
    "marked_at": "2026-11-23T09:30:00Z",
    "marked_by": "qs-1",
    "withdrawn_at": None,
    "withdrawn_by": None,
    "withdrawn_reason": None,
    "version": 1,
}


class ChartChangeOut(Output):
    """A change that somebody marked in a chart: its limits are worked out anew from there on.

    No chart follows one that was withdrawn.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_CHANGE]})

    id: Uuid
    chart: Key
    """The name of the chart."""
    month: MonthLabel
    """The first month with new limits."""
    why: LongText
    """What was changed in practice, as whoever marked it says."""
    marked_at: Instant
    """When it was marked."""
    marked_by: Code | None
    """Who marked it, by worker code."""
    withdrawn_at: Instant | None
    withdrawn_by: Code | None
    withdrawn_reason: Text | None
    version: Version


class ChartChangeQuery(PageQuery):
    """The filters of the list of marked changes."""

    chart: ChartName | None = None
    """Only of this chart, by name."""
    withdrawn: QueryFlag | None = None
    """`true`: only what was withdrawn; `false`: only what charts follow."""
