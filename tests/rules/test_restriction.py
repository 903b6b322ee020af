"""X3, C6: a record is restricted while any reason for it stands."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.restriction import (
    RestrictionEvent,
    RestrictionKind,
    ever_pre_adoption,
    restriction_now,
)

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
STAFF, PRE_ADOPTION = RestrictionKind.STAFF, RestrictionKind.PRE_ADOPTION


def said(hour: int, kind: RestrictionKind, *, on: bool) -> RestrictionEvent:
    return RestrictionEvent(f"e{hour}", kind, on, START + timedelta(hours=hour))


def test_a_record_nobody_restricted_is_open() -> None:
    assert restriction_now([]) is None


def test_taking_away_one_reason_leaves_the_other() -> None:
    events = [
        said(1, STAFF, on=True),
        said(2, PRE_ADOPTION, on=True),
        said(3, STAFF, on=False),
    ]
    assert restriction_now(events[:2]) is PRE_ADOPTION
    assert restriction_now(events) is PRE_ADOPTION
    assert restriction_now([*events, said(4, PRE_ADOPTION, on=False)]) is None


@given(
    st.lists(st.tuples(st.sampled_from(RestrictionKind), st.booleans()), max_size=6).flatmap(
        lambda said_: st.permutations(list(enumerate(said_)))
    )
)
def test_arrival_order_changes_nothing(
    arrived: list[tuple[int, tuple[RestrictionKind, bool]]],
) -> None:
    events = [said(hour, kind, on=on) for hour, (kind, on) in arrived]
    in_order = sorted(events, key=lambda event: event.occurred_at)
    assert restriction_now(events) is restriction_now(in_order)
    last = {event.kind: event.on for event in in_order}
    assert (restriction_now(events) is not None) is any(last.values())


def at(hours: float, *, on: bool, received: float, **order: int | str) -> RestrictionEvent:
    """Said to be so many hours after the start, and received so many after it."""
    said_at, received_at = START + timedelta(hours=hours), START + timedelta(hours=received)
    stream, version = order.get("stream"), order.get("version")
    assert stream is None or isinstance(stream, str)
    assert version is None or isinstance(version, int)
    return RestrictionEvent(f"e{hours}{on}", STAFF, on, said_at, received_at, stream, version)


def test_a_restriction_from_a_clock_that_is_ahead_is_lifted_by_what_plainly_comes_after() -> None:
    ahead = at(600_000, on=True, received=1)
    assert restriction_now([ahead]) is STAFF
    assert restriction_now([ahead, at(1.5, on=False, received=2)]) is None
    for early in (0.5, 1):
        assert restriction_now([ahead, at(early, on=False, received=2)]) is STAFF
    for far in (3, 700_000):
        assert restriction_now([ahead, at(far, on=False, received=2)]) is STAFF


def test_a_lifting_from_a_clock_that_is_ahead_opens_nothing() -> None:
    put_on = at(1, on=True, received=1)
    assert restriction_now([put_on, at(600_000, on=False, received=2)]) is STAFF
    assert restriction_now([put_on, at(2, on=False, received=2)]) is None


def test_a_clock_that_is_ahead_is_met_by_what_a_lifting_says_itself_and_not_by_its_number() -> None:
    five, six = START + timedelta(hours=5), START + timedelta(hours=6)
    first = RestrictionEvent("first", RestrictionKind.OTHER, True, five, six, "child", 1)
    # By its number it comes after the first; by itself it says two o'clock.
    lifted = at(2, on=False, received=6, stream="child", version=2)
    plain, ahead = at(3, on=True, received=3), at(600_000, on=True, received=3)
    assert restriction_now([first, lifted, plain]) is RestrictionKind.OTHER
    assert restriction_now([first, lifted, ahead]) is STAFF


def test_between_numbered_events_the_version_decides_and_a_tie_opens_nothing() -> None:
    put_on = at(3, on=True, received=3, stream="child", version=5)
    for version, still in ((4, STAFF), (5, STAFF), (6, None)):
        off = at(1, on=False, received=4, stream="child", version=version)
        assert restriction_now([put_on, off]) is still


def test_a_record_once_said_to_be_from_before_an_adoption_is_remembered_as_such() -> None:
    """C6: also when that was taken back; to say that it is not so never was that it is."""
    put_on, taken_off = said(1, PRE_ADOPTION, on=True), said(2, PRE_ADOPTION, on=False)
    assert ever_pre_adoption([put_on])
    assert ever_pre_adoption([put_on, taken_off])
    assert not ever_pre_adoption([taken_off, said(3, STAFF, on=True)])
    assert not ever_pre_adoption([])
