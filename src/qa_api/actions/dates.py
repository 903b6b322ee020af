"""The dates of a restorative action: when one changes, the former one is kept (R4.2.6)."""

from datetime import date
from typing import Literal

from sqlalchemy import func, select

from qa_api.actions.answered import AnsweredAction
from qa_api.alerts import held_as, leave_alert
from qa_api.directory.service import team_leads
from qa_api.models.actions import ActionDateChange, RestorativeAction
from qa_api.rules.actions import missed_by
from qa_api.rules.alerts import AlertKind
from qa_api.rules.routing import who_is_told
from qa_api.work import Work

_COLUMNS = {"finish_on": "due_on", "done_on": "done_on"}


async def change_date(
    work: Work,
    action: RestorativeAction | AnsweredAction,
    which: Literal["finish_on", "done_on"],
    to: date,
    reason: str | None,
) -> None:
    """Change a date of an action; the former date is kept, with the reason.

    The team's lead is told of each change (R4.2.6). A first promise changes nothing: it needs no
    reason and nobody is told. A promised date that has passed counts as missed, whatever is
    promised next.
    """
    column = _COLUMNS[which]
    was: date | None = getattr(action, column)
    setattr(action, column, to)
    if which == "finish_on":
        action.missed_on = missed_by(was, action.missed_on, work.today)
        action.first_promised_on = action.first_promised_on or to
    if was is None or reason is None or was == to:
        return
    number = select(func.count()).where(ActionDateChange.action_id == action.id)
    work.session.add(
        ActionDateChange(
            action_id=action.id,
            number=int((await work.session.execute(number)).scalar_one()) + 1,
            which=which,
            was=was,
            became=to,
            reason=reason,
            changed_at=work.now,
            changed_by=work.actor.worker,
            **held_as(action),
        )
    )
    await work.session.flush()
    await _tell_of_change(work, action)


async def _tell_of_change(work: Work, action: RestorativeAction | AnsweredAction) -> None:
    """Tell the team's lead that a date of an action has changed, unless they changed it."""
    told = who_is_told(await team_leads(work, action.team), work.actor.worker, work.policy_version)
    changes = select(func.count()).where(ActionDateChange.action_id == action.id)
    number = (await work.session.execute(changes)).scalar_one()
    await leave_alert(
        work,
        AlertKind.ACTION_DATE_CHANGED,
        action.id,
        acting_as=told.acting_as.value,
        recipient=told.worker or told.acting_as.value,
        occasion=str(number),
        **held_as(action),
    )
