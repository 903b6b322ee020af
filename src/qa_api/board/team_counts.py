"""What who knows of a quarter's counts: whom figures must stand against (R4.7.3)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import select

from qa_api.board.list_counts import Tally
from qa_api.models.directory import TeamService
from qa_api.rules.crossed_parts import Crossed
from qa_api.rules.grouped import Parts
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Counted
from qa_api.rules.readers import Cell, Holder, Known, Readers, posts
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

NOBODY: Final = ""
"""The part of rows that no service holds: never shown by itself, always in the rest."""


class TeamCounts(Unchanging):
    """The counts of a quarter, team by team and, in it, by the readers who know the rows."""

    quarter: FinancialQuarter
    tallies: Sequence[tuple[Holder, Readers, Tally]]

    def parts(self, wanted: Iterable[Counted]) -> Parts:
        """Each service with what is known of these counts of its teams."""
        counted = list(wanted)
        parts: dict[str, list[Known]] = {}
        for (_, service), known_by, tally in self.tallies:
            held: dict[Cell, int] = {
                one: tally.count(tally.part(one, self.quarter)) for one in counted
            }
            parts.setdefault(service or NOBODY, []).append(Known(known_by, held))
        return parts

    def of_themes(
        self,
        themes: Iterable[str],
        whole: Iterable[Counted],
        narrowed: Callable[[Counted, str], Counted],
    ) -> dict[str, list[Known]]:
        """Each theme with what is known of these counts in it, and what is of no theme."""
        counted, every = list(whole), list(themes)
        parts: dict[str, list[Known]] = {theme: [] for theme in (*every, NOBODY)}
        for _, known_by, tally in self.tallies:
            left: dict[Cell, int] = {
                one: tally.count(tally.part(one, self.quarter)) for one in counted
            }
            for theme in every:
                own: dict[Cell, int] = {
                    one: tally.count(tally.part(narrowed(one, theme), self.quarter))
                    for one in counted
                }
                left = {one: left[one] - own[one] for one in counted}
                parts[theme].append(Known(known_by, own))
            parts[NOBODY].append(Known(known_by, left))
        return parts

    def crossed(
        self,
        themes: Iterable[str],
        services: Collection[str],
        whole: Iterable[Counted],
        narrowed: Callable[[Counted, str], Counted],
    ) -> Crossed:
        """The same of each theme within each of these services, and within all others."""
        counted, every = list(whole), list(themes)
        found: dict[tuple[str, str], list[Known]] = {}
        for told in (*services, NOBODY):
            of_service = [
                one
                for one in self.tallies
                if told == (one[0][1] if one[0][1] in services else NOBODY)
            ]
            own = TeamCounts(self.quarter, of_service).of_themes(every, counted, narrowed)
            found |= {(theme, told): known for theme, known in own.items()}
        return found


def by_service(held: Mapping[tuple[Holder, Readers], Mapping[Cell, int]]) -> Parts:
    """What is known of teams' rows, by the service that they belong to."""
    parts: dict[str, list[Known]] = {}
    for (holder, people), counts in held.items():
        of = parts.setdefault(holder[1] or NOBODY, [])
        of.append(Known(posts(holder) | people, counts))
    return parts


async def services_of_teams(work: Work) -> Mapping[str, str]:
    """The service of each team today in London."""
    found = await work.session.execute(
        select(TeamService.team, TeamService.service).where(TeamService.valid.contains(work.today))
    )
    return {row.team: row.service for row in found}
