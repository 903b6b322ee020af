"""C2, trap 9: which of several things that were told counts, by what they say."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_api.rules.merging import MergeTold, fold_merges
from qa_api.rules.restriction import RestrictionEvent, RestrictionKind, restriction_now
from qa_api.rules.telling import (
    Heard,
    Said,
    Telling,
    counts_at,
    is_ahead,
    known_times,
    newest,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
AHEAD = datetime(2099, 1, 1, tzinfo=UTC)


def telling(
    name: str, at: datetime | int | None, version: int | None = None, stream: str = "E"
) -> Telling:
    """Something told, with its time or the hours before noon, when all of it was received."""
    occurred = NOON - timedelta(hours=at) if isinstance(at, int) else at
    return Telling(name, occurred, NOON, stream, version)


def counts(*said: tuple[str | None, Telling] | tuple[str | None, Telling, int]) -> str | None:
    """What counts of what was said, whatever the order."""
    all_said: list[Said[str | None]] = [Said(*each) for each in said]
    found = {newest(order, lambda value: value is None) for order in permutations(all_said)}
    (one,) = found
    assert one is not None
    return one.value


def test_the_later_time_counts() -> None:
    assert counts(("x", telling("1", 3)), ("y", telling("2", 2))) == "y"


def test_nothing_said_is_nothing() -> None:
    assert newest([], str) is None


def test_a_time_ahead_of_its_first_receipt_has_no_rank() -> None:
    assert counts(("x", telling("1", AHEAD)), ("y", telling("2", 2))) == "y"
    hour = NOON + timedelta(hours=1)
    assert counts(("x", telling("1", hour)), ("y", telling("2", 2))) == "y"
    assert telling("1", hour).ranked_at is None
    assert is_ahead(hour, NOON)
    assert not is_ahead(NOON, NOON)
    assert (counts_at(hour, NOON), counts_at(NOON, hour)) == (NOON, NOON)


def test_the_version_decides_where_both_carry_one() -> None:
    assert counts(("x", telling("1", 1, 1)), ("y", telling("2", 5, 2))) == "y"
    assert counts(("x", telling("1", AHEAD, 2)), ("y", telling("2", 5, 1))) == "x"
    assert counts(("x", telling("1", AHEAD, 1)), ("y", telling("2", AHEAD, 2))) == "y"


def test_versions_of_two_streams_say_nothing_about_each_other() -> None:
    old, new = telling("1", 5, 120, "old episode"), telling("2", 1, 3, "new episode")
    assert counts(("x", old), ("y", new)) == "y"


def test_what_has_no_rank_came_after_what_its_stream_numbers_below_it() -> None:
    entered = telling("0", 6)
    below, above = telling("1", 4, 1), telling("2", AHEAD, 2)
    assert counts(("entered", entered), ("below", below), ("above", above)) == "above"
    assert known_times([below, above])[above] == below.occurred_at
    late = telling("3", 2)
    assert counts(("late", late), ("below", below), ("above", above)) == "late"


@pytest.mark.parametrize("at", [3, AHEAD])
def test_of_two_that_nothing_decides_the_cautious_one_counts(at: datetime | int) -> None:
    assert counts(("x", telling("1", at)), (None, telling("0", at))) is None
    assert counts(("x", telling("1", at)), ("y", telling("2", at))) == "y"
    assert counts(("x", telling("2", at)), ("y", telling("1", at))) == "x"


def test_the_nearest_level_counts_before_all_others() -> None:
    assert counts(("x", telling("1", 1), 1), ("y", telling("2", 5), 0)) == "y"


def test_what_was_there_before_anything_was_told_counts_least() -> None:
    assert counts(("x", telling("1", None)), ("y", telling("0", AHEAD))) == "y"


def test_versions_and_times_that_contradict_each_other_end_in_one_value() -> None:
    numbered_late = telling("1", 1, 1)
    numbered_early = telling("2", 3, 2)
    unnumbered = telling("3", 2)
    # The higher version came after the lower one, and so after its time.
    said = (("x", numbered_late), ("y", numbered_early), ("z", unnumbered))
    assert counts(*said) == "y"


def test_each_that_has_no_time_came_after_the_latest_that_its_stream_numbers_below_it() -> None:
    late, early, unknown = telling("3", 1, 1), telling("2", 3, 2), telling("1", AHEAD, 3)
    for order in permutations([late, early, unknown]):
        assert known_times(order) == {
            late: late.occurred_at,
            early: late.occurred_at,
            unknown: late.occurred_at,
        }
    at_first = telling("3", None, 1)
    assert known_times([late, at_first]) == {late: late.occurred_at, at_first: None}


def test_what_has_a_time_counts_before_what_has_none_and_the_last_word_has_the_value() -> None:
    same = ("x", telling("1", 2)), ("y", telling("2", 2))
    assert counts(*same, (None, telling("0", AHEAD))) == "y"
    assert counts(("x", telling("1", 2)), ("y", telling("1", 2))) == "y"


def test_what_was_entered_here_happened_when_it_says() -> None:
    assert counts_at(AHEAD, None) == AHEAD


# --- restrictions ---

STAFF = RestrictionKind.STAFF
ON, OFF = True, False


def restricted(
    *events: tuple[bool, datetime | int] | tuple[bool, datetime | int, int],
    streams: bool = False,
) -> bool:
    """Whether the record is restricted after these, in any order."""
    told = []
    for number, (on, at, *version) in enumerate(events):
        occurred = NOON - timedelta(hours=at) if isinstance(at, int) else at
        stream = f"E{number}" if streams else "E"
        numbered = version[0] if version else None
        told.append(RestrictionEvent(str(number), STAFF, on, occurred, NOON, stream, numbered))
    (found,) = {restriction_now(order) for order in permutations(told)}
    return found is STAFF


@pytest.mark.parametrize(
    "events",
    [
        [(OFF, AHEAD), (ON, 1)],
        [(OFF, NOON + timedelta(hours=1)), (ON, 1)],
        [(OFF, AHEAD, 1), (ON, 1, 2)],
        [(ON, 1), (OFF, AHEAD)],
        [(ON, AHEAD), (OFF, 1)],
        [(ON, AHEAD), (OFF, AHEAD)],
        [(ON, 2), (OFF, 2)],
        [(ON, 2, 1), (OFF, 2, 1)],
        [(ON, 5, 2), (OFF, 1, 1)],
        [(ON, 5), (OFF, 4), (ON, 4)],
        [(ON, 5), (OFF, 4), (ON, AHEAD)],
    ],
)
def test_a_restriction_is_not_lifted_by_what_does_not_plainly_come_after(
    events: list[tuple[bool, datetime | int]],
) -> None:
    assert restricted(*events)


@pytest.mark.parametrize(
    "events",
    [
        [(ON, 2), (OFF, 1)],
        [(ON, 1, 1), (OFF, 5, 2)],
        [(ON, AHEAD, 1), (OFF, 1, 2)],
        [(ON, 2, 1), (OFF, AHEAD, 2)],
        [(ON, 3), (OFF, 2), (ON, 3)],
        [(ON, 3), (ON, 2), (OFF, 1)],
    ],
)
def test_a_restriction_is_lifted_by_what_plainly_comes_after(
    events: list[tuple[bool, datetime | int]],
) -> None:
    assert not restricted(*events)


def test_a_version_of_another_stream_lifts_nothing() -> None:
    assert restricted((ON, 2, 1), (OFF, 5, 9), streams=True)
    assert not restricted((ON, 5, 9), (OFF, 2, 1), streams=True)


# --- merges ---


def merge(source: str, into: str, at: datetime | int, name: str = "m") -> MergeTold:
    return MergeTold(source, into, telling(name, at, stream=f"ref/{source}"))


@pytest.mark.long
@given(
    st.lists(
        st.builds(
            merge,
            st.sampled_from("abcd"),
            st.sampled_from("abcd"),
            st.sampled_from([1, 2, 3, AHEAD]),
            st.sampled_from("mnop"),
        ),
        max_size=6,
    ).flatmap(lambda told: st.tuples(st.just(told), st.permutations([*told, *told[:2]])))
)
def test_merges_in_any_order_leave_one_record(
    told: tuple[list[MergeTold], list[MergeTold]],
) -> None:
    in_order, shuffled = (fold_merges(each) for each in told)
    assert in_order.steps == shuffled.steps
    for each in told[0]:
        assert in_order.survivor(each.source) == in_order.survivor(each.into)


def test_a_chain_leads_to_its_end() -> None:
    chain = [merge("a", "b", 3), merge("b", "c", 2)]
    assert {fold_merges(order).survivor("a") for order in permutations(chain)} == {"c"}
    two = [merge("a", "b", 3), merge("a", "c", 2)]
    assert {fold_merges(order).survivor("b") for order in permutations(two)} == {"c"}


def test_what_was_said_before_a_merge_stands_behind_and_what_was_said_after_does_not() -> None:
    lineage = fold_merges([merge("a", "b", 4), merge("b", "c", 2)])
    assert lineage.level("a", telling("x", 5)) == 2
    assert lineage.level("a", telling("x", 3)) == 1
    assert lineage.level("a", telling("x", 1)) == 0
    assert lineage.level("a", telling("x", AHEAD)) == 2
    assert lineage.level("c", telling("x", 5)) == 0


# --- held against what the words say, without any short cut ---

SOME = st.builds(
    telling,
    st.sampled_from("abcd"),
    st.sampled_from((None, AHEAD, 1, 2, 3)),
    st.none() | st.integers(0, 3),
    st.sampled_from(("E", "F", None)),
)


def is_numbered_above(one: Telling, other: Telling) -> bool:
    """Whether it is of the same stream, with a higher version."""
    if one.stream is None or one.stream != other.stream:
        return False
    first, second = one.source_version, other.source_version
    return first is not None and second is not None and first > second


@given(SOME, SOME)
def test_versions_decide_between_two_of_one_stream_that_have_different_ones(
    one: Telling, other: Telling
) -> None:
    decided = is_numbered_above(one, other) or is_numbered_above(other, one)
    assert one.numbered_with(other) is decided


@pytest.mark.long
@settings(max_examples=60)
@given(st.lists(SOME, max_size=5))
def test_each_has_happened_by_its_own_time_and_by_all_that_its_stream_numbers_below_it(
    told: list[Telling],
) -> None:
    times = known_times(told)
    assert times.keys() == set(told)
    for each in told:
        below = [other.ranked_at for other in told if is_numbered_above(each, other)]
        known = [at for at in (*below, each.ranked_at) if at is not None]
        assert times[each] == max(known, default=None)


@pytest.mark.long
@settings(max_examples=60)
@given(st.lists(SOME, max_size=5))
def test_one_is_heard_as_the_last_if_its_time_is_later_than_all_and_no_version_is_higher(
    told: list[Telling],
) -> None:
    heard = Heard()
    for number, each in enumerate(told):
        before = told[:number]
        earlier = [other.ranked_at for other in before if other.ranked_at is not None]
        is_later = each.ranked_at is not None and all(each.ranked_at > at for at in earlier)
        is_replaced = any(is_numbered_above(other, each) for other in before)
        assert heard.is_plainly_last(each) is (is_later and not is_replaced)


@pytest.mark.long
@settings(max_examples=60)
@given(
    st.lists(
        st.builds(Said, st.sampled_from((None, "x", "y")), SOME, st.integers(0, 2)), max_size=5
    )
)
def test_what_counts_is_of_the_nearest_level_and_no_version_of_it_is_higher(
    said: list[Said[str | None]],
) -> None:
    found = newest(said, lambda value: value is None)
    if not said:
        assert found is None
        return
    assert found is not None
    level = [each for each in said if each.level == min(other.level for other in said)]
    standing = [
        each for each in level if not any(is_numbered_above(one.told, each.told) for one in level)
    ]
    times = known_times(each.told for each in level)
    assert found in standing

    def rank(each: Said[str | None]) -> tuple[object, ...]:
        at = times[each.told]
        first = each.told.occurred_at is not None, at or datetime.min.replace(tzinfo=UTC)
        return (*first, each.value is None, each.told.event_id, str(each.value))

    assert rank(found) == max(map(rank, standing))
