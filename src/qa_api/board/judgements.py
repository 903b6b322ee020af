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
    judged_on,
)
from qa_api.board.linked_figures import measured, part_out
from qa_api.board.list_counts import Tally
from qa_api.catalogue.service import profile_domains
from qa_api.models.catalogue import ScalePoint
from qa_api.models.planning import PlanTheme, QuarterPlan, Theme
from qa_api.moderation.agreement_schemas import ScaleAgreementOut
from qa_api.rules.judged_counts import judged, judged_so
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import COMPLETED, Counted, of_theme, theme_figure
from qa_api.rules.policy_values import SecondGrade
from qa_api.rules.states import PlanState
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work


class _Thing(Unchanging):
    """What is judged on one number of one scale: audits as a whole, or a domain of them."""

    on: JudgedOn
    title: str | None
    points: Sequence[ScalePoint]


class _Distribution(Unchanging):
    """The judgements of one thing."""

    on: JudgedOn
    title: str | None
    whole: MetricPartOut
    judgements: list[JudgementCountOut]


async def judgements_of(
    work: Work, tally: Tally, quarter: FinancialQuarter, agreed: Iterable[ScaleAgreementOut]
) -> list[ScaleJudgementsOut]:
    """The judgements of the audits completed in the quarter, best first (R4.1.3)."""
    # Sealed pairs come first, and are not mixed with others.
    moderated: dict[JudgedOn, ScaleAgreementOut] = {}
    for scale in agreed:
        moderated.setdefault(judged_on(scale), scale)
    found = _distribution(tally, quarter, await _things(work, tally, quarter), None)
    return [
        ScaleJudgementsOut(
            scale_code=one.on.scale,
            scale_number=one.on.number,
            domain_key=one.on.domain,
            domain=one.title,
            denominator=one.whole,
            judgements=one.judgements,
            moderated=_before_and_after(moderated.get(one.on)),
            moderated_pairs=_pairs(moderated.get(one.on)),
            moderated_second_grade=_grade(moderated.get(one.on)),
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
    things, policy = await _things(work, tally, quarter), await work.policy()
    found = []
    for code, title in (await _planned_themes(work, quarter)).items():
        (audits,) = measured(work.actor, tally, quarter, [theme_figure(code)], policy)
        part = tally.part(of_theme(COMPLETED, code), quarter)
        completed = part_out(part, tally.count(part))
        if completed.count or audits.denominator.count:
            judged_so_far = _distribution(tally, quarter, things, code)
            found.append(_theme(code, title, audits, completed, judged_so_far))
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
                scale_code=one.on.scale,
                scale_number=one.on.number,
                domain_key=one.on.domain,
                domain=one.title,
                denominator=one.whole,
                judgements=one.judgements,
                withheld=False,
            )
            for one in found
        ],
    )


# --- distributions ---


async def _things(work: Work, tally: Tally, quarter: FinancialQuarter) -> list[_Thing]:
    """What is judged on each scale: the whole, and the domains that stand for audits in it."""
    judged_domains = tally.domains(quarter)
    titles = await profile_domains(work) if judged_domains else {}
    points = dict(await _scales(work))
    wholes = [JudgedOn(*scale) for scale in points]
    return [
        _Thing(
            on,
            None if on.domain is None else titles.get(on.domain, on.domain),
            points[on.scale, on.number],
        )
        for on in sorted((*wholes, *judged_domains), key=lambda on: on.place(titles))
    ]


async def _scales(work: Work) -> list[tuple[tuple[str, int], Sequence[ScalePoint]]]:
    points = await work.session.scalars(
        select(ScalePoint).order_by(
            ScalePoint.scale_code, ScalePoint.scale_number, ScalePoint.position
        )
    )
    by_scale = groupby(points, key=lambda point: (point.scale_code, point.scale_number))
    return [(scale, list(of_scale)) for scale, of_scale in by_scale]


def _distribution(
    tally: Tally, quarter: FinancialQuarter, things: Iterable[_Thing], theme: str | None
) -> list[_Distribution]:
    """The judgements of each thing with anything to show, of one theme or of all audits."""
    found = []
    for thing in things:
        whole = judged(thing.on)
        if theme is not None:
            whole = of_theme(whole, theme)
        part = tally.part(whole, quarter)
        if count := tally.count(part):
            given = [_judgement(tally, quarter, whole, point) for point in thing.points]
            found.append(_Distribution(thing.on, thing.title, part_out(part, count), given))
    return found


def _judgement(
    tally: Tally, quarter: FinancialQuarter, whole: Counted, point: ScalePoint
) -> JudgementCountOut:
    part = tally.part(judged_so(whole, point.code), quarter)
    return JudgementCountOut(
        judgement=point.code, label=point.label, count=tally.count(part), rows=part.link
    )
