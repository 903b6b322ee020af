"""What the parameters of paths and queries mean, said once: the same name, the same meaning."""

from typing import Final

_MEANINGS: Final = {
    "action_id": "The restorative action.",
    "alert_id": "The alert.",
    "audit_id": "The audit.",
    "auditor": "Only of this auditor, by worker code.",
    "changed_from": "Only what changed at or after this instant.",
    "changed_to": "Only what changed before this instant.",
    "code": "The code, as the authority chose it.",
    "cursor": "`next_cursor` of the page before, with the same filters.",
    "days": "How many working days.",
    "delivered": "`true`: only what has arrived; `false`: only what has not.",
    "delivery_id": "The delivery.",
    "due": "`true`: only what is due to be tried now; `false`: only what is not.",
    "due_from": "Only what is due on this London date or later.",
    "due_to": "Only what is due before this London date.",
    "endpoint": "Only to this webhook endpoint.",
    "endpoint_id": "The webhook endpoint.",
    "escalation_id": "The escalation.",
    "event_id": "The event, by the id that this service gave it.",
    "event_type": "Only events of this type.",
    "gate_id": "The closure gate.",
    "kind": "Only of this kind.",
    "limit": "How many rows a page holds at most.",
    "notification_id": "The notification.",
    "overdue": "`true`: only what is overdue today; `false`: only what is not.",
    "question_key": "The stable key of the question.",
    "ref": "The subject, as its case system names it.",
    "response_id": "The audit response.",
    "service": "Only of this service, by code.",
    "start": "A date, or an instant with an offset: London decides its date.",
    "state": "Only in this state.",
    "subject": "Only about this subject, by our id.",
    "system": "The case system, by the code it is registered with.",
    "team": "Only of this team, by code.",
    "tool_id": "The audit tool.",
    "type": "Only of this type, by code.",
    "worker": "Only of this worker, by code.",
}


def described(name: str) -> str:
    """The meaning of a parameter that its route does not describe itself; empty if unknown."""
    return _MEANINGS.get(name, "")
