"""What goes into and comes out of the routes of practice audits (R4.5.4)."""

from typing import Final

from pydantic import ConfigDict, JsonValue

from qa_api.moderation.agreement_schemas import CoefficientOut, FigureOut, KappaOut, Sentence
from qa_api.moderation.steadiness_schemas import ChangedOut
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Code,
    Count,
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


class StandardIn(Input):
    """What is held to be right of a case, and why."""

    judgement: Key
    rationale: Text


class NewPracticeCase(Input):
    """A made-up case, and what is held to be right of it.

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
                }
            ]
        }
    )

    title: ShortText
    material: Text
    scale_code: Code
    scale_number: Version
    standard: StandardIn
    ends_on: IsoDate | None = None
    """The last day on which it is judged, in London; without one there is none."""


class PracticeCaseRow(Output):
    """A fictitious case in a list."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CASE]})

    id: Uuid
    title: ShortText
    scale_code: Code
    scale_number: Version
    ends_on: IsoDate | None
    """The last day on which it is judged, in London; null where there is none."""
    set_at: Instant
    set_by: Code
    judged: bool
    """Whether you have judged it."""


class PracticeCaseOut(PracticeCaseRow):
    """A fictitious case as it is to be judged; its standard is shown to who has judged it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_CASE,
                    "material": _MATERIAL,
                }
            ]
        }
    )

    material: Text
    """What the case is: all that an auditor is told of it."""


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
                }
            ]
        }
    )

    case_id: Uuid
    """The fictitious case."""
    scale_code: Code
    scale_number: Version
    judgement: Key
    rationale: Text


class PracticeAuditIn(Input):
    """How you judge a fictitious case. It stands: as soon as it is there you see the standard."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"judgement": "good", "rationale": "The plan is clear, and works."}]
        }
    )

    judgement: Key
    rationale: Text


class PracticeAuditRow(Output):
    """How an auditor judged a fictitious case, beside its standard."""

    model_config = ConfigDict(json_schema_extra={"examples": [_AUDIT]})

    id: Uuid
    case_id: Uuid
    """The fictitious case."""
    auditor: Code
    scale_code: Code
    scale_number: Version
    judgement: Key
    standard_judgement: Key
    """What is held to be right of the case, a key of the scale."""
    judged_at: Instant
    """When it was recorded."""


class PracticeAuditOut(PracticeAuditRow):
    """The same with both rationales."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_AUDIT,
                    "rationale": "The plan is clear, and works.",
                    "standard_rationale": _WHY,
                }
            ]
        }
    )

    rationale: Text
    standard_rationale: Text
    """Why that is held to be right."""


class PracticeCaseQuery(PageQuery):
    """The list of fictitious cases has no filters."""


class PracticeAuditQuery(PageQuery):
    """The filters of the list of practice audits."""

    case: Uuid | None = None
    """Only of this fictitious case."""
    auditor: Code | None = None
    """Only by this auditor, by worker code."""


class PracticeScaleOut(Output):
    """How far auditors agree with the standards on one scale; figures as those of moderation."""

    scale_code: Code
    scale_number: Version
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


class PracticeSteadinessRow(Output):
    """How an auditor judged fictitious cases on one scale, against the others."""

    auditor: Code
    scale_code: Code
    scale_number: Version
    starts_on: IsoDate
    """The first day of the quarters counted, in London."""
    ends_before: IsoDate
    """The day after the last of them: the quarter that runs is not counted yet."""
    pairs: Count
    exact: FigureOut
    within_one: FigureOut
    raised: ChangedOut
    lowered: ChangedOut
    explanation: ExplanationOut
