"""The events of hand-overs."""

from qa_api.events.event import Event


class WorkHandedOver(Event):
    """Open work of somebody was handed to others, all at once; each thing has its own event too."""

    type = "hand_over.accepted"

    from_worker: str
    to_workers: tuple[str, ...]
    things: int


class HandOverWithdrawn(Event):
    """A proposed hand-over was withdrawn: nothing moved."""

    type = "hand_over.withdrawn"

    from_worker: str
