"""Reading restorative actions: who may see which, and the statements that return them."""

from typing import Any

from sqlalchemy import ColumnElement, Uuid, and_, case, func, not_, or_

from qa_api.actions.schemas import ActionOut, ActionRow
from qa_api.auth.actor import Me
from qa_api.auth.reach import (
    allowed_actions,
    managed,
    roles_over,
    whole_authority,
)
from qa_api.auth.reasons.cases import ACTIONS as ACTIONS_SEEN
from qa_api.auth.reasons.cases import ACTIONS_OPENLY, DOERS
from qa_api.models.actions import RestorativeAction
from qa_api.reads.documents import Document
from qa_api.reads.expressions import (
    changed,
    doer,
    in_service,
    of_audit_type,
    of_standing_audit,
    soonest_due,
    subject_of,
    working_days_left,
)
from qa_api.reads.filters import (
    CHANGED,
    about_subject,
    before,
    before_midnight,
    equals,
    flag,
    from_midnight,
    on_or_after,
    supervised_by,
)
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape
from qa_api.rules.states import ACTION_DONE, ACTION_SETTLED, ACTION_TO_DO, ActionState


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Which actions the caller may see (X3). An action of a draft shows with its audit only."""
    return ACTIONS_SEEN.see(row, me, row.set_at.is_not(None), of_standing_audit(row))


def visible_openly(row: Any, me: Me) -> ColumnElement[bool]:
    """The same for reasons that whoever reads the action may know of somebody."""
    return ACTIONS_OPENLY.see(row, me, row.set_at.is_not(None), of_standing_audit(row))


def _is_own(row: Any, me: Me) -> ColumnElement[bool]:
    return or_(row.owner == me.worker, row.worker == me.worker)


def _unsettled(row: Any) -> ColumnElement[bool]:
    waits: ColumnElement[bool] = row.state.not_in(ACTION_SETTLED)
    return waits


def _is_overdue(row: Any, me: Me) -> ColumnElement[bool]:
    """`is_action_overdue` in SQL: a missed date counts until it is verified or cancelled."""
    finished = case((row.state == ActionState.DONE, row.done_on), else_=me.today)
    late = or_(row.missed_on.is_not(None), func.coalesce(finished > row.due_on, False))
    return and_(_unsettled(row), late)


def _by_first_promise(row: Any) -> ColumnElement[bool]:
    """Whether it was done at once or by the date promised first, even if that date has moved."""
    done = row.state.in_(ACTION_DONE)
    return and_(done, row.done_on <= func.coalesce(row.first_promised_on, row.done_on))


def _may_do(row: Any, me: Me) -> ColumnElement[Any]:
    """What the caller may do. Who holds the case may also finish an action that has an owner."""
    whose = case((row.owner == me.worker, row.owner), else_=row.worker)
    roles = roles_over(row, me, auditor=row.auditor, worker=whose, as_worker=DOERS)
    theirs, did_it = _is_own(row, me), row.done_by == me.worker
    another = and_(
        row.done_by.is_distinct_from(me.worker), row.done_reported_by.is_distinct_from(me.worker)
    )
    only_if = {
        "plan": theirs,
        "replan": theirs,
        "complete": theirs,
        "correct_done": or_(theirs, did_it, managed(row, me), whole_authority(me)),
        # Never the doer, nor who reported it done for them, in whichever capacity.
        "verify": another,
        "not_achieved": another,
        "cancel": not_(func.coalesce(theirs, False)),
    }
    return allowed_actions(row, roles, only_if)


_ROW: dict[str, Expression] = {
    "subject": subject_of,
    "working_days_left": lambda row, me: case(
        (
            row.state.in_(ACTION_TO_DO),
            working_days_left(row.due_on, me),
        )
    ),
    "overdue": _is_overdue,
    "doer": lambda row, _: doer(row),
}

ACTION = Document(
    Shape(ActionOut, RestorativeAction, {**_ROW, "allowed_actions": _may_do}),
    visible=visible_to,
    subject="subject_id",
)

ACTIONS = Listing(
    name="restorative-actions",
    shape=Shape(ActionRow, RestorativeAction, _ROW),
    visible=visible_to,
    subject="subject_id",
    order=(soonest_due, lambda row, _: row.id),
    descending=False,
    arms=ACTIONS_SEEN.arms,
    orders={"changed_at": (changed, lambda row, _: row.id)},
    filters={
        **CHANGED,
        "state": equals("state"),
        "kind": equals("kind"),
        "team": equals("team", narrows=True),
        "service": Filter(in_service),
        "worker": equals("worker", narrows=True),
        "supervisor": supervised_by(),
        "owner": Filter(lambda row, value, _: doer(row) == value, narrows=True),
        "subject": about_subject(narrows=True),
        "audit": equals("audit_id", Uuid(), narrows=True),
        "needed_before_closure": flag(lambda row, _: row.needed_before_closure),
        "overdue": flag(_is_overdue),
        "by_first_promise": flag(lambda row, _: _by_first_promise(row)),
        "audit_type": Filter(of_audit_type),
        "settled": flag(lambda row, _: row.state.in_(ACTION_SETTLED)),
        "set_from": from_midnight("set_at"),
        "set_to": before_midnight("set_at"),
        "due_from": on_or_after("due_on"),
        "due_to": before("due_on"),
    },
)
"""Soonest due first, then what has no date yet. Half-open: `due_from` is in, `due_to` is out."""
