"""Which workers the page of a record shows, by code."""

from collections.abc import Iterator
from typing import Final

from qa_api.records.audit_schemas import RecordedAudit
from qa_api.records.schemas import RecordedLook, SubjectHistory

_MACHINES: Final = frozenset({"case_system", "reporting", "identity_provider"})


def staff_on(record: SubjectHistory) -> frozenset[str]:
    """The codes of the workers shown; none to a child or carer, who is shown no code."""
    codes = {record.subject.worker, *(code for audit in record.audits for code in _in(audit))}
    codes |= {comment.written_by for comment in record.comments}
    codes |= {look.who for look in record.looks if is_of_a_person(look)}
    return frozenset(code for code in codes if code is not None)


def is_of_a_person(look: RecordedLook) -> bool:
    """Whether who looked is a worker: other accounts have names of their own, no codes of staff."""
    return _MACHINES.isdisjoint(look.roles)


def _in(audit: RecordedAudit) -> Iterator[str | None]:
    yield from (audit.auditor, audit.audited_worker)
    for turn in audit.response.rounds if audit.response else ():
        yield from (turn.submitted_by, turn.reviewed_by)
    yield from (revision.replaced_by for revision in audit.revisions)
    yield from (one.moderated_by for one in audit.moderations)
