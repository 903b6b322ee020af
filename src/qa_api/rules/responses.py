"""The audit response: does it cover every action, and was it in time (§4.2)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from qa_api.rules.actions import DONE_BEFORE_SET
from qa_api.rules.deadlines import is_overdue
from qa_api.rules.decision import Missing, RuleRefused
from qa_api.rules.local_time import local_date
from qa_api.rules.states import ACTION_SETTLED, ActionState
from qa_api.rules.unchanging import Unchanging

CLAUSE = "§4.2, R4.2.3"


class ResponseItem(Unchanging):
    """How one action is addressed: done now, or by when and why not now (R4.2.3)."""

    action: str
    how: str
    done_on: date | None = None
    not_immediate_because: str | None = None
    finish_on: date | None = None


class ReviewOutcome(StrEnum):
    """What an adequacy review finds (R4.2.4)."""

    ADEQUATE = "adequate"
    RETURNED = "returned"


class Round(Unchanging):
    """One submission and what its review found; None while it waits for review."""

    submitted_at: datetime
    outcome: ReviewOutcome | None = None


NOTHING_SET: Final[Mapping[str, date]] = {}
"""Of no action is it known when it was set."""


def response_required(action_states: Collection[ActionState]) -> bool:
    """A response is required where there are actions, and none exists otherwise (R4.2.1-2)."""
    return any(state is not ActionState.CANCELLED for state in action_states)


def what_is_missing(
    actions: Sequence[str],
    items: Sequence[ResponseItem],
    today: date,
    *,
    also_known: Collection[str] = (),
    set_on: Mapping[str, date] = NOTHING_SET,
) -> tuple[Missing, ...]:
    """What a response still lacks: uncovered actions first, then each item's own faults (R4.2.3).

    ``actions`` are those to be covered, ``also_known`` those that may be (cancelled ones);
    ``set_on`` is when each was set, before which it cannot have been done.
    """
    times = Counter(item.action for item in items)
    found = [
        Missing("/items", "action-not-covered", f"Action {action} is not covered.")
        for action in actions
        if not times[action]
    ]
    known = {*actions, *also_known}
    for place, item in enumerate(items):
        pointer = f"/items/{place}"
        if item.action not in known:
            detail = "This is not an action of this audit."
            found.append(Missing(f"{pointer}/action", "action-unknown", detail))
        elif times[item.action] > 1:
            detail = "The same action is covered more than once."
            found.append(Missing(f"{pointer}/action", "action-covered-twice", detail))
        found.extend(_faults(item, pointer, today, set_on.get(item.action)))
    return tuple(found)


def _faults(item: ResponseItem, pointer: str, today: date, set_on: date | None) -> list[Missing]:
    found = []
    if not item.how.strip():
        detail = "Say how the action is addressed."
        found.append(Missing(f"{pointer}/how", "how-missing", detail))
    if item.done_on is not None:
        if item.done_on > today:
            detail = "The day on which it was done must not be in the future."
            found.append(Missing(f"{pointer}/done_on", "date-in-the-future", detail))
        if set_on is not None and item.done_on < set_on:
            found.append(Missing(f"{pointer}/done_on", "date-before-set", DONE_BEFORE_SET))
        if item.finish_on is not None or item.not_immediate_because is not None:
            detail = (
                "An action is either done, or will be finished later with the reason: not both."
            )
            found.append(Missing(pointer, "done-and-later", detail))
        return found
    if item.finish_on is None:
        detail = "Say when it was done or, with the reason, when it will be finished."
        found.append(Missing(f"{pointer}/finish_on", "date-missing", detail))
    elif item.finish_on < today:
        detail = "The date to finish by must not be in the past."
        found.append(Missing(f"{pointer}/finish_on", "date-in-the-past", detail))
    if not (item.not_immediate_because or "").strip():
        detail = "Say why it cannot be done immediately."
        found.append(Missing(f"{pointer}/not_immediate_because", "reason-missing", detail))
    return found


def check_response(
    actions: Sequence[str],
    items: Sequence[ResponseItem],
    today: date,
    *,
    also_known: Collection[str] = (),
    set_on: Mapping[str, date] = NOTHING_SET,
) -> None:
    """Refuse a response that lacks something, naming each action and field (R4.2.3)."""
    missing = what_is_missing(actions, items, today, also_known=also_known, set_on=set_on)
    if missing:
        raise RuleRefused(
            "response-incomplete",
            CLAUSE,
            "A response covers every action: done, or by when and why not now.",
            missing=missing,
        )


def step_for(item: ResponseItem, state: ActionState) -> str | None:
    """The action's own transition that an item asks for, or None when it only repeats (R4.2.6).

    Refuses to take back what is done: only a verifier finds an action not achieved.
    """
    if state in ACTION_SETTLED:
        return None
    if item.done_on is not None:
        return None if state is ActionState.DONE else "complete"
    if state is ActionState.DONE:
        raise RuleRefused(
            "already-done",
            "§4.2, R4.2.6",
            "Only a verifier can send an action that is done back to planned.",
            "finish_on",
        )
    return "plan" if state is ActionState.OPEN else "replan"


def _in_time(round_: Round, due_on: date | None) -> bool:
    # Without a due date nobody has been notified yet: the clock has not started (Trap 2).
    return due_on is None or local_date(round_.submitted_at) <= due_on


def first_submitted_on_time(
    rounds: Sequence[Round], due_on: date | None, today: date, *, calendar_unknown: bool = False
) -> bool | None:
    """Was the first round submitted by the original date (R4.2.4)? None while that is open.

    It is open too while the date cannot be counted: the clock runs, and the calendar ends.
    """
    if calendar_unknown:
        return None
    if rounds:
        return _in_time(rounds[0], due_on)
    return False if due_on is not None and is_overdue(due_on, today) else None


def adequate_on_time(
    rounds: Sequence[Round], due_on: date | None, today: date, *, calendar_unknown: bool = False
) -> bool | None:
    """Was the round found adequate submitted by the original date (R4.2.4)? The Board's figure.

    None while that is open: nothing adequate yet, and the date still to come or a round
    that was in time still waiting for its review, or a date that cannot be counted yet.
    ``submitted`` is not ``adequate`` (Trap 3).
    """
    if calendar_unknown:
        return None
    for round_ in rounds:
        if round_.outcome is ReviewOutcome.ADEQUATE:
            return _in_time(round_, due_on)
    waiting = rounds[-1] if rounds and rounds[-1].outcome is None else None
    if waiting is not None and _in_time(waiting, due_on):
        return None
    return False if due_on is not None and is_overdue(due_on, today) else None


def answered_before_told(answered_at: datetime | None, told_at: datetime) -> bool:
    """Whether the adequate round was submitted before the worker was told (R4.2.1, R4.2.8).

    Then no clock starts, however late the telling is recorded: the matter is over. What counts is
    when the worker was told, not when that was written down. ``answered_at`` is None while no round
    is adequate; then the original date still counts.
    """
    return answered_at is not None and answered_at <= told_at


def check_responder(person: str, auditor: str | None) -> None:
    """Refuse a response by the auditor: nobody answers what they asked themselves (R4.2.3)."""
    if person == auditor:
        raise RuleRefused(
            "own-audit",
            CLAUSE,
            "The auditor does not answer their own audit; the worker, the practice supervisor or "
            "the team manager does.",
        )


def check_on_behalf(person: str, responder: str | None, *, said: bool) -> bool:
    """Whether a response is on somebody's behalf; refuses one that does not say so (R4.2.3)."""
    on_behalf = person != responder
    if on_behalf and not said:
        raise RuleRefused(
            "on-behalf-unsaid",
            CLAUSE,
            "Somebody else is to respond. If you respond on their behalf, say so.",
            "on_behalf",
        )
    if said and not on_behalf:
        raise RuleRefused(
            "on-behalf-of-oneself",
            CLAUSE,
            "The response is yours: you do not respond on behalf of somebody.",
            "on_behalf",
        )
    return on_behalf


def check_reviewer(
    person: str, auditor: str | None, judged: str | None, responded: Collection[str]
) -> None:
    """Refuse a review by the auditor, by whom the audit judged, or by who responded (R4.2.4).

    ``responded`` are all who answered in any round, and those on whose behalf somebody did.
    """
    why_not: dict[str | None, str] = {
        **dict.fromkeys(responded, "somebody who responded, for themselves or on behalf"),
        judged: "the person whose work was audited",
        auditor: "the auditor",
    }
    if person in why_not:
        raise RuleRefused(
            "own-work",
            "§4.2, R4.2.4",
            f"A response is not reviewed by {why_not[person]}; somebody else acts for the team.",
        )
