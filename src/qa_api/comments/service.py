"""Commenting, replying, resolving, and releasing to the record (X8)."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select

from qa_api import events, problems
from qa_api.auth.actor import Actor, context_of_many
from qa_api.auth.duty import holds
from qa_api.auth.roles import Permission, Role
from qa_api.comments.queries import visible_to
from qa_api.comments.schemas import CommentIn, ReplyIn
from qa_api.comments.things import (
    OF_KIND,
    Because,
    Known,
    audit_of,
    check_conversation_open,
    known_readers,
    moderators_known,
    read_as,
    to_comment_on,
)
from qa_api.db import Prepared
from qa_api.models.access import Principal
from qa_api.models.comments import Comment, CommentAddressee
from qa_api.models.directory import Worker
from qa_api.problems import InputError
from qa_api.rules.comments import CLAUSE, CommentKind
from qa_api.rules.decision import AlreadySo
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

_LEADS = frozenset({Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE, Role.QUALITY_STANDARDS})


async def add(work: Work, comment_id: UUID, given: CommentIn) -> None:
    """Say something about an audit or what follows from it, to whoever may read that, or to some.

    Raises a problem where the thing is unknown to the caller, closed, or sealed from them, and
    where somebody named could not read what they are asked about.
    """
    person, kind = work.person(), CommentKind(given.kind)
    thing = await to_comment_on(work, kind, given.about, given.question_key)
    comment = Comment(
        id=comment_id,
        kind=kind,
        audit_id=audit_of(kind, thing),
        question_key=given.question_key,
        addressed=bool(given.addressees),
        text=given.text,
        written_by=person,
        written_at=work.now,
        subject_id=thing.subject_id,
        team=thing.team,
        worker=thing.worker,
        restricted=thing.restricted,
    )
    setattr(comment, OF_KIND[kind].column, thing.id)
    await _check_addressees(work, kind, thing.id, given.addressees)
    work.session.add(comment)
    await work.flush()
    work.session.add_all(
        CommentAddressee(comment_id=comment_id, addressee=one) for one in given.addressees
    )
    await _tell(work, comment)


async def reply(work: Work, reply_id: UUID, comment_id: UUID, given: ReplyIn) -> None:
    """Reply in a conversation. Whom the comment asks has answered it by that."""
    person = work.person()
    first = await _first(work, await work.take(Comment, comment_id, visible_to))
    await check_conversation_open(work, first)
    if first.resolved_at is not None:
        raise AlreadySo("conversation")
    answer = Comment(
        id=reply_id,
        reply_to=first.id,
        text=given.text,
        written_by=person,
        written_at=work.now,
        **{name: getattr(first, name) for name in _AS_THE_FIRST},
    )
    work.session.add(answer)
    asked = await work.session.get(CommentAddressee, (first.id, person))
    if asked is not None and asked.answered_at is None:
        asked.answered_at = work.now
    await _tell(work, answer)


_AS_THE_FIRST = (
    *("kind", "audit_id", "question_key", "response_id", "action_id", "escalation_id"),
    *("outcome_id", "addressed", "subject_id", "team", "worker", "restricted"),
)
"""What a reply has from the comment that began the conversation."""


async def resolve(work: Work, comment_id: UUID, expected: Precondition) -> None:
    """Say that a conversation has come to its end: nothing waits for anybody any more."""
    comment = await work.take(Comment, comment_id, visible_to)
    person = work.person()
    if comment.reply_to is not None:
        detail = "A conversation is resolved as a whole, at its first comment."
        raise problems.business_rule(CLAUSE, detail, code="a-reply")
    if comment.resolved_at is not None:
        raise AlreadySo("conversation")
    expected.check(comment.version)
    await _check_resolver(work, comment, person)
    await check_conversation_open(work, comment)
    comment.resolved_at, comment.resolved_by = work.now, person
    await work.record(
        events.CommentResolved(
            about=comment.id, subject=comment.subject_id, audit_id=comment.audit_id
        )
    )


async def release(work: Work, comment_id: UUID, expected: Precondition) -> None:
    """Let a comment stand in the subject's record, also after it is locked."""
    comment = await work.take(Comment, comment_id, visible_to)
    roles = work.require(Permission.COMMENT_RELEASE, team=comment.team)
    if comment.addressed and Role.QUALITY_STANDARDS not in roles:
        detail = "What was said to some alone is released by Quality & Standards."
        raise problems.forbidden(detail)
    if comment.released_at is not None:
        raise AlreadySo("released_comment")
    expected.check(comment.version)
    comment.released_at, comment.released_by = work.now, work.person()
    await work.record(events.CommentReleased(about=comment.id, subject=comment.subject_id))


async def _tell(work: Work, comment: Comment) -> None:
    await work.record(
        events.CommentAdded(about=comment.id, subject=comment.subject_id, audit_id=comment.audit_id)
    )


async def _first(work: Work, comment: Comment) -> Comment:
    if comment.reply_to is None:
        return comment
    return await work.take(Comment, comment.reply_to, visible_to)


async def _check_resolver(work: Work, comment: Comment, person: str) -> None:
    """Whoever began it, whom it asks, and who leads the team or oversees it may resolve it."""
    asked = await work.session.get(CommentAddressee, (comment.id, person))
    leads = work.actor.roles_over(team=comment.team) & _LEADS
    if person != comment.written_by and asked is None and not leads:
        detail = "Whoever began a conversation, is asked in it, or leads the team resolves it."
        raise problems.forbidden(detail)


# --- who is asked ---


async def _check_addressees(
    work: Work, kind: CommentKind, thing_id: UUID, to: Sequence[str]
) -> None:
    """Refuse to ask somebody who may not read what the comment is about, or the writer."""
    errors = problems.repeated(to, "addressees")
    if to and not errors:
        known = await moderators_known(work, kind, thing_id)
        told = await known_readers(work, kind, thing_id)
        # Whether others may read it rests on rows that the caller need not see.
        await work.act_as_service()
        otherwise = Because.NOT_TO_MODERATE if told is None else Because.KNOWN_TO_ALL
        found = _readers(work, kind, thing_id, to, known, otherwise)
        readers = {worker async for worker in found}
        readers.discard(work.person())
        if told is not None:
            readers = await _only_known(work, readers, told)
        detail = "They may not read this, or it is you: ask somebody else."
        errors = [
            InputError.at(["addressees", at], "cannot-read-it", detail)
            for at, worker in enumerate(to)
            if worker not in readers
        ]
    if errors:
        raise problems.validation(errors)


async def _only_known(work: Work, readers: set[str], told: Known) -> set[str]:
    """Those of the readers who are no news to a writer that is not told who holds the case.

    Whoever tried names would find out who does. That the auditor reads it, and Quality & Standards
    do, everybody knows; of anybody else who was audited is told nothing.
    """
    overseeing = select(Worker.code).where(
        Worker.code.in_(readers), holds(Worker.code, Role.QUALITY_STANDARDS, even_away=True)
    )
    always = {*await work.session.scalars(overseeing), told.auditor} & readers
    return always if told.alone else (readers - {told.held_by}) | always


async def _readers(
    work: Work,
    kind: CommentKind,
    thing_id: UUID,
    workers: Iterable[str],
    known: frozenset[str],
    otherwise: Because,
) -> Any:
    """Those of the workers who may read the thing, in one of their accounts.

    That they moderate it counts only for those of whom that is `known`; `otherwise`: for which
    reasons the others do.
    """
    accounts = select(Principal.id).where(Principal.worker.in_([*workers]))
    principals = [*await work.session.scalars(accounts)]
    rows = await work.run(_rights(), principals=principals, now=work.now, today=work.today)
    for row in rows:
        actor = Actor.of(row)
        if actor.holds(Permission.COMMENT_READ):
            caller = actor.as_caller(work.now, work.today)
            because = Because.ANY if row.worker in known else otherwise
            if await read_as(work, kind, thing_id, caller, because) is not None:
                yield row.worker


@cache
def _rights() -> Prepared:
    return Prepared.of(context_of_many())
