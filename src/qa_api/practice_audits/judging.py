"""What of a fictitious case is judged, and whether what is given is that (R4.1.3, R4.5.4)."""

from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select

from qa_api import problems
from qa_api.catalogue.service import domains_of_tool, grades_of_scale
from qa_api.models.catalogue import AuditTool
from qa_api.models.practice_audits import PracticeCase
from qa_api.practice_audits.schemas import JudgementsIn, NewPracticeCase
from qa_api.problems import InputError
from qa_api.rules.states import ToolState
from qa_api.rules.tools import OverallAsked
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

Place: TypeAlias = tuple[str | int, ...]


class Asked(Unchanging):
    """What of a case is judged: on which scale, whether as a whole, and which domains."""

    tool_id: UUID | None
    scale_code: str
    scale_number: int
    overall: OverallAsked
    domains: frozenset[str]


async def asked_of_new(work: Work, body: NewPracticeCase) -> Asked:
    """What a new case asks: what its tool asks, or the whole on the scale that it names."""
    tool = await _tool(work, body.tool_id)
    code, number = body.scale_code, body.scale_number
    if tool is not None:
        if {code, number} - {None, tool.scale_code, tool.scale_number}:
            detail = "The tool has another scale: leave the scale out."
            raise problems.validation([InputError.at(["scale_code"], "another-scale", detail)])
        code, number = tool.scale_code, tool.scale_number
    if code is None or number is None:
        detail = "Name the tool whose domains are judged, or the scale on which the whole is."
        raise problems.validation([InputError.at(["tool_id"], "missing", detail)])
    if not await grades_of_scale(work, code, number):
        detail = "There is no such version of a judgement scale."
        raise problems.validation([InputError.at(["scale_code"], "unknown", detail)])
    if tool is None:
        await _refuse_a_whole_that_no_tool_asks(work, code, number)
        return Asked(None, code, number, OverallAsked.REQUIRED, frozenset())
    domains = await _judged_domains(work, tool.id)
    return Asked(tool.id, code, number, OverallAsked(tool.overall), domains)


async def asked_of(work: Work, case: PracticeCase) -> Asked:
    """What a case asks that was set."""
    overall = OverallAsked.REQUIRED if case.overall_judged else OverallAsked.NONE
    domains = await _judged_domains(work, case.tool_id) if case.tool_id else frozenset()
    return Asked(case.tool_id, case.scale_code, case.scale_number, overall, domains)


async def check_judgements(work: Work, asked: Asked, given: JudgementsIn, *place: str) -> None:
    """Refuse what is not asked, what is left out, and what is no judgement of the scale."""
    faults = [*_whole_faults(asked, given, place), *_domain_faults(asked, given, place)]
    if not faults:
        grades = await grades_of_scale(work, asked.scale_code, asked.scale_number)
        codes = {grade.code for grade in grades}
        detail = "Not a judgement of the scale of the case."
        faults = [
            InputError.at([*at, "judgement"], "not-on-scale", detail)
            for at, judgement in _judgements(given, place)
            if judgement not in codes
        ]
    if faults:
        raise problems.validation(faults)


def _judgements(given: JudgementsIn, place: Place) -> Iterator[tuple[Place, str]]:
    if given.judgement is not None:
        yield place, given.judgement
    for at, one in enumerate(given.domains):
        yield (*place, "domains", at), one.judgement


def _whole_faults(asked: Asked, given: JudgementsIn, place: Place) -> Iterator[InputError]:
    """The whole is judged as asked, and never without its rationale."""
    said = {"judgement": given.judgement, "rationale": given.rationale}
    if asked.overall is OverallAsked.NONE:
        detail = "The domains alone are judged here: give no overall judgement."
        wrong, code = [name for name in said if said[name] is not None], "not-asked"
    elif asked.overall is OverallAsked.OPTIONAL and not any(said.values()):
        return
    else:
        detail = "Judge the whole, and say why."
        wrong, code = [name for name in said if said[name] is None], "missing"
    yield from (InputError.at([*place, name], code, detail) for name in wrong)


def _domain_faults(asked: Asked, given: JudgementsIn, place: Place) -> Iterator[InputError]:
    """Each domain of the tool that carries a judgement is judged, once, and no other."""
    often = Counter(one.domain_key for one in given.domains)
    for at, one in enumerate(given.domains):
        where: list[str | int] = [*place, "domains", at, "domain_key"]
        if one.domain_key not in asked.domains:
            yield InputError.at(where, "unknown", "No domain of this key is judged in this case.")
        elif often[one.domain_key] > 1:
            yield InputError.at(where, "twice", "This domain is named twice.")
    left_out = sorted(asked.domains - often.keys())
    if left_out:
        detail = f"Judge each domain of the case: {', '.join(left_out)}."
        yield InputError.at([*place, "domains"], "missing", detail)


async def _tool(work: Work, tool_id: UUID | None) -> AuditTool | None:
    if tool_id is None:
        return None
    tool: AuditTool | None = await work.session.get(AuditTool, tool_id)
    if tool is None or tool.state == ToolState.DRAFT:
        detail = "There is no published audit tool of this id."
        raise problems.validation([InputError.at(["tool_id"], "unknown", detail)])
    return tool


async def _judged_domains(work: Work, tool_id: UUID) -> frozenset[str]:
    domains = await domains_of_tool(work, tool_id)
    return frozenset(domain.key for domain in domains if domain.judged)


async def _refuse_a_whole_that_no_tool_asks(work: Work, code: str, number: int) -> None:
    """Refuse to practise an overall judgement that no audit of the scale has."""
    asked = select(AuditTool.overall).where(
        AuditTool.scale_code == code,
        AuditTool.scale_number == number,
        AuditTool.state == ToolState.PUBLISHED,
    )
    if {*await work.session.scalars(asked)} == {OverallAsked.NONE}:
        detail = "Tools with this scale ask for no overall judgement: name one of them."
        raise problems.validation([InputError.at(["tool_id"], "missing", detail)])
