"""Keeping a text out of a subject's record (R4.1.7)."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from qa_api import events, problems
from qa_api.auth.roles import Permission
from qa_api.models.redactions import Redaction
from qa_api.models.subjects import Subject
from qa_api.problems import InputError
from qa_api.records.queries import visible_to
from qa_api.records.redacting import text_at
from qa_api.records.schemas import RedactionIn
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
        raise _refused("no-text", "No text of this record stands there.")
    if await _is_redacted(work, subject.id, given.path):
        raise _refused("redacted", "This text has been redacted before.")
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
    earlier = select(Redaction.id).where(Redaction.subject_id == subject_id, Redaction.path == path)
    return await work.session.scalar(earlier) is not None


def _refused(code: str, detail: str) -> problems.Problem:
    return problems.business_rule("R4.1.7", detail, [InputError.at(["path"], code, detail)])
