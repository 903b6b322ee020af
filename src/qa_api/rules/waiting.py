"""Everything that can wait for somebody, in one list: so nothing of it is forgotten (X6).

The work list refuses a thing that is not here. A hand-over tells of each thing that somebody is
named for, and `qa-api check` asks of each list here whether what is open in it is in somebody's.
"""

from collections.abc import Mapping
from typing import Final

from qa_api.rules.hand_over import HandedKind

SHARED: Final = None
"""It waits for several, any of whom can do it, and nobody is named for it."""

WAITS: Final[Mapping[tuple[str, str], HandedKind | None]] = {
    ("assign", "audits"): SHARED,
    ("complete", "audits"): HandedKind.AUDIT,
    ("confirm_error", "audits"): SHARED,
    ("respond", "audit-responses"): HandedKind.RESPONSE,
    ("review", "audit-responses"): HandedKind.REVIEW,
    ("notify_by_hand", "notifications"): SHARED,
    ("do", "restorative-actions"): HandedKind.ACTION,
    ("verify", "restorative-actions"): HandedKind.VERIFICATION,
    ("acknowledge", "escalations"): HandedKind.ESCALATION,
    ("inform_quality_standards", "escalations"): HandedKind.ESCALATION,
    ("resolve", "escalations"): SHARED,
    ("approve_override", "closure-gates"): SHARED,
    ("assign_moderator", "moderation-samples"): SHARED,
    ("moderate", "moderation-samples"): HandedKind.MODERATION,
    ("agree", "moderation-samples"): HandedKind.CONSENSUS,
    ("do", "learning-actions"): HandedKind.LEARNING_ACTION,
    ("verify", "learning-actions"): HandedKind.LEARNING_VERIFICATION,
    ("observe", "observation-compliance"): SHARED,
    ("answer", "learning-highlights"): SHARED,
    ("record_highlights", "learning-highlight-returns"): SHARED,
    ("begin", "qa-updates"): HandedKind.QA_UPDATE,
    ("complete", "qa-updates"): HandedKind.QA_UPDATE,
    ("do", "board-decisions"): HandedKind.BOARD_DECISION,
    ("approve_removal", "retention-runs"): SHARED,
    ("confirm_rights", "rights-changes"): SHARED,
    ("look_into", "unusual-reads"): SHARED,
    ("reply", "comments"): HandedKind.COMMENT,
    ("accept_hand_over", "hand-overs"): HandedKind.HAND_OVER,
    ("grant_access", "restriction-grants"): SHARED,
    ("claim_references", "case-system-references"): SHARED,
    ("appoint", "role-assignments"): SHARED,
}
"""By kind of work and the list that a thing stands in: as what a hand-over tells of it."""

ONLY_TOLD: Final = ("told", "me/alerts")
"""What somebody is told and has nothing to do about: no work, so nothing of it is handed over."""

ABOUT_OTHER_WORK: Final = frozenset(
    {"restriction-grants", "case-system-references", "role-assignments"}
)
"""Lists in which nothing waits itself: their entries say why something of another list does."""
