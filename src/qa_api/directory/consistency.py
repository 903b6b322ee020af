"""What the directory cannot hold: relations that contradict themselves or name what is not there.

Each function says everything that is wrong with one entry, with the place of it; none looks
anything up. `known` are the codes there are, by the field that names them. A value of a file that
could not be read is `Unread`: what would follow from it is not said.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy.dialects.postgresql import Range

from qa_api.auth.roles import SCOPES_OF_ROLE
from qa_api.directory.dated_schemas import Dated, InPost, InService, InTeam
from qa_api.directory.rights_change_schemas import RoleRight
from qa_api.directory.rights_schemas import RoleIn
from qa_api.directory.schemas import AuditorGroupIn, ServiceIn, TeamIn, WorkerIn
from qa_api.problems import InputError
from qa_api.values.form_checks import Unread, is_read

Known = Mapping[str, Collection[str]]
Memberships = Mapping[str, Sequence[Range[date]]]
"""By team, when it is in an auditor group."""

FIELDS: Final[Mapping[type[Dated], str]] = {
    InService: "service",
    InTeam: "team",
    InPost: "worker",
}
"""The field in which a relation names a code of the directory."""


def faults_of_service(given: ServiceIn, known: Known) -> list[InputError]:
    """One head at a time."""
    return _faults_of_relations(given, known, alone=("heads",))


def faults_of_team(given: TeamIn, known: Known) -> list[InputError]:
    """One service, one manager and one deputy at a time."""
    return _faults_of_relations(given, known, alone=("services", "managers", "deputies"))


def faults_of_worker(code: str, given: WorkerIn, known: Known) -> list[InputError]:
    """One supervisor at a time, who is somebody else; once in each team on a day."""
    found = [
        InputError.at(["supervisors", at, "worker"], "oneself", "Nobody supervises themselves.")
        for at, one in enumerate(given.supervisors)
        if one.worker == code
    ]
    if given.starts_on and given.leaves_on and given.leaves_on < given.starts_on:
        found.append(
            InputError.at(
                ["leaves_on"], "order", "The day of leaving must not be before the first day."
            )
        )
    return found + _faults_of_relations(given, known, alone=("supervisors", "absences"))


def faults_of_group(
    given: AuditorGroupIn, known: Known, elsewhere: Memberships
) -> list[InputError]:
    """A team is in one group at a time (§4.4); `elsewhere`: when teams are in other groups."""
    found = [
        InputError.at(
            ["teams", at, "from"], "overlap", "The team is in another group on some of these days."
        )
        for at, one in enumerate(given.teams)
        if any(_shares_a_day(one, valid) for valid in elsewhere.get(one.team, ()))
    ]
    return found + _faults_of_relations(given, known, alone=())


def faults_of_principal(worker: str | None, system: str | None, known: Known) -> list[InputError]:
    """A principal is a worker, a case system, or another client."""
    found = unknown_codes(known, worker=worker, system=system)
    if worker is not None and system is not None:
        detail = "A principal is a worker or a case system, not both."
        found.append(InputError.at(["system"], "both", detail))
    return found


def faults_of_role(held: RoleIn | RoleRight, known: Known) -> list[InputError]:
    """A role is held over what it can be held over, and for a day at least (X3)."""
    found = unknown_codes(known, service=held.service, team=held.team)
    if held.to is not None and held.to <= held.from_:
        found.append(InputError.at(["to"], "order", "Must be later than the first day."))
    if held.service is not None and held.team is not None:
        detail = "A role is held over a service or a team, not both."
        found.append(InputError.at(["team"], "scope", detail))
    elif not isinstance(held.role, Unread) and (
        scope_of(held) not in (allowed := SCOPES_OF_ROLE[held.role])
    ):
        scopes = " or a ".join(sorted(allowed)).replace("authority", "whole authority")
        found.append(InputError.at(["role"], "scope", f"This role is held over a {scopes}."))
    return found


def scope_of(held: RoleIn | RoleRight) -> str:
    """`team` or `service` where one is named, else the whole `authority`."""
    return "team" if held.team else "service" if held.service else "authority"


def unknown_codes(known: Known, **codes: str | None) -> list[InputError]:
    """The fields whose code is not known."""
    return [
        InputError.at([field], "unknown-code", f"There is no {field} of this code.")
        for field, code in codes.items()
        if code is not None and code not in known[field]
    ]


def named(relation: Dated) -> dict[str, str]:
    """What a relation says besides its dates."""
    return relation.model_dump(exclude={"from_", "to"})


def relations_of(
    given: ServiceIn | TeamIn | WorkerIn | AuditorGroupIn,
) -> dict[str, Sequence[Dated]]:
    """The lists of relations within the directory of an entry, by field."""
    fields = type(given).model_fields.keys() - {"references"}
    lists = {name: getattr(given, name) for name in sorted(fields)}
    return {name: found for name, found in lists.items() if isinstance(found, list)}


def _faults_of_relations(
    given: ServiceIn | TeamIn | WorkerIn | AuditorGroupIn, known: Known, *, alone: Iterable[str]
) -> list[InputError]:
    """Relations that end before they begin, overlap, or name what is not known.

    In the lists of `alone` only one relation holds on a day, in the others one with each code.
    """
    found = []
    for name, relations in relations_of(given).items():
        found += _backwards(name, relations)
        found += _overlaps(name, relations, alone=name in alone)
        found += _unknown(name, relations, known)
    return found


def _backwards(name: str, relations: Sequence[Dated]) -> list[InputError]:
    detail = "Must be later than the first day: it is the day on which it no longer holds."
    return [
        InputError.at([name, at, "to"], "order", detail)
        for at, one in enumerate(relations)
        if one.to is not None and one.to <= one.from_
    ]


def _overlaps(name: str, relations: Sequence[Dated], *, alone: bool) -> list[InputError]:
    of_one: dict[Any, list[int]] = defaultdict(list)
    for at, one in enumerate(relations):
        if not is_read(one):
            continue
        of_one[None if alone else tuple(named(one).values())].append(at)
    found = []
    for places in of_one.values():
        places.sort(key=lambda at: relations[at].from_)
        held_until: date | None = date.min
        for at in places:
            if held_until is None or relations[at].from_ < held_until:
                detail = "Begins before another one of this list has ended."
                found.append(InputError.at([name, at, "from"], "overlap", detail))
            held_until = _later(held_until, relations[at].to)
    return found


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)


def _unknown(name: str, relations: Sequence[Dated], known: Known) -> list[InputError]:
    return [
        InputError.at([name, at, field], "unknown-code", f"There is no {field} of this code.")
        for at, one in enumerate(relations)
        if (field := FIELDS.get(type(one))) is not None and getattr(one, field) not in known[field]
    ]


def _shares_a_day(one: Dated, valid: Range[date]) -> bool:
    begins_before_its_end = valid.upper is None or one.from_ < valid.upper
    ends_after_its_begin = one.to is None or valid.lower is None or one.to > valid.lower
    return begins_before_its_end and ends_after_its_begin
