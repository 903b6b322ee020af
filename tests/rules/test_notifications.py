"""Why a notification is not even sent (R4.2.7, R4.2.8)."""

import pytest

from qa_api.rules.notifications import UndeliverableReason, why_not_sent


@pytest.mark.parametrize(
    ("worker", "in_service", "restricted", "reason"),
    [
        ("sw1", True, False, None),
        (None, False, False, UndeliverableReason.NO_ALLOCATED_WORKER),
        (None, False, True, UndeliverableReason.NO_ALLOCATED_WORKER),
        ("sw1", False, False, UndeliverableReason.WORKER_LEFT),
        ("sw1", True, True, UndeliverableReason.RESTRICTED),
    ],
)
def test_a_notification_goes_to_an_allocated_worker_in_service_about_an_open_record(
    worker: str | None, in_service: bool, restricted: bool, reason: UndeliverableReason | None
) -> None:
    found = why_not_sent(worker=worker, in_service=in_service, restricted=restricted)
    assert found is reason
