"""Where what an event is about can be read: by which statement's lock, at which address of ours.

A subject's own address names the child as its case system does, so it has no place here: whoever is
concerned is told to look at their list again, and not at what.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func

from qa_api.actions import queries as actions
from qa_api.audits import queries as audits
from qa_api.auth.roles import Permission
from qa_api.board import queries as board
from qa_api.closure_gates import queries as closure_gates
from qa_api.comments import queries as comments
from qa_api.escalations import queries as escalations
from qa_api.hand_overs import queries as hand_overs
from qa_api.models.actions import RestorativeAction
from qa_api.models.audits import Audit
from qa_api.models.board import BoardReport, QaUpdate
from qa_api.models.closures import ClosureGate
from qa_api.models.comments import Comment
from qa_api.models.escalations import Escalation
from qa_api.models.hand_overs import HandOver
from qa_api.models.moderation import LearningAction, ModerationOutcome, ModerationSample
from qa_api.models.notifications import Notification
from qa_api.models.observations import LearningHighlight, PracticeObservation
from qa_api.models.responses import AuditResponse
from qa_api.moderation import queries as moderation
from qa_api.notifications import queries as notifications
from qa_api.observations import queries as observations
from qa_api.reads.shapes import Predicate
from qa_api.responses import queries as responses
from qa_api.rules.unchanging import Unchanging


def _path_of_outcome(row: Any) -> ColumnElement[str]:
    return func.concat(
        "/v1/moderation-samples/",
        cast(row.sample_id, Text),
        "/outcomes/",
        cast(row.audit_id, Text),
    )


class Place(Unchanging, eq=False):
    """A collection of records that events are about."""

    collection: str
    entity: Any
    visible: Predicate
    permission: Permission
    """What it takes to read one of them."""
    audit: str | None = None
    """The attribute that holds the id of the audit that a record belongs to."""
    reference: str = "about"
    """What of an event names the record: `about`, or a reference in its data."""
    path: Callable[[Any], ColumnElement[str]] | None = None
    """The address of a record; its collection and its id where none is given."""

    def address(self, row: Any) -> ColumnElement[str]:
        """Where a record is read, by ids of ours."""
        if self.path is not None:
            return self.path(row)
        return func.concat(f"/v1/{self.collection}/", cast(row.id, Text))


AUDITS: Final = Place("audits", Audit, audits.visible_to, Permission.AUDIT_READ, "id")
_SAVED_BESIDE: Final = Place(
    "audits", Audit, audits.content_visible_to, Permission.AUDIT_READ, "id"
)
"""What leaves the audit itself alone changes it for nobody but whoever reads what it says."""
_OF_AUDIT: Final = Place(
    "audits", Audit, audits.visible_to, Permission.AUDIT_READ, "id", "audit_id"
)

PLACES: Final[Mapping[str, Place]] = {
    "audit": AUDITS,
    "audit.answer_recorded": _SAVED_BESIDE,
    "audit.urgent_finding_raised": _SAVED_BESIDE,
    "audit.response_required": _OF_AUDIT,
    "audit.information_only": _OF_AUDIT,
    "response": Place(
        "audit-responses",
        AuditResponse,
        responses.visible_to,
        Permission.RESPONSE_READ,
        "audit_id",
    ),
    "notification": Place(
        "notifications",
        Notification,
        notifications.visible_to,
        Permission.NOTIFICATION_READ,
        "audit_id",
    ),
    "action": Place(
        "restorative-actions",
        RestorativeAction,
        actions.visible_to,
        Permission.ACTION_READ,
        "audit_id",
    ),
    "escalation": Place(
        "escalations",
        Escalation,
        escalations.visible_to,
        Permission.ESCALATION_READ,
        "audit_id",
    ),
    "closure_gate": Place(
        "closure-gates", ClosureGate, closure_gates.visible_to, Permission.GATE_READ
    ),
    "comment": Place("comments", Comment, comments.visible_to, Permission.COMMENT_READ, "audit_id"),
    "moderation_sample": Place(
        "moderation-samples",
        ModerationSample,
        moderation.sample_visible_to,
        Permission.MODERATION_READ,
    ),
    "moderation_outcome": Place(
        "moderation-outcomes",
        ModerationOutcome,
        moderation.outcome_visible_to,
        Permission.MODERATION_READ,
        "audit_id",
        path=_path_of_outcome,
    ),
    "learning_action": Place(
        "learning-actions",
        LearningAction,
        moderation.learning_visible_to,
        Permission.LEARNING_ACTION_READ,
    ),
    "practice_observation": Place(
        "practice-observations",
        PracticeObservation,
        observations.visible_to,
        Permission.OBSERVATION_READ,
    ),
    "learning_highlight": Place(
        "learning-highlights",
        LearningHighlight,
        observations.highlight_visible_to,
        Permission.HIGHLIGHT_READ,
    ),
    "qa_update": Place("qa-updates", QaUpdate, board.update_visible_to, Permission.QA_UPDATE_READ),
    "hand_over": Place("hand-overs", HandOver, hand_overs.visible_to, Permission.HAND_OVER_READ),
    "board_report": Place(
        "board-reports", BoardReport, board.report_visible_to, Permission.BOARD_REPORT_READ
    ),
}
"""By the type of an event, or what its type begins with."""

DRAFTED: Final = frozenset(
    {
        "audit.answer_recorded",
        "audit.domain_judged",
        "audit.family_contact_recorded",
        "audit.worker_view_recorded",
        "audit.action_added",
        "audit.action_corrected",
        "audit.action_taken_out",
    }
)
"""What is written in a draft: it changes nobody's list of work."""

UNSAID: Final = DRAFTED | {
    "audit.edited",
    "audit.error_reported",
    "audit.error_withdrawn",
    "audit.urgent_finding_raised",
}
"""What an audit's version tells whoever sees the audit, and its content not all of them."""

QUIET: Final = DRAFTED | {
    "case_event.received",
    "command.run",
    "comment.released",
    "escalation.notified",
    "legal_hold.placed",
    "legal_hold.lifted",
    "record.redacted",
    "record.redaction_lifted",
    "retention.content_removed",
    "subject.registered",
    "subject.edited",
    "webhook_delivery.hastened",
    "webhook_delivery.replayed",
    "webhook_endpoint.replayed",
    "webhook_endpoint.test",
}
"""What changes nobody's list of work: drafts that are written, and what the service keeps."""

FOLLOWS_FROM_JUDGEMENT: Final = frozenset({"audit.closed"})
"""What comes about or not by what an auditor judged: no news to whom that is sealed from."""

TAKEN_AWAY: Final = frozenset(
    {
        "action.cancelled",
        "action.reassigned",
        "audit.assigned",
        "audit.cancelled",
        "audit.edited",
        "audit.recorded_in_error",
        "escalation.readdressed",
        "moderation_outcome.assigned",
        "moderation_sample.closed",
        "response.accepted",
        "response.handed_over",
        "response.review_handed_on",
    }
)
"""What may take something from somebody's list that they can see no longer."""


def place_of(event_type: str) -> Place | None:
    """Where what an event of this type is about can be read; None where there is no such place."""
    return PLACES.get(event_type) or PLACES.get(event_type.partition(".")[0])


def record_of(place: Place, about: UUID, data: Mapping[str, Any]) -> UUID:
    """The record at that place."""
    return about if place.reference == "about" else UUID(data[place.reference])


def kind_of(event_type: str) -> str:
    """What a listener is told of: the event's type, where that says no more than its record."""
    return "audit.changed" if event_type in UNSAID else event_type
