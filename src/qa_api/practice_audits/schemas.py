"""What goes into and comes out of the routes of practice audits (R4.5.4)."""

from typing import Final

from pydantic import ConfigDict, Field, JsonValue

from qa_api.audits.content_schemas import KeyedJudgementIn
from qa_api.moderation.agreement_schemas import CoefficientOut, FigureOut, KappaOut, Sentence
from qa_api.moderation.steadiness_schemas import ChangedOut, SteadinessOfOut
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
    Output,
    ShortText,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery

_MATERIAL: Final = "The elder says that nobody asked him. Four visits, two of them late."
_WHY: Final = "The plan is the younger's; the elder was not seen alone."
_CASE: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-0000000000c1",
    "title": "Two brothers, one plan",
    "tool_id": "0199d1f0-7c1b-7000-8000-0000000000c3",
    "overall_judged": True,
    "scale_code": "four-point",
    "scale_number": 1,
    "ends_on": "2027-03-31",
    "set_at": "2026-11-23T09:30:00Z",
    "set_by": "qs-1",
    "judged": False,
}
_AUDIT: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-0000000000c2",
    "case_id": "0199d1f0-7c1b-7000-8000-0000000000c1",
    "auditor": "ps-lincoln-fast",
    "scale_code": "four-point",
    "scale_number": 1,
    "judgement": "good",
    "standard_judgement": "requires_improvement",
    "judged_at": "2026-11-24T14:10:00Z",
}


_JUDGED: Final[dict[str, JsonValue]] = {
    "domain_key": "voice_of_the_child",
    "judgement": "good",
    "rationale": "The elder is quoted, and the plan answers him.",
}
_HELD: Final[dict[str, JsonValue]] = {
    "domain_key": "voice_of_the_child",
    "judgement": "inadequate",
    "rationale": "Nobody asked the elder.",
}


class JudgementsIn(Input):
    """Judgements of a case: of the whole, of the domains of its tool, or of both, as it asks."""

    judgement: Key | None = None
    """The judgement of the whole; left out where the domains alone are judged."""
    rationale: Text | None = None
    domains: Few[KeyedJudgementIn] = Field(default_factory=list)
    """The judgement of each domain of the case."""


class StandardIn(JudgementsIn):
    """What is held to be right of a case, and why."""


class NewPracticeCase(Input):
    """A made-up case, and what is held to be right of it.

    With a tool each of its judged domains has a standard, and the whole as the tool says: always,
    if you like, or never. Without a tool the whole alone is judged, on the scale that you name.
    Make it up: nothing of a real child belongs here.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Two brothers, one plan",
                    "material": _MATERIAL,
                    "scale_code": "four-point",
                    "scale_number": 1,
                    "standard": {
                        "judgement": "requires_improvement",
                        "rationale": _WHY,
                    },
                    "ends_on": "2027-03-31",
                },
                {
                    "title": "A quiet baby",
                    "material": "Weighed twice in nine weeks.",
                    "tool_id": "0199d1f0-7c1b-7000-8000-0000000000c3",
                    "standard": {"domains": [_HELD]},
                },
            ]
        }
    )

    title: ShortText
    material: Text
    tool_id: Uuid | None = None
    """The published audit tool whose domains are judged."""
    scale_code: Code | None = None
    """The scale of the whole; with a tool it has the tool's, and you may leave this out."""
    scale_number: Version | None = None
    standard: StandardIn
    ends_on: IsoDate | None = None
    """The last day on which it is judged, in London; without one there is none."""


class PracticeCaseRow(Output):
    """A fictitious case in a list."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CASE]})

    id: Uuid
    title: ShortText
    tool_id: Uuid | None
    """The audit tool whose domains are judged; null where the whole alone is."""
    overall_judged: bool
    """Whether the whole is judged."""
    scale_code: Code
    scale_number: Version
    ends_on: IsoDate | None
    """The last day on which it is judged, in London; null where there is none."""
    set_at: Instant
    set_by: Code
    judged: bool
    """Whether you have judged it."""


class PracticeDomainOut(Output):
    """A domain of the case's tool that is to be judged."""

    domain_key: Key
    title: ShortText
    guidance: Text | None


class PracticeCaseOut(PracticeCaseRow):
    """A fictitious case as it is to be judged; its standard is shown to who has judged it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_CASE,
                    "material": _MATERIAL,
                    "domains": [
                        {
                            "domain_key": "voice_of_the_child",
                            "title": "Voice of the child",
                            "guidance": None,
                        }
                    ],
                }
            ]
        }
    )

    material: Text
    """What the case is: all that an auditor is told of it."""
    domains: Few[PracticeDomainOut]
    """What is judged beside the whole or instead of it, in the order of the tool."""


class StandardDomainOut(Output):
    """What is held to be right of one domain of a case, and why."""

    domain_key: Key
    judgement: Key
    rationale: Text


class PracticeStandardOut(Output):
    """What is held to be right of a case. Auditors read it in their own practice audit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "case_id": "0199d1f0-7c1b-7000-8000-0000000000c1",
                    "scale_code": "four-point",
                    "scale_number": 1,
                    "judgement": "requires_improvement",
                    "rationale": _WHY,
                    "domains": [_HELD],
                }
            ]
        }
    )

    case_id: Uuid
    """The fictitious case."""
    scale_code: Code
    scale_number: Version
    judgement: Key | None
    """The judgement of the whole; null where the domains alone are judged."""
    rationale: Text | None
    domains: Few[StandardDomainOut]


class PracticeAuditIn(JudgementsIn):
    """How you judge a fictitious case. It stands: as soon as it is there you see the standard.

    Judge each of the case's `domains`, and the whole where it asks for that (`overall_judged`).
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"judgement": "good", "rationale": "The plan is clear, and works."},
                {"domains": [_JUDGED]},
            ]
        }
    )


class PracticeAuditRow(Output):
    """How an auditor judged a fictitious case, beside its standard."""

    model_config = ConfigDict(json_schema_extra={"examples": [_AUDIT]})

    id: Uuid
    case_id: Uuid
    """The fictitious case."""
    auditor: Code
    scale_code: Code
    scale_number: Version
    judgement: Key | None
    """The judgement of the whole; null where the domains alone are judged."""
    standard_judgement: Key | None
    """What is held to be right of the whole, a key of the scale; null as `judgement` is."""
    judged_at: Instant
    """When it was recorded."""


class JudgedDomainOut(StandardDomainOut):
    """How an auditor judged one domain of a case, beside its standard."""

    standard_judgement: Key
    """What is held to be right of the domain, a key of the scale."""
    standard_rationale: Text
    """Why that is held to be right."""


class PracticeAuditOut(PracticeAuditRow):
    """The same with both rationales, and domain by domain."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_AUDIT,
                    "rationale": "The plan is clear, and works.",
                    "standard_rationale": _WHY,
                    "domains": [
                        {
                            **_JUDGED,
                            "standard_judgement": _HELD["judgement"],
                            "standard_rationale": _HELD["rationale"],
                        }
                    ],
                }
            ]
        }
    )

    rationale: Text | None
    standard_rationale: Text | None
    """Why that is held to be right."""
    domains: Few[JudgedDomainOut]


class PracticeCaseQuery(PageQuery):
    """The list of fictitious cases has no filters."""


class PracticeAuditQuery(PageQuery):
    """The filters of the list of practice audits."""

    case: Uuid | None = None
    """Only of this fictitious case."""
    auditor: Code | None = None
    """Only by this auditor, by worker code."""


class PracticeScaleOut(Output):
    """How far auditors agree with the standards on one scale, of the whole or of one domain.

    The figures are those of moderation.
    """

    scale_code: Code
    scale_number: Version
    domain_key: Key | None
    """The domain that was judged; null for the whole."""
    domain: ShortText | None
    """What the tool calls the domain."""
    pairs: Count
    """How many pairs are in the figures; 0 where they are not known yet."""
    minimum_pairs: Count
    """How many pairs agreement beyond chance takes. Below it only `exact` and `within_one`."""
    sentence: Sentence
    """What the figures say together, and whether it is enough; or that they are not known yet."""
    exact: FigureOut
    within_one: FigureOut
    raised: FigureOut
    lowered: FigureOut
    weighted_kappa: KappaOut
    ac2: CoefficientOut
    """Gwet's AC2, with the weights of kappa: it does not collapse where kappa does."""
    alpha: CoefficientOut
    """Krippendorff's alpha for ordinal judgements."""
    explanation: ExplanationOut


class PracticeAgreementOut(Output):
    """How far practice audits agree with what is held to be right of their cases."""

    case: Uuid | None
    """The fictitious case that was asked for; null for all."""
    denominator: ShortText
    scales: Many[PracticeScaleOut]


class PracticeAgreementQuery(Input):
    """Of which case."""

    case: Uuid | None = None
    """Only of this fictitious case."""


class PracticeSteadinessRow(SteadinessOfOut):
    """How an auditor judged fictitious cases on one scale, against the others."""

    starts_on: IsoDate
    """The first day of the quarters counted, in London."""
    ends_before: IsoDate
    """The day after the last of them: the quarter that runs is not counted yet."""
    exact: FigureOut
    within_one: FigureOut
    raised: ChangedOut
    lowered: ChangedOut
    explanation: ExplanationOut
