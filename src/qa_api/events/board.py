"""The events of the Quality Assurance Board (§4.7)."""

from dataclasses import dataclass
from uuid import UUID

from qa_api.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class QaUpdateMoved(Event):
    """A service's update to the Board was begun, submitted or returned (R4.7.1)."""

    type = "qa_update.moved"

    service: str
    quarter: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardReportMoved(Event):
    """A board report was drafted, presented, decided upon, disseminated or received (R4.7.2)."""

    type = "board_report.moved"

    quarter: str
    number: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardDecisionDone(Event):
    """What the Board decided was done (R4.7.2)."""

    type = "board_decision.done"

    report_id: UUID
