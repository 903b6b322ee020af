"""The bank holidays of whole years, published or confirmed, and what importing them changes.

They never drop what is known: what they contradict is named, and a person decides.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import field
from datetime import date, timedelta
from typing import Any

from qa_api.rules.calendar import CLAUSE, Calendar, title_of
from qa_api.rules.decision import Missing, RuleRefused
from qa_api.rules.unchanging import Unchanging

FEWEST = 8
"""Bank holidays that every year has in England and Wales: a list with fewer is not the year's."""
_ONE_DAY = timedelta(days=1)


class PublishedYears(Unchanging):
    """All bank holidays of the years from the first to the last, both whole."""

    first: int
    last: int
    holidays: Mapping[date, str] = field(hash=False)

    def __post_init__(self) -> None:
        of_year = Counter(day.year for day in self.holidays)
        for year in range(self.first, self.last + 1):
            if of_year[year] < FEWEST:
                raise _invalid(
                    "year-not-whole",
                    f"{year} has {of_year[year]} bank holidays here, and each year has at least "
                    f"{FEWEST}: name all of them.",
                )
        if of_year.keys() - set(range(self.first, self.last + 1)):
            raise _invalid("outside-the-year", "A bank holiday lies outside the year it is for.")
        if any(day.weekday() > 4 for day in self.holidays):
            raise _invalid(
                "on-a-weekend",
                "A bank holiday lies on a Saturday or Sunday: name the substitute day.",
            )

    @property
    def starts_on(self) -> date:
        """First day."""
        return date(self.first, 1, 1)

    @property
    def ends_on(self) -> date:
        """Last day, itself inside."""
        return date(self.last, 12, 31)


def published_years(document: Any, division: str = "england-and-wales") -> PublishedYears:
    """The whole years of a file of bank holidays in the official format.

    Takes the file of all divisions, in which the one asked for is found, or one division's part.
    Refuses text of another shape, and a year of which not every bank holiday is there (Trap 1).
    """
    try:
        part = document.get(division, document)
        found = part["division"]
        titles = {date.fromisoformat(event["date"]): title_of(event) for event in part["events"]}
        first, last = min(titles).year, max(titles).year
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _invalid("calendar-invalid", "This is not a list of bank holidays.") from error
    if found != division:
        detail = "These are the bank holidays of another division."
        raise RuleRefused("calendar-division", CLAUSE, detail, "division")
    return PublishedYears(first, last, titles)


class Comparison(Unchanging):
    """What years of bank holidays would change about a calendar, and what they contradict."""

    known_until_before: date
    known_until: date
    adds: Mapping[date, str]
    agrees: int
    keeps: Mapping[date, str]
    """The authority's own, which nobody publishes: they stand."""
    not_published: Mapping[date, str]
    """Known here and not among them: bringing them in would drop these."""
    withdrawn_here: Mapping[date, str]
    """Among them, and withdrawn here."""

    @property
    def changes(self) -> bool:
        """Would there be a new version of the calendar?"""
        return bool(self.adds) or self.known_until > self.known_until_before

    @property
    def contradicts(self) -> bool:
        """Does it contradict what is known?"""
        return bool(self.not_published or self.withdrawn_here)

    def named(self) -> tuple[tuple[str, Mapping[date, str]], ...]:
        """The days that a person should see, each kind with the word for it."""
        return (
            ("adds", self.adds),
            ("keeps the authority's own", self.keeps),
            ("is known here and not in it:", self.not_published),
            ("was withdrawn here:", self.withdrawn_here),
        )

    def check(self) -> None:
        """Refuse what contradicts what is known, naming each day."""
        contradicted = [
            Missing("", "not-published", f"{day} is known here and is not in the list.")
            for day in sorted(self.not_published)
        ] + [
            Missing("", "withdrawn-here", f"{day} was withdrawn here and is in the list.")
            for day in sorted(self.withdrawn_here)
        ]
        if contradicted:
            raise RuleRefused(
                "contradicts-what-is-known",
                CLAUSE,
                "The list contradicts what is known. Withdraw what is not a bank holiday, or add"
                " what is one; then bring the list in.",
                missing=tuple(contradicted),
            )


def compare(
    calendar: Calendar, years: PublishedYears, own: Collection[date] = frozenset()
) -> Comparison:
    """What importing these years would change in a calendar (R4.2.1, Trap 1).

    ``own`` are days that the authority added, which the list need not have. Refuses years that
    leave a gap after the calendar.
    """
    if years.starts_on > calendar.known_until + _ONE_DAY:
        detail = f"The year {calendar.next_year} is not known yet: it comes first."
        raise _invalid("years-not-joined", detail)
    given = {day: title for day, title in years.holidays.items() if day >= calendar.known_from}
    within = {
        day: title
        for day, title in calendar.holidays.items()
        if years.starts_on <= day <= years.ends_on
    }
    absent = {day: title for day, title in within.items() if day not in given}
    return Comparison(
        known_until_before=calendar.known_until,
        known_until=max(calendar.known_until, years.ends_on),
        adds={
            day: title
            for day, title in given.items()
            if day not in within and day not in calendar.withdrawn
        },
        agrees=len(within) - len(absent),
        keeps={day: title for day, title in absent.items() if day in own},
        not_published={day: title for day, title in absent.items() if day not in own},
        withdrawn_here={d: given[d] for d in calendar.withdrawn if d in given},
    )


def _invalid(code: str, message: str) -> RuleRefused:
    return RuleRefused(code, CLAUSE, message)
