"""Who of the open children was looked at, by system, team, status and stratum (§4.4, R4.4.4).

Everybody of the day was counted: it is no sample, and what is counted is certain, also of a team
of one. The interval is that of the rate behind it, which chance moves from year to year, so that a
team of a few does not look better or worse than it is.

To whoever may not list the children nothing is told that tells of a few, or that would beside what
was told before (`coverage_parts`). A part that is too small appears in the whole alone and is not
listed: a code in the list says that there is a child. Where five children are left over, five such
codes say that each has one.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from qa_api.rules.coverage_parts import Told, tellable
from qa_api.rules.open_groups import CLAUSE, NOT_SAID, Group, Led, kinds_of
from qa_api.rules.policy import Policy
from qa_api.rules.shares import Share, rate_of_all
from qa_api.rules.unchanging import Unchanging

__all__ = ["CLAUSE", "Coverage", "Group", "Part", "Told", "coverage"]


_NO_KINDS: Final = frozenset({"system", "team"})
"""By what children are told apart that says nothing of them."""


class Part(Unchanging):
    """The coverage of a part: of one case system, team, status or stratum."""

    by: str
    """`system`, `team`, `status`, or `strata.` and the name of a stratum."""
    value: str | None
    """Its code; None where the case system did not say."""
    share: Share


class Coverage(Unchanging):
    """The coverage of a caseload and of its parts."""

    whole: Share | None
    parts: tuple[Part, ...]

    def by_team(self) -> "Coverage":
        """Without statuses and strata: to whom somebody of a team is kept from.

        Who knows whom the team works with would see of what kind the one is who is not counted.
        """
        return Coverage(self.whole, tuple(one for one in self.parts if one.by in _NO_KINDS))

    def told(self, groups: Iterable[Group]) -> Told:
        """What it is to be remembered by: what it was counted from, and what it shows."""
        shown = ((one.by, one.value or NOT_SAID) for one in self.parts)
        return Told(tuple(groups), frozenset(shown))


def coverage(
    groups: Sequence[Group],
    policy: Policy,
    *,
    in_full: bool,
    before: Iterable[Told] = (),
    led: Led = (),
) -> Coverage:
    """The coverage of these children. `in_full`: for whoever may list every one of them.

    To others nothing is told that, beside what was told `before`, would tell of a few: neither a
    number of a part nor that there is somebody in it.
    """
    found = None if in_full else tellable(groups, policy.small_cell_minimum, before, led)
    whole, told = in_full or found is not None, found or frozenset()
    parts: list[Part] = []
    for by in kinds_of(groups):
        members: dict[str, list[Group]] = {}
        for group in groups:
            members.setdefault(group.code(by), []).append(group)
        parts += [
            Part(by, code or None, _share(those, policy))
            for code, those in sorted(members.items())
            if in_full or (by, code) in told
        ]
    return Coverage(_share(groups, policy) if whole else None, tuple(parts))


def _share(groups: Iterable[Group], policy: Policy) -> Share:
    chosen = [*groups]
    audited = sum(group.audited for group in chosen)
    return rate_of_all(audited, sum(group.children for group in chosen), policy)
