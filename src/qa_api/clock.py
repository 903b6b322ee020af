"""The one reader of the clock; it can be set for the whole process.

Everything else takes an instant as an argument (`work.now`), so that a year of casework can be
simulated in minutes. By default a clock that was set moves on from there; `freeze` makes it stand.
"""

from datetime import UTC, datetime, timedelta

_offset = timedelta(0)
_frozen_at: datetime | None = None


def now() -> datetime:
    """The present instant of this process, aware and in UTC."""
    return _frozen_at if _frozen_at is not None else datetime.now(UTC) + _offset


def set_to(instant: datetime) -> None:
    """Make `instant` (aware) the present; time goes on from there."""
    global _offset, _frozen_at
    _offset = _in_utc(instant) - datetime.now(UTC)
    _frozen_at = None


def advance(delta: timedelta) -> None:
    """Move the present by `delta`, whether the clock is moving or frozen."""
    global _offset, _frozen_at
    if _frozen_at is not None:
        _frozen_at += delta
    else:
        _offset += delta


def freeze(instant: datetime) -> None:
    """Make `instant` (aware) the present until the clock is set, advanced or reset."""
    global _frozen_at
    _frozen_at = _in_utc(instant)


def reset() -> None:
    """Back to the machine's own clock."""
    global _offset, _frozen_at
    _offset, _frozen_at = timedelta(0), None


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset from UTC")
    return instant.astimezone(UTC)
