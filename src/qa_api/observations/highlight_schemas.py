"""What goes into and comes out of the routes of learning highlights (R4.6.3)."""

from enum import StrEnum
from typing import Final

from pydantic import ConfigDict, JsonValue

from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Choice,
    Code,
    Count,
    Input,
    Instant,
    IsoDate,
    Output,
    QueryFlag,
    ShortText,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import ChangesQuery, PageQuery
from qa_api.values.periods import AskedQuarter, Quarter


class RoutedTo(StrEnum):
    """Who can do something about what a team learned."""

    LEARNING_DEVELOPMENT = "learning_development"
    PRACTICE_ADVISOR = "practice_advisor"


class ReturnState(StrEnum):
    """How a team stands with its learning highlights of a quarter."""

    RECORDED = "recorded"
    LATE = "late"
    AWAITED = "awaited"
    MISSING = "missing"


_HIGHLIGHT: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-0000000000f3",
    "team": "lincoln-fast",
    "quarter": "2026-27 Q2",
    "topic": "Direct work with younger children",
    "highlight": "Observations show that tools are known, but seldom brought along.",
    "routed_to": "learning_development",
    "due_on": "2026-10-14",
    "late": False,
    "calendar_unknown": False,
    "answered": True,
    "recorded_at": "2026-10-12T15:00:00Z",
    "recorded_by": "tm-lincoln-fast",
    "policy_version": 1,
    "calendar_version": 1,
    "explanation": {
        "rule": "highlights_due",
        "clause": "§4.6, R4.6.3",
        "policy_version": 1,
        "calendar_version": 1,
        "steps": [{"date": "2026-10-01", "counted": True, "reason": "Working day 1"}],
        "facts": {"counted_from": "2026-09-30", "working_days": 10, "quarter": "2026-27 Q2"},
    },
    "answered_at": "2026-11-02T11:00:00Z",
    "answered_by": "ld-1",
    "what_was_done": "Two workshops, and a box of tools in each office.",
    "changed_at": "2026-11-02T11:00:00Z",
    "version": 2,
}


class HighlightIn(Input):
    """What a team learned in a quarter, and who should do something about it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    name: _HIGHLIGHT[name]
                    for name in ("team", "quarter", "topic", "highlight", "routed_to")
                }
            ]
        }
    )

    team: Code
    quarter: AskedQuarter
    topic: ShortText
    highlight: Text
    routed_to: Choice[RoutedTo]


class HighlightAnswer(Input):
    """What was done about it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"what_was_done": _HIGHLIGHT["what_was_done"]}]}
    )

    what_was_done: Text


class HighlightRow(Output):
    """A learning highlight in a list."""

    id: Uuid
    team: Code
    quarter: Quarter
    topic: ShortText
    routed_to: RoutedTo
    due_on: IsoDate | None
    late: bool
    """Whether it was recorded after it was due."""
    calendar_unknown: bool
    """`due_on` lies past the end of the working calendar: it is null, the explanation says so, and
    it is counted when the calendar reaches further."""
    answered: bool
    recorded_at: Instant
    recorded_by: Code
    changed_at: Instant
    version: Version


class HighlightOut(HighlightRow):
    """One learning highlight, with what was done about it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_HIGHLIGHT]})

    highlight: Text
    policy_version: Version
    calendar_version: Version
    explanation: ExplanationOut
    answered_at: Instant | None
    answered_by: Code | None
    what_was_done: Text | None


class HighlightQuery(ChangesQuery):
    """The filters of the list of learning highlights."""

    quarter: AskedQuarter | None = None
    """Only of this quarter of the financial year, like `2026-27 Q1`."""
    team: Code | None = None
    """Only of this team, by code."""
    service: Code | None = None
    """Only of teams that belong to this service today, by code."""
    routed_to: Choice[RoutedTo] | None = None
    """Only what is routed to these."""
    late: QueryFlag | None = None
    """`true`: only what came after it was due; `false`: only what did not."""
    answered: QueryFlag | None = None
    """`true`: only what has its answer; `false`: only what has not."""


class HighlightReturnRow(Output):
    """How one team stands with its learning highlights of one quarter."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "team": "boston-fast",
                    "quarter": "2026-27 Q2",
                    "state": "missing",
                    "due_on": "2026-10-14",
                    "calendar_unknown": False,
                    "recorded": 0,
                    "late": 0,
                    "unanswered": 0,
                    "explanation": _HIGHLIGHT["explanation"],
                }
            ]
        }
    )

    team: Code
    quarter: Quarter
    state: ReturnState
    """`late`: the first came after it was due. `awaited`: none yet, and not due."""
    due_on: IsoDate | None
    calendar_unknown: bool
    """`due_on` is null: it lies past the end of the working calendar; `awaited` until it is known.
    """
    recorded: Count
    late: Count
    unanswered: Count
    explanation: ExplanationOut
    """Why they are due on that day."""


class HighlightReturnQuery(PageQuery):
    """The quarter, by default the last that is over, and the filters."""

    quarter: AskedQuarter | None = None
    """The quarter of the financial year, like `2026-27 Q1`; the last that is over if it is left
    out.
    """
    state: Choice[ReturnState] | None = None
    """Only in this state."""
    team: Code | None = None
    """Only of this team, by code."""
    service: Code | None = None
    """Only of this service, by code."""
