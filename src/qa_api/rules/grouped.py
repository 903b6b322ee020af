"""Judgements of which neighbours are joined, so that nobody is recognised (§4.7, R4.7.3).

Hiding single counts gives them away to whoever knows some rows already: what a whole leaves over
after their own is the hidden count. So nothing is hidden singly. Neighbouring judgements are joined
until every figure withstands every reader (`readers`); parts of the whole, such as services, share
one grouping that is never finer than the whole's; those too small for it appear only in the whole,
and what they are together must withstand too. A later version never splits what was joined.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

from qa_api.rules.readers import Atom, Cell, Known, withstands
from qa_api.rules.unchanging import Unchanging

Runs: TypeAlias = tuple[tuple[int, int], ...]
"""Neighbours that are shown as one, best first: each from a first to before a last. None: not even
how many there are is told."""
Parts: TypeAlias = Mapping[str, Sequence[Known]]
"""Parts of the whole that lie apart, such as services or themes, each with what its teams hold."""


class Grouped(Unchanging):
    """How finely the judgements are shown: of the whole, of its parts, and of which parts."""

    whole: Runs
    parts: Runs = ()
    shown: tuple[str, ...] = ()


def apart(many: int) -> Runs:
    """Every judgement by itself."""
    return tuple((at, at + 1) for at in range(many))


def groupings(within: Runs) -> Iterator[Runs]:
    """Every way to join neighbours among these, the finest first, always in this order."""
    ends = [end for _, end in within]
    for splits in reversed(range(len(ends))):
        for inner in combinations(ends[:-1], splits):
            yield tuple(zip((0, *inner), (*inner, ends[-1]), strict=True))


def joined(one: Runs, *others: Runs) -> Runs:
    """What is joined in any of them: split only where all are split."""
    shared = {end for _, end in one}.intersection(*({end for _, end in runs} for runs in others))
    ends = sorted(shared)
    return tuple(zip((0, *ends[:-1]), ends, strict=True)) if ends else ()


def atoms_of(cells: Sequence[Cell], runs: Runs) -> list[Atom]:
    """Each run as the sum of its judgements."""
    return [Atom(tuple(cells[first:last])) for first, last in runs]


def grouped(
    parts: Parts,
    cells: Sequence[Cell],
    fewest: int,
    before: Iterable[Grouped] = (),
    only: Collection[str] | None = None,
) -> Grouped:
    """How the judgements `cells`, best first, are shown of a whole and its parts.

    `parts` hold every row of the whole, also those of parts that are not shown; `only` says which
    may be. `before` is how every earlier version was shown. The first grouping that withstands is
    the finest; of parts it is the one that tells most of them most.
    """
    earlier = list(before)
    told_before = frozenset(code for version in earlier for code in version.shown)
    coarse = joined(apart(len(cells)), *(version.parts for version in earlier if version.shown))
    within = joined(apart(len(cells)), *(version.whole for version in earlier))
    whole = next(
        (
            runs
            for runs in groupings(within)
            if withstands(_without(parts, ()), atoms_of(cells, runs), fewest)
            and withstands(
                _without(parts, told_before), atoms_of(cells, joined(runs, coarse)), fewest
            )
        ),
        (),
    )
    finest = joined(whole, coarse)
    choices = [Grouped(whole)]
    for runs in groupings(finest):
        atoms = atoms_of(cells, runs)
        shown = shown_parts(parts, atoms, fewest, only, told_before)
        if shown:
            choices.append(Grouped(whole, runs, shown))
    return max(choices, key=lambda one: (_again(one, finest, told_before), *_told(one)))


def _again(found: Grouped, finest: Runs, told_before: Collection[str]) -> bool:
    """Whether all that was told of parts is told again."""
    return not told_before or (
        found.parts == finest and frozenset(told_before).issubset(found.shown)
    )


def _told(found: Grouped) -> tuple[int, int]:
    """How much a grouping tells of parts: a split of a few is worth more than the sums of many."""
    return len(found.shown) * max(len(found.parts) - 1, 0), len(found.shown)


def shown_parts(
    parts: Parts,
    atoms: Sequence[Atom],
    fewest: int,
    only: Collection[str] | None = None,
    told_before: Collection[str] = (),
) -> tuple[str, ...]:
    """The parts that can be shown by these atoms: they, and what is left of the whole, withstand.

    Those that were not told before give way first, of them the smallest. What is left must
    withstand also for who still has a version in which parts stand that are not shown now
    (`told_before`).
    """
    allowed = parts if only is None else [code for code in parts if code in only]
    sizes = {
        code: sum(team.amount(atom) for team in parts[code] for atom in atoms) for code in allowed
    }
    shown = sorted(
        (code for code in allowed if withstands(parts[code], atoms, fewest)),
        key=lambda code: (code not in told_before, -sizes[code], code),
    )
    while shown and not _rest_withstands(parts, shown, told_before, atoms, fewest):
        shown.pop()
    return tuple(shown)


def _rest_withstands(
    parts: Parts,
    shown: Collection[str],
    told_before: Collection[str],
    atoms: Sequence[Atom],
    fewest: int,
) -> bool:
    known = {frozenset(shown), frozenset(shown) | frozenset(told_before)}
    return all(withstands(_without(parts, told), atoms, fewest) for told in known)


def _without(parts: Parts, told: Collection[str]) -> list[Known]:
    """What is held by the teams of all parts but these."""
    return [team for code, teams in parts.items() if code not in told for team in teams]
