"""What never changes of the Board's updates, reports and decisions."""

from typing import Final

from qa_api.models.frozen.entries import Frozen

BOARD: Final = (
    Frozen(
        "qa_updates",
        "quarter",
        "service quarter begun_at begun_by",
        "an update is of one service and one quarter",
    ),
    Frozen(
        "qa_updates",
        "submission",
        "activity learning good_practice changes_made evidence_of_impact risks next_quarter"
        " figures",
        "what was submitted stands until it is returned",
        since="OLD.state = 'submitted'",
    ),
    Frozen(
        "qa_updates",
        "first_submission",
        "first_submitted_on",
        "when an update was first submitted stands",
        since="OLD.first_submitted_on IS NOT NULL",
    ),
    Frozen(
        "board_decisions",
        "decision",
        "report_id decision owner due_on recorded_at recorded_by",
        "a decision stands as the Board took it",
    ),
    Frozen(
        "board_decisions",
        "end",
        "done_at done_by done_how",
        "what was done about a decision stands",
        since="OLD.done_at IS NOT NULL",
    ),
    Frozen(
        "board_receipts",
        "dissemination",
        "report_id recipient disseminated_at disseminated_by",
        "to whom a report went stands",
    ),
    Frozen(
        "board_receipts",
        "receipt",
        "received_at",
        "that a report was received stands",
        since="OLD.received_at IS NOT NULL",
    ),
)
