"""What the sweep tells of escalations that nobody answered in time (R4.3.3)."""

from collections.abc import Callable

import pytest

from qa_api.escalations.missed import alert_missed_hops
from tests.audits.auditing import MANAGER, Auditing
from tests.closures.statements import statements
from tests.escalations.test_escalations import act, urgent
from tests.responses.casework import Casework

UNACKNOWLEDGED, UNINFORMED = "escalation_unacknowledged", "quality_standards_uninformed"


@pytest.mark.long
def test_what_has_been_told_of_is_taken_up_by_no_later_sweep(
    case: Auditing, casework: Casework, at: Callable[[str], None]
) -> None:
    path = urgent(case)
    escalation = path.rpartition("/")[2]
    at("2026-11-24T00:00:00Z")
    casework.as_service(alert_missed_hops)
    assert len(casework.alerts(escalation, UNACKNOWLEDGED)) == 2
    assert len(statements(casework.service, alert_missed_hops)) == 1
    # The other hop of the same escalation is taken up on its day, while the first is still missed.
    at("2026-11-25T00:00:00Z")
    casework.as_service(alert_missed_hops)
    assert len(casework.alerts(escalation, UNINFORMED)) == 2
    assert len(casework.alerts(escalation, UNACKNOWLEDGED)) == 2
    assert len(statements(casework.service, alert_missed_hops)) == 1


@pytest.mark.long
def test_of_one_that_is_acknowledged_only_the_second_hop_is_missed(
    case: Auditing, casework: Casework, at: Callable[[str], None]
) -> None:
    path = urgent(case)
    escalation = path.rpartition("/")[2]
    act(case, f"{path}/acknowledge", MANAGER)
    at("2026-11-25T00:00:00Z")
    casework.as_service(alert_missed_hops)
    assert casework.alerts(escalation, UNACKNOWLEDGED) == []
    assert len(casework.alerts(escalation, UNINFORMED)) == 2
