"""How near somebody is to a thing by way of an audit: they carry it out, answer, look back."""

from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Select, and_, func, or_, select

from qa_api.auth.actor import Me
from qa_api.auth.reach import Arm, audited_by, of_theirs, was_audited
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.inner import there_is, there_is_for_each
from qa_api.models.responses import AuditResponse
from qa_api.models.sealed import stands_in
from qa_api.rules.states import (
    AUDIT_FINISHED,
    AUDIT_NOT_CANCELLED,
    AUDIT_OPEN,
    ResponseState,
)

WRITE_OWN_VIEWS: Final = sorted(roles_with(Permission.OWN_VIEW_WRITE))
"""The roles in which somebody writes their own view of the audit of their work."""


def handed_to(response: Any, me: Me) -> ColumnElement[bool]:
    """The response is the caller's to give, and theirs to read until it is found adequate."""
    return and_(
        response.handed_to == me.worker,
        me.holds(Role.WORKER),
        response.state != ResponseState.ADEQUATE,
    )


def responded_for(audit_id: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """The response to this audit was handed to the caller, and is not found adequate yet."""
    response = aliased(AuditResponse)
    return there_is(response, response.audit_id == audit_id, handed_to(response, me))


def audits_responded_for(me: Me) -> Select[Any]:
    """The audits whose response was handed to the caller."""
    response = aliased(AuditResponse)
    return select(response.audit_id.label("value")).where(handed_to(response, me))


def audited_for(row: Any, me: Me) -> ColumnElement[bool]:
    """Belongs to an audit that is assigned to the caller as auditor."""
    audit = aliased(Audit)
    return there_is_for_each(audit, audit.id == row.audit_id, audited_by(audit.auditor, me))


def work_audited(audit: Any, me: Me) -> ColumnElement[bool]:
    """A finished audit of the caller's own work, for the sake of their own view (R4.1.9).

    From the notification on while a view can be written, then only if they wrote one; whoever holds
    the case by then.
    """
    finished = stands_in(audit, AUDIT_FINISHED)
    return and_(me.holds(*WRITE_OWN_VIEWS), finished, was_audited(audit, me))


def looked_back_at(audit: Any, me: Me) -> ColumnElement[bool]:
    """A finished audit of a child whom the caller is to audit again, or did (R4.1.9).

    While an audit is theirs to begin or to complete, they see all that was found before. If it is a
    re-audit, they see the earlier audit for as long as it is theirs and is not cancelled.
    """
    # Each asked by itself, so that an index of the child or of the earlier audit answers it. Asked
    # together, all that the caller ever audited would be looked through for each row.
    again, later = aliased(Audit), aliased(Audit)
    to_audit = there_is(
        again,
        again.subject_id == audit.subject_id,
        stands_in(again, AUDIT_OPEN),
        audited_by(again.auditor, me),
        again.recorded_in_error_at.is_(None),
    )
    re_audited = there_is(
        later,
        later.re_audit_of == audit.id,
        stands_in(later, AUDIT_NOT_CANCELLED),
        audited_by(later.auditor, me),
        later.recorded_in_error_at.is_(None),
    )
    return and_(stands_in(audit, AUDIT_FINISHED), or_(to_audit, re_audited))


def of_audit_looked_back_at(row: Any, me: Me) -> ColumnElement[bool]:
    """Belongs to an audit that the caller looks back at."""
    audit = aliased(Audit)
    return there_is(audit, audit.id == row.audit_id, looked_back_at(audit, me))


# What follows is asked last, of the few whom nothing nearer answers. A search that stands in a
# statement PostgreSQL makes ready each time the statement runs, also where it never searches; the
# functions of the second lock cost nothing until they are called.


def is_auditor_of(audit_id: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Whether an audit that the caller sees is assigned to them as auditor."""
    return and_(me.holds(Role.AUDITOR), func.qa_audits(audit_id, type_=Boolean))


def looks_back_at(audit_id: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Whether the caller looks back at an audit that they see; `looked_back_at` finds such."""
    return and_(me.holds(Role.AUDITOR), func.qa_looks_back_at(audit_id, type_=Boolean))


def responds_to(audit_id: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Whether the response to an audit that the caller sees is theirs to give now."""
    return and_(me.holds(Role.WORKER), func.qa_responds_to(audit_id, type_=Boolean))


def _subjects_to_audit(me: Me) -> Select[Any]:
    audit = aliased(Audit)
    # Not distinct: whatever is found twice is shown once.
    return select(audit.subject_id.label("value")).where(
        audited_by(audit.auditor, me), stands_in(audit, AUDIT_OPEN), audit.subject_id.is_not(None)
    )


def audited_again(me: Me) -> Select[Any]:
    """The audits that audits of the caller look at again."""
    audit = aliased(Audit)
    return select(audit.re_audit_of.label("value")).where(
        audited_by(audit.auditor, me),
        audit.re_audit_of.is_not(None),
        stands_in(audit, AUDIT_NOT_CANCELLED),
    )


def audits_of_own_work(me: Me) -> Select[Any]:
    """The audits of the caller's own work."""
    audit = aliased(Audit)
    return select(audit.id.label("value")).where(audit.audited_worker == me.worker)


BY_SUBJECT_TO_AUDIT: Final = Arm(column="subject_id", values=_subjects_to_audit, searches=True)
"""What was found before about those whom the caller is to audit."""
BY_AUDIT_AGAIN: Final = Arm(column="audit_id", values=audited_again, searches=True)
"""What belongs to an audit that the caller looks at again."""


BY_AUDIT_RESPONDED_FOR: Final = Arm(column="audit_id", values=audits_responded_for, searches=True)
"""What belongs to an audit whose response was handed to the caller."""


BY_AUDITOR: Final = of_theirs("auditor", lambda me: me.worker)
"""What belongs to an audit of the caller's: each row says who audited (ADR 76)."""
