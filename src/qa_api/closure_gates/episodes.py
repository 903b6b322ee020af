"""What gates are told of an episode, and what they answer: the words that case events use too."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from qa_api.rules.closure import EpisodeEvent


class Outcome(StrEnum):
    """What an event did, the gravest first; a whole event is answered with its gravest."""

    CLOSED_WITHOUT_AUDIT = "closed_without_audit"
    GATE_OPENED = "gate_opened"
    GATE_CHANGED = "gate_changed"
    APPLIED = "applied"
    NO_CHANGE = "no_change"
    PARKED = "parked"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"
    CONFLICTING = "conflicting"
    REFUSED = "refused"


class ToldEvent(NamedTuple):
    """An event of an episode, with the day on which it says the case is to close."""

    event: EpisodeEvent
    closure_on: date | None


class GateOutcome(NamedTuple):
    """What came of an episode for one subject: the gravest outcome, and of which gate."""

    outcome: Outcome = Outcome.NO_CHANGE
    gate_id: UUID | None = None
