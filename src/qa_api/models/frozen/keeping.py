"""What stands of redactions, holds, looks and deliveries."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Frozen

_LIFTED_LATER: Final = "what is placed is lifted afterwards, and says why"
_LIFTED: Final = "that it was lifted, by whom and why, stands"

KEEPING: Final[tuple[Frozen | Begun, ...]] = (
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
    Begun(
        "board_decisions",
        "words",
        "a decision says what was decided",
        not_as=r"NEW.decision !~ '\S'",
    ),
)
