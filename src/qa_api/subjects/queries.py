"""Reading subjects: who may know of which child or carer household."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased

from qa_api.auth.actor import Me
from qa_api.auth.reach import (
    allocated,
    audited_by,
    managed,
    senior,
    supervised,
    unrestricted,
    whole_authority,
)
from qa_api.models.audits import Audit


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Which subjects the caller may know of: who holds the case now, and who audits it (X3)."""
    audit: Any = aliased(Audit)
    audited = (
        exists()
        .where(
            audit.subject_id == row.id,
            audit.recorded_in_error_at.is_(None),
            audited_by(audit.auditor, me),
        )
        .correlate_except(audit)
    )
    return and_(
        unrestricted(row, me, row.id),
        or_(
            whole_authority(me),
            senior(me),
            managed(row, me),
            supervised(row, me),
            allocated(row, me),
            audited,
        ),
    )
