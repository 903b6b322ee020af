"""The events of the Quality Assurance Board (§4.7)."""

from uuid import UUID

from qa_api.events.event import Event


class QaUpdateMoved(Event):
    """A service's update to the Board was begun, submitted or returned (R4.7.1)."""

    type = "qa_update.moved"

    service: str
    quarter: str
    state: str


class BoardReportMoved(Event):
    """A board report was drafted, presented, decided upon, disseminated or received (R4.7.2)."""

    type = "board_report.moved"

    quarter: str
    number: int
    what: str


class ChartChangeMarked(Event):
    """A change was marked in a control chart: it has new limits from a month on (R4.7.3)."""

    type = "chart_change.marked"

    chart: str
    month: str


class ChartChangeWithdrawn(Event):
    """A change had been marked in a control chart by mistake, and is withdrawn (R4.7.3)."""

    type = "chart_change.withdrawn"

    chart: str
    month: str


class BoardDecisionDone(Event):
    """What the Board decided was done (R4.7.2)."""

    type = "board_decision.done"

    report_id: UUID
