"""C5, C6: after a reopening an audit counts if it was asked for since, or completed since."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from qa_api.rules.closure_audits import AskedAudit, audit_awaited, audit_that_counts
from qa_api.rules.states import AUDIT_FINISHED, AuditState

REOPENED = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("of_gate_now", "after", "counts"),
    [
        (False, -HOUR, False),
        (False, 0 * HOUR, False),
        (False, HOUR, True),
        # The audit that the gate asked for when it was reopened, whatever its clock says.
        (True, -HOUR, True),
        (True, 0 * HOUR, True),
        (True, HOUR, True),
    ],
)
def test_after_a_reopening_only_what_was_asked_for_or_completed_since_counts(
    of_gate_now: bool, after: timedelta, counts: bool
) -> None:
    audit = AskedAudit(uuid4(), AuditState.CLOSED, REOPENED + after, REOPENED, of_gate_now)
    assert audit_that_counts([audit]) == (audit if counts else None)


def test_an_audit_of_a_gate_that_was_reopened_earlier_is_not_asked_for_since_the_last() -> None:
    """Of two gates of one closing the later reopening counts."""
    earlier = AskedAudit(uuid4(), AuditState.CLOSED, REOPENED - HOUR, REOPENED - 2 * HOUR)
    assert audit_that_counts([earlier], reopened_at=REOPENED) is None
    completed_since = AskedAudit(uuid4(), AuditState.CLOSED, REOPENED + HOUR, REOPENED - 2 * HOUR)
    assert audit_that_counts([earlier, completed_since], reopened_at=REOPENED) == completed_since


def test_an_audit_that_is_not_finished_never_counts_and_none_is_asked_for_of_nothing() -> None:
    assert audit_that_counts([]) is None
    for state in set(AuditState) - set(AUDIT_FINISHED):
        for reopened_at in (None, REOPENED):
            audit = AskedAudit(uuid4(), state, REOPENED + HOUR, reopened_at)
            assert audit_that_counts([audit]) is None
    finished = AskedAudit(uuid4(), AuditState.COMPLETED, REOPENED)
    assert audit_that_counts([finished]) == finished


def test_of_several_that_count_the_one_from_before_stays_and_else_the_first_completed() -> None:
    ids = sorted((uuid4() for _ in range(3)), reverse=True)
    same, first, later = (
        AskedAudit(id_, AuditState.CLOSED, REOPENED + after)
        for id_, after in zip(ids, (0 * HOUR, 0 * HOUR, HOUR), strict=True)
    )
    for order in permutations([first, same, later]):
        assert audit_that_counts(order) == first
        assert audit_that_counts(order, now=later.id) == later
        assert audit_that_counts(order, now=uuid4()) == first


def test_what_is_awaited_has_begun_or_was_awaited_before() -> None:
    ids = sorted(uuid4() for _ in range(4))
    planned, other, begun, done = (
        AskedAudit(id_, state)
        for id_, state in zip(
            ids,
            (
                AuditState.PLANNED,
                AuditState.PLANNED,
                AuditState.IN_PROGRESS,
                AuditState.COMPLETED,
            ),
            strict=True,
        )
    )
    assert audit_awaited([done]) is None
    for order in permutations([planned, other, begun, done]):
        assert audit_awaited(order) == begun
        assert audit_awaited(order, now=planned.id) == begun
    for order in permutations([planned, other, done]):
        assert audit_awaited(order) == planned
        assert audit_awaited(order, now=other.id) == other
