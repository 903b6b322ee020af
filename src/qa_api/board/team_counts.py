"""What each team holds of a quarter's counts: whom figures must stand against (R4.7.3)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sqlalchemy import select

from qa_api.board.list_counts import Tally
from qa_api.models.directory import TeamService
from qa_api.rules.grouped import Parts
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Counted
from qa_api.rules.readers import Cell, Team
from qa_api.rules.unchanging import Unchanging
from qa_api.rules.versions import Holder
from qa_api.work import Work

NOBODY: Final = ""
"""The part of rows that no service holds: never shown by itself, always in the rest."""


class TeamCounts(Unchanging):
    """The counts of a quarter, team by team."""

    quarter: FinancialQuarter
    tallies: Mapping[Holder, Tally]

    def parts(self, wanted: Iterable[Counted]) -> Parts:
        """Each service with what its teams hold of these counts."""
        counted = list(wanted)
        parts: dict[str, list[Team]] = {}
        for (_, service), tally in self.tallies.items():
            held: dict[Cell, int] = {
                one: tally.count(tally.part(one, self.quarter)) for one in counted
            }
            parts.setdefault(service or NOBODY, []).append(Team(service, held))
        return parts

    def of_themes(
        self,
        themes: Iterable[str],
        whole: Iterable[Counted],
        narrowed: Callable[[Counted, str], Counted],
    ) -> Parts:
        """Each theme with what teams hold of these counts in it, and what is of no theme."""
        counted, every = list(whole), list(themes)
        parts: dict[str, list[Team]] = {theme: [] for theme in (*every, NOBODY)}
        for (_, service), tally in self.tallies.items():
            left: dict[Cell, int] = {
                one: tally.count(tally.part(one, self.quarter)) for one in counted
            }
            for theme in every:
                own: dict[Cell, int] = {
                    one: tally.count(tally.part(narrowed(one, theme), self.quarter))
                    for one in counted
                }
                left = {one: left[one] - own[one] for one in counted}
                parts[theme].append(Team(service, own))
            parts[NOBODY].append(Team(service, left))
        return parts


def by_service(held: Mapping[str | None, Mapping[Cell, int]], services: Mapping[str, str]) -> Parts:
    """What teams hold, by the service that they belong to."""
    parts: dict[str, list[Team]] = {}
    for team, counts in held.items():
        service = services.get(team or "")
        parts.setdefault(service or NOBODY, []).append(Team(service, counts))
    return parts


async def services_of_teams(work: Work) -> Mapping[str, str]:
    """The service of each team today in London."""
    found = await work.session.execute(
        select(TeamService.team, TeamService.service).where(TeamService.valid.contains(work.today))
    )
    return {row.team: row.service for row in found}
