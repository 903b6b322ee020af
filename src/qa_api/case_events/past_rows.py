"""Writing what events of new cases leave behind: a few statements for some thousand events.

To put together what the statements take asks the database nothing, so another process can do it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from asyncpg import UniqueViolationError

from qa_api.case_events.past import Left
from qa_api.case_events.past_person import Person
from qa_api.case_events.past_steps import GateRows, steps_of
from qa_api.case_events.whole_columns import (
    Columns,
    Insert,
    Update,
    Write,
    by_column,
    write_one,
    write_together,
)
from qa_api.directory.references import Kind, Reference, keep_unclaimed
from qa_api.events import EVENT_TYPES
from qa_api.models.base import new_ids
from qa_api.subjects.moving import Holders, move_what_is_theirs
from qa_api.work import SERVICE, Work


class Rows(NamedTuple):
    """The rows that events leave behind, as the statements take them."""

    events: Columns
    others: Columns
    """People who are on record already, and are not any more as they were."""
    moved: Mapping[UUID, Holders]
    """Who holds their cases, of those of them that went to others."""
    due: Columns
    """Audits that are there already, and are due on another day by now."""
    people: Columns
    aliases: Columns
    steps: Sequence[GateRows]
    outcomes: Columns
    logged: Columns
    to_send: Sequence[UUID]
    """Those of our own log that webhook endpoints may receive."""
    unclaimed: Sequence[tuple[Kind, str]]
    """What the system calls those whom the directory does not know."""


_INSTANT: Final = "timestamptz"
_EVENTS: Final = Insert(
    "case_events",
    {"system": "text", "received_at": _INSTANT, "parked": "boolean"},
    id="uuid",
    event_id="text",
    type="text",
    episode_id="text",
    source_version="bigint",
    occurred_at=_INSTANT,
    fingerprint="text",
    data="jsonb",
)
_OTHERS: Final = Update(
    "subjects",
    {},
    id="uuid",
    team="text",
    worker="text",
    reported_team="text",
    reported_worker="text",
    allocated_at=_INSTANT,
    born_on="date",
    died_on="date",
    version="integer",
)
_DUE: Final = Update("audits", {}, id="uuid", due_on="date", version="integer", expected="integer")
_ALIASES: Final = Insert("subject_aliases", {"system": "text"}, ref="text", subject_id="uuid")
_PEOPLE: Final = Insert(
    "subjects",
    {"system": "text", "restricted": "boolean"},
    id="uuid",
    kind="text",
    ref="text",
    team="text",
    worker="text",
    reported_team="text",
    reported_worker="text",
    allocated_at=_INSTANT,
    born_on="date",
    died_on="date",
    version="integer",
)
_DECIDED: Final = {
    "cycle": "integer",
    "current": "boolean",
    "state": "text",
    "may_close": "boolean",
    "explanation": "jsonb",
    "policy_version": "integer",
    "closure_on": "date",
    "reason_code": "text",
    "closed_at": _INSTANT,
    "closing_counts_at": _INSTANT,
    "cleared_at": _INSTANT,
    "audit_id": "uuid",
    "version": "integer",
}
"""From the cycle to since when it is clear: what `Decided` holds, in its order."""
_GATES: Final = Insert(
    "closure_gates",
    {"system": "text", "opened_at": _INSTANT, "restricted": "boolean"},
    id="uuid",
    episode_id="text",
    opened_by_event="uuid",
    subject_id="uuid",
    team="text",
    worker="text",
    **_DECIDED,
)
_OTHER_GATES: Final = Update("closure_gates", {}, id="uuid", **_DECIDED)
_OUTCOMES: Final = Insert(
    "case_event_outcomes",
    {},
    case_event_id="uuid",
    position="integer",
    ref="text",
    outcome="text",
    subject_id="uuid",
    gate_id="uuid",
)
_LOG: Final = Insert(
    "events",
    {"at": _INSTANT, "correlation_id": "text", "principal_id": "uuid"},
    id="uuid",
    type="text",
    about_id="uuid",
    subject_id="uuid",
    data="jsonb",
)


_AUDITS: Final = Insert(
    "audits",
    {
        "planned_at": _INSTANT,
        "policy_version": "integer",
        "state": "text",
        "opened_by": "text",
        "restricted": "boolean",
    },
    id="uuid",
    type="text",
    subject_id="uuid",
    team="text",
    worker="text",
    gate_id="uuid",
    due_on="date",
    version="integer",
)
_CANCELLED: Final = Update(
    "audits",
    {"state": "text", "cancelled_at": _INSTANT},
    id="uuid",
    cancel_reason="text",
    due_on="date",
    version="integer",
    expected="integer",
)


class TakenMeanwhile(Exception):
    """Somebody else has just registered one of these people, or changed an audit of theirs."""


async def write_past(work: Work, system: str, rows: Rows) -> None:
    """Write all that is left behind. Needs the service's reach, and the turn of these people.

    Raises `TakenMeanwhile`, and the transaction is broken.
    """
    try:
        await write_together(
            work,
            _EVENTS.of((system, work.now, False), rows.events),
            _OTHERS.of((), rows.others),
            _PEOPLE.of((system, False), rows.people),
            _ALIASES.of((system,), rows.aliases),
        )
        await move_what_is_theirs(work, rows.moved)
        await _change_all(work, _DUE.of((), rows.due))
    except UniqueViolationError:
        raise TakenMeanwhile from None
    *earlier, last = rows.steps or [_NO_STEP]
    for step in earlier:
        await _change_gates(work, step)
        await write_together(work, *_new_gates(work, system, step))
    await _change_gates(work, last)
    unclaimed = (Reference(system, kind, called, work.today) for kind, called in rows.unclaimed)
    await keep_unclaimed(work, unclaimed)
    by = None if work.actor is SERVICE else work.actor.principal_id
    stamp = await write_together(
        work,
        *_new_gates(work, system, last),
        _OUTCOMES.of((), rows.outcomes),
        _LOG.of((work.now, work.correlation_id, by), rows.logged),
        returning="xid::text",
    )
    work.stamp = work.stamp or stamp
    work.to_send += rows.to_send


_NO_STEP: Final = GateRows((), (), (), (), ())


async def _change_all(work: Work, write: Write) -> None:
    """Change rows that still have the version that they are `expected` to have.

    Raises `TakenMeanwhile` where one has another by now.
    """
    if await write_one(work, write) != len(write.columns[0] if write.columns else ()):
        raise TakenMeanwhile


async def _change_gates(work: Work, step: GateRows) -> None:
    """Take a step of gates that are there; a gate has one open audit at a time."""
    await _change_all(work, _CANCELLED.of(("cancelled", work.now), step.cancelled))
    await write_together(
        work, _planned(work, step.audits_of_others), _OTHER_GATES.of((), step.others)
    )


def _new_gates(work: Work, system: str, step: GateRows) -> tuple[Write, Write]:
    """A gate and its audit name each other, so one statement makes both."""
    return _GATES.of((system, work.now, False), step.gates), _planned(work, step.audits)


def _planned(work: Work, audits: Columns) -> Write:
    return _AUDITS.of((work.now, work.policy_version, "planned", "gate", False), audits)


def rows_of(left: Left) -> Rows:
    """The rows of what is left behind."""
    new = [each for each in left.people if each.version_on_record is None]
    logged = [(id_, *each) for id_, each in zip(new_ids(), left.logged, strict=False)]
    return Rows(
        by_column(_events(left)),
        by_column(_others(left)),
        {each.id: each.held_by for each in left.people if each.has_moved},
        by_column(_due(left)),
        by_column(_people(new)),
        by_column((person.ref, person.id) for person in new),
        steps_of(left),
        by_column(_outcomes(left)),
        by_column(logged),
        [id_ for id_, type_, *_ in logged if EVENT_TYPES[type_].sent],
        [(kind, called) for (kind, _), called in left.unclaimed.items()],
    )


def _events(left: Left) -> Iterator[tuple[Any, ...]]:
    for event_id, fingerprint, (noted, sent), _ in left.taken:
        yield (
            event_id,
            noted.id,
            noted.type,
            noted.episode_id,
            noted.source_version,
            noted.occurred_at,
            fingerprint,
            orjson.dumps(sent).decode(),
        )


def _outcomes(left: Left) -> Iterator[tuple[Any, ...]]:
    for taken in left.taken:
        for position, (ref, settled, person) in enumerate(taken.done):
            yield taken.id, position, ref, settled.outcome.value, person, settled.gate_id


def _people(people: Iterable[Person]) -> Iterator[tuple[Any, ...]]:
    for person in people:
        holding, facts = person.holding, person.facts
        yield (
            person.id,
            person.kind.value,
            person.ref,
            holding.team,
            holding.worker,
            holding.reported_team,
            holding.reported_worker,
            person.allocated_at,
            facts.get("born_on"),
            facts.get("died_on"),
            person.version,
        )


def _others(left: Left) -> Iterator[tuple[Any, ...]]:
    for person in left.people:
        if person.version_on_record not in (None, person.version):
            holding, facts = person.holding, person.facts
            yield (
                person.id,
                holding.team,
                holding.worker,
                holding.reported_team,
                holding.reported_worker,
                person.allocated_at,
                facts.get("born_on"),
                facts.get("died_on"),
                person.version,
            )


def _due(left: Left) -> Iterator[tuple[Any, ...]]:
    every = (each for person in left.people for gates in person.gates.values() for each in gates)
    for audit in (audit for gate in every for audit in gate.audits):
        before = audit.on_record
        if before is None or audit.cancelled_at is not None:
            continue
        if before.due_on != audit.due_on:
            yield audit.id, audit.due_on, audit.version, before.version
