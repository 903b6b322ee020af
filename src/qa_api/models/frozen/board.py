"""What never changes of the Board's updates, reports and decisions."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Closed, Frozen, only_lengthened

_SUBMITTED_NOW: Final = (
    "EXISTS (SELECT FROM qa_updates u JOIN events e ON e.about_id = u.id"
    " WHERE u.id = NEW.update_id AND u.state = 'submitted' AND e.xid = (SELECT stamp())"
    " AND e.type = 'qa_update.moved' AND NEW.number = (SELECT count(*)"
    " FROM qa_update_submissions s WHERE s.update_id = NEW.update_id)"
    " AND NEW.figures = u.figures AND NEW.narrative = (SELECT jsonb_object_agg(p.key, p.value)"
    " FROM jsonb_each(to_jsonb(u)) p WHERE p.key = ANY (ARRAY["
    "'activity', 'learning', 'good_practice', 'changes_made', 'evidence_of_impact', 'risks',"
    " 'next_quarter'])))"
)
"""The update is submitted by this transaction, says this, and each submission has its number."""

BOARD: Final[tuple[Frozen | Begun | Closed, ...]] = (
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
        "qa_updates",
        "due_date",
        "due_on",
        "by when an update is due stands; a newer calendar alone lengthens it",
        since="OLD.due_on IS NOT NULL",
        unless=only_lengthened("due_on"),
    ),
    Begun(
        "qa_updates",
        "first_submission",
        "an update is begun before it is submitted",
        "first_submitted_on",
    ),
    Frozen(
        "qa_updates",
        "day_of_submission",
        "first_submitted_on",
        "an update is first submitted on the day that it is in London",
        witness="EXISTS (SELECT FROM qa_update_submissions s"
        " WHERE s.update_id = NEW.id AND s.number = 1"
        " AND NEW.first_submitted_on = (s.submitted_at AT TIME ZONE 'Europe/London')::date)",
        at_commit=True,
    ),
    Frozen(
        "qa_update_submissions",
        "content",
        "update_id number submitted_at submitted_by narrative figures",
        "what was submitted stands, also when it is returned",
    ),
    Frozen(
        "qa_update_submissions",
        "return",
        "returned_at returned_by return_reasons",
        "that a submission was returned, by whom and why, stands",
        since="OLD.returned_at IS NOT NULL",
    ),
    Begun(
        "qa_update_submissions",
        "return",
        "an update is submitted before it is returned",
        "returned_at returned_by return_reasons",
    ),
    Begun(
        "qa_update_submissions",
        "submission",
        "a submission says what its update says, under the next number",
        not_as="true",
        witness=_SUBMITTED_NOW,
        at_commit=True,
    ),
    Frozen(
        "awaited_updates",
        "quarter",
        "service quarter",
        "what is awaited is of one service and one quarter",
    ),
    Closed(
        "awaited_updates",
        "removal",
        "an update is awaited until it is begun",
        "EXISTS (SELECT FROM qa_updates u WHERE (u.service, u.quarter)"
        " = (OLD.service, OLD.quarter))",
        removed=True,
        at_commit=True,
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
        "chart_changes",
        "change",
        "chart month why marked_at marked_by",
        "a change stands as it was marked, also when it is withdrawn",
    ),
    Frozen(
        "chart_changes",
        "withdrawal",
        "withdrawn_at withdrawn_by withdrawn_reason",
        "a change that was withdrawn stays so",
        since="OLD.withdrawn_at IS NOT NULL",
    ),
    Begun(
        "chart_changes",
        "withdrawal",
        "a change is marked before it is withdrawn",
        "withdrawn_at withdrawn_by withdrawn_reason",
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
