"""Which sections of a quarter's figures are told anew, and which stand as presented (R4.7.3).

A later version tells a section anew only where what came, left or changed since each earlier one
stands against every reader (`rules/versions.py`). Where it does not, the section is counted from
what it was counted from then, and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from qa_api.board.earlier import Origin, Version
from qa_api.board.figure_schemas import MetricsOut, StandsOut, judged_on
from qa_api.board.monthly_charts import escalating_judgements
from qa_api.board.practice_counts import observed_workers
from qa_api.board.quarter_cells import PAIRS, SECTIONS, WORKERS, QuarterCells, cells_now
from qa_api.board.quarter_rows import QuarterRows, digest_of, of_cells, rows_now
from qa_api.board.shown_before import ShownBefore
from qa_api.board.team_counts import services_of_teams
from qa_api.board.told_before import Sections, Told
from qa_api.moderation.figures import pairs_by_team
from qa_api.rules.local_time import LONDON, FinancialQuarter
from qa_api.rules.metrics import Value
from qa_api.rules.rollups import Cell
from qa_api.rules.unchanging import Unchanging
from qa_api.rules.versions import Holder, may_be_told_anew
from qa_api.work import Work


class Chosen(Unchanging):
    """What the figures of a quarter are to be counted from."""

    sections: Sections
    standing: Sections
    """Those of them that stand as they were presented."""
    not_kept: frozenset[str]
    """Those of which it was not kept which rows an earlier version counted."""

    @property
    def cells(self) -> QuarterCells:
        """All of them."""
        first, *others = (told.cells for told in self.sections.values())
        return first.beside(others)


async def chosen_sections(
    work: Work,
    quarter: FinancialQuarter,
    before: Sequence[Version],
    told: Sequence[Sections],
    origin: Origin,
    *,
    presenting: bool,
) -> Chosen:
    """Each section as it is now or as it was told last, whichever may be told.

    `told` is what earlier reports told of the quarter, `origin` the report that tells it now.
    """
    now, rows = await _now(work, quarter, with_rows=presenting)
    fewest = (await work.policy()).small_cell_minimum
    escalating = await escalating_judgements(work) if told and presenting else {}
    sections, standing, not_kept = dict[str, Told](), dict[str, Told](), set[str]()
    for name in SECTIONS:
        own = rows and rows.section(name)
        current = Told(now.section(name), origin, charted=False, rows=own)
        sections[name] = current
        if not (earlier := _distinct(told, name)):
            continue
        versions = [one.rows.held() for one in (*earlier, current) if one.rows is not None]
        if presenting and len(versions) <= len(earlier):
            not_kept.add(name)
        shown = ShownBefore(name, before, earlier, current.cells, escalating)
        if len(versions) <= len(earlier) or not may_be_told_anew(versions, shown.all(), fewest):
            sections[name] = standing[name] = earlier[-1]
    return Chosen(sections, standing, frozenset(not_kept))


async def _now(
    work: Work, quarter: FinancialQuarter, *, with_rows: bool
) -> tuple[QuarterCells, QuarterRows | None]:
    """What the quarter is counted from now, and which rows that is if it is asked for."""
    practice = await _practice(work, quarter)
    if not with_rows:
        return (await cells_now(work, [quarter]))[quarter].beside([practice.cells]), None
    rows = (await rows_now(work, [quarter]))[quarter].beside(practice)
    return rows.cells, rows


def _distinct(told: Iterable[Sections], name: str) -> Sequence[Told]:
    """What was told of a section, once where several versions told the same, the latest last."""
    found: dict[Origin, Told] = {}
    for version in told:
        if one := version.get(name):
            known = found.pop(one.origin, one)
            charted = one.charted or known.charted
            found[one.origin] = Told(one.cells, one.origin, charted, one.rows)
    return [*found.values()]


async def _practice(work: Work, quarter: FinancialQuarter) -> QuarterRows:
    """Moderated pairs by the teams that hold the cases, and workers by observations."""
    found: list[tuple[Holder, Cell, list[str]]] = []
    teams = await observed_workers(work, min(quarter.ends_on, work.today))
    for holder, counts in teams.items():
        for name, workers in counts.items():
            cell = Cell(WORKERS, {"as": name}, overdue=False, late=False, number=len(workers))
            if workers:
                found.append((holder, cell, [digest_of(quarter, one) for one in workers]))
    services = await services_of_teams(work)
    for pair in await pairs_by_team(work, quarter):
        facts: dict[str, Value] = {
            "scale": pair.on.scale,
            "scale_number": pair.on.number,
            "domain": pair.on.domain or "",
            "second_grade": pair.second_grade.value,
            "before": pair.before,
            "after": pair.after,
        }
        cell = Cell(PAIRS, facts, overdue=False, late=False, number=1)
        holder = pair.team, services.get(pair.team or "")
        found.append((holder, cell, [digest_of(quarter, pair.outcome)]))
    return of_cells(quarter, found)


# --- as it is said ---


def said_of(chosen: Chosen) -> list[StandsOut]:
    """That these sections stand as they were presented, and why."""
    return [
        _stands(name, told.origin, _NOT_KEPT if name in chosen.not_kept else _TOO_LITTLE)
        for name, told in chosen.standing.items()
    ]


def all_stand(origin: Origin) -> list[StandsOut]:
    """The same of all of them: what the oldest reports were counted from was not kept."""
    return [_stands(name, origin, _NOT_KEPT) for name in SECTIONS]


_TOO_LITTLE: Final = (
    "What has changed since, little or much, is not told yet: beside the earlier version it could"
    " tell of single ones."
)
_NOT_KEPT: Final = (
    "It stays so in later versions: when it was presented, it was not kept yet which single ones"
    " were counted, so nobody can check whether new figures beside it would tell of one of them."
)


def _stands(name: str, origin: Origin, why: str) -> StandsOut:
    title = SECTIONS[name]
    day = f"{origin.as_at.astimezone(LONDON):%-d %B %Y}"
    return StandsOut(
        section=name,
        title=title,
        presented_in=origin.quarter,
        number=origin.number,
        as_at=origin.as_at,
        sentence=(
            f"{title}: as presented in version {origin.number} of the report on {origin.quarter},"
            f" as at {day}. {why}"
        ),
    )


def repeated(figures: MetricsOut, standing: Mapping[str, Told], last: Version) -> MetricsOut:
    """The figures, with agreement and observations as they were said where those stand."""
    said = last.figures
    if said is None:
        return figures
    changes: dict[str, object] = {}
    if WORKERS in standing:
        changes["observations"] = said.observations
    if PAIRS in standing:
        changes |= _agreement_of(figures, said)
    return figures.model_copy(update=changes)


def _agreement_of(figures: MetricsOut, said: MetricsOut) -> dict[str, object]:
    before = {judged_on(one): one for one in said.judgements}
    own = {
        figure.numerator.rows
        for metrics in (figures, said)
        for scale in metrics.agreement or ()
        for figure in scale.figures
    }
    doubts = [one for one in figures.doubts or () if one.rows not in own]
    doubts += [one for one in said.doubts or () if one.rows in own]
    judgements = []
    for scale in figures.judgements:
        then = before.get(judged_on(scale))
        moderated = {
            "moderated": then.moderated if then else [],
            "moderated_pairs": then.moderated_pairs if then else None,
            "moderated_second_grade": then.moderated_second_grade if then else None,
        }
        judgements.append(scale.model_copy(update=moderated))
    return {
        "judgements": judgements,
        "agreement": said.agreement,
        "beyond_chance": said.beyond_chance,
        "doubts": None if figures.doubts is None else doubts,
    }
