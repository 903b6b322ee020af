"""Whether a proposed hand-over can still be carried out, and which new holders will be away.

It is asked when a proposal is read, as whoever reads it: what they may not see is not told.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Date, Text, and_, case, cast, func, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from qa_api.auth.actor import Me
from qa_api.directory.service import available
from qa_api.hand_overs.reach import hidden
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.directory import Absence, Worker
from qa_api.models.hand_overs import HandOverItem
from qa_api.models.inner import there_is, value_of
from qa_api.models.moderation import ModerationOutcome, ModerationSample
from qa_api.models.responses import AuditResponse
from qa_api.models.sealed import stands_in
from qa_api.reads.expressions import of_standing_audit
from qa_api.rules.hand_over import HandOverBecause, HandOverKind, Overtaken
from qa_api.rules.states import (
    ACTION_TO_DO,
    AUDIT_OPEN,
    RESPONSE_TO_SUBMIT,
    HandOverState,
    SampleState,
)


def held_audit(audit: Any, holder: Any) -> ColumnElement[bool]:
    """Whether an audit is theirs to carry out."""
    return and_(audit.auditor == holder, stands_in(audit, AUDIT_OPEN))


def held_response(response: Any, holder: Any) -> ColumnElement[bool]:
    """Whether a response is theirs to give."""
    theirs = or_(
        response.handed_to == holder,
        and_(response.worker == holder, response.handed_to.is_(None)),
    )
    return and_(theirs, response.state.in_(RESPONSE_TO_SUBMIT), of_standing_audit(response))


def held_action(action: Any, holder: Any) -> ColumnElement[bool]:
    """Whether an action that is set is theirs to do."""
    to_do = and_(action.set_at.is_not(None), action.state.in_(ACTION_TO_DO))
    return and_(action.owner == holder, to_do, of_standing_audit(action))


def held_outcome(outcome: Any, holder: Any) -> ColumnElement[bool]:
    """Whether a drawn audit is theirs to moderate."""
    sample = aliased(ModerationSample)
    ended = there_is(sample, sample.id == outcome.sample_id, sample.state != SampleState.OPEN)
    to_judge = and_(outcome.moderated_at.is_(None), not_(ended))
    return and_(outcome.moderator == holder, to_judge, of_standing_audit(outcome))


_HELD: Mapping[HandOverKind, tuple[Any, Any]] = {
    HandOverKind.AUDIT: (Audit, held_audit),
    HandOverKind.RESPONSE: (AuditResponse, held_response),
    HandOverKind.ACTION: (RestorativeAction, held_action),
    HandOverKind.MODERATION: (ModerationOutcome, held_outcome),
}


def came_back(because: Any, holder: Any, proposed_on: Any, today: Any) -> ColumnElement[bool]:
    """Whether somebody was away and is here again since it was proposed for that reason."""
    absence, person = aliased(Absence), aliased(Worker)
    ended = func.upper(absence.valid)
    was_away = there_is(absence, absence.worker == holder, ended > proposed_on, ended <= today)
    here = there_is(person, person.code == holder, available(person, today))
    return and_(because == HandOverBecause.AWAY, was_away, here)


def overtaken(row: Any, me: Me) -> ColumnElement[Any]:
    """Why a proposal cannot be carried out as things are today, as codes; none of one decided."""
    item, person = aliased(HandOverItem), aliased(Worker)
    goes = and_(item.hand_over_id == row.id, item.goes_to.is_not(None), not_(hidden(item)))
    here = there_is(person, person.code == item.goes_to, available(person, me.today))
    proposed_on = cast(func.timezone("Europe/London", row.proposed_at), Date)
    whys = (
        (Overtaken.CAME_BACK, came_back(row.because, row.from_worker, proposed_on, me.today)),
        (Overtaken.NO_LONGER_THEIRS, there_is(item, goes, _gone(item, row.from_worker))),
        (Overtaken.NEW_HOLDER_NOT_HERE, there_is(item, goes, not_(here))),
    )
    codes = array([case((why, literal(code.value, Text))) for code, why in whys])
    told = func.array_remove(codes, None, type_=ARRAY(Text))
    return case((row.state == HandOverState.PROPOSED, told), else_=cast([], ARRAY(Text)))


def _gone(item: Any, holder: Any) -> ColumnElement[bool]:
    """Whether the thing that was to go shows itself, and is not theirs any more."""
    found = []
    for kind, (entity, held) in _HELD.items():
        thing = aliased(entity)
        theirs = func.coalesce(held(thing, holder), False)
        gone = there_is(thing, thing.id == item.thing_id, not_(theirs))
        found.append(and_(item.kind == kind, gone))
    return or_(*found)


def away_from(item: Any, hand_over: Any, me: Me) -> ColumnElement[Any]:
    """From which day to come the new holder of a thing is not here, where that is before its due
    date; of a thing without a date any such day. Null once the proposal is decided."""
    absence, person = aliased(Absence), aliased(Worker)
    begins = func.lower(absence.valid)
    leave = select(func.min(begins)).where(absence.worker == item.goes_to, begins > me.today)
    leaves = select(person.leaves_on + 1).where(
        person.code == item.goes_to, person.leaves_on >= me.today
    )
    first = func.least(value_of(absence, leave), value_of(person, leaves))
    told = and_(
        hand_over.state == HandOverState.PROPOSED,
        or_(item.due_on.is_(None), first <= item.due_on),
    )
    return case((told, first))
