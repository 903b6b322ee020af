"""How far auditors and moderators agree, as it goes out (R4.5.4)."""

from typing import Annotated

from pydantic import Field

from qa_api.rules.agreement import Withheld
from qa_api.rules.policy_values import KappaWeights, SecondGrade
from qa_api.rules.shares import ShownAs
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

Sentence = Annotated[str, Field(max_length=600)]


class IntervalOut(Output):
    """An interval of 95 %: of a hundred such samples some 95 have bounds that hold the truth."""

    low: Number
    high: Number


class FigureOut(Output):
    """So many of so many pairs, and how sure that is."""

    numerator: Count | None
    """How many of the pairs; null where there are too few for this figure to be shown."""
    denominator: Count
    share: Number | None
    """The share of the pairs, from 0 to 1; null of fewer than policy has told as a share."""
    shown_as: ShownAs
    interval: IntervalOut | None
    """Wilson's; null where there are counts only, and where the figure is withheld."""
    enough: bool
    """Whether the figure says something: `false` is 'too few to say'."""
    sentence: Sentence | None
    """The figure and its doubt in words; null where it is withheld."""
    meaning: ShortText


class CoefficientOut(Output):
    """Agreement beyond chance: 1 is full agreement, 0 is what chance alone would give."""

    value: Number | None
    interval: IntervalOut | None
    """The interval of the value; null where there is none, where all pairs agree in full, and where
    they vary too little for one."""
    pairs: Count
    withheld: Withheld | None
    enough: bool
    """Whether the figure says something: `false` is 'too few to say'."""
    sentence: Sentence
    """The figure and its doubt in words."""
    meaning: ShortText


class KappaOut(CoefficientOut):
    """Cohen's weighted kappa; it collapses where nearly everything has one judgement."""

    weights: KappaWeights
    """Whether a disagreement weighs its distance in ranks, or the square of it."""


class DistributionOut(Output):
    """How often one judgement of the scale was given, before and after moderation."""

    judgement: Key
    label: ShortText
    before: Count
    after: Count


class ScaleAgreementOut(Output):
    """The agreement on one number of one scale, of the whole or of one domain.

    Scales are never mixed, nor domains, nor how one judged.
    """

    scale_code: Code
    scale_number: Version
    domain_key: Key | None
    """The domain whose judgements they are, where the audits' tool requires no overall judgement;
    null for the overall judgements."""
    domain: ShortText | None
    """What the tool calls the domain."""
    second_grade: SecondGrade
    """Whether its pairs were sealed: the moderators judged before they saw the first judgement."""
    pairs: Count
    minimum_pairs: Count
    """How many pairs agreement beyond chance takes: the policy's number, or what the interval of
    kappa needs if that is more. Below it only `exact` and `within_one` are told."""
    withheld: Withheld | None
    sentence: Sentence
    """What the figures say together, and whether it is enough."""
    exact: FigureOut
    within_one: FigureOut
    raised: FigureOut
    lowered: FigureOut
    weighted_kappa: KappaOut
    ac2: CoefficientOut
    """Gwet's AC2, with the weights of kappa: it does not collapse where kappa does."""
    alpha: CoefficientOut
    """Krippendorff's alpha for ordinal judgements: who is auditor and who moderator is all one."""
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
    domains: Many[ScaleAgreementOut]
    """The same of each domain that was moderated beside an overall judgement; where the domains
    stand for an audit they are among `scales`."""


class AgreementQuery(Input):
    """Whose agreement: of the auditor's team, of an audit type, of a quarter of completion."""

    team: Code | None = None
    """Only of auditors of this team, by code."""
    type: Code | None = None
    """Only of audits of this type, by code."""
    quarter: AskedQuarter | None = None
    """Only of audits completed in this quarter of the financial year, like `2026-27 Q1`."""
