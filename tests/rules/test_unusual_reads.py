"""Which reads of a day are unusual: each rule by itself, with its edges (X3)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from qa_api.auth.roles import Role
from qa_api.rules.calendar import Calendar
from qa_api.rules.decision import Explanation
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import ROLES, LookedAt, LookingRule
from qa_api.rules.unusual_reads import (
    AN_HOUR,
    Read,
    busiest_hour,
    is_a_look,
    is_watched,
    more_than_ever,
    out_of_hours,
    outside_teams,
    records_of,
    restricted_staff,
    same_record,
)

MONDAY = date(2026, 11, 23)


def read(at: str, *records: str, line: str | None = None) -> Read:
    return Read(line or at, datetime.fromisoformat(at), frozenset(records))


def on_monday(clock: str, *records: str) -> Read:
    """A read at a London time of a day in winter."""
    return read(f"2026-11-23T{clock}:00Z", *records)


# --- whose reads are looked at ---


def test_a_policy_can_name_each_role_and_no_other_word() -> None:
    assert sorted(ROLES) == sorted(Role)


@pytest.mark.parametrize(
    ("rule", "roles", "watched"),
    [
        ("outside_teams", {"senior_leader"}, True),
        ("outside_teams", {"administrator"}, True),
        ("outside_teams", {"quality_standards"}, False),
        # At their work they read everywhere, whatever else they hold.
        ("outside_teams", {"quality_standards", "senior_leader"}, False),
        ("outside_teams", {"case_system"}, False),
        ("outside_teams", {"reporting"}, False),
        ("outside_teams", set(), True),
        ("more_than_ever", {"quality_standards"}, True),
        ("more_than_ever", {"reporting"}, True),
        ("restricted_staff", {"case_system"}, True),
        ("same_record", {"reporting"}, False),
        ("same_record", {"reporting", "worker"}, True),
        ("out_of_hours", {"case_system"}, False),
        ("out_of_hours", {"administrator"}, True),
    ],
)
def test_whose_reads_a_rule_looks_at(
    rule: str, roles: set[str], watched: bool, policy: Policy
) -> None:
    assert is_watched(LookingRule(rule), roles, policy) is watched


def test_a_rule_that_the_policy_leaves_out_looks_at_nobody(policy: Policy) -> None:
    only = (LookedAt(LookingRule.OUT_OF_HOURS, ("worker",)),)
    changed = replace(policy, looking_rules=only)
    assert is_watched(LookingRule.OUT_OF_HOURS, {"worker"}, changed)
    assert not is_watched(LookingRule.OUT_OF_HOURS, {"auditor"}, changed)
    assert not is_watched(LookingRule.MORE_THAN_EVER, {"worker"}, changed)
    assert not is_watched(LookingRule.MORE_THAN_EVER, set(), changed)


# --- outside of one's teams ---


def test_looks_outside_of_ones_teams_are_told_with_their_records(policy: Policy) -> None:
    reads = [on_monday("09:00", "a"), on_monday("09:05", "b", "c"), on_monday("09:10", "a")]
    found = outside_teams(MONDAY, reads, {"a", "b"}, policy)
    assert found is not None
    assert (found.records, found.reads) == (frozenset({"c"}), (reads[1],))
    assert found.why == (
        "On 23 November 2026 they opened 1 record that no team of theirs holds, and had no work"
        " of their own on them."
    )
    assert found.explanation == Explanation(
        "outside_teams", "X3", policy.version, facts={"records": 1}
    )


def test_ones_own_records_and_pages_of_lists_are_no_looks_outside(policy: Policy) -> None:
    assert outside_teams(MONDAY, [on_monday("09:00", "a")], {"a"}, policy) is None
    page = on_monday("09:00", *"abcdef")
    assert not is_a_look(page, policy)
    assert outside_teams(MONDAY, [page], set(), policy) is None
    assert is_a_look(on_monday("09:00", *"abcde"), policy)
    assert outside_teams(MONDAY, [], set(), policy) is None


# --- more than ever ---


def many(count: int, of: str = "r") -> tuple[str, ...]:
    return tuple(f"{of}{number}" for number in range(count))


@pytest.mark.parametrize(
    ("shown", "before", "unusual"),
    [
        (149, None, False),  # a newcomer's first day
        (150, None, True),
        (150, 0, True),
        (150, 149, True),
        (150, 150, False),
        (400, 399, True),
        (149, 10, False),
    ],
)
def test_an_hour_is_unusual_above_the_floor_and_all_of_ones_past(
    shown: int, before: int | None, unusual: bool, policy: Policy
) -> None:
    hour = [on_monday("09:00", *many(shown))]
    found = more_than_ever(hour, before, policy)
    assert (found is not None) is unusual
    if found is not None:
        assert f"they were shown {shown} records in the hour from 09:00" in found.why
        assert len(found.records) == shown


def test_it_is_said_how_many_were_shown_ever_before(policy: Policy) -> None:
    hour = [read("2026-07-06T08:00:00Z", *many(150))]
    first, more = more_than_ever(hour, None, policy), more_than_ever(hour, 20, policy)
    assert first is not None
    assert more is not None
    assert "in the hour from 09:00" in more.why, "a London hour"
    assert first.why.endswith("and never read anything before.")
    assert more.why.endswith("and were never before shown more than 20 in an hour.")
    assert more.explanation == Explanation(
        "more_than_ever",
        "X3",
        policy.version,
        facts={
            "records": 150,
            "hour_from": hour[0].at,
            "most_before": 20,
            "unusual_from": policy.looking_hour_records,
        },
    )


def test_nothing_read_is_no_hour(policy: Policy) -> None:
    assert busiest_hour([]) == ()
    assert busiest_hour([on_monday("09:00")]) == (), "a list of which nobody was shown"
    assert more_than_ever([], None, policy) is None


def test_the_busiest_hour_begins_at_any_minute_and_is_less_than_an_hour_long() -> None:
    reads = [
        on_monday("09:00", "a"),
        on_monday("09:30", "b"),
        on_monday("10:00", "c"),  # an hour after the first: no longer with it
        on_monday("10:20", "d"),
        on_monday("12:00", "e", "f"),
    ]
    assert busiest_hour(reads) == tuple(reads[1:4])


def test_of_hours_that_showed_as_many_the_earliest_is_the_busiest() -> None:
    reads = [on_monday("09:00", "a"), on_monday("11:00", "b"), on_monday("13:00", "c")]
    assert busiest_hour(reads) == (reads[0],)


def test_the_same_record_counts_once_in_an_hour() -> None:
    again = [on_monday(f"09:{minute:02}", "a") for minute in range(30)]
    two = [on_monday("14:00", "a"), on_monday("14:59", "b")]
    assert busiest_hour([*again, *two]) == tuple(two)


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.frozensets(st.sampled_from("abcdefgh"), max_size=4)),
        max_size=25,
    )
)
def test_no_hour_shows_more_than_the_busiest(given_reads: list[tuple[int, frozenset[str]]]) -> None:
    start = datetime.fromisoformat("2026-11-23T08:00:00+00:00")
    reads = [
        Read(str(number), start + timedelta(minutes=minute), records)
        for number, (minute, records) in enumerate(sorted(given_reads, key=lambda one: one[0]))
    ]
    found = busiest_hour(reads)
    if found:
        assert found[-1].at - found[0].at < AN_HOUR
    for first in reads:
        within = [each for each in reads if timedelta(0) <= each.at - first.at < AN_HOUR]
        assert len(records_of(within)) <= len(records_of(found))


# --- restricted records of kind staff ---


def test_each_read_of_a_record_about_staff_is_told_also_on_a_page(policy: Policy) -> None:
    reads = [on_monday("09:00", "a", "b"), on_monday("10:00", *"cdefgha"), on_monday("11:00", "b")]
    found = restricted_staff(MONDAY, reads, {"a", "z"}, policy)
    assert found is not None
    assert (found.records, found.reads) == (frozenset("a"), tuple(reads[:2]))
    assert "1 record that a restriction of kind `staff` protects" in found.why
    assert found.explanation == Explanation(
        "restricted_staff", "X3", policy.version, facts={"records": 1}
    )
    assert restricted_staff(MONDAY, reads, {"z"}, policy) is None


# --- the same record again and again ---


def days(*numbers: int, record: str = "a", times: int = 1) -> list[Read]:
    """Looks at a record on days of November."""
    return [
        read(f"2026-11-{number:02}T09:{minute:02}:00Z", record)
        for number in numbers
        for minute in range(times)
    ]


@pytest.mark.parametrize(
    ("reads", "unusual"),
    [
        (days(23, 20, 19), False),  # three days
        (days(23, 20, 19, 18), True),  # four
        (days(22, 20, 19, 18), False),  # none of them on the day itself
        (days(23, times=11), False),
        (days(23, times=12), True),
        ([*days(23, 20), *days(19, 18, record="b")], False),
        ([read("2026-11-23T09:00:00Z", *"abcdef", line=str(n)) for n in range(20)], False),
    ],
)
def test_looks_at_one_record_are_counted_by_days_and_times(
    reads: Iterable[Read], unusual: bool, policy: Policy
) -> None:
    assert (same_record(MONDAY, reads, set(), set(), policy) is not None) is unusual


def test_work_of_ones_own_and_what_was_told_before_are_no_coming_back(policy: Policy) -> None:
    reads = [*days(23, 20, 19, 18), *days(23, 20, 19, 18, record="b")]
    assert same_record(MONDAY, reads, {"a"}, {"b"}, policy) is None
    found = same_record(MONDAY, reads, {"a"}, set(), policy)
    assert found is not None
    assert found.records == frozenset("b")
    assert [each.at for each in found.reads] == sorted(each.at for each in found.reads)
    assert found.why == (
        "In the 14 days up to 23 November 2026 they came back to 1 record without work of their"
        " own on it: as often as 4 times, on as many as 4 days."
    )
    both = same_record(MONDAY, reads, set(), set(), policy)
    assert both is not None
    assert "2 records without work of their own on any of them:" in both.why
    assert both.explanation == Explanation(
        "same_record",
        "X3",
        policy.version,
        facts={
            "records": 2,
            "times": 4,
            "days": 4,
            "within_days": policy.looking_window_days,
            "unusual_from_times": policy.looking_same_times,
            "unusual_from_days": policy.looking_same_days,
        },
    )


def test_a_day_of_looks_is_a_london_day(policy: Policy) -> None:
    # In summer 23:30 UTC is half past midnight of the day after.
    reads = [read(f"2026-07-{day:02}T23:30:00Z", "a") for day in (6, 7, 8, 9)]
    assert same_record(date(2026, 7, 10), reads, set(), set(), policy) is not None
    assert same_record(date(2026, 7, 9), reads[:3], set(), set(), policy) is None


# --- out of hours ---


@pytest.mark.parametrize(
    ("at", "unusual"),
    [
        ("2026-11-23T06:59:59Z", True),
        ("2026-11-23T07:00:00Z", False),
        ("2026-11-23T18:59:59Z", False),
        ("2026-11-23T19:00:00Z", True),
        ("2026-07-06T05:59:59Z", True),  # 06:59 in summer
        ("2026-07-06T06:00:00Z", False),
        ("2026-07-06T18:00:00Z", True),
        ("2026-11-21T10:00:00Z", True),  # a Saturday
        ("2026-11-22T10:00:00Z", True),
        ("2026-12-25T10:00:00Z", True),  # a Friday
        ("2026-12-28T10:00:00Z", True),  # Boxing Day, in its stead
    ],
)
def test_the_usual_hours_are_those_of_working_days(
    at: str, unusual: bool, official: Calendar, policy: Policy
) -> None:
    looked = read(at, "a")
    found = out_of_hours(looked.at.date(), [looked], official, policy)
    assert (found is not None) is unusual


def test_it_is_said_why_a_day_is_no_working_day(official: Calendar, policy: Policy) -> None:
    christmas = [read("2026-12-25T10:12:00Z", "a"), read("2026-12-25T11:00:00Z", "b")]
    found = out_of_hours(date(2026, 12, 25), christmas, official, policy)
    assert found is not None
    assert found.why == (
        "25 December 2026 was no working day (Bank holiday: Christmas Day). They read 2 times,"
        " first at 10:12."
    )
    assert found.explanation == Explanation(
        "out_of_hours",
        "X3",
        policy.version,
        official.version,
        facts={
            "times": 2,
            "first_at": christmas[0].at,
            "no_working_day": "Bank holiday: Christmas Day",
            "from_hour": policy.looking_from_hour,
            "until_hour": policy.looking_until_hour,
        },
    )


def test_hours_are_told_as_london_s_clocks_show_them(official: Calendar, policy: Policy) -> None:
    at_night = read("2026-07-06T03:30:00Z", "a")
    found = out_of_hours(date(2026, 7, 6), [at_night], official, policy)
    assert found is not None
    assert found.why == (
        "On 6 July 2026 they read 1 time outside the hours from 07:00 to 19:00, first at 04:30."
    )


def test_a_day_past_the_calendar_is_a_working_day_unless_of_a_weekend(
    official: Calendar, policy: Policy
) -> None:
    for day, unusual in ((date(2150, 1, 2), False), (date(2150, 1, 3), True)):
        assert not official.knows(day)
        looked = read(f"{day}T10:00:00Z", "a")
        assert (out_of_hours(day, [looked], official, policy) is not None) is unusual


def test_the_hours_are_policy(official: Calendar, policy: Policy) -> None:
    wider = replace(policy, looking_from_hour=0, looking_until_hour=24)
    at_night = [on_monday("03:00", "a")]
    assert out_of_hours(MONDAY, at_night, official, policy) is not None
    assert out_of_hours(MONDAY, at_night, official, wider) is None
