"""How far auditors and moderators agree, scale by scale (R4.5.4)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, null, select, type_coerce

from qa_api.catalogue.service import profile_domains, titles_of_domains
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.catalogue import ScalePoint
from qa_api.models.moderation import ModeratedDomain, ModerationOutcome
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
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import SecondGrade
from qa_api.rules.shares import Share, shown_as
from qa_api.rules.tools import OverallAsked
from qa_api.rules.unchanging import Unchanging
from qa_api.values.explanations import ExplanationOut
from qa_api.work import Work

DENOMINATOR: Final = (
    "Drawn audits with a moderated judgement that you may see, completed in the quarter (London),"
    " by auditors of the team, of the type; not those recorded in error."
)


class PairOfTeam(Unchanging):
    """The judgements of an auditor and of the moderator, of one thing on one scale."""

    on: JudgedOn
    second_grade: SecondGrade
    before: str
    after: str
    team: str | None
    """The team that holds the case: its manager and head read both in the child's record."""
    outcome: UUID
    audit: UUID


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
        domains=await agreed_by_domain(work, quarter, query.team, query.type),
    )


async def agreed_by_scale(
    work: Work, quarter: FinancialQuarter | None, team: str | None, audit_type: str | None
) -> list[ScaleAgreementOut]:
    """The figures of a quarter, or of all time: each scale that somebody was moderated on.

    The overall judgements first, then, of audits whose domains stand for them, domain by domain.
    Pairs that were sealed and pairs that were not are counted apart (R4.5.3).
    """
    domains = await profile_domains(work)
    pairs = await _pairs(work, domains, quarter, team, audit_type)
    return await _each_by_itself(work, pairs, domains)


async def agreed_by_domain(
    work: Work, quarter: FinancialQuarter | None, team: str | None, audit_type: str | None
) -> list[ScaleAgreementOut]:
    """The same of each domain that was moderated beside an overall judgement."""
    asked = OverallAsked.REQUIRED
    found = _pairs_where(work, ModeratedDomain, quarter, team, audit_type, asked)
    pairs = [_pair_of(row) for row in await work.session.execute(found)]
    titles = await titles_of_domains(work, {pair.on.domain for pair in pairs})
    return await _each_by_itself(work, _in_order(pairs, titles), titles)


async def _each_by_itself(
    work: Work, pairs: Sequence[PairOfTeam], domains: Mapping[str, str]
) -> list[ScaleAgreementOut]:
    """The figures of what stands together: one thing, judged on one scale, in one way."""
    policy = await work.policy()
    scales = []
    for (on, grade), judged in groupby(pairs, key=lambda pair: (pair.on, pair.second_grade)):
        points = await _points(work, on.scale, on.number)
        title = None if on.domain is None else domains.get(on.domain, on.domain)
        scales.append(scale_agreement(on, title, grade, points, list(judged), policy))
    return scales


def grade_of(sealed: bool) -> SecondGrade:
    """How the second judgement of a pair was given."""
    return SecondGrade.SEALED if sealed else SecondGrade.OPEN


async def _pairs(
    work: Work,
    domains: Mapping[str, str],
    quarter: FinancialQuarter | None,
    team: str | None = None,
    audit_type: str | None = None,
) -> Sequence[PairOfTeam]:
    """Every pair, those of one thing together, sealed ones first."""
    every: list[type[ModerationOutcome | ModeratedDomain]] = [ModerationOutcome]
    every += [ModeratedDomain] if domains else []
    found = [
        _pair_of(row)
        for judged in every
        for row in await work.session.execute(_pairs_where(work, judged, quarter, team, audit_type))
    ]
    return _in_order(found, domains)


def _pair_of(row: Any) -> PairOfTeam:
    return PairOfTeam(
        JudgedOn(row.scale_code, row.scale_number, row.domain),
        grade_of(row.sealed),
        row.before,
        row.after,
        row.team,
        row.outcome,
        row.audit,
    )


def _in_order(found: Sequence[PairOfTeam], domains: Mapping[str, str]) -> Sequence[PairOfTeam]:
    grades = (SecondGrade.SEALED, SecondGrade.OPEN)
    return sorted(found, key=lambda pair: (pair.on.place(domains), grades.index(pair.second_grade)))


def _pairs_where(
    work: Work,
    judged: type[ModerationOutcome | ModeratedDomain],
    quarter: FinancialQuarter | None,
    team: str | None,
    audit_type: str | None,
    *of_domains: OverallAsked,
) -> Select[str, int, str | None, bool, str | None, str | None, str | None, UUID, UUID]:
    """Pairs of overall judgements, or those of domains: by default of those that stand for audits.

    `of_domains`: domains of audits whose tool asks for an overall judgement in one of these ways.
    """
    outcome, audit = ModerationOutcome, aliased(Audit)
    found = (
        select(
            judged.scale_code,
            judged.scale_number,
            _domain_of(judged).label("domain"),
            outcome.sealed,
            judged.auditor_judgement.label("before"),
            judged.moderated_judgement.label("after"),
            audit.team.label("team"),
            outcome.id.label("outcome"),
            outcome.audit_id.label("audit"),
        )
        .select_from(outcome)
        .join(audit, audit.id == outcome.audit_id)
        .where(
            outcome_visible_to(outcome, work.me),
            judged.moderated_judgement.is_not(None),
            audit.recorded_in_error_at.is_(None),
        )
    )
    if judged is ModeratedDomain:
        found = found.join(ModeratedDomain, ModeratedDomain.outcome_id == outcome.id).where(
            audit.overall_asked.in_(of_domains or (OverallAsked.OPTIONAL, OverallAsked.NONE))
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


def _domain_of(judged: type[ModerationOutcome | ModeratedDomain]) -> ColumnElement[str | None]:
    if judged is ModeratedDomain:
        return type_coerce(ModeratedDomain.domain_key, Text)
    return cast(null(), Text)


async def pairs_by_team(work: Work, quarter: FinancialQuarter) -> Sequence[PairOfTeam]:
    """Every pair of a quarter's figures, with the team that holds its case."""
    return await _pairs(work, await profile_domains(work), quarter)


async def _points(work: Work, code: str, number: int) -> Sequence[ScalePoint]:
    found = await work.session.scalars(
        select(ScalePoint)
        .where(ScalePoint.scale_code == code, ScalePoint.scale_number == number)
        .order_by(ScalePoint.position)
    )
    return found.all()


def scale_agreement(
    on: JudgedOn,
    title: str | None,
    grade: SecondGrade,
    points: Sequence[ScalePoint],
    judged: Sequence[PairOfTeam],
    policy: Policy,
) -> ScaleAgreementOut:
    """The figures of pairs on one scale, whose points are given best first."""
    rank: Mapping[str, int] = {point.code: at for at, point in enumerate(points, start=1)}
    pairs = [Pair(rank[pair.before], rank[pair.after]) for pair in judged]
    found = agreement(pairs, len(points), policy)
    before = Counter(pair.before for pair in judged)
    after = Counter(pair.after for pair in judged)
    return ScaleAgreementOut(
        scale_code=on.scale,
        scale_number=on.number,
        domain_key=on.domain,
        domain=title,
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
        explanation=ExplanationOut.of(found.explanation),
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
