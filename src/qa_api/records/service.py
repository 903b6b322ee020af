"""Hiding a text of a subject's record, and showing it again (R4.1.7)."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from qa_api import events, problems
from qa_api.auth.roles import Permission
from qa_api.models.redactions import Redaction
from qa_api.models.subjects import Subject
from qa_api.problems import InputError
from qa_api.records.queries import redaction_visible_to, visible_to
from qa_api.records.redacting import text_at
from qa_api.records.redaction_schemas import RedactionIn, RedactionLift
from qa_api.rules.decision import AlreadySo
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def redact(
    work: Work, redaction_id: UUID, record: dict[str, Any], given: RedactionIn
) -> None:
    """Hide one text of the record as it stands; the text itself is kept where it was written."""
    subject = await work.find(
        select(Subject)
        .where(Subject.id == UUID(record["subject"]["id"]), visible_to(Subject, work.me))
        .with_for_update()
    )
    work.require(Permission.RECORD_REDACT, team=subject.team)
    if text_at(record, given.path) is None:
        raise _refused("no-text", "There is no text at this place of the record.")
    if await _is_redacted(work, subject.id, given.path):
        raise _refused("redacted", "This text is redacted already.")
    section, key, *_ = given.path.strip("/").split("/")
    work.session.add(
        Redaction(
            id=redaction_id,
            subject_id=subject.id,
            team=subject.team,
            worker=subject.worker,
            restricted=subject.restricted,
            audit_id=UUID(key) if section == "audits" else None,
            path=given.path,
            reason=given.reason,
            redacted_by=work.actor.principal_id,
            redacted_at=work.now,
        )
    )
    await work.record(events.RecordRedacted(about=redaction_id, subject=subject.id))


async def _is_redacted(work: Work, subject_id: UUID, path: str) -> bool:
    standing = select(Redaction.id).where(
        Redaction.subject_id == subject_id, Redaction.path == path, Redaction.lifted_at.is_(None)
    )
    return await work.session.scalar(standing) is not None


async def lift(
    work: Work, redaction_id: UUID, expected: Precondition, given: RedactionLift
) -> None:
    """Show a redacted text in the record again; that it was hidden, and why, stays on record."""
    redaction = await work.take(Redaction, redaction_id, redaction_visible_to)
    if redaction.lifted_at is not None:
        raise AlreadySo("redaction")
    expected.check(redaction.version)
    redaction.lifted_at, redaction.lifted_by = work.now, work.actor.principal_id
    redaction.lift_reason = given.reason
    await work.record(events.RedactionLifted(about=redaction.id, subject=redaction.subject_id))


def _refused(code: str, detail: str) -> problems.Problem:
    return problems.business_rule("R4.1.7", detail, [InputError.at(["path"], code, detail)])
