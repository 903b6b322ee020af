"""How sure each figure of a quarter is, beside the figures themselves (R4.7.3).

Most figures count everything there was: every response due, every action set. They have no
interval, and say so. The judgements are those of the cases that were audited, and agreement that
of the audits that were moderated: samples, which have one.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TypeAlias

from qa_api.board.figure_schemas import (
    AgreementFiguresOut,
    BeyondChanceOut,
    DoubtOut,
    JudgementCountOut,
    MetricOut,
    MetricsOut,
    ScaleJudgementsOut,
    ThemeFiguresOut,
    ThemeJudgementsOut,
    judged_on,
)
from qa_api.moderation.agreement_schemas import ScaleAgreementOut
from qa_api.moderation.figures import interval_out
from qa_api.rules.agreement import Withheld
from qa_api.rules.metrics import Unit
from qa_api.rules.policy import Policy
from qa_api.rules.shares import Share, share_of_all, share_of_sample

Counts: TypeAlias = tuple[str, int | None, int | None]
"""Where what is counted is listed, how many that are, and of how many."""


def doubts_of(
    figures: Iterable[MetricOut],
    judgements: Iterable[ScaleJudgementsOut],
    themes: Iterable[ThemeFiguresOut],
    agreement: Iterable[AgreementFiguresOut],
    policy: Policy,
) -> list[DoubtOut]:
    """The doubt of every share: of the figures, the judgements, the themes, the agreement."""
    themes = [*themes]
    counted = [*figures, *(theme.audits for theme in themes)]
    judged: list[ScaleJudgementsOut | ThemeJudgementsOut] = [*judgements]
    judged += (scale for theme in themes for scale in theme.judgements)
    agreed = [figure for scale in agreement for figure in scale.figures]
    sampled = [*(each for scale in judged for each in _judged(scale)), *map(_counts, agreed)]
    return [
        *(
            _doubt(rows, share_of_all(count, of, policy))
            for rows, count, of in map(_counts, filter(_is_share, counted))
            if count is not None and of is not None
        ),
        *(
            _doubt(rows, share_of_sample(count, of, policy))
            for rows, count, of in sampled
            if count is not None and of is not None
        ),
    ]


def beyond_chance(agreed: Iterable[ScaleAgreementOut]) -> list[BeyondChanceOut]:
    """The agreement beyond chance on each scale, with its doubt."""
    return [
        BeyondChanceOut(
            scale_code=scale.scale_code,
            scale_number=scale.scale_number,
            domain_key=scale.domain_key,
            second_grade=scale.second_grade,
            sentence=scale.sentence,
            kappa=scale.weighted_kappa,
            ac2=scale.ac2,
            alpha=scale.alpha,
        )
        for scale in agreed
    ]


def still_shown(metrics: MetricsOut) -> dict[str, object]:
    """The doubts of what is still shown, once counts are withheld: a sentence repeats its counts.

    And the coefficients that are. Ready for an update of the figures.
    """
    told = {_which(one): one for one in map(partial(_told, metrics), metrics.agreement or ())}
    return {
        "agreement": metrics.agreement and [*told.values()],
        "doubts": metrics.doubts and _shown_doubts(metrics, metrics.doubts),
        "beyond_chance": metrics.beyond_chance
        and [each for each in metrics.beyond_chance if _is_shown(told.get(_which(each)))],
    }


def _shown_doubts(metrics: MetricsOut, doubts: Iterable[DoubtOut]) -> list[DoubtOut]:
    shown = {
        rows for rows, count, of in _every_count(metrics) if count is not None and of is not None
    }
    return [doubt for doubt in doubts if doubt.rows in shown]


def _every_count(metrics: MetricsOut) -> Iterator[Counts]:
    yield from map(_counts, metrics.figures)
    for scale in metrics.judgements:
        yield from _judged(scale)
    for theme in metrics.themes or ():
        yield _counts(theme.audits)
        for one in theme.judgements:
            yield from _judged(one)
    for agreed in metrics.agreement or ():
        yield from map(_counts, agreed.figures)


def _told(metrics: MetricsOut, agreed: AgreementFiguresOut) -> AgreementFiguresOut:
    """Agreement without its coefficient, where one would give back what is withheld or joined.

    To four places it is an equation that few tables of pairs fit, or one. That there are too few
    pairs says no more than their number.
    """
    pairs = agreed.figures[0].denominator.count
    too_few = pairs is not None and agreed.kappa_withheld is Withheld.TOO_FEW_PAIRS
    if too_few or _is_all_shown(metrics, agreed):
        return agreed
    return agreed.model_copy(
        update={"weighted_kappa": None, "kappa_withheld": Withheld.SMALL_CELLS}
    )


def _is_all_shown(metrics: MetricsOut, agreed: AgreementFiguresOut) -> bool:
    """Whether all that the coefficients are made of is shown, each judgement by itself.

    Before and after are shown only where each field of the table could be (`paired_counts`).
    """
    judged = next((one for one in metrics.judgements if judged_on(one) == judged_on(agreed)), None)
    if judged is None or judged.moderated_second_grade is not agreed.second_grade:
        return False
    counts = [count for _, *both in map(_counts, agreed.figures) for count in both]
    counts += [judged.denominator.count, *(one.count for one in judged.judgements)]
    counts += [judged.moderated_pairs]
    counts += [count for one in judged.moderated for count in (one.before, one.after)]
    return bool(judged.moderated) and None not in counts


def _is_shown(agreed: AgreementFiguresOut | None) -> bool:
    """Whether more is told of it than counts: coefficients, and the exact agreement in words."""
    if agreed is None or agreed.kappa_withheld is Withheld.SMALL_CELLS:
        return False
    _, count, of = _counts(agreed.figures[0])
    return count is not None and of is not None


def _which(of: AgreementFiguresOut | BeyondChanceOut) -> tuple[object, ...]:
    return judged_on(of), of.second_grade


def _is_share(figure: MetricOut) -> bool:
    return figure.unit is Unit.SHARE


def _counts(figure: MetricOut) -> Counts:
    return figure.numerator.rows, figure.numerator.count, figure.denominator.count


def _judged(scale: ScaleJudgementsOut | ThemeJudgementsOut) -> Iterator[Counts]:
    given: Iterable[JudgementCountOut] = scale.judgements
    for judgement in given:
        yield judgement.rows, judgement.count, scale.denominator.count


def _doubt(rows: str, share: Share) -> DoubtOut:
    return DoubtOut(
        rows=rows,
        shown_as=share.shown_as,
        interval=interval_out(share.interval),
        enough=share.enough,
        sentence=share.sentence,
    )


def by_rows(metrics: MetricsOut) -> Mapping[str, DoubtOut]:
    """The doubts by the rows that their figure counts."""
    return {doubt.rows: doubt for doubt in metrics.doubts or ()}
