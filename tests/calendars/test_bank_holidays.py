"""A change of the calendar: a new version, counted by from then on; what was before stands."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.auth.development import DevelopmentIssuer
from qa_api.calendars import service
from qa_api.events import CalendarChanged
from qa_api.rules.calendar import Calendar
from qa_api.settings import Settings
from qa_api.work import Work
from tests.api import SOME_VERSION, Api
from tests.calendars.conftest import workshop_of
from tests.conftest import Database, settings_for

FIRST, LAST = date(2012, 1, 1), date(2028, 12, 31)


def proclaim(api: Api, day: str, *, key: str | None = None) -> Any:
    body = {"date": day, "title": "Day of thanksgiving", "reason": "Proclaimed."}
    return api.create("/v1/bank-holidays", body, key=key)


def due_after(api: Api, start: str, days: int) -> str:
    answer = api.get("/v1/working-days/add", params={"start": start, "days": days})
    return str(answer.json()["due_on"])


def calendar_version(api: Api) -> int:
    return int(api.get("/v1/working-calendar").json()["version"])


def rows_of(database: Database, statement: str) -> list[Any]:
    async def fetch() -> list[Any]:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            return list(await connection.fetch(statement))
        finally:
            await connection.close()

    return asyncio.run(fetch())


def test_a_proclaimed_day_counts_from_the_new_version_on(own: Api) -> None:
    before = calendar_version(own)
    assert due_after(own, "2027-06-04", 1) == "2027-06-07"
    answer = proclaim(own, "2027-06-07")
    assert answer.status_code == 201
    assert answer.headers["location"] == "/v1/bank-holidays/2027-06-07"
    assert answer.json() == {
        "date": "2027-06-07",
        "title": "Day of thanksgiving",
        "source": "authority",
        "reason": "Proclaimed.",
        "added_version": before + 1,
        "withdrawn_version": None,
        "withdrawn_reason": None,
        "in_force": True,
    }
    assert due_after(own, "2027-06-04", 1) == "2027-06-08"
    assert calendar_version(own) == before + 1


def test_an_earlier_version_still_explains_what_was_made_under_it(own: Api) -> None:
    before = calendar_version(own)
    proclaim(own, "2027-07-05")
    asked = {"rule": "response_due", "at": "2027-07-01T09:00:00Z"}

    def explained(**version: int) -> tuple[str, int]:
        found = own.get("/v1/deadlines/explain", params=asked | version).json()
        return found["due_on"], found["explanation"]["calendar_version"]

    assert explained() == ("2027-07-09", before + 1)
    assert explained(calendar_version=before) == ("2027-07-08", before)


def test_a_withdrawn_day_is_a_working_day_again_and_says_why(own: Api) -> None:
    answer = own.act("/v1/bank-holidays/2027-05-03/withdraw", {"reason": "Moved to Friday."})
    assert answer.status_code == 200
    assert answer.json()["withdrawn_reason"] == "Moved to Friday."
    assert answer.json()["in_force"] is False
    steps = own.get("/v1/working-days/add?start=2027-04-30&days=1").json()["steps"]
    assert steps[-1] == {
        "date": "2027-05-03",
        "counted": True,
        "reason": "Working day 1 (no longer a bank holiday: Moved to Friday.)",
    }


def test_a_day_is_withdrawn_once_and_can_be_added_again(own: Api) -> None:
    path = "/v1/bank-holidays/2027-08-30"
    assert own.act(f"{path}/withdraw", {"reason": "An error."}).status_code == 200
    again = own.act(f"{path}/withdraw", {"reason": "An error."})
    assert again.status_code == 409
    assert again.json()["state"] == "withdrawn"
    assert proclaim(own, "2027-08-30").status_code == 201
    shown = own.get(path).json()
    assert (shown["source"], shown["in_force"]) == ("authority", True)
    listed = own.get("/v1/bank-holidays?date_from=2027-08-30&date_to=2027-08-31").json()["items"]
    assert [row["source"] for row in listed] == ["official", "authority"]
    assert due_after(own, "2027-08-27", 1) == "2027-08-31"


def test_what_changed_in_between_is_not_withdrawn(own: Api) -> None:
    path = "/v1/bank-holidays/2026-12-28"
    old = own.tag(path)
    own.act(f"{path}/withdraw", {"reason": "An error."})
    proclaim(own, "2026-12-28")
    answer = own.post(f"{path}/withdraw", {"reason": "An error."}, headers={"if-match": old})
    assert answer.status_code == 412
    assert own.post(f"{path}/withdraw", {"reason": "An error."}).status_code == 428


def test_a_bank_holiday_is_not_added_twice(own: Api) -> None:
    before = calendar_version(own)
    answer = proclaim(own, "2026-12-25")
    assert answer.status_code == 409
    assert answer.json()["allowed_actions"] == ["withdraw"]
    assert calendar_version(own) == before


@pytest.mark.parametrize("day", ["2011-12-31", "2000-01-03"])
def test_a_day_before_the_calendar_begins_is_refused(own: Api, day: str) -> None:
    before = calendar_version(own)
    answer = proclaim(own, day)
    assert answer.status_code == 422
    assert answer.json()["code"] == "beyond-calendar-horizon"
    assert calendar_version(own) == before


def test_a_day_that_never_was_one_cannot_be_withdrawn(own: Api) -> None:
    answer = own.post(
        "/v1/bank-holidays/2027-02-02/withdraw", {"reason": "?"}, headers={"if-match": SOME_VERSION}
    )
    assert answer.status_code == 404


def test_the_same_request_again_changes_nothing_more(own: Api) -> None:
    first = proclaim(own, "2027-09-06", key="the-same-key-0001")
    made = calendar_version(own)
    again = proclaim(own, "2027-09-06", key="the-same-key-0001")
    assert again.status_code == 201
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    assert calendar_version(own) == made


@pytest.mark.long
def test_changes_at_the_same_moment_each_get_their_version(own: Api) -> None:
    before = calendar_version(own)
    days = ["2027-10-04", "2027-10-05", "2027-10-06"]
    with ThreadPoolExecutor(len(days)) as threads:
        answers = list(threads.map(lambda day: proclaim(own, day), days))
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    versions = sorted(answer.json()["added_version"] for answer in answers)
    assert versions == [before + 1, before + 2, before + 3]
    assert due_after(own, "2027-10-01", 1) == "2027-10-07"


@pytest.mark.parametrize("person", ["qs-1", "tm-lincoln-fast", "sw1-lincoln-fast", "slt-1"])
def test_only_the_administrator_changes_the_calendar(own: Api, person: str) -> None:
    somebody = own.as_(person)
    assert somebody.get("/v1/bank-holidays/2026-12-25").status_code == 200
    assert proclaim(somebody, "2027-11-01").status_code == 403
    withdrawn = somebody.act("/v1/bank-holidays/2026-12-25/withdraw", {"reason": "No."})
    assert withdrawn.status_code == 403


def test_the_list_is_whole_in_order_and_pages(own: Api) -> None:
    rows, path = [], "/v1/bank-holidays?in_force=true&limit=50"
    while path:
        page = own.get(path)
        rows += page.json()["items"]
        path = page.links.get("next", {}).get("url", "")
    dates = [row["date"] for row in rows]
    assert dates == sorted(dates)
    assert len(set(dates)) == len(dates) > 130
    assert "2022-09-19" in dates


def test_people_are_warned_before_the_calendar_ends(
    own: Api, own_settings: Settings, at: Callable[[str], None]
) -> None:
    async def warning() -> date | None:
        async with (
            workshop_of(own_settings) as workshop,
            workshop.open_as_service("the-sweep-0001") as work,
        ):
            return await service.horizon_warning(work)

    for instant, left, soon in (
        ("2028-07-03T12:00:00Z", 181, False),
        ("2028-07-03T23:30:00Z", 180, True),  # 4 July in London
        ("2029-01-01T12:00:00Z", -1, True),
    ):
        at(instant)
        shown = own.get("/v1/working-calendar").json()
        assert shown["known_until"] == "2028-12-31"
        assert (shown["days_until_horizon"], shown["ends_soon"]) == (left, soon)
        assert asyncio.run(warning()) == (LAST if soon else None)


class Undone(Exception):
    """Something fails after the calendar was changed."""


def test_a_reaction_counts_by_the_new_calendar_and_undoes_it_when_it_fails(
    own: Api, own_settings: Settings
) -> None:
    day, seen = date(2027, 12, 1), []
    before = calendar_version(own)

    async def look(work: Work, event: CalendarChanged) -> None:
        calendar = await work.calendar(event.calendar_version)
        seen.append((event.calendar_version, calendar.is_working_day(day)))
        raise Undone

    async def change() -> bool:
        async with workshop_of(own_settings, {CalendarChanged: (look,)}) as workshop:
            with pytest.raises(Undone):
                async with workshop.open_as_service("a-change-00001") as work:
                    await service.add_bank_holiday(work, day, title="A day", reason="A reason.")
            # The number is free again: what stood under it for a moment must not be remembered.
            other = day + timedelta(days=1)
            async with workshop.open_as_service("a-change-00002") as work:
                work.reactions = {}
                await service.add_bank_holiday(work, other, title="A day", reason="A reason.")
            async with workshop.open_as_service("a-change-00003") as work:
                return (await work.calendar()).is_working_day(day)

    assert asyncio.run(change()) is True
    assert seen == [(before + 1, False)]
    assert due_after(own, "2027-11-30", 1) == "2027-12-01"
    assert due_after(own, "2027-12-01", 1) == "2027-12-03"


def test_the_published_calendar_is_brought_in_once(own: Api, own_settings: Settings) -> None:
    path = "/v1/bank-holidays/2028-05-01"
    own.act(f"{path}/withdraw", {"reason": "Moved."})
    before = calendar_version(own)

    async def install() -> Calendar:
        async with (
            workshop_of(own_settings) as workshop,
            workshop.open_as_service("the-install-01") as work,
        ):
            return await service.install_official_calendar(work)

    assert asyncio.run(install()).version == before
    assert own.get(path).json()["in_force"] is False, "what the authority withdrew stays withdrawn"


@pytest.mark.long
def test_a_later_publication_moves_the_horizon_and_adds_what_is_new(
    clone: Callable[[], Database], issuer: DevelopmentIssuer
) -> None:
    settings = settings_for(clone(), issuer)

    async def install() -> tuple[Calendar, Calendar]:
        async with workshop_of(settings) as workshop:
            async with workshop.open_as_service("the-install-02") as work:
                until = date(2027, 12, 31)
                nothing_yet = Calendar("england-and-wales", 0, FIRST, until, {})
                await service.publish(work, nothing_yet, "As it was published a year before.")
                await service.add_bank_holiday(
                    work, date(2027, 6, 7), title="A day", reason="Proclaimed."
                )
            async with workshop.open_as_service("the-install-03") as work:
                return await work.calendar(), await service.install_official_calendar(work)

    before, after = asyncio.run(install())
    assert (before.known_until, after.known_until) == (date(2027, 12, 31), LAST)
    assert "Christmas Day" in str(after.why_not(date(2028, 12, 25)))
    assert after.why_not(date(2027, 6, 7)) == "Bank holiday: A day"


# The last in this module, so that the days are those that all the changes above have left.
@pytest.fixture(scope="module")
def stored_days(own: Api, own_database: Database) -> dict[date, Any]:
    """`calendar_days` as the database holds it after all the changes of this module."""
    return {row["day"]: row for row in rows_of(own_database, "SELECT * FROM calendar_days")}


@pytest.fixture(scope="module")
def rule(own_database: Database) -> Calendar:
    """The calendar that the rule makes of the bank holidays in force."""
    held = rows_of(own_database, "SELECT * FROM bank_holidays WHERE withdrawn_version IS NULL")
    return Calendar(
        "england-and-wales", 1, FIRST, LAST, {row["holiday_on"]: row["title"] for row in held}
    )


@given(st.dates(FIRST, LAST), st.dates(FIRST, LAST))
def test_a_subtraction_of_stored_days_is_the_rule(
    stored_days: dict[date, Any], rule: Calendar, after: date, until: date
) -> None:
    left = stored_days[until]["working_index"] - stored_days[after]["working_index"]
    assert left == rule.working_days_between(after, until)
    assert stored_days[until]["working"] == rule.is_working_day(until)


def test_every_known_day_is_stored(stored_days: dict[date, Any], rule: Calendar) -> None:
    assert len(stored_days) == (LAST - FIRST).days + 1
    assert all(row["working_index"] == rule.working_index(day) for day, row in stored_days.items())
