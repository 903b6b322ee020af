"""What the page calls things: dates in words, and words for what has no label of its own."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from qa_api.rules.local_time import local_date

_LONDON: Final = ZoneInfo("Europe/London")

_WORDS: Final[Mapping[str, str]] = {
    # answers
    "na": "Does not apply",
    "partial": "Partly",
    # contact with the family
    "spoken": "We spoke",
    "not_reached": "Nobody could be reached",
    "declined": "They did not want to talk",
    # findings and escalations
    "serious_safeguarding": "a serious worry about safety",
    "other_urgent_or_significant": "something urgent or important",
    "urgent_finding": "Something urgent was found",
    "inadequate_judgement": "Something in the work was judged to be not good enough",
    "closed_without_audit": "The case was closed before anybody had looked at the work",
    # actions
    "compliance": "Something that must be done by the rules",
    "practice": "How we work with you",
    "safety": "Keeping you safe",
    "recording": "What is written down",
    "open": "Not begun yet",
    "planned": "Planned",
    "done": "Done, to be checked by somebody else",
    "verified": "Done, and checked by somebody else",
    "not_achieved": "Not achieved yet",
    "cancelled": "No longer needed",
    # responses
    "returned": "Sent back, because it was not enough yet",
    "adequate": "Found good enough",
    # audits
    "in_progress": "Under way",
}


def in_words(code: str) -> str:
    """A code as a reader would say it."""
    plain = code.replace("_", " ").replace("-", " ")
    return _WORDS.get(code, plain[:1].upper() + plain[1:])


def day(value: date) -> str:
    """`23 November 2026`."""
    return f"{value.day} {value:%B %Y}"


def day_of(instant: datetime) -> str:
    """The London date of an instant, in words."""
    return day(local_date(instant))


def moment(instant: datetime) -> str:
    """`23 November 2026 at 9:30`, as the clock stood in London."""
    there = instant.astimezone(_LONDON)
    return f"{day(there.date())} at {there.hour}:{there:%M}"


def purpose(operation: str) -> str:
    """What somebody did when they were shown a record: `audit:read` or `post:submit_response`."""
    first, _, second = operation.partition(":")
    changing = first in {"get", "post", "put", "patch"}
    return in_words(second if changing else f"{second} {first}")
