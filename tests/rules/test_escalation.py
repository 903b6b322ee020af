"""§4.3 and Trap 3: what escalates, and who is told when nobody answers."""

from datetime import date

import pytest

from qa_api.rules.escalation import (
    ChildSafeNow,
    Grade,
    Hop,
    UrgentFindingKind,
    acknowledged_by_all,
    closure_escalates,
    judgement_escalates,
    missed_hops,
    urgent_finding_escalates,
)
from qa_api.rules.policy_values import Recipient
from qa_api.rules.states import (
    EscalationState,
    GateState,
)

ACK_BY, INFORM_BY = date(2026, 11, 20), date(2026, 11, 23)


@pytest.mark.parametrize("kind", list(UrgentFindingKind))
@pytest.mark.parametrize("safe", list(ChildSafeNow))
def test_every_urgent_finding_escalates(kind: UrgentFindingKind, safe: ChildSafeNow) -> None:
    because = urgent_finding_escalates(kind, safe, 1)
    assert because.clause == "§4.3, R4.3.1"
    assert because.facts["child_safe_now"] == safe


def test_the_scales_mark_escalates_and_not_its_words() -> None:
    assert judgement_escalates(Grade("good", 2), 1) is None
    assert judgement_escalates(Grade("inadequate", 4), 1) is None
    because = judgement_escalates(Grade("3", 3, escalates=True), 1)
    assert because is not None
    assert because.facts["judgement"] == "3"


@pytest.mark.parametrize("gate", list(GateState))
def test_of_all_gates_only_a_closing_without_audit_escalates(gate: GateState) -> None:
    assert (closure_escalates(gate, 1) is not None) == (gate is GateState.CLOSED_WITHOUT_AUDIT)


def test_every_manager_asked_has_to_acknowledge() -> None:
    assert not acknowledged_by_all({"a", "b"}, {"a"})
    assert acknowledged_by_all({"a", "b"}, {"b", "a", "c"})
    assert not acknowledged_by_all((), {"a"})


@pytest.mark.parametrize(
    ("state", "today", "told", "hops"),
    [
        (EscalationState.NOTIFIED, ACK_BY, (), []),
        (EscalationState.RAISED, date(2026, 11, 21), (), [Hop.ACKNOWLEDGEMENT]),
        # Notified is not acknowledged.
        (EscalationState.NOTIFIED, date(2026, 11, 21), (), [Hop.ACKNOWLEDGEMENT]),
        (EscalationState.NOTIFIED, date(2026, 11, 21), (Hop.ACKNOWLEDGEMENT,), []),
        (EscalationState.NOTIFIED, date(2026, 11, 24), (), list(Hop)),
        (EscalationState.NOTIFIED, date(2026, 11, 24), tuple(Hop), []),
        (EscalationState.ACKNOWLEDGED, INFORM_BY, (), []),
        (EscalationState.ACKNOWLEDGED, date(2026, 11, 24), (), [Hop.QUALITY_STANDARDS]),
        (EscalationState.QUALITY_STANDARDS_INFORMED, date(2027, 1, 1), (), []),
        (EscalationState.RESOLVED, date(2027, 1, 1), (), []),
    ],
)
def test_a_missed_hop_is_told_once(
    state: EscalationState, today: date, told: tuple[Hop, ...], hops: list[Hop]
) -> None:
    missed = missed_hops(state, ACK_BY, INFORM_BY, today, told)
    assert [hop.hop for hop in missed] == hops
    for hop in missed:
        assert hop.tell == (Recipient.HEAD_OF_SERVICE, Recipient.QUALITY_STANDARDS)
