"""Reading hand-overs: who proposed one, Quality & Standards, and each new holder their own part."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    Uuid,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, JSONPATH

from qa_api.auth.actor import Me
from qa_api.auth.reach import allowed_actions, unrestricted, whole_authority
from qa_api.hand_overs.reach import hidden, seen_by_who_proposed
from qa_api.hand_overs.schemas import HandOverItemOut, HandOverOut, HandOverRow
from qa_api.hand_overs.standing import away_from, overtaken
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.comments import Comment
from qa_api.models.escalations import Escalation
from qa_api.models.hand_overs import HandOver, HandOverItem
from qa_api.models.inner import one_of, there_is, value_of
from qa_api.models.moderation import LearningAction, ModerationOutcome
from qa_api.models.responses import AuditResponse
from qa_api.models.subjects import Subject
from qa_api.reads.documents import Document
from qa_api.reads.filters import before_midnight, equals, from_midnight
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape
from qa_api.rules.hand_over import NO_LEAVE, HandedKind

_RECORDS: tuple[tuple[Any, tuple[HandedKind, ...]], ...] = (
    (Audit, (HandedKind.AUDIT,)),
    (AuditResponse, (HandedKind.RESPONSE, HandedKind.REVIEW)),
    (RestorativeAction, (HandedKind.ACTION, HandedKind.VERIFICATION)),
    (ModerationOutcome, (HandedKind.MODERATION, HandedKind.CONSENSUS)),
    (Escalation, (HandedKind.ESCALATION,)),
    (LearningAction, (HandedKind.LEARNING_ACTION, HandedKind.LEARNING_VERIFICATION)),
    (Comment, (HandedKind.COMMENT,)),
)
"""Where a thing stands that is about somebody; the other kinds are about nobody's record."""


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Who proposed it and Quality & Standards; once it is carried out, who was given something."""
    item = aliased(HandOverItem)
    given = there_is(
        item, item.hand_over_id == row.id, item.goes_to == me.worker, not_(hidden(item))
    )
    return or_(seen_by_who_proposed(row, me), and_(row.accepted_at.is_not(None), given))


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
    mine = or_(seen_by_who_proposed(row, me), func.coalesce(item.goes_to == me.worker, False))
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
    """A new holder reads what they were given; nobody what is hidden from them."""
    whole = aliased(HandOver)
    told = there_is(whole, whole.id == item.hand_over_id, seen_by_who_proposed(whole, me))
    return and_(or_(func.coalesce(item.goes_to == me.worker, False), told), not_(hidden(item)))


def _passed_over(item: Any, _: Me) -> ColumnElement[Any]:
    """Who may not take it; that somebody had no leave, only while it needs leave."""
    needs_leave = []
    for entity, kinds in _RECORDS:
        record = aliased(entity)
        restricted = there_is(record, record.id == item.thing_id, record.restricted)
        needs_leave.append(and_(item.kind.in_(kinds), restricted))
    others = func.jsonb_path_query_array(
        item.passed_over,
        cast("$[*] ? (@.detail != $of_leave)", JSONPATH),
        func.jsonb_build_object("of_leave", literal(NO_LEAVE, Text)),
        type_=JSONB,
    )
    return case((or_(*needs_leave), item.passed_over), else_=others)


def _counted(*, goes: bool) -> Expression:
    """How many things go, or stay, of those that the caller may read of."""

    def column(row: Any, me: Me) -> ColumnElement[Any]:
        item = aliased(HandOverItem)
        going = item.goes_to.is_not(None) if goes else item.goes_to.is_(None)
        mine = or_(seen_by_who_proposed(row, me), func.coalesce(item.goes_to == me.worker, False))
        found = select(func.count()).where(
            item.hand_over_id == row.id, going, mine, not_(hidden(item))
        )
        return value_of(item, found)

    return column


def _overtaken_and_allowed(row: Any, me: Me) -> Mapping[str, ColumnElement[Any]]:
    """What stands against it, and so whether it can be carried out."""
    # OFFSET 0: else PostgreSQL would write what it finds into both, and look twice.
    once = select(overtaken(row, me).label("codes")).correlate_except().offset(0).lateral()
    own = func.coalesce(row.proposed_by == me.worker, False)
    steps = {
        "accept": and_(own, func.cardinality(once.c.codes) == 0),
        "withdraw": or_(own, whole_authority(me)),
    }
    return {"overtaken": once.c.codes, "allowed_actions": allowed_actions(row, me.roles, steps)}


HAND_OVER = Document(
    Shape(
        HandOverOut,
        HandOver,
        {
            "items": Shape(
                HandOverItemOut,
                HandOverItem,
                {"subject": _subject, "passed_over": _passed_over},
                kept=_kept,
                by_parent=lambda row: {"away_from": lambda item, me: away_from(item, row, me)},
            ),
            "shared": lambda row, me: case((seen_by_who_proposed(row, me), row.shared)),
        },
        together=_overtaken_and_allowed,
    ),
    visible=visible_to,
    subjects=_subjects,
)

HAND_OVERS = Listing(
    name="hand-overs",
    shape=Shape(
        HandOverRow,
        HandOver,
        {
            "overtaken": overtaken,
            "goes": _counted(goes=True),
            "stays": _counted(goes=False),
        },
    ),
    visible=visible_to,
    filters={
        "state": equals("state"),
        "from_worker": equals("from_worker"),
        "to_worker": Filter(lambda row, value, _: value == any_(row.to_workers)),
        "proposed_by": equals("proposed_by"),
        "proposed_from": from_midnight("proposed_at"),
        "proposed_to": before_midnight("proposed_at"),
    },
)
"""Newest first."""
