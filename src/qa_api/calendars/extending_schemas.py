"""What goes into and comes out of the routes that extend the working calendar."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, JsonValue

from qa_api.calendars.schemas import HolidayText
from qa_api.values.fields import Code, Count, Input, IsoDate, Output, Text


class HolidayOfYear(Input):
    """One bank holiday of a year."""

    date: IsoDate
    title: HolidayText


_OF_2029: Final = {
    "2029-01-01": "New Year’s Day",
    "2029-03-30": "Good Friday",
    "2029-04-02": "Easter Monday",
    "2029-05-07": "Early May bank holiday",
    "2029-05-28": "Spring bank holiday",
    "2029-08-27": "Summer bank holiday",
    "2029-12-25": "Christmas Day",
    "2029-12-26": "Boxing Day",
}


class NewCalendarYear(Input):
    """A year whose bank holidays somebody confirms: all of them, each on a weekday."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "year": 2029,
                    "bank_holidays": [
                        {"date": day, "title": title} for day, title in _OF_2029.items()
                    ],
                    "reason": "Published on GOV.UK, seen by two of us.",
                }
            ]
        }
    )

    year: Annotated[int, Field(ge=2012, le=2100)]
    bank_holidays: Annotated[list[HolidayOfYear], Field(max_length=40)]
    reason: Text


class PublishedEvent(Input):
    """A bank holiday as the official file writes it."""

    title: HolidayText
    date: IsoDate
    notes: Annotated[str, Field(max_length=200)] = ""
    bunting: bool = False


class PublishedDivision(Input):
    """The bank holidays of one division, as the official file has them."""

    division: Code
    events: Annotated[list[PublishedEvent], Field(max_length=500)]


OfficialFile = Annotated[
    dict[Annotated[str, Field(max_length=40)], PublishedDivision], Field(max_length=10)
]
"""The official file of bank holidays (GOV.UK), all divisions: only `england-and-wales` is read."""

_FILE: Final[JsonValue] = {
    "england-and-wales": {
        "division": "england-and-wales",
        "events": [
            {"title": title, "date": day, "notes": "", "bunting": True}
            for day, title in _OF_2029.items()
        ],
    }
}


class CalendarComparison(Input):
    """A file to compare with the working calendar."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"file": _FILE}]})

    file: OfficialFile


class CalendarImport(CalendarComparison):
    """A file to bring into the working calendar."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"file": _FILE, "reason": "Published on GOV.UK."}]}
    )

    reason: Text


class KnownHoliday(Output):
    """A bank holiday that a comparison names."""

    date: IsoDate
    title: HolidayText


Holidays = Annotated[list[KnownHoliday], Field(max_length=500)]


class BankHolidayComparisonOut(Output):
    """What a file would change about the working calendar, and what it contradicts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "known_until_before": "2028-12-31",
                    "known_until": "2029-12-31",
                    "adds": [{"date": "2029-01-01", "title": "New Year’s Day"}],
                    "agrees": 24,
                    "keeps": [],
                    "not_published": [],
                    "withdrawn_here": [],
                    "contradicts": False,
                }
            ]
        }
    )

    known_until_before: IsoDate
    known_until: IsoDate
    adds: Holidays
    agrees: Count
    """How many of the bank holidays are known already."""
    keeps: Holidays
    """The authority's own bank holidays, which no file has: they are kept."""
    not_published: Holidays
    """Known here as published and not in the file."""
    withdrawn_here: Holidays
    """In the file, and withdrawn here."""
    contradicts: bool
    """Whether the file contradicts the calendar. Then it cannot be imported: first withdraw or add
    the days named."""
