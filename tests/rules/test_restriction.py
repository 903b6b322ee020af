"""X3, C6: a record is restricted while any reason for it stands."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.restriction import RestrictionEvent, RestrictionKind, restriction_now

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
