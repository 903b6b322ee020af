"""The events of unusual reads (X3)."""

from datetime import date

from qa_api.events.event import Event


class UnusualReadLookedInto(Event):
    """Somebody else looked into what was unusual in what somebody read, and said what it was."""

    type = "unusual_read.looked_into"

    rule: str
    day: date
    outcome: str
