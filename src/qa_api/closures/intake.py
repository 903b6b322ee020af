"""Taking in what case systems send: kept exactly, applied at once, answered the same each time.

`(system, event id)` is the key. Events of one episode, and events about one reference, take turns,
so that a repeat, a late event and a burst of them all leave what one of them in order would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, Table, Text, insert, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import bindparam

from qa_api import events, problems
from qa_api.closures.messages import (
    EPISODE_TYPES,
    RESTRICTION,
    AllocationChangedMessage,
    CaseClosed,
    CaseEventMessage,
    CaseReopened,
    ClosureCancelled,
    ClosureProposed,
    EpisodeData,
    EpisodeMessage,
    EventSubject,
    Malformed,
    PersonMerged,
    RecordRestrictedMessage,
)
from qa_api.closures.schemas import (
    BatchItem,
    CaseEventReceipt,
    Fault,
    Outcome,
    SubjectOutcome,
)
from qa_api.closures.service import Settled, Told, settle_episode
from qa_api.models.base import new_id
from qa_api.models.closures import CaseEvent, CaseEventOutcome, ConflictingCaseEvent
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.rules.closure import EpisodeEvent
from qa_api.rules.restriction import RestrictionEvent, RestrictionKind, restriction_now
from qa_api.subjects.service import reallocate, register_subject, restrict
from qa_api.work import Work

Sent = dict[str, Any]
"""A CloudEvent as it came, envelope and all."""

NOT_MERGED = "merging_not_carried_out"
_FOREIGN = "The event's source is not the system that the token names."
_TURNS = text(
    "SELECT source, set_config('qa.reach', 'service', true), (SELECT count(*) FROM"
    " (SELECT pg_advisory_xact_lock(turn) FROM unnest(:turns) AS turn OFFSET 0) AS taken)"
    " FROM case_systems WHERE code = :system"
).bindparams(bindparam("turns", type_=ARRAY(BigInteger)), bindparam("system", type_=Text))
_KEEP = (
    postgresql.insert(cast("Table", CaseEvent.__table__))
    .on_conflict_do_nothing()
    .returning(CaseEvent.id)
)
_KEEP_OUTCOMES = insert(cast("Table", CaseEventOutcome.__table__))
_FIRST_TIME = (
    select(
        CaseEvent.id,
        CaseEvent.fingerprint,
        CaseEventOutcome.ref,
        CaseEventOutcome.outcome,
        CaseEventOutcome.gate_id,
    )
    .outerjoin(CaseEventOutcome, CaseEventOutcome.case_event_id == CaseEvent.id)
    .where(CaseEvent.system == bindparam("system"), CaseEvent.event_id == bindparam("event_id"))
    .order_by(CaseEventOutcome.position)
)
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
class _Sender:
    """The system that sends, and what it calls itself in its events."""

    system: str
    source: str


@dataclass(frozen=True, slots=True)
class _Named:
    """The subjects that an event names, by reference: known before, and made by it."""

    known: dict[str, Subject]
    new: dict[str, Subject]

    @property
    def all(self) -> dict[str, Subject]:
        """Both."""
        return self.known | self.new


@dataclass(frozen=True, slots=True)
class _Done:
    """What an event did about one reference."""

    ref: str
    settled: Settled
    subject_id: UUID | None = None


async def receive_event(work: Work, message: CaseEventMessage, sent: Sent) -> CaseEventReceipt:
    """Keep and apply one event of the system that the caller is."""
    sender = await _take_turns(work, [message])
    if message.source != sender.source:
        raise problems.forbidden(_FOREIGN)
    return await _receive(work, sender, message, sent)


async def receive_batch(
    work: Work, members: Sequence[CaseEventMessage | Malformed], sent: Sequence[Sent]
) -> list[BatchItem]:
    """Keep and apply each event of a batch; what cannot be taken is refused, the others stand."""
    readable = [member for member in members if not isinstance(member, Malformed)]
    sender = await _take_turns(work, readable)
    items = []
    for position, (member, as_sent) in enumerate(zip(members, sent, strict=True)):
        if isinstance(member, Malformed):
            faults = [
                Fault(pointer=error.pointer or "", code=error.code, detail=error.detail)
                for error in member.errors(position)
            ]
            items.append(_refused(position, None, faults))
        elif member.source != sender.source:
            fault = Fault(pointer=f"/{position}/source", code="forbidden", detail=_FOREIGN)
            items.append(_refused(position, member.id, [fault]))
        else:
            receipt = await _receive(work, sender, member, as_sent)
            items.append(BatchItem(position=position, errors=[], **dict(receipt)))
    return items


def _refused(position: int, sent_id: str | None, faults: list[Fault]) -> BatchItem:
    return BatchItem(
        position=position,
        event_id=None,
        id=sent_id,
        outcome=Outcome.REFUSED,
        outcomes=[],
        errors=faults,
    )


async def _take_turns(work: Work, messages: Sequence[CaseEventMessage]) -> _Sender:
    """Who sends; waits for whoever is at the same episodes and references."""
    if work.actor.system is None:
        raise problems.forbidden("Only a case system sends events.")
    names = set()
    for message in messages:
        names |= {f"ref/{ref}" for ref in _refs(message)}
        if isinstance(message, EpisodeMessage):
            names.add(f"episode/{message.data.episode_id}")
    turns = sorted(_turn(f"{work.actor.system}/{name}") for name in names)
    source = await work.session.scalar(_TURNS, {"system": work.actor.system, "turns": turns})
    return _Sender(work.actor.system, str(source))


def _turn(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)


def _refs(message: CaseEventMessage) -> list[str]:
    if isinstance(message, PersonMerged):
        return [message.data.merge.source, message.data.merge.into]
    if isinstance(message, EpisodeMessage | AllocationChangedMessage | RecordRestrictedMessage):
        return [subject.ref for subject in message.data.subjects]
    return []


async def _receive(
    work: Work, sender: _Sender, message: CaseEventMessage, sent: Sent
) -> CaseEventReceipt:
    event_id = await _keep(work, sender.system, message, sent)
    if event_id is None:
        return await _answer_repeat(work, sender.system, message, sent)
    done = await _apply(work, sender.system, message, event_id)
    if done:
        await work.session.execute(
            _KEEP_OUTCOMES,
            [
                {
                    "case_event_id": event_id,
                    "position": position,
                    "ref": each.ref,
                    "outcome": each.settled.outcome,
                    "subject_id": each.subject_id,
                    "gate_id": each.settled.gate_id,
                }
                for position, each in enumerate(done)
            ],
        )
    about = {each.subject_id for each in done}
    await work.record(
        events.CaseEventReceived(
            about=event_id,
            subject=about.pop() if len(about) == 1 else None,
            # The type's name is the sender's own writing unless it is one of ours.
            event_type=message.type if done else "other",
        )
    )
    outcomes = [
        SubjectOutcome(ref=each.ref, outcome=each.settled.outcome, gate_id=each.settled.gate_id)
        for each in done
    ]
    gravest = min((each.outcome for each in outcomes), key=list(Outcome).index, default=None)
    return CaseEventReceipt(
        event_id=event_id, id=message.id, outcome=gravest or Outcome.IGNORED, outcomes=outcomes
    )


async def _keep(work: Work, system: str, message: CaseEventMessage, sent: Sent) -> UUID | None:
    """Keep the event as it came; None where its id came before."""
    data = message.data
    parked = isinstance(message, PersonMerged)
    kept: UUID | None = await work.session.scalar(
        _KEEP,
        {
            "id": new_id(),
            "system": system,
            "event_id": message.id,
            "type": message.type,
            "episode_id": getattr(data, "episode_id", None),
            "source_version": getattr(data, "source_version", None),
            "occurred_at": getattr(data, "occurred_at", message.time),
            "received_at": work.now,
            "fingerprint": _fingerprint(sent),
            "data": sent,
            "parked": parked,
            "parked_reason": NOT_MERGED if parked else None,
        },
    )
    return kept


def _fingerprint(sent: Sent) -> str:
    """The same for the same type and data, however the JSON was spaced or ordered.

    The envelope may differ: some senders stamp each attempt anew.
    """
    said = orjson.dumps([sent["type"], sent.get("data")], option=orjson.OPT_SORT_KEYS)
    return blake2b(said, digest_size=32).hexdigest()


async def _answer_repeat(
    work: Work, system: str, message: CaseEventMessage, sent: Sent
) -> CaseEventReceipt:
    """The answer of the first time; other data under the same id is kept for Q&S to see."""
    found = await work.session.execute(_FIRST_TIME, {"system": system, "event_id": message.id})
    rows = found.all()
    first = rows[0]
    outcome, fingerprint = Outcome.DUPLICATE, _fingerprint(sent)
    if fingerprint != first.fingerprint:
        outcome = Outcome.CONFLICTING
        kept = await work.session.scalar(
            postgresql.insert(ConflictingCaseEvent)
            .values(
                id=new_id(),
                case_event_id=first.id,
                received_at=work.now,
                fingerprint=fingerprint,
                data=sent,
            )
            .on_conflict_do_nothing()
            .returning(ConflictingCaseEvent.id)
        )
        if kept is not None:
            await work.record(events.CaseEventConflicted(about=first.id))
    return CaseEventReceipt(
        event_id=first.id,
        id=message.id,
        outcome=outcome,
        outcomes=[
            SubjectOutcome(ref=row.ref, outcome=Outcome(row.outcome), gate_id=row.gate_id)
            for row in rows
            if row.ref is not None
        ],
    )


# --- what each type of event does ---


async def _apply(work: Work, system: str, message: CaseEventMessage, event_id: UUID) -> list[_Done]:
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
        case PersonMerged():
            return await _park(work, system, _refs(message))
        case _:
            return []
    applied = {True: Settled(Outcome.APPLIED), False: Settled()}
    return [_Done(ref, applied[changed[ref]], subjects[ref].id) for ref in _refs(message)]


async def _take_its_place(
    work: Work, system: str, message: EpisodeMessage, event_id: UUID
) -> list[_Done]:
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
    return [_Done(ref, settled[subjects[ref].id], subjects[ref].id) for ref in _refs(message)]


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
    said = CaseEvent.data["data"]["restriction"]
    before = await work.session.execute(
        select(
            CaseEvent.id,
            CaseEvent.occurred_at,
            said["kind"].astext.label("kind"),
            said["on"].as_boolean().label("on"),
        )
        .join(CaseEventOutcome, CaseEventOutcome.case_event_id == CaseEvent.id)
        .where(CaseEventOutcome.subject_id == subject.id, CaseEvent.type == RESTRICTION)
    )
    told = [
        RestrictionEvent(str(row.id), RestrictionKind(row.kind), row.on, row.occurred_at)
        for row in before
    ]
    now = message.data.restriction
    told.append(RestrictionEvent(str(event_id), now.kind, now.on, message.data.occurred_at))
    return await restrict(work, subject, restriction_now(told))


async def _park(work: Work, system: str, refs: Sequence[str]) -> list[_Done]:
    """Nothing is done yet, and nobody is made known by it."""
    rows = await work.session.execute(
        select(SubjectAlias.ref, SubjectAlias.subject_id).where(
            SubjectAlias.system == system, SubjectAlias.ref.in_(refs)
        )
    )
    known = {row.ref: row.subject_id for row in rows}
    return [_Done(ref, Settled(Outcome.PARKED), known.get(ref)) for ref in refs]
