"""Amending a completed audit: a new revision with a reason, the old one kept (R4.1.5)."""

from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from qa_api import events, problems
from qa_api.audits.content import leave_out, recorded_in, tool_and_scale_of
from qa_api.audits.content_schemas import JudgementIn
from qa_api.audits.schemas import Amendment
from qa_api.audits.steps import held, take_step
from qa_api.audits.tool_and_scale import ToolAndScale, not_taken
from qa_api.models.actions import RestorativeAction
from qa_api.models.audits import Audit, AuditAnswer, AuditRevision, DomainJudgement
from qa_api.models.base import JsonObject, new_id
from qa_api.problems import InputError
from qa_api.rules.audits import (
    AuditContent,
    check_completion,
    check_overall_asked,
    not_applying,
)
from qa_api.rules.states import ActionState
from qa_api.rules.tools import OverallAsked
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

_CLAUSE: Final = "§4.1, R4.1.5"
_NOTHING_CHANGED: Final = (
    "Nothing would change. An amendment changes what the audit says, or adds an action."
)


async def amend_audit(
    work: Work, audit_id: UUID, expected: Precondition, amendment: Amendment
) -> None:
    """Amend what a completed audit says, and apply the rules again.

    The former content is kept as a revision. If a judgement escalates that did not before, an
    escalation is raised. If these are the audit's first actions, the worker is notified of them and
    a response is due. Nothing that was raised before is withdrawn. An amendment that changes
    nothing is refused, for example a reason alone.
    """
    audit = await take_step(work, audit_id, "amend", expected)
    tool = await tool_and_scale_of(work, audit)
    escalated_before = tool.escalating_in(await recorded_in(work, audit, tool))
    had_actions = bool(await _count_actions(work, audit))
    before = await said_by(work, audit)
    # Written first: without this row the database refuses a change of a completed audit.
    await _keep_revision(work, audit, amendment.reason, before)
    await _rewrite(work, audit, tool, amendment)
    await work.session.flush()
    content = await recorded_in(work, audit, tool)
    _refuse_what_does_not_apply(content, amendment)
    check_completion(content)
    await leave_out(work, audit.id, not_applying(content))
    if before == await said_by(work, audit) and not amendment.actions:
        raise problems.business_rule(_CLAUSE, _NOTHING_CHANGED, code="nothing-changed")
    added = await _add_actions(work, audit, amendment)
    audit.revision += 1
    audit.closed_at = None
    await work.record(
        events.AuditAmended(
            about=audit.id,
            subject=audit.subject_id,
            audit_type=audit.type,
            judgement=audit.overall_judgement,
            escalates=bool(tool.escalating_in(content).keys() - escalated_before.keys()),
            action_ids=() if had_actions else added,
            revision=audit.revision,
        )
    )


def _refuse_what_does_not_apply(content: AuditContent, amendment: Amendment) -> None:
    """Refuse answers to questions that do not apply. A draft would only mark them."""
    off = not_applying(content)
    detail = "This question does not apply: another answer switches it off."
    faults = [
        InputError.at(["answers", at, "question_key"], "does-not-apply", detail)
        for at, given in enumerate(amendment.answers)
        if given.question_key in off
    ]
    if faults:
        raise not_taken(faults)


async def said_by(work: Work, audit: Audit) -> JsonObject:
    """Everything in the audit that an amendment can change."""
    as_it_is = {"populate_existing": True}  # answers are written past the session
    answers = await work.session.scalars(
        select(AuditAnswer)
        .where(AuditAnswer.audit_id == audit.id, AuditAnswer.left_out.is_(False))
        .execution_options(**as_it_is)
    )
    judgements = await work.session.scalars(
        select(DomainJudgement).where(DomainJudgement.audit_id == audit.id)
    )
    content: dict[str, Any] = {
        "overall": {"judgement": audit.overall_judgement, "rationale": audit.overall_rationale},
        "positive_feedback": audit.positive_feedback,
        "paper_records_read": audit.paper_records_read,
        "answers": {
            one.question_key: {
                "value": one.value,
                "evidence": one.evidence,
                "rationale": one.rationale,
                "comment": one.comment,
                "done_on": one.done_on,
                "expected_by": one.expected_by,
            }
            for one in answers
        },
        "judgements": {
            one.domain_key: {"judgement": one.judgement, "rationale": one.rationale}
            for one in judgements
        },
    }
    written: JsonObject = orjson.loads(orjson.dumps(content))
    return written


async def _keep_revision(work: Work, audit: Audit, reason: str, content: JsonObject) -> None:
    await work.session.execute(
        insert(AuditRevision).values(
            audit_id=audit.id,
            number=audit.revision,
            reason=reason,
            replaced_at=work.now,
            replaced_by=work.actor.worker,
            content=content,
            **held(audit),
        )
    )


async def _rewrite(work: Work, audit: Audit, tool: ToolAndScale, amendment: Amendment) -> None:
    if amendment.overall is not None:
        check_overall_asked(OverallAsked(audit.overall_asked))
        tool.check_grade(amendment.overall.judgement, "overall")
        audit.overall_judgement = amendment.overall.judgement
        audit.overall_rationale = amendment.overall.rationale
    if amendment.positive_feedback is not None:
        audit.positive_feedback = amendment.positive_feedback
    if amendment.paper_records_read is not None:
        audit.paper_records_read = amendment.paper_records_read
    for given in amendment.judgements:
        await _judge_again(work, audit, tool, given.domain_key, given)
    await _answer_again(work, audit, tool, amendment)


async def _judge_again(
    work: Work, audit: Audit, tool: ToolAndScale, domain_key: str, given: JudgementIn
) -> None:
    if not any(domain.key == domain_key and domain.judged for domain in tool.domains):
        detail = "The tool judges no such domain."
        raise not_taken([InputError.at(["judgements"], "unknown", detail)])
    tool.check_grade(given.judgement, "judgements")
    await work.session.merge(
        DomainJudgement(
            audit_id=audit.id,
            domain_key=domain_key,
            tool_id=audit.tool_id,
            scale_code=audit.scale_code,
            scale_number=audit.scale_number,
            judgement=given.judgement,
            rationale=given.rationale,
            **held(audit),
        )
    )


async def _answer_again(work: Work, audit: Audit, tool: ToolAndScale, amendment: Amendment) -> None:
    faults: list[InputError] = []
    for at, given in enumerate(amendment.answers):
        question = tool.questions.get(given.question_key)
        if question is None:
            detail = "The tool asks no such question."
            faults.append(InputError.at(["answers", at, "question_key"], "unknown", detail))
            continue
        faults += tool.faults_of(question, given, f"/answers/{at}")
    if faults:
        raise not_taken(faults)
    for given in amendment.answers:
        values = {
            **given.model_dump(exclude={"question_key"}),
            "answered_at": work.now,
            "left_out": False,
        }
        await work.session.execute(
            insert(AuditAnswer)
            .values(
                audit_id=audit.id,
                question_key=given.question_key,
                tool_id=audit.tool_id,
                version=1,
                **values,
                **held(audit),
            )
            .on_conflict_do_update(
                index_elements=["audit_id", "question_key"],
                set_={**values, "version": AuditAnswer.version + 1},
            )
            .execution_options(synchronize_session=False)
        )


async def _count_actions(work: Work, audit: Audit) -> int:
    counted = select(func.count()).where(RestorativeAction.audit_id == audit.id)
    return int((await work.session.execute(counted)).scalar_one())


async def _add_actions(work: Work, audit: Audit, amendment: Amendment) -> tuple[UUID, ...]:
    added = [
        RestorativeAction(
            id=new_id(),
            audit_id=audit.id,
            state=ActionState.OPEN,
            **held(audit),
            **given.model_dump(),
        )
        for given in amendment.actions
    ]
    work.session.add_all(added)
    await work.session.flush()
    return tuple(action.id for action in added)
