"""The figures as they come out of the Board's routes, updates and reports (R4.7.3)."""

from typing import Annotated, Protocol

from pydantic import ConfigDict, Field

from qa_api.moderation.agreement_schemas import CoefficientOut, IntervalOut, Sentence
from qa_api.rules.agreement import Withheld
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.metrics import Unit
from qa_api.rules.policy_values import KappaWeights, SecondGrade
from qa_api.rules.shares import ShownAs
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Code,
    Count,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    Many,
    Number,
    Output,
    ShortText,
    Version,
)
from qa_api.values.periods import Quarter

Words = Annotated[str, Field(max_length=400)]
Link = Annotated[str, Field(max_length=1_000)]


class OfJudgements(Protocol):
    """Figures of judgements that stand on one scale: of the whole, or of a domain."""

    @property
    def scale_code(self) -> str:
        """The code of the scale."""

    @property
    def scale_number(self) -> int:
        """Its number."""

    @property
    def domain_key(self) -> str | None:
        """The domain that was judged; None is the whole."""


def judged_on(figures: OfJudgements) -> JudgedOn:
    """What the judgements are of."""
    return JudgedOn(figures.scale_code, figures.scale_number, figures.domain_key)


class MetricPartOut(Output):
    """What is counted above or below the line, how many, and where exactly they are listed."""

    definition: Words
    count: Count | None
    """How many rows the list has; null where it is withheld: published figures over too few are not
    shown."""
    rows: Link


class MetricOut(Output):
    """One figure. Its value is numerator over denominator, or the median of the numerator's."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": "audits_done",
                    "title": "Audits done",
                    "clause": "§4.7, R4.7.3",
                    "unit": "share",
                    "numerator": {
                        "definition": "those of them completed by now, late ones too",
                        "count": 18,
                        "rows": "/v1/audits?due_from=2026-07-01&due_to=2026-10-01&done=true",
                    },
                    "denominator": {
                        "definition": "audits due in the quarter that were not cancelled",
                        "count": 21,
                        "rows": "/v1/audits?due_from=2026-07-01&due_to=2026-10-01&cancelled=false",
                    },
                    "value": 0.8571,
                    "withheld": False,
                }
            ]
        }
    )

    key: Key
    title: ShortText
    clause: ShortText
    unit: Unit
    numerator: MetricPartOut
    denominator: MetricPartOut
    value: Number | None
    """In `unit`: a share from 0 to 1, working days or minutes. Null where there is nothing to
    divide by, where it is withheld, and for a share of so few that policy has it told as 'k of n'
    or as counts."""
    withheld: bool


class DoubtOut(Output):
    """How a share is told, and how sure it is (R4.7.3)."""

    rows: Link
    """The link of the rows that the figure or judgement counts: it says which one this is about."""
    shown_as: ShownAs
    interval: IntervalOut | None
    """The interval of a sample's share; null where everything was counted, and of so few that there
    are counts only."""
    enough: bool
    """Whether it says something: `false` is 'too few to say'."""
    sentence: Sentence
    """The share and its doubt in words."""


class BeyondChanceOut(Output):
    """How far auditors and moderators agree beyond chance on one scale, with its doubt (R4.5.4)."""

    scale_code: Code
    scale_number: Version
    domain_key: Key | None
    """The domain whose judgements they are, of audits for which their domains stand; null for
    overall judgements, and in what was frozen before there were others."""
    second_grade: SecondGrade | None
    """Whether its pairs were sealed; null in what was frozen before there were seals."""
    sentence: Sentence
    """What the figures of agreement say together, and whether it is enough."""
    kappa: CoefficientOut
    """Cohen's weighted kappa, with the weights of `agreement`."""
    ac2: CoefficientOut
    """Gwet's AC2: it does not collapse where kappa does, where nearly all have one judgement."""
    alpha: CoefficientOut
    """Krippendorff's alpha for ordinal judgements."""


class JudgementCountOut(Output):
    """How many audits of the quarter have one judgement, and where they are listed."""

    judgement: Key
    label: ShortText
    count: Count | None
    rows: Link


class ModeratedCountOut(Output):
    """How often a judgement was given to the moderated audits, before and after moderation."""

    judgement: Key
    label: ShortText
    before: Count | None
    after: Count | None


class AfterModerationOut(Output):
    """What the moderated audits say of all that were completed in the quarter (R4.5.4).

    They are drawn by lot from these, whose number is known: of all of them between how many would
    be judged so if each were moderated. Each group and month has a lot of its own, with a minimum
    and a maximum: of all is told only where that, and what could not be drawn or was not moderated,
    can move the share by 5 in a hundred at most, for which the bounds leave room.
    """

    scale_code: Code
    scale_number: Version
    domain_key: Key | None
    """The domain whose judgements they are; null for overall judgements."""
    judgement: Key
    shown_as: ShownAs
    interval: IntervalOut | None
    """The interval of the share of all completed audits, corrected for how many of them were
    moderated, with room for unequal chances; null where all were moderated, of so few that there
    are counts only, and where not each was about as likely as the others to be moderated."""
    enough: bool
    """Whether it says something: `false` is 'too few to say'."""
    sentence: Sentence
    """The share of the moderated audits and, of all completed ones, its doubt in words."""


class ScaleJudgementsOut(Output):
    """The judgements on one number of one scale, best first; scales are never mixed (R4.1.3).

    Of audits as a whole, or of one domain of those for which their domains stand.
    """

    scale_code: Code
    scale_number: Version
    domain_key: Key | None
    """The domain whose judgements they are, of audits for which their domains stand; null for
    overall judgements, and in what was frozen before there were others."""
    domain: ShortText | None
    """What the tool calls the domain."""
    denominator: MetricPartOut
    judgements: Few[JudgementCountOut]
    moderated: Few[ModeratedCountOut]
    """How often each judgement was given to moderated audits. Empty where nothing was moderated, or
    too little to be shown, or not to this caller."""
    moderated_pairs: Count | None
    """How many audits were moderated; null where the caller may not know."""
    moderated_second_grade: SecondGrade | None
    """Whether those were sealed pairs. Where some were and others not it is the sealed ones alone;
    `agreement` has both. Null where there are none, and in what was frozen before there were seals.
    """
    withheld: bool
    """Whether anything of it is."""


class ThemeJudgementsOut(Output):
    """The judgements on one number of one scale among the audits of one theme, best first."""

    scale_code: Code
    scale_number: Version
    domain_key: Key | None
    """The domain whose judgements they are, of audits for which their domains stand; null for
    overall judgements, and in what was frozen before there were others."""
    domain: ShortText | None
    """What the tool calls the domain."""
    denominator: MetricPartOut
    judgements: Few[JudgementCountOut]
    withheld: bool


class ThemeFiguresOut(Output):
    """What was planned and completed for one theme, and how it was judged (R4.4.2)."""

    theme: Code
    title: ShortText
    audits: MetricOut
    """How many audits of those due in the quarter for this theme are done."""
    completed: MetricPartOut
    """Completed in the quarter, whenever they were due: what the judgements are of."""
    judgements: Few[ThemeJudgementsOut]


class AgreementFiguresOut(Output):
    """How far auditors and moderators agree on one number of one scale (R4.5.4)."""

    scale_code: Code
    scale_number: Version
    domain_key: Key | None
    """The domain whose judgements they are, of audits for which their domains stand; null for
    overall judgements, and in what was frozen before there were others."""
    domain: ShortText | None
    """What the tool calls the domain."""
    second_grade: SecondGrade | None
    """Whether its pairs were sealed; null in what was frozen before there were seals."""
    minimum_pairs: Count
    """How many pairs a figure takes at least: of fewer none is shown."""
    figures: Few[MetricOut]
    """Exact, within one, raised, lowered; the denominator of each is the pairs."""
    weighted_kappa: Number | None
    """From -1 to 1: 1 is full agreement, 0 is what chance alone would give."""
    kappa_weights: KappaWeights
    kappa_withheld: Withheld | None


class JoinedJudgementsOut(Output):
    """Neighbouring judgements that are published as one number, so that nobody is recognised.

    Each of them has null for its count. Together with the counts that are shown they are the whole.
    """

    scale_code: Code
    scale_number: Version
    domain_key: Key | None
    """The domain whose judgements they are, of audits for which their domains stand; null for
    overall judgements, and in what was frozen before there were others."""
    theme: Code | None
    """The theme whose audits they are of; null for all audits."""
    judgements: Few[Key]
    """The joined judgements, best first."""
    label: ShortText
    """Their labels in one, for people."""
    count: Count
    """How many audits have one of them."""
    sentence: Sentence
    """The share and its doubt in words; where all judgements of the scale are joined, only how many
    there are."""


class ObservationsOut(Output):
    """Workers by how many of their observations are done, 0, 1 or 2 and more (§4.6)."""

    as_at: IsoDate
    workers: Count | None
    with_none: Count | None
    with_one: Count | None
    with_two_or_more: Count | None
    numerator_is: Words
    denominator_is: Words
    rows: Link


class StandsOut(Output):
    """Figures that are told as an earlier version of the report presented them (R4.7.3).

    What has changed since, little or much, is not told yet: beside the earlier version it could
    tell of single audits. Or it was not kept then which rows were counted.
    """

    section: ShortText
    """What stands: the list of its rows, and the date that places them in the quarter."""
    title: ShortText
    """What people call it."""
    presented_in: Quarter
    """The report that presented it first: that of this quarter, or a later one of which it was in
    the trend or the charts."""
    number: Version
    """The version of that report."""
    as_at: Instant
    """As at when it was counted."""
    sentence: Sentence
    """The same in words."""


class MetricsOut(Output):
    """The figures of a quarter over the rows that the caller may see, as at an instant."""

    quarter: Quarter
    starts_on: IsoDate
    ends_before: IsoDate
    as_at: Instant
    policy_version: Version
    explanation: ExplanationOut | None
    """How they were counted, and when one is withheld. Null in figures frozen before it."""
    team: Code | None
    service: Code | None
    type: Code | None
    figures: Many[MetricOut]
    """The figures of the quarter, without those over lists that the caller may not read."""
    judgements: Few[ScaleJudgementsOut]
    joined: Many[JoinedJudgementsOut] | None
    """The judgements that are published as one number. Null where nothing is joined: in figures of
    rows that the caller may list, in an update, and in figures frozen before it."""
    stands: Few[StandsOut] | None
    """The figures told as an earlier version presented them, since new ones beside it could tell of
    single audits; empty where all are told as at `as_at`. Null where nothing was presented: in
    figures of rows that the caller may list, in an update, and in figures frozen before it."""
    themes: Many[ThemeFiguresOut] | None
    """The figures of each theme, by code; where figures are published, of those that can be told
    of. Null for a service in a report, and in figures frozen before there were any of themes."""
    agreement: Few[AgreementFiguresOut] | None
    """How far auditors and moderators agree; published figures leave out kinds of pairs of which
    not even the number can be told. Null for a service, where the caller may not know, and in
    figures frozen before it."""
    doubts: Many[DoubtOut] | None
    """How sure every share is that is shown. Null in figures frozen before it, and in those of a
    service within a report: its update has them."""
    beyond_chance: Few[BeyondChanceOut] | None
    """Agreement beyond chance, scale by scale; null where `agreement` is. A published scale is not
    among them where judgements that are withheld or joined would follow from it."""
    after_moderation: Many[AfterModerationOut] | None
    """What moderated audits say of all completed ones, where the numbers that it follows from are
    shown. Null for a team, whose pairs are by its auditors and not of its cases, for a service
    within a report, and in figures frozen before it."""
    observations: ObservationsOut | None
    """How many workers have how many observations. Null for one audit type, and where the caller
    does not see every worker counted."""


class MetricsQuery(Input):
    """Whose figures: of a team or service that holds the cases now, of an audit type."""

    team: Code | None = None
    """Only of this team, by code."""
    service: Code | None = None
    """Only of this service, by code."""
    type: Code | None = None
    """Only of this audit type, by code."""
