"""Days, months and financial quarters as London sees them; instants are UTC (Trap 1, Trap 4).

Every period is half-open in instants: ``starts_at <= instant < ends_at``, both at London
midnight, so a quarter that contains a clock change is an hour shorter or longer and still
meets its neighbours exactly.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_ONE_DAY = timedelta(days=1)


def local_date(instant: datetime) -> date:
    """The London date of an instant (R4.2.1). ValueError when it carries no time zone."""
    if instant.utcoffset() is None:
        raise ValueError("an instant must carry its offset from UTC")
    return instant.astimezone(LONDON).date()


def start_of_local_day(day: date) -> datetime:
    """The UTC instant at which a London day begins (R4.2.1)."""
    return datetime.combine(day, time.min, LONDON).astimezone(UTC)


def end_of_local_day(day: date) -> datetime:
    """The UTC instant at which a London day is over: the next London midnight (R4.2.1)."""
    return start_of_local_day(day + _ONE_DAY)


def last_day_before(over_at: datetime) -> date:
    """The London day that is over at an instant (R4.2.1): deadlines end with their day."""
    return local_date(over_at - timedelta(microseconds=1))


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month between London midnights (§4.5, R4.5.1)."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12:
            raise ValueError("a month has a number from 1 to 12")

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month that holds a day."""
        return cls(day.year, day.month)

    @classmethod
    def labelled(cls, label: str) -> "Month":
        """The month of a label such as ``2026-10``. ValueError for anything else."""
        if len(label) == 7 and label.isascii() and (label[:4] + label[5:]).isdigit():
            month = cls(int(label[:4]), int(label[5:]))
            if month.label == label:
                return month
        raise ValueError("a month is written like 2026-10")

    @property
    def label(self) -> str:
        """How people write it: ``2026-10``, the year always in four digits."""
        return f"{self.year:04}-{self.number:02}"

    @property
    def starts_on(self) -> date:
        """First day."""
        return date(self.year, self.number, 1)

    @property
    def ends_on(self) -> date:
        """Last day, itself inside the month."""
        return self.next.starts_on - _ONE_DAY

    @property
    def starts_at(self) -> datetime:
        """First instant, UTC."""
        return start_of_local_day(self.starts_on)

    @property
    def ends_at(self) -> datetime:
        """The instant it is over, UTC; no longer inside."""
        return end_of_local_day(self.ends_on)

    @property
    def next(self) -> "Month":
        """The month after."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> "Month":
        """The month before, whose audits are moderated in this one."""
        return Month.of(self.starts_on - _ONE_DAY)


@dataclass(frozen=True, slots=True, order=True)
class FinancialQuarter:
    """A quarter of the financial year, Q1 being April to June (§4.4, §4.7, Trap 4).

    ``year`` is the calendar year in which the financial year starts.
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 4:
            raise ValueError("a quarter has a number from 1 to 4")

    @classmethod
    def of(cls, day: date) -> "FinancialQuarter":
        """The quarter that holds a day."""
        months_since_april = (day.month - 4) % 12
        return cls(day.year - (day.month < 4), months_since_april // 3 + 1)

    @classmethod
    def labelled(cls, label: str) -> "FinancialQuarter":
        """The quarter of a label such as ``2026-27 Q1``. ValueError for anything else."""
        if len(label) == 10 and label[:4].isascii() and label[:4].isdigit() and label[9] in "1234":
            quarter = cls(int(label[:4]), int(label[9]))
            if quarter.label == label:
                return quarter
        raise ValueError("a quarter is written like 2026-27 Q1")

    @property
    def label(self) -> str:
        """How people write it: ``2026-27 Q1``."""
        return f"{self.year:04}-{(self.year + 1) % 100:02} Q{self.number}"

    @property
    def starts_on(self) -> date:
        """First day."""
        return date(self.year + (self.number == 4), (self.number * 3) % 12 + 1, 1)

    @property
    def ends_on(self) -> date:
        """Last day, itself inside the quarter."""
        return self.next.starts_on - _ONE_DAY

    @property
    def starts_at(self) -> datetime:
        """First instant, UTC."""
        return start_of_local_day(self.starts_on)

    @property
    def ends_at(self) -> datetime:
        """The instant it is over, UTC; no longer inside."""
        return end_of_local_day(self.ends_on)

    @property
    def next(self) -> "FinancialQuarter":
        """The quarter after."""
        return FinancialQuarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def previous(self) -> "FinancialQuarter":
        """The quarter before, which a QA update is about (R4.7.1)."""
        return FinancialQuarter.of(self.starts_on - _ONE_DAY)


def quarters(first: FinancialQuarter, last: FinancialQuarter) -> tuple[FinancialQuarter, ...]:
    """Every quarter from the first to the last, both included; none when they are swapped."""
    found = []
    while first <= last:
        found.append(first)
        first = first.next
    return tuple(found)
