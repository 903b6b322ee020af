"""Writing what events of years past leave behind: a few statements for some thousand events."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from qa_api.case_events.past import Left
from qa_api.directory.references import keep_unclaimed
from qa_api.models.base import new_ids
from qa_api.work import Work


class _Insert:
    """One statement that writes many rows of a table, a column at a time."""

    def __init__(self, table: str, rest: str = "", **columns: str) -> None:
        names = ", ".join(columns)
        # JSON comes as text: the driver knows no list of it.
        arrays = ", ".join(
            f"${number}::{'text' if kind == 'jsonb' else kind}[]"
            for number, kind in enumerate(columns.values(), start=1)
        )
        taken = ", ".join(
            f"{name}::jsonb" if kind == "jsonb" else name for name, kind in columns.items()
        )
        self._width = len(columns)
        self._sql = (
            f"INSERT INTO {table} ({names})"  # noqa: S608 - the columns below
            f" SELECT {taken} FROM unnest({arrays}) AS given ({names}) {rest}"
        )

    async def write(self, work: Work, rows: Sequence[tuple[Any, ...]]) -> int:
        """Write the rows; how many were written."""
        if not rows:
            return 0
        given = list(zip(*rows, strict=True))
        done = await work.driver.execute(self._sql, *given)
        return int(done.rsplit(" ", 1)[1])


_INSTANT: Final = "timestamptz"
_EVENTS: Final = _Insert(
    "case_events",
    "ON CONFLICT DO NOTHING",
    id="uuid",
    system="text",
    event_id="text",
    type="text",
    episode_id="text",
    source_version="bigint",
    occurred_at=_INSTANT,
    received_at=_INSTANT,
    fingerprint="text",
    data="jsonb",
    parked="boolean",
)
_ALIASES: Final = _Insert(
    "subject_aliases", "ON CONFLICT DO NOTHING", system="text", ref="text", subject_id="uuid"
)
_PEOPLE: Final = _Insert(
    "subjects",
    id="uuid",
    kind="text",
    system="text",
    ref="text",
    team="text",
    worker="text",
    reported_team="text",
    reported_worker="text",
    allocated_at=_INSTANT,
    born_on="date",
    died_on="date",
    restricted="boolean",
    version="integer",
)
_GATES: Final = _Insert(
    "closure_gates",
    id="uuid",
    system="text",
    episode_id="text",
    opened_by_event="uuid",
    opened_at=_INSTANT,
    subject_id="uuid",
    team="text",
    worker="text",
    restricted="boolean",
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
_OUTCOMES: Final = _Insert(
    "case_event_outcomes",
    case_event_id="uuid",
    position="integer",
    ref="text",
    outcome="text",
    subject_id="uuid",
    gate_id="uuid",
)
_LOG: Final = _Insert(
    "events",
    id="uuid",
    at=_INSTANT,
    type="text",
    correlation_id="text",
    about_id="uuid",
    subject_id="uuid",
    data="jsonb",
)


class TakenMeanwhile(Exception):
    """Somebody else has just registered one of these people, or sent one of these events."""


async def write_past(work: Work, system: str, left: Left) -> None:
    """Write all that is left behind. Needs the service's reach, and the system's turn."""
    now = work.now
    kept = await _EVENTS.write(work, _events(work, system, left))
    named = [(system, person.ref, person.id) for person in left.people]
    await _PEOPLE.write(work, _people(system, left))
    if kept != len(left.kept) or await _ALIASES.write(work, named) != len(named):
        raise TakenMeanwhile
    await _GATES.write(work, list(_gates(work, system, left)))
    await _OUTCOMES.write(
        work,
        [
            (event_id, position, ref, settled.outcome.value, subject_id, settled.gate_id)
            for event_id, position, ref, settled, subject_id in left.outcomes
        ],
    )
    await keep_unclaimed(work, left.unclaimed.values())
    await _LOG.write(
        work,
        [
            (id_, now, type_, work.correlation_id, about, person, said)
            for id_, (type_, about, person, said) in zip(new_ids(), left.logged, strict=False)
        ],
    )


def _events(work: Work, system: str, left: Left) -> list[tuple[Any, ...]]:
    return [
        (
            event_id,
            system,
            noted.id,
            noted.type,
            noted.episode_id,
            noted.source_version,
            noted.occurred_at,
            work.now,
            fingerprint,
            orjson.dumps(sent).decode(),
            False,
        )
        for event_id, fingerprint, (noted, sent) in left.kept
    ]


def _people(system: str, left: Left) -> list[tuple[Any, ...]]:
    return [
        (
            person.id,
            person.kind.value,
            system,
            person.ref,
            person.holding.team,
            person.holding.worker,
            person.holding.reported_team,
            person.holding.reported_worker,
            person.allocated_at,
            person.facts.get("born_on"),
            person.facts.get("died_on"),
            False,
            person.version,
        )
        for person in left.people
    ]


def _gates(work: Work, system: str, left: Left) -> Iterable[tuple[Any, ...]]:
    for person in left.people:
        for episode_id, gates in person.gates.items():
            for gate in gates:
                yield (
                    gate.id,
                    system,
                    episode_id,
                    gate.opened_by_event,
                    work.now,
                    person.id,
                    gate.team,
                    gate.worker,
                    False,
                    gate.cycle,
                    gate.current,
                    gate.state,
                    gate.may_close,
                    orjson.dumps(gate.explanation).decode(),
                    gate.policy_version,
                    gate.closure_on,
                    gate.reason_code,
                    gate.closed_at,
                    gate.closing_counts_at,
                    gate.version,
                )
