"""When a delivery that failed is tried again: soon at first, then daily, and never given up."""

from datetime import timedelta
from typing import Final

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

DELAYS: Final = (
    0 * _SECOND,
    5 * _SECOND,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
"""Before each attempt of the schedule; after its end a delivery is tried every 24 hours."""

DAILY: Final = 24 * _HOUR
JITTER: Final = 0.1
"""At most this share is added to a delay, so that not all come back at once."""


def retry_after(attempts: int, *, jitter: float, asked: timedelta | None = None) -> timedelta:
    """How long to wait after so many failed attempts; `jitter` is a random number below 1.

    A receiver may ask for a longer wait, up to a day.
    """
    delay = DELAYS[attempts] if attempts < len(DELAYS) else DAILY
    return max(delay * (1 + JITTER * jitter), min(asked or timedelta(0), DAILY))


def is_exhausted(attempts: int) -> bool:
    """Whether the schedule has ended: people must now tell the worker by hand (R4.2.8)."""
    return attempts >= len(DELAYS)
