"""Every figure that was presented equals what was kept of how it was counted (§4.7, R4.7.2)."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from qa_api.board.earlier import read_figures
from qa_api.board.figure_schemas import (
    MetricOut,
    MetricsOut,
    ScaleJudgementsOut,
    ThemeJudgementsOut,
    judged_on,
)
from qa_api.board.list_counts import Tally
from qa_api.board.open_children import AUTHORITY
from qa_api.board.quarter_cells import SECTIONS, WORKERS, QuarterCells
from qa_api.board.told_before import read_told
from qa_api.checking.answers import Answer, Row
from qa_api.models.board import BoardCoverage, BoardReport
from qa_api.rules.judged_counts import judged, judged_so
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import CATALOGUE, COMPLETED, Counted, of_theme, share, theme_figure
from qa_api.work import Workshop

_OBSERVED = ("with_none", "with_one", "with_two_or_more")


async def every_presented_figure_is_what_was_counted(workshop: Workshop) -> Answer:
    """Counted again from the rows that were frozen with it, each figure of a report is the same.

    Its coverage is the one that was kept row by row. Reports presented before that was kept are
    not asked about.
    """
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        presented = (
            await work.session.execute(
                select(
                    BoardReport.id, BoardReport.quarter, BoardReport.snapshot, BoardReport.counted
                ).where(BoardReport.counted.is_not(None))
            )
        ).all()
        covered: dict[Any, set[Any]] = {report.id: set() for report in presented}
        for row in await work.session.execute(
            select(
                BoardCoverage.report_id,
                BoardCoverage.by,
                BoardCoverage.code,
                BoardCoverage.children,
                BoardCoverage.audited,
            )
        ):
            covered.setdefault(row.report_id, set()).add(tuple(row)[1:])
    wrong = (
        report.id
        for report in presented
        if covered[report.id] != set(_coverage(report.snapshot))
        or not _is_what_was_counted(report.quarter, report.snapshot, report.counted)
    )
    return Answer.of(len(presented), (Row(BoardReport.__tablename__, id_) for id_ in wrong))


def _coverage(snapshot: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    if said := snapshot.get("coverage"):
        for by, code, one in (
            (AUTHORITY, None, said["covered"]),
            *((part["by"], part["code"], part["covered"]) for part in said["parts"]),
        ):
            yield (by, code, one and one["children"], one and one["audited"])


def _is_what_was_counted(
    label: str, snapshot: Mapping[str, Any], counted: Mapping[str, Any]
) -> bool:
    if not (kept := counted.get(label)):
        return True  # it repeats an older report, of which nothing was kept
    quarter = FinancialQuarter.labelled(label)
    first, *others = (told.cells for told in read_told(quarter, kept).values())
    cells = first.beside(others)
    said = [read_figures(snapshot["figures"])]
    said += [read_figures(one["figures"]) for one in snapshot["updates"] if one["figures"]]
    return kept.keys() == SECTIONS.keys() and all(
        _all_the_same(figures, cells, quarter) for figures in said
    )


def _all_the_same(said: MetricsOut, cells: QuarterCells, quarter: FinancialQuarter) -> bool:
    tally = cells.tally(said.service)
    count = _Counting(tally, quarter)
    return (
        all(count.is_figure(figure) for figure in said.figures)
        and all(count.are_judged(scale, None) for scale in said.judgements)
        and all(
            count.is_counted(theme.completed.rows, theme.completed.count, of_theme(COMPLETED, code))
            and count.is_figure(theme.audits, code)
            and all(count.are_judged(scale, code) for scale in theme.judgements)
            for theme in said.themes or ()
            for code in [theme.theme]
        )
        and _joined_right(said, count)
        and _observed_right(said, cells)
    )


class _Counting:
    """Counts from what was kept, beside what was said."""

    def __init__(self, tally: Tally, quarter: FinancialQuarter) -> None:
        self._tally, self._quarter = tally, quarter
        self._figures = {figure.key: figure for figure in CATALOGUE}

    def of(self, counted: Counted) -> int:
        """How many were counted."""
        return self._tally.count(self._tally.part(counted, self._quarter))

    def is_counted(self, link: str, said: int | None, counted: Counted) -> bool:
        """Whether a number is that of its rows, and the link leads to them."""
        part = self._tally.part(counted, self._quarter)
        return said is None or (link == part.link and said == self._tally.count(part))

    def is_figure(self, said: MetricOut, theme: str | None = None) -> bool:
        """Whether a figure is that of its two numbers, or the median of its rows."""
        figure = self._figures[said.key] if theme is None else theme_figure(theme)
        above, below = said.numerator, said.denominator
        if not (
            self.is_counted(above.rows, above.count, figure.numerator)
            and self.is_counted(below.rows, below.count, figure.denominator)
        ):
            return False
        if said.value is None:
            return True
        if figure.span is None:
            return said.value == share(self.of(figure.numerator), self.of(figure.denominator))
        part = self._tally.part(figure.numerator, self._quarter)
        return said.value == self._tally.median(part, figure.span)

    def are_judged(self, said: ScaleJudgementsOut | ThemeJudgementsOut, theme: str | None) -> bool:
        """Whether each judgement was given so often."""
        whole = _in_theme(judged(judged_on(said)), theme)
        return self.is_counted(said.denominator.rows, said.denominator.count, whole) and all(
            self.is_counted(one.rows, one.count, judged_so(whole, one.judgement))
            for one in said.judgements
        )


def _in_theme(counted: Counted, theme: str | None) -> Counted:
    return counted if theme is None else of_theme(counted, theme)


def _joined_right(said: MetricsOut, count: _Counting) -> bool:
    return all(
        one.count
        == sum(
            count.of(_in_theme(judged_so(judged(judged_on(one)), judgement), one.theme))
            for judgement in one.judgements
        )
        for one in said.joined or ()
    )


def _observed_right(said: MetricsOut, cells: QuarterCells) -> bool:
    if (seen := said.observations) is None:
        return True
    found = dict.fromkeys(_OBSERVED, 0)
    for held in cells.section(WORKERS).cells.values():
        for cell in held:
            found[str(cell.facts["as"])] += cell.number
    told = {name: getattr(seen, name) for name in _OBSERVED}
    return (seen.workers in {None, sum(found.values())}) and all(
        number in {None, found[name]} for name, number in told.items()
    )
