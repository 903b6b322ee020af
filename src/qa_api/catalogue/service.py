"""What happens to audit tools and judgement scales, and what others ask (R4.1.1, R4.1.3)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, select
from sqlalchemy.orm.attributes import flag_modified

from qa_api import problems
from qa_api.catalogue.schemas import (
    DomainIn,
    NewScale,
    QuestionIn,
    ToolContent,
    ToolDraft,
)
from qa_api.changed_rights import Related, reach_changed
from qa_api.events import ConfigurationChanged
from qa_api.models.base import new_id
from qa_api.models.catalogue import (
    AuditTool,
    AuditType,
    JudgementScale,
    ScalePoint,
    ToolDomain,
    ToolQuestion,
)
from qa_api.models.events import LoggedEvent
from qa_api.problems import InputError
from qa_api.rules.escalation import Grade
from qa_api.rules.states import ToolState
from qa_api.rules.tools import Domain, OverallAsked, faults_of_tool
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

REASON: Final = "Changed in the catalogue."
"""Of a change that is told because of whom it reaches (X3)."""


# --- what other domains ask ---


async def audit_type(work: Work, code: str) -> AuditType:
    """The audit type of this code; 404 where there is none."""
    return await work.find(select(AuditType).where(AuditType.code == code))


async def published_tool(work: Work, code: str) -> AuditTool | None:
    """The version of a tool that new audits are asked; None where none is published."""
    tool: AuditTool | None = await work.session.scalar(
        select(AuditTool).where(AuditTool.code == code, AuditTool.state == ToolState.PUBLISHED)
    )
    return tool


async def domains_of_tool(work: Work, tool_id: UUID) -> tuple[Domain, ...]:
    """What one version of a tool asks, in its order (R4.1.1)."""
    return await work.rulebook.domains(work.transaction, tool_id)


async def grades_of_scale(work: Work, code: str, number: int) -> tuple[Grade, ...]:
    """The grades of one number of a scale, best first; none where there is no such scale."""
    return await work.rulebook.grades(work.transaction, code, number)


async def profile_domains(work: Work) -> Mapping[str, str]:
    """The judged domains of tools that require no overall judgement, in their order: titles by key.

    Where several tools have a domain of one key, it has the title that was published last.
    """
    found = await work.session.execute(
        select(ToolDomain.key, ToolDomain.title, ToolDomain.position)
        .join(AuditTool, AuditTool.id == ToolDomain.tool_id)
        .where(
            AuditTool.overall != OverallAsked.REQUIRED,
            AuditTool.state != ToolState.DRAFT,
            ToolDomain.judged,
        )
        .order_by(AuditTool.published_at, AuditTool.code)
    )
    newest = {row.key: row for row in found}
    in_order = sorted(newest.values(), key=lambda row: (row.position, row.key))
    return {row.key: row.title for row in in_order}


async def titles_of_domains(work: Work, keys: Collection[str | None]) -> Mapping[str, str]:
    """What tools call these domains, in their order; the newest version of a tool says it last."""
    domain, tool = ToolDomain, AuditTool
    found = await work.session.execute(
        select(domain.key, domain.title)
        .join(tool, tool.id == domain.tool_id)
        .where(domain.key.in_({key for key in keys if key is not None}))
        .order_by(tool.number, tool.code, domain.position)
    )
    return {row.key: row.title for row in found}


# --- audit tools ---


async def create_tool(work: Work, tool_id: UUID, draft: ToolDraft) -> AuditTool:
    """Begin the next version of a tool, as a draft (R4.1.1)."""
    await _require_scale(work, draft)
    await _take_turn(work, f"audit tool {draft.code}")
    newest = await work.session.scalar(
        select(func.max(AuditTool.number)).where(AuditTool.code == draft.code)
    )
    tool = AuditTool(
        id=tool_id,
        code=draft.code,
        number=(newest or 0) + 1,
        name=draft.name,
        scale_code=draft.scale.code,
        scale_number=draft.scale.number,
        overall=draft.overall,
        state=ToolState.DRAFT,
    )
    work.session.add(tool)
    await work.session.flush()
    await _write_domains(work, tool.id, draft.domains)
    await _record(work, tool)
    return tool


async def _take_turn(work: Work, numbered: str) -> None:
    """Wait until whoever gives the next number of the same thing has committed theirs."""
    turn = func.pg_advisory_xact_lock(func.hashtextextended(numbered, 0))
    await work.session.execute(select(turn))


async def rewrite_tool(
    work: Work, tool_id: UUID, expected: Precondition, content: ToolContent
) -> AuditTool:
    """Replace what a draft says. What is published never changes (R4.1.1)."""
    tool = await _tool_to_change(work, tool_id, "edit", expected)
    await _require_scale(work, content)
    tool.name, tool.overall = content.name, content.overall
    tool.scale_code, tool.scale_number = content.scale.code, content.scale.number
    flag_modified(tool, "name")  # a draft with other questions is another version of it
    await work.session.execute(delete(ToolQuestion).where(ToolQuestion.tool_id == tool.id))
    await work.session.execute(delete(ToolDomain).where(ToolDomain.tool_id == tool.id))
    await _write_domains(work, tool.id, content.domains)
    await _record(work, tool)
    return tool


async def publish_tool(
    work: Work, tool_id: UUID, expected: Precondition | None = None
) -> AuditTool:
    """Publish a sound draft: new audits use it, and the version before is retired."""
    tool = await _tool_to_change(work, tool_id, "publish", expected)
    domains = await domains_of_tool(work, tool.id)
    if faults := faults_of_tool(domains, OverallAsked(tool.overall)):
        raise problems.business_rule(
            "§4.1, R4.1.1",
            "The tool is not ready to be published.",
            [InputError(fault.detail, fault.code, fault.pointer) for fault in faults[:100]],
        )
    before: AuditTool | None = await work.session.scalar(
        select(AuditTool)
        .where(AuditTool.code == tool.code, AuditTool.state == ToolState.PUBLISHED)
        .with_for_update()
    )
    said = await _escalated_by(work, before)
    if before is not None:
        _retire(work, before)
        await work.session.flush()  # at no moment are two of them published
        await _record(work, before)
    tool.state, tool.published_at = ToolState.PUBLISHED, work.now
    await _record(work, tool)
    await _tell_of_reach(work, tool, said, await _escalated_by(work, tool))
    return tool


async def retire_tool(work: Work, tool_id: UUID, expected: Precondition | None = None) -> AuditTool:
    """Retire a version: no new audit uses it. Audits that began with it keep it (R4.1.1)."""
    tool = await _tool_to_change(work, tool_id, "retire", expected)
    in_use = exists().where(AuditType.tool_code == tool.code, AuditType.active)
    if await work.session.scalar(select(in_use)):
        raise problems.business_rule(
            "§4.1, R4.1.1",
            "An active audit type uses this tool. Publish another version, or let the type"
            " use another tool first.",
        )
    said = await _escalated_by(work, tool)
    _retire(work, tool)
    await _record(work, tool)
    await _tell_of_reach(work, tool, said, frozenset())
    return tool


async def _escalated_by(work: Work, tool: AuditTool | None) -> frozenset[Related]:
    """What of a published tool decides who is told: which of its judgements escalate (R4.3.2)."""
    if tool is None or tool.state != ToolState.PUBLISHED:
        return frozenset()
    grades = await grades_of_scale(work, tool.scale_code, tool.scale_number)
    domains = await domains_of_tool(work, tool.id)
    marked = [grade.code for grade in grades if grade.escalates]
    marked += [domain.key for domain in domains if domain.escalates]
    return frozenset(
        {
            Related("published", str(tool.number)),
            Related("overall", tool.overall),
            *(Related("escalates", each) for each in marked),
        }
    )


async def _tell_of_reach(
    work: Work, tool: AuditTool, before: frozenset[Related], after: frozenset[Related]
) -> None:
    await reach_changed(
        work,
        "audit_tool",
        tool.code,
        tool.id,
        before=before,
        after=after,
        reason=REASON,
    )


def _retire(work: Work, tool: AuditTool) -> None:
    tool.state = next_state("audit_tool", tool.state, "retire")
    tool.retired_at = work.now


async def _tool_to_change(
    work: Work, tool_id: UUID, step: str, expected: Precondition | None
) -> AuditTool:
    """The tool, locked, in a state that allows the step."""
    tool = await work.find(select(AuditTool).where(AuditTool.id == tool_id).with_for_update())
    next_state("audit_tool", tool.state, step)
    if expected is not None:
        expected.check(tool.version)
    return tool


async def _require_scale(work: Work, content: ToolContent) -> None:
    scale = content.scale
    if not await grades_of_scale(work, scale.code, scale.number):
        detail = "There is no such judgement scale."
        at = InputError.at(["scale"], "unknown-scale", detail)
        raise problems.business_rule("§4.1, R4.1.3", detail, [at])


async def _write_domains(work: Work, tool_id: UUID, domains: Sequence[DomainIn]) -> None:
    _refuse_repeated_keys(domains)
    if domains:
        await work.session.execute(insert(ToolDomain), domain_rows(tool_id, domains))
    if questions := question_rows(tool_id, domains):
        await work.session.execute(insert(ToolQuestion), questions)


def domain_rows(tool_id: UUID, domains: Sequence[DomainIn]) -> list[dict[str, Any]]:
    """The domains of a draft as they are kept, in their order."""
    return [
        {
            "tool_id": tool_id,
            "key": domain.key,
            "position": place,
            "title": domain.title,
            "guidance": domain.guidance or "",
            "judged": domain.judged,
            "escalates": domain.escalates,
        }
        for place, domain in enumerate(domains, 1)
    ]


def question_rows(tool_id: UUID, domains: Sequence[DomainIn]) -> list[dict[str, Any]]:
    """The questions of a draft as they are kept, in their order."""
    return [
        _question_row(tool_id, domain, place, question)
        for domain in domains
        for place, question in enumerate(domain.questions, 1)
    ]


def _question_row(
    tool_id: UUID, domain: DomainIn, place: int, question: QuestionIn
) -> dict[str, Any]:
    return {
        "tool_id": tool_id,
        "key": question.key,
        "domain_key": domain.key,
        "position": place,
        "text": question.text,
        "guidance": question.guidance or "",
        "answer_kind": question.answer_kind,
        "choices": list(question.choices),
        "required": question.required,
        "evidence_required": question.evidence_required,
        "timescale_check": question.timescale_check,
        "applies_when": question.applies_when and question.applies_when.model_dump(),
    }


def _refuse_repeated_keys(domains: Sequence[DomainIn]) -> None:
    """Refuse a draft with two equal keys; apart from that a draft may be unfinished."""
    domain_keys = Counter(domain.key for domain in domains)
    question_keys = Counter(q.key for domain in domains for q in domain.questions)
    errors = []
    for at, domain in enumerate(domains):
        if domain_keys[domain.key] > 1:
            errors.append(_repeated("domains", at, "key"))
        for place, question in enumerate(domain.questions):
            if question_keys[question.key] > 1:
                errors.append(_repeated("domains", at, "questions", place, "key"))
    if errors:
        raise problems.validation(errors[:100])


def _repeated(*path: str | int) -> InputError:
    return InputError.at(path, "key-repeated", "This key is there more than once.")


async def _record(work: Work, tool: AuditTool) -> None:
    await work.record(ConfigurationChanged(about=tool.id, what="audit_tool", code=tool.code))


# --- judgement scales ---


async def create_scale(work: Work, given: NewScale, made_as: UUID | None = None) -> JudgementScale:
    """Make the next number of a judgement scale. No scale ever changes (R4.1.3)."""
    codes = Counter(point.code for point in given.points)
    if repeated := [at for at, point in enumerate(given.points) if codes[point.code] > 1]:
        raise problems.validation([_repeated("points", at, "code") for at in repeated])
    await _take_turn(work, f"judgement scale {given.code}")
    newest = await work.session.scalar(
        select(func.max(JudgementScale.number)).where(JudgementScale.code == given.code)
    )
    scale = JudgementScale(code=given.code, number=(newest or 0) + 1, name=given.name)
    work.session.add(scale)
    await work.session.flush()
    work.session.add_all(
        ScalePoint(
            scale_code=scale.code,
            scale_number=scale.number,
            code=point.code,
            label=point.label,
            position=place,
            escalates=point.escalates,
        )
        for place, point in enumerate(given.points, 1)
    )
    named = f"{scale.code}/{scale.number}"
    about = made_as or new_id()
    await work.record(ConfigurationChanged(about=about, what="judgement_scale", code=named))
    return scale


async def scale_made_as(work: Work, made_as: UUID) -> int:
    """The number that a request made, by the id chosen for it; a repeated request asks for it."""
    named = await work.session.scalar(
        select(LoggedEvent.data["code"].astext).where(LoggedEvent.about_id == made_as)
    )
    return int((named or "").rpartition("/")[2] or 0)
