"""What stands of notifications, responses, actions and escalations (§4.2, §4.3)."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Frozen

_AS_SUBMITTED: Final = "what was submitted stands"
_ONLY_LENGTHENED: Final = (
    "a due date stands; a newer calendar alone lengthens it, and the one before is kept"
)


_SUBMITTED: Final = (
    "EXISTS (SELECT FROM events e JOIN response_rounds r ON r.response_id = e.about_id"
    " WHERE r.id = NEW.round_id AND r.submitted_at IS NOT NULL AND r.outcome IS NULL"
    " AND e.type = 'response.submitted' AND e.data ->> 'round' = r.number::text AND {when})"
)
_SUBMITTED_NOW: Final = (
    f"{_SUBMITTED.format(when='qa_written_now(e.xid)')}"
    f" AND NOT {_SUBMITTED.format(when='NOT qa_written_now(e.xid)')}"
)
"""The round is submitted by this transaction, and never was before."""
_RETURNED_BEFORE: Final = (
    "EXISTS (SELECT FROM audit_responses r WHERE r.id = NEW.response_id AND r.state <> 'adequate')"
    " AND (NEW.number = 1 OR EXISTS (SELECT FROM response_rounds b"
    " WHERE b.response_id = NEW.response_id AND b.number = NEW.number - 1"
    " AND b.outcome = 'returned'))"
)


def _only_later(date: str, explanation: str) -> str:
    """A date is moved on, under a newer calendar than it was counted by."""
    return (
        f"NEW.{date} > OLD.{date} AND (NEW.{explanation} ->> 'calendar_version')::int"
        f" > (OLD.{explanation} ->> 'calendar_version')::int"
    )


def _words_stand(explanation: str) -> str:
    """A newer calendar counts anew, or says of a holiday that it is withdrawn; nothing else."""
    before, after = (
        f"({row}.{explanation} #- '{{facts,withdrawn_since}}') - 'steps'" for row in ("OLD", "NEW")
    )
    days_before, days_after = (
        f"jsonb_path_query_array({row}.{explanation}, '$.steps[*].date')" for row in ("OLD", "NEW")
    )
    newer = (
        f"(NEW.{explanation} ->> 'calendar_version')::int"
        f" > (OLD.{explanation} ->> 'calendar_version')::int"
    )
    return f"{newer} OR {before} = {after} AND {days_before} = {days_after}"


RESPONSES: Final[tuple[Frozen | Begun, ...]] = (
    Frozen("audit_responses", "audit", "audit_id", "a response stays with its audit"),
    Frozen(
        "audit_responses",
        "notification",
        "notified_at policy_version",
        "when the worker was notified stands, and the clock that began then",
        since="OLD.notified_at IS NOT NULL",
    ),
    Frozen(
        "audit_responses",
        "due_date",
        "due_on due_on_before",
        _ONLY_LENGTHENED,
        since="OLD.due_on IS NOT NULL",
        unless="NEW.due_on > OLD.due_on AND NEW.calendar_version > OLD.calendar_version"
        " AND NEW.due_on_before = coalesce(OLD.due_on_before, OLD.due_on)",
    ),
    Frozen(
        "audit_responses",
        "submission",
        "first_submitted_at first_submitted_on",
        _AS_SUBMITTED,
        since="OLD.first_submitted_at IS NOT NULL",
    ),
    Frozen(
        "audit_responses",
        "adequacy",
        "adequate_at adequate_submitted_on",
        "a response that was found adequate stays so",
        since="OLD.adequate_at IS NOT NULL",
    ),
    Frozen("response_rounds", "place", "response_id number", "a round stays with its response"),
    Frozen(
        "response_rounds",
        "submission",
        "submitted_at submitted_by on_behalf on_behalf_of",
        _AS_SUBMITTED,
        since="OLD.submitted_at IS NOT NULL",
    ),
    Frozen(
        "response_rounds",
        "review",
        "outcome reasons reviewed_at reviewed_by reviewed_as",
        "the outcome of a review stands; a return opens a further round",
        since="OLD.outcome IS NOT NULL",
    ),
    Frozen(
        "response_rounds",
        "asked",
        "reviewer reviewer_acts_as asked_before",
        "who was asked to review a round stands once it is reviewed",
        since="OLD.outcome IS NOT NULL",
    ),
    *(
        Frozen(
            table,
            explanation,
            explanation,
            "by which words a day was counted stands; a newer calendar alone counts it again",
            since=f"OLD.{over} IS NOT NULL AND OLD.{day} IS NOT NULL",
            unless=_words_stand(explanation),
        )
        for table, over, day, explanation in (
            ("audit_responses", "adequate_at", "due_on", "explanation"),
            ("response_rounds", "outcome", "due_on", "explanation"),
            ("response_rounds", "outcome", "review_due_on", "review_explanation"),
        )
    ),
    Frozen(
        "response_rounds",
        "due_date",
        "due_on",
        _ONLY_LENGTHENED,
        since="OLD.due_on IS NOT NULL",
        unless=_only_later("due_on", "explanation"),
    ),
    Frozen(
        "response_rounds",
        "review_date",
        "review_due_on",
        _ONLY_LENGTHENED,
        since="OLD.review_due_on IS NOT NULL",
        unless=_only_later("review_due_on", "review_explanation"),
    ),
    Frozen(
        "response_items",
        "content",
        "round_id action_id how done_on finish_on reason_not_immediate",
        _AS_SUBMITTED,
    ),
    Begun(
        "response_items",
        "submission",
        "what is answered is answered by a submission",
        not_as="true",
        witness=_SUBMITTED_NOW,
        at_commit=True,
    ),
    Begun(
        "response_rounds",
        "return",
        "a further round follows the return of the one before",
        not_as="true",
        witness=_RETURNED_BEFORE,
        at_commit=True,
    ),
    Frozen(
        "notifications",
        "message",
        "audit_id kind queued_at",
        "a notification is of one audit, and says one thing of it",
    ),
    Frozen(
        "notifications",
        "delivery",
        "notified_at delivered_by delivered_how",
        "when and how the worker was told stands",
        since="OLD.notified_at IS NOT NULL",
    ),
    Frozen(
        "restorative_actions",
        "content",
        "audit_id kind description needed_before_closure set_at",
        "an action stands as it was set by the completion of its audit",
        since="OLD.set_at IS NOT NULL",
    ),
    Frozen(
        "restorative_actions",
        "promise",
        "first_promised_on",
        "the date promised first is kept, wherever it has moved since",
        since="OLD.first_promised_on IS NOT NULL",
    ),
    Frozen(
        "restorative_actions",
        "verification",
        "done_by done_reported_by verified_at verified_by made_a_difference verification_note",
        "what was seen done stands",
        since="OLD.verified_at IS NOT NULL",
    ),
    Frozen(
        "restorative_actions",
        "cancellation",
        "cancelled_at cancel_reason",
        "an action that was cancelled says why",
        since="OLD.cancelled_at IS NOT NULL",
    ),
    Frozen(
        "restorative_actions",
        "end",
        "owner reassigned_at reassigned_by reassigned_because how planned_at missed_on"
        " not_achieved_reason",
        "whose a settled action was, and what was said of it, stands",
        since="OLD.state IN ('verified', 'cancelled')",
    ),
    Frozen(
        "action_date_changes",
        "content",
        "action_id number which was became reason changed_at changed_by",
        "a date that was promised is kept",
    ),
    Frozen(
        "escalations",
        "cause",
        "trigger audit_id finding_id gate_id raised_at policy_version",
        "what was escalated, and when, stands",
    ),
    Frozen(
        "escalations",
        "deadline",
        "acknowledge_by inform_by",
        _ONLY_LENGTHENED,
        since="OLD.acknowledge_by IS NOT NULL AND OLD.inform_by IS NOT NULL",
        unless="NEW.acknowledge_by >= OLD.acknowledge_by AND NEW.inform_by >= OLD.inform_by"
        " AND NEW.calendar_version > OLD.calendar_version",
    ),
    Frozen(
        "escalations",
        "arrival",
        "notified_at",
        "that the message arrived, and when, stands",
        since="OLD.notified_at IS NOT NULL",
    ),
    Frozen(
        "escalations",
        "acknowledgement",
        "acknowledged_at",
        "that it was acknowledged, and when, stands",
        since="OLD.acknowledged_at IS NOT NULL",
    ),
    Frozen(
        "escalations",
        "second_hop",
        "quality_standards_informed_at informed_by actions_to_be_taken",
        "what Quality & Standards were told, when and by whom stands",
        since="OLD.quality_standards_informed_at IS NOT NULL",
    ),
    Frozen(
        "escalations",
        "resolution",
        "resolved_at resolved_by resolution",
        "how an escalation was resolved stands",
        since="OLD.resolved_at IS NOT NULL",
    ),
    Frozen(
        "escalations",
        "dispute",
        "disputed disputed_at disputed_by dispute_reason",
        "a dispute stays beside the escalation",
        since="OLD.disputed",
    ),
    Frozen(
        "escalation_recipients",
        "address",
        "escalation_id recipient acts_as for_team notified_at",
        "who was told, for which team and when stands",
    ),
    Frozen(
        "escalation_recipients",
        "replacement",
        "replaced_at",
        "when another was asked in their place stands",
        since="OLD.replaced_at IS NOT NULL",
    ),
    Frozen(
        "escalation_recipients",
        "acknowledgement",
        "acknowledged_at acknowledged_by acknowledged_as",
        "who acknowledged, and when, stands",
        since="OLD.acknowledged_at IS NOT NULL",
    ),
)
