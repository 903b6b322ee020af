"""What the auditor records in an audit: answers, judgements, contact, actions, urgent findings."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, insert, select, update
from sqlalchemy.orm import selectinload

from qa_api import events, problems
from qa_api.audits.content_schemas import (
    ActionIn,
    FamilyContactIn,
    JudgementIn,
    UrgentFindingIn,
    WorkerViewIn,
)
from qa_api.audits.queries import visible_to
from qa_api.audits.steps import held, of_this_id, take_step, touch
from qa_api.audits.tool_and_scale import ToolAndScale, tool_and_scale, value_of
from qa_api.auth.actor import CALLER
from qa_api.auth.roles import Permission
from qa_api.db import Prepared, parameter
from qa_api.directory.service import does_actions, known_worker
from qa_api.models.actions import RestorativeAction
from qa_api.models.audits import (
    Audit,
    AuditAnswer,
    DomainJudgement,
    FamilyContact,
    FamilyContactAttempt,
    UrgentFinding,
    WorkerView,
)
from qa_api.models.catalogue import AuditType
from qa_api.problems import InputError
from qa_api.rules import audits as rules
from qa_api.rules.actions import NOT_A_DOER
from qa_api.rules.audits import AuditContent, ContactOutcome, Judgement
from qa_api.rules.states import AUDIT_UNDER_WAY, ActionState
from qa_api.rules.tools import Answer, OverallAsked
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

OVERALL = "overall"
"""Stands where a domain's key stands: the judgement of the whole audit."""

_FAMILY_CONTACT = "§4.1, R4.1.4"


async def tool_and_scale_of(work: Work, audit: Any) -> ToolAndScale:
    """The tool and the scale of an audit that has started."""
    return await tool_and_scale(work, audit.tool_id, audit.scale_code, audit.scale_number)


@cache
def _as_it_stands() -> Select[Audit]:
    return select(Audit).where(of_this_id(), visible_to(Audit, CALLER))


# --- judgements ---


async def judge_domain(
    work: Work, audit_id: UUID, domain_key: str, expected: Precondition, given: JudgementIn
) -> None:
    """Judge one domain of the tool, with the rationale (R4.1.3). 404: it has no such domain."""
    audit = await take_step(work, audit_id, "judge", expected)
    tool = await tool_and_scale_of(work, audit)
    if not any(domain.key == domain_key and domain.judged for domain in tool.domains):
        raise problems.not_found()
    tool.check_grade(given.judgement, "judgement")
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
    touch(audit)
    await _judged(work, audit, domain_key)


async def judge_overall(
    work: Work, audit_id: UUID, expected: Precondition, given: JudgementIn
) -> None:
    """Judge the audit as a whole: the auditor's own judgement, never computed (R4.1.3).

    Refused where the tool asks for no overall judgement.
    """
    audit = await take_step(work, audit_id, "judge", expected)
    rules.check_overall_asked(OverallAsked(audit.overall_asked))
    (await tool_and_scale_of(work, audit)).check_grade(given.judgement, "judgement")
    audit.overall_judgement, audit.overall_rationale = given.judgement, given.rationale
    await _judged(work, audit, OVERALL)


async def _judged(work: Work, audit: Audit, domain_key: str) -> None:
    await work.record(
        events.DomainJudged(about=audit.id, subject=audit.subject_id, domain_key=domain_key)
    )


# --- the family and the worker ---


async def record_family_contact(
    work: Work, audit_id: UUID, expected: Precondition, given: FamilyContactIn
) -> None:
    """Record if the family was contacted and what they said, replacing what was recorded before."""
    audit = await take_step(work, audit_id, "record_family_contact", expected)
    _check_family_contact(work, given)
    contact = await _family_contact(work, audit)
    if contact is None:
        contact = FamilyContact(audit_id=audit.id, contacts=[], **held(audit))
        work.session.add(contact)
    for name, value in given.model_dump(exclude={"contacts"}).items():
        setattr(contact, name, value)
    contact.contacts = [
        FamilyContactAttempt(audit_id=audit.id, number=number, **held(audit), **one.model_dump())
        for number, one in enumerate(given.contacts, 1)
    ]
    touch(audit)
    await work.record(events.FamilyContactRecorded(about=audit.id, subject=audit.subject_id))


def _check_family_contact(work: Work, given: FamilyContactIn) -> None:
    errors = []
    if given.expected and given.not_expected_reason is not None:
        detail = "Give a reason only if no contact is expected."
        errors.append(InputError.at(["not_expected_reason"], "not-both", detail))
    if not given.expected and given.not_expected_reason is None:
        detail = "Say why no contact is expected."
        errors.append(InputError.at(["not_expected_reason"], "missing", detail))
    for at, contact in enumerate(given.contacts):
        if contact.at > work.now:
            detail = "A contact is recorded once it has taken place: this time is in the future."
            errors.append(InputError.at(["contacts", at, "at"], "in-the-future", detail))
    if errors:
        detail = "Contact with the family is not recorded as the procedure asks."
        raise problems.business_rule(_FAMILY_CONTACT, detail, errors)


async def record_worker_view(
    work: Work, audit_id: UUID, expected: Precondition, given: WorkerViewIn
) -> None:
    """Record the worker's own view (R4.1.9), replacing what was recorded before."""
    audit = await take_step(work, audit_id, "record_worker_view", expected)
    view = WorkerView(audit_id=audit.id, view=given.view, recorded_at=work.now, **held(audit))
    await work.session.merge(view)
    touch(audit)
    await work.record(events.WorkerViewRecorded(about=audit.id, subject=audit.subject_id))


# --- what must be put right, and what cannot wait ---


async def add_action(work: Work, audit_id: UUID, action_id: UUID, given: ActionIn) -> None:
    """Add a restorative action; without a named owner it follows the case (R4.2.6)."""
    audit = await take_step(work, audit_id, "add_action", None)
    await check_owner(work, given)
    work.session.add(
        RestorativeAction(
            id=action_id,
            audit_id=audit.id,
            state=ActionState.OPEN,
            **held(audit),
            **given.model_dump(),
        )
    )
    touch(audit)
    await work.record(
        events.ActionAdded(about=audit.id, subject=audit.subject_id, action_id=action_id)
    )


async def check_owner(work: Work, given: ActionIn) -> None:
    """Refuse an action for somebody whom the directory does not know, or who could not do it."""
    if given.owner is not None and not await known_worker(work, given.owner):
        detail = "There is no such worker."
        raise problems.validation([InputError.at(["owner"], "unknown", detail)])
    if given.owner is not None and not await does_actions(work, given.owner):
        raise problems.validation([InputError.at(["owner"], "cannot-do-it", NOT_A_DOER)])


async def raise_urgent_finding(
    work: Work, audit_id: UUID, finding_id: UUID, given: UrgentFindingIn
) -> None:
    """Raise an urgent finding, at any moment of the audit (R4.3.1).

    It does not wait while others change the audit, and it leaves the audit's version as it is. The
    escalation to the team manager is raised in the same transaction.
    """
    audit = await work.find(_as_it_stands(), id=audit_id)
    work.require(Permission.URGENT_FINDING_RAISE, team=audit.team, auditor=audit.auditor)
    next_state("audit", audit.state, "raise_urgent_finding")
    await work.session.execute(
        insert(UrgentFinding).values(
            id=finding_id,
            audit_id=audit.id,
            raised_at=work.now,
            **held(audit),
            **given.model_dump(),
        )
    )
    await work.record(
        events.UrgentFindingRaised(
            about=audit.id, subject=audit.subject_id, finding_id=finding_id, kind=given.kind.value
        )
    )
    if audit.state not in AUDIT_UNDER_WAY:  # there what is saved in it counts by itself
        await work.note_change(audit)


# --- all of it ---


async def recorded_in(work: Work, audit: Any, tool: ToolAndScale) -> AuditContent:
    """Everything that an audit says, as the rule of completion takes it.

    Of the audit's own row what `audit` has of it; of its parts what has been written.
    """
    answers = await work.run(_answers_of(), id=audit.id)
    judgements = await work.run(_judgements_of(), id=audit.id)
    contacts = await work.run(_contacts_of(), id=audit.id)
    overall = None
    if audit.overall_judgement is not None:
        overall = Judgement(audit.overall_judgement, audit.overall_rationale or "")
    return AuditContent(
        domains=tool.domains,
        grades=tool.grades,
        answers={
            answer.question_key: Answer(
                value_of(tool.questions[answer.question_key], answer.value),
                answer.evidence,
                answer.rationale,
                answer.done_on,
                answer.expected_by,
            )
            for answer in answers
        },
        judgements={one.domain_key: Judgement(one.judgement, one.rationale) for one in judgements},
        overall=overall,
        overall_asked=OverallAsked(audit.overall_asked),
        family_contact=_stated(contacts),
        positive_feedback=audit.positive_feedback,
        paper_records_read=audit.paper_records_read,
        paper_records_asked=contacts[0].notes_paper_records,
    )


@cache
def _answers_of() -> Prepared:
    answer = AuditAnswer
    return Prepared.of(
        select(
            answer.question_key,
            answer.value,
            answer.evidence,
            answer.rationale,
            answer.done_on,
            answer.expected_by,
        ).where(answer.audit_id == parameter("id", Uuid()), answer.left_out.is_(False))
    )


@cache
def _judgements_of() -> Prepared:
    judgement = DomainJudgement
    said = select(judgement.domain_key, judgement.judgement, judgement.rationale)
    return Prepared.of(said.where(judgement.audit_id == parameter("id", Uuid())))


@cache
def _contacts_of() -> Prepared:
    """A row for each contact with the family, in order; one without any where there was none."""
    contact, attempt = FamilyContact, FamilyContactAttempt
    return Prepared.of(
        select(
            AuditType.notes_paper_records,
            contact.expected,
            contact.not_expected_reason,
            attempt.outcome,
            attempt.who,
            attempt.how,
        )
        .select_from(Audit)
        .join(AuditType, AuditType.code == Audit.type)
        .outerjoin(contact, contact.audit_id == Audit.id)
        .outerjoin(attempt, attempt.audit_id == contact.audit_id)
        .where(Audit.id == parameter("id", Uuid()))
        .order_by(attempt.number)
    )


async def leave_out(work: Work, audit_id: UUID, keys: Collection[str]) -> None:
    """Mark answers to questions that do not apply: the completed audit leaves them out (R4.1.1)."""
    if keys:
        await work.session.execute(
            update(AuditAnswer)
            .where(AuditAnswer.audit_id == audit_id, AuditAnswer.question_key.in_(keys))
            .values(left_out=True)
            .execution_options(synchronize_session=False)
        )


async def _family_contact(work: Work, audit: Audit) -> FamilyContact | None:
    contact: FamilyContact | None = await work.session.scalar(
        select(FamilyContact)
        .where(FamilyContact.audit_id == audit.id)
        .options(selectinload(FamilyContact.contacts))
    )
    return contact


def _stated(contacts: Sequence[Any]) -> rules.FamilyContact | None:
    """The contact that counts: the last one in which somebody was spoken to, else the last one."""
    if contacts[0].expected is None:
        return None
    stated = rules.FamilyContact(contacts[0].expected, contacts[0].not_expected_reason)
    if contacts[0].outcome is None:
        return stated
    counts = [one for one in contacts if one.outcome == ContactOutcome.SPOKEN]
    last = (counts or contacts)[-1]
    return replace(stated, outcome=ContactOutcome(last.outcome), who=last.who, how=last.how)
