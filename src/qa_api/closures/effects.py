"""What each type of case event does, once it is kept and it is its turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.sql import bindparam

from qa_api.closures.merging import (
    Merging,
    carry_out,
    park,
    tell_of_late_restriction,
)
from qa_api.closures.messages import (
    EPISODE_TYPES,
    AllocationChangedMessage,
    CaseClosed,
    CaseEventMessage,
    CaseReopened,
    ClosureCancelled,
    ClosureProposed,
    EpisodeData,
    EpisodeMessage,
    EventSubject,
    PersonMerged,
    RecordRestrictedMessage,
)
from qa_api.closures.restricting import told_restrictions
from qa_api.closures.schemas import Outcome
from qa_api.closures.service import Settled, Told, settle_episode
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.rules.closure import EpisodeEvent
from qa_api.rules.merging import MergeVerdict
from qa_api.rules.restriction import RestrictionEvent, RestrictionKind, restriction_now
from qa_api.subjects.service import reallocate, register_subject, restrict
from qa_api.work import Work


@dataclass(frozen=True, slots=True)
class Done:
    """What an event did about one reference."""

    ref: str
    settled: Settled
    subject_id: UUID | None = None


_KNOWN = (
    select(SubjectAlias.ref, Subject)
    .join(Subject, Subject.id == SubjectAlias.subject_id)
    .where(
        SubjectAlias.system == bindparam("system"),
        SubjectAlias.ref.in_(bindparam("refs", expanding=True)),
    )
    .order_by(Subject.id)
    .with_for_update(of=Subject, key_share=True)
)


@dataclass(frozen=True, slots=True)
class _Named:
    """The subjects that an event names, by reference: known before, and made by it."""

    known: dict[str, Subject]
    new: dict[str, Subject]

    @property
    def all(self) -> dict[str, Subject]:
        """Both."""
        return self.known | self.new


def refs_of(message: CaseEventMessage) -> list[str]:
    """The references that an event names, in its order."""
    if isinstance(message, PersonMerged):
        return [message.data.merge.source, message.data.merge.into]
    if isinstance(message, EpisodeMessage | AllocationChangedMessage | RecordRestrictedMessage):
        return [subject.ref for subject in message.data.subjects]
    return []


async def apply_event(
    work: Work,
    system: str,
    message: CaseEventMessage,
    event_id: UUID,
    merging: Merging | None = None,
) -> list[Done]:
    match message:
        case ClosureProposed() | ClosureCancelled() | CaseClosed() | CaseReopened():
            return await _take_its_place(work, system, message, event_id)
        case AllocationChangedMessage():
            subjects = (await _registered(work, system, message.data.subjects)).all
            changed = {ref: await _allocate(work, s, message) for ref, s in subjects.items()}
        case RecordRestrictedMessage():
            subjects = (await _registered(work, system, message.data.subjects)).all
            changed = {
                ref: await _restrict(work, s, message, event_id) for ref, s in subjects.items()
            }
        case PersonMerged() if merging is not None:
            return await _merge(work, merging, message, event_id)
        case _:
            return []
    applied = {True: Settled(Outcome.APPLIED), False: Settled()}
    return [Done(ref, applied[changed[ref]], subjects[ref].id) for ref in refs_of(message)]


async def _merge(work: Work, merging: Merging, message: PersonMerged, event_id: UUID) -> list[Done]:
    if merging.parked:
        await park(work, event_id, merging.verdict)
        return [Done(ref, Settled(Outcome.PARKED)) for ref in refs_of(message)]
    known = merging.verdict is MergeVerdict.ALREADY_ONE
    settled = Settled(Outcome.NO_CHANGE if known else Outcome.APPLIED)
    left = await carry_out(work, merging)
    return [Done(ref, settled, left.id) for ref in refs_of(message)]


async def _take_its_place(
    work: Work, system: str, message: EpisodeMessage, event_id: UUID
) -> list[Done]:
    """The event takes its place in its episode, which is folded anew for each child named."""
    data = message.data
    named = await _registered(work, system, data.subjects, holders=data)
    known = {subject.id: subject for subject in named.known.values()}
    closure = data.closure
    told = Told(
        EpisodeEvent(
            event_id=str(event_id),
            type=EPISODE_TYPES[message.type],
            source_version=data.source_version,
            occurred_at=data.occurred_at,
            reason_code=closure.reason_code if closure else None,
        ),
        closure.date if closure else None,
    )
    settled = await settle_episode(
        work,
        system,
        data.episode_id,
        told,
        known=list(known.values()),
        new=list(named.new.values()),
    )
    subjects = named.all
    return [Done(ref, settled[subjects[ref].id], subjects[ref].id) for ref in refs_of(message)]


async def _registered(
    work: Work,
    system: str,
    named: Sequence[EventSubject],
    *,
    holders: EpisodeData | None = None,
) -> _Named:
    """The subjects named, made where they are new, each locked until this work is done.

    An event that says who holds the case counts as an allocation, if it is the newest.
    """
    by_ref = {each.ref: each for each in named}
    rows = await work.session.execute(_KNOWN, {"system": system, "refs": list(by_ref)})
    known = {row.ref: row.Subject for row in rows}
    given = {} if holders is None else _allocation(holders)
    new = {}
    for ref in sorted(by_ref.keys() - known.keys()):
        each = by_ref[ref]
        new[ref] = await register_subject(
            work, system, ref, _kind(each), born_on=each.born_on, died_on=each.died_on, **given
        )
    for subject in known.values():
        if given and (subject.allocated_at is None or subject.allocated_at < given["allocated_at"]):
            await _hand_over(work, subject, given["team"], given["worker"], given["allocated_at"])
    await work.session.flush()
    return _Named(known, new)


def _kind(named: EventSubject) -> str:
    return "carer_household" if named.role == "carer_household" else "child"


def _allocation(data: EpisodeData) -> dict[str, Any]:
    if data.team is None and data.worker is None:
        return {}
    return {"team": data.team, "worker": data.worker, "allocated_at": data.occurred_at}


async def _hand_over(
    work: Work, subject: Subject, team: str | None, worker: str | None, at: datetime
) -> bool:
    """What an event leaves unsaid about the holder stays as it was."""
    return await reallocate(
        work,
        subject,
        team=team or subject.reported_team or subject.team,
        worker=worker or subject.reported_worker or subject.worker,
        at=at,
    )


async def _allocate(work: Work, subject: Subject, message: AllocationChangedMessage) -> bool:
    allocation = message.data.allocation
    said = allocation.model_fields_set
    held = {"team": subject.reported_team or subject.team}
    held["worker"] = subject.reported_worker or subject.worker
    holders = {name: getattr(allocation, name) if name in said else held[name] for name in held}
    return await reallocate(work, subject, at=message.data.occurred_at, **holders)


async def _restrict(
    work: Work, subject: Subject, message: RecordRestrictedMessage, event_id: UUID
) -> bool:
    """The record is restricted while any reason stands, in whatever order they were told."""
    told = await told_restrictions(work, subject.id)
    now = message.data.restriction
    told.append(RestrictionEvent(str(event_id), now.kind, now.on, message.data.occurred_at))
    if now.on and now.kind == RestrictionKind.PRE_ADOPTION:
        await tell_of_late_restriction(work, subject, event_id)
    return await restrict(work, subject, restriction_now(told))
