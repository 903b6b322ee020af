"""Which counts of a section were told: what no difference may tell a few of (R4.7.3)."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from qa_api.board.earlier import Version
from qa_api.board.figure_schemas import judged_on
from qa_api.board.list_counts import Part
from qa_api.board.quarter_cells import PAIRS, WORKERS, QuarterCells, key_of, section_of
from qa_api.board.told_before import COMPLETED as COMPLETED_SECTION
from qa_api.board.told_before import Told
from qa_api.rules import monthly
from qa_api.rules.figure_families import FAMILIES, THEMED, completed_family
from qa_api.rules.grouped import apart, atoms_of, joined
from qa_api.rules.judged_counts import judged, judged_so
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.linked_counts import Family, atoms
from qa_api.rules.metrics import CATALOGUE, Counted, Scope, of_theme
from qa_api.rules.readers import Atom
from qa_api.rules.readers import Cell as CountName
from qa_api.rules.rollups import Cell, by_series, kept, series_of
from qa_api.rules.versions import Shown

Escalating: TypeAlias = Mapping[tuple[str, int], frozenset[str]]
"""The judgements of each scale that go to the manager at once: charts count them."""
_EACH_CELL: Final = frozenset({PAIRS, WORKERS})
"""Sections of which each cell is told by itself."""


class ShownBefore:
    """What earlier versions told of one section of a quarter."""

    def __init__(
        self,
        section: str,
        before: Sequence[Version],
        told: Sequence[Told],
        now: QuarterCells,
        escalating: Escalating,
    ) -> None:
        self.section, self.before, self.quarter = section, before, now.quarter
        self.escalating = escalating
        self.charted = any(one.charted for one in told)
        self.everything = any(one.of_later_report for one in told)
        """A trend or a chart told of it, so any count of it counts as told."""
        every = [*(one.cells for one in told), now]
        cells = (c for one in every for found in one.cells.values() for c in found)
        self.cells = by_series({key_of(cell): cell for cell in cells}.values())
        self.links = {cell for version in before for cell in version.shown}
        self.services = sorted({code for version in before for code in version.services})

    def all(self) -> Iterator[Shown]:
        """Every part that was told."""
        if self.section in _EACH_CELL:
            yield Shown(_atoms_by(key_of, self._every_cell()))
            return
        things = self._judged()
        families = [*FAMILIES, completed_family([judged(on) for on in things])]
        for family in families:
            if isinstance(one := family.cells[0], Counted) and self._is_of(one):
                yield from self._family(family)
        yield from self._middles()
        yield from self._themes()
        if self.section == COMPLETED_SECTION:
            for on, judgements in things.items():
                yield from self._judgements(on, judgements)
        if self.charted:
            yield from self._months()

    # --- linked counts ---

    def _family(self, family: Family) -> Iterator[Shown]:
        cells = [one for one in family.cells if isinstance(one, Counted)]
        whole = [one for one in cells if self.everything or self._was_told(one)]
        yield Shown(self._rows(atoms(family, whole)))
        told = {code: [one for one in cells if self._was_told(one, code)] for code in self.services}
        parts = [one for one in cells if any(one in found for found in told.values())]
        yield from self._by_service(
            self._rows(atoms(family, parts)), [code for code, found in told.items() if found]
        )

    def _by_service(self, cut: tuple[Atom, ...], services: Sequence[str]) -> Iterator[Shown]:
        for code in services:
            yield Shown(cut, services=frozenset({code}))
        if services:
            yield Shown(cut, apart_from=frozenset(services))

    def _middles(self) -> Iterator[Shown]:
        """Of each median that was told the values that it is of."""
        for figure in CATALOGUE:
            above = figure.numerator
            if figure.span is None or not self._is_of(above):
                continue
            cells = kept(above, self.cells, figure.span)
            values = _atoms_by(lambda cell: cell.facts["value"], cells)
            if self._was_told(above):
                yield Shown((), values)
            for code in self.services:
                if self._was_told(above, code):
                    yield Shown((), values, frozenset({code}))

    # --- judgements ---

    def _judged(self) -> Mapping[JudgedOn, Sequence[str]]:
        """What was judged on which scale, and the judgements, best first."""
        found = {
            judged_on(scale): [one.judgement for one in scale.judgements]
            for version in self.before
            for scale in version.judgements
        }
        if not self.everything:
            return found
        for on in monthly.judged_in(self.cells):
            given = {str(cell.facts.get("judgement")) for cell in kept(judged(on), self.cells)}
            found.setdefault(on, sorted(given))
        return found

    def _judgements(self, on: JudgedOn, judgements: Sequence[str]) -> Iterator[Shown]:
        cells = [judged_so(judged(on), one) for one in judgements]
        told = [one for v in self.before if (one := v.grouped(on)) is not None]
        whole = apart(len(cells))
        if told and not self.charted:  # beside a chart each judgement would be known
            whole = joined(whole, *(one.whole for one in told))
        yield Shown(self._rows(atoms_of(cells, whole)))
        shown = [one for one in told if one.shown]
        if shown:
            parts = joined(*(one.parts for one in shown))
            services = sorted({code for one in shown for code in one.shown})
            yield from self._by_service(self._rows(atoms_of(cells, parts)), services)
        yield from self._judged_themes(on, cells)

    # --- themes ---

    def _themes(self) -> Iterator[Shown]:
        standing, done, completed = THEMED
        for cut in (Atom((done,)), Atom((standing,), (done,)), Atom((completed,))):
            counts = [one for one in (*cut.plus, *cut.minus) if isinstance(one, Counted)]
            if not self._is_of(counts[0]):
                continue
            themes = [
                theme
                for theme in self._every_theme()
                if any(self._was_told(of_theme(one, theme)) for one in counts)
            ]
            yield from self._by_theme([cut], themes)

    def _judged_themes(self, on: JudgedOn, cells: Sequence[Counted]) -> Iterator[Shown]:
        told = [one for v in self.before if v.themes and (one := v.grouped_themes(on)).shown]
        if told:
            themes = sorted({code for one in told for code in one.shown})
            yield from self._by_theme(atoms_of(cells, joined(*(one.parts for one in told))), themes)

    def _by_theme(self, cut: Iterable[Atom], themes: Sequence[str]) -> Iterator[Shown]:
        """Each theme by itself, and what is of none of them."""
        for atom in cut:
            (whole,) = self._rows([atom])
            left = [*whole.plus]
            for theme in themes:
                (own,) = self._rows([_in_theme(atom, theme)])
                yield Shown((own,))
                left = [key for key in left if key not in own.plus]
            if themes:
                yield Shown((Atom(tuple(left)),))

    def _every_theme(self) -> Sequence[str]:
        return sorted({one.theme for version in self.before for one in version.themes})

    # --- charts ---

    def _months(self) -> Iterator[Shown]:
        """Each month that a chart shows, and what a quarter's figures leave over beside it."""
        if self.section == COMPLETED_SECTION:
            yield Shown(_atoms_by(_month, self.cells.get(monthly.COMPLETED, ())))
            yield from map(self._months_judged, monthly.judged_in(self.cells))
            yield from self._months_left()
            return
        responses = self.cells.get(monthly.RESPONSES, ())
        yield Shown(_atoms_by(_decided, responses))
        days: dict[Hashable, list[Cell]] = {}
        for cell in self.cells.get(monthly.DAYS, ()):
            days.setdefault(_month(cell), []).append(cell)
        for found in days.values():
            yield Shown((), _atoms_by(lambda cell: cell.facts["value"], found))

    def _months_judged(self, on: JudgedOn) -> Shown:
        escalating = self.escalating.get((on.scale, on.number), frozenset())
        cells = list(monthly.on_scale(self.cells, on))
        return Shown(
            (
                *_atoms_by(
                    lambda cell: (_month(cell), cell.facts.get("judgement") in escalating), cells
                ),
                *_atoms_by(lambda cell: cell.facts.get("judgement"), cells),
            )
        )

    def _months_left(self) -> Iterator[Shown]:
        """What charts of scales leave of the audits completed in a month, also beside a domain."""
        every = self.cells.get(monthly.COMPLETED, ())
        left = _atoms_by(_month, [cell for cell in every if "scale" not in cell.facts])
        yield Shown(left)
        for on in monthly.judged_in(self.cells):
            if on.domain is not None:
                judged_so_far = tuple(key_of(cell) for cell in monthly.on_scale(self.cells, on))
                yield Shown(tuple(Atom(atom.plus, judged_so_far) for atom in left))

    # --- rows ---

    def _is_of(self, counted: Counted) -> bool:
        return section_of(series_of(counted)) == self.section

    def _was_told(self, counted: Counted, service: str | None = None) -> bool:
        return Part(counted, self.quarter, Scope(service=service)).link in self.links

    def _every_cell(self) -> Iterator[Cell]:
        return (cell for found in self.cells.values() for cell in found)

    def _rows(self, cut: Iterable[Atom]) -> tuple[Atom, ...]:
        """The same atoms over cells."""
        return tuple(
            Atom(tuple(sorted(self._keys(atom.plus) - self._keys(atom.minus), key=repr)))
            for atom in cut
        )

    def _keys(self, counts: Iterable[CountName]) -> frozenset[Hashable]:
        return frozenset(
            key_of(cell)
            for one in counts
            if isinstance(one, Counted)
            for cell in kept(one, self.cells)
        )


def _in_theme(atom: Atom, theme: str) -> Atom:
    plus, minus = (
        tuple(of_theme(one, theme) for one in counts if isinstance(one, Counted))
        for counts in (atom.plus, atom.minus)
    )
    return Atom(plus, minus)


def _month(cell: Cell) -> Hashable:
    return cell.facts["month"]


def _decided(cell: Cell) -> Hashable:
    """The month and the outcome of a response, or that it is not decided yet."""
    in_time = cell.facts.get("adequate_on_time", False if cell.late else None)
    return "undecided" if in_time is None else (_month(cell), in_time)


def _atoms_by(cut: Callable[[Cell], Hashable], cells: Iterable[Cell]) -> tuple[Atom, ...]:
    """The cells that are told as one number, together."""
    found: dict[Hashable, list[Hashable]] = {}
    for cell in cells:
        found.setdefault(cut(cell), []).append(key_of(cell))
    return tuple(Atom(tuple(keys)) for keys in found.values())
