"""Working days and deadlines over HTTP, against days counted by hand."""

import pytest

from tests.api import Api


def due_on(api: Api, start: str, days: str | int) -> str:
    answer = api.get("/v1/working-days/add", params={"start": start, "days": days})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["due_on"])


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-12-24", 5, "2027-01-05"),  # Christmas Day, Boxing Day's substitute, New Year's Day
        ("2026-12-24", 0, "2026-12-24"),
        ("2026-12-26", 0, "2026-12-26"),  # day 0 need not be a working day
        ("2026-12-26", 1, "2026-12-29"),
        ("2026-11-23", 5, "2026-11-30"),
        ("2027-03-25", 1, "2027-03-30"),  # Good Friday to Easter Monday
        ("2022-09-16", 1, "2022-09-20"),  # a proclaimed day: the State Funeral
        ("2026-06-11T22:59:59Z", 1, "2026-06-12"),  # still Thursday in London
        ("2026-06-11T23:00:00Z", 1, "2026-06-15"),  # Friday already: BST is an hour ahead
        ("2026-11-26T23:59:59Z", 1, "2026-11-27"),
        ("2026-11-27T00:00:00Z", 1, "2026-11-30"),  # GMT
        ("2026-03-29T00:30:00Z", 1, "2026-03-30"),  # the night the clocks go forward
        ("2026-10-24T23:30:00Z", 1, "2026-10-26"),  # Sunday in London, before they go back
        ("2024-06-13T23:30:00Z", 0, "2024-06-14"),  # trap 1
        ("2026-12-24T01:00:00+02:00", 1, "2026-12-24"),  # 23 December in London
        ("2028-12-28", 1, "2028-12-29"),  # the last working day that is known
        ("2028-12-31", 0, "2028-12-31"),
        ("2012-01-01", 1, "2012-01-03"),  # the first one
    ],
)
def test_the_date_is_the_one_counted_by_hand(
    as_published: Api, start: str, days: int, expected: str
) -> None:
    assert due_on(as_published, start, days) == expected


def test_every_day_on_the_way_is_counted_or_skipped_with_its_reason(as_published: Api) -> None:
    answer = as_published.get("/v1/working-days/add", params={"start": "2026-12-24", "days": 5})
    assert answer.json() == {
        "start": "2026-12-24",
        "days": 5,
        "due_on": "2027-01-05",
        "calendar": {
            "division": "england-and-wales",
            "version": 1,
            "known_from": "2012-01-01",
            "known_until": "2028-12-31",
        },
        "steps": [
            {"date": date, "counted": reason.startswith("Working day"), "reason": reason}
            for date, reason in (
                ("2026-12-24", "Day 0"),
                ("2026-12-25", "Bank holiday: Christmas Day"),
                ("2026-12-26", "Saturday"),
                ("2026-12-27", "Sunday"),
                ("2026-12-28", "Bank holiday: Boxing Day (substitute day)"),
                ("2026-12-29", "Working day 1"),
                ("2026-12-30", "Working day 2"),
                ("2026-12-31", "Working day 3"),
                ("2027-01-01", "Bank holiday: New Year’s Day"),
                ("2027-01-02", "Saturday"),
                ("2027-01-03", "Sunday"),
                ("2027-01-04", "Working day 4"),
                ("2027-01-05", "Working day 5"),
            )
        ],
    }


@pytest.mark.parametrize(
    ("start", "days"),
    [
        ("2028-12-29", 1),
        ("2028-01-01", 500),
        ("2029-01-01", 0),
        ("2028-12-31T23:59:59-01:00", 0),
        ("2011-12-31", 1),
        ("2011-12-31T23:59:59Z", 0),
        ("1900-01-01", 1),
        ("2199-12-31", 500),
    ],
)
def test_past_either_end_of_the_calendar_it_refuses_and_says_so(
    as_published: Api, start: str, days: int
) -> None:
    answer = as_published.get("/v1/working-days/add", params={"start": start, "days": days})
    problem = answer.json()
    assert answer.status_code == 422
    assert problem["type"] == "/problems/business-rule"
    assert problem["code"] == "beyond-calendar-horizon"
    assert "2012-01-01 to 2028-12-31" in problem["detail"]


@pytest.mark.parametrize(
    "days", ["-1", "501", "9" * 18, "9" * 400, "1e3", "5.0", "٣", "0x5", "+5", "007", "", "NaN"]
)
def test_an_absurd_number_of_days_is_refused_by_name(as_published: Api, days: str) -> None:
    answer = as_published.get("/v1/working-days/add", params={"start": "2026-12-24", "days": days})
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == ["days"]


@pytest.mark.parametrize(
    "start",
    [
        "2026-13-01",
        "2026-02-30",
        "20261224",
        "1766534400",
        "2026-12-24T10:00:00",  # no offset: whose clock?
        "2026-12-24T10:00:00 01:00",  # a plus sign that was not escaped
        "2026-12-24T25:00:00Z",
        "2026-12-24T10:00:00+99:00",
        "0000-01-01",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31",
        "9999-12-31T23:59:59-23:59",
        "today",
        "",
        "2026-12-2４",
    ],
)
def test_a_start_that_is_no_day_is_refused_by_name(as_published: Api, start: str) -> None:
    answer = as_published.get("/v1/working-days/add", params={"start": start, "days": 5})
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == ["start"]


def test_an_unchanged_answer_need_not_be_sent_again(as_published: Api) -> None:
    path = "/v1/working-days/add?start=2026-12-24&days=5"
    tag = as_published.get(path).headers["etag"]
    assert as_published.get(path, headers={"if-none-match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("rule", "at", "due", "over"),
    [
        ("response_due", "2026-12-24T10:00:00Z", "2027-01-05", "2027-01-06T00:00:00Z"),
        # Sunday 14 June in London, and a day that ends in British Summer Time
        ("response_due", "2026-06-13T23:30:00Z", "2026-06-19", "2026-06-19T23:00:00Z"),
        ("return_round_due", "2026-11-23T09:00:00Z", "2026-11-30", "2026-12-01T00:00:00Z"),
        ("review_due", "2026-11-23T09:00:00Z", "2026-11-30", "2026-12-01T00:00:00Z"),
        ("queued_notification_due", "2026-11-23T09:00:00Z", "2026-11-23", "2026-11-24T00:00:00Z"),
        ("queued_notification_due", "2026-11-22T09:00:00Z", "2026-11-23", "2026-11-24T00:00:00Z"),
        ("acknowledge_due", "2026-11-20T17:00:00Z", "2026-11-20", "2026-11-21T00:00:00Z"),
        ("acknowledge_due", "2026-11-21T00:00:00Z", "2026-11-23", "2026-11-24T00:00:00Z"),
        ("inform_due", "2026-11-20T17:00:00Z", "2026-11-23", "2026-11-24T00:00:00Z"),
    ],
)
def test_a_clock_is_explained_from_the_instant_it_starts(
    as_published: Api, rule: str, at: str, due: str, over: str
) -> None:
    answer = as_published.get("/v1/deadlines/explain", params={"rule": rule, "at": at})
    found = answer.json()
    assert answer.status_code == 200
    assert (found["due_on"], found["due_at"]) == (due, over)
    assert found["explanation"]["rule"] == rule
    assert found["explanation"]["steps"][-1]["date"] == due
    assert found["explanation"]["clause"].startswith("§4.")


@pytest.mark.parametrize("version", ["policy_version", "calendar_version"])
def test_a_version_that_does_not_exist_is_named(as_published: Api, version: str) -> None:
    asked = {"rule": "response_due", "at": "2026-12-24T10:00:00Z", version: 999}
    answer = as_published.get("/v1/deadlines/explain", params=asked)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == version


def test_no_clock_is_explained_before_there_was_a_policy(as_published: Api) -> None:
    asked = {"rule": "response_due", "at": "2011-12-01T10:00:00Z"}
    answer = as_published.get("/v1/deadlines/explain", params=asked)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/business-rule"


@pytest.mark.parametrize("person", ["sw1-lincoln-fast", "case-system-mosaic", "reporting-1"])
def test_everyone_who_is_known_may_ask_the_rules(as_published: Api, person: str) -> None:
    assert due_on(as_published.as_(person), "2026-12-24", 5) == "2027-01-05"


def test_a_stranger_may_not(as_published: Api) -> None:
    path = "/v1/working-days/add?start=2026-12-24&days=5"
    assert as_published.as_("nobody-known").get(path).status_code == 401
