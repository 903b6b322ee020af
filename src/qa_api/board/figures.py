"""The figures of a quarter, over the rows that the actor may see (R4.7.3)."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import select

from qa_api import problems
from qa_api.auth.roles import Permission
from qa_api.board.counting import Part, counted, medians
from qa_api.board.lists import READ_BY
from qa_api.board.schemas import (
    JudgementCountOut,
    MetricOut,
    MetricPartOut,
    MetricsOut,
    ModeratedCountOut,
    ObservationsOut,
    ScaleJudgementsOut,
)
from qa_api.calendars.service import policy_version_on
from qa_api.models.audits import Audit
from qa_api.models.catalogue import ScalePoint
from qa_api.moderation.figures import agreement_figures
from qa_api.moderation.schemas import AgreementQuery, ScaleAgreementOut
from qa_api.observations.compliance import compliance
from qa_api.observations.compliance_schemas import ComplianceQuery, Level
from qa_api.problems import InputError
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import (
    Figure,
    Scope,
    Unit,
    figures_of,
    is_small,
    judged,
    judged_so,
    share,
)
from qa_api.rules.policy import Policy
from qa_api.work import Work

EVERYTHING: Final = Scope()
_WORKERS: Final = "workers in service and in a team on the day"
_BY_COUNT: Final = "those of them with no, one, or two and more observations in the period"


def quarter_of(label: str) -> FinancialQuarter:
    """The quarter of a label; 422 for one that does not exist, like `2026-28 Q1`."""
    try:
        return FinancialQuarter.labelled(label)
    except ValueError as error:
        detail = "A quarter is written like 2026-27 Q1."
        raise problems.validation([InputError.at(["quarter"], "quarter", detail)]) from error


async def metrics_of(work: Work, quarter: FinancialQuarter, scope: Scope) -> MetricsOut:
    """Every figure that the actor may know, as at now."""
    figures = await _of_lists(work, quarter, scope, figures_of(scope))
    judgements = await judgements_of(work, quarter, scope)
    return MetricsOut(
        quarter=quarter.label,
        starts_on=quarter.starts_on,
        ends_before=quarter.next.starts_on,
        as_at=work.now,
        policy_version=work.policy_version,
        team=scope.team,
        service=scope.service,
        type=scope.type,
        figures=figures,
        judgements=judgements,
        observations=await _observations(work, quarter, scope),
    )


async def figure_of(work: Work, key: str, quarter: FinancialQuarter) -> MetricOut | None:
    """One figure over the whole authority, for a trend; None where the actor may not know it."""
    wanted = [figure for figure in figures_of(EVERYTHING) if figure.key == key]
    found = await _of_lists(work, quarter, EVERYTHING, wanted)
    return found[0] if found else None


async def _of_lists(
    work: Work, quarter: FinancialQuarter, scope: Scope, wanted: Iterable[Figure]
) -> list[MetricOut]:
    figures = [f for f in wanted if work.actor.holds(READ_BY[f.denominator.source])]
    above = [Part(figure.numerator, quarter, scope) for figure in figures]
    below = [Part(figure.denominator, quarter, scope) for figure in figures]
    counts = await counted(work, [*above, *below])
    spans = [
        (part, figure.span)
        for part, figure in zip(above, figures, strict=True)
        if figure.span is not None
    ]
    found = iter(await medians(work, spans))
    metrics = []
    for at, figure in enumerate(figures):
        numerator, denominator = counts[at], counts[at + len(figures)]
        value = share(numerator, denominator) if figure.unit is Unit.SHARE else next(found)
        metrics.append(
            MetricOut(
                key=figure.key,
                title=figure.title,
                clause=figure.clause,
                unit=figure.unit,
                numerator=_part(above[at], numerator),
                denominator=_part(below[at], denominator),
                value=None if value is None else round(value, 4),
                withheld=False,
            )
        )
    return metrics


def _part(part: Part, count: int) -> MetricPartOut:
    return MetricPartOut(definition=part.counted.definition, count=count, rows=part.link)


# --- judgements ---


async def judgements_of(
    work: Work, quarter: FinancialQuarter, scope: Scope
) -> list[ScaleJudgementsOut]:
    """The judgements of the audits completed in the quarter, each scale by itself, best first."""
    points = await _points_used(work, quarter)
    parts = []
    for (code, number), of_scale in points.items():
        whole = judged(code, number)
        parts.append(Part(whole, quarter, scope))
        parts += [Part(judged_so(whole, point.code), quarter, scope) for point in of_scale]
    counts = iter(zip(parts, await counted(work, parts), strict=True))
    moderated = await _moderated(work, quarter, scope)
    scales = []
    for (code, number), of_scale in points.items():
        below, denominator = next(counts)
        given = []
        for point in of_scale:
            part, count = next(counts)
            given.append(
                JudgementCountOut(
                    judgement=point.code, label=point.label, count=count, rows=part.link
                )
            )
        if not denominator:
            continue  # used in the quarter, but not in this scope or not for this caller
        agreed = moderated.get((code, number))
        scales.append(
            ScaleJudgementsOut(
                scale_code=code,
                scale_number=number,
                denominator=_part(below, denominator),
                judgements=given,
                moderated=_before_and_after(agreed),
                moderated_pairs=agreed.pairs if agreed else None,
                withheld=False,
            )
        )
    return scales


async def _points_used(
    work: Work, quarter: FinancialQuarter
) -> dict[tuple[str, int], list[ScalePoint]]:
    used = (
        select(Audit.scale_code, Audit.scale_number)
        .where(
            Audit.completed_on >= quarter.starts_on,
            Audit.completed_on < quarter.next.starts_on,
        )
        .distinct()
        .subquery()
    )
    found = await work.session.scalars(
        select(ScalePoint)
        .join(
            used,
            (used.c.scale_code == ScalePoint.scale_code)
            & (used.c.scale_number == ScalePoint.scale_number),
        )
        .order_by(ScalePoint.scale_code, ScalePoint.scale_number, ScalePoint.position)
    )
    points: dict[tuple[str, int], list[ScalePoint]] = {}
    for point in found:
        points.setdefault((point.scale_code, point.scale_number), []).append(point)
    return points


async def _moderated(
    work: Work, quarter: FinancialQuarter, scope: Scope
) -> dict[tuple[str, int], ScaleAgreementOut]:
    """What moderation made of them, for those who may see its figures; services have none."""
    if scope.service is not None or not work.actor.holds(Permission.MODERATION_FIGURES):
        return {}
    query = AgreementQuery(team=scope.team, type=scope.type, quarter=quarter.label)
    found = await agreement_figures(work, query)
    return {(scale.scale_code, scale.scale_number): scale for scale in found.scales}


def _before_and_after(agreed: ScaleAgreementOut | None) -> list[ModeratedCountOut]:
    return [
        ModeratedCountOut(
            judgement=point.judgement, label=point.label, before=point.before, after=point.after
        )
        for point in (agreed.distribution if agreed else ())
    ]


# --- observations ---


async def _observations(
    work: Work, quarter: FinancialQuarter, scope: Scope
) -> ObservationsOut | None:
    """How the observations stood at the end of the quarter, or stand today within it."""
    if scope.type is not None or not work.actor.holds(Permission.OBSERVATION_COMPLIANCE):
        return None
    as_at = min(quarter.ends_on, work.today)
    if await policy_version_on(work, as_at) is None:
        return None  # nothing was asked of anybody yet
    level = Level.TEAM if scope.team else Level.SERVICE if scope.service else Level.AUTHORITY
    query = ComplianceQuery(as_at=as_at, level=level, team=scope.team, service=scope.service)
    code = scope.team or scope.service
    for row in await compliance(work, query):
        if row.code == code:
            return ObservationsOut(
                as_at=as_at,
                workers=row.workers,
                with_none=row.with_none,
                with_one=row.with_one,
                with_two_or_more=row.with_two_or_more,
                numerator_is=_BY_COUNT,
                denominator_is=_WORKERS,
                rows=row.rows,
            )
    return None


# --- publication ---


def published(metrics: MetricsOut, policy: Policy) -> MetricsOut:
    """The figures as they may leave the service: those over too few are withheld."""
    return metrics.model_copy(
        update={
            "figures": [published_figure(figure, policy) for figure in metrics.figures],
            "judgements": published_judgements(metrics.judgements, policy),
        }
    )


def published_figure(figure: MetricOut, policy: Policy) -> MetricOut:
    """One figure, withheld where its denominator is small."""
    if not _small(figure.denominator, policy):
        return figure
    return figure.model_copy(
        update={
            "numerator": _without_count(figure.numerator),
            "denominator": _without_count(figure.denominator),
            "value": None,
            "withheld": True,
        }
    )


def published_judgements(
    scales: Sequence[ScaleJudgementsOut], policy: Policy
) -> list[ScaleJudgementsOut]:
    """The judgements of each scale, withheld where it was used for few audits."""
    return [_published_scale(scale, policy) for scale in scales]


def _published_scale(scale: ScaleJudgementsOut, policy: Policy) -> ScaleJudgementsOut:
    if not _small(scale.denominator, policy):
        return scale
    return scale.model_copy(
        update={
            "denominator": _without_count(scale.denominator),
            "judgements": [j.model_copy(update={"count": None}) for j in scale.judgements],
            "moderated": [],
            "moderated_pairs": None,
            "withheld": True,
        }
    )


def _small(part: MetricPartOut, policy: Policy) -> bool:
    return part.count is not None and is_small(part.count, policy)


def _without_count(part: MetricPartOut) -> MetricPartOut:
    return part.model_copy(update={"count": None})
