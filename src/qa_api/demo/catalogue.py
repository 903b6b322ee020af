"""What the demo authority audits, with what, and on which scale (§3, §4.1)."""

from typing import Final

from qa_api.catalogue.schemas import (
    AppliesWhenIn,
    AuditTypeIn,
    DomainIn,
    NewScale,
    QuestionIn,
    ScalePointIn,
    ScaleRef,
    ToolDraft,
)
from qa_api.demo.tools import Tool
from qa_api.rules.audits import AuditorRule
from qa_api.rules.cadence import CadenceKind
from qa_api.rules.tools import AppliesWhen, Domain, Question

SCALE: Final = NewScale(
    code="four-point",
    name="Practice judgement",
    points=[
        ScalePointIn(code="outstanding", label="Outstanding"),
        ScalePointIn(code="good", label="Good"),
        ScalePointIn(code="requires_improvement", label="Requires improvement"),
        ScalePointIn(code="inadequate", label="Inadequate", escalates=True),
    ],
)
"""The procedure's own scale: an inadequate judgement goes to the team manager at once (§4.3)."""


def _run_by_service_area(
    name: str, cadence: CadenceKind, *, tool: str | None = None, **given: object
) -> AuditTypeIn:
    values = {"subject_kind": "child", "may_audit": AuditorRule.ANY_AUDITOR} | given
    return AuditTypeIn.model_validate(
        {"name": name, "clause": "§3, R3.1", "owner": "service_area", "cadence": cadence}
        | {"tool_code": tool}
        | values
    )


def _run_by_quality_standards(name: str) -> AuditTypeIn:
    return AuditTypeIn(
        name=name,
        clause="§4.1, R4.1.1",
        subject_kind="child",
        owner="quality_standards",
        cadence=CadenceKind.AS_REQUIRED,
        tool_code="collaborative",
        may_audit=AuditorRule.QUALITY_STANDARDS_RUN,
    )


AUDIT_TYPES: Final = {
    "closure": _run_by_service_area(
        "Closure audit",
        CadenceKind.EVERY_CLOSURE,
        tool="closure",
        may_audit=AuditorRule.TEAM_SUPERVISOR_ELSE_MANAGER,
    ),
    "carers": _run_by_service_area(
        "Quality audit (carers)",
        CadenceKind.ANNIVERSARY,
        subject_kind="carer_household",
        interval_months=12,
    ),
    "tac": _run_by_service_area("Quality audit (TAC)", CadenceKind.AS_REQUIRED),
    "iro-review": _run_by_service_area("Quality audit (IRO review)", CadenceKind.ONGOING),
    "cp-chair": _run_by_service_area("Quality audit (CP chair)", CadenceKind.ONGOING),
    # The Youth Hub team manager sets how often: quarterly until they say otherwise.
    "yos-peer": _run_by_service_area(
        "Quality audit (YOS peer)",
        CadenceKind.INTERVAL,
        interval_months=3,
        may_audit=AuditorRule.SUPERVISOR_OF_ANOTHER_TEAM,
    ),
    # As its own framework says; yearly until the authority enters it.
    "childrens-health": _run_by_service_area(
        "Quality audit (Children's Health)", CadenceKind.INTERVAL, interval_months=12
    ),
    "themed": _run_by_quality_standards("Themed audit"),
    "collaborative": _run_by_quality_standards("Collaborative audit"),
}
"""Every audit type of §3 and §4.1; the list is the authority's to extend."""


def draft_of(tool: Tool) -> ToolDraft:
    """A tool as a draft for the catalogue."""
    return ToolDraft(
        code=tool.code,
        name=tool.name,
        scale=ScaleRef(code=SCALE.code, number=1),
        domains=[_domain(domain, tool.guidance[domain.key]) for domain in tool.domains],
    )


def _domain(domain: Domain, guidance: str) -> DomainIn:
    return DomainIn(
        key=domain.key,
        title=domain.title,
        guidance=guidance,
        judged=domain.judged,
        questions=[_question(question) for question in domain.questions],
    )


def _question(question: Question) -> QuestionIn:
    return QuestionIn(
        key=question.key,
        text=question.text,
        guidance=question.guidance or None,
        answer_kind=question.kind,
        choices=list(question.choices),
        required=question.required,
        evidence_required=question.evidence_required,
        timescale_check=question.timescale_check,
        applies_when=_applies_when(question.applies_when),
    )


def _applies_when(when: AppliesWhen | None) -> AppliesWhenIn | None:
    if when is None:
        return None
    return AppliesWhenIn(question=when.question, answered=list(when.answered))
