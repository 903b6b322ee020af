"""Which counts of a published table are withheld, so that nobody is recognised (§4.7, R4.7.3).

A count is small when it is more than nothing and below the policy's minimum. It is withheld, and so
is every count from which it could be worked out with what else is published: what a whole leaves
over, and the last shown cell beside a withheld one.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeAlias

from qa_api.rules.policy import Policy
from qa_api.rules.unchanging import Unchanging

Cell: TypeAlias = Hashable
"""Whatever names a count: where it is published twice, it has one name."""


class Table(Unchanging):
    """A published whole and parts of it that do not overlap; what they leave is the rest."""

    whole: Cell
    parts: tuple[Cell, ...]


def is_small(count: int, policy: Policy) -> bool:
    """Whether a published figure over so few is withheld, so that nobody is recognised."""
    return 0 < count < policy.small_cell_minimum


def withheld(
    counts: Mapping[Cell, int], tables: Sequence[Table], policy: Policy
) -> frozenset[Cell]:
    """The cells that may not be shown.

    They are the small ones, and of each table as many others, the smallest first, until the hidden
    part is at least two counts that are not small together. If the whole is small nothing of it is
    shown: even a zero would tell what all of them were.
    """
    hidden = {cell for cell, count in counts.items() if is_small(count, policy)}
    for table in tables:
        if table.whole in hidden:
            hidden.update(table.parts)
    while more := {
        cell
        for table in tables
        for cell in _also(counts, table, hidden, policy)
        if cell not in hidden
    }:
        hidden |= more
    return frozenset(hidden)


def _also(
    counts: Mapping[Cell, int], table: Table, hidden: Iterable[Cell], policy: Policy
) -> tuple[Cell, ...]:
    """The one cell more that a table must withhold, if there is any."""
    rest = counts[table.whole] - sum(counts[part] for part in table.parts)
    unseen = [counts[part] for part in table.parts if part in hidden]
    shown = sorted(
        (part for part in table.parts if part not in hidden and counts[part]),
        key=lambda part: counts[part],
    )
    if table.whole in hidden:
        if unseen or rest or not shown:
            return ()
        return (shown[0],)  # the parts would add up to the whole
    several = sum(1 for count in (*unseen, rest) if count) > 1
    together = sum(unseen) + rest
    if not is_small(together, policy) and (several or not any(unseen)):
        return ()
    return (shown[0] if shown else table.whole,)
