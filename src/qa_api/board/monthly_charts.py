"""The Board's figures month by month: which charts there are, and what each says (R4.7.3)."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, TypeAlias

from sqlalchemy import select

from qa_api.board.chart_schemas import (
    MOST_MONTHS,
    ChartOut,
    ChartPointOut,
    ChartSignalOut,
    ChartsOut,
    ChartStretchOut,
    LimitsOut,
)
from qa_api.board.lists import LISTS
from qa_api.board.rollup_cells import cells_of
from qa_api.catalogue.service import profile_domains
from qa_api.models.board import ChartChange
from qa_api.models.catalogue import ScalePoint
from qa_api.rules import monthly
from qa_api.rules.control_charts import Limits
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.linked_counts import Family, Tree, atoms
from qa_api.rules.local_time import FinancialQuarter, Month
from qa_api.rules.metrics import Scope
from qa_api.rules.monthly import Beside, Charted, Counts
from qa_api.rules.policy import Policy
from qa_api.rules.readers import Atom, Known, Readers, withstands
from qa_api.rules.rollups import Cell, Cells, by_series
from qa_api.rules.trends import Chart, Found, MonthCount, Point, Stretch, chart, explained
from qa_api.rules.unchanging import Unchanging
from qa_api.values.explanations import ExplanationOut
from qa_api.work import Work

MOST_QUARTERS: Final = MOST_MONTHS // 3
"""Ten years: where a chart begins, unless it begins later."""
MOST_SHOWN: Final = 24
"""Months that are shown; the limits may come from earlier ones."""


Drawable: TypeAlias = tuple[str, JudgedOn | None]
"""A chart, and on which scale."""


class Drawn(Unchanging):
    """A chart that there is to draw, on which scale, and what it counts."""

    charted: Charted
    counts: Counts
    judged_on: JudgedOn | None = None
    beside: tuple[tuple[Beside, int], ...] = ()
    """What a quarter's figures would leave over beside the chart."""

    @property
    def named(self) -> Drawable:
        """Which chart it is."""
        return self.charted.key, self.judged_on


Counted: TypeAlias = Mapping[FinancialQuarter, Sequence[tuple[Readers, Sequence[Cell]]]]
"""What charts are drawn from where they are published, by quarter and by who knows the rows."""
_ByQuarter: TypeAlias = Mapping[str, Sequence[Known]]
"""What is known of each month of each chart, by the label of the quarter."""


async def charts_of(
    work: Work,
    quarter: FinancialQuarter,
    scope: Scope,
    publish: Counted | None = None,
    withheld: Collection[Drawable] = (),
) -> ChartsOut:
    """Every chart up to the end of a quarter that the actor may know.

    `publish` is what is told of each quarter to readers who may not list the rows: a chart is
    withheld from them of which a month does not stand against who knows rows of their own.
    `withheld` are withheld from them in any case.
    """
    policy = await work.policy()
    last = min(Month.of(quarter.ends_on), Month.of(work.today).previous)
    cells = await _cells(work, quarter, scope) if publish is None else _together(publish)
    changes, escalating = await _changes(work), await escalating_judgements(work)
    titles = await profile_domains(work) if cells.get(monthly.DOMAINS) else {}
    known = _by_readers(publish or {}, escalating, last)
    charts = [*drawn_of(cells, escalating, last)]
    shown = {drawn.named for drawn in charts}
    if publish is not None:
        shown = shown_beside(charts, known, policy, withheld)
    found = [
        _out(
            drawn,
            changes.get(drawn.charted.key, {}),
            quarter,
            policy,
            titles,
            withheld=drawn.named not in shown,
        )
        for drawn in charts
        if work.actor.holds(LISTS[drawn.charted.source].read_by)
    ]
    return ChartsOut(
        quarter=quarter.label,
        as_at=work.now,
        policy_version=policy.version,
        explanation=ExplanationOut.of(explained(last, policy)),
        team=scope.team,
        service=scope.service,
        type=scope.type,
        charts=found,
    )


async def _cells(work: Work, quarter: FinancialQuarter, scope: Scope) -> Cells:
    found = await cells_of(work, quarters_of_charts(quarter), scope, by_month=True)
    return by_series(cell for cells in found.values() for cell in cells)


def _together(counted: Counted) -> Cells:
    every = (cells for found in counted.values() for _, cells in found)
    return by_series(chain.from_iterable(every))


def quarters_of_charts(quarter: FinancialQuarter) -> Sequence[FinancialQuarter]:
    """The quarters of which charts up to the end of this one tell, the latest first."""
    quarters = [quarter]
    while len(quarters) < MOST_QUARTERS:
        quarters.append(quarters[-1].previous)
    return quarters


def _by_readers(
    counted: Counted, escalating: Mapping[tuple[str, int], frozenset[str]], last: Month
) -> _ByQuarter:
    """What readers know of each month of each chart."""
    return {
        quarter.label: [
            known_of(
                readers,
                drawn_of(by_series(cells), escalating, min(last, Month.of(quarter.ends_on))),
            )
            for readers, cells in found
        ]
        for quarter, found in counted.items()
    }


def known_of(readers: Readers, charts: Iterable[Drawn]) -> Known:
    """What the same readers know, by charts of those rows alone."""
    counts: dict[Hashable, int] = {}
    for drawn in charts:
        for each, rows in zip(drawn.counts.months, drawn.counts.rows, strict=True):
            counts[_named(drawn, each, "rows")] = rows
            if each.of is not None:
                counts[_named(drawn, each, "number")] = int(each.number)
        for what, count in drawn.beside:
            counts[_left(drawn, what)] = count
    return Known(readers, counts)


def _named(drawn: Drawn, each: MonthCount, what: str) -> Hashable:
    return drawn.charted.key, drawn.judged_on, each.month, what


def _named_rows(drawn: Drawn, month: Month) -> Hashable:
    """What the rows are named by that a chart counts in a month."""
    return drawn.charted.key, drawn.judged_on, month, "rows"


def _left(drawn: Drawn, what: Beside) -> Hashable:
    return drawn.charted.key, drawn.judged_on, *what


async def _changes(work: Work) -> Mapping[str, Mapping[Month, str]]:
    """Why each chart has new limits, from which month on: what was marked and not withdrawn."""
    found: dict[str, dict[Month, str]] = {}
    standing = select(ChartChange).where(ChartChange.withdrawn_at.is_(None))
    for row in await work.session.scalars(standing):
        found.setdefault(row.chart, {})[Month.labelled(row.month)] = row.why
    return found


Escalating = Mapping[tuple[str, int], frozenset[str]]
"""By the code and number of a scale."""


async def escalating_judgements(work: Work) -> Escalating:
    """The judgements of each scale that go to the manager at once."""
    found: dict[tuple[str, int], set[str]] = {}
    for point in await work.session.scalars(select(ScalePoint).where(ScalePoint.escalates)):
        found.setdefault((point.scale_code, point.scale_number), set()).add(point.code)
    return {scale: frozenset(codes) for scale, codes in found.items()}


def drawn_of(cells: Cells, escalating: Escalating, last: Month) -> Iterator[Drawn]:
    """Every chart of these cells up to a month."""
    yield Drawn(monthly.AUDITS_COMPLETED, monthly.completed(cells, last))
    for on in monthly.judged_in(cells):
        if judgements := escalating.get((on.scale, on.number)):
            whole = on.domain is None
            charted = monthly.JUDGED_ESCALATING if whole else monthly.DOMAIN_ESCALATING
            counts = monthly.escalating(cells, on, judgements, last)
            judged = monthly.judged_of_quarters(cells, on).items()
            yield Drawn(charted, counts, on, tuple(judged))
    undecided = tuple(monthly.undecided_of_quarters(cells).items())
    adequate = monthly.adequate_on_time(cells, last)
    yield Drawn(monthly.ADEQUATE_ON_TIME, adequate, beside=undecided)
    yield Drawn(monthly.RESPONSE_TIME, monthly.days_to_respond(cells, last))


def drawable_of(shown: ChartOut) -> Drawable:
    """Which chart it is that was shown or withheld."""
    if shown.scale_code is None or shown.scale_number is None:
        return shown.chart, None
    return shown.chart, JudgedOn(shown.scale_code, shown.scale_number, shown.domain_key)


# --- as they go out ---


def _out(
    drawn: Drawn,
    changes: Mapping[Month, str],
    quarter: FinancialQuarter,
    policy: Policy,
    titles: Mapping[str, str],
    *,
    withheld: bool,
) -> ChartOut:
    charted, counts, on = drawn.charted, drawn.counts, drawn.judged_on
    domain = on.domain if on else None
    since = Month.of(quarter.starts_on)
    found = chart(charted.kind, charted.title, counts.months, [*changes], since, policy)
    shown = None if withheld else found
    return ChartOut(
        chart=charted.key,
        title=charted.title,
        clause=charted.clause,
        kind=charted.kind,
        scale_code=on.scale if on else None,
        scale_number=on.number if on else None,
        domain_key=domain,
        domain=titles.get(domain) if domain else None,
        numerator_is=charted.numerator_is,
        denominator_is=charted.denominator_is,
        says=None if shown is None else shown.says,
        trial=shown is not None and shown.trial,
        sentence=_withheld(charted, policy) if shown is None else shown.sentence,
        points=[_point(each) for each in shown.points[-MOST_SHOWN:]] if shown else [],
        signals=[_signal(each) for each in _recent(shown)] if shown else [],
        stretches=[_stretch(each, changes) for each in shown.stretches] if shown else [],
        withheld=withheld,
    )


def stands_against_readers(drawn: Drawn, known: _ByQuarter, policy: Policy) -> bool:
    """Whether every month stands against readers: what is counted, what is not, of how many.

    And what the chart and the figures of its quarters together would tell. A month is of one
    quarter, so who knows rows of others does not matter.
    """
    atoms: dict[str, list[Atom]] = {}
    for what, _ in drawn.beside:
        quarter, _ = what
        atoms.setdefault(quarter, []).append(Atom((_left(drawn, what),)))
    for each in drawn.counts.months:
        rows, number = _named(drawn, each, "rows"), _named(drawn, each, "number")
        of_quarter = atoms.setdefault(FinancialQuarter.of(each.month.starts_on).label, [])
        shares = [Atom((number,)), Atom((rows,), (number,))]
        of_quarter += [Atom((rows,))] if each.of is None else shares
    return all(
        withstands(known.get(quarter, ()), found, policy.small_cell_minimum)
        for quarter, found in atoms.items()
    )


def shown_beside(
    charts: Iterable[Drawn], known: _ByQuarter, policy: Policy, withheld: Collection[Drawable]
) -> set[Drawable]:
    """Which charts can be shown: each stands by itself, and beside those before it.

    Audits completed in a month, less those of them that were judged on a scale, are those on
    another whose chart is withheld, or those that were judged in domains.
    """
    shown: list[Drawn] = []
    for drawn in charts:
        if drawn.named in withheld or not stands_against_readers(drawn, known, policy):
            continue
        if _stand([*shown, drawn], known, policy.small_cell_minimum):
            shown.append(drawn)
    return {drawn.named for drawn in shown}


def _stand(charts: Sequence[Drawn], known: _ByQuarter, fewest: int) -> bool:
    of_audits = {
        drawn.named: drawn
        for drawn in charts
        if drawn.judged_on is not None or drawn.charted is monthly.AUDITS_COMPLETED
    }
    months = dict.fromkeys(each.month for one in of_audits.values() for each in one.counts.months)
    return all(
        withstands(known.get(_quarter(month), ()), _left_in(month, of_audits), fewest)
        for month in months
    )


def _quarter(month: Month) -> str:
    return FinancialQuarter.of(month.starts_on).label


def _left_in(month: Month, charts: Mapping[Drawable, Drawn]) -> Sequence[Atom]:
    """What the charts of a month leave of each other: as `completed_family` of a quarter."""
    rows = {named: _named_rows(drawn, month) for named, drawn in charts.items()}
    completed = _named_rows(Drawn(monthly.AUDITS_COMPLETED, monthly.NO_MONTHS), month)
    domains = [rows[named] for named in rows if named[1] is not None and named[1].domain]
    wholes: Tree = {
        completed: None,
        **{rows[named]: completed for named in rows if named[1] and not named[1].domain},
    }
    trees: list[Tree] = [wholes]
    trees += [
        tree
        for one in domains
        for tree in ({completed: None, one: completed}, {**wholes, one: completed})
    ]
    family = Family((completed, *rows.values()), tuple(trees), differing=tuple(domains))
    return atoms(family, rows.values())


def _withheld(charted: Charted, policy: Policy) -> str:
    fewest = policy.small_cell_minimum
    return f"{charted.title}: not shown, since it would tell of some, but fewer than {fewest}."


def _recent(found: Chart) -> Sequence[Found]:
    """The signals among the months that are shown."""
    if not found.points:
        return ()
    first = found.points[-MOST_SHOWN:][0].month
    return [each for each in found.found if each.months[-1] >= first]


def _point(point: Point) -> ChartPointOut:
    return ChartPointOut(
        month=point.month.label,
        value=round(point.value, 4),
        number=point.number,
        of=point.of,
        limits=_limits(point.limits),
        rules=[*point.rules],
    )


def _limits(limits: Limits | None) -> LimitsOut | None:
    if limits is None:
        return None
    return LimitsOut(
        mean=round(limits.mean, 4), low=round(limits.low, 4), high=round(limits.high, 4)
    )


def _signal(found: Found) -> ChartSignalOut:
    return ChartSignalOut(
        rule=found.rule,
        months=_labels(found.months),
        upwards=found.upwards,
        trial=found.trial,
        sentence=f"{found.sentence}.",
    )


def _labels(months: Iterable[Month]) -> list[str]:
    return [month.label for month in months]


def _stretch(stretch: Stretch, changes: Mapping[Month, str]) -> ChartStretchOut:
    begun_by = max((month for month in changes if month <= stretch.starts), default=None)
    return ChartStretchOut(
        starts=stretch.starts.label,
        months=stretch.months,
        trial=stretch.trial,
        locked=stretch.locked,
        why=None if begun_by is None else changes[begun_by],
    )
