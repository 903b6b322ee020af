"""Reading hand-overs: who proposed one, Quality & Standards, and each new holder their own part."""

from typing import Any

from sqlalchemy import ColumnElement, Uuid, and_, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from qa_api.auth.actor import Me
from qa_api.auth.reach import allowed_actions, unrestricted, whole_authority
from qa_api.hand_overs.schemas import HandOverItemOut, HandOverOut
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.escalations import Escalation
from qa_api.models.hand_overs import HandOver, HandOverItem
from qa_api.models.inner import one_of, there_is, value_of
from qa_api.models.moderation import LearningAction, ModerationOutcome
from qa_api.models.responses import AuditResponse
from qa_api.models.subjects import Subject
from qa_api.reads.documents import Document
from qa_api.reads.shapes import Shape
from qa_api.rules.hand_over import HandedKind

_RECORDS: tuple[tuple[Any, tuple[HandedKind, ...]], ...] = (
    (Audit, (HandedKind.AUDIT,)),
    (AuditResponse, (HandedKind.RESPONSE, HandedKind.REVIEW)),
    (RestorativeAction, (HandedKind.ACTION, HandedKind.VERIFICATION)),
    (ModerationOutcome, (HandedKind.MODERATION,)),
    (Escalation, (HandedKind.ESCALATION,)),
    (LearningAction, (HandedKind.LEARNING_ACTION,)),
)


def _sees_whole(row: Any, me: Me) -> ColumnElement[bool]:
    return or_(func.coalesce(row.proposed_by == me.worker, False), whole_authority(me))


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Who proposed it and Quality & Standards; once it is carried out, who was given something."""
    item = aliased(HandOverItem)
    given = there_is(item, item.hand_over_id == row.id, item.goes_to == me.worker)
    return or_(_sees_whole(row, me), and_(row.accepted_at.is_not(None), given))


def _subject_id(item: Any) -> ColumnElement[Any]:
    """Of whose record the thing is, as far as its own row shows to whoever reads."""
    found = []
    for entity, kinds in _RECORDS:
        record = aliased(entity)
        of_thing = select(record.subject_id).where(record.id == item.thing_id)
        found.append((item.kind.in_(kinds), value_of(record, of_thing)))
    return case(*found)


def _subject(item: Any, me: Me) -> ColumnElement[Any]:
    subject = aliased(Subject)
    shown = select(subject.id, subject.kind, subject.system, subject.ref).where(
        subject.id == _subject_id(item), unrestricted(subject, me, subject.id)
    )
    return one_of(subject, shown)


def _subjects(row: Any, me: Me) -> ColumnElement[Any]:
    """Each subject whose thing the caller is shown."""
    item, subject = aliased(HandOverItem), aliased(Subject)
    mine = or_(_sees_whole(row, me), func.coalesce(item.goes_to == me.worker, False))
    found = select(
        func.coalesce(func.array_agg(subject.id.distinct()), cast([], ARRAY(Uuid)))
    ).where(
        item.hand_over_id == row.id,
        mine,
        subject.id == _subject_id(item),
        unrestricted(subject, me, subject.id),
    )
    return value_of((item, subject), found)


def _kept(item: Any, me: Me) -> ColumnElement[bool]:
    """A new holder reads what they were given."""
    whole = aliased(HandOver)
    told = there_is(whole, whole.id == item.hand_over_id, _sees_whole(whole, me))
    return or_(func.coalesce(item.goes_to == me.worker, False), told)


HAND_OVER = Document(
    Shape(
        HandOverOut,
        HandOver,
        {
            "items": Shape(
                HandOverItemOut,
                HandOverItem,
                {"subject": _subject},
                kept=_kept,
            ),
            "allowed_actions": lambda row, me: allowed_actions(
                row, me.roles, {"accept": func.coalesce(row.proposed_by == me.worker, False)}
            ),
        },
    ),
    visible=visible_to,
    subjects=_subjects,
)
