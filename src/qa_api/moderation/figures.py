"""How far auditors and moderators agree, scale by scale (R4.5.4)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Select, select

from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.catalogue import ScalePoint
from qa_api.models.moderation import ModerationOutcome
from qa_api.moderation.agreement_schemas import (
    AgreementOut,
    AgreementQuery,
    CoefficientOut,
    DistributionOut,
    FigureOut,
    IntervalOut,
    KappaOut,
    ScaleAgreementOut,
)
from qa_api.moderation.queries import outcome_visible_to
from qa_api.rules.agreement import Agreement, Coefficient, Pair, agreement
from qa_api.rules.intervals import Interval
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import SecondGrade
from qa_api.rules.shares import Share, shown_as
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

DENOMINATOR: Final = (
    "Drawn audits with a moderation outcome that you may see, completed in the quarter (London),"
    " by auditors of the team, of the type; not those recorded in error."
)
Judged = tuple[str, int, bool, str, str]
"""A scale and its number, whether the pair was sealed, and both judgements."""


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
    """The figures of a quarter, or of all time: each scale that somebody was moderated on.

    Pairs that were sealed and pairs that were not are counted apart (R4.5.3).
    """
    policy = await work.policy()
    pairs = await _pairs(work, quarter, team, audit_type)
    scales = []
    for (code, number, sealed), judged in groupby(pairs, key=lambda pair: pair[:3]):
        points = await _points(work, code, number)
        scales.append(_of_scale(code, number, grade_of(sealed), points, list(judged), policy))
    return scales


def grade_of(sealed: bool) -> SecondGrade:
    """How the second judgement of a pair was given."""
    return SecondGrade.SEALED if sealed else SecondGrade.OPEN


async def _pairs(
    work: Work, quarter: FinancialQuarter | None, team: str | None, audit_type: str | None
) -> Sequence[Judged]:
    return [
        (code, number, sealed, before, after)
        for code, number, sealed, before, after in await work.session.execute(
            _pairs_where(work, quarter, team, audit_type)
        )
        if after is not None
    ]


def _pairs_where(
    work: Work, quarter: FinancialQuarter | None, team: str | None, audit_type: str | None
) -> Select[str, int, bool, str, str | None]:
    outcome, audit = ModerationOutcome, aliased(Audit)
    found = (
        select(
            outcome.scale_code,
            outcome.scale_number,
            outcome.sealed,
            outcome.auditor_judgement,
            outcome.moderated_judgement,
        )
        .join(audit, audit.id == outcome.audit_id)
        .where(
            outcome_visible_to(outcome, work.me),
            outcome.moderated_judgement.is_not(None),
            audit.recorded_in_error_at.is_(None),
        )
        .order_by(outcome.scale_code, outcome.scale_number, outcome.sealed.desc())
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
    return found


class PairOfTeam(Unchanging):
    """The judgements of an auditor of a team and of the moderator on one scale."""

    team: str | None
    scale_code: str
    scale_number: int
    second_grade: SecondGrade
    before: str
    after: str


async def pairs_by_team(work: Work, quarter: FinancialQuarter) -> list[PairOfTeam]:
    """Every pair of a quarter's figures, with the team of its auditor."""
    statement = _pairs_where(work, quarter, None, None).add_columns(ModerationOutcome.auditor_team)
    return [
        PairOfTeam(team, code, number, grade_of(sealed), before, after)
        for code, number, sealed, before, after, team in await work.session.execute(statement)
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
    grade: SecondGrade,
    points: Sequence[ScalePoint],
    judged: Sequence[Judged],
    policy: Policy,
) -> ScaleAgreementOut:
    rank: Mapping[str, int] = {point.code: at for at, point in enumerate(points, start=1)}
    pairs = [Pair(rank[before], rank[after]) for *_, before, after in judged]
    found = agreement(pairs, len(points), policy)
    before = Counter(pair[3] for pair in judged)
    after = Counter(pair[4] for pair in judged)
    return ScaleAgreementOut(
        scale_code=code,
        scale_number=number,
        second_grade=grade,
        pairs=found.pairs,
        minimum_pairs=found.minimum_pairs,
        withheld=found.withheld,
        sentence=found.sentence,
        **_counted(found, policy),
        **_beyond_chance(found),
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


_MEANINGS: Final = {
    "exact": "Moderated judgement equals the auditor's.",
    "within_one": "The two are at most one rank apart.",
    "raised": "Moderation judged better than the auditor.",
    "lowered": "Moderation judged worse than the auditor.",
    "weighted_kappa": "One minus observed over expected disagreement, weighted by ranks apart.",
    "ac2": "Gwet's AC2: agreement beyond what two would have who share out doubts by lot.",
    "alpha": "Krippendorff's alpha: one minus observed over expected disagreement, in order.",
}


def _counted(found: Agreement, policy: Policy) -> Mapping[str, Any]:
    """The figures that count pairs."""
    return {
        name: figure_out(getattr(found, name), found.pairs, _MEANINGS[name], policy)
        for name in ("exact", "within_one", "raised", "lowered")
    }


def _beyond_chance(found: Agreement) -> Mapping[str, Any]:
    """The figures that leave out what chance alone gives."""
    kappa = coefficient_out(found.kappa, found.pairs, _MEANINGS["weighted_kappa"])
    return {
        "weighted_kappa": KappaOut(weights=found.weights, **dict(kappa)),
        "ac2": coefficient_out(found.ac2, found.pairs, _MEANINGS["ac2"]),
        "alpha": coefficient_out(found.alpha, found.pairs, _MEANINGS["alpha"]),
    }


def figure_out(share: Share | None, pairs: int, meaning: str, policy: Policy) -> FigureOut:
    """A share of pairs as it goes out; None is withheld."""
    if share is None:
        return FigureOut(
            numerator=None,
            denominator=pairs,
            share=None,
            shown_as=shown_as(pairs, policy),
            interval=None,
            enough=False,
            sentence=None,
            meaning=meaning,
        )
    return FigureOut(
        numerator=share.count,
        denominator=pairs,
        share=_rounded(share.value),
        shown_as=share.shown_as,
        interval=interval_out(share.interval),
        enough=share.enough,
        sentence=share.sentence,
        meaning=meaning,
    )


def coefficient_out(found: Coefficient, pairs: int, meaning: str) -> CoefficientOut:
    """A coefficient as it goes out."""
    return CoefficientOut(
        value=_rounded(found.value),
        interval=interval_out(found.interval),
        pairs=pairs,
        withheld=found.withheld,
        enough=found.enough,
        sentence=found.sentence,
        meaning=meaning,
    )


def interval_out(found: Interval | None) -> IntervalOut | None:
    """Bounds as they go out, to four places."""
    if found is None:
        return None
    return IntervalOut(low=round(found.low, 4), high=round(found.high, 4))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
