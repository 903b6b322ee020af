"""Saving answers: each has a version of its own, so that it neither blocks nor stales the audit.

It is what auditors do most, so it makes no session: its statements are compiled once.
"""

from functools import cache
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Text, Uuid, and_, select, update
from sqlalchemy.dialects import postgresql

from qa_api import events, problems
from qa_api.audits.content import tool_and_scale_of
from qa_api.audits.content_schemas import AnswerIn
from qa_api.audits.queries import AUDIT
from qa_api.audits.steps import held
from qa_api.audits.tool_and_scale import not_taken
from qa_api.auth.actor import Me
from qa_api.auth.roles import Permission
from qa_api.db import Prepared, parameter
from qa_api.models.audits import Audit, AuditAnswer
from qa_api.reads.shapes import Predicate
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

_WHICH: Final = ("audit_id", "question_key")
_SAID: Final = ("answered_at", *AnswerIn.model_fields)


async def record_answer(
    work: Work, audit_id: UUID, question_key: str, expected: Precondition, given: AnswerIn
) -> None:
    """Save the answer to one question, finished or not (R4.1.1).

    404 where the tool asks no such question. Two who save the same answer at once: one wins.
    """
    audit = await _audit_with_answer(work, audit_id, question_key)
    work.require(Permission.AUDIT_CARRY_OUT, team=audit.team, auditor=audit.auditor)
    version: int | None = audit.answer_version
    next_state("audit", audit.state, "answer")
    expected.check(version)
    tool = await tool_and_scale_of(work, audit)
    if (question := tool.questions.get(question_key)) is None:
        raise problems.not_found()
    if faults := tool.faults_of(question, given, ""):
        raise not_taken(faults)
    said = given.model_dump()
    value = None if given.value is None else orjson.dumps(said["value"]).decode()
    saved = await work.run(
        _new_answer() if version is None else _another_answer(),
        **{**said, "value": value, "answered_at": work.now, "version": version},
        audit_id=audit.id,
        question_key=question_key,
        tool_id=audit.tool_id,
        **held(audit),
    )
    if not saved:
        raise problems.precondition_failed(None)
    await work.record(
        events.AnswerRecorded(about=audit_id, subject=audit.subject_id, question_key=question_key)
    )


async def _audit_with_answer(work: Work, audit_id: UUID, question_key: str) -> Any:
    """What the answer needs to know of its audit, under a lock.

    The lock is shared: others can save answers meanwhile, but nobody can complete the audit.
    """
    caller = work.actor.given(work.now, work.today)
    for visible in AUDIT.tries:
        found = await work.run(_with_answer(visible), **caller, id=audit_id, question=question_key)
        if found:
            return found[0]
    raise problems.not_found()


@cache
def _with_answer(visible: Predicate) -> Prepared:
    this_question = AuditAnswer.question_key == parameter("question", Text())
    return Prepared.of(
        select(
            Audit.id,
            Audit.state,
            Audit.auditor,
            Audit.tool_id,
            Audit.scale_code,
            Audit.scale_number,
            Audit.subject_id,
            Audit.team,
            Audit.worker,
            Audit.restricted,
            AuditAnswer.version.label("answer_version"),
        )
        .outerjoin(AuditAnswer, and_(AuditAnswer.audit_id == Audit.id, this_question))
        .where(Audit.id == parameter("id", Uuid()), visible(Audit, Me.given()))
        .with_for_update(read=True, of=Audit)
    )


def _bound(*names: str) -> dict[str, Any]:
    """Columns of an answer, each a parameter of its name."""
    columns = AuditAnswer.__table__.c
    return {name: parameter(name, columns[name].type) for name in names}


@cache
def _new_answer() -> Prepared:
    of_audit = _bound(*_WHICH, "tool_id", "subject_id", "team", "worker", "restricted")
    return Prepared.of(
        postgresql.insert(AuditAnswer)
        .values(**of_audit, **_bound(*_SAID), version=1, left_out=False)
        .on_conflict_do_nothing()
        .returning(AuditAnswer.version)
    )


@cache
def _another_answer() -> Prepared:
    """In place of the version that was found."""
    this = _bound(*_WHICH, "version")
    return Prepared.of(
        update(AuditAnswer)
        .where(*(getattr(AuditAnswer, name) == value for name, value in this.items()))
        .values(version=AuditAnswer.version + 1, **_bound(*_SAID))
        .returning(AuditAnswer.version)
    )
