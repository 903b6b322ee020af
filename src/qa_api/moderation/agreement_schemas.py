"""How far auditors and moderators agree, as it goes out (R4.5.4)."""

from qa_api.rules.agreement import Withheld
from qa_api.rules.policy_values import KappaWeights
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Code,
    Count,
    Few,
    Input,
    IsoDate,
    Key,
    Many,
    Number,
    Output,
    ShortText,
    Version,
)
from qa_api.values.periods import AskedQuarter, Quarter


class FigureOut(Output):
    """So many of so many: null where the policy's minimum of pairs is not reached."""

    numerator: Count | None
    denominator: Count
    share: Number | None
    meaning: ShortText


class KappaOut(Output):
    """Weighted kappa: 1 is full agreement, 0 is what chance alone would give."""

    value: Number | None
    pairs: Count
    weights: KappaWeights
    """Whether a disagreement weighs its distance in ranks, or the square of it."""
    withheld: Withheld | None
    meaning: ShortText


class DistributionOut(Output):
    """How often one judgement of the scale was given, before and after moderation."""

    judgement: Key
    label: ShortText
    before: Count
    after: Count


class ScaleAgreementOut(Output):
    """The agreement on one number of one scale; scales are never mixed."""

    scale_code: Code
    scale_number: Version
    pairs: Count
    minimum_pairs: Count
    withheld: Withheld | None
    exact: FigureOut
    within_one: FigureOut
    raised: FigureOut
    lowered: FigureOut
    weighted_kappa: KappaOut
    distribution: Few[DistributionOut]
    """How often each judgement was given before and after moderation, best first; empty where the
    figures are withheld."""
    explanation: ExplanationOut


class AgreementOut(Output):
    """How far auditors and moderators agree, over the outcomes that the caller may see (R4.5.4)."""

    team: Code | None
    type: Code | None
    quarter: Quarter | None
    starts_on: IsoDate | None
    ends_before: IsoDate | None
    denominator: ShortText
    scales: Many[ScaleAgreementOut]


class AgreementQuery(Input):
    """Whose agreement: of the auditor's team, of an audit type, of a quarter of completion."""

    team: Code | None = None
    """Only of auditors of this team, by code."""
    type: Code | None = None
    """Only of audits of this type, by code."""
    quarter: AskedQuarter | None = None
    """Only of audits completed in this quarter of the financial year, like `2026-27 Q1`."""
