"""Shares on the Board's page, with their doubt: whiskers in the chart, words in the table."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

from qa_api.board.charts import Bar, Group, bars
from qa_api.board.figure_schemas import (
    AgreementFiguresOut,
    BeyondChanceOut,
    DoubtOut,
    MetricOut,
    judged_on,
)
from qa_api.board.page_judgements import key_of, name_of
from qa_api.board.page_pieces import (
    Doubts,
    chart_figure,
    count_of,
    how_sure,
    in_words,
    number,
    table,
    value_of,
    with_counts,
)
from qa_api.rules.agreement import Withheld
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.metrics import Unit
from qa_api.rules.policy_values import SecondGrade
from qa_api.rules.shares import ShownAs


def shares(key: str, title: str, chosen: Sequence[MetricOut], doubts: Doubts) -> str:
    """Some figures: a chart of those that are shares, and a table of all."""
    groups = [Group(figure.title, [bar]) for figure in chosen for bar in _bar(figure, doubts)]
    chart = bars(key, title, in_words(chosen), groups, 1.0) if groups else ""
    rows = (
        (
            escape(figure.title),
            number(value_of(figure)),
            number(count_of(figure)),
            how_sure(doubts.get(figure.numerator.rows)) if _has_doubt(figure) else "",
            _definition(figure),
        )
        for figure in chosen
    )
    heads = ("Figure", "Value", "Numerator of denominator", "How sure it is", "What is counted")
    return chart_figure(chart, f"{title}: share of each denominator") + table(title, heads, rows)


def _bar(figure: MetricOut, doubts: Doubts) -> Iterator[Bar]:
    """A bar for a share of enough to be drawn, with its bounds if it is of a sample."""
    count, of = figure.numerator.count, figure.denominator.count
    doubt: DoubtOut | None = doubts.get(figure.numerator.rows)
    told_by_counts = doubt is not None and doubt.shown_as is ShownAs.COUNTS
    told_by_counts |= doubt is None and figure.value is None
    if not _has_doubt(figure) or count is None or not of or told_by_counts:
        return
    interval = doubt.interval if doubt else None
    between = None if interval is None else (interval.low, interval.high)
    yield Bar(count / of, with_counts(figure), between=between)


def _has_doubt(figure: MetricOut) -> bool:
    return figure.unit is Unit.SHARE and not figure.withheld


def _definition(figure: MetricOut) -> str:
    above, below = figure.numerator.definition, figure.denominator.definition
    said = f"{above}, of {below} ({figure.clause})"
    return f'<span class="definition">{escape(said)}</span>'


# --- agreement ---

_GRADES: Final = {
    SecondGrade.SEALED: ", second grades that were sealed",
    SecondGrade.OPEN: ", second grades that were not sealed",
}


def agreement(
    scale: AgreementFiguresOut,
    beyond: Mapping[tuple[JudgedOn, SecondGrade | None], BeyondChanceOut],
    doubts: Doubts,
) -> str:
    """The agreement on one scale: what it says first, then its figures."""
    which = _GRADES[scale.second_grade] if scale.second_grade else ""
    name = f"{name_of(scale)}{which}"
    key = f"agreement-{key_of(scale)}"
    key += f"-{scale.second_grade.value}" if scale.second_grade else ""
    found = beyond.get((judged_on(scale), scale.second_grade))
    told = "" if found is None else f"<p>{escape(found.sentence)}</p>"
    shown = f"<h3>{escape(name)}</h3>{told}"
    shown += shares(key, f"Agreement on {name}", scale.figures, doubts)
    if found is None:
        return shown + f"<p>{escape(_kappa(scale))}</p>"
    return shown + _beyond_chance(name, scale, found)


def _beyond_chance(name: str, scale: AgreementFiguresOut, found: BeyondChanceOut) -> str:
    weights = scale.kappa_weights.value
    rows = (
        (title, number(str(each.pairs)), escape(each.sentence), escape(each.meaning))
        for title, each in (
            (f"Weighted kappa ({weights})", found.kappa),
            (f"Gwet's AC2 ({weights})", found.ac2),
            ("Krippendorff's alpha (ordinal)", found.alpha),
        )
    )
    caption = f"Agreement beyond chance on {name}: 1 is full agreement, 0 what chance would give"
    return table(caption, ("Figure", "Pairs", "What it says", "What is counted"), rows)


def _kappa(scale: AgreementFiguresOut) -> str:
    """Where no more is told: it is withheld, or was frozen before there were intervals."""
    told = f"Weighted kappa ({scale.kappa_weights.value}): "
    if scale.weighted_kappa is not None:
        return f"{told}{scale.weighted_kappa:.2f}, its interval not known."
    if scale.kappa_withheld is Withheld.SMALL_CELLS:
        return "Agreement beyond chance is not told: judgements of a few would follow from it."
    why = (scale.kappa_withheld.value if scale.kappa_withheld else "withheld").replace("_", " ")
    return f"{told}none, {why}; no figure is shown below {scale.minimum_pairs} pairs."
