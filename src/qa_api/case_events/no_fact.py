"""Reading fields of case systems that may hold no fact, such as blank text.

A sender repeats a refused event until somebody mends it, and everything behind it waits. So a field
that holds no fact is read as null: blank text, and the dates that systems write for "unknown"
(`0001-01-01`, `9999-12-31`). Blanks around a code are ignored, and so is the time of a date. The
event is kept exactly as it came. What cannot be read at all is left as it is, so that the message
is refused.
"""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from qa_api.rules.local_time import local_date
from qa_api.values.fields import FIRST_YEAR, LAST_YEAR, read_date, read_instant
from qa_api.values.text import shows_nothing

_DAY: Final = re.compile(
    r"(?P<day>(?P<year>\d{4})-\d{2}-\d{2})"
    r"([Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(?P<offset>[Zz]|[+-]\d{2}:\d{2})?)?"
)
_AFTER: Final = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[Tt ]"
    r"(?P<time>24:00(?::00(?:\.0{1,9})?)?|(?:[01]\d|2[0-3]):[0-5]\d:60(?:\.\d{1,9})?)"
    r"(?P<offset>[Zz]|[+-]\d{2}:\d{2})"
)
"""What some clocks write of the last instant of a minute or of a day."""
_PARTED: Final = re.compile(r"[\s-]+")
NIGHT: Final = 24
_NO_DAY: Final = "1900-01-01"
"""What databases and spreadsheets count from; nobody in an open case was born on it."""


def text_said(value: Any) -> Any:
    """Text without the blanks around it; one that shows nothing is none."""
    if not isinstance(value, str):
        return value
    return None if shows_nothing(value) else value.strip()


def role_said(value: Any) -> Any:
    """The role of somebody named, as it is compared: `Carer household` is `carer_household`."""
    said = text_said(value)
    return _PARTED.sub("_", said).casefold() if isinstance(said, str) else said


def day_said(value: Any) -> Any:
    """A date, without the time that some systems write with it; one that can be no fact is none.

    An instant is of the day that it has in London.
    """
    said = text_said(value)
    if not isinstance(said, str) or not (match := _DAY.fullmatch(said)):
        return said
    if _is_no_fact(match):
        return None
    return local_date(read_instant(said)).isoformat() if match["offset"] else match["day"]


def instant_said(value: Any) -> Any:
    """An instant; one that can be no fact is none.

    A second that a clock inserts (`:60`) and the end of a day (`24:00`) are the instant after them.
    """
    said = text_said(value)
    match = _DAY.fullmatch(said) if isinstance(said, str) else None
    if match is None:
        return said
    if _is_no_fact(match):
        return None
    after = _AFTER.fullmatch(said)
    try:
        return said if after is None else _instant_after(after)
    except ValueError:  # of a day that never comes
        return said


def _instant_after(match: re.Match[str]) -> datetime:
    hour, minute = (int(part) for part in match["time"].split(":")[:2])
    midnight = read_instant(f"{match['day']}T00:00:00{match['offset']}")
    # The second after the last of a minute is the next minute.
    return midnight + timedelta(hours=hour, minutes=minute + (hour < NIGHT))


def _is_no_fact(match: re.Match[str]) -> bool:
    out_of_time = not FIRST_YEAR <= int(match["year"]) <= LAST_YEAR
    return out_of_time or match["day"] == _NO_DAY


def day_kept(value: Any) -> date | None:
    """The date that a field of a kept event says; None where it says none."""
    if isinstance(value, str):
        return _day_kept(value)
    said = day_said(value)
    return None if said is None else read_date(said)


@lru_cache(maxsize=1_000)  # each event of a case says them again
def _day_kept(value: str) -> date | None:
    said = day_said(value)
    return None if said is None else read_date(said)


def since_said(value: Any) -> date | None:
    """The day of a field that decides nothing: what cannot be read is left out."""
    try:
        return day_kept(value)
    except ValueError:
        return None
