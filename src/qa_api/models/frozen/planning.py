"""What never changes of plans: once published, exempted or drawn."""

from typing import Final

from qa_api.models.frozen.entries import Frozen

_AS_PUBLISHED: Final = "a published plan stands; a later version supersedes it"

PLANNING: Final = (
    Frozen(
        "quarter_plans",
        "plan",
        "quarter number audit_type drafted_at published_at",
        _AS_PUBLISHED,
        since="OLD.state <> 'draft'",
    ),
    Frozen(
        "plan_exemptions",
        "exemption",
        "plan_id team auditor reason decided_by decided_at",
        "an exemption stands as it was decided",
    ),
    Frozen(
        "plan_case_lists",
        "list",
        "plan_id team theme system method seed caseload_id population population_hash chosen"
        " explanation policy_version posted_at",
        "a list stands as it was posted and drawn",
    ),
)
