"""The events of the conversation on the record (X8). What was said is in none of them."""

from uuid import UUID

from qa_api.events.event import Event


class CommentAdded(Event):
    """Somebody commented on an audit or on what follows from it, or replied to a comment."""

    type = "comment.added"
    sent = True

    audit_id: UUID | None


class CommentResolved(Event):
    """A conversation about an audit or what follows from it was resolved."""

    type = "comment.resolved"
    sent = True

    audit_id: UUID | None


class CommentReleased(Event):
    """A comment was released to the subject's record."""

    type = "comment.released"
