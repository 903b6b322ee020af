"""What is restricted stays so, and who was let in to it (X3)."""

from collections.abc import Mapping
from typing import Final

from qa_api.models.frozen.entries import Begun, Closed, Frozen

ABOUT_SUBJECTS: Final = (
    "action_date_changes",
    "alerts",
    "audit_answers",
    "audit_responses",
    "audit_revisions",
    "audits",
    "closure_gates",
    "comments",
    "domain_judgements",
    "escalation_recipients",
    "escalations",
    "family_contact_attempts",
    "family_contacts",
    "learning_actions",
    "moderated_domains",
    "moderation_members",
    "moderation_outcomes",
    "notifications",
    "own_views",
    "panel_date_changes",
    "redactions",
    "response_items",
    "response_rounds",
    "restorative_actions",
    "urgent_findings",
    "worker_views",
)
"""Every table with rows about a subject; a test holds the list to the schema."""

PARENTS: Final[Mapping[str, tuple[str, str]]] = {
    "action_date_changes": ("restorative_actions", "action_id"),
    "audit_answers": ("audits", "audit_id"),
    "audit_responses": ("audits", "audit_id"),
    "audit_revisions": ("audits", "audit_id"),
    "comments": ("audits", "audit_id"),
    "domain_judgements": ("audits", "audit_id"),
    "escalation_recipients": ("escalations", "escalation_id"),
    "escalations": ("audits", "audit_id"),
    "family_contact_attempts": ("audits", "audit_id"),
    "family_contacts": ("audits", "audit_id"),
    "learning_actions": ("moderation_outcomes", "outcome_id"),
    "moderated_domains": ("audits", "audit_id"),
    "moderation_members": ("audits", "audit_id"),
    "moderation_outcomes": ("audits", "audit_id"),
    "notifications": ("audits", "audit_id"),
    "own_views": ("audits", "audit_id"),
    "redactions": ("audits", "audit_id"),
    "response_items": ("restorative_actions", "action_id"),
    "response_rounds": ("audit_responses", "response_id"),
    "restorative_actions": ("audits", "audit_id"),
    "urgent_findings": ("audits", "audit_id"),
    "worker_views": ("audits", "audit_id"),
}
"""Of a table with rows about a subject: what each row belongs to, and by which column it says so.

The others belong to nothing but their subject.
"""


def _as_its_subject(table: str) -> str:
    """SQL: a row is about the one that it belongs to, and restricted where that one is."""
    restricted = (
        "OLD.restricted OR NOT EXISTS"
        " (SELECT FROM subjects s WHERE s.id = OLD.subject_id AND s.restricted)"
    )
    if table not in PARENTS:
        return f"({restricted})"
    parent, column = PARENTS[table]
    belongs = (
        f"EXISTS (SELECT FROM {parent} p WHERE p.id = OLD.{column}"  # noqa: S608 - of this table
        " AND p.subject_id IS NOT DISTINCT FROM OLD.subject_id)"
    )
    return f"({restricted}) AND (OLD.{column} IS NULL OR {belongs})"


RESTRICTIONS: Final[tuple[Frozen | Begun | Closed, ...]] = (
    *(
        Frozen(
            table,
            "restriction",
            "restricted",
            "what is about a restricted subject is restricted",
            since="OLD.restricted AND NOT NEW.restricted",
            witness="NOT EXISTS"
            " (SELECT FROM subjects s WHERE s.id = NEW.subject_id AND s.restricted)",
            shared=True,
        )
        for table in ABOUT_SUBJECTS
    ),
    *(
        Closed(
            table,
            "subject",
            "what is added is about the subject of what it belongs to, and as restricted",
            _as_its_subject(table),
        )
        for table in ABOUT_SUBJECTS
    ),
    Frozen(
        "restriction_grants",
        "grant",
        "subject_id principal_id reason granted_by granted_at",
        "leave to see a restricted record is given anew, never changed",
    ),
    Frozen(
        "restriction_grants",
        "end",
        "expires_at",
        "leave to see a restricted record ends as was said, or sooner",
        unless="NEW.expires_at <= OLD.expires_at",
    ),
    Begun(
        "restriction_grants",
        "end",
        "leave to see a restricted record ends after it is given, within ninety days",
        # In hours: a day of the calendar may have more or fewer than twenty-four.
        not_as="NEW.expires_at <= NEW.granted_at"
        " OR NEW.expires_at > NEW.granted_at + interval '2160 hours'",
    ),
    Begun(
        "restriction_grants",
        "by_another",
        "nobody lets themselves in to a restricted record, by whatever account of theirs",
        not_as="true",
        # An account of nobody may be let in, and lets nobody in: who it is cannot be said.
        witness="EXISTS (SELECT FROM principals giver, principals taker"
        " WHERE giver.id = NEW.granted_by AND taker.id = NEW.principal_id"
        " AND giver.worker IS NOT NULL AND giver.worker IS DISTINCT FROM taker.worker)",
    ),
)
