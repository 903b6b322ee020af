"""What is brought to a manager at once, and who is told when that is not answered (§4.3).

Two hops, each with proof: the auditor's finding reaches the team manager, then the manager
tells Quality & Standards what will be done. No rule here marks the second hop done.
"""

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from qa_api.rules.deadlines import is_overdue
from qa_api.rules.decision import Explanation, Fact
from qa_api.rules.policy_values import Recipient
from qa_api.rules.states import EscalationState, GateState
from qa_api.rules.unchanging import Unchanging


class EscalationTrigger(StrEnum):
    """What made an escalation (§4.3, C4)."""

    URGENT_FINDING = "urgent_finding"
    INADEQUATE_JUDGEMENT = "inadequate_judgement"
    CLOSED_WITHOUT_AUDIT = "closed_without_audit"


class UrgentFindingKind(StrEnum):
    """What kind of urgent finding an auditor raises (R4.3.1)."""

    SERIOUS_SAFEGUARDING = "serious_safeguarding"
    OTHER_URGENT_OR_SIGNIFICANT = "other_urgent_or_significant"


class ChildSafeNow(StrEnum):
    """The auditor's answer to 'is the child safe now?' (R4.3.1)."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


class Grade(Unchanging):
    """One step of a judgement scale: ordinal, and perhaps marked to escalate (R4.1.3)."""

    code: str
    rank: int
    escalates: bool = False


def urgent_finding_escalates(
    kind: UrgentFindingKind, child_safe_now: ChildSafeNow, policy_version: int
) -> Explanation:
    """An urgent finding escalates, whatever the answers, at any moment (§4.3, R4.3.1)."""
    return _because(
        EscalationTrigger.URGENT_FINDING,
        "§4.3, R4.3.1",
        policy_version,
        kind=kind.value,
        child_safe_now=child_safe_now.value,
    )


WHOLE: Final = ""
"""Stands where a domain's key stands: the audit as a whole."""


def escalating_judgements(
    judged: Mapping[str, str], marked_domains: Collection[str], marked_grades: Collection[str]
) -> Mapping[str, str]:
    """The judgements of an audit that go to the manager at once, by domain (R4.3.2).

    The overall judgement, under `WHOLE`, and those of the domains that the tool marks, each where
    it is a grade that the scale marks.
    """
    return {
        key: grade
        for key, grade in judged.items()
        if grade in marked_grades and (key == WHOLE or key in marked_domains)
    }


def judgement_escalates(judged: Mapping[str, str], policy_version: int) -> Explanation | None:
    """What `escalating_judgements` found escalates on completion, always (R4.3.2).

    Also when the audit has no restorative actions. None where it found nothing.
    """
    if not judged:
        return None
    facts: dict[str, Fact] = {}
    if WHOLE in judged:
        facts["judgement"] = judged[WHOLE]
    if domains := tuple(f"{key}: {judged[key]}" for key in sorted(judged) if key != WHOLE):
        facts["domains"] = domains
    return _because(EscalationTrigger.INADEQUATE_JUDGEMENT, "§4.3, R4.3.2", policy_version, **facts)


def closure_escalates(gate: GateState, policy_version: int) -> Explanation | None:
    """A case closed without a clear gate escalates; no other gate state does (C4)."""
    if gate is not GateState.CLOSED_WITHOUT_AUDIT:
        return None
    return _because(EscalationTrigger.CLOSED_WITHOUT_AUDIT, "§3, C4", policy_version)


def _because(
    trigger: EscalationTrigger, clause: str, policy_version: int, **facts: Fact
) -> Explanation:
    return Explanation(
        "escalates", clause, policy_version, facts={"trigger": trigger.value, **facts}
    )


def acknowledged_by_all(asked: Collection[str], acknowledged: Collection[str]) -> bool:
    """Has every team manager who was asked acknowledged (R4.3.3)? Nobody asked is nobody's yes."""
    return bool(asked) and set(asked) <= set(acknowledged)


class Hop(StrEnum):
    """The two hops of an escalation (R4.3.3)."""

    ACKNOWLEDGEMENT = "acknowledgement"
    QUALITY_STANDARDS = "quality_standards"


class MissedHop(Unchanging):
    """A hop whose day has passed: who is to be told, once each (R4.3.3)."""

    hop: Hop
    due_on: date
    tell: tuple[Recipient, ...] = (Recipient.HEAD_OF_SERVICE, Recipient.QUALITY_STANDARDS)


_WAITS_FOR = {
    EscalationState.RAISED: (Hop.ACKNOWLEDGEMENT, Hop.QUALITY_STANDARDS),
    EscalationState.NOTIFIED: (Hop.ACKNOWLEDGEMENT, Hop.QUALITY_STANDARDS),
    EscalationState.ACKNOWLEDGED: (Hop.QUALITY_STANDARDS,),
}


def missed_hops(
    state: EscalationState,
    acknowledge_due_on: date | None,
    inform_due_on: date | None,
    today: date,
    already_told: Collection[Hop] = (),
) -> tuple[MissedHop, ...]:
    """Which hops are late today and have not yet been told of (§4.3, R4.3.3).

    A hop whose day cannot be counted yet is not late.
    """
    due = {Hop.ACKNOWLEDGEMENT: acknowledge_due_on, Hop.QUALITY_STANDARDS: inform_due_on}
    return tuple(
        MissedHop(hop, due_on)
        for hop in _WAITS_FOR.get(state, ())
        if (due_on := due[hop]) is not None
        and is_overdue(due_on, today)
        and hop not in already_told
    )
