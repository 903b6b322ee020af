"""§4.3 and Trap 3: what escalates, and who is told when nobody answers."""

from datetime import date

import pytest

from qa_api.rules.escalation import (
    WHOLE,
    ChildSafeNow,
    Hop,
    UrgentFindingKind,
    acknowledged_by_all,
    closure_escalates,
    escalating_judgements,
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
    assert because.rule == "escalates"
    assert because.facts == {"trigger": "urgent_finding", "kind": kind, "child_safe_now": safe}


def test_the_scales_mark_escalates_and_not_its_words() -> None:
    assert escalating_judgements({WHOLE: "inadequate"}, (), {"3"}) == {}
    found = escalating_judgements({WHOLE: "3"}, (), {"3"})
    because = judgement_escalates(found, 1)
    assert because is not None
    assert because.facts == {"trigger": "inadequate_judgement", "judgement": "3"}
    assert judgement_escalates({}, 1) is None


def test_a_domain_escalates_where_the_tool_marks_it_and_the_scale_the_judgement() -> None:
    judged = {"safety": "3", "voice": "1", "planning": "3"}
    found = escalating_judgements(judged, {"safety", "voice"}, {"3"})
    assert found == {"safety": "3"}
    because = judgement_escalates(found, 1)
    assert because is not None
    assert because.clause == "§4.3, R4.3.2"
    assert because.facts == {"trigger": "inadequate_judgement", "domains": ("safety: 3",)}


def test_the_whole_and_its_domains_make_one_escalation_that_names_all() -> None:
    because = judgement_escalates({"b": "3", WHOLE: "3", "a": "4"}, 1)
    assert because is not None
    assert because.facts["judgement"] == "3"
    assert because.facts["domains"] == ("a: 4", "b: 3")


@pytest.mark.parametrize("gate", list(GateState))
def test_of_all_gates_only_a_closing_without_audit_escalates(gate: GateState) -> None:
    assert (closure_escalates(gate, 1) is not None) == (gate is GateState.CLOSED_WITHOUT_AUDIT)


def test_every_manager_asked_has_to_acknowledge() -> None:
    assert not acknowledged_by_all({"a", "b"}, {"a"})
    assert acknowledged_by_all({"a", "b"}, {"b", "a"})
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
