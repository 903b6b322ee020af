"""How often moderation changed an auditor's judgements, as it goes out (R4.5.4)."""

from qa_api.moderation.agreement_schemas import FigureOut, IntervalOut, Sentence
from qa_api.rules.policy_values import SecondGrade
from qa_api.rules.steadiness import SteadinessOf, Verdict
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Code,
    Count,
    IsoDate,
    Key,
    Number,
    Output,
    ShortText,
    Version,
)
from qa_api.values.pages import PageQuery


class ChangedOut(Output):
    """How often moderation changed an auditor's judgements one way, and the others' as often."""

    own: FigureOut
    others: Number | None
    """The share of the others' judgements, from 0 to 1 in hundredths. Null until it is known, and
    where there are so few others that it would tell of a colleague. Of moderation Quality &
    Standards alone have it: auditors are told in words."""
    difference: IntervalOut | None
    """Between which bounds, in hundredths, their own share less the others' lies; null as `others`
    is."""
    verdict: Verdict
    sentence: Sentence
    """What the numbers say in words, or that it is not known yet."""


class SteadinessOfOut(Output):
    """Whose judgements, and of what: of the whole, of one domain, or of all domains together."""

    auditor: Code
    scale_code: Code
    scale_number: Version
    of: SteadinessOf
    """What the judgements are of. Domains stand for an audit that has no overall judgement."""
    domain_key: Key | None
    """The domain, where they are of one; null for overall judgements and for all together."""
    domain: ShortText | None
    """What the tool calls the domain."""
    pairs: Count
    audits: Count
    """How many audits they are of. Domains together know no more than so many pairs would: what
    made one of an audit too lenient may have made all of them so."""


class SteadinessRow(SteadinessOfOut):
    """An auditor's judgements on one scale, and how often moderation raised and lowered them."""

    second_grade: SecondGrade
    """Whether the pairs were sealed: the moderators judged before they saw the first judgement."""
    starts_on: IsoDate
    """The first day of the quarters counted, in London."""
    ends_before: IsoDate
    """The day after the last of them: the quarter that runs is not counted yet."""
    raised: ChangedOut
    lowered: ChangedOut
    explanation: ExplanationOut


class SteadinessQuery(PageQuery):
    """Whose figures: you see your own, Quality & Standards see everybody's."""

    auditor: Code | None = None
    """Only of this auditor, by worker code."""
