"""Who sees which worker's code in an audit: only those who need it.

Whoever deals with the case or with the audit needs to know who holds the case. A moderator judges
the audit and not the worker. A worker who takes over a case need not know how the worker before
them was judged.
"""

from typing import Any

from sqlalchemy import ColumnElement, func, not_, or_

from qa_api.auth.actor import Me
from qa_api.auth.reach import (
    allocated,
    audited_by,
    managed,
    senior,
    supervised,
    whole_authority,
)
from qa_api.auth.reasons.through_audits import is_auditor_of, looks_back_at, responds_to


def _leads(row: Any, me: Me) -> ColumnElement[bool]:
    """Over the authority, or over the team that holds the case."""
    return or_(whole_authority(me), senior(me), managed(row, me), supervised(row, me))


def holder_named(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether they are shown who holds the case: who sees the audit as its moderator is not.

    Nor is whose work it was, once the case is another's.
    """
    return or_(
        _leads(row, me),
        audited_by(row.auditor, me),
        allocated(row, me),
        looks_back_at(row.id, me),
        responds_to(row.id, me),
    )


def judged_named(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether they are shown whose work was judged: leads, Q&S, the auditor and the worker are."""
    return or_(_leads(row, me), audited_by(row.auditor, me), row.audited_worker == me.worker)


def team_named(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether they are shown which team holds the case now.

    Whose work it was is not, once the case is another's: they know the team of then (R4.1.9).
    """
    theirs = func.coalesce(row.audited_worker == me.worker, False)
    return or_(not_(theirs), holder_named(row, me))


def owner_named(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether they are shown whose an action of the audit is to do."""
    return or_(
        _leads(row, me),
        row.owner == me.worker,
        allocated(row, me),
        is_auditor_of(row.audit_id, me),
        looks_back_at(row.audit_id, me),
        responds_to(row.audit_id, me),
    )
