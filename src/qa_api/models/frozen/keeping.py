"""What stands of redactions, holds, looks, deliveries and what was told."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Closed, Frozen

_LIFTED_LATER: Final = "what is placed is lifted afterwards, and says why"
_LIFTED: Final = "that it was lifted, by whom and why, stands"

KEEPING: Final[tuple[Frozen | Begun | Closed, ...]] = (
    Frozen(
        "redactions",
        "redaction",
        "audit_id path reason redacted_by redacted_at",
        "what was redacted, by whom and why, stands",
    ),
    Frozen(
        "legal_holds",
        "hold",
        "subject_id record_class reason placed_at placed_by",
        "a hold stands as it was placed",
    ),
    *(
        entry
        for table in ("redactions", "legal_holds")
        for entry in (
            Frozen(
                table,
                "lift",
                "lifted_at lifted_by lift_reason",
                _LIFTED,
                since="OLD.lifted_at IS NOT NULL",
            ),
            Begun(table, "lift", _LIFTED_LATER, "lifted_at lifted_by lift_reason"),
        )
    ),
    Frozen(
        "unusual_reads",
        "look",
        "looked_into_at looked_into_by outcome",
        "that somebody looked into it, and what they found, stands",
        since="OLD.looked_into_at IS NOT NULL",
    ),
    Begun(
        "unusual_reads",
        "look",
        "what is unusual is looked into after it was found",
        "looked_into_at looked_into_by outcome",
    ),
    Frozen(
        "delivery_attempts",
        "attempt",
        "delivery_id number at status failure",
        "an attempt stands as it went",
    ),
    Frozen(
        "webhook_endpoints",
        "deletion",
        "system url event_types secrets disabled_at deleted_at",
        "a webhook endpoint that was deleted stays so",
        since="OLD.deleted_at IS NOT NULL",
    ),
    Begun(
        "webhook_endpoints",
        "deletion",
        "a webhook endpoint is registered before it is deleted",
        "deleted_at",
    ),
    Frozen(
        "deliveries",
        "message",
        "event_id endpoint_id lane case_key",
        "a delivery is of one message about one case, for one receiver",
    ),
    Closed(
        "deliveries",
        "receiver",
        "a case system is sent what is about its own subjects alone",
        "EXISTS (SELECT FROM webhook_endpoints w JOIN events e ON e.id = OLD.event_id"
        " LEFT JOIN subjects s ON s.id = e.subject_id WHERE w.id = OLD.endpoint_id"
        " AND (w.system IS NULL OR w.system = s.system OR e.type = 'webhook_endpoint.test'))",
    ),
    Frozen(
        "deliveries",
        "arrival",
        "delivered_at",
        "when a message was delivered stands",
        since="OLD.delivered_at IS NOT NULL",
    ),
    Frozen(
        "alerts",
        "address",
        "kind about_id occasion recipient_role recipient at",
        "what was told whom, and when, stands",
    ),
    Frozen(
        "alerts",
        "seeing",
        "seen_at",
        "when somebody saw what they were told stands",
        since="OLD.seen_at IS NOT NULL",
    ),
    Frozen(
        "alerts",
        "end",
        "over_at",
        "that what was told is over stands",
        since="OLD.over_at IS NOT NULL",
    ),
    Begun("alerts", "seeing", "somebody is told before they see it", "seen_at over_at"),
    Frozen(
        "days_of_reads",
        "day",
        "day listed",
        "a day whose reads are looked through stays so",
    ),
    Frozen(
        "days_of_reads",
        "looking",
        "looked_through_at",
        "when the reads of a day were looked through stands",
        since="OLD.looked_through_at IS NOT NULL",
    ),
    Begun(
        "days_of_reads",
        "looking",
        "the reads of a day are looked through once it waits for that",
        "looked_through_at",
    ),
    Begun(
        "days_of_reads",
        "order",
        "no day of reads is passed over, nor left out of the list once there is one",
        not_as="true",
        witness="NOT EXISTS (SELECT FROM days_of_reads d) OR"
        " NEW.day <= (SELECT max(d.day) + 1 FROM days_of_reads d)"
        " AND (NEW.listed OR NOT EXISTS (SELECT FROM days_of_reads d WHERE d.listed))",
    ),
)
