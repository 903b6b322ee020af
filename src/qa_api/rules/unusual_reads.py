"""Unusual reads: what somebody read in one day that they should be asked about (X3).

Each rule looks at what one person or system was shown on a London day that is over, under all their
accounts. No rule says that anybody did wrong: it says what Quality & Standards should look into,
and why, in words.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from qa_api.rules.calendar import Calendar
from qa_api.rules.decision import Explanation, Fact
from qa_api.rules.local_time import LONDON, local_date
from qa_api.rules.policy import Policy
from qa_api.rules.policy_of_reads import CLAUSE
from qa_api.rules.policy_values import LookingRule
from qa_api.rules.unchanging import Unchanging

AN_HOUR: Final = timedelta(hours=1)
_OVERSIGHT: Final = "quality_standards"


class Read(Unchanging):
    """One line of the access log: when, and which records it showed."""

    line: str
    at: datetime
    records: frozenset[str]


class Unusual(Unchanging):
    """What one rule finds unusual in somebody's day: the reads, the records, and why in words."""

    rule: LookingRule
    reads: tuple[Read, ...]
    records: frozenset[str]
    why: str
    explanation: Explanation


def is_watched(rule: LookingRule, roles: Collection[str], policy: Policy) -> bool:
    """Does a rule look at the reads of whoever held these roles on the day (X3)?

    Quality & Standards read everywhere by their work: their reads are looked at only where the
    policy names their role, whatever else they hold. Who held no role is always looked at.
    """
    asked = next((each.roles for each in policy.looking_rules if each.rule is rule), None)
    if asked is None:
        return False
    if _OVERSIGHT in roles:
        return _OVERSIGHT in asked
    return not roles or not set(roles).isdisjoint(asked)


def is_a_look(read: Read, policy: Policy) -> bool:
    """Is it a look at each of its records, and no page of a list?"""
    return len(read.records) <= policy.looking_page_records


def outside_teams(
    day: date, reads: Iterable[Read], own: Collection[str], policy: Policy
) -> Unusual | None:
    """Looks at records that no team of theirs holds and on which they had no work (X3).

    ``own`` are the records that a team of theirs holds, or on which they had work.
    """
    found = [(read, read.records - set(own)) for read in reads if is_a_look(read, policy)]
    found = [(read, records) for read, records in found if records]
    if not found:
        return None
    records = frozenset().union(*(records for _, records in found))
    why = (
        f"On {_long_date(day)} they opened {_of_records(len(records))} that no team of theirs"
        " holds, and had no work of their own on them."
    )
    return _unusual(
        LookingRule.OUTSIDE_TEAMS,
        [read for read, _ in found],
        records,
        why,
        policy,
        {"records": len(records)},
    )


def busiest_hour(reads: Sequence[Read]) -> tuple[Read, ...]:
    """The reads of the sixty minutes that showed the most different records; the earliest such.

    ``reads`` are in order of time. An hour begins with a read and ends before the same minute of
    the next hour.
    """
    shown: Counter[str] = Counter()
    best, first, most = slice(0), 0, 0
    for last, read in enumerate(reads):
        shown.update(read.records)
        while read.at - reads[first].at >= AN_HOUR:
            shown.subtract(reads[first].records)
            shown = +shown
            first += 1
        if len(shown) > most:
            best, most = slice(first, last + 1), len(shown)
    return tuple(reads[best])


def records_of(reads: Iterable[Read]) -> frozenset[str]:
    """Every record that some reads showed."""
    return frozenset().union(*(read.records for read in reads))


def more_than_ever(hour: Sequence[Read], most_before: int | None, policy: Policy) -> Unusual | None:
    """More records in one hour than in any hour of their own past, and no small number (X3).

    ``hour`` is the busiest of the day; ``most_before`` of all days before, None where there is
    none.
    """
    records = records_of(hour)
    if len(records) < policy.looking_hour_records or len(records) <= (most_before or 0):
        return None
    began = hour[0].at
    before = (
        "never read anything before"
        if most_before is None
        else f"were never before shown more than {most_before} in an hour"
    )
    why = (
        f"On {_long_date(local_date(began))} they were shown {_of_records(len(records))} in the"
        f" hour from {_clock(began)}, and {before}."
    )
    facts: dict[str, Fact] = {
        "records": len(records),
        "hour_from": began,
        "most_before": most_before,
        "unusual_from": policy.looking_hour_records,
    }
    return _unusual(LookingRule.MORE_THAN_EVER, hour, records, why, policy, facts)


def restricted_staff(
    day: date, reads: Iterable[Read], about_staff: Collection[str], policy: Policy
) -> Unusual | None:
    """Reads of records that are restricted because they are about somebody who works here (X3)."""
    found = [read for read in reads if not read.records.isdisjoint(about_staff)]
    if not found:
        return None
    records = records_of(found) & set(about_staff)
    why = (
        f"On {_long_date(day)} they were shown {_of_records(len(records))} that a restriction of"
        " kind `staff` protects: somebody who works here, or their family."
    )
    facts: dict[str, Fact] = {"records": len(records)}
    return _unusual(LookingRule.RESTRICTED_STAFF, found, records, why, policy, facts)


def same_record(
    day: date,
    reads: Iterable[Read],
    own: Collection[str],
    told: Collection[str],
    policy: Policy,
) -> Unusual | None:
    """Looks at one record again and again, without work of their own on it (X3).

    ``reads`` are those of the days that the policy counts, the day itself being the last. A record
    must have been looked at on the day, and is not ``told`` of again within these days.
    """
    looks: dict[str, list[Read]] = {}
    for read in reads:
        if is_a_look(read, policy):
            for record in read.records - set(own) - set(told):
                looks.setdefault(record, []).append(read)
    again = {
        record: found
        for record, found in looks.items()
        if any(local_date(read.at) == day for read in found)
        and (
            len(found) >= policy.looking_same_times
            or len({local_date(read.at) for read in found}) >= policy.looking_same_days
        )
    }
    if not again:
        return None
    times = max(map(len, again.values()))
    days = max(len({local_date(read.at) for read in found}) for found in again.values())
    within = policy.looking_window_days
    why = (
        f"In the {within} days up to {_long_date(day)} they came back to {_of_records(len(again))}"
        f" without work of their own on {'it' if len(again) == 1 else 'any of them'}: as often as"
        f" {_number_of(times, 'time')}, on as many as {_number_of(days, 'day')}."
    )
    facts: dict[str, Fact] = {
        "records": len(again),
        "times": times,
        "days": days,
        "within_days": within,
        "unusual_from_times": policy.looking_same_times,
        "unusual_from_days": policy.looking_same_days,
    }
    rests_on = {read.line: read for found in again.values() for read in found}
    in_order = sorted(rests_on.values(), key=lambda read: (read.at, read.line))
    return _unusual(LookingRule.SAME_RECORD, in_order, frozenset(again), why, policy, facts)


def out_of_hours(
    day: date, reads: Iterable[Read], calendar: Calendar, policy: Policy
) -> Unusual | None:
    """Reads outside the usual hours of a working day, or on a day that is none (X3).

    A day that the calendar does not know is taken for a working day, unless it is of a weekend.
    """
    no_working_day = _no_working_day(day, calendar)
    opens, closes = policy.looking_from_hour, policy.looking_until_hour
    found = [
        read
        for read in reads
        if no_working_day or not opens <= read.at.astimezone(LONDON).hour < closes
    ]
    if not found:
        return None
    times, began = _number_of(len(found), "time"), _clock(found[0].at)
    if no_working_day:
        why = (
            f"{_long_date(day)} was no working day ({no_working_day}). They read {times},"
            f" first at {began}."
        )
    else:
        why = (
            f"On {_long_date(day)} they read {times} outside the hours from {opens:02}:00 to"
            f" {closes:02}:00, first at {began}."
        )
    facts: dict[str, Fact] = {
        "times": len(found),
        "first_at": found[0].at,
        "no_working_day": no_working_day,
        "from_hour": opens,
        "until_hour": closes,
    }
    records = records_of(found)
    explained = _explained(LookingRule.OUT_OF_HOURS, policy, facts, calendar.version)
    return Unusual(LookingRule.OUT_OF_HOURS, tuple(found), records, why, explained)


def _no_working_day(day: date, calendar: Calendar) -> str | None:
    if calendar.knows(day):
        return calendar.why_not(day)
    return f"{day:%A}" if day.weekday() >= _SATURDAY else None


_SATURDAY: Final = 5


def _unusual(
    rule: LookingRule,
    reads: Sequence[Read],
    records: frozenset[str],
    why: str,
    policy: Policy,
    facts: dict[str, Fact],
) -> Unusual:
    return Unusual(rule, tuple(reads), records, why, _explained(rule, policy, facts, None))


def _explained(
    rule: LookingRule, policy: Policy, facts: dict[str, Fact], calendar_version: int | None
) -> Explanation:
    return Explanation(rule.value, CLAUSE, policy.version, calendar_version, facts=facts)


def _long_date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _clock(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%H:%M}"


def _number_of(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _of_records(number: int) -> str:
    return _number_of(number, "record")
