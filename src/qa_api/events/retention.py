"""The events of legal holds and of retention runs (X4)."""

from uuid import UUID

from qa_api.events.event import Event


class LegalHoldPlaced(Event):
    """From now on nothing goes of what a hold is over."""

    type = "legal_hold.placed"

    record_class: str | None


class LegalHoldLifted(Event):
    """A hold stands no longer."""

    type = "legal_hold.lifted"

    record_class: str | None


class RetentionRunMoved(Event):
    """A run was proposed, approved, cancelled or executed; the hash names its items."""

    type = "retention_run.moved"

    state: str
    items_hash: str


class ContentRemoved(Event):
    """The content of a record was removed, as two people agreed; what happened stays on record."""

    type = "retention.content_removed"

    run_id: UUID
    record_class: str
    policy_version: int
    lines: int = 0
    """How many sealed lines of the access log went."""
    places: str | None = None
    """A hash of where they stood, so that no others can be put down to this removal."""
