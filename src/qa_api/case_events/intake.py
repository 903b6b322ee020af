"""Receiving events of case systems: kept as they came, applied at once, answered alike each time.

`(system, event id)` is the key. Events of one episode, and events about one reference, take turns.
So repeated events, late events and bursts end in the same state as events that come one by one and
in order.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, cast
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
from sqlalchemy import BigInteger, Table, Text, exists, insert, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import bindparam

from qa_api import events, problems
from qa_api.alerts import alert_role
from qa_api.auth.roles import Role
from qa_api.case_events.effects import apply_event, refs_of
from qa_api.case_events.histories import Arrived, said_in
from qa_api.case_events.locking import lock_named
from qa_api.case_events.merging import Merging, consider_merge, replay_merges
from qa_api.case_events.messages import (
    CaseEventMessage,
    EpisodeMessage,
    KnownMessage,
    OtherEvent,
    PersonMerged,
)
from qa_api.case_events.repeats import first_times
from qa_api.case_events.schemas import CaseEventReceipt, SubjectOutcome
from qa_api.case_events.turns import turn_of
from qa_api.closure_gates.episodes import Outcome
from qa_api.db import Prepared
from qa_api.directory.references import TURN_OF_READERS
from qa_api.models.base import new_id
from qa_api.models.closures import CaseEvent, CaseEventOutcome, ConflictingCaseEvent
from qa_api.opening import PLANNED_ONCE
from qa_api.rules.alerts import AlertKind
from qa_api.rules.merging import WAITS_FOR_MORE
from qa_api.rules.telling import is_ahead
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

Sent = dict[str, Any]
"""A CloudEvent as it came, envelope and all."""

FOREIGN = "The event's source is not the system that the token names."
BY_THE_INDEX: Final = "set_config('enable_seqscan', 'off', true)"
"""Has what follows in a transaction that takes events find rows by an index, in SQL.

PostgreSQL keeps the plans of foreign keys and triggers for as long as a connection lasts. Made
while a table is nearly empty, such a plan reads it from end to end, and many events then cost by
their square until the table's rows are counted anew.
"""
_TURNS: Final = Prepared.of(
    text(
        f"SELECT source, {BY_THE_INDEX}, {PLANNED_ONCE}, {TURN_OF_READERS},"  # noqa: S608 - ours
        " set_config('qa.reach', 'service', true),"
        " pg_advisory_xact_lock_shared(hashtextextended('case events of ' || code, 0)),"
        " (SELECT count(*) FROM (SELECT pg_advisory_xact_lock(turn) FROM unnest(:turns) AS turn"
        " OFFSET 0) AS taken)"
        " FROM case_systems WHERE code = :system"
    ).bindparams(bindparam("turns", type_=ARRAY(BigInteger)), bindparam("system", type_=Text))
)
# The table, not the class: that would have all classes mapped at each start.
_WAITS = cast("Table", CaseEvent.__table__).alias("waits").c
_SOMETHING_WAITS = (
    exists()
    .where(
        _WAITS.parked,
        _WAITS.system == bindparam("of_system", type_=Text),
        _WAITS.parked_reason.in_(WAITS_FOR_MORE),
    )
    .label("something_waits")
)
"""Whether an event of this system is parked until more is told of a reference.

Asked when it is our turn: whoever had it before us may have parked one."""
_KEEP = (
    postgresql.insert(cast("Table", CaseEvent.__table__))
    .on_conflict_do_nothing()
    .returning(CaseEvent.id, _SOMETHING_WAITS)
)
_KEEP_OUTCOMES = insert(cast("Table", CaseEventOutcome.__table__))


class Sender(Unchanging):
    """The system that sends, and what it calls itself in its events."""

    system: str
    source: str


async def receive_for(
    work: Work, system: str, messages: Sequence[CaseEventMessage], sent: Sequence[Sent]
) -> list[CaseEventReceipt]:
    """Keep and apply events of a system that somebody brings for it, as if it had sent them."""
    sender = await take_turns(work, system, messages)
    return [
        await receive(work, sender, message, as_sent)
        for message, as_sent in zip(messages, sent, strict=True)
    ]


def sender_of(work: Work) -> str:
    """The code of the system that the caller is; whoever is none is 403."""
    if work.actor.system is None:
        raise problems.forbidden("Only a case system sends events.")
    return work.actor.system


async def take_turns(work: Work, system: str, messages: Sequence[CaseEventMessage]) -> Sender:
    """The sending system, once all other work on the same episodes and references has ended."""
    names = set()
    for message in messages:
        names |= {f"ref/{ref}" for ref in refs_of(message)}
        if isinstance(message, EpisodeMessage):
            names.add(f"episode/{message.data.episode_id}")
    turns = sorted(turn_of(f"{system}/{name}") for name in names)
    (found,) = await work.run(_TURNS, system=system, turns=turns)
    if len(messages) > 1:
        refs = {ref for message in messages for ref in refs_of(message)}
        await lock_named(work, system, refs)
    return Sender(system, found.source)


async def receive(
    work: Work, sender: Sender, message: CaseEventMessage, sent: Sent
) -> CaseEventReceipt:
    """Keep and apply one event, whose turn it is."""
    merging = None
    if isinstance(message, PersonMerged):
        merging = await consider_merge(work, sender.system, message.data.merge)
    kept = await _keep(work, sender.system, message, sent, merging)
    if kept is None:
        return await _answer_repeat(work, sender.system, message, sent, merging)
    event_id: UUID = kept.id
    done = []
    if not isinstance(message, OtherEvent):
        arrived = arrived_at(work.now, message, event_id, sent)
        await _tell_of_clock(work, sender, arrived)
        done = await apply_event(work, sender.system, message, arrived, merging)
    if done and not (merging and merging.parked):
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
    if kept.something_waits:
        await replay_merges(work, sender.system, refs_of(message))
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


async def _keep(
    work: Work, system: str, message: CaseEventMessage, sent: Sent, merging: Merging | None
) -> Any:
    """Keep the event as it came; None where its id came before."""
    data = message.data
    parked = merging is not None and merging.parked
    kept = await work.session.execute(
        _KEEP,
        {
            "id": new_id(),
            "system": system,
            "of_system": system,
            "event_id": message.id,
            "type": message.type,
            "episode_id": getattr(data, "episode_id", None),
            "source_version": getattr(data, "source_version", None),
            "occurred_at": getattr(data, "occurred_at", message.time),
            "received_at": work.now,
            "fingerprint": fingerprint_of(sent),
            "data": merging.as_kept(sent) if merging else sent,
            "parked": parked,
            "parked_reason": merging.verdict.value if merging and parked else None,
        },
    )
    return kept.one_or_none()


def arrived_at(now: datetime, message: KnownMessage, event_id: UUID, sent: Sent) -> Arrived:
    """An event as it is kept, first received now."""
    data = message.data
    return Arrived(
        event_id,
        message.id,
        message.type,
        getattr(data, "episode_id", None),
        data.source_version,
        data.occurred_at,
        now,
        said_in(sent["data"]),
    )


async def _tell_of_clock(work: Work, sender: Sender, arrived: Arrived) -> None:
    """Tell Quality & Standards, once a day, of a system whose clock is ahead of ours.

    A time that cannot be right does not decide which event counts.
    """
    if is_ahead(arrived.occurred_at, arrived.received_at):
        await alert_role(
            work,
            Role.QUALITY_STANDARDS,
            AlertKind.CASE_SYSTEM_CLOCK_AHEAD,
            uuid5(NAMESPACE_URL, sender.source),
            occasion=f"{sender.system} {work.today}",
        )


def fingerprint_of(sent: Sent) -> str:
    """The same for the same type and data, however the JSON was spaced or ordered.

    The envelope may differ: some senders stamp each attempt anew.
    """
    written = orjson.dumps([sent["type"], sent.get("data")], option=orjson.OPT_SORT_KEYS)
    if b"." in written.replace(sent["type"].encode(), b"", 1):  # or there is no such number
        said = [sent["type"], _with_plain_numbers(sent.get("data"))]
        written = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return blake2b(written, digest_size=32).hexdigest()


def _with_plain_numbers(value: Any) -> Any:
    """The value with its numbers in their one form: 12.0 is 12."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {name: _with_plain_numbers(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_plain_numbers(each) for each in value]
    return value


async def _answer_repeat(
    work: Work, system: str, message: CaseEventMessage, sent: Sent, merging: Merging | None
) -> CaseEventReceipt:
    """The answer of the first time; other data under the same id is kept for Q&S to see."""
    first = (await first_times(work, system, [message.id]))[message.id]
    outcome, fingerprint = Outcome.DUPLICATE, fingerprint_of(sent)
    if fingerprint != first.fingerprint:
        outcome = Outcome.CONFLICTING
        kept = await work.session.scalar(
            postgresql.insert(ConflictingCaseEvent)
            .values(
                id=new_id(),
                case_event_id=first.id,
                received_at=work.now,
                fingerprint=fingerprint,
                data=merging.as_kept(sent) if merging else sent,
            )
            .on_conflict_do_nothing()
            .returning(ConflictingCaseEvent.id)
        )
        if kept is not None:
            await work.record(events.CaseEventConflicted(about=first.id))
    return first.again(message, outcome)
