"""What goes into and comes out of the notification routes."""

from pydantic import ConfigDict

from qa_api.audits.schemas import SubjectOut
from qa_api.http.explanations import ExplanationOut
from qa_api.http.fields import (
    Choice,
    Code,
    Few,
    Input,
    Instant,
    Key,
    Output,
    QueryFlag,
    ShortText,
    Uuid,
    Version,
)
from qa_api.http.reading import PageQuery
from qa_api.rules.notifications import NotificationKind, UndeliverableReason
from qa_api.rules.transitions import NotificationState


class NotificationRow(Output):
    """A notification in a list."""

    id: Uuid
    kind: NotificationKind
    state: NotificationState
    audit_id: Uuid
    subject: SubjectOut | None
    team: Code | None
    worker: Code | None
    queued_at: Instant
    queued_until: Instant
    """Queued past this instant, the team manager and Q&S are told."""
    overdue: bool
    notified_at: Instant | None
    undeliverable_reason: UndeliverableReason | None
    """Kept after delivery by hand: it says why that was needed."""
    restricted: bool
    version: Version


class NotificationOut(NotificationRow):
    """One notification, and why it is expected by when it is."""

    event_id: Uuid | None
    """The `webhook-id` of the message that notifies the worker; null where none was sent."""
    delivered_by: Code | None
    delivered_how: ShortText | None
    """Withheld from case systems, as all free text is."""
    explanation: ExplanationOut
    allowed_actions: Few[Key]


class NotificationQuery(PageQuery):
    """The filters of the list of notifications."""

    state: Choice[NotificationState] | None = None
    kind: Choice[NotificationKind] | None = None
    team: Code | None = None
    service: Code | None = None
    worker: Code | None = None
    subject: Uuid | None = None
    audit: Uuid | None = None
    overdue: QueryFlag | None = None


class DeliveryByHand(Input):
    """The worker was told by a person: who told them, how, and when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"by": "tm-lincoln-fast", "how": "By telephone", "at": "2026-11-23T10:30:00Z"}
            ]
        }
    )

    by: Code
    how: ShortText
    at: Instant
