"""Restorative actions: who may verify and cancel, what is overdue, what holds a gate (R4.2.6)."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from qa_api.rules.decision import RuleRefused
from qa_api.rules.policy_values import ClosureActionStandard
from qa_api.rules.states import ACTION_SETTLED, ActionState

CLAUSE = "§4.2, R4.2.6"


class ActionKind(StrEnum):
    """What a restorative action is about (R4.2.6)."""

    COMPLIANCE = "compliance"
    PRACTICE = "practice"
    SAFETY = "safety"
    RECORDING = "recording"


class Capacity(StrEnum):
    """What somebody is to an action; whoever acts for the team manager counts as the manager."""

    AUDITOR = "auditor"
    TEAM_MANAGER = "team_manager"
    QUALITY_STANDARDS = "quality_standards"


_VERIFIERS = frozenset(Capacity)
_CANCELLERS = frozenset({Capacity.TEAM_MANAGER, Capacity.QUALITY_STANDARDS})


NOT_A_DOER = (
    "They hold no role in which they could say that it is done: only a worker, a practice "
    "supervisor, a team manager or a deputy can."
)
DONE_BEFORE_SET = "The action was not set yet on that day."


def check_verifier(person: str, capacities: Collection[Capacity], doers: Collection[str]) -> None:
    """Refuse everybody but the auditor, TM and Q&S, and the doer in any capacity (R4.2.6).

    ``doers`` did it or reported it done for the doer: both have already said that it is done. Holds
    for ``verify`` and for ``not_achieved``, which a verifier finds.
    """
    if person in doers:
        raise RuleRefused(
            "own-work",
            CLAUSE,
            "You cannot verify an action that you did or reported as done.",
        )
    if not _VERIFIERS & set(capacities):
        raise RuleRefused(
            "not-a-verifier",
            CLAUSE,
            "Only the auditor, the team manager or Quality & Standards can verify an action.",
        )


def check_canceller(person: str, capacities: Collection[Capacity], doers: Collection[str]) -> None:
    """Refuse anyone but the TM or Q&S, and the doer in any capacity (R4.2.6)."""
    if person in doers:
        raise RuleRefused("own-work", CLAUSE, "You cannot cancel an action that is yours to do.")
    if not _CANCELLERS & set(capacities):
        raise RuleRefused(
            "not-a-canceller",
            CLAUSE,
            "Only the team manager or Quality & Standards can cancel an action.",
        )


def check_new_finish(finish_on: date, today: date) -> None:
    """Refuse a planned date that has already passed (R4.2.3, R4.2.6)."""
    if finish_on < today:
        raise RuleRefused(
            "date-in-the-past",
            CLAUSE,
            "The date to finish by must not be in the past.",
            "finish_on",
        )


def check_moved(finish_on: date, was: date | None) -> None:
    """Refuse a new date that is the one it has (R4.2.6)."""
    if finish_on == was:
        raise RuleRefused(
            "date-unchanged", CLAUSE, "The action has this date already.", "finish_on"
        )


def check_done(done_on: date, set_on: date, today: date) -> None:
    """Refuse a done date that has not come yet, or on which nobody had asked for it (R4.2.3)."""
    if done_on > today:
        raise RuleRefused(
            "date-in-the-future",
            CLAUSE,
            "The day on which it was done must not be in the future.",
            "done_on",
        )
    if done_on < set_on:
        raise RuleRefused("date-before-set", CLAUSE, DONE_BEFORE_SET, "done_on")


def check_corrector(
    person: str, capacities: Collection[Capacity], doers: Collection[str], state: ActionState
) -> None:
    """Refuse a change of the day on which an action was done, except by who may say it (R4.2.6).

    The person who is to do it, the one who did it, the TM and Q&S may. Once somebody else has
    verified the action, its doer may not change the day any more.
    """
    if not (_CANCELLERS & set(capacities) or person in doers):
        raise RuleRefused(
            "not-a-corrector",
            CLAUSE,
            "Only whoever did it, the team manager or Quality & Standards can correct the day.",
        )
    if state is ActionState.VERIFIED and person in doers:
        raise RuleRefused(
            "verified-already",
            CLAUSE,
            "It has been verified: now only the team manager or Quality & Standards can "
            "correct the day, and not whoever did it.",
        )


def missed_by(promised_on: date | None, before: date | None, today: date) -> date | None:
    """The earliest promised date that passed without being kept, once a new one takes its place.

    ``before`` is the one that was missed earlier. It stays missed, whatever is promised next.
    """
    if before is not None or promised_on is None or today <= promised_on:
        return before
    return promised_on


def check_new_owner(before: str | None, owner: str | None) -> None:
    """Refuse to give an action to whom it has been given already (R4.2.6)."""
    if before == owner:
        told = (
            "It has no named owner: it follows the case already."
            if owner is None
            else "This person has the action already."
        )
        raise RuleRefused("same-owner", CLAUSE, told, "owner")


def is_action_overdue(
    state: ActionState,
    finish_on: date | None,
    done_on: date | None,
    today: date,
    *,
    missed_on: date | None = None,
) -> bool:
    """Is an action late (R4.2.6)?

    Done late, or promised anew after a date was missed (``missed_on``), it stays so until it is
    verified or cancelled.
    """
    if state in ACTION_SETTLED or finish_on is None:
        return False
    if missed_on is not None:
        return True
    finished = done_on if state is ActionState.DONE and done_on is not None else today
    return finished > finish_on


def holds_gate(state: ActionState, standard: ClosureActionStandard) -> bool:
    """Does an action that is needed before closure still hold the gate (C3)?"""
    if state in ACTION_SETTLED:
        return False
    return state is not ActionState.DONE or standard is ClosureActionStandard.VERIFIED
