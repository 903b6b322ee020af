"""Working days in England and Wales: not a Saturday, a Sunday or a bank holiday (R4.2.1).

The calendar knows the days from ``known_from`` to ``known_until``, both included, and
refuses to say anything about any other day (Trap 1). Where a date cannot be counted, `reach`
says so without refusing: what happened is recorded, and its date stays open. Counting is one
look-up: the working days are numbered once, when the calendar is built.
"""

import json
from collections.abc import Mapping
from dataclasses import field
from datetime import date, timedelta

from qa_api.rules.decision import RuleRefused, Step
from qa_api.rules.unchanging import Unchanging

CLAUSE = "§4.2, R4.2.1"
CALENDAR_UNKNOWN = "calendar_unknown"
"""What an explanation says of a date that cannot be counted yet (Trap 1)."""
YEARS_AHEAD = 3
"""Bank holidays are published two or three years ahead."""
HOLIDAY = "Bank holiday: "
"""How the reason of a day that was skipped as a bank holiday begins."""
_WITHDRAWN = "; withdrawn since ("
_STANDS = "). The date that was given stands"
_WEEKEND = {5: "Saturday", 6: "Sunday"}
_NOTHING: Mapping[date, str] = {}
_ONE_DAY = timedelta(days=1)


class Calendar(Unchanging):
    """The bank holidays of one division at one version, and the working days they leave.

    ``withdrawn`` holds former bank holidays that are working days again, with the reason. A bank
    holiday may be known before its year is: it counts once the calendar reaches it.
    """

    division: str
    version: int
    known_from: date
    known_until: date
    holidays: Mapping[date, str] = field(hash=False)
    withdrawn: Mapping[date, str] = field(default_factory=dict, hash=False)
    _first: int = field(init=False, repr=False, compare=False)
    _length: int = field(init=False, repr=False, compare=False)
    _index: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _working: tuple[date, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.known_until < self.known_from:
            raise RuleRefused(
                "calendar-invalid", CLAUSE, "A calendar cannot end before it begins.", "known_until"
            )
        for day in (*self.holidays, *self.withdrawn):
            if day < self.known_from:
                raise self.refusal()
        first = self.known_from.toordinal()
        index: list[int] = []
        working = [self.known_from]  # a placeholder: working days are numbered from 1
        for ordinal in range(first, self.known_until.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if day.weekday() < 5 and day not in self.holidays:
                working.append(day)
            index.append(len(working) - 1)
        object.__setattr__(self, "_first", first)
        object.__setattr__(self, "_length", len(index))
        object.__setattr__(self, "_index", tuple(index))
        object.__setattr__(self, "_working", tuple(working))

    def refusal(self) -> RuleRefused:
        """Why nothing is said of a day that the calendar does not know (Trap 1)."""
        return RuleRefused(
            "beyond-calendar-horizon",
            CLAUSE,
            f"The bank holidays are known from {self.known_from} to {self.known_until}; "
            "working days outside these dates cannot be counted.",
        )

    def knows(self, day: date) -> bool:
        """Is it known of this day whether it is a working day (Trap 1)?"""
        return self.known_from <= day <= self.known_until

    def check_ahead(self, day: date) -> None:
        """Refuse a bank holiday before the calendar begins, or years past its end (Trap 1)."""
        if day < self.known_from or day.year > self.known_until.year + YEARS_AHEAD:
            raise self.refusal()

    def _require_known(self, day: date) -> None:
        if not self.knows(day):
            raise self.refusal()

    def why_not(self, day: date) -> str | None:
        """Why a day is no working day, or None when it is one (R4.2.1); not past the horizon."""
        self._require_known(day)
        if day.weekday() in _WEEKEND:
            return _WEEKEND[day.weekday()]
        title = self.holidays.get(day)
        return None if title is None else f"{HOLIDAY}{title}"

    def is_working_day(self, day: date) -> bool:
        """Is this a working day (R4.2.1)? Refuses past the horizon."""
        return self.why_not(day) is None

    def working_index(self, day: date) -> int:
        """How many working days lie from ``known_from`` up to and including this day (R4.2.1)."""
        self._require_known(day)
        return self._index[day.toordinal() - self._first]

    def reach(self, start: date, days: int) -> date | None:
        """The date ``days`` working days after ``start``; None where that is not known (Trap 1).

        The start is day 0 at any hour and need not be a working day. ValueError for a negative
        count.
        """
        if days < 0:
            raise ValueError("working days are counted forwards")
        offset = start.toordinal() - self._first
        if 0 <= offset < self._length:
            if days == 0:
                return start
            number = self._index[offset] + days
            if number < len(self._working):
                return self._working[number]
        return None

    def add_working_days(self, start: date, days: int) -> date:
        """The date ``days`` working days after ``start``, which is day 0 at any hour (R4.2.1).

        Day 0 need not be a working day. ValueError for a negative count; refuses when the
        start or the answer lies past the horizon.
        """
        if (end := self.reach(start, days)) is None:
            raise self.refusal()
        return end

    def explain_addition(self, start: date, days: int) -> tuple[Step, ...]:
        """Every day that ``add_working_days`` passes, counted or skipped, and why (R4.2.1)."""
        return self._steps(start, self.add_working_days(start, days))

    def explain_open(self, start: date) -> tuple[Step, ...]:
        """The explanation of a date that is not known: each day up to the first unknown one."""
        if start < self.known_from:
            return (Step(start, False, self._unknown),)
        unknown = max(start, self.known_until + _ONE_DAY)
        known = self._steps(start, self.known_until) if start < unknown else ()
        return (*known, Step(unknown, False, self._unknown))

    @property
    def _unknown(self) -> str:
        known = f"the bank holidays are known from {self.known_from} to {self.known_until}"
        return f"{CALENDAR_UNKNOWN}: {known}; the date is counted once they are known further"

    def _steps(self, start: date, end: date) -> tuple[Step, ...]:
        steps = [Step(start, False, "Day 0")]
        counted = 0
        for ordinal in range(start.toordinal() + 1, end.toordinal() + 1):
            day = date.fromordinal(ordinal)
            why_not = self.why_not(day)
            if why_not is not None:
                steps.append(Step(day, False, why_not))
                continue
            counted += 1
            reason = f"Working day {counted}"
            if day in self.withdrawn:
                reason += f" (no longer a bank holiday: {self.withdrawn[day]})"
            steps.append(Step(day, True, reason))
        return tuple(steps)

    def said_now(self, day: date, reason: str) -> str:
        """The reason of a day that was skipped as a bank holiday, in today's words (R4.2.4).

        If the holiday was withdrawn the date stays, and the words say that it is one no longer.
        """
        title, *_ = reason.partition(_WITHDRAWN)
        why = self.withdrawn.get(day)
        return title if why is None else f"{title}{_WITHDRAWN}{why}{_STANDS}"

    def next_working_day(self, day: date) -> date:
        """The first working day after this one (R4.2.5)."""
        return self.add_working_days(day, 1)

    def working_days_between(self, after: date, until: date) -> int:
        """Working days after one date up to and including another; negative backwards (R4.2.1)."""
        return self.working_index(until) - self.working_index(after)

    @property
    def next_year(self) -> int:
        """The year that is to be known next: the first that is not known to its end (Trap 1)."""
        return (self.known_until + _ONE_DAY).year

    def days_until_horizon(self, today: date) -> int:
        """Calendar days left before the calendar ends; negative once it has (Trap 1)."""
        return (self.known_until - today).days

    def ends_soon(self, today: date, notice_days: int) -> bool:
        """Should people be told that the calendar is about to end (Trap 1)?"""
        return self.days_until_horizon(today) <= notice_days


def official_calendar(text: str, division: str = "england-and-wales") -> Calendar:
    """The published calendar as version 0, from the JSON text that ships with the service.

    Refuses text of another shape, and the holidays of another division (Trap 1).
    """
    try:
        document = json.loads(text)
        found = document["division"]
        known_from = date.fromisoformat(document["known_from"])
        known_until = date.fromisoformat(document["known_until"])
        titles = {date.fromisoformat(e["date"]): title_of(e) for e in document["events"]}
    except (ValueError, KeyError, TypeError) as error:
        raise RuleRefused(
            "calendar-invalid", CLAUSE, "This is not a list of bank holidays."
        ) from error
    if found != division:
        raise RuleRefused(
            "calendar-division",
            CLAUSE,
            "These are the bank holidays of another division.",
            "division",
        )
    return Calendar(division, 0, known_from, known_until, titles)


def title_of(event: Mapping[str, str]) -> str:
    """A published holiday's title, with the note where there is one."""
    note = event.get("notes", "")
    return f"{event['title']} ({note[0].lower()}{note[1:]})" if note else event["title"]


def merge(
    official: Calendar,
    additions: Mapping[date, str] = _NOTHING,
    withdrawals: Mapping[date, str] = _NOTHING,
    *,
    version: int,
) -> Calendar:
    """The official calendar with what an authority adds (date → title) and withdraws
    (date → reason): a proclaimed holiday, a moved one (R4.2.4, Trap 1).

    Refuses the withdrawal of a day that is no bank holiday, and a date before ``known_from``. A
    date that is both added and withdrawn is withdrawn: the withdrawal is the later word.
    """
    holidays = {**official.holidays, **additions}
    for day in withdrawals:
        if holidays.pop(day, None) is None:
            raise RuleRefused(
                "not-a-bank-holiday",
                CLAUSE,
                "Only a bank holiday can be withdrawn; at least one of these dates is not one.",
                "withdrawals",
            )
    return Calendar(
        official.division,
        version,
        official.known_from,
        official.known_until,
        holidays,
        dict(withdrawals),
    )
