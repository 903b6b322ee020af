"""The one reader of the clock; it can be set for the whole process.

Everything else takes an instant as an argument (`work.now`), so that a year of casework can be
simulated in minutes. By default a clock that was set moves on from there; `freeze` makes it stand.
Processes that `follow` the same file share one clock, which `turn` moves (development only).
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

_offset = timedelta(0)
_frozen_at: datetime | None = None
_file: Path | None = None


def now() -> datetime:
    """The present instant of this process, aware and in UTC."""
    if _frozen_at is not None:
        return _frozen_at
    return datetime.now(UTC) + (_offset if _file is None else _offset_in(_file))


def begin(instant: datetime | None, file: Path | None) -> None:
    """The clock of a process as its settings say: set to an instant, or following a file."""
    if instant is not None:
        set_to(instant)
    if file is not None:
        follow(file)


def set_to(instant: datetime) -> None:
    """Make `instant` (aware) the present; time goes on from there."""
    global _offset, _frozen_at, _file
    _offset = _in_utc(instant) - datetime.now(UTC)
    _frozen_at = _file = None


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


def follow(file: Path) -> None:
    """From now on the present is the machine's moved by the seconds that a file says.

    A file that is not there, or empty, says none. Setting or resetting the clock lets go of it.
    """
    global _file
    _file = file


def turn(file: Path, instant: datetime) -> None:
    """Make `instant` (aware) the present of every process that follows the file."""
    offset = _in_utc(instant) - datetime.now(UTC)
    written = file.with_suffix(".new")
    written.write_text(f"{offset.total_seconds()}\n")
    written.replace(file)  # nobody reads half of it


def reset() -> None:
    """Back to the machine's own clock."""
    global _offset, _frozen_at, _file
    _offset, _frozen_at, _file = timedelta(0), None, None


def _offset_in(file: Path) -> timedelta:
    try:
        return timedelta(seconds=float(file.read_text() or 0))
    except FileNotFoundError:
        return timedelta(0)


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset from UTC")
    return instant.astimezone(UTC)
