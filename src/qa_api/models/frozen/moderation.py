"""What stands of a moderation (R4.5.1, R4.5.3)."""

from typing import Final

from qa_api.models.frozen.entries import Closed, Frozen

_AS_DRAWN: Final = "what was drawn stands, so that anybody can draw it again"
_SAMPLE_OPEN: Final = (
    "EXISTS (SELECT FROM moderation_samples s WHERE s.id = OLD.sample_id AND s.state = 'open')"
)

MODERATION: Final = (
    Frozen(
        "moderation_samples",
        "draw",
        '"group" period starts_on ends_before method seed population_hash policy_version'
        " explanation drawn_at drawn_by",
        _AS_DRAWN,
    ),
    Frozen(
        "moderation_samples",
        "end",
        "closed_at closed_by",
        "a sample that was closed stays so",
        since="OLD.closed_at IS NOT NULL",
    ),
    Frozen(
        "moderation_members",
        "draw",
        "sample_id audit_id audit_type judgement audited_team exclusion stratum drawn",
        _AS_DRAWN,
    ),
    Frozen(
        "moderation_outcomes",
        "auditor",
        "sample_id audit_id position auditor auditor_team audit_type audit_revision completed_on"
        " scale_code scale_number auditor_judgement auditor_rationale",
        "moderation never overwrites what the auditor judged",
    ),
    Frozen(
        "moderation_outcomes",
        "outcome",
        "moderator relation_to_auditor quality analysis themes observations contribution_to_impact"
        " moderated_judgement moderated_rationale action_plan_comments feedback_to_auditor"
        " moderated_at moderated_by",
        "an outcome stands once its sample is closed",
        witness=_SAMPLE_OPEN,
    ),
    Frozen(
        "learning_actions",
        "content",
        "outcome_id description owner set_at set_by",
        "a learning action stands as it was set",
    ),
    Frozen(
        "learning_actions",
        "end",
        "due_on done_on done_by how verified_at verified_by made_a_difference verification_note"
        " not_achieved_reason cancelled_at cancel_reason",
        "what was said of a settled learning action stands",
        since="OLD.state IN ('verified', 'cancelled')",
    ),
    Closed(
        "learning_actions",
        "content",
        "a learning action is set while its sample is open",
        "EXISTS (SELECT FROM moderation_outcomes o JOIN moderation_samples s ON s.id = o.sample_id"
        " WHERE o.id = OLD.outcome_id AND s.state = 'open')",
    ),
)
