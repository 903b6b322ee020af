"""What never changes of tools and scales."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Frozen
from qa_api.models.frozen.reach import told

_TYPE_TOLD: Final = "what is audited by whom changes by a change of the audit type that is told"
_TOOL_TOLD: Final = "which tool is asked, and so which judgements escalate, changes as is told"
_SCALE_TOLD: Final = "a scale, and so which judgements escalate, is made as is told"

CATALOGUE: Final[tuple[Frozen | Begun, ...]] = (
    Frozen(
        "audit_tools",
        "tool",
        "code number name scale_code scale_number overall published_at",
        "a published tool stands; a later number takes its place",
        since="OLD.state <> 'draft'",
    ),
    Frozen(
        "audit_tools",
        "end",
        "retired_at",
        "when a tool was retired stands",
        since="OLD.retired_at IS NOT NULL",
    ),
    Frozen(
        "audit_tools",
        "telling",
        "state retired_at",
        _TOOL_TOLD,
        witness=told("'audit_tool'", "{row}.code", "NEW"),
        at_commit=True,
    ),
    Frozen("audit_types", "code", "code", "an audit type keeps its code"),
    Frozen(
        "audit_types",
        "telling",
        "name clause subject_kind owner cadence interval_months tool_code may_audit may_start"
        " start_teams notes_paper_records active",
        _TYPE_TOLD,
        witness=told("'audit_type'", "{row}.code", "NEW"),
        at_commit=True,
    ),
    Begun(
        "audit_types",
        "telling",
        _TYPE_TOLD,
        not_as="true",
        witness=told("'audit_type'", "{row}.code", "NEW"),
        at_commit=True,
    ),
    Begun(
        "judgement_scales",
        "telling",
        _SCALE_TOLD,
        not_as="true",
        witness=told("'judgement_scale'", "{row}.code || '/' || {row}.number", "NEW"),
        at_commit=True,
    ),
    Frozen("judgement_scales", "scale", "code number name", "a scale never changes"),
    Frozen(
        "scale_points",
        "scale",
        "scale_code scale_number code label position escalates",
        "a scale never changes",
    ),
)
