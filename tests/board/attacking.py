"""Somebody who knows some rows and keeps every version of a document asks for bounds of a few.

By integer programming (SciPy's `milp`): unknown audits are counted by what became of each from one
version to the next, of all that could have; each number that a document tells is an equation.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations, product
from random import Random
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import numpy as np

from tests.board.authorities import BAD, JUDGEMENTS, MONTHS, SERVICES, THEMES, Authority, Row
from tests.board.numbers_told import RAISED, Document, Profile, Told, numbers_of
from tests.rules.bounded import counts_with_most

Life: TypeAlias = tuple[Profile | None, ...]
"""What is counted of an audit in each version; None where it is not."""
VALUES: Final[Mapping[str, Sequence[Any]]] = {
    "service": sorted(set(SERVICES.values())),
    "judgement": JUDGEMENTS,
    "theme": (None, *THEMES),
    "month": MONTHS,
    "heard": (False, True),
    "after": (None, *JUDGEMENTS),
}
FEWEST: Final = 5
_MOST: Final = 500
_NODES: Final = 1_000
_ALWAYS: Final = -1
"""Instead of a document: what is known beside all of them."""


class Reader(NamedTuple):
    """Who knows rows, and the urgent findings of teams."""

    who: str
    rows: frozenset[UUID]
    teams: frozenset[str]

    def and_another(self, other: "Reader") -> "Reader":
        """Two who put together what they know."""
        who = f"{self.who} and {other.who}"
        return Reader(who, self.rows | other.rows, self.teams | other.teams)


class Group(NamedTuple):
    """A few unknown rows, and those among which they lie, by the places of their lives."""

    rows: Any
    among: Any
    many: int
    said: str


class Equation(NamedTuple):
    """A number, the document that tells it, and the version of the rows that it counts."""

    document: int
    told: Told
    version: int


class Attack:
    """All that can be, and all that documents say of it, to who looks at some things alone."""

    def __init__(
        self, story: Sequence[Authority], documents: Sequence[Document], looked_at: Collection[str]
    ) -> None:
        """`looked_at`: names of `Profile`; numbers that ask for others are left aside."""
        self.story, self.looked_at = story, sorted(looked_at)
        keys = dict.fromkeys(key for authority in story for key in authority.rows)
        self.lives: Mapping[UUID, Life] = {
            key: tuple(self._profile(one.rows.get(key)) for one in story) for key in keys
        }
        self.possible = [*dict.fromkeys([*self._possible(), *self.lives.values()])]
        self.at = {life: place for place, life in enumerate(self.possible)}
        self.kinds = [kind_of(life) for life in self.possible]
        self.masks: dict[tuple[int, str, Any], Any] = {}
        self.equations = [*self._told(documents)]
        columns = [*map(self._counted, self.possible), *map(self._urgent, VALUES["service"])]
        self.matrix = np.array(columns).reshape(len(columns), len(self.equations)).T

    def _profile(self, row: Row | None) -> Profile | None:
        if row is None:
            return None
        seen: dict[str, Any] = {
            name: getattr(row, name) if name in self.looked_at else None for name in Profile._fields
        }
        return Profile(**seen)

    def _possible(self) -> Iterator[Life]:
        """Every way in which a row can be counted; a theme is only where the plan has it."""
        chosen = [VALUES[name] if name in self.looked_at else (None,) for name in Profile._fields]
        planned = {(row.service, row.theme) for one in self.story for row in one.rows.values()}
        for values in product(*chosen):
            profile = Profile(*values)
            if profile.theme and (profile.service, profile.theme) not in planned:
                continue
            if len(self.story) == 1:
                yield (profile,)
                continue
            yield from ((profile, profile), (profile, None), (None, profile))
            for name in ("judgement", "service", "after"):
                if name in self.looked_at and (name == "service" or profile.after is None):
                    for value in VALUES[name]:
                        yield (profile, profile._replace(**{name: value}))

    def _told(self, documents: Sequence[Document]) -> Iterator[Equation]:
        for at, document in enumerate(documents):
            figures = document["figures"]
            stands = {one["section"]: one["number"] - 1 for one in figures["stands"] or ()}
            for told in numbers_of(document, figures["quarter"]):
                if told.asks <= {*self.looked_at}:
                    yield Equation(at, told, stands.get(told.section, at))

    def _counted(self, life: Life) -> list[int]:
        """Whether each number counts an audit of such a life, or the escalation of it."""
        first = next(each for each in life if each is not None)
        found = []
        for one in self.equations:
            profile = life[one.version]
            if one.told.section == RAISED:
                # Of what was inadequate when it was completed, also where the audit left since.
                holds = profile or (life[0] if one.version else None)
                bad = first.judgement == BAD and "trigger" not in one.told.wanted
                found.append(int(holds is not None and bad and one.told.is_of(holds.service)))
            else:
                found.append(int(profile is not None and one.told.keeps(profile)))
        return found

    def _urgent(self, service: str) -> list[int]:
        """Whether each number counts the urgent findings of a service."""
        return [
            int(one.told.section == RAISED and one.told.is_of(service)) for one in self.equations
        ]

    def _amounts(self, keys: Collection[UUID], teams: Collection[str]) -> Any:
        """How many there are of each life among these rows, and the urgent findings of teams."""
        found = np.zeros(self.matrix.shape[1], dtype=int)
        for key in keys:
            found[self.at[self.lives[key]]] += 1
        urgent, places = self.story[0].urgent, VALUES["service"]
        for team in teams:
            if team in self.story[0].urgent_in:
                found[len(self.possible) + places.index(SERVICES[team])] += urgent
        return found

    def misread(self) -> list[Equation]:
        """The numbers that are not what the rows say: then this attacker has read them wrongly."""
        found = self.matrix @ self._amounts(self.lives, SERVICES)
        return [
            one for one, many in zip(self.equations, found, strict=True) if many != one.told.says
        ]

    # --- somebody who knows rows ---

    def narrowed(self, reader: Reader, chance: Random, most: int) -> Iterator[str | None]:
        """Of so many groups of a few, whether their bounds are nearer than the minimum.

        Also than they are by one of the documents alone, and than how few there are among which
        the group lies: that so few came or left is no judgement of them.
        """
        known = self._amounts(reader.rows, reader.teams)
        unknown = self._amounts(self.lives, SERVICES) - known
        bounds = _Bounds(self, unknown)
        documents = range(len(self.story))
        for group in self._few(unknown, chance, most):
            alone = float(FEWEST)
            if (width := bounds.width(group.rows, documents)) < FEWEST and len(documents) > 1:
                singly = (bounds.width(group.rows, [one]) for one in documents)
                alone = min(bounds.most(group.among, documents, _MOST), *singly)
            said = f"{reader.who} know {group.many}, {group.said}, to {width}, not {alone}"
            yield said if width < min(FEWEST, alone) else None

    def _few(self, unknown: Any, chance: Random, most: int) -> Iterator[Group]:
        """Groups of a few unknown rows: of what holds of them, or of what became of them."""
        kinds = [None, *dict.fromkeys(kind for kind in self.kinds if kind)]
        asked = [*product(range(len(self.story)), kinds, self._holding())]
        chance.shuffle(asked)
        found: dict[bytes, Group] = {}
        for version, kind, values in asked:
            among = self._those(version, "kind", kind)
            rows = among.copy()
            for name, value in values:
                rows &= self._those(version, name, value)
            if 0 < (many := int(rows @ unknown)) < FEWEST:
                said = f"{kind or 'all'} of version {version} with {dict(values)}"
                found.setdefault(
                    rows.tobytes(), Group(rows.astype(float), among.astype(float), many, said)
                )
            if len(found) == most:
                break
        yield from found.values()

    def _holding(self) -> Iterator[Sequence[tuple[str, Any]]]:
        """One thing that may hold of rows, or two.

        But not that nothing was moderated: of what came in between that says so of all of it.
        """
        each = [[(name, value) for value in VALUES[name]] for name in self.looked_at]
        yield from ((one,) for values in each for one in values if one != ("after", None))
        for first, second in combinations(each, 2):
            yield from product(first, second)

    def _those(self, version: int, name: str, value: Any) -> Any:
        """The lives of which that holds in a version; of any kind where that is None."""
        if (version, name, value) not in self.masks:
            lives = zip(self.possible, self.kinds, strict=True)
            held = [
                one is not None
                and (value in {None, kind} if name == "kind" else getattr(one, name) == value)
                for life, kind in lives
                for one in [life[version]]
            ]
            urgent = [False] * len(VALUES["service"])
            self.masks[version, name, value] = np.array(held + urgent)
        return self.masks[version, name, value]


def kind_of(life: Life) -> str | None:
    """What became of a row; None where it stayed as it was."""
    first, last = life[0], life[-1]
    if first is None or last is None:
        return "came" if first is None else "left"
    changed = [name for name in Profile._fields if getattr(first, name) != getattr(last, name)]
    return f"changed {' and '.join(changed)}" if changed else None


class _Bounds:
    """The equations of somebody who knows some rows, over the others."""

    def __init__(self, attack: Attack, unknown: Any) -> None:
        """How many came, left, or changed is known besides."""
        kinds = Counter(kind for kind in attack.kinds if kind)
        urgent = [None] * len(VALUES["service"])
        sums = [[int(one == kind) for one in (*attack.kinds, *urgent)] for kind in kinds]
        self.rows = np.array([*attack.matrix, *sums]).reshape(-1, len(unknown))
        self.amounts = self.rows @ unknown
        said_by = [one.document for one in attack.equations]
        self.said_by, self.unknown = np.array(said_by + [_ALWAYS] * len(kinds)), unknown

    def most(self, aim: Any, documents: Collection[int], enough: float, sign: int = 1) -> float:
        """The most that so many rows can be, by these documents, if not `enough`; or the least."""
        from scipy.sparse import csr_array, vstack

        chosen = np.isin(self.said_by, [*documents, _ALWAYS])
        amounts = self.amounts[chosen]
        found = counts_with_most(
            sign * aim,
            vstack([csr_array(self.rows[chosen]), csr_array(sign * aim.reshape(1, -1))]),
            [*amounts, -np.inf],
            [*amounts, sign * enough],
            _MOST,
            _NODES,
        )
        # Where it is not answered in so many steps they are what they are.
        return float(aim @ (self.unknown if found is None else found))

    def width(self, aim: Any, documents: Collection[int]) -> float:
        """How far apart the least and the most are, if not so much as is enough."""
        many = float(aim @ self.unknown)
        most = self.most(aim, documents, many + FEWEST)
        return (
            most - self.most(aim, documents, most - FEWEST, sign=-1)
            if most < many + FEWEST
            else FEWEST
        )
