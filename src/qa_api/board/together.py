"""The authority's figures and its services' published together, nobody recognised (R4.7.3).

Every count is held against each person who knows some rows, such as a head of service or a team
manager, each two of them, and whoever keeps the earlier versions. What cannot be shown safely is
left out.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from qa_api.board.beside_themes import ThemesBefore
from qa_api.board.earlier import Origin, Version, last_presented
from qa_api.board.figure_schemas import (
    JoinedJudgementsOut,
    MetricsOut,
    ScaleJudgementsOut,
    judged_on,
)
from qa_api.board.joining import joined_of
from qa_api.board.list_counts import Part
from qa_api.board.monthly_charts import Escalating, escalating_judgements
from qa_api.board.practice_counts import practice_cells
from qa_api.board.publishing import every_cell, listed, without
from qa_api.board.quarter_figures import EVERYTHING, metrics_of
from qa_api.board.row_readers import Knowing
from qa_api.board.team_counts import TeamCounts
from qa_api.board.told_anew import all_stand, chosen_sections, repeated, said_of
from qa_api.board.told_before import Sections, told_before
from qa_api.rules.crossed_parts import cross_safely
from qa_api.rules.figure_families import (
    CLOSINGS,
    CLOSINGS_ESCALATED,
    COMPLETED,
    ESCALATIONS,
    FAMILIES,
    RAISED_OTHERWISE,
    THEMED,
    URGENT,
    closings_withstand,
    completed_family,
    theme_counts,
)
from qa_api.rules.grouped import Grouped, Parts, Runs, atoms_of, grouped, shown_parts
from qa_api.rules.judged_counts import judged, judged_so
from qa_api.rules.linked_counts import Counts, Family, shown_counts
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Counted, Scope, of_theme
from qa_api.rules.policy import Policy
from qa_api.rules.readers import Atom, Cell
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work


class Together(Unchanging):
    """Figures that are published at one instant."""

    whole: MetricsOut
    services: Mapping[str, MetricsOut]
    sections: Sections
    """What they were counted from; none where that was not kept when they were first presented."""


async def published_together(
    work: Work,
    quarter: FinancialQuarter,
    origin: Origin,
    services: Collection[str] = (),
    before: Sequence[Version] = (),
    known: Knowing | None = None,
) -> Together:
    """The figures of a quarter as they may leave the service, and those of some services.

    What changed by a few since an earlier version stands as that presented it. `origin` is the
    report that tells the rest. Only where a report is presented are versions compared row by row,
    held against whom `known` names: who reads in between reads what was told as it was told.
    """
    told = (await told_before(work, [quarter], with_rows=True))[quarter]
    found = await chosen_sections(work, quarter, before, told, origin, known)
    cells, policy = found.cells, await work.policy()
    whole = await metrics_of(work, quarter, EVERYTHING, cells.tally())
    own = {
        code: await metrics_of(work, quarter, Scope(service=code), cells.tally(code))
        for code in services
    }
    chosen = _Choice(found.team_counts(), policy, services, before, found.told_counts)
    presented = last_presented(before)
    if presented is not None and not presented.keeps_counted:
        return _all_repeated(presented, own, chosen)
    chosen.show_lists(whole)
    for scale in whole.judgements:
        chosen.show_judgements(scale)
    chosen.hide_escalations(whole, await escalating_judgements(work))
    chosen.show_themes(whole)
    chosen.shown |= await practice_cells(work, quarter, whole, found.knowing, found.beside)
    stands = said_of(found)
    shown = chosen.left_of(whole, "").model_copy(update={"stands": stands})
    last = presented or (before[-1] if before else None)
    return Together(
        repeated(shown, found.standing, last) if last else shown,
        {
            code: chosen.left_of(_of_service(figures), code).model_copy(update={"stands": stands})
            for code, figures in own.items()
        },
        found.sections,
    )


def _all_repeated(last: Version, own: Mapping[str, MetricsOut], nothing: "_Choice") -> Together:
    """The figures as a report said them of which nobody kept what they were counted from."""
    if last.figures is None or last.origin is None:
        raise ValueError("only what a report said can be repeated")
    stands = {"stands": all_stand(last.origin)}
    return Together(
        last.figures.model_copy(update=stands),
        {
            code: (
                last.services.get(code) or nothing.left_of(_of_service(figures), code)
            ).model_copy(update=stands)
            for code, figures in own.items()
        },
        {},
    )


def _of_service(figures: MetricsOut) -> MetricsOut:
    """Those of them that a report tells of a service."""
    return figures.model_copy(update={"themes": None, "observations": None})


class _Choice:
    """What has been found to be safe so far: cells, and joined judgements."""

    def __init__(
        self,
        teams: TeamCounts,
        policy: Policy,
        services: Collection[str],
        before: Sequence[Version],
        told: Callable[[], Sequence[TeamCounts]],
    ) -> None:
        counted = told() if any(version.themes for version in before) else []
        self.themes_before = ThemesBefore(before, counted, teams, policy.small_cell_minimum)
        self.teams, self.policy, self.fewest = teams, policy, policy.small_cell_minimum
        self.services, self.before = services, before
        self.shown: set[Cell] = set()
        self.joined: dict[str, list[JoinedJudgementsOut]] = {}

    def show_lists(self, whole: MetricsOut) -> None:
        """The counts of lists, family by family."""
        scales = [judged(judged_on(one)) for one in whole.judgements]
        for family in (*FAMILIES, completed_family(scales)):
            found = shown_counts(
                family,
                self.teams.parts(_counted(family.counted)),
                self.fewest,
                self._counts_before(family),
                self.themes_before.services_beside(
                    tuple(one for one in THEMED if one in family.cells), self.services
                ),
            )
            self._show(_counted(found.whole))
            for code in found.shown:
                self._show(_counted(found.parts), code)

    def show_judgements(self, scale: ScaleJudgementsOut) -> None:
        """The judgements on a scale, of the authority and of services, neighbours joined."""
        on_scale = judged(judged_on(scale))
        if self._link(on_scale) not in self.shown:
            return
        cells = [judged_so(on_scale, one.judgement) for one in scale.judgements]
        on = judged_on(scale)
        told = (version.grouped(on) for version in self.before)
        services = [code for code in self.services if self._link(on_scale, code) in self.shown]
        found = grouped(
            self.teams.parts(cells),
            cells,
            self.fewest,
            [version for version in told if version is not None],
            self.themes_before.judged_beside(on, cells, services),
        )
        self._show_runs(scale, cells, found.whole)
        for code in found.shown:
            self._show_runs(scale, cells, found.parts, service=code)

    def hide_escalations(self, whole: MetricsOut, escalating: Escalating) -> None:
        """Leave out how many escalations there are where that would tell of judgements or closures.

        Each judgement that escalates raises one (R4.3.2): less the urgent ones they are as many as
        there are such judgements, and the rest of what is joined with them would be known. Several
        domains of an audit raise one together, and one that was amended after the quarter none in
        it: where they are not as many, the difference would be known. Each closing without an audit
        that it needed raises one too (C4): beside all such closings they tell of those that needed
        none. Urgent ones that are not told would be the rest.
        """
        judged_bad = [
            [judged_so(judged(judged_on(scale)), code) for code in sorted(codes)]
            for scale in whole.judgements
            if (codes := escalating.get((scale.scale_code, scale.scale_number)))
        ]
        rest = dict(self.teams.parts(CLOSINGS_ESCALATED))
        for service in (*self.services, None):  # what services leave of the whole comes last
            each = [sum(self._amounts(codes, service)) for codes in judged_bad]
            raised, _ = self._amounts(RAISED_OTHERWISE, service)
            told = all(self._link(one, service) in self.shown for of in judged_bad for one in of)
            as_many = raised == sum(each) and sum(1 for many in each if many) <= 1
            urgent = self._link(URGENT, service) in self.shown
            closed = self._closures_stand(service, rest)
            if not (told and as_many and urgent and closed):
                self.shown.discard(self._link(ESCALATIONS, service))
            elif service is not None:
                rest.pop(service, None)
            if not closed and self._told_before(ESCALATIONS, service):
                self.shown -= {self._link(one, service) for one in CLOSINGS}

    def _closures_stand(self, service: str | None, rest: Parts) -> bool:
        """Of the whole also what it has beside services of which escalations are told."""
        parts = self.teams.parts(CLOSINGS_ESCALATED)
        told = [
            one
            for one in CLOSINGS
            if self._link(one, service) in self.shown or self._told_before(one, service)
        ]
        chosen = [parts, rest] if service is None else [{service: parts.get(service, ())}]
        return all(closings_withstand(each, told, self.fewest) for each in chosen)

    def _told_before(self, counted: Counted, service: str | None) -> bool:
        return any(self._link(counted, service) in version.shown for version in self.before)

    def show_themes(self, whole: MetricsOut) -> None:
        """The counts of the authority's themes, and their judgements if all are on one scale."""
        if not all(self._link(one) in self.shown for one in THEMED):
            return
        themes = [theme.theme for theme in whole.themes or ()]
        standing, done, completed = THEMED
        parts = self.teams.of_themes(themes, THEMED, of_theme)
        planned = [Atom((done,)), Atom((standing,), (done,))]
        told = {cell for version in self.before for cell in version.shown}
        before = [one for one in themes if any(self._link(c) in told for c in theme_counts(one))]
        of_planned = self._beside_services(parts, planned, before, (standing, done))
        of_completed = self._beside_services(parts, [Atom((completed,))], before, (completed,))
        for theme in themes:
            for_standing, for_done, for_completed = theme_counts(theme)
            if theme in of_planned:
                self._show([for_standing, for_done])
            if theme in of_completed:
                self._show([for_completed])
        if len({(one.scale_code, one.scale_number) for one in whole.judgements}) == 1:
            for scale in whole.judgements:
                self._show_judged_themes(scale, of_completed)

    def _beside_services(
        self,
        parts: Parts,
        atoms: Sequence[Atom],
        before: Collection[str],
        counted: Sequence[Counted],
    ) -> tuple[str, ...]:
        """The themes that can be shown, also beside services that are, or were before."""
        told = self.shown.union(*(version.shown for version in self.before))
        every = {*self.services, *(code for version in self.before for code in version.services)}
        services = {code for code in every if any(self._link(c, code) in told for c in counted)}
        found = shown_parts(parts, atoms, self.fewest, [one for one in parts if one], before)
        while found and services:
            crossed = self.teams.crossed(found, services, counted, of_theme)
            if cross_safely(crossed, atoms, self.fewest):
                break
            found = shown_parts(parts, atoms, self.fewest, found[:-1], before)
        return found

    def _show_judged_themes(self, scale: ScaleJudgementsOut, themes: Collection[str]) -> None:
        on_scale = judged(judged_on(scale))
        every = self.teams.parts([COMPLETED, on_scale]).values()
        unjudged = Atom((COMPLETED,), (on_scale,))
        if any(team.amount(unjudged) for teams in every for team in teams):
            return
        cells = [judged_so(on_scale, one.judgement) for one in scale.judgements]
        parts = self.teams.of_themes(themes, cells, of_theme)
        on = judged_on(scale)
        before = [version.grouped_themes(on) for version in self.before if version.themes]
        told = [self._runs_shown(scale), *before]
        found = grouped(parts, cells, self.fewest, told, themes)
        while found.shown and not self._judged_safely(scale, cells, found):
            found = grouped(parts, cells, self.fewest, told, found.shown[:-1])
        for theme in found.shown:
            self._show([of_theme(on_scale, theme)])
            self._show_runs(scale, cells, found.parts, theme=theme)

    def _judged_safely(
        self, scale: ScaleJudgementsOut, cells: Sequence[Counted], found: Grouped
    ) -> bool:
        """Whether judgements of themes can be told beside those of services, each by itself."""
        on = judged_on(scale)
        earlier = [one for v in self.before if (one := v.grouped(on)) is not None]
        services = {code for one in earlier for code in one.shown}
        services |= {code for code in self.services if self._tells(scale, cells, code)}
        if not services:
            return True
        crossed = self.teams.crossed(found.shown, services, cells, of_theme)
        # A service's are never finer than the authority's, and those of themes are not either.
        return cross_safely(crossed, atoms_of(cells, found.parts), self.fewest)

    def _tells(self, scale: ScaleJudgementsOut, cells: Sequence[Counted], service: str) -> bool:
        together = (judged_on(one) for one in self.joined.get(service, ()) if one.theme is None)
        return judged_on(scale) in together or any(
            self._link(one, service) in self.shown for one in cells
        )

    def _runs_shown(self, scale: ScaleJudgementsOut) -> Grouped:
        """The authority's own grouping, which that of themes is never finer than."""
        together = {
            code
            for one in self.joined.get("", ())
            if one.theme is None and judged_on(one) == judged_on(scale)
            for code in one.judgements[:-1]
        }
        ends = [at + 1 for at, one in enumerate(scale.judgements) if one.judgement not in together]
        return Grouped(tuple(zip((0, *ends[:-1]), ends, strict=True)))

    # --- what is shown, and what is left ---

    def left_of(self, metrics: MetricsOut, code: str) -> MetricsOut:
        """Figures without all that was not found to be safe."""
        hidden = frozenset(cell for cell in every_cell(metrics) if cell not in self.shown)
        shown = listed(without(metrics, hidden))
        return shown.model_copy(update={"joined": self.joined.get(code, [])})

    def _link(self, counted: Counted, service: str | None = None) -> str:
        return Part(counted, self.teams.quarter, Scope(service=service)).link

    def _show(self, counted: Iterable[Counted], service: str | None = None) -> None:
        self.shown.update(self._link(one, service) for one in counted)

    def _show_runs(
        self,
        scale: ScaleJudgementsOut,
        cells: Sequence[Counted],
        runs: Runs,
        *,
        service: str | None = None,
        theme: str | None = None,
    ) -> None:
        wanted = list(cells)
        if theme is not None:  # in the order in which figures name what they count
            whole = of_theme(judged(judged_on(scale)), theme)
            wanted = [judged_so(whole, one.judgement) for one in scale.judgements]
        counts = self._amounts(wanted, service)
        for first, last in runs:
            if last - first == 1:
                self._show(wanted[first:last], service)
            else:
                joined = joined_of(scale, first, last, counts, theme, self.policy)
                self.joined.setdefault(service or "", []).append(joined)

    def _amounts(self, cells: Sequence[Counted], service: str | None) -> Sequence[int]:
        parts = self.teams.parts(cells)
        chosen = parts if service is None else {service: parts.get(service, ())}
        return [
            sum(team.amount(Atom((cell,))) for teams in chosen.values() for team in teams)
            for cell in cells
        ]

    def _counts_before(self, family: Family) -> Counts:
        """What all earlier versions together have shown of a family, and of which services."""
        told = {cell for version in self.before for cell in version.shown}
        services = {code for version in self.before for code in version.services}
        cells = list(_counted(family.cells))
        of_services = {
            code: [one for one in cells if self._link(one, code) in told] for code in services
        }
        return Counts(
            tuple(one for one in cells if self._link(one) in told),
            tuple(dict.fromkeys(one for found in of_services.values() for one in found)),
            tuple(code for code, found in of_services.items() if found),
        )


def _counted(cells: Iterable[Cell]) -> Iterator[Counted]:
    return (cell for cell in cells if isinstance(cell, Counted))
