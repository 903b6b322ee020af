"""R4.2.1 and Trap 1: a file of bank holidays is compared, and drops nothing that is known."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from qa_api.data import official_calendar_text
from qa_api.rules.bank_holidays import PublishedYears, compare, published_years
from qa_api.rules.calendar import Calendar, merge
from qa_api.rules.decision import RuleRefused

IN_2029 = {
    date(2029, 1, 1): "New Year's Day",
    date(2029, 3, 30): "Good Friday",
    date(2029, 4, 2): "Easter Monday",
    date(2029, 5, 7): "Early May bank holiday",
    date(2029, 5, 28): "Spring bank holiday",
    date(2029, 8, 27): "Summer bank holiday",
    date(2029, 12, 25): "Christmas Day",
    date(2029, 12, 26): "Boxing Day",
}
YEAR = PublishedYears(2029, 2029, IN_2029)


def official_file(**more: dict[date, str]) -> dict[str, Any]:
    """The published file from 2027 on, with the days of further years."""
    shipped = json.loads(official_calendar_text())["events"]
    events = [event for event in shipped if event["date"] >= "2027"]
    for holidays in more.values():
        events += [
            {"title": title, "date": day.isoformat(), "notes": "", "bunting": True}
            for day, title in holidays.items()
        ]
    part = {"division": "england-and-wales", "events": events}
    return {"england-and-wales": part, "scotland": {"division": "scotland", "events": []}}


def refusal(act: Any) -> RuleRefused:
    with pytest.raises(RuleRefused) as refused:
        act()
    return refused.value


def test_a_year_moves_the_end_and_adds_its_days(official: Calendar) -> None:
    found = compare(official, YEAR)
    assert (found.known_until_before, found.known_until) == (
        date(2028, 12, 31),
        date(2029, 12, 31),
    )
    assert (found.adds, found.agrees, found.contradicts) == (IN_2029, 0, False)
    found.check()


def test_the_official_file_of_all_divisions_is_read(official: Calendar) -> None:
    years = published_years(official_file(later=IN_2029))
    assert (years.first, years.last) == (2027, 2029)
    found = compare(official, years)
    assert (found.adds, found.contradicts) == (IN_2029, False)
    assert found.agrees == sum(day.year >= 2027 for day in official.holidays)
    assert not compare(replace(official, version=2), published_years(official_file())).changes


def test_the_file_that_ships_agrees_with_itself(official: Calendar) -> None:
    found = compare(official, published_years(json.loads(official_calendar_text())))
    assert (found.agrees, found.changes) == (len(official.holidays), False)


@pytest.mark.parametrize(
    ("year", "holidays", "code"),
    [
        (2029, dict(list(IN_2029.items())[:-1]), "year-not-whole"),
        (2029, IN_2029 | {date(2029, 12, 29): "A Saturday"}, "on-a-weekend"),
        (2029, IN_2029 | {date(2030, 1, 1): "New Year's Day"}, "outside-the-year"),
        (2029, IN_2029 | {date(2028, 12, 29): "A Friday"}, "outside-the-year"),
    ],
)
def test_a_list_that_is_not_a_years_is_refused(
    year: int, holidays: dict[date, str], code: str
) -> None:
    assert refusal(lambda: PublishedYears(year, year, holidays)).code == code


@pytest.mark.parametrize(
    "document", [None, [], {}, {"england-and-wales": {}}, {"division": "england-and-wales"}]
)
def test_what_is_no_file_is_refused(document: Any) -> None:
    assert refusal(lambda: published_years(document)).code == "calendar-invalid"


def test_another_divisions_file_is_refused() -> None:
    part = {"division": "scotland", "events": [{"date": "2029-01-02", "title": "2nd January"}]}
    refused = refusal(lambda: published_years(part))
    assert (refused.code, refused.field) == ("calendar-division", "division")
    assert refused.clause == "§4.2, R4.2.1"


def test_the_first_and_the_last_day_of_a_year_are_compared_as_well() -> None:
    first, last = date(2029, 1, 1), date(2029, 12, 31)
    known = Calendar("england-and-wales", 1, first, last, IN_2029 | {last: "A slip"})
    found = compare(known, YEAR)
    assert (found.agrees, found.not_published) == (len(IN_2029), {last: "A slip"})


def test_years_that_leave_a_gap_are_refused(official: Calendar) -> None:
    moved = {day.replace(year=2031, day=day.day): title for day, title in IN_2029.items()}
    weekdays = {
        day if day.weekday() < 5 else day.replace(day=day.day - 2): title
        for day, title in moved.items()
    }
    assert refusal(lambda: compare(official, PublishedYears(2031, 2031, weekdays))).code == (
        "years-not-joined"
    )


def test_nothing_that_is_known_is_dropped_in_silence(official: Calendar) -> None:
    own, slip = date(2027, 6, 7), date(2028, 6, 5)
    known = merge(official, {own: "Our own", slip: "Published"}, version=2)
    withdrawn = merge(known, {}, {date(2028, 5, 1): "Moved"}, version=3)
    found = compare(withdrawn, published_years(official_file(later=IN_2029)), own={own})
    assert found.keeps == {own: "Our own"}
    assert found.not_published == {slip: "Published"}
    assert set(found.withdrawn_here) == {date(2028, 5, 1)}
    assert date(2028, 5, 1) not in found.adds
    assert found.agrees == sum(day.year >= 2027 for day in official.holidays) - 1
    assert found.named() == (
        ("adds", IN_2029),
        ("keeps the authority's own", {own: "Our own"}),
        ("is known here and not in it:", {slip: "Published"}),
        ("was withdrawn here:", found.withdrawn_here),
    )
    refused = refusal(found.check)
    assert refused.code == "contradicts-what-is-known"
    assert [(one.pointer, one.code, one.detail[:10]) for one in refused.missing] == [
        ("", "not-published", "2028-06-05"),
        ("", "withdrawn-here", "2028-05-01"),
    ]
