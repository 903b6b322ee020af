"""What goes into and comes out of the notification routes."""

from pydantic import ConfigDict

from qa_api.rules.notifications import NotificationKind, UndeliverableReason
from qa_api.rules.states import NotificationState
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    AboutSubject,
    Choice,
    Code,
    Few,
    Input,
    Instant,
    Key,
    Output,
    QueryFlag,
    ShortText,
    StaffReference,
    Uuid,
    Version,
)
from qa_api.values.pages import ChangesQuery


class NotificationRow(Output):
    """A notification in a list."""

    id: Uuid
    kind: NotificationKind
    state: NotificationState
    audit_id: Uuid
    subject: SubjectOut | None
    team: Code | None
    worker: Code | None
    team_reference: StaffReference | None
    """What the subject's case system calls the team; null where that is not known."""
    worker_reference: StaffReference | None
    """What the subject's case system calls the worker; null where that is not known."""
    queued_at: Instant
    queued_until: Instant | None
    """If it is still queued after this instant, the team manager and Q&S are told."""
    overdue: bool
    calendar_unknown: bool
    """`queued_until` lies past the end of the working calendar: it is null, the explanation says
    so, and it is counted when the calendar reaches further."""
    notified_at: Instant | None
    undeliverable_reason: UndeliverableReason | None
    """Why it could not be delivered. Kept after delivery by hand: it says why that was needed."""
    restricted: bool
    changed_at: Instant
    version: Version


class NotificationOut(NotificationRow):
    """One notification, and why it is expected by when it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0199d1f0-7c1b-7000-8000-0000000000c1",
                    "kind": "response_required",
                    "state": "undeliverable",
                    "audit_id": "0199d1f0-7c1b-7000-8000-0000000000b1",
                    "subject": {
                        "id": "0199d1f0-7c1b-7000-8000-0000000000a1",
                        "kind": "child",
                        "system": "mosaic",
                        "ref": "C-1001",
                    },
                    "team": "lincoln-fast",
                    "worker": "sw1-lincoln-fast",
                    "team_reference": "Lincoln FAST",
                    "worker_reference": "SmithJ",
                    "queued_at": "2026-11-23T09:30:00Z",
                    "queued_until": "2026-11-24T00:00:00Z",
                    "overdue": False,
                    "calendar_unknown": False,
                    "notified_at": None,
                    "undeliverable_reason": "refused",
                    "restricted": False,
                    "changed_at": "2026-11-23T10:00:00Z",
                    "version": 2,
                    "event_id": "0199d1f0-7c1b-7000-8000-0000000000d1",
                    "delivered_by": None,
                    "delivered_how": None,
                    "explanation": {
                        "rule": "queued_notification_due",
                        "clause": "§4.2, R4.2.8",
                        "policy_version": 1,
                        "calendar_version": 1,
                        "steps": [{"date": "2026-11-23", "counted": False, "reason": "Day 0"}],
                        "facts": {"counted_from": "2026-11-23", "working_days": 0},
                    },
                    "allowed_actions": ["record_delivery"],
                }
            ]
        }
    )

    event_id: Uuid | None
    """The `webhook-id` of the message that notifies the worker; null where none was sent."""
    delivered_by: Code | None
    delivered_how: ShortText | None
    """How the worker was told by hand, in words. Withheld from case systems, as all free text
    is."""
    explanation: ExplanationOut
    allowed_actions: Few[Key]


class NotificationQuery(ChangesQuery):
    """The filters of the list of notifications."""

    state: Choice[NotificationState] | None = None
    """Only in this state."""
    kind: Choice[NotificationKind] | None = None
    """Only of this kind."""
    team: Code | None = None
    """Only of this team, by code."""
    service: Code | None = None
    """Only of teams that belong to this service today, by code."""
    worker: Code | None = None
    """Only where this worker holds the case, by code."""
    subject: AboutSubject | None = None
    """Only about this subject: our id, or `system/ref`, like `mosaic/C-88121`."""
    audit: Uuid | None = None
    """Only of this audit."""
    overdue: QueryFlag | None = None
    """`true`: only what is overdue today; `false`: only what is not."""
    calendar_unknown: QueryFlag | None = None
    """`true`: only what has a date past the calendar's end; `false`: the rest."""


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
