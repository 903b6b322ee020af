"""Writing what events of years past leave behind: a few statements for some thousand events.

To put together what the statements take asks the database nothing, so another process can do it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson
from asyncpg import UniqueViolationError

from qa_api.case_events.past import Left
from qa_api.directory.references import Kind, Reference, keep_unclaimed
from qa_api.models.base import new_ids
from qa_api.work import SERVICE, Work

Columns = Sequence[Sequence[Any]]
"""Of each column of a table its values, one for each row; nothing where there is no row."""


class Rows(NamedTuple):
    """The rows that events leave behind, as the statements take them."""

    events: Columns
    people: Columns
    aliases: Columns
    gates: Columns
    outcomes: Columns
    logged: Columns
    unclaimed: Sequence[tuple[Kind, str]]
    """What the system calls those whom the directory does not know."""


class _Insert:
    """One statement that writes many rows of a table: of each column a list, of some one value."""

    def __init__(self, table: str, same: Mapping[str, str], **columns: str) -> None:
        # JSON comes as text: the driver knows no list of it.
        arrays = [f"{'text' if kind == 'jsonb' else kind}[]" for kind in columns.values()]
        given = [f"${number}::{kind}" for number, kind in enumerate((*same.values(), *arrays), 1)]
        taken = ", ".join(
            f"{name}::jsonb" if kind == "jsonb" else name for name, kind in columns.items()
        )
        self._sql = (
            f"INSERT INTO {table} ({', '.join((*same, *columns))})"  # noqa: S608 - those below
            f" SELECT {', '.join((*given[: len(same)], taken))}"
            f" FROM unnest({', '.join(given[len(same) :])}) AS given ({', '.join(columns)})"
        )

    async def write(self, work: Work, same: Sequence[Any], columns: Columns) -> None:
        """Write the rows, each with the same values."""
        if columns:
            await work.driver.execute(self._sql, *same, *columns)


_INSTANT: Final = "timestamptz"
_EVENTS: Final = _Insert(
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
_ALIASES: Final = _Insert("subject_aliases", {"system": "text"}, ref="text", subject_id="uuid")
_PEOPLE: Final = _Insert(
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
_GATES: Final = _Insert(
    "closure_gates",
    {"system": "text", "opened_at": _INSTANT, "restricted": "boolean"},
    id="uuid",
    episode_id="text",
    opened_by_event="uuid",
    subject_id="uuid",
    team="text",
    worker="text",
    cycle="integer",
    current="boolean",
    state="text",
    may_close="boolean",
    explanation="jsonb",
    policy_version="integer",
    closure_on="date",
    reason_code="text",
    closed_at=_INSTANT,
    closing_counts_at=_INSTANT,
    version="integer",
)
"""From the cycle to when the closing counts: what `Decided` holds, in its order."""
_OUTCOMES: Final = _Insert(
    "case_event_outcomes",
    {},
    case_event_id="uuid",
    position="integer",
    ref="text",
    outcome="text",
    subject_id="uuid",
    gate_id="uuid",
)
_LOG: Final = _Insert(
    "events",
    {"at": _INSTANT, "correlation_id": "text", "principal_id": "uuid"},
    id="uuid",
    type="text",
    about_id="uuid",
    subject_id="uuid",
    data="jsonb",
)


class TakenMeanwhile(Exception):
    """Somebody else has just registered one of these people, or sent one of these events."""


async def write_past(work: Work, system: str, rows: Rows) -> None:
    """Write all that is left behind. Needs the service's reach, and the turn of these people.

    Raises `TakenMeanwhile`, and the transaction is broken.
    """
    try:
        await _EVENTS.write(work, (system, work.now, False), rows.events)
        await _PEOPLE.write(work, (system, False), rows.people)
        await _ALIASES.write(work, (system,), rows.aliases)
    except UniqueViolationError:
        raise TakenMeanwhile from None
    await _GATES.write(work, (system, work.now, False), rows.gates)
    await _OUTCOMES.write(work, (), rows.outcomes)
    unclaimed = (Reference(system, kind, called, work.today) for kind, called in rows.unclaimed)
    await keep_unclaimed(work, unclaimed)
    by = None if work.actor is SERVICE else work.actor.principal_id
    await _LOG.write(work, (work.now, work.correlation_id, by), rows.logged)
    if work.stamp is None:
        work.stamp = await work.driver.fetchval("SELECT stamp()::text")


def rows_of(left: Left) -> Rows:
    """The rows of what is left behind."""
    return Rows(
        _columns(_events(left)),
        _columns(_people(left)),
        _columns((person.ref, person.id) for person in left.people),
        _columns(_gates(left)),
        _columns(_outcomes(left)),
        _columns((id_, *each) for id_, each in zip(new_ids(), left.logged, strict=False)),
        [(kind, called) for (kind, _), called in left.unclaimed.items()],
    )


def _columns(rows: Iterable[tuple[Any, ...]]) -> Columns:
    return list(zip(*rows, strict=True))


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


def _people(left: Left) -> Iterator[tuple[Any, ...]]:
    for person in left.people:
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


def _gates(left: Left) -> Iterator[tuple[Any, ...]]:
    for person in left.people:
        for episode_id, gates in person.gates.items():
            for gate in gates:
                yield (
                    gate.id,
                    episode_id,
                    gate.opened_by_event,
                    person.id,
                    gate.team,
                    gate.worker,
                    *gate.decided,
                    gate.version,
                )
