"""How far auditors and moderators agree, scale by scale (R4.5.4)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Final

from sqlalchemy import select

from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.catalogue import ScalePoint
from qa_api.models.moderation import ModerationOutcome
from qa_api.moderation.agreement_schemas import (
    AgreementOut,
    AgreementQuery,
    DistributionOut,
    FigureOut,
    KappaOut,
    ScaleAgreementOut,
)
from qa_api.moderation.queries import outcome_visible_to
from qa_api.rules.agreement import Agreement, Pair, agreement
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.policy import Policy
from qa_api.work import Work

DENOMINATOR: Final = (
    "Drawn audits with a moderation outcome that you may see, completed in the quarter (London),"
    " by auditors of the team, of the type; not those recorded in error."
)
Judged = tuple[str, int, str, str]


async def agreement_figures(work: Work, query: AgreementQuery) -> AgreementOut:
    """The figures over the outcomes that the caller may see; each scale by itself."""
    quarter = None if query.quarter is None else FinancialQuarter.labelled(query.quarter)
    return AgreementOut(
        team=query.team,
        type=query.type,
        quarter=query.quarter,
        starts_on=quarter.starts_on if quarter else None,
        ends_before=quarter.next.starts_on if quarter else None,
        denominator=DENOMINATOR,
        scales=await agreed_by_scale(work, quarter, query.team, query.type),
    )


async def agreed_by_scale(
    work: Work, quarter: FinancialQuarter | None, team: str | None, audit_type: str | None
) -> list[ScaleAgreementOut]:
    """The figures of a quarter, or of all time: each scale that somebody was moderated on."""
    policy = await work.policy()
    pairs = await _pairs(work, quarter, team, audit_type)
    scales = []
    for (code, number), judged in groupby(pairs, key=lambda pair: pair[:2]):
        points = await _points(work, code, number)
        scales.append(_of_scale(code, number, points, list(judged), policy))
    return scales


async def _pairs(
    work: Work, quarter: FinancialQuarter | None, team: str | None, audit_type: str | None
) -> Sequence[Judged]:
    outcome, audit = ModerationOutcome, aliased(Audit)
    found = (
        select(
            outcome.scale_code,
            outcome.scale_number,
            outcome.auditor_judgement,
            outcome.moderated_judgement,
        )
        .join(audit, audit.id == outcome.audit_id)
        .where(
            outcome_visible_to(outcome, work.me),
            outcome.moderated_judgement.is_not(None),
            audit.recorded_in_error_at.is_(None),
        )
        .order_by(outcome.scale_code, outcome.scale_number)
    )
    if team is not None:
        found = found.where(outcome.auditor_team == team)
    if audit_type is not None:
        found = found.where(outcome.audit_type == audit_type)
    if quarter is not None:
        found = found.where(
            outcome.completed_on >= quarter.starts_on,
            outcome.completed_on < quarter.next.starts_on,
        )
    return [
        (code, number, before, after)
        for code, number, before, after in await work.session.execute(found)
        if after is not None
    ]


async def _points(work: Work, code: str, number: int) -> Sequence[ScalePoint]:
    found = await work.session.scalars(
        select(ScalePoint)
        .where(ScalePoint.scale_code == code, ScalePoint.scale_number == number)
        .order_by(ScalePoint.position)
    )
    return found.all()


def _of_scale(
    code: str,
    number: int,
    points: Sequence[ScalePoint],
    judged: Sequence[Judged],
    policy: Policy,
) -> ScaleAgreementOut:
    rank: Mapping[str, int] = {point.code: at for at, point in enumerate(points, start=1)}
    found = agreement([Pair(rank[before], rank[after]) for *_, before, after in judged], policy)
    before = Counter(pair[2] for pair in judged)
    after = Counter(pair[3] for pair in judged)
    return ScaleAgreementOut(
        scale_code=code,
        scale_number=number,
        pairs=found.pairs,
        minimum_pairs=policy.agreement_minimum_pairs,
        withheld=found.withheld,
        exact=_figure(found, found.exact, "Moderated judgement equals the auditor's."),
        within_one=_figure(found, found.within_one, "The two are at most one rank apart."),
        raised=_figure(found, found.raised, "Moderation judged better than the auditor."),
        lowered=_figure(found, found.lowered, "Moderation judged worse than the auditor."),
        weighted_kappa=KappaOut(
            value=_rounded(found.weighted_kappa),
            pairs=found.pairs,
            weights=found.weights,
            withheld=found.kappa_withheld,
            meaning="One minus observed over expected disagreement, weighted by ranks apart.",
        ),
        distribution=[
            DistributionOut(
                judgement=point.code,
                label=point.label,
                before=before[point.code],
                after=after[point.code],
            )
            for point in points
            if found.withheld is None
        ],
        explanation=found.explanation.as_json(),  # type: ignore[arg-type] # validated as written
    )


def _figure(found: Agreement, count: int | None, meaning: str) -> FigureOut:
    share = Fraction(count, found.pairs) if count is not None and found.pairs else None
    return FigureOut(
        numerator=count, denominator=found.pairs, share=_rounded(share), meaning=meaning
    )


def _rounded(value: Fraction | None) -> float | None:
    return None if value is None else round(float(value), 4)
