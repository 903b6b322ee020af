"""What every row of a table says in words, and in what order its instants come: one list of each.

From an entry comes one CHECK of its table, which binds whoever writes. The routes refuse blank text
before; an instant of one row is the service's own, and a step comes after the step that it follows,
but for the minute by which the clocks of two machines may be apart.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import CheckConstraint

from qa_api.models.base import Base

SAID: Final[Mapping[str, str]] = {
    "action_date_changes": "reason",
    "audit_answers": "rationale comment",
    "audit_intervals": "reason ended_reason",
    "audit_responses": "handed_over_because",
    "audits": "cancel_reason conflict_override_reason error_reason",
    "bank_holidays": "title withdrawn_reason",
    "board_decisions": "decision done_how",
    "calendar_versions": "reason",
    "chart_changes": "why withdrawn_reason",
    "comments": "text",
    "closure_gates": "override_reason override_withdrawal_reason reopen_reason",
    "escalations": "actions_to_be_taken dispute_reason resolution",
    "family_contact_attempts": "how",
    "family_contacts": "not_expected_reason",
    "learning_actions": "cancel_reason description how not_achieved_reason verification_note",
    "learning_highlights": "highlight what_was_done",
    "legal_holds": "lift_reason reason",
    "moderated_domains": "auditor_rationale moderated_rationale consensus_rationale",
    "moderation_outcomes": "auditor_rationale consensus_rationale",
    "notifications": "delivered_how",
    "observation_corrections": "reason",
    "observation_exemptions": "reason",
    "own_views": "view",
    "panel_date_changes": "reason",
    "plan_exemptions": "reason",
    "policy_versions": "reason",
    "practice_audit_domains": "rationale",
    "practice_audits": "rationale",
    "practice_cases": "title material",
    "practice_observations": "withdrawn_reason",
    "practice_standard_domains": "rationale",
    "practice_standards": "rationale",
    "qa_update_submissions": "return_reasons",
    "redactions": "lift_reason reason",
    "response_items": "how reason_not_immediate",
    "response_rounds": "reasons",
    "restorative_actions": "cancel_reason description how not_achieved_reason reassigned_because"
    " verification_note",
    "restriction_grants": "reason",
    "retention_runs": "cancel_reason",
    "rights_changes": "reason refusal",
    "unusual_reads": "outcome",
    "worker_views": "view",
}
"""Columns in which somebody says why, how or what: never blank."""

WRITTEN_BY_RULE: Final = frozenset(
    {
        ("case_events", "parked_reason"),
        ("hand_over_items", "stays_because"),
        ("hand_over_items", "unsealed_because"),
        ("hand_overs", "because"),
        ("notifications", "undeliverable_reason"),
        ("plan_teams", "why"),
        ("unusual_reads", "why"),
    }
)
"""Columns that are named so and hold what the service itself writes, by rule."""

IN_ORDER: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "audit_intervals": (("set_at", "ended_at"),),
    "audit_responses": (("first_submitted_at", "adequate_at"),),
    "audit_tools": (("published_at", "retired_at"),),
    "audits": (
        ("planned_at", "started_at"),
        ("planned_at", "cancelled_at"),
        ("started_at", "completed_at"),
        ("completed_at", "closed_at"),
    ),
    "bank_holidays": (("added_version", "withdrawn_version"),),
    "board_decisions": (("recorded_at", "done_at"),),
    "board_receipts": (("disseminated_at", "received_at"),),
    "board_reports": (("drafted_at", "presented_at"),),
    "chart_changes": (("marked_at", "withdrawn_at"),),
    "comments": (("written_at", "resolved_at"), ("written_at", "released_at")),
    "closure_gates": (
        ("override_requested_at", "override_approved_at"),
        ("override_requested_at", "override_withdrawn_at"),
    ),
    "dataset_downloads": (("begun_at", "finished_at"),),
    "escalations": (
        ("raised_at", "acknowledged_at"),
        ("acknowledged_at", "quality_standards_informed_at"),
        ("raised_at", "disputed_at"),
    ),
    "hand_overs": (("proposed_at", "accepted_at"), ("proposed_at", "withdrawn_at")),
    "learning_actions": (("set_at", "verified_at"), ("set_at", "cancelled_at")),
    "learning_highlights": (("recorded_at", "answered_at"),),
    "legal_holds": (("placed_at", "lifted_at"),),
    "moderation_outcomes": (
        ("assigned_at", "moderated_at"),
        ("moderated_at", "consensus_proposed_at"),
        ("consensus_proposed_at", "consensus_agreed_at"),
    ),
    "moderation_samples": (("drawn_at", "closed_at"),),
    "observation_exemptions": (("granted_at", "ended_at"),),
    "practice_observations": (("recorded_at", "withdrawn_at"),),
    "qa_update_submissions": (("submitted_at", "returned_at"),),
    "quarter_plans": (("drafted_at", "published_at"), ("published_at", "superseded_at")),
    "redactions": (("redacted_at", "lifted_at"),),
    "response_rounds": (("submitted_at", "reviewed_at"),),
    "restorative_actions": (("set_at", "verified_at"), ("set_at", "cancelled_at")),
    "retention_runs": (("proposed_at", "approved_at"), ("proposed_at", "cancelled_at")),
    "rights_changes": (("proposed_at", "decided_at"),),
    "scim_groups": (("created_at", "changed_at"), ("created_at", "deleted_at")),
    "scim_users": (
        ("created_at", "changed_at"),
        ("created_at", "ended_at"),
        ("created_at", "deleted_at"),
    ),
}
"""Of each table: an instant, or a version, and one that is not before it."""

_CLOCKS_APART: Final = "interval '1 minute'"
"""What was planned by one machine may be started by another, whose clock is behind."""

IN_NO_ORDER: Final[Mapping[str, str]] = {
    # Case systems tell it, by clocks of their own.
    "case_events": "occurred_at received_at",
    "closure_gates": "changed_at opened_at cleared_at closed_at closing_counts_at reopened_at",
    # Work that began before may find what was written meanwhile: it has the earlier instant.
    "alerts": "at seen_at over_at",
    "deliveries": "due_at leased_until attempted_at failing_since alone_since delivered_at"
    " settled_at",
    "escalations": "changed_at acknowledge_by inform_by notified_at resolved_at",
    "notifications": "changed_at queued_at queued_until notified_at",
    "learning_actions": "changed_at",
    "learning_highlights": "changed_at",
    "moderation_outcomes": "changed_at",
    "practice_observations": "changed_at",
    "retention_runs": "executed_at",
    "webhook_endpoints": "parked_at disabled_at deleted_at",
    "checkpoint_receipts": "at failing_since",
    "calendar_versions": "recorded_at stored_at",
    "comment_addressees": "answered_at",
    # A worker may answer, and a manager acknowledge, before the message arrives.
    "audit_responses": "changed_at notified_at handed_over_at",
    "escalation_recipients": "notified_at replaced_at acknowledged_at",
    # It may be done more than once, and beside the other steps.
    "restorative_actions": "changed_at reassigned_at planned_at",
    # Checked otherwise: an order of its own, or an entry of `frozen/`.
    "audited_closings": "since until",
    "audits": "changed_at changed_before_closing_at recorded_in_error_at",
    "restriction_grants": "granted_at expires_at",
}
"""Instants that follow no other of their row, and why."""


def constraints() -> Iterator[tuple[str, str, str]]:
    """Of each CHECK its table, its short name and its condition, in a lasting order."""
    for table, columns in SAID.items():
        for column in columns.split():
            yield table, f"{column}_said", rf"{column} ~ '\S'"
    for table, pairs in IN_ORDER.items():
        for before, after in pairs:
            apart = f" + {_CLOCKS_APART}" if after.endswith("_at") else ""
            yield table, f"{after}_in_order", f"{before} <= {after}{apart}"


def hold() -> None:
    """Give the tables of the schema these constraints; called once, when all are there."""
    for table, name, condition in constraints():
        held = CheckConstraint(condition, name=name)
        Base.metadata.tables[table].append_constraint(held)
