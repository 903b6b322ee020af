"""The events of practice observations and learning highlights (§4.6)."""

from datetime import date

from qa_api.events.event import Event


class PracticeObservationRecorded(Event):
    """A worker's practice was observed; Quality & Standards is to know of each (R4.6.2)."""

    type = "practice_observation.recorded"
    sent = True

    worker: str
    team: str
    observed_on: date


class PracticeObservationCorrected(Event):
    """What was recorded of an observation was corrected; what it said before is kept."""

    type = "practice_observation.corrected"


class PracticeObservationWithdrawn(Event):
    """An observation was recorded by mistake: it stays, and counts no longer."""

    type = "practice_observation.withdrawn"


class ObservationExemptionGranted(Event):
    """No observations are asked of a worker for some time."""

    type = "observation_exemption.granted"

    worker: str


class ObservationExemptionEnded(Event):
    """The last day of an exemption was settled."""

    type = "observation_exemption.ended"

    worker: str


class LearningHighlightRecorded(Event):
    """A team's managers said what it learned in a quarter (R4.6.3)."""

    type = "learning_highlight.recorded"
    sent = True

    team: str
    quarter: str
    routed_to: str


class LearningHighlightAnswered(Event):
    """Those whom a learning highlight was routed to said what was done."""

    type = "learning_highlight.answered"
    sent = True

    team: str
    quarter: str
