"""Which sections of a quarter's figures are told anew, and which stand as presented (R4.7.3).

A later version tells a section anew only where what came, left or changed since each earlier one
stands against every reader (`rules/versions.py`). Where it does not, the section is counted from
what it was counted from then, and says so.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from qa_api.board.earlier import Origin, Version
from qa_api.board.figure_schemas import MetricsOut, StandsOut, judged_on
from qa_api.board.list_counts import Tally
from qa_api.board.moderated_beside import Beside, as_audits, each_kind, pairs_told
from qa_api.board.monthly_charts import escalating_judgements
from qa_api.board.practice_counts import observed_workers, who_knows
from qa_api.board.quarter_cells import PAIRS, SECTIONS, WORKERS, QuarterCells
from qa_api.board.quarter_rows import (
    QuarterRows,
    as_readers,
    digest_of,
    of_cells,
    people_of,
    rows_now,
)
from qa_api.board.row_readers import Knowing, Section, knowing
from qa_api.board.shown_before import ShownBefore
from qa_api.board.team_counts import TeamCounts, services_of_teams
from qa_api.board.told_before import COMPLETED, Sections, Told
from qa_api.moderation.figures import pairs_by_team
from qa_api.rules.local_time import LONDON, FinancialQuarter
from qa_api.rules.metrics import Scope, Value
from qa_api.rules.readers import Holder, Readers
from qa_api.rules.rollups import Cell, by_series
from qa_api.rules.unchanging import Unchanging
from qa_api.rules.versions import Shown, may_be_told_anew
from qa_api.work import Work


class Chosen(Unchanging):
    """What the figures of a quarter are to be counted from."""

    sections: Sections
    standing: Sections
    """Those of them that stand as they were presented."""
    not_kept: frozenset[str]
    """Those of which it was not kept which rows an earlier version counted."""
    knowing: Knowing
    """Who knows which rows today."""
    beside: Beside
    """Completed audits and moderated pairs, in every version and as they are told now."""

    told: Sequence[Sections]
    """What earlier versions counted, and who has come to know which rows since."""

    def team_counts(self) -> TeamCounts:
        """What who knows of all of them."""
        return self._team_counts(self.sections)

    def told_counts(self) -> Sequence[TeamCounts]:
        """The same, as each earlier version counted them."""
        return [self._team_counts(one) for one in self.told]

    def _team_counts(self, sections: Sections) -> TeamCounts:
        found: dict[tuple[Holder, Readers], list[Cell]] = {}
        for told in sections.values():
            for holder, readers, cells in told.by_readers(self.knowing):
                found.setdefault((holder, readers), []).extend(cells)
        quarter = self.cells.quarter
        return TeamCounts(
            quarter,
            [
                (holder, readers, Tally(Scope(), {quarter: by_series(cells)}))
                for (holder, readers), cells in found.items()
            ],
        )

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
    known: Knowing | None = None,
) -> Chosen:
    """Each section as it is now or as it was told last, whichever may be told.

    `told` is what earlier reports told of the quarter, `origin` the report that tells it now.
    `known`, of the quarter at least, is given where a report is presented.
    """
    presenting = known is not None
    if known is None:
        known = await knowing(work, [quarter], SECTIONS)
    compared = presenting or bool(told)
    found = await rows_now(work, [quarter], SECTIONS, known, compared=compared)
    rows = found[quarter].beside(await _practice(work, quarter, known))
    people = {**people_of(quarter, known, SECTIONS), **rows.people} if told else {}
    fewest = (await work.policy()).small_cell_minimum
    escalating = await escalating_judgements(work) if told and presenting else {}
    sections, standing, not_kept = dict[str, Told](), dict[str, Told](), set[str]()
    for name in SECTIONS:
        own = rows.section(name)
        current = Told(own.cells, origin, charted=False, rows=own)
        sections[name] = current
        if not (earlier := _distinct(told, name)):
            continue
        # Who came to know a row that has left since knows that it left.
        earlier = [one.known_besides(people) for one in earlier]
        versions = [one.rows for one in (*earlier, current) if one.rows is not None]
        kept = presenting and len(versions) > len(earlier)
        if presenting and not kept:
            not_kept.add(name)
        shown = ShownBefore(name, before, earlier, current.cells, escalating).all()
        if not kept or not _may_be_told_anew(versions, shown, fewest):
            sections[name] = standing[name] = earlier[-1]
    beside = await _beside(work, quarter, before, told, sections)
    while (one := _to_stand(beside, before, told, standing, fewest)) is not None:
        sections[one] = standing[one] = _distinct(told, one)[-1]
        beside = await _beside(work, quarter, before, told, sections)
    since = [{name: one.known_besides(people) for name, one in each.items()} for each in told]
    return Chosen(sections, standing, frozenset(not_kept), known, beside, since)


async def _beside(
    work: Work,
    quarter: FinancialQuarter,
    before: Sequence[Version],
    told: Sequence[Sections],
    sections: Sections,
) -> Beside:
    """Completed audits and moderated pairs as every version tells them, this one the last."""
    audits, pairs = (
        [one.rows for one in _distinct([*told, sections], name)] for name in (COMPLETED, PAIRS)
    )
    # The first trends told pairs of which nothing was kept.
    unknown = pairs_told(before).kinds and not _distinct(told, PAIRS)
    if unknown or any(rows is None for rows in audits):
        audits = []
    kept = [[one for one in rows if one is not None] for rows in (audits, pairs)]
    return Beside(kept[0], await as_audits(work, quarter, kept[1]))


def _to_stand(
    beside: Beside,
    before: Sequence[Version],
    told: Sequence[Sections],
    standing: Collection[str],
    fewest: int,
) -> str | None:
    """Pairs, or else completed audits, where beside each other they would tell of a few."""
    pairs = pairs_told(before)
    if all(
        beside.withstands(on, kinds, fewest, by_judgement=by_judgement)
        for on, kinds in each_kind(pairs.kinds)
        for by_judgement in {False, on in pairs.before_and_after}
    ):
        return None
    may_stand = (one for one in (PAIRS, COMPLETED) if one not in standing and _distinct(told, one))
    return next(may_stand, None)


def _may_be_told_anew(versions: Sequence[QuarterRows], shown: Iterable[Shown], fewest: int) -> bool:
    people: dict[str, Readers] = {}
    for version in versions:
        for row, known in version.known_by.items():
            people[row] = people.get(row, Readers()) | known
    return may_be_told_anew([version.held() for version in versions], shown, fewest, people)


def _distinct(told: Iterable[Sections], name: str) -> Sequence[Told]:
    """What was told of a section, once where several versions told the same, the latest last."""
    found: dict[Origin, Told] = {}
    for version in told:
        if one := version.get(name):
            known = found.pop(one.origin, one)
            charted = one.charted or known.charted
            found[one.origin] = one.marked(charted)
    return [*found.values()]


async def _practice(work: Work, quarter: FinancialQuarter, known: Knowing) -> QuarterRows:
    """Moderated pairs by the teams that hold the cases, and workers by observations."""
    found: list[tuple[Holder, Cell, list[str]]] = []
    people: dict[tuple[Section, str], Readers] = {}
    teams = await observed_workers(work, min(quarter.ends_on, work.today))
    for holder, counts in teams.items():
        for name, workers in counts.items():
            cell = Cell(WORKERS, {"as": name}, overdue=False, late=False, number=len(workers))
            if workers:
                rows = [digest_of(quarter, one) for one in workers]
                found.append((holder, cell, rows))
                leading = as_readers(quarter, known.of_team(holder[0]))
                people |= {
                    (WORKERS, row): people.get((WORKERS, row), Readers()) | leading for row in rows
                }
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
        row = digest_of(quarter, pair.outcome)
        found.append((holder, cell, [row]))
        people[PAIRS, row] = as_readers(quarter, who_knows(pair, known))
    return of_cells(quarter, found, people)


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
    """The figures, with agreement and observations as they were said where those stand.

    A trend says nothing of either but judgements before and after moderation, so nor do they then.
    """
    said = last.figures
    changes: dict[str, object] = {}
    if WORKERS in standing and said is not None:
        changes["observations"] = said.observations
    if PAIRS in standing:
        changes |= _agreement_of(figures, last)
    if (PAIRS in standing) != (COMPLETED in standing):
        changes["after_moderation"] = []  # these pairs are of other audits than those told
    return figures.model_copy(update=changes)


def _agreement_of(figures: MetricsOut, last: Version) -> dict[str, object]:
    said = last.figures
    before = {judged_on(one): one for one in last.judgements}
    own = {
        figure.numerator.rows
        for metrics in (figures, *([said] if said else []))
        for scale in metrics.agreement or ()
        for figure in scale.figures
    }
    doubts = [one for one in figures.doubts or () if one.rows not in own]
    doubts += [one for one in (said and said.doubts) or () if one.rows in own]
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
        "agreement": said.agreement if said else [],
        "beyond_chance": said.beyond_chance if said else [],
        "after_moderation": said.after_moderation if said else [],
        "doubts": None if figures.doubts is None else doubts,
    }
