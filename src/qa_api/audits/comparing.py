"""A re-audit beside the earlier audit: before and after, question by question (R4.1.9)."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, any_, case, func, literal, or_, select, true

from qa_api.audits.queries import (
    answer_stands,
    content_visible_to,
    question_applies,
)
from qa_api.audits.read_schemas import ComparisonOut
from qa_api.auth.actor import Me
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit, AuditAnswer, DomainJudgement
from qa_api.models.inner import listed, value_of
from qa_api.reads.documents import Document
from qa_api.reads.expressions import in_error, of_standing_audit
from qa_api.reads.shapes import Shape
from qa_api.rules.states import ActionState


def _earlier(row: Any, name: str) -> ColumnElement[Any]:
    earlier = aliased(Audit)
    found = select(getattr(earlier, name)).where(
        earlier.id == row.re_audit_of, earlier.recorded_in_error_at.is_(None)
    )
    return value_of(earlier, found)


def _before_and_after(
    entity: Any, key: str, said: str, counts: Callable[[Any, Me], ColumnElement[bool]]
) -> Any:
    """What was said under each key before and after; null where one of the two says nothing."""

    def compared(row: Any, me: Me) -> ColumnElement[Any]:
        before = _said(entity, key, said, row.re_audit_of, lambda part: counts(part, me), "before")
        after = _said(entity, key, said, row.id, lambda part: counts(part, me), "after")
        both = before.join(after, before.c.key == after.c.key, full=True)
        lines = (
            select(
                func.coalesce(after.c.key, before.c.key).label(key),
                before.c.said.label("before"),
                after.c.said.label("after"),
            )
            .select_from(both)
            .order_by(func.coalesce(after.c.key, before.c.key))
            .subquery()
        )
        return listed(lines)

    return compared


def _said(
    entity: Any,
    key: str,
    said: str,
    audit_id: ColumnElement[Any],
    counts: Callable[[Any], ColumnElement[bool]],
    name: str,
) -> Any:
    part = aliased(entity)
    return (
        select(getattr(part, key).label("key"), getattr(part, said).label("said"))
        .where(part.audit_id == audit_id, of_standing_audit(part), counts(part))
        .correlate_except(part)
        .subquery(name)
    )


def _actions(row: Any, *conditions: Any) -> ColumnElement[Any]:
    action = aliased(RestorativeAction)
    counted = select(func.count()).where(
        action.audit_id == row.re_audit_of,
        of_standing_audit(action),
        *(condition(action) for condition in conditions),
    )
    return value_of(action, counted)


NOT_COMPARED: Final = (
    "The earlier audit was recorded in error: it was made on another child, and there is nothing to"
    " compare this one with."
)


def _in_error(row: Any) -> ColumnElement[bool]:
    return func.coalesce(row.re_audit_of == any_(in_error()), False)


def _shown(row: Any, me: Me) -> ColumnElement[bool]:
    """The caller sees both audits, or sees this one and the earlier one was recorded in error."""
    earlier = aliased(Audit)
    seen = select(literal(1)).where(earlier.id == row.re_audit_of, content_visible_to(earlier, me))
    comparable = or_(seen.correlate_except(earlier).exists(), _in_error(row))
    return and_(content_visible_to(row, me), comparable)


COMPARISON = Document(
    Shape(
        ComparisonOut,
        Audit,
        {
            "earlier": lambda row, _: row.re_audit_of,
            "not_compared_because": lambda row, _: case(
                (_in_error(row), literal(NOT_COMPARED, Text))
            ),
            "earlier_completed_on": lambda row, _: _earlier(row, "completed_on"),
            "same_scale": lambda row, _: func.coalesce(
                and_(
                    row.scale_code == _earlier(row, "scale_code"),
                    row.scale_number == _earlier(row, "scale_number"),
                ),
                ~true(),
            ),
            "overall_before": lambda row, _: _earlier(row, "overall_judgement"),
            "overall_after": lambda row, _: row.overall_judgement,
            "judgements": _before_and_after(
                DomainJudgement, "domain_key", "judgement", lambda _, __: true()
            ),
            # What does not apply is no answer, in a draft either.
            "answers": _before_and_after(
                AuditAnswer,
                "question_key",
                "value",
                lambda row, me: and_(answer_stands(row, me), question_applies(row, me)),
            ),
            "actions_verified": lambda row, _: _actions(
                row, lambda action: action.state == ActionState.VERIFIED
            ),
            "actions_that_made_a_difference": lambda row, _: _actions(
                row, lambda action: action.made_a_difference
            ),
        },
    ),
    visible=_shown,
    subject="subject_id",
)
"""404 where the audit looks at none again, or the caller may not read both. Where the earlier was
recorded in error it says so, and shows nothing of it."""
