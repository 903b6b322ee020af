"""What goes into and comes out of the routes of the calendar and the deadlines."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from qa_api.rules.local_time import local_date
from qa_api.values.explanations import ExplanationOut, StepOut
from qa_api.values.fields import (
    Bounded,
    Choice,
    Count,
    Input,
    Instant,
    IsoDate,
    Output,
    QueryFlag,
    Text,
    Version,
    query_whole,
    read_date,
    read_instant,
)
from qa_api.values.pages import PageQuery
from qa_api.values.text import TextOf

MOST_DAYS = 500
"""Working days that can be counted at once: two years, day by day."""

Division = Literal["england-and-wales"]


def _read_day(value: object) -> date:
    """A date, or the London date of an instant (R4.2.1)."""
    if isinstance(value, str) and len(value) > len("2026-12-24"):
        return local_date(read_instant(value))
    return read_date(value)


Day = Annotated[
    date,
    BeforeValidator(_read_day),
    WithJsonSchema(
        {
            "type": "string",
            "description": "A date, or an instant with its offset: London decides its date.",
            "maxLength": 35,
            "examples": ["2026-12-24", "2026-06-13T23:30:00Z"],
        }
    ),
]


# --- working days ---


class AdditionQuery(Input):
    """From which day to count, and how far."""

    start: Day
    """A date, or an instant with an offset: London decides its date."""
    days: Annotated[int, Bounded(0, MOST_DAYS), BeforeValidator(query_whole)]
    """How many working days."""


class CalendarRef(Output):
    """Which calendar was counted by, and the days it knows, both included."""

    division: Division
    version: Version
    known_from: IsoDate
    known_until: IsoDate


class AdditionOut(Output):
    """The day so many working days after the start, and every day on the way (R4.2.1)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "start": "2026-11-27",
                    "days": 1,
                    "due_on": "2026-11-30",
                    "calendar": {
                        "division": "england-and-wales",
                        "version": 1,
                        "known_from": "2012-01-01",
                        "known_until": "2028-12-31",
                    },
                    "steps": [
                        {"date": "2026-11-27", "counted": False, "reason": "Day 0"},
                        {"date": "2026-11-28", "counted": False, "reason": "Saturday"},
                        {"date": "2026-11-29", "counted": False, "reason": "Sunday"},
                        {"date": "2026-11-30", "counted": True, "reason": "Working day 1"},
                    ],
                }
            ]
        }
    )

    start: IsoDate
    """Day 0: the London date of what was asked."""
    days: Count
    due_on: IsoDate
    calendar: CalendarRef
    steps: Annotated[list[StepOut], Field(max_length=2_000)]


# --- deadlines ---


class DeadlineRule(StrEnum):
    """The clocks of the procedure (§4.2, §4.3)."""

    RESPONSE_DUE = "response_due"
    RETURN_ROUND_DUE = "return_round_due"
    REVIEW_DUE = "review_due"
    QUEUED_NOTIFICATION_DUE = "queued_notification_due"
    ACKNOWLEDGE_DUE = "acknowledge_due"
    INFORM_DUE = "inform_due"
    OVERDUE_TOLD = "overdue_told"


QueryVersion = Annotated[int, Bounded(1, 2**31 - 1), BeforeValidator(query_whole)]


class DeadlineQuery(Input):
    """Which clock, started when, and by which versions if not by those in force then."""

    rule: Choice[DeadlineRule]
    """The rule that computes the date."""
    at: Instant
    """The instant that the rule counts from."""
    policy_version: QueryVersion | None = None
    """The version of the policy; the one in force if it is left out."""
    calendar_version: QueryVersion | None = None
    """The version of the calendar; the newest if it is left out."""


class DeadlineOut(Output):
    """A due date and why it is that one."""

    rule: DeadlineRule
    at: Instant
    due_on: IsoDate
    """The last day in time, in London."""
    due_at: Instant
    """The instant at which that day is over."""
    explanation: ExplanationOut


# --- bank holidays and the calendar ---

HolidayText = Annotated[str, TextOf(120)]
"""A title or reason that is repeated in the explanation of each clock that passes the day."""


class NewBankHoliday(Input):
    """A bank holiday that was proclaimed, or that the authority keeps."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "date": "2027-06-07",
                    "title": "National day of thanksgiving",
                    "reason": "Proclaimed on 24 May 2027.",
                }
            ]
        }
    )

    date: IsoDate
    title: HolidayText
    reason: Text


class Withdrawal(Input):
    """Why a bank holiday is a working day again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The office is open on this day after all."}]}
    )

    reason: HolidayText


class BankHolidayOut(Output):
    """A bank holiday, from the calendar version that added it until the one that withdrew it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "date": "2026-12-28",
                    "title": "Boxing Day (substitute day)",
                    "source": "official",
                    "reason": "The published bank holidays.",
                    "added_version": 1,
                    "withdrawn_version": None,
                    "withdrawn_reason": None,
                    "in_force": True,
                }
            ]
        }
    )

    date: IsoDate
    title: HolidayText
    source: Literal["official", "authority"]
    reason: Text
    """Why the calendar version that added it was made."""
    added_version: Version
    withdrawn_version: Version | None
    withdrawn_reason: HolidayText | None
    in_force: bool


class BankHolidayQuery(PageQuery):
    """The filters of the list of bank holidays. `date_from` is in, `date_to` is out."""

    date_from: IsoDate | None = None
    """Only on this London date or later."""
    date_to: IsoDate | None = None
    """Only before this London date."""
    source: Literal["official", "authority"] | None = None
    """Only from this source."""
    in_force: QueryFlag | None = None
    """`true`: only what is in the calendar now; `false`: only what was withdrawn."""


class WorkingCalendarOut(CalendarRef):
    """The working calendar as it stands, and how far it is from its end (Trap 1)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "division": "england-and-wales",
                    "version": 1,
                    "known_from": "2012-01-01",
                    "known_until": "2028-12-31",
                    "reason": "The published bank holidays.",
                    "recorded_at": "2026-11-22T09:00:00Z",
                    "days_until_horizon": 770,
                    "ends_soon": False,
                    "explanation": {
                        "rule": "calendar_ends_soon",
                        "clause": "§4.2, R4.2.1",
                        "policy_version": 1,
                        "calendar_version": 1,
                        "steps": [],
                        "facts": {
                            "known_until": "2028-12-31",
                            "days_until_horizon": 770,
                            "calendar_notice_days": 180,
                        },
                    },
                }
            ]
        }
    )

    reason: Text
    """Why this version was made."""
    recorded_at: Instant
    days_until_horizon: Annotated[int, Field(ge=-100_000, le=100_000)]
    """Calendar days left; past the horizon dates stay open until the calendar reaches further."""
    ends_soon: bool
    """Whether the notice that the policy asks for has begun."""
    explanation: ExplanationOut
