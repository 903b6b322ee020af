"""What the tables say of each child: who holds the case, and which episodes there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from qa_api.case_events.nightly.tables import (
    EPISODES,
    INVOLVEMENTS,
    EpisodeRow,
    FileFault,
    InvolvementRow,
    PersonRow,
    Tables,
)
from qa_api.rules.references import fold
from qa_api.rules.unchanging import Unchanging

ALLOCATED_ROLE: Final = "ALLOCATED CASE WORKER"
"""The role in `ssd_involvements` of whoever holds the case, unless the operator names others."""


class Holder(Unchanging):
    """Who holds a case, and since which day."""

    said: Mapping[str, str | None]
    """`worker` and `team` as the case system calls them: null is nobody, left out says nothing."""
    since: date
    line: int
    """Where it stands in `ssd_involvements`."""


class Child(Unchanging):
    """What the tables say of one child."""

    row: PersonRow
    holder: Holder | None
    episodes: Sequence[EpisodeRow]


class Children(Unchanging):
    """What the tables say, as of the day on which they were drawn."""

    each: Sequence[Child]
    ahead: int
    """Days after that one: what is to happen then has not happened yet."""


def children_of(
    tables: Tables, as_of: date, roles: Collection[str]
) -> tuple[Children, list[FileFault]]:
    """The children by their references, and what in one table contradicts another.

    `roles` are those of `ssd_involvements` whose bearers hold cases, compared without case.
    """
    faults = [*_of_nobody(tables)]
    episodes: dict[str, list[EpisodeRow]] = defaultdict(list)
    for each in tables.episodes.values():
        episodes[each.ref].append(each)
    involved, found = _involved(tables, frozenset(fold(role) for role in roles))
    faults += found
    if faults:
        return Children((), 0), faults
    children = [
        Child(
            _known_by(row, as_of),
            _holder(tables, involved.get(ref, ()), episodes.get(ref, ()), as_of),
            tuple(sorted(episodes.get(ref, ()), key=lambda each: each.id)),
        )
        for ref, row in sorted(tables.people.items())
    ]
    return Children(children, _ahead(tables, involved, as_of)), faults


def _of_nobody(tables: Tables) -> Iterable[FileFault]:
    for each in tables.episodes.values():
        if each.ref not in tables.people:
            detail = "cine_person_id: ssd_person has no such row."
            yield FileFault(EPISODES.file, each.line, detail)


def _involved(
    tables: Tables, roles: Collection[str]
) -> tuple[Mapping[str, Sequence[InvolvementRow]], list[FileFault]]:
    """The involvements of those who hold the cases of these children."""
    found: dict[str, list[InvolvementRow]] = defaultdict(list)
    faults: list[FileFault] = []
    rows = tables.involvements.values()
    holding = [row for row in rows if row.role is not None and fold(row.role) in roles]
    if rows and not holding:
        detail = "No row has a role of those that say who holds a case: name yours by --role."
        faults.append(FileFault(INVOLVEMENTS.file, None, detail))
    for each in holding:
        if each.ref is None or each.ref not in tables.people:
            continue
        faults += _unknown(tables, each)
        if each.begun_on is not None and (each.professional or each.team):
            found[each.ref].append(each)
    return found, faults


def _unknown(tables: Tables, row: InvolvementRow) -> Iterable[FileFault]:
    if row.professional is not None and row.professional not in tables.professionals:
        detail = "invo_professional_id: ssd_professionals has no such row."
        yield FileFault(INVOLVEMENTS.file, row.line, detail)
    if row.team is not None and row.team not in tables.departments:
        detail = "invo_professional_team: ssd_department has no such row."
        yield FileFault(INVOLVEMENTS.file, row.line, detail)


def _holder(
    tables: Tables,
    involved: Sequence[InvolvementRow],
    episodes: Sequence[EpisodeRow],
    as_of: date,
) -> Holder | None:
    """Whoever holds the case on a day. A case that is closed stays with whoever had it last."""
    begun = [row for row in involved if row.begun_on is not None and row.begun_on <= as_of]
    if not begun:
        return None
    is_open = any(row.closed_on is None or row.closed_on > as_of for row in episodes)
    holding = [row for row in begun if row.ended_on is None or row.ended_on > as_of]
    if is_open and not holding:
        last = max(begun, key=lambda row: (row.ended_on or as_of, row.id))
        return Holder({"worker": None, "team": None}, last.ended_on or as_of, last.line)
    # Of those who hold it the last to begin; of a closed case whoever still does, or did last.
    last = max(holding or begun, key=_by_begin)
    worker = None if last.professional is None else tables.professionals[last.professional]
    said: dict[str, str | None] = {"worker": (worker.staff_id or worker.id) if worker else None}
    if last.team is not None:
        said["team"] = last.team
    return Holder(said, last.begun_on or as_of, last.line)


def _known_by(row: PersonRow, as_of: date) -> PersonRow:
    """The row without a birth or death that lies after the day."""

    def until_then(day: date | None) -> date | None:
        return None if day is None or day > as_of else day

    return row._replace(born_on=until_then(row.born_on), died_on=until_then(row.died_on))


def _by_begin(row: InvolvementRow) -> tuple[date, date, str]:
    return row.begun_on or date.min, row.ended_on or date.max, row.id


def _ahead(tables: Tables, involved: Mapping[str, Sequence[InvolvementRow]], as_of: date) -> int:
    closed = (row.closed_on for row in tables.episodes.values())
    begun = (row.begun_on for rows in involved.values() for row in rows)
    ended = (row.ended_on for rows in involved.values() for row in rows)
    born = (row.born_on for row in tables.people.values())
    died = (row.died_on for row in tables.people.values())
    return sum(
        day is not None and day > as_of
        for days in (closed, begun, ended, born, died)
        for day in days
    )
