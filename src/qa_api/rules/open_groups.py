"""Open children by all that they are told apart by: system, team, status, strata (§4.4, R4.4.4)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Self, TypeAlias

from qa_api.rules.readers import Atom, Cell, Known, posts
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.4, R4.4.4"
_AUDITED: Final = "audited"
_OTHERS: Final = "others"
ATOMS: Final = (Atom((_AUDITED,)), Atom((_OTHERS,)))
"""What is told of some children: how many were audited, and so how many were not."""
Led: TypeAlias = Sequence[frozenset[str]]
"""The teams of each person who leads several."""
NOT_SAID: Final = ""
"""Stands for a stratum that a case system said nothing of."""


class Group(Unchanging):
    """So many open children that are the same in all that is told apart."""

    system: str
    team: str
    service: str | None
    status: str
    strata: Mapping[str, str]
    children: int
    audited: int

    def code(self, by: str) -> str:
        """Of which part of a kind they are: of which `system`, `team`, `status` or stratum."""
        match by:
            case "system":
                return self.system
            case "team":
                return self.team
            case "status":
                return self.status
            case _:
                return self.strata.get(by.removeprefix("strata."), NOT_SAID)


def kinds_of(groups: Sequence[Group]) -> Sequence[str]:
    """What the children are told apart by: by case system where there are several."""
    several = len({group.system for group in groups}) > 1
    names = sorted({name for group in groups for name in group.strata})
    return [*(["system"] if several else []), "team", "status", *(f"strata.{n}" for n in names)]


def held_by_teams(groups: Iterable[Group], led: Led = ()) -> list[Known]:
    """What each team holds of these children, and who knows them."""
    counts: dict[tuple[str, str | None], dict[Cell, int]] = {}
    for group in groups:
        own = counts.setdefault((group.team, group.service), {_AUDITED: 0, _OTHERS: 0})
        own[_AUDITED] += group.audited
        own[_OTHERS] += group.children - group.audited
    return [
        Known(posts(holder) | {at for at, teams in enumerate(led) if holder[0] in teams}, held)
        for holder, held in counts.items()
    ]


class Change(Unchanging):
    """Who came to children that were counted before, and who went; who was audited did both."""

    came: tuple[Group, ...]
    went: tuple[Group, ...]

    @classmethod
    def between(cls, then: Iterable[Group], now: Iterable[Group]) -> Self:
        """What differs, group by group."""
        alike: dict[object, Group] = {}
        audited, others = Counter[object](), Counter[object]()
        for sign, groups in ((-1, then), (1, now)):
            for group in groups:
                strata = tuple(sorted(group.strata.items()))
                key = (group.system, group.team, group.status, strata)
                alike[key] = group
                audited[key] += sign * group.audited
                others[key] += sign * (group.children - group.audited)

        def more(sign: int) -> tuple[Group, ...]:
            return tuple(
                Group(
                    group.system,
                    group.team,
                    group.service,
                    group.status,
                    group.strata,
                    max(sign * audited[key], 0) + max(sign * others[key], 0),
                    max(sign * audited[key], 0),
                )
                for key, group in alike.items()
                if max(sign * audited[key], sign * others[key]) > 0
            )

        return cls(more(1), more(-1))
