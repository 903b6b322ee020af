"""Who of the open children was looked at, by team, status and stratum (§4.4, R4.4.4).

Everybody of the day was counted. The interval says how far chance alone moves such a share when as
many are audited in another year, so that a team of a few does not look better or worse than it is.

To whoever may not list the children nothing is shown that tells of a few: neither to somebody who
knows the rows of a team or service, nor to two of them together (`readers`). Nothing is hidden
singly: a part that is too small appears in the whole alone, and so does what is left with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from qa_api.rules.grouped import shown_parts
from qa_api.rules.policy import Policy
from qa_api.rules.readers import Atom, Cell, Team, withstands
from qa_api.rules.shares import Share, share_of_sample
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.4, R4.4.4"
_AUDITED: Final = "audited"
_OTHERS: Final = "others"
_ATOMS: Final = (Atom((_AUDITED,)), Atom((_OTHERS,)))
NOT_SAID: Final = ""
"""Stands for a stratum that a case system said nothing of."""


class Group(Unchanging):
    """So many open children that are the same in all that is told apart."""

    team: str
    service: str | None
    status: str
    strata: Mapping[str, str]
    children: int
    audited: int


class Part(Unchanging):
    """The coverage of a part: of one team, status or stratum."""

    by: str
    """`team`, `status`, or the name of a stratum."""
    value: str | None
    """Its code; None where the case system did not say."""
    share: Share | None
    """None where it is withheld: it is in the whole alone."""


class Coverage(Unchanging):
    """The coverage of a caseload and of its parts."""

    whole: Share | None
    parts: tuple[Part, ...]


def coverage(groups: Sequence[Group], policy: Policy, *, in_full: bool) -> Coverage:
    """The coverage of these children. `in_full`: for whoever may list every one of them."""
    fewest = 0 if in_full else policy.small_cell_minimum
    whole = _share(groups, policy) if withstands(_held(groups), _ATOMS, fewest) else None
    names = sorted({name for group in groups for name in group.strata})
    parts: list[Part] = []
    for by in ("team", "status", *(f"strata.{name}" for name in names)):
        members = _members(groups, by)
        held = {value: _held(those) for value, those in members.items()}
        shown = () if whole is None else shown_parts(held, _ATOMS, fewest)
        parts += [
            Part(by, value or None, _share(those, policy) if value in shown else None)
            for value, those in sorted(members.items())
        ]
    return Coverage(whole, tuple(parts))


def _members(groups: Iterable[Group], by: str) -> dict[str, list[Group]]:
    found: dict[str, list[Group]] = {}
    for group in groups:
        found.setdefault(_value(group, by), []).append(group)
    return found


def _value(group: Group, by: str) -> str:
    match by:
        case "team":
            return group.team
        case "status":
            return group.status
        case _:
            return group.strata.get(by.removeprefix("strata."), NOT_SAID)


def _held(groups: Iterable[Group]) -> list[Team]:
    """What each team holds of these children, and the service that it belongs to."""
    counts: dict[tuple[str, str | None], dict[Cell, int]] = {}
    for group in groups:
        own = counts.setdefault((group.team, group.service), {_AUDITED: 0, _OTHERS: 0})
        own[_AUDITED] += group.audited
        own[_OTHERS] += group.children - group.audited
    return [Team(service, held) for (_, service), held in counts.items()]


def _share(groups: Sequence[Group], policy: Policy) -> Share:
    audited = sum(group.audited for group in groups)
    return share_of_sample(audited, sum(group.children for group in groups), policy)
