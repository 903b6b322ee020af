"""What goes into and comes out of the planning routes."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from qa_api.rules.states import PlanState
from qa_api.values.fields import (
    Bounded,
    Choice,
    Code,
    Count,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    Many,
    Output,
    QueryFlag,
    ShortText,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery
from qa_api.values.periods import AskedQuarter, Quarter

"""A financial quarter, Q1 being April to June: `2026-27 Q3`."""

Expected = Annotated[int, Bounded(1, 50)]
Seed = Annotated[str, Field(min_length=1, max_length=64)]


# --- themes ---


class ThemeSourceIn(Input):
    """Where a theme comes from, in one service area or, without a service, in all of them."""

    service: Code | None = None
    source: ShortText


class ThemeIn(Input):
    """A theme: its sources and the Practice Lead session it supports (R4.4.2)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "The child's voice in assessments",
                    "sources": [
                        {"service": "fast", "source": "Complaints of the second quarter"},
                        {"source": "Inspection of 2025, recommendation 3"},
                    ],
                    "practice_lead_session": "Practice Lead session of November 2026",
                }
            ]
        }
    )

    title: ShortText
    sources: Few[ThemeSourceIn] = Field(default_factory=list)
    practice_lead_session: ShortText | None = None


class ThemeSourceOut(Output):
    """Where a theme comes from; a service of null is the whole authority."""

    service: Code | None
    source: ShortText


class ThemeOut(Output):
    """A theme as it stands. A retired one is kept by published plans and refused by new ones."""

    code: Code
    title: ShortText
    sources: Few[ThemeSourceOut]
    practice_lead_session: ShortText | None
    retired_at: Instant | None
    version: Version


class ThemeQuery(PageQuery):
    """The filters of the list of themes."""

    retired: QueryFlag | None = None
    """`true`: only what is out of use; `false`: only what is in use."""


# --- plans ---


class PlanThemeIn(Input):
    """A theme of the quarter, its source and the Practice Lead session it supports."""

    theme: Code
    source: ShortText
    practice_lead_session: ShortText | None = None


class PlanTeamIn(Input):
    """A team chosen for a theme: why, and how many audits are expected of it."""

    team: Code
    theme: Code
    why: Text
    audits_expected: Expected


class PlanContent(Input):
    """What a draft says. Nobody is in it by default: teams are chosen by theme (R4.4.2)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "quarter": "2026-27 Q3",
                    "audit_type": "themed",
                    "themes": [
                        {
                            "theme": "childs-voice",
                            "source": "Complaints of the second quarter",
                            "practice_lead_session": "November 2026",
                        }
                    ],
                    "teams": [
                        {
                            "team": "lincoln-fast",
                            "theme": "childs-voice",
                            "why": "Most of the complaints were about assessments here.",
                            "audits_expected": 2,
                        }
                    ],
                    "auditors": ["au-1", "tm-adoption"],
                }
            ]
        }
    )

    quarter: AskedQuarter
    audit_type: Code
    themes: Annotated[Few[PlanThemeIn], Field(min_length=1)]
    teams: Annotated[Many[PlanTeamIn], Field(min_length=1)]
    auditors: Many[Code] = Field(default_factory=list)


class ExemptionIn(Input):
    """A team or an auditor of whom the plan is to ask nothing more, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"team": "lincoln-fast", "reason": "Two of three posts are vacant."},
                {"auditor": "au-1", "reason": "On long leave until March."},
            ]
        }
    )

    team: Code | None = None
    auditor: Code | None = None
    reason: Text


class PlanThemeOut(Output):
    """A theme of the plan, as it was when it was planned."""

    theme: Code
    source: ShortText
    practice_lead_session: ShortText | None


class PlanTeamOut(Output):
    """A team chosen for a theme. `group` is its auditor group on the day of publication."""

    team: Code
    theme: Code
    why: Text
    audits_expected: Expected
    group: Code | None


class PlanAuditorOut(Output):
    """An auditor whom the plan counts on."""

    auditor: Code


class ExemptionOut(Output):
    """A team or an auditor of whom nothing more is asked, why, and who decided it when."""

    id: Uuid
    team: Code | None
    auditor: Code | None
    reason: Text
    decided_by: Code | None
    decided_at: Instant


class CaseListRow(Output):
    """A list of references that was posted; only who may see cases of all teams is shown any."""

    id: Uuid
    team: Code
    theme: Code
    method: Literal["named", "drawn"]
    posted_at: Instant


class QuarterPlanRow(Output):
    """One version of a quarter's plan in a list."""

    id: Uuid
    quarter: Quarter
    number: Version
    state: PlanState
    audit_type: Code
    drafted_at: Instant
    published_at: Instant | None
    superseded_at: Instant | None
    version: Version


class QuarterPlanOut(QuarterPlanRow):
    """One version of a quarter's plan; its completion is measured against it alone (R4.4.2)."""

    themes: Few[PlanThemeOut]
    teams: Many[PlanTeamOut]
    auditors: Many[PlanAuditorOut]
    exemptions: Many[ExemptionOut]
    case_lists: Many[CaseListRow]
    allowed_actions: Few[Key]


class QuarterPlanQuery(PageQuery):
    """The filters of the list of plans."""

    quarter: AskedQuarter | None = None
    """Only of this quarter of the financial year, like `2026-27 Q1`."""
    state: Choice[PlanState] | None = None
    """Only in this state."""


# --- progress ---


class TeamProgressOut(Output):
    """What the plan expects of a team for a theme, and how far it has come."""

    team: Code
    theme: Code
    group: Code | None
    expected: Count
    exempt: Count
    planned: Count
    in_progress: Count
    completed: Count
    completed_late: Count
    cancelled: Count


class ShareOut(Output):
    """A figure with the words for what it counts."""

    numerator: Count
    denominator: Count
    numerator_is: ShortText
    denominator_is: ShortText


class ProgressOut(Output):
    """How far the plan has come, against its own denominator: the plan, not the workforce."""

    plan_id: Uuid
    quarter: Quarter
    number: Version
    as_at: IsoDate
    ends_on: IsoDate
    teams: Many[TeamProgressOut]
    completion: ShareOut
    beyond_plan: Count
    """How many audits of this quarter's plans, not cancelled, this version does not ask for."""
