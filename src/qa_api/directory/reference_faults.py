"""What the directory cannot hold of references: two who have one of them on one day.

Case systems write references in capitals and without, so two that differ in nothing else are one.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from qa_api.directory.references import Kind
from qa_api.directory.schemas import TeamIn, WorkerIn
from qa_api.models.directory import CaseSystemReference
from qa_api.problems import InputError
from qa_api.rules.references import fold
from qa_api.values.form_checks import is_read
from qa_api.work import Work

Called: TypeAlias = tuple[str, Kind, str]
"""A reference: its case system, whether it is a worker's or a team's, and how it is compared."""

Held = dict[Called, list[Range[date]]]
"""When each reference is somebody's."""


async def held_by_others(work: Work, kind: Kind, codes: Collection[str]) -> Held:
    """When references of a kind are held by those whose entries are not being written."""
    column = CaseSystemReference.worker if kind == "worker" else CaseSystemReference.team
    rows = await work.session.execute(
        select(
            CaseSystemReference.system, CaseSystemReference.folded, CaseSystemReference.valid
        ).where(column.is_not(None), column.not_in(codes))
    )
    held: Held = defaultdict(list)
    for row in rows:
        held[row.system, kind, row.folded].append(row.valid)
    return held


def faults_of_references(
    kind: Kind, given: WorkerIn | TeamIn, systems: Collection[str], held: Held
) -> list[InputError]:
    """Unknown systems, dates out of order, and references that somebody else has on the same day.

    What is sound is taken: the next entry must not have it as well.
    """
    found = []
    for at, one in enumerate(given.references or ()):
        place: list[str | int] = ["references", at]
        if one.system not in systems:
            detail = "There is no case system of this code."
            found.append(InputError.at([*place, "system"], "unknown-code", detail))
        if one.from_ is not None and one.to is not None and one.to <= one.from_:
            detail = "Must be later than the first day: it is the day on which it no longer holds."
            found.append(InputError.at([*place, "to"], "order", detail))
            continue
        if not is_read(one):
            continue
        valid = Range(one.from_, one.to, bounds="[)")
        taken = held[one.system, kind, fold(one.reference)]
        if any(valid.overlaps(other) for other in taken):
            found.append(
                InputError.at(
                    [*place, "reference"],
                    "taken",
                    f"A {kind} has this reference on the same day already; capitals make no"
                    " difference. End the one before the other begins.",
                )
            )
        taken.append(valid)
    return found


def referring(entries: Mapping[str, WorkerIn] | Mapping[str, TeamIn]) -> list[str]:
    """The codes of the entries that say what case systems call them; the others keep theirs."""
    return [code for code, entry in entries.items() if entry.references is not None]
