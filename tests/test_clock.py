"""One clock for the process, which can be set, moved, frozen and given back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from qa_api import clock

CHRISTMAS_EVE = datetime(2026, 12, 24, 9, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def own_clock() -> Iterator[None]:
    clock.reset()
    yield
    clock.reset()


def machine() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock is compared with the machine's own


def moves() -> bool:
    start = clock.now()
    return any(clock.now() > start for _ in range(1_000_000))


def test_now_is_the_machines_instant_in_utc() -> None:
    before = machine()
    assert before <= clock.now() <= machine()
    assert clock.now().tzinfo is UTC


def test_a_clock_that_was_set_moves_on() -> None:
    clock.set_to(CHRISTMAS_EVE)
    assert CHRISTMAS_EVE <= clock.now() < CHRISTMAS_EVE + A_MINUTE
    assert moves()


def test_a_frozen_clock_stands_until_it_is_advanced() -> None:
    clock.freeze(CHRISTMAS_EVE)
    assert clock.now() == clock.now() == CHRISTMAS_EVE
    clock.advance(timedelta(days=5))
    assert clock.now() == datetime(2026, 12, 29, 9, tzinfo=UTC)


def test_a_moving_clock_can_be_advanced() -> None:
    clock.set_to(CHRISTMAS_EVE)
    clock.advance(timedelta(days=365))
    assert timedelta() <= clock.now() - CHRISTMAS_EVE - timedelta(days=365) < A_MINUTE


def test_setting_thaws_and_resetting_returns_to_the_machine() -> None:
    clock.freeze(CHRISTMAS_EVE)
    clock.set_to(CHRISTMAS_EVE)
    assert moves()
    clock.reset()
    assert abs(machine() - clock.now()) < A_MINUTE


def test_who_follows_a_file_has_the_time_it_was_turned_to(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock.follow(file)
    assert abs(machine() - clock.now()) < A_MINUTE
    clock.turn(file, CHRISTMAS_EVE)
    assert CHRISTMAS_EVE <= clock.now() < CHRISTMAS_EVE + A_MINUTE
    assert moves()
    clock.turn(file, CHRISTMAS_EVE - timedelta(days=365))
    assert clock.now() < CHRISTMAS_EVE - timedelta(days=364)
    clock.reset()
    assert abs(machine() - clock.now()) < A_MINUTE


def test_any_offset_is_understood_and_none_is_refused() -> None:
    clock.freeze(datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))))
    assert clock.now() == datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    for change in (clock.set_to, clock.freeze):
        with pytest.raises(ValueError, match="offset"):
            change(datetime(2026, 7, 1))  # noqa: DTZ001 - a naive instant is what is refused
