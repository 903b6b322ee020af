"""What never changes of tools and scales."""

from typing import Final

from qa_api.models.frozen.entries import Frozen

CATALOGUE: Final = (
    Frozen(
        "audit_tools",
        "tool",
        "code number name scale_code scale_number published_at",
        "a published tool stands; a later number takes its place",
        since="OLD.state <> 'draft'",
    ),
    Frozen("judgement_scales", "scale", "code number name", "a scale never changes"),
    Frozen(
        "scale_points",
        "scale",
        "scale_code scale_number code label position escalates",
        "a scale never changes",
    ),
)
