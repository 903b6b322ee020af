"""When an audit was changed last, for whoever follows it.

What is recorded in an audit changes it. An answer and an urgent finding are saved beside others and
leave the audit's row alone, so that nobody waits for anybody: while the audit is in progress, what
was saved last in it is looked up, for those who may read what it says. At every other time, and for
everybody else, its row was written last.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, not_, select, true

from qa_api.audits.judged import content_shown
from qa_api.auth.actor import Me
from qa_api.models.aliases import aliased
from qa_api.models.audits import AuditAnswer, UrgentFinding
from qa_api.models.inner import value_of
from qa_api.models.sealed import as_kept, sealed_from_caller, stands_in
from qa_api.reads.expressions import changed
from qa_api.reads.listings import Part
from qa_api.rules.states import AUDIT_UNDER_WAY


def _is_under_way(row: Any, _: Me) -> ColumnElement[bool]:
    return stands_in(row, AUDIT_UNDER_WAY)


def _is_told(row: Any, me: Me) -> ColumnElement[bool]:
    """Neither under way, nor sealed from the caller: what is told is what stands in its row."""
    return and_(not_(_is_under_way(row, me)), sealed_from_caller(row.id).is_not(true()))


def _is_sealed(row: Any, me: Me) -> ColumnElement[bool]:
    return and_(sealed_from_caller(row.id), not_(_is_under_way(row, me)))


def _written_last(row: Any, _: Me) -> ColumnElement[Any]:
    return as_kept(row, "changed_at")


def _recorded_last(row: Any, me: Me) -> ColumnElement[Any]:
    """The later of its row and of what was saved in it, if the reader may read that."""
    answer, finding = aliased(AuditAnswer), aliased(UrgentFinding)
    answered = select(func.max(answer.answered_at)).where(answer.audit_id == row.id)
    raised = select(func.max(finding.raised_at)).where(finding.audit_id == row.id)
    saved = func.greatest(value_of(answer, answered), value_of(finding, raised))
    # GREATEST passes over what is null.
    return func.greatest(changed(row, me), case((content_shown(row, me), saved)))


def changed_last(row: Any, me: Me) -> ColumnElement[Any]:
    """When something was last recorded in the audit, or its row written."""
    return case((_is_under_way(row, me), _recorded_last(row, me)), else_=changed(row, me))


IN_PARTS: Final = (
    Part(_is_told, (_written_last, lambda row, _: row.id)),
    Part(_is_under_way, (_recorded_last, lambda row, _: row.id)),
    Part(_is_sealed, (changed, lambda row, _: row.id)),
)
"""The index has the order of all but what is under way, which is little at any time, and what the
caller is to moderate sealed: of that they are told of no change that follows from its judgement."""
