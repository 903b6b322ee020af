"""Reading the catalogue: all who may read it see all of it."""

from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.dialects.postgresql import JSON

from qa_api.auth.actor import Me
from qa_api.auth.reach import allowed_actions
from qa_api.catalogue.schemas import (
    AuditTypeOut,
    DomainOut,
    QuestionOut,
    ScaleOut,
    ToolOut,
    ToolRow,
)
from qa_api.models.aliases import aliased
from qa_api.models.catalogue import (
    AuditTool,
    AuditType,
    JudgementScale,
    ToolDomain,
    ToolQuestion,
)
from qa_api.models.inner import value_of
from qa_api.reads.documents import Document
from qa_api.reads.filters import equals, flag
from qa_api.reads.listings import Listing
from qa_api.reads.shapes import Expression, Shape
from qa_api.rules.states import ToolState


def _everyone(_: Any, __: Me) -> ColumnElement[bool]:
    return true()


def _published_tool(row: Any, _: Me) -> ColumnElement[Any]:
    tool = aliased(AuditTool)
    found = select(tool.id).where(tool.code == row.tool_code, tool.state == ToolState.PUBLISHED)
    return value_of(tool, found)


_AUDIT_TYPE = Shape(AuditTypeOut, AuditType, {"published_tool_id": _published_tool})

AUDIT_TYPE = Document(_AUDIT_TYPE, _everyone, key=("code",))

AUDIT_TYPES = Listing(
    name="audit-types",
    shape=_AUDIT_TYPE,
    visible=_everyone,
    filters={"active": flag(lambda row, _: row.active)},
    order=(lambda row, _: row.code,),
    descending=False,
)
"""By code."""


def _scale(row: Any, _: Me) -> ColumnElement[Any]:
    return func.json_build_object("code", row.scale_code, "number", row.scale_number, type_=JSON)


_TOOL_ROW: dict[str, Expression] = {"scale": _scale}
# What was left blank is kept as no words, and shown as none.
_GUIDANCE: dict[str, Expression] = {"guidance": lambda row, _: func.nullif(row.guidance, "")}

AUDIT_TOOL = Document(
    Shape(
        ToolOut,
        AuditTool,
        {
            **_TOOL_ROW,
            "domains": Shape(
                DomainOut,
                ToolDomain,
                {**_GUIDANCE, "questions": Shape(QuestionOut, ToolQuestion, _GUIDANCE)},
            ),
            "allowed_actions": lambda row, me: allowed_actions(row, me.roles),
        },
    ),
    _everyone,
)

AUDIT_TOOLS = Listing(
    name="audit-tools",
    shape=Shape(ToolRow, AuditTool, _TOOL_ROW),
    visible=_everyone,
    filters={
        "code": equals("code"),
        "state": equals("state"),
    },
    order=(lambda row, _: row.code, lambda row, _: row.number),
    descending=False,
)
"""By code, then by number."""

_SCALE = Shape(ScaleOut, JudgementScale)

SCALE = Document(_SCALE, _everyone, key=("code", "number"), version=None)

SCALES = Listing(
    name="judgement-scales",
    shape=_SCALE,
    visible=_everyone,
    filters={"code": equals("code")},
    order=(lambda row, _: row.code, lambda row, _: row.number),
    descending=False,
)
"""By code, then by number."""
