"""Where a receiver of an event can read the record that it is about."""

from collections.abc import Mapping
from typing import Any, Final

PLACES: Final[Mapping[str, tuple[str, str]]] = {
    "audit.": ("audits", "about"),
    "audit.response_required": ("audits", "audit_id"),
    "audit.information_only": ("audits", "audit_id"),
    "response.": ("audit-responses", "about"),
    "notification.": ("audits", "audit_id"),
    "escalation.": ("escalations", "about"),
    "closure_gate.": ("closure-gates", "about"),
    "comment.": ("comments", "about"),
    "moderation_sample.": ("moderation-samples", "about"),
    "practice_observation.": ("practice-observations", "about"),
    "learning_highlight.": ("learning-highlights", "about"),
    "webhook_endpoint.": ("webhook-endpoints", "about"),
}
"""The collection of the record and the reference that names it, by event type or its beginning."""


def url_of(base_url: str, event_type: str, references: Mapping[str, Any]) -> str:
    """The address of the record that an event is about."""
    family = event_type.partition(".")[0] + "."
    collection, reference = PLACES.get(event_type) or PLACES[family]
    return f"{base_url}/v1/{collection}/{references[reference]}"
