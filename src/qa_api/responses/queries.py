"""Reading audit responses: who may see which, and the statements that return them."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Text,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from qa_api.auth.actor import Me
from qa_api.auth.duty import acts_as, acts_for, is_one_of, these
from qa_api.auth.reach import (
    allowed_actions,
    roles_over,
)
from qa_api.auth.reasons.cases import RESPONSES as RESPONSES_SEEN
from qa_api.auth.roles import Role
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.inner import there_is, value_of
from qa_api.models.responses import AuditResponse, ResponseItem, ResponseRound
from qa_api.reads.documents import Document
from qa_api.reads.expressions import (
    changed,
    in_service,
    of_audit_type,
    of_standing_audit,
    responded,
    responder,
    soonest_due,
    subject_of,
    uncounted,
    working_days_left,
)
from qa_api.reads.filters import (
    CHANGED,
    about_subject,
    before,
    equals,
    flag,
    is_set,
    on_or_after,
    supervised_by,
)
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape
from qa_api.responses.schemas import ResponseItemOut, ResponseOut, ResponseRoundOut, ResponseRow
from qa_api.rules.states import RESPONSE_AWAITED

"""The worker has been told and is to answer."""


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Which responses the caller may know of (X3). There is none before the audit is completed."""
    return RESPONSES_SEEN.see(row, me, of_standing_audit(row))


def current_due_on(row: Any) -> ColumnElement[Any]:
    """By when the worker is to answer; null while nothing is expected of them."""
    open_round = aliased(ResponseRound)
    due_on = select(func.max(open_round.due_on)).where(
        open_round.response_id == row.id, open_round.submitted_at.is_(None)
    )
    # The first round has the date of the response; a later one has its own, once it is counted.
    of_round = value_of(open_round, due_on)
    return case((row.state.in_(RESPONSE_AWAITED), of_round))


def is_overdue(row: Any, me: Me) -> ColumnElement[bool]:
    """Late as of today (R4.2.5)."""
    # The state first: it is on the index of what is open.
    return and_(
        row.state.in_(RESPONSE_AWAITED), func.coalesce(current_due_on(row) < me.today, False)
    )


def _missed(row: Any, me: Me) -> ColumnElement[Any]:
    """False once the original date has passed, null before."""
    return case((row.due_on < me.today, literal(False)))


def _in_time(row: Any, submitted_on: ColumnElement[Any]) -> ColumnElement[Any]:
    """Null while the date cannot be counted."""
    # Before anybody was notified the clock has not started.
    return or_(row.notified_at.is_(None), submitted_on <= row.due_on)


def _calendar_unknown(row: Any, _: Me) -> ColumnElement[bool]:
    """The response, a round or a review waits for the calendar."""
    each = aliased(ResponseRound)
    of_round = there_is(
        each,
        each.response_id == row.id,
        or_(
            uncounted(each.due_on, each.explanation),
            uncounted(each.review_due_on, each.review_explanation),
        ),
    )
    return or_(uncounted(row.due_on, row.explanation), of_round)


def _first_submitted_on_time(row: Any, me: Me) -> ColumnElement[Any]:
    return case(
        (row.first_submitted_on.is_not(None), _in_time(row, row.first_submitted_on)),
        else_=_missed(row, me),
    )


def _adequate_on_time(row: Any, me: Me) -> ColumnElement[Any]:
    waiting = aliased(ResponseRound)
    submitted_on = cast(func.timezone("Europe/London", waiting.submitted_at), Date)
    may_still_be = there_is(
        waiting,
        waiting.response_id == row.id,
        waiting.submitted_at.is_not(None),
        waiting.outcome.is_(None),
        _in_time(row, submitted_on),
    )
    return case(
        (row.adequate_submitted_on.is_not(None), _in_time(row, row.adequate_submitted_on)),
        (may_still_be, None),
        else_=_missed(row, me),
    )


def _was_returned(row: Any) -> ColumnElement[bool]:
    earlier = aliased(ResponseRound)
    return there_is(earlier, earlier.response_id == row.id, earlier.outcome == "returned")


def _barred(round_: Any) -> ColumnElement[Any]:
    """Who may not review a round: the auditor, whom the audit judged, and who responded."""
    response, audit = aliased(AuditResponse), aliased(Audit)

    def of_audit(column: Any) -> ColumnElement[Any]:
        found = select(column).where(
            response.id == round_.response_id, audit.id == response.audit_id
        )
        return value_of((response, audit), found)

    audited = these(of_audit(audit.auditor), of_audit(audit.audited_worker))
    return func.array_cat(audited, responded(round_.response_id))


def _awaits_review(round_: Any) -> ColumnElement[bool]:
    return and_(round_.submitted_at.is_not(None), round_.outcome.is_(None))


def _reviewer(row: Any, _: Me) -> ColumnElement[Any]:
    """Who acts for the team today; of a round that was reviewed, who was asked then."""
    now = acts_for(row.team, row, _barred(row))
    return case((_awaits_review(row), now), else_=row.reviewer)


def _reviewer_acts_as(row: Any, _: Me) -> ColumnElement[Any]:
    now = func.coalesce(
        acts_as(row.team, row, _barred(row)), literal(Role.QUALITY_STANDARDS.value, Text)
    )
    return case((_awaits_review(row), now), else_=row.reviewer_acts_as)


def may_review(row: Any, me: Me) -> ColumnElement[bool]:
    """The caller is not one of those who may not review what waits (R4.2.4)."""
    waiting = aliased(ResponseRound)
    theirs = there_is(
        waiting,
        waiting.response_id == row.id,
        _awaits_review(waiting),
        is_one_of(me.worker, _barred(waiting)),
    )
    return ~theirs


_ROW: dict[str, Expression] = {
    "subject": subject_of,
    "responder": lambda row, _: responder(row),
    "current_due_on": lambda row, _: current_due_on(row),
    "working_days_left": lambda row, me: working_days_left(current_due_on(row), me),
    "overdue": is_overdue,
    "calendar_unknown": _calendar_unknown,
    "first_submitted_on_time": _first_submitted_on_time,
    "adequate_on_time": _adequate_on_time,
}

_ITEM = Shape(
    ResponseItemOut,
    ResponseItem,
    {
        "action": lambda row, _: row.action_id,
        "not_immediate_because": lambda row, _: row.reason_not_immediate,
    },
)

RESPONSE = Document(
    Shape(
        ResponseOut,
        AuditResponse,
        {
            **_ROW,
            "rounds": Shape(
                ResponseRoundOut,
                ResponseRound,
                {"items": _ITEM, "reviewer": _reviewer, "reviewer_acts_as": _reviewer_acts_as},
            ),
            "allowed_actions": lambda row, me: allowed_actions(
                row,
                roles_over(row, me, worker=responder(row)),
                {"accept": may_review(row, me), "return": may_review(row, me)},
            ),
        },
    ),
    visible=visible_to,
    subject="subject_id",
)

RESPONSES = Listing(
    name="audit-responses",
    shape=Shape(ResponseRow, AuditResponse, _ROW),
    visible=visible_to,
    subject="subject_id",
    order=(soonest_due, lambda row, _: row.id),
    descending=False,
    arms=RESPONSES_SEEN.arms,
    orders={"changed_at": (changed, lambda row, _: row.id)},
    filters={
        **CHANGED,
        "state": equals("state"),
        "team": equals("team", narrows=True),
        "service": Filter(in_service),
        "worker": equals("worker", narrows=True),
        "supervisor": supervised_by(),
        "subject": about_subject(narrows=True),
        "audit": equals("audit_id", Uuid(), narrows=True),
        "overdue": flag(is_overdue),
        "calendar_unknown": flag(_calendar_unknown),
        "audit_type": Filter(of_audit_type),
        "submitted": is_set("first_submitted_on"),
        "was_returned": flag(lambda row, _: _was_returned(row)),
        "first_submitted_on_time": flag(_first_submitted_on_time),
        "adequate_on_time": flag(_adequate_on_time),
        "due_from": on_or_after("due_on"),
        "due_to": before("due_on"),
    },
)
"""Soonest due first, then what has no date yet. Half-open: `due_from` is in, `due_to` is out."""
