"""What goes into and comes out of the catalogue routes."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from qa_api.catalogue import examples
from qa_api.rules.audits import AuditorRule, StarterRule
from qa_api.rules.cadence import CadenceKind
from qa_api.rules.states import ToolState
from qa_api.rules.tools import AnswerKind, OverallAsked
from qa_api.values.fields import (
    Bounded,
    Choice,
    Code,
    Few,
    Input,
    Instant,
    Key,
    Output,
    QueryFlag,
    ShortText,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery
from qa_api.values.text import Formed

Clause = Annotated[
    str,
    Formed(
        r"^[A-Za-z0-9§.,&() -]{1,40}$",
        "A clause, with letters, digits, spaces and the signs § . , & ( ) and -; 40 at most, like"
        " `§3, R3.1`.",
        most=40,
    ),
]
"""A clause of the procedure, or of the authority's own framework: `§3, R3.1`."""

SubjectKind = Literal["child", "carer_household"]
Owner = Literal["quality_standards", "service_area"]
Months = Annotated[int, Bounded(1, 120)]


# --- audit types ---


class AuditTypeIn(Input):
    """A kind of audit: about whom, run by whom, how often, with which tool (R3.1)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Closure audit",
                    "clause": "§3, R3.3",
                    "subject_kind": "child",
                    "owner": "service_area",
                    "cadence": "every_closure",
                    "tool_code": "closure",
                    "may_audit": "team_supervisor_else_manager",
                },
                {
                    "name": "Review of children's health",
                    "clause": "R3.1",
                    "subject_kind": "child",
                    "owner": "service_area",
                    "cadence": "interval",
                    "interval_months": 6,
                    "tool_code": "health",
                    "may_audit": "any_auditor",
                    "may_start": "own_teams",
                    "start_teams": ["independent-reviewing"],
                    "notes_paper_records": True,
                    "active": False,
                },
            ]
        }
    )

    name: ShortText
    clause: Clause
    subject_kind: SubjectKind
    owner: Owner
    cadence: Choice[CadenceKind]
    interval_months: Months | None = None
    """How many months lie between two audits of the type: only where the cadence is `interval`,
    which needs it, or `anniversary`."""
    tool_code: Code | None = None
    may_audit: Choice[AuditorRule]
    may_start: Choice[StarterRule] | None = None
    """Who may start one, beside Quality & Standards; left out, it is who runs the type:
    `quality_standards`, or the `team_manager` of the team that holds the case."""
    start_teams: Few[Code] = Field(default_factory=list)
    """Only with `own_teams`: the teams whose leads start such audits, on any team's case."""
    notes_paper_records: bool | None = None
    """Whether an audit cannot be completed without saying which paper records were read besides the
    electronic one. If left out, this holds for audits of carer households."""
    active: bool = True


class AuditTypeOut(Output):
    """An audit type as it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "closure",
                    "name": "Closure audit",
                    "clause": "§3, R3.3",
                    "subject_kind": "child",
                    "owner": "service_area",
                    "cadence": "every_closure",
                    "interval_months": None,
                    "tool_code": "closure",
                    "published_tool_id": "019311c0-5f00-7000-8000-000000000001",
                    "may_audit": "team_supervisor_else_manager",
                    "may_start": "team_manager",
                    "start_teams": [],
                    "notes_paper_records": False,
                    "active": True,
                    "version": 1,
                }
            ]
        }
    )

    code: Code
    name: ShortText
    clause: Clause
    subject_kind: SubjectKind
    owner: Owner
    cadence: CadenceKind
    interval_months: Months | None
    tool_code: Code | None
    published_tool_id: Uuid | None
    """The version of the tool that new audits of this type use; null if none is published."""
    may_audit: AuditorRule
    may_start: StarterRule
    start_teams: Few[Code]
    notes_paper_records: bool
    active: bool
    version: Version


class AuditTypeQuery(PageQuery):
    """The filters of the list of audit types."""

    active: QueryFlag | None = None
    """`true`: only what is in use; `false`: only what is not."""


# --- audit tools ---


class ScaleRef(Input):
    """One number of a judgement scale."""

    code: Code
    number: Version


class AppliesWhenIn(Input):
    """The question is asked only when an earlier one was answered with one of these words."""

    question: Key
    answered: Few[ShortText]


class QuestionIn(Input):
    """A question; its key stays the same from version to version."""

    key: Key
    text: Text
    guidance: Text | None = None
    answer_kind: Choice[AnswerKind]
    choices: Few[ShortText] = Field(default_factory=list)
    required: bool = True
    evidence_required: bool = False
    timescale_check: bool = False
    applies_when: AppliesWhenIn | None = None


class DomainIn(Input):
    """A part of the tool; `judged` says whether it gets a judgement of its own."""

    key: Key
    title: ShortText
    guidance: Text | None = None
    judged: bool = True
    escalates: bool = False
    """Whether a judgement of this domain goes to the team manager at once where it is one that the
    scale marks (R4.3.2)."""
    questions: Few[QuestionIn]


class ToolContent(Input):
    """What a draft of a tool says. A draft may be unfinished; publishing checks it whole."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                examples.TOOL,
                examples.TOOL_WITH_CONDITIONS,
                examples.TOOL_WITHOUT_AN_OVERALL_JUDGEMENT,
            ]
        }
    )

    name: ShortText
    scale: ScaleRef
    overall: Choice[OverallAsked] = OverallAsked.REQUIRED
    """Whether audits are judged as a whole. Where that is not required the judgements of the
    domains stand for the audit, and at least one judged domain has to be marked `escalates`."""
    domains: Few[DomainIn]


class ToolDraft(ToolContent):
    """A new draft of a tool: the next number of its code."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"code": "closure", **examples.TOOL},
                {"code": "conversation", **examples.TOOL_WITHOUT_AN_OVERALL_JUDGEMENT},
            ]
        }
    )

    code: Code


class ScaleRefOut(Output):
    """The judgement scale that the tool judges on."""

    code: Code
    number: Version


class AppliesWhenOut(Output):
    """At which answers to an earlier question this one is asked."""

    question: Key
    answered: Few[ShortText]


class QuestionOut(Output):
    """A question as it is asked."""

    key: Key
    text: Text
    guidance: Text | None
    answer_kind: AnswerKind
    choices: Few[ShortText]
    required: bool
    evidence_required: bool
    timescale_check: bool
    applies_when: AppliesWhenOut | None


class DomainOut(Output):
    """A part of the tool with its questions."""

    key: Key
    title: ShortText
    guidance: Text | None
    judged: bool
    escalates: bool
    """Whether a judgement of it that the scale marks goes to the team manager at once (R4.3.2)."""
    questions: Few[QuestionOut]


class ToolRow(Output):
    """One version of a tool in a list."""

    id: Uuid
    code: Code
    number: Version
    name: ShortText
    state: ToolState
    scale: ScaleRefOut
    overall: OverallAsked
    """Whether audits are judged as a whole; where that is not required, their domains stand for
    them."""
    published_at: Instant | None
    retired_at: Instant | None
    version: Version


class ToolOut(ToolRow):
    """One version of a tool with everything it asks."""

    domains: Few[DomainOut]
    allowed_actions: Few[Key]


class ToolQuery(PageQuery):
    """The filters of the list of tools."""

    code: Code | None = None
    """Only the versions of this tool, by code."""
    state: Choice[ToolState] | None = None
    """Only in this state."""


# --- judgement scales ---


class ScalePointIn(Input):
    """One judgement; `escalates` marks what goes to the team manager at once (R4.3.2)."""

    code: Key
    label: ShortText
    escalates: bool = False


class NewScale(Input):
    """A scale, the best judgement first: the next number of its code (R4.1.3)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "four-point",
                    "name": "Four-point scale",
                    "points": [
                        {"code": "outstanding", "label": "Outstanding"},
                        {"code": "good", "label": "Good"},
                        {"code": "requires_improvement", "label": "Requires improvement"},
                        {"code": "inadequate", "label": "Inadequate", "escalates": True},
                    ],
                }
            ]
        }
    )

    code: Code
    name: ShortText
    points: Annotated[list[ScalePointIn], Field(min_length=2, max_length=50)]


class ScalePointOut(Output):
    """One judgement; position 1 is the best."""

    code: Key
    label: ShortText
    position: Version
    escalates: bool


class ScaleOut(Output):
    """One number of a judgement scale. It never changes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "four-point",
                    "number": 1,
                    "name": "Practice judgement",
                    "points": [
                        {"code": "good", "label": "Good", "position": 1, "escalates": False},
                        {
                            "code": "inadequate",
                            "label": "Inadequate",
                            "position": 2,
                            "escalates": True,
                        },
                    ],
                }
            ]
        }
    )

    code: Code
    number: Version
    name: ShortText
    points: Few[ScalePointOut]


class ScaleQuery(PageQuery):
    """The filters of the list of judgement scales."""

    code: Code | None = None
    """Only the versions of this judgement scale, by code."""
