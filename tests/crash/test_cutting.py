"""Who decides where a way is cut: every step both ways, and nobody is cut off for ever."""

from dataclasses import dataclass

from tests.crash.cutting import COMMIT, Cutter, Step

BEGINS: Step = ("", "BEGIN;")
COMMITS: Step = ("BEGIN;", COMMIT)


def steps(count: int) -> list[Step]:
    """Statements of one transaction, one after the other."""
    return [("BEGIN;", f"SELECT {number}") for number in range(count)]


@dataclass
class Time:
    """Seconds, which a test lets pass."""

    now: float = 1_000.0


def begun(apart: float, in_a_row: float) -> tuple[Cutter, Time]:
    """One that cuts everywhere, if it is time."""
    time = Time()
    cutter = Cutter(lambda _: True, apart, in_a_row, lambda: time.now)
    cutter.begin()
    return cutter, time


def test_each_way_is_cut_once_and_none_before_it_begins() -> None:
    cutter = Cutter(lambda _: True, 0.0, 60.0)
    assert not cutter.cuts_here(BEGINS, "before")
    cutter.begin()
    assert [cutter.cuts_here(BEGINS, way) for way in ("before", "after", "before", "after")] == [
        *(True, True, False, False)
    ]
    assert cutter.cuts == [(BEGINS, "before"), (BEGINS, "after")]


def test_two_cuts_are_so_many_seconds_apart() -> None:
    (cutter, time), (first, second) = begun(apart=1.0, in_a_row=60.0), steps(2)
    assert cutter.cuts_here(first, "before")
    time.now += 0.9
    assert not cutter.cuts_here(second, "before")
    time.now += 0.1
    assert cutter.cuts_here(second, "before")


def test_who_begins_anew_after_each_cut_comes_to_an_end_however_slow_that_is() -> None:
    (cutter, time), taken = begun(apart=1.0, in_a_row=30.0), 0
    for step in steps(20):
        time.now += 7.0
        taken += cutter.cuts_here(step, "before")
    assert taken == 5, "at 0, 7, 14, 21 and 28 seconds"
    assert not cutter.cuts_here(COMMITS, "before")
    assert not cutter.cuts_here(COMMITS, "after")
    assert cutter.cuts_here(BEGINS, "before"), "something was committed: the next may be cut again"


def test_a_commit_whose_answer_is_cut_off_ends_no_row() -> None:
    (cutter, time), (first, second) = begun(apart=1.0, in_a_row=30.0), steps(2)
    assert cutter.cuts_here(first, "before")
    time.now += 29.0
    assert cutter.cuts_here(COMMITS, "after")
    time.now += 29.0
    assert not cutter.cuts_here(second, "before")
