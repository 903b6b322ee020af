"""Taking in what case systems send: kept exactly, applied at once, answered the same each time.

`(system, event id)` is the key. Events of one episode, and events about one reference, take turns,
so that a repeat, a late event and a burst of them all leave what one of them in order would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, and_, func, insert, select, text
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
from qa_api.models.subjects import CaseSystem, Subject, SubjectAlias
from qa_api.rules.closure import EpisodeEvent
from qa_api.rules.restriction import RestrictionEvent, RestrictionKind, restriction_now
from qa_api.subjects.service import reallocate, register_subject, restrict
from qa_api.work import Work

Sent = dict[str, Any]
"""A CloudEvent as it came, envelope and all."""

NOT_MERGED = "merging_not_carried_out"
_FOREIGN = "The event's source is not the system that the token names."
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(turn) FROM unnest(:turns) AS turn").bindparams(
    bindparam("turns", type_=ARRAY(BigInteger))
)


@dataclass(frozen=True, slots=True)
class _Sender:
    """The system that sends, and which of the event ids at hand it has sent before."""

    system: str
    source: str
    sent_before: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Done:
    """What an event did about one reference."""

    ref: str
    settled: Settled
    subject_id: UUID | None = None


async def receive_event(work: Work, message: CaseEventMessage, sent: Sent) -> CaseEventReceipt:
    """Keep and apply one event of the system that the caller is."""
    sender = await _sender(work, [message])
    if message.source != sender.source:
        raise problems.forbidden(_FOREIGN)
    await _take_turns(work, sender, [message])
    return await _receive(work, sender, message, sent)


async def receive_batch(
    work: Work, members: Sequence[CaseEventMessage | Malformed], sent: Sequence[Sent]
) -> list[BatchItem]:
    """Keep and apply each event of a batch; what cannot be taken is refused, the others stand."""
    readable = [member for member in members if not isinstance(member, Malformed)]
    sender = await _sender(work, readable)
    await _take_turns(work, sender, readable)
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


async def _sender(work: Work, messages: Sequence[CaseEventMessage]) -> _Sender:
    if work.actor.system is None:
        raise problems.forbidden("Only a case system sends events.")
    before = and_(
        CaseEvent.system == CaseSystem.code,
        CaseEvent.event_id.in_([message.id for message in messages]),
    )
    rows = (
        await work.session.execute(
            select(
                CaseSystem.source,
                CaseEvent.event_id,
                func.set_config("qa.reach", "service", True),
            )
            .outerjoin(CaseEvent, before)
            .where(CaseSystem.code == work.actor.system)
        )
    ).all()
    sent_before = frozenset(row.event_id for row in rows if row.event_id is not None)
    return _Sender(work.actor.system, rows[0].source, sent_before)


async def _take_turns(work: Work, sender: _Sender, messages: Sequence[CaseEventMessage]) -> None:
    """Wait for whoever is at these episodes and references; repeats need no turn."""
    names = set()
    for message in messages:
        if message.id not in sender.sent_before and message.source == sender.source:
            names |= {f"ref/{ref}" for ref in _refs(message)}
            if isinstance(message, EpisodeMessage):
                names.add(f"episode/{message.data.episode_id}")
    turns = sorted(_turn(f"{sender.system}/{name}") for name in names)
    if turns:
        await work.session.execute(_TAKE_TURNS, {"turns": turns})


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
            insert(CaseEventOutcome),
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
        postgresql.insert(CaseEvent)
        .values(
            id=new_id(),
            system=system,
            event_id=message.id,
            type=message.type,
            episode_id=getattr(data, "episode_id", None),
            source_version=getattr(data, "source_version", None),
            occurred_at=getattr(data, "occurred_at", message.time),
            received_at=work.now,
            fingerprint=_fingerprint(sent),
            data=sent,
            parked=parked,
            parked_reason=NOT_MERGED if parked else None,
        )
        .on_conflict_do_nothing()
        .returning(CaseEvent.id)
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
    first = (
        await work.session.execute(
            select(CaseEvent.id, CaseEvent.fingerprint).where(
                CaseEvent.system == system, CaseEvent.event_id == message.id
            )
        )
    ).one()
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
    before = await work.session.execute(
        select(CaseEventOutcome.ref, CaseEventOutcome.outcome, CaseEventOutcome.gate_id)
        .where(CaseEventOutcome.case_event_id == first.id)
        .order_by(CaseEventOutcome.position)
    )
    return CaseEventReceipt(
        event_id=first.id,
        id=message.id,
        outcome=outcome,
        outcomes=[
            SubjectOutcome(ref=row.ref, outcome=Outcome(row.outcome), gate_id=row.gate_id)
            for row in before
        ],
    )


# --- what each type of event does ---


async def _apply(work: Work, system: str, message: CaseEventMessage, event_id: UUID) -> list[_Done]:
    match message:
        case ClosureProposed() | ClosureCancelled() | CaseClosed() | CaseReopened():
            return await _take_its_place(work, system, message, event_id)
        case AllocationChangedMessage():
            subjects = await _registered(work, system, message.data.subjects)
            changed = {ref: await _allocate(work, s, message) for ref, s in subjects.items()}
        case RecordRestrictedMessage():
            subjects = await _registered(work, system, message.data.subjects)
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
    subjects = await _registered(work, system, data.subjects, holders=data)
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
    ids = sorted({subject.id for subject in subjects.values()})
    settled = await settle_episode(work, system, data.episode_id, told, ids)
    return [_Done(ref, settled[subjects[ref].id], subjects[ref].id) for ref in _refs(message)]


async def _registered(
    work: Work,
    system: str,
    named: Sequence[EventSubject],
    *,
    holders: EpisodeData | None = None,
) -> dict[str, Subject]:
    """The subjects named, made where they are new, each locked until this work is done.

    An event that says who holds the case counts as an allocation, if it is the newest.
    """
    subjects = {}
    for each in sorted(named, key=lambda subject: subject.ref):
        if each.ref in subjects:
            continue
        kind = "carer_household" if each.role == "carer_household" else "child"
        given = {} if holders is None else _allocation(holders)
        subject = await register_subject(
            work, system, each.ref, kind, born_on=each.born_on, died_on=each.died_on, **given
        )
        if given and (subject.allocated_at is None or subject.allocated_at < given["allocated_at"]):
            await _hand_over(work, subject, given["team"], given["worker"], given["allocated_at"])
        subjects[each.ref] = subject
    await work.session.flush()
    await work.session.execute(
        select(Subject.id)
        .where(Subject.id.in_({subject.id for subject in subjects.values()}))
        .order_by(Subject.id)
        .with_for_update(key_share=True)
    )
    return subjects


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
