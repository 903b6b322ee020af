"""The rows of gates that events open and move, step by step."""

from typing import Any, NamedTuple

from qa_api.case_events.past import Left
from qa_api.case_events.past_gates import PastAudit, PastGate
from qa_api.case_events.past_person import Person
from qa_api.case_events.whole_columns import Columns, by_column


class GateRows(NamedTuple):
    """The rows of one step of some gates: what they held before stands in the database by then."""

    cancelled: Columns
    """Audits that are owed no more."""
    audits_of_others: Columns
    """The audits that gates ask for which are there already."""
    others: Columns
    """Those gates."""
    gates: Columns
    """Gates that this step opens."""
    audits: Columns
    """The audits that they ask for."""


class _Steps:
    """The rows of the steps of all gates. They end together: a gate that leaves its place to one
    that a later closing opens has left it by then."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._rows: list[dict[str, list[tuple[Any, ...]]]] = [
            {name: [] for name in GateRows._fields} for _ in range(number)
        ]

    def add(self, person: Person, episode_id: str, gate: PastGate) -> None:
        """All steps of one gate, and what becomes of its audits in each."""
        begins, last = self._number - len(gate.steps), len(gate.steps) - 1
        for place, step in enumerate(gate.steps):
            rows = self._rows[begins + place]
            decided = step.decided if place == last else step.decided.on_the_way()
            held = (*decided, step.audit_id, gate.version)
            opened = [_audit(person, gate, each) for each in gate.audits if each.opened_at == place]
            if place or gate.on_record is not None:
                rows["others"].append((gate.id, *held))
                rows["audits_of_others"] += opened
            else:
                whose = person.id, gate.team, gate.worker
                rows["gates"].append((gate.id, episode_id, gate.opened_by_event, *whose, *held))
                rows["audits"] += opened
            rows["cancelled"] += [
                (each.id, each.cancelled_because, each.due_on, each.version, _version_before(each))
                for each in gate.audits
                if each.cancelled_at == place
            ]

    def rows(self) -> list[GateRows]:
        """The rows of one step after the other."""
        return [
            GateRows(*(by_column(rows[name]) for name in GateRows._fields)) for rows in self._rows
        ]


def _version_before(audit: PastAudit) -> int:
    return audit.version if audit.on_record is None else audit.on_record.version


def steps_of(left: Left) -> list[GateRows]:
    """The rows of all gates that some events leave behind, one step after the other."""
    every = [
        (person, episode_id, gate)
        for person in left.people
        for episode_id, gates in person.gates.items()
        for gate in gates
    ]
    steps = _Steps(max((len(gate.steps) for *_, gate in every), default=0))
    for each in every:
        steps.add(*each)
    return steps.rows()


def _audit(person: Person, gate: PastGate, audit: PastAudit) -> tuple[Any, ...]:
    whose = person.id, gate.team, gate.worker
    return audit.id, audit.type, *whose, gate.id, audit.due_on, audit.version
