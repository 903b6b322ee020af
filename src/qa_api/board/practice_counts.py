"""Moderation, agreement and observations held against who knows rows of their own (R4.7.3)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from qa_api.board.figure_schemas import (
    AgreementFiguresOut,
    MetricsOut,
    ScaleJudgementsOut,
    judged_on,
)
from qa_api.board.moderated_beside import Beside, Kind
from qa_api.board.publishing import after_cell, before_cell, observed_cell, pairs_cell
from qa_api.board.quarter_cells import PAIRS as PAIRS_SECTION
from qa_api.board.row_readers import Knowing
from qa_api.board.team_counts import by_service, services_of_teams
from qa_api.calendars.policies import policy_version_on
from qa_api.moderation.figures import PairOfTeam, pairs_by_team
from qa_api.observations.compliance import done_by_team
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.paired_counts import (
    AGREEMENT,
    NOTHING,
    PAIRS,
    ShownPairs,
    counted_in,
    shown_pairs,
)
from qa_api.rules.readers import Atom, Cell, Holder, Known, Readers, posts, withstands
from qa_api.work import Work

_OBSERVED: Final = ("with_none", "with_one", "with_two_or_more")


async def practice_cells(
    work: Work, quarter: FinancialQuarter, whole: MetricsOut, known: Knowing, beside: Beside
) -> frozenset[Cell]:
    """The counts of moderation, agreement and observations that can be published."""
    fewest = (await work.policy()).small_cell_minimum
    services = await services_of_teams(work)
    found: set[Cell] = set()
    pairs = await pairs_by_team(work, quarter) if whole.agreement else []
    judged = {judged_on(one): one for one in whole.judgements}
    told: list[Kind] = []
    for agreed in whole.agreement or ():
        on, grade = judged_on(agreed), agreed.second_grade
        own = [one for one in pairs if (one.on, one.second_grade) == (on, grade)]
        if (scale := judged.get(on)) and grade is not None:
            held = [((one.team, services.get(one.team or "")), one) for one in own]
            by_reader = [(holder, Readers(who_knows(one, known)), one) for holder, one in held]
            shown = _shown(scale, by_reader, fewest)
            shown = _beside_audits(shown, (on, grade), told, beside, fewest)
            if PAIRS in shown.agreement:
                told.append((on, grade))
                found |= _cells(scale, agreed, shown)
    found |= await _observations(work, whole, known, fewest)
    return frozenset(found)


def who_knows(pair: PairOfTeam, known: Knowing) -> frozenset[str]:
    """The people who know both judgements."""
    return known.of_row(PAIRS_SECTION, pair.outcome)


def _shown(
    scale: ScaleJudgementsOut,
    pairs: Sequence[tuple[Holder, Readers, PairOfTeam]],
    fewest: int,
) -> ShownPairs:
    """Those of one scale, sealed or not: a pair is known to who holds the case, by its record."""
    if not pairs:
        return NOTHING
    rank = {point.judgement: at for at, point in enumerate(scale.judgements)}
    held: dict[tuple[Holder, Readers], dict[Cell, int]] = {}
    for holder, people, pair in pairs:
        counts = held.setdefault((holder, people), {})
        for cell in counted_in((rank[pair.before], rank[pair.after])):
            counts[cell] = counts.get(cell, 0) + 1
    return shown_pairs(by_service(held), fewest)


def _beside_audits(
    shown: ShownPairs, kind: Kind, told: Sequence[Kind], beside: Beside, fewest: int
) -> ShownPairs:
    """What of it can be shown beside the audits that are judged so, and pairs of other kinds.

    Where somebody knows all that was not moderated, they know how often each judgement was given
    before. Where agreement would tell of a few then, the number of pairs alone is told.
    """
    on, _ = kind
    kinds = [kind, *(one for one in told if one[0] == on)]
    if not beside.audits or not beside.withstands(on, kinds, fewest, by_judgement=False):
        return NOTHING
    if shown.before_and_after:
        if beside.withstands(on, [kind], fewest, by_judgement=True):
            return shown
        return ShownPairs((PAIRS,), before_and_after=False)
    if not shown.beside_before and beside.tell_before(on, kinds):
        return ShownPairs(tuple(one for one in shown.agreement if one == PAIRS), False)
    return shown


def _cells(scale: ScaleJudgementsOut, agreed: AgreementFiguresOut, found: ShownPairs) -> set[Cell]:
    figures = zip(AGREEMENT[1:], agreed.figures, strict=True)
    links = {name: each.numerator.rows for name, each in figures}
    shown: set[Cell] = {links[name] for name in found.agreement if name != PAIRS}
    shown |= {pairs_cell(agreed), agreed.figures[0].denominator.rows}
    # Before and after are of the pairs of one kind, sealed or not.
    if found.before_and_after and pairs_cell(scale) == pairs_cell(agreed):
        for point in scale.moderated:
            shown |= {before_cell(scale, point), after_cell(scale, point)}
    return shown


async def _observations(work: Work, whole: MetricsOut, known: Knowing, fewest: int) -> set[Cell]:
    """Workers by observations: all of them, or how many workers there are, or nothing."""
    seen = whole.observations
    if seen is None:
        return set()
    teams = []
    for holder, workers in (await observed_workers(work, seen.as_at)).items():
        held: dict[Cell, int] = {name: len(found) for name, found in workers.items()}
        known_by = posts(holder) | known.of_team(holder[0])
        teams.append(Known(known_by, {"workers": sum(held.values()), **held}))
    if sum(team.amount(Atom(("workers",))) for team in teams) != seen.workers:
        return set()  # somebody is in two teams or in none: no team's count is a part of the whole
    if withstands(teams, [Atom((name,)) for name in _OBSERVED], fewest):
        return {observed_cell(whole, name) for name in ("workers", *_OBSERVED)}
    if withstands(teams, [Atom(("workers",))], fewest):
        return {observed_cell(whole, "workers")}
    return set()


async def observed_workers(work: Work, as_at: date) -> Mapping[Holder, Mapping[str, Sequence[str]]]:
    """The workers of each team by their observations as at a day, where any were asked for."""
    if await policy_version_on(work, as_at) is None:
        return {}
    services = await services_of_teams(work)
    found: dict[Holder, dict[str, list[str]]] = {}
    for team, done in (await done_by_team(work, as_at)).items():
        own = found.setdefault((team, services.get(team)), {name: [] for name in _OBSERVED})
        for worker, number in done.items():
            own[_OBSERVED[min(number, 2)]].append(worker)
    return found
