"""People who are on record already, of whom what is told now can be worked out as of new ones.

That is so where nothing bears on their closings but what their case system told, their actions, and
audits that the gates asked for, which nobody is at. Of all others each event is taken by itself.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import bindparam

from qa_api.case_events.histories import HOLDERS, Kept, kept_events, of_episode
from qa_api.case_events.messages import EPISODE_TYPES, MERGE, RESTRICTION
from qa_api.case_events.past_gates import (
    ON_RECORD,
    AuditOnRecord,
    Decided,
    PastAudit,
    PastGate,
    Step,
)
from qa_api.case_events.past_person import Person
from qa_api.db import Found, Prepared
from qa_api.rules.kinds import SubjectKind
from qa_api.rules.local_time import local_date
from qa_api.rules.states import (
    AUDIT_FINISHED,
    AUDIT_UNDER_WAY,
    ActionState,
    AuditState,
    GateState,
    NotificationState,
)
from qa_api.rules.telling import counts_at
from qa_api.subjects.service import Holding
from qa_api.work import Work


def _in(states: Iterable[str]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


_IDS: Final = bindparam("subjects", type_=ARRAY(Uuid))
_SYSTEM: Final = bindparam("system", type_=Text)
_LOCKED: Final = Prepared.of(
    text("""
SELECT a.ref AS called, s.id, s.kind, s.ref, s.team, s.worker, s.reported_team, s.reported_worker,
    s.allocated_at, s.born_on, s.died_on, s.version
FROM subject_aliases a JOIN subjects s ON s.id = a.subject_id
WHERE a.system = :system AND a.ref = ANY (:refs) AND a.stands_for IS NULL
    AND NOT s.restricted AND s.merged_into_id IS NULL AND s.entered = '{}'
ORDER BY s.id FOR NO KEY UPDATE OF s""").bindparams(_SYSTEM, bindparam("refs", type_=ARRAY(Text)))
)
"""In the order of their ids, so that no two works wait for each other."""
_GATES: Final = Prepared.of(
    text("""
SELECT g.id, g.subject_id, g.episode_id, g.opened_by_event, g.team, g.worker, g.cycle, g.current,
    g.state, g.may_close, g.explanation, g.policy_version, g.closure_on, g.reason_code, g.closed_at,
    g.closing_counts_at, g.cleared_at, g.audit_id, g.version,
    num_nonnulls(g.duplicate_of, g.override_requested_at, g.reopened_at) = 0 AS is_plain
FROM closure_gates g
WHERE g.system = :system AND g.subject_id = ANY (:subjects) AND g.episode_id = ANY (:episodes)
ORDER BY g.id FOR NO KEY UPDATE""").bindparams(
        _SYSTEM, _IDS, bindparam("episodes", type_=ARRAY(Text))
    )
)
_ABOUT: Final = Prepared.of(
    text(f"""
SELECT s.id, audit.id AS audit_id, audit.type, audit.due_on, audit.version, audit.gate_id,
    audit.state IN ({_in(AUDIT_FINISHED)}) AS completed,
    ARRAY(SELECT x.state FROM restorative_actions x JOIN audits of ON of.id = x.audit_id
        WHERE x.subject_id = s.id AND x.needed_before_closure
        AND of.state IN ({_in(AUDIT_FINISHED)}) AND of.recorded_in_error_at IS NULL) AS actions,
    EXISTS (SELECT FROM audit_responses r WHERE r.subject_id = s.id AND r.handed_to IS NOT NULL)
    OR EXISTS (SELECT FROM notifications n WHERE n.subject_id = s.id
        AND n.state = '{NotificationState.UNDELIVERABLE}') AS something_follows
FROM subjects s LEFT JOIN audits audit ON audit.subject_id = s.id AND audit.gate_id IS NOT NULL
    AND audit.state <> '{AuditState.CANCELLED}'
WHERE s.id = ANY (:subjects)
    AND NOT EXISTS (SELECT FROM subjects m WHERE m.merged_into_id = s.id)
    AND (SELECT count(*) FROM subject_aliases a WHERE s.id IN (a.subject_id, a.stands_for)) = 1
    AND NOT EXISTS (SELECT FROM escalations e WHERE e.subject_id = s.id)
    AND NOT EXISTS (SELECT FROM audits begun WHERE begun.subject_id = s.id
        AND begun.gate_id IS NOT NULL
        AND (begun.state IN ({_in(AUDIT_UNDER_WAY)}) OR begun.recorded_in_error_at IS NOT NULL))
    AND NOT EXISTS (SELECT FROM closure_gates g WHERE g.subject_id = s.id
        AND NOT (g.system = :system AND g.episode_id = ANY (:episodes))
        AND g.state NOT IN ('{GateState.WITHDRAWN}', '{GateState.CLOSED}'))
""").bindparams(_SYSTEM, _IDS, bindparam("episodes", type_=ARRAY(Text)))  # noqa: S608 - ours
)
"""Those of whom nothing else bears on a closing, with each audit that one of their gates asks for.

`something_follows` where the case goes to others: somebody is told, or a response comes back.
A gate of another episode is decided again where an audit is taken back: then by itself."""


class OnRecord:
    """The people found, by reference, and the first day of which they were told."""

    def __init__(self, people: Mapping[str, Person], since: date | None) -> None:
        self.people, self.since = people, since

    @property
    def called(self) -> set[str]:
        """What those are called who hold their cases by what was told."""
        counts = (person.counts.get(name) for person in self.people.values() for name in HOLDERS)
        return {said.value for said in counts if said is not None and said.value is not None}


async def people_on_record(
    work: Work, system: str, refs: Collection[str], episodes: Collection[str]
) -> OnRecord:
    """Those of these references that are on record and are such; locked until this work is done.

    With their gates of these episodes. Needs the service's reach, and their turn.
    """
    if not refs:
        return OnRecord({}, None)
    rows = await work.run(_LOCKED, system=system, refs=sorted(refs))
    ids = [row.id for row in rows]
    asked: dict[str, Any] = {"system": system, "subjects": ids, "episodes": sorted(episodes)}
    gates = _by_subject(await work.run(_GATES, **asked), "subject_id")
    about = _by_subject(await work.run(_ABOUT, **asked), "id")
    kept = await kept_events(work, [id_ for id_ in ids if id_ in about])
    people, days = {}, []
    for row in rows:
        told = kept.get(row.id, ())
        if row.id not in about or not told or not all(map(_is_plain, told)):
            continue
        found = _gates_of(gates[row.id], about[row.id])
        if found is not None:
            people[row.called] = _person(row, told, about[row.id][0], found)
            days += [local_date(counts_at(each.occurred_at, each.received_at)) for each in told]
    return OnRecord(people, min(days, default=None))


def _by_subject(rows: Iterable[Found], column: str) -> dict[UUID, list[Found]]:
    found: dict[UUID, list[Found]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def _is_plain(told: Kept) -> bool:
    return told.type not in {MERGE, RESTRICTION}


def _person(
    row: Found, told: Sequence[Kept], about: Found, gates: dict[str, list[PastGate]]
) -> Person:
    facts = {"born_on": row.born_on, "died_on": row.died_on}
    person = Person(
        row.id,
        row.ref,
        SubjectKind(row.kind),
        frozenset(kind for each in told for kind in each.kinds()),
        Holding(row.team, row.worker, row.reported_team, row.reported_worker),
        row.allocated_at,
        {name: day for name, day in facts.items() if day is not None},
        version=row.version,
        gates=gates,
        actions=tuple(sorted(map(ActionState, about.actions))),
        something_follows=about.something_follows,
        version_on_record=row.version,
        held_on_record=(row.team, row.worker),
    )
    for each in told:
        person.hear(each)
        if each.type in EPISODE_TYPES and each.episode_id is not None:
            person.episodes.setdefault(each.episode_id, []).append(of_episode(each))
    return person


def _gates_of(gates: Sequence[Found], about: Sequence[Found]) -> dict[str, list[PastGate]] | None:
    """Somebody's gates, by the episode; None where one is not such that it follows from events."""
    audits = {row.gate_id: row for row in about if row.audit_id is not None}
    if len(audits) < len(about) and about[0].audit_id is not None:
        return None  # one has several
    found: dict[str, list[PastGate]] = defaultdict(list)
    for row in gates:
        audit = audits.get(row.id)
        if not row.is_plain or (audit is not None and audit.audit_id != row.audit_id):
            return None
        found[row.episode_id].append(_gate(row, audit))
    return found


def _gate(row: Found, audit: Found | None) -> PastGate:
    explanation = orjson.dumps(row.explanation, option=orjson.OPT_SORT_KEYS)
    decided = Decided(
        row.cycle,
        row.current,
        row.state,
        row.may_close,
        explanation.decode(),
        row.policy_version,
        row.closure_on,
        row.reason_code,
        row.closed_at,
        row.closing_counts_at,
        row.cleared_at,
    )
    gate = PastGate(
        row.id, str(row.opened_by_event), row.team, row.worker, None, decided, version=row.version
    )
    gate.on_record = Step(decided, row.audit_id)
    if audit is not None:
        asked = PastAudit(audit.audit_id, audit.type, audit.due_on, ON_RECORD)
        asked.completed = audit.completed
        asked.version, asked.on_record = audit.version, AuditOnRecord(audit.version, audit.due_on)
        gate.audits.append(asked)
    return gate
