"""What a comment can be about: each kind of thing, who reads it, and whether it is open (X8).

A comment has no readers of its own. Whoever may read the thing reads what is said about it, by the
lock of the thing's own domain.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, literal, not_, or_, select

from qa_api import problems
from qa_api.actions import queries as actions
from qa_api.audits import queries as audits
from qa_api.audits.judged import content_shown
from qa_api.audits.naming import holder_named, team_named
from qa_api.auth.actor import CALLER, Me
from qa_api.escalations import queries as escalations
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.catalogue import ToolQuestion
from qa_api.models.comments import Comment
from qa_api.models.escalations import Escalation
from qa_api.models.inner import there_is
from qa_api.models.moderation import ModerationOutcome, ModerationSample
from qa_api.models.responses import AuditResponse
from qa_api.models.sealed import is_sealed
from qa_api.moderation import queries as moderation
from qa_api.problems import InputError
from qa_api.reads.shapes import Predicate
from qa_api.responses import queries as responses
from qa_api.rules.comments import CommentKind, check_open
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work


def _audit_read_not_to_moderate(row: Any, me: Me) -> ColumnElement[bool]:
    return and_(audits.visible_not_to_moderate(row, me), content_shown(row, me))


def _audit_read_openly(row: Any, me: Me) -> ColumnElement[bool]:
    return and_(audits.visible_openly(row, me), content_shown(row, me))


class Because(StrEnum):
    """For which reasons somebody is held to read a thing: all there are, or what may be known."""

    ANY = "any"
    NOT_TO_MODERATE = "not_to_moderate"
    KNOWN_TO_ALL = "known_to_all"


class Thing(Unchanging, eq=False):
    """One kind of thing: its table, the column of a comment that names it, and its first lock.

    `read_otherwise`: the lock for some of the reasons alone, where that makes a difference.
    """

    entity: Any
    column: str
    read_by: Predicate
    kinds: tuple[CommentKind, ...]
    read_otherwise: Mapping[Because, Predicate] = field(default_factory=dict)


_THINGS: Final = (
    Thing(
        Audit,
        "audit_id",
        audits.content_visible_to,
        (CommentKind.AUDIT, CommentKind.QUESTION),
        {
            Because.NOT_TO_MODERATE: _audit_read_not_to_moderate,
            Because.KNOWN_TO_ALL: _audit_read_openly,
        },
    ),
    Thing(AuditResponse, "response_id", responses.visible_to, (CommentKind.AUDIT_RESPONSE,)),
    Thing(
        RestorativeAction,
        "action_id",
        actions.visible_to,
        (CommentKind.RESTORATIVE_ACTION,),
        {Because.KNOWN_TO_ALL: actions.visible_openly},
    ),
    Thing(Escalation, "escalation_id", escalations.visible_to, (CommentKind.ESCALATION,)),
    Thing(
        ModerationOutcome,
        "outcome_id",
        moderation.outcome_visible_to,
        (CommentKind.MODERATION_OUTCOME,),
    ),
)
OF_KIND: Final[Mapping[CommentKind, Thing]] = {
    kind: thing for thing in _THINGS for kind in thing.kinds
}


def may_read_the_thing(comment: Any, me: Me) -> ColumnElement[bool]:
    """Whether the caller may read what a comment is about."""

    def of(thing: Thing) -> ColumnElement[bool]:
        row = aliased(thing.entity)
        named = row.id == getattr(comment, thing.column)
        return and_(comment.kind.in_(thing.kinds), there_is(row, named, thing.read_by(row, me)))

    return or_(*(of(thing) for thing in _THINGS))


@cache
def _reading(kind: CommentKind, because: Because) -> Select[Any]:
    thing = OF_KIND[kind]
    of_this_id = thing.entity.id == bindparam("id", type_=Uuid)
    read = thing.read_otherwise.get(because, thing.read_by)
    return select(thing.entity).where(of_this_id, read(thing.entity, CALLER))


async def read_as(
    work: Work,
    kind: CommentKind,
    id_: UUID,
    caller: Mapping[str, Any],
    because: Because = Because.ANY,
) -> Any:
    """The thing, held open until the commit, if it is there for a caller (`Work.caller`)."""
    reading = _reading(kind, because)
    held = reading.with_for_update(read=True, of=OF_KIND[kind].entity)
    return await work.session.scalar(held, {**caller, "id": id_})


async def moderators_known(work: Work, kind: CommentKind, id_: UUID) -> frozenset[str]:
    """Who moderates an audit, as far as the caller may know: not who is to judge it sealed.

    Whoever tried whom a comment may be addressed to would find out who that is (R4.5.3).
    """
    if Because.NOT_TO_MODERATE not in OF_KIND[kind].read_otherwise:
        return frozenset()
    found = await work.session.scalars(_moderators(), {**work.caller, "id": id_})
    return frozenset(found)


def audited_before(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether the caller reads an audit for the sake of their own view alone (R4.1.9).

    The case is another's by now, and who holds it is not theirs to know.
    """
    return not_(team_named(row, me))


class Known(NamedTuple):
    """Of whom the writer knows that they read the thing; `held_by` holds the case, unknown to them.

    `alone`: of nobody else.
    """

    held_by: str | None = None
    auditor: str | None = None
    alone: bool = False


async def known_readers(work: Work, kind: CommentKind, id_: UUID) -> Known | None:
    """What the writer must not find out by trying names.

    Of an audit who holds the case, where they are not told that; of an action who has to do with
    its audit, where they do not read the audit. None where nothing is kept from them.
    """
    entity, values = OF_KIND[kind].entity, {**work.caller, "id": id_}
    if entity is RestorativeAction:
        return None if await work.session.scalar(_reads_its_audit(), values) else Known()
    if entity is not Audit:
        return None
    row = (await work.session.execute(_holder(), values)).one_or_none()
    return None if row is None or row.named else Known(row.worker, row.auditor, row.alone)


@cache
def _reads_its_audit() -> Select[UUID]:
    action, audit = RestorativeAction, aliased(Audit)
    read = there_is(audit, audit.id == action.audit_id, audits.content_visible_to(audit, CALLER))
    return select(action.id).where(action.id == bindparam("id", type_=Uuid), read)


@cache
def _holder() -> Select[str | None, str | None, bool, bool]:
    return select(
        Audit.worker,
        Audit.auditor,
        holder_named(Audit, CALLER).label("named"),
        audited_before(Audit, CALLER).label("alone"),
    ).where(Audit.id == bindparam("id", type_=Uuid))


@cache
def _moderators() -> Select[Any]:
    outcome = ModerationOutcome
    return select(outcome.moderator).where(
        outcome.audit_id == bindparam("id", type_=Uuid),
        outcome.moderator.is_not(None),
        or_(outcome.sealed.is_(False), outcome.moderated_at.is_not(None)),
        moderation.outcome_visible_to(outcome, CALLER),
    )


async def to_comment_on(work: Work, kind: CommentKind, id_: UUID, question: str | None) -> Any:
    """The thing that the caller comments on; one that they may not read is unknown to them.

    It cannot close before the commit.
    """
    found = await read_as(work, kind, id_, work.caller)
    if found is None:
        detail = "There is no such thing of this kind."
        raise problems.validation([InputError.at(["about"], "unknown", detail)])
    await _check_question(work, kind, found, question)
    await _check_not_sealed(work, audit_of(kind, found))
    await check_not_locked(work, kind, found)
    return found


def audit_of(kind: CommentKind, thing: Any) -> UUID | None:
    """The audit that a thing is, or belongs to."""
    audit_id: UUID | None = thing.id if OF_KIND[kind].column == "audit_id" else thing.audit_id
    return audit_id


async def _check_not_sealed(work: Work, audit_id: UUID | None) -> None:
    """Who is to judge an audit sealed talks about it afterwards.

    Asked before whether the conversation is locked: that the audit has closed tells the judgement.
    """
    sealed = select(is_sealed(literal(audit_id, Uuid)))
    if audit_id is not None and await work.session.scalar(sealed):
        detail = "Record your own judgement first: then you and the auditor read and talk."
        raise problems.business_rule("§4.5, R4.5.3", detail, code="sealed")


async def _check_question(work: Work, kind: CommentKind, found: Any, key: str | None) -> None:
    if (key is not None) != (kind is CommentKind.QUESTION):
        detail = "Say which question exactly where the comment is about a question."
        raise problems.validation([InputError.at(["question_key"], "not-both", detail)])
    if key is None:
        return
    asked = select(ToolQuestion.key).where(
        ToolQuestion.tool_id == found.tool_id, ToolQuestion.key == key
    )
    if await work.session.scalar(asked) is None:
        detail = "The audit's tool has no such question."
        raise problems.validation([InputError.at(["question_key"], "unknown", detail)])


async def check_not_locked(work: Work, kind: CommentKind, thing: Any) -> None:
    """Refuse a conversation about what is closed."""
    state = thing.state if kind is not CommentKind.MODERATION_OUTCOME else None
    if state is None:
        sample = select(ModerationSample.state).where(ModerationSample.id == thing.sample_id)
        state = await work.session.scalar(sample.with_for_update(read=True))
    check_open(kind, str(state))


async def check_conversation_open(work: Work, comment: Comment) -> None:
    """Refuse to go on with a conversation whose thing is closed; it stays open until the commit."""
    kind = CommentKind(comment.kind)
    thing = OF_KIND[kind]
    held = select(thing.entity).where(thing.entity.id == getattr(comment, thing.column))
    found = (await work.session.scalars(held.with_for_update(read=True))).one()
    await check_not_locked(work, kind, found)
