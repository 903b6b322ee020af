"""How far practice audits agree with the standards, and how steady each auditor is (R4.5.4).

The figures are those of moderation, with the standard in the moderator's place: `lowered` counts
judgements that were better than the standard, `raised` those that were worse.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from sqlalchemy import ColumnElement, and_, func, select, true

from qa_api.auth.roles import Role
from qa_api.catalogue.service import grades_of_scale
from qa_api.models.practice_audits import PracticeAudit, PracticeStandard
from qa_api.moderation.agreement_schemas import KappaOut
from qa_api.moderation.figures import coefficient_out, figure_out
from qa_api.moderation.steadiness import Quarters, changed_out, counted_quarters
from qa_api.moderation.steadiness_schemas import SteadinessQuery
from qa_api.practice_audits.schemas import (
    PracticeAgreementOut,
    PracticeAgreementQuery,
    PracticeScaleOut,
    PracticeSteadinessRow,
)
from qa_api.rules.agreement import Pair, agreement
from qa_api.rules.policy import Policy
from qa_api.rules.shares import share_of_sample
from qa_api.rules.steadiness import Changed, steadiness
from qa_api.values.explanations import ExplanationOut
from qa_api.work import Work

DENOMINATOR: Final = "Practice audits of the case, or of all cases that were made up."
DENOMINATOR_OF_OTHERS: Final = (
    "Practice audits of the case, or of all cases that were made up, without cases that fewer than"
    " {fewest} auditors judged."
)
_EXACT: Final = "The auditor's judgement equals the standard."
_WITHIN_ONE: Final = "The two are at most one rank apart."
_RAISED: Final = "The standard is better than the auditor's judgement."
_LOWERED: Final = "The standard is worse than the auditor's judgement."

Scale: TypeAlias = tuple[str, int]
ByAuditor: TypeAlias = Mapping[str, Sequence[Pair]]


async def practice_agreement(work: Work, query: PracticeAgreementQuery) -> PracticeAgreementOut:
    """The figures of all auditors together, scale by scale; they name nobody.

    What one auditor gave is not to be read off them: for everybody but Quality & Standards, cases
    that fewer auditors judged than the smallest cell of policy are in no figure, so that no two
    figures differ by such a case alone. A scale without any other case is 'not known yet'.
    """
    policy = await work.policy()
    over_all = Role.QUALITY_STANDARDS in work.actor.roles
    await work.act_as_service()
    of_case = true() if query.case is None else PracticeAudit.case_id == query.case
    scales = sorted(await _scales(work, of_case))
    kept = of_case if over_all else and_(of_case, _judged_by_many(policy))
    found = await _pairs(work, kept)
    told = []
    for scale in scales:
        points = len(await grades_of_scale(work, *scale))
        told.append(_of_scale(scale, _all(found.get(scale, {})), points, policy))
    few = DENOMINATOR_OF_OTHERS.format(fewest=policy.small_cell_minimum)
    denominator = DENOMINATOR if over_all else few
    return PracticeAgreementOut(case=query.case, denominator=denominator, scales=told)


def _judged_by_many(policy: Policy) -> ColumnElement[bool]:
    """Whether so many auditors judged the case that no figure tells of one. Each judges once."""
    many = (
        select(PracticeAudit.case_id)
        .group_by(PracticeAudit.case_id)
        .having(func.count() >= policy.small_cell_minimum)
    )
    return PracticeAudit.case_id.in_(many)


async def _scales(work: Work, kept: ColumnElement[bool]) -> list[Scale]:
    """The scales on which somebody judged."""
    audit = PracticeAudit
    asked = select(audit.scale_code, audit.scale_number).where(kept).distinct()
    return [(row.scale_code, row.scale_number) for row in await work.session.execute(asked)]


def _of_scale(scale: Scale, pairs: list[Pair], points: int, policy: Policy) -> PracticeScaleOut:
    found = agreement(pairs, points, policy)
    exact, within_one = (found.exact, found.within_one) if pairs else (None, None)
    sentence = found.sentence if pairs else _not_known_yet(policy)
    kappa = coefficient_out(found.kappa, found.pairs, "Agreement beyond chance, by ranks apart.")
    return PracticeScaleOut(
        scale_code=scale[0],
        scale_number=scale[1],
        pairs=found.pairs,
        minimum_pairs=found.minimum_pairs,
        sentence=sentence,
        exact=figure_out(exact, found.pairs, _EXACT, policy),
        within_one=figure_out(within_one, found.pairs, _WITHIN_ONE, policy),
        raised=figure_out(found.raised, found.pairs, _RAISED, policy),
        lowered=figure_out(found.lowered, found.pairs, _LOWERED, policy),
        weighted_kappa=KappaOut(weights=found.weights, **dict(kappa)),
        ac2=coefficient_out(found.ac2, found.pairs, "Gwet's AC2."),
        alpha=coefficient_out(found.alpha, found.pairs, "Krippendorff's alpha, in order."),
        explanation=ExplanationOut.of(found.explanation),
    )


def _not_known_yet(policy: Policy) -> str:
    return f"Not known yet: no case has been judged by {policy.small_cell_minimum} auditors."


async def practice_steadiness(work: Work, query: SteadinessQuery) -> list[PracticeSteadinessRow]:
    """The figures of each auditor whose the caller may see, in the order of `row_key`.

    What is said of the others says as little of a colleague as the figures of moderation do.
    """
    policy = await work.policy()
    counted = counted_quarters(work, policy)
    over_all = Role.QUALITY_STANDARDS in work.actor.roles
    await work.act_as_service()
    found = await _pairs(
        work,
        and_(
            PracticeAudit.judged_at >= counted.first.starts_at,
            PracticeAudit.judged_at < counted.running.starts_at,
        ),
    )
    fewest = 1 if over_all else policy.small_cell_minimum
    rows = [
        _row(auditor, scale, by_auditor, fewest, counted, policy)
        for scale, by_auditor in found.items()
        for auditor in by_auditor
        if (over_all or auditor == work.actor.worker) and query.auditor in {None, auditor}
    ]
    return sorted(rows, key=row_key)


def row_key(row: PracticeSteadinessRow) -> str:
    """What tells a row from the others, and orders them."""
    return f"{row.auditor} {row.scale_code} {row.scale_number:06}"


def _row(
    auditor: str,
    scale: Scale,
    by_auditor: ByAuditor,
    fewest: int,
    counted: Quarters,
    policy: Policy,
) -> PracticeSteadinessRow:
    own = by_auditor[auditor]
    others = {code: pairs for code, pairs in by_auditor.items() if code != auditor}
    shown = _all(others) if len(others) >= fewest else []
    found = steadiness(_changed(own), _changed(shown), policy)
    exact = share_of_sample(sum(p.auditor == p.moderator for p in own), len(own), policy)
    near = sum(abs(p.auditor - p.moderator) <= 1 for p in own)
    within_one = share_of_sample(near, len(own), policy)
    return PracticeSteadinessRow(
        auditor=auditor,
        scale_code=scale[0],
        scale_number=scale[1],
        starts_on=counted.first.starts_on,
        ends_before=counted.running.starts_on,
        pairs=len(own),
        exact=figure_out(exact, len(own), _EXACT, policy),
        within_one=figure_out(within_one, len(own), _WITHIN_ONE, policy),
        raised=changed_out(found.raised, len(own), _RAISED, policy),
        lowered=changed_out(found.lowered, len(own), _LOWERED, policy),
        explanation=ExplanationOut.of(found.explanation),
    )


async def _pairs(work: Work, kept: ColumnElement[bool]) -> Mapping[Scale, ByAuditor]:
    """Auditor's and standard's ranks, by scale and auditor."""
    audit, standard = PracticeAudit, PracticeStandard
    found = await work.session.execute(
        select(
            audit.scale_code,
            audit.scale_number,
            audit.auditor,
            audit.judgement,
            standard.judgement.label("standard"),
        )
        .join(standard, standard.case_id == audit.case_id)
        .where(kept)
    )
    by_scale: dict[Scale, dict[str, list[Pair]]] = defaultdict(lambda: defaultdict(list))
    ranks: dict[Scale, Mapping[str, int]] = {}
    for code, number, auditor, judgement, right in found.all():
        scale = (code, number)
        if scale not in ranks:
            grades = await grades_of_scale(work, code, number)
            ranks[scale] = {grade.code: at for at, grade in enumerate(grades, start=1)}
        by_scale[scale][auditor].append(Pair(ranks[scale][judgement], ranks[scale][right]))
    return by_scale


def _all(by_auditor: ByAuditor) -> list[Pair]:
    return [pair for pairs in by_auditor.values() for pair in pairs]


def _changed(pairs: Iterable[Pair]) -> Changed:
    pairs = [*pairs]
    return Changed(
        raised=sum(pair.moderator < pair.auditor for pair in pairs),
        lowered=sum(pair.moderator > pair.auditor for pair in pairs),
        pairs=len(pairs),
    )
