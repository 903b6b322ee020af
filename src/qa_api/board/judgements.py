"""How the audits of a quarter were judged, each scale by itself, and what each theme came to."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy import select

from qa_api.board.figure_schemas import (
    JudgementCountOut,
    MetricOut,
    MetricPartOut,
    ModeratedCountOut,
    ScaleJudgementsOut,
    ThemeFiguresOut,
    ThemeJudgementsOut,
)
from qa_api.board.linked_figures import measured, part_out
from qa_api.board.list_counts import Tally
from qa_api.models.catalogue import ScalePoint
from qa_api.models.planning import PlanTheme, QuarterPlan, Theme
from qa_api.moderation.agreement_schemas import ScaleAgreementOut
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import COMPLETED, Counted, judged, judged_so, of_theme, theme_figure
from qa_api.rules.policy_values import SecondGrade
from qa_api.rules.states import PlanState
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

Scale = tuple[str, int, Sequence[ScalePoint]]


class _Distribution(Unchanging):
    """The judgements on one number of one scale."""

    code: str
    number: int
    whole: MetricPartOut
    judgements: list[JudgementCountOut]


async def judgements_of(
    work: Work, tally: Tally, quarter: FinancialQuarter, agreed: Iterable[ScaleAgreementOut]
) -> list[ScaleJudgementsOut]:
    """The judgements of the audits completed in the quarter, best first (R4.1.3)."""
    # Sealed pairs come first, and are not mixed with others.
    moderated: dict[tuple[str, int], ScaleAgreementOut] = {}
    for scale in agreed:
        moderated.setdefault((scale.scale_code, scale.scale_number), scale)
    found = _distribution(tally, quarter, await _scales(work), None)
    return [
        ScaleJudgementsOut(
            scale_code=one.code,
            scale_number=one.number,
            denominator=one.whole,
            judgements=one.judgements,
            moderated=_before_and_after(moderated.get((one.code, one.number))),
            moderated_pairs=_pairs(moderated.get((one.code, one.number))),
            moderated_second_grade=_grade(moderated.get((one.code, one.number))),
            withheld=False,
        )
        for one in found
    ]


def _pairs(agreed: ScaleAgreementOut | None) -> int | None:
    return agreed.pairs if agreed else None


def _grade(agreed: ScaleAgreementOut | None) -> SecondGrade | None:
    return agreed.second_grade if agreed else None


def _before_and_after(agreed: ScaleAgreementOut | None) -> list[ModeratedCountOut]:
    return [
        ModeratedCountOut(
            judgement=point.judgement, label=point.label, before=point.before, after=point.after
        )
        for point in (agreed.distribution if agreed else ())
    ]


# --- themes ---


async def themes_of(work: Work, tally: Tally, quarter: FinancialQuarter) -> list[ThemeFiguresOut]:
    """What was planned and completed for each theme, and how it was judged (R4.4.2, R4.7.3).

    Themes that have been retired since are among them, those with nothing to show are not.
    """
    scales, policy = await _scales(work), await work.policy()
    found = []
    for code, title in (await _planned_themes(work, quarter)).items():
        (audits,) = measured(work.actor, tally, quarter, [theme_figure(code)], policy)
        part = tally.part(of_theme(COMPLETED, code), quarter)
        completed = part_out(part, tally.count(part))
        if completed.count or audits.denominator.count:
            judged_on = _distribution(tally, quarter, scales, code)
            found.append(_theme(code, title, audits, completed, judged_on))
    return found


async def _planned_themes(work: Work, quarter: FinancialQuarter) -> dict[str, str]:
    """The titles of the themes that were planned up to the quarter, by code."""
    planned = (
        select(PlanTheme.theme)
        .join(QuarterPlan, QuarterPlan.id == PlanTheme.plan_id)
        .where(QuarterPlan.state != PlanState.DRAFT, QuarterPlan.quarter <= quarter.label)
    )
    found = await work.session.execute(
        select(Theme.code, Theme.title).where(Theme.code.in_(planned)).order_by(Theme.code)
    )
    return {row.code: row.title for row in found}


def _theme(
    code: str,
    title: str,
    audits: MetricOut,
    completed: MetricPartOut,
    found: Sequence[_Distribution],
) -> ThemeFiguresOut:
    return ThemeFiguresOut(
        theme=code,
        title=title,
        audits=audits,
        completed=completed,
        judgements=[
            ThemeJudgementsOut(
                scale_code=one.code,
                scale_number=one.number,
                denominator=one.whole,
                judgements=one.judgements,
                withheld=False,
            )
            for one in found
        ],
    )


# --- distributions ---


async def _scales(work: Work) -> list[Scale]:
    points = await work.session.scalars(
        select(ScalePoint).order_by(
            ScalePoint.scale_code, ScalePoint.scale_number, ScalePoint.position
        )
    )
    by_scale = groupby(points, key=lambda point: (point.scale_code, point.scale_number))
    return [(code, number, list(of_scale)) for (code, number), of_scale in by_scale]


def _distribution(
    tally: Tally, quarter: FinancialQuarter, scales: Iterable[Scale], theme: str | None
) -> list[_Distribution]:
    """The judgements on each scale with anything to show, of one theme or of all audits."""
    found = []
    for code, number, points in scales:
        whole = judged(code, number)
        if theme is not None:
            whole = of_theme(whole, theme)
        part = tally.part(whole, quarter)
        if count := tally.count(part):
            given = [_judgement(tally, quarter, whole, point) for point in points]
            found.append(_Distribution(code, number, part_out(part, count), given))
    return found


def _judgement(
    tally: Tally, quarter: FinancialQuarter, whole: Counted, point: ScalePoint
) -> JudgementCountOut:
    part = tally.part(judged_so(whole, point.code), quarter)
    return JudgementCountOut(
        judgement=point.code, label=point.label, count=tally.count(part), rows=part.link
    )
