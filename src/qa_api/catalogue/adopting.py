"""Bringing the catalogue to what an authority's folder says: only what differs is made (X7).

Scales and published tools never change; a folder that says something else makes the next number.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from qa_api.catalogue.audit_types import kept_of, put_audit_type
from qa_api.catalogue.schemas import AuditTypeIn, NewScale, ToolDraft
from qa_api.catalogue.service import (
    create_scale,
    create_tool,
    domain_rows,
    publish_tool,
    published_tool,
    question_rows,
)
from qa_api.models.base import new_id
from qa_api.models.catalogue import (
    AuditTool,
    AuditType,
    JudgementScale,
    ScalePoint,
    ToolDomain,
    ToolQuestion,
)
from qa_api.work import Work


async def adopt_scale(work: Work, given: NewScale) -> bool:
    """Make a scale unless one of its numbers says the same already; says whether it was made."""
    held = await work.session.execute(
        select(
            JudgementScale.number,
            JudgementScale.name,
            ScalePoint.code,
            ScalePoint.label,
            ScalePoint.escalates,
        )
        .join(
            ScalePoint,
            (ScalePoint.scale_code == JudgementScale.code)
            & (ScalePoint.scale_number == JudgementScale.number),
        )
        .where(JudgementScale.code == given.code)
        .order_by(JudgementScale.number, ScalePoint.position)
    )
    numbers: dict[int, list[tuple[Any, ...]]] = {}
    for number, *point in held:
        numbers.setdefault(number, []).append(tuple(point))
    asked = [(given.name, point.code, point.label, point.escalates) for point in given.points]
    if asked in numbers.values():
        return False
    await create_scale(work, given)
    return True


async def adopt_tool(work: Work, draft: ToolDraft) -> bool:
    """Publish a tool unless the published version says the same already; says whether it was."""
    tool = await published_tool(work, draft.code)
    if tool is not None and await _says(work, tool, draft):
        return False
    made = await create_tool(work, new_id(), draft)
    await publish_tool(work, made.id)
    return True


async def adopt_audit_type(work: Work, code: str, given: AuditTypeIn) -> bool:
    """Put an audit type unless it stands like this already; says whether it was put."""
    row = await work.session.scalar(select(AuditType).where(AuditType.code == code))
    if row is not None and all(getattr(row, name) == v for name, v in kept_of(given).items()):
        return False
    await put_audit_type(work, code, given)
    return True


async def _says(work: Work, tool: AuditTool, draft: ToolDraft) -> bool:
    """Does a version of a tool say what a draft says, word for word and in its order?"""
    head = (tool.name, tool.scale_code, tool.scale_number, tool.overall)
    if head != (draft.name, draft.scale.code, draft.scale.number, draft.overall):
        return False
    return await _holds(work, tool.id, ToolDomain, domain_rows(tool.id, draft.domains)) and (
        await _holds(work, tool.id, ToolQuestion, question_rows(tool.id, draft.domains))
    )


async def _holds(
    work: Work,
    tool_id: UUID,
    table: type[ToolDomain | ToolQuestion],
    given: Sequence[dict[str, Any]],
) -> bool:
    held = await work.session.execute(select(table.__table__).where(table.tool_id == tool_id))
    return {_comparable(dict(row)) for row in held.mappings()} == {
        _comparable(row) for row in given
    }


def _comparable(row: dict[str, Any]) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS, default=str)
