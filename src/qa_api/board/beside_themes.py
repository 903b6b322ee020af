"""Services that are first told of after themes were (R4.7.3).

Within one version themes give way to services (`together`). A service whose update came late is
told of first in a later version, and there an earlier one has told of themes already: if a theme
lies within the service, the one less the other would be known. So such a service is told of only
where it stands beside those themes, counted as each version that told of them counted the rows.
"""

from collections.abc import Collection, Iterable, Sequence

from qa_api.board.earlier import Version
from qa_api.board.list_counts import Part
from qa_api.board.team_counts import TeamCounts
from qa_api.rules.crossed_parts import cross_safely
from qa_api.rules.grouped import atoms_of, joined
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.metrics import Counted, Scope, of_theme
from qa_api.rules.readers import Atom
from qa_api.rules.unchanging import Unchanging


class _Cut(Unchanging):
    """What was told of themes: these counts, by these atoms, of these themes."""

    counted: tuple[Counted, ...]
    atoms: Sequence[Atom]
    themes: Collection[str]


class ThemesBefore(Unchanging):
    """The themes that earlier versions told of, and what they counted."""

    versions: Sequence[Version]
    told: Sequence[TeamCounts]
    """The quarter as each of them counted it."""
    now: TeamCounts
    fewest: int

    def services_beside(
        self, counted: tuple[Counted, ...], services: Iterable[str]
    ) -> Sequence[str]:
        """The services of which these counts can be told, beside the themes' of before.

        The first counts what the others do, and more.
        """
        shown = frozenset(cell for version in self.versions for cell in version.shown)
        themes = [
            one
            for one in self._themes()
            if any(self._link(of_theme(each, one)) in shown for each in counted)
        ]
        before = {
            code
            for version in self.versions
            for code in version.services
            if any(self._link(one, code) in shown for one in counted)
        }
        atoms = [Atom(counted[:1], counted[1:]), *(Atom((one,)) for one in counted[1:])]
        return self._safe(_Cut(counted, atoms, themes), before, services)

    def judged_beside(
        self, on: JudgedOn, cells: Sequence[Counted], services: Iterable[str]
    ) -> Sequence[str]:
        """The same of judgements."""
        told = [one for v in self.versions if v.themes and (one := v.grouped_themes(on)).shown]
        themes = sorted({theme for one in told for theme in one.shown})
        runs = joined(*(one.parts for one in told)) if told else ()
        grouped = (version.grouped(on) for version in self.versions)
        before = {code for one in grouped if one is not None for code in one.shown}
        return self._safe(_Cut(tuple(cells), atoms_of(cells, runs), themes), before, services)

    def _safe(self, cut: _Cut, before: Collection[str], services: Iterable[str]) -> Sequence[str]:
        """Those that were told of before, and as many more as can be, the greatest first."""
        asked = [*services]
        if not cut.themes:
            return asked
        # Where themes would not stand as they are now, only what was told of them matters.
        bases = [*self.told, *([self.now] if self._stand(self.now, before, cut) else [])]
        parts = self.now.parts(cut.counted)
        many = {
            code: sum(team.amount(atom) for team in parts.get(code, ()) for atom in cut.atoms)
            for code in asked
        }
        found = {*before}
        for code in sorted({*asked} - found, key=lambda one: (-many[one], one)):
            if all(self._stand(one, found | {code}, cut) for one in bases):
                found.add(code)
        return [code for code in asked if code in found]

    def _stand(self, teams: TeamCounts, services: Collection[str], cut: _Cut) -> bool:
        crossed = teams.crossed(cut.themes, services, cut.counted, of_theme)
        return not services or cross_safely(crossed, cut.atoms, self.fewest)

    def _themes(self) -> Sequence[str]:
        return sorted({one.theme for version in self.versions for one in version.themes})

    def _link(self, counted: Counted, service: str | None = None) -> str:
        return Part(counted, self.now.quarter, Scope(service=service)).link
