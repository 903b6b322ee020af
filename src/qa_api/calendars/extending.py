"""Extending the working calendar: a year that a person confirms, a file that is compared first."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from qa_api import problems
from qa_api.calendars.extending_schemas import (
    BankHolidayComparisonOut,
    KnownHoliday,
    NewCalendarYear,
    OfficialFile,
)
from qa_api.calendars.service import calendar_in_force, publish
from qa_api.models.policy import BankHoliday
from qa_api.problems import InputError
from qa_api.rules.bank_holidays import Comparison, PublishedYears, compare, published_years
from qa_api.rules.calendar import Calendar
from qa_api.rules.decision import AlreadySo
from qa_api.work import Work


async def confirm_year(
    work: Work, year: int, holidays: Mapping[date, str], *, reason: str
) -> Calendar:
    """Let the calendar reach to the end of a year whose bank holidays a person confirms (R4.2.1).

    The list has all of them: what is known of the year already too. What could not be counted is
    counted now. Refuses a year that leaves a gap, a list that is not whole, and one that
    contradicts what is known.
    """
    before = await calendar_in_force(work)
    found = compare(before, PublishedYears(year, year, holidays))
    if found.known_until == before.known_until:
        raise AlreadySo(
            "known_year", year=year, until=before.known_until, next_year=before.next_year
        )
    return await _bring_in(work, before, found, reason)


async def import_published(work: Work, years: PublishedYears, *, reason: str) -> Comparison:
    """Bring in a file of published bank holidays: what it adds, and how far it reaches (R4.2.1).

    Nothing that is known is dropped: a file that contradicts it is refused, day by day. A file
    that says nothing new changes nothing.
    """
    found = await compare_published(work, years)
    before = await calendar_in_force(work)
    if found.changes:
        await _bring_in(work, before, found, reason)
    return found


async def compare_published(work: Work, years: PublishedYears) -> Comparison:
    """What bringing in a file would change, and what it contradicts; nothing is kept (Trap 1)."""
    before = await calendar_in_force(work)
    own = await work.session.scalars(
        select(BankHoliday.holiday_on).where(
            BankHoliday.source == "authority", BankHoliday.withdrawn_version.is_(None)
        )
    )
    return compare(before, years, frozenset(own))


async def _bring_in(work: Work, before: Calendar, found: Comparison, reason: str) -> Calendar:
    found.check()
    work.session.add_all(
        BankHoliday(
            holiday_on=day, added_version=before.version + 1, title=title, source="official"
        )
        for day, title in found.adds.items()
    )
    return await publish(work, before, reason, found.known_until)


def holidays_of(body: NewCalendarYear) -> dict[date, str]:
    """The bank holidays that somebody confirms; a day that is named twice is told (422)."""
    days = [each.date for each in body.bank_holidays]
    repeated = [
        InputError.at(["bank_holidays", at, "date"], "day-repeated", "This day is given twice.")
        for at, day in enumerate(days)
        if days.index(day) < at
    ]
    if repeated:
        raise problems.validation(repeated)
    return {each.date: each.title for each in body.bank_holidays}


def years_of(file: OfficialFile) -> PublishedYears:
    """The years of a file as it came; refuses one that is not whole, or of another division."""
    return published_years({name: part.model_dump(mode="json") for name, part in file.items()})


def comparison_out(found: Comparison) -> BankHolidayComparisonOut:
    """A comparison as the contract shows it, each list by date."""

    def by_date(holidays: Mapping[date, str]) -> list[KnownHoliday]:
        return [KnownHoliday(date=day, title=holidays[day]) for day in sorted(holidays)]

    return BankHolidayComparisonOut(
        known_until_before=found.known_until_before,
        known_until=found.known_until,
        adds=by_date(found.adds),
        agrees=found.agrees,
        keeps=by_date(found.keeps),
        not_published=by_date(found.not_published),
        withdrawn_here=by_date(found.withdrawn_here),
        contradicts=found.contradicts,
    )
