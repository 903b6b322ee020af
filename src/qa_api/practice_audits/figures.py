"""How far practice audits agree with the standards, and how steady each auditor is (R4.5.4).

The figures are those of moderation, with the standard in the moderator's place: `lowered` counts
judgements that were better than the standard, `raised` those that were worse.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
)

from qa_api.auth.duty import holds
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.catalogue.service import grades_of_scale, titles_of_domains
from qa_api.models.practice_audits import (
    PracticeAudit,
    PracticeAuditDomain,
    PracticeCase,
    PracticeStandard,
    PracticeStandardDomain,
)
from qa_api.moderation.agreement_schemas import FigureOut, KappaOut
from qa_api.moderation.figures import coefficient_out, figure_out
from qa_api.moderation.steadiness import Quarters, changed_out, counted_quarters, of_key, of_out
from qa_api.moderation.steadiness_schemas import SteadinessQuery
from qa_api.practice_audits.schemas import (
    PracticeAgreementOut,
    PracticeAgreementQuery,
    PracticeScaleOut,
    PracticeSteadinessRow,
)
from qa_api.rules.against_others import Against, ComparedPair, against_others
from qa_api.rules.agreement import Pair, agreement
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.policy import Policy
from qa_api.rules.shares import share_of_audits
from qa_api.rules.steadiness import steadiness
from qa_api.values.explanations import ExplanationOut
from qa_api.work import Work

DENOMINATOR: Final = "Practice audits of the case, or of all cases that were made up."
DENOMINATOR_OF_OTHERS: Final = (
    "Practice audits of the case, or of all made up, {step} at a time of each case; counts to the"
    " nearest {step}. No case that you could still judge."
)
_ALIKE: Final = "Auditor and standard gave the same judgement"
_JUDGES: Final = roles_with(Permission.PRACTICE_AUDIT_RECORD)
_EXACT: Final = "The auditor's judgement equals the standard."
_WITHIN_ONE: Final = "The two are at most one rank apart."
_RAISED: Final = "The standard is better than the auditor's judgement."
_LOWERED: Final = "The standard is worse than the auditor's judgement."


class JudgedCase(NamedTuple):
    """A judgement of a practice audit, and how it stands to the standard, by ranks."""

    audit: UUID
    pair: Pair


Judged: TypeAlias = Mapping[JudgedOn, Mapping[str, Sequence[JudgedCase]]]
"""The judgements of each auditor, by what they are of."""


async def practice_agreement(work: Work, query: PracticeAgreementQuery) -> PracticeAgreementOut:
    """The figures of all auditors together, scale by scale; they name nobody.

    Neither what one auditor gave nor a standard that somebody is still to judge by is to be read
    off them. So for everybody but Quality & Standards, who read each practice audit, the audits of
    a case count as many at a time as the smallest cell of policy has, counts are told to the
    nearest of so many, and cases that the caller could still judge are in no figure (ADR 52).
    """
    policy = await work.policy()
    over_all = Role.QUALITY_STANDARDS in work.actor.roles
    step = 1 if over_all else policy.small_cell_minimum
    await work.act_as_service()
    of_case = true() if query.case is None else PracticeAudit.case_id == query.case
    if not over_all:
        of_case = and_(of_case, not_(await _still_to_judge(work)))
    # First: what comes in meanwhile is judged, and in no figure yet.
    counted = None if over_all else await _in_whole_steps(work, of_case, step)
    every = await _judged(work, of_case)
    titles = await titles_of_domains(work, {on.domain for on in every})
    told = []
    for on in sorted(every, key=lambda each: each.place(titles)):
        points = len(await grades_of_scale(work, on.scale, on.number))
        cases = (case for of_auditor in every[on].values() for case in of_auditor)
        pairs = [case.pair for case in cases if counted is None or case.audit in counted]
        told.append(_agreed_on(on, titles, pairs, points, policy, step))
    denominator = DENOMINATOR if over_all else DENOMINATOR_OF_OTHERS.format(step=step)
    return PracticeAgreementOut(case=query.case, denominator=denominator, scales=told)


async def _still_to_judge(work: Work) -> ColumnElement[bool]:
    """Whether the caller could still judge the case, with whichever of their accounts."""
    worker = work.actor.worker
    judges = holds(literal(worker), *_JUDGES, even_away=True)
    if worker is None or not await work.session.scalar(select(judges)):
        return false()
    theirs = select(PracticeAudit.case_id).where(PracticeAudit.auditor == worker)
    still = select(PracticeCase.id).where(
        or_(PracticeCase.ends_on.is_(None), PracticeCase.ends_on >= work.today),
        PracticeCase.id.not_in(theirs),
    )
    return PracticeAudit.case_id.in_(still)


async def _in_whole_steps(work: Work, kept: ColumnElement[bool], step: int) -> frozenset[UUID]:
    """The audits that are among so many of their case, by when they were recorded.

    Each auditor judges a case once, so between two readings so many came in as one.
    """
    audit = PracticeAudit
    place = func.row_number().over(partition_by=audit.case_id, order_by=(audit.judged_at, audit.id))
    of = func.count().over(partition_by=audit.case_id)
    placed = select(audit.id, place.label("place"), of.label("of")).where(kept).subquery()
    whole = select(placed.c.id).where(placed.c.place <= placed.c.of - placed.c.of % step)
    return frozenset(await work.session.scalars(whole))


def _agreed_on(
    on: JudgedOn,
    titles: Mapping[str, str],
    pairs: list[Pair],
    points: int,
    policy: Policy,
    step: int,
) -> PracticeScaleOut:
    found = agreement(pairs, points, policy, nearest=step, alike=_ALIKE)
    exact, within_one = (found.exact, found.within_one) if pairs else (None, None)
    sentence = found.sentence if pairs else _not_known_yet(policy)
    kappa = coefficient_out(found.kappa, found.pairs, "Agreement beyond chance, by ranks apart.")
    return PracticeScaleOut(
        scale_code=on.scale,
        scale_number=on.number,
        domain_key=on.domain,
        domain=None if on.domain is None else titles.get(on.domain, on.domain),
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
    judged = _compared(
        await _judged(
            work,
            and_(
                PracticeAudit.judged_at >= counted.first.starts_at,
                PracticeAudit.judged_at < counted.running.starts_at,
            ),
        )
    )
    fewest = 1 if over_all else policy.small_cell_minimum
    titles = await titles_of_domains(work, {on.domain for on in judged})
    rows = [
        _row(against, titles, counted, policy)
        for against in against_others(judged, judged, fewest)
        if (over_all or against.auditor == work.actor.worker)
        and query.auditor in {None, against.auditor}
    ]
    return sorted(rows, key=row_key)


def row_key(row: PracticeSteadinessRow) -> str:
    """What tells a row from the others, and orders them."""
    return f"{row.auditor} {row.scale_code} {row.scale_number:06} {of_key(row)}"


def _compared(judged: Judged) -> Mapping[JudgedOn, Mapping[str, Sequence[ComparedPair]]]:
    """The same with how many ranks worse the standard is."""
    return {
        on: {
            auditor: [
                ComparedPair(case.audit, case.pair.moderator - case.pair.auditor) for case in cases
            ]
            for auditor, cases in by_auditor.items()
        }
        for on, by_auditor in judged.items()
    }


def _row(
    against: Against, titles: Mapping[str, str], counted: Quarters, policy: Policy
) -> PracticeSteadinessRow:
    own, judged = against.own, against.judged
    found = steadiness(own, against.others, policy, "the standard")

    def share(count: int, meaning: str) -> FigureOut:
        told = share_of_audits(count, own.pairs, own.audits, own.counts_as, policy)
        return figure_out(told, own.pairs, meaning, policy)

    return PracticeSteadinessRow(
        **of_out(against, titles),
        starts_on=counted.first.starts_on,
        ends_before=counted.running.starts_on,
        exact=share(sum(pair.apart == 0 for pair in judged), _EXACT),
        within_one=share(sum(abs(pair.apart) <= 1 for pair in judged), _WITHIN_ONE),
        raised=changed_out(found.raised, own.pairs, _RAISED, policy),
        lowered=changed_out(found.lowered, own.pairs, _LOWERED, policy),
        explanation=ExplanationOut.of(found.explanation),
    )


async def _judged(work: Work, kept: ColumnElement[bool]) -> Judged:
    """Auditor's and standard's ranks, by what was judged and by auditor."""
    judged: dict[JudgedOn, dict[str, list[JudgedCase]]] = defaultdict(lambda: defaultdict(list))
    ranks: dict[tuple[str, int], Mapping[str, int]] = {}
    for statement in (_wholes(kept), _domains(kept)):
        for row in (await work.session.execute(statement)).all():
            scale = (row.scale_code, row.scale_number)
            if scale not in ranks:
                grades = await grades_of_scale(work, *scale)
                ranks[scale] = {grade.code: at for at, grade in enumerate(grades, start=1)}
            pair = Pair(ranks[scale][row.judgement], ranks[scale][row.standard])
            on = JudgedOn(*scale, row.domain)
            judged[on][row.auditor].append(JudgedCase(row.audit, pair))
    return judged


def _wholes(
    kept: ColumnElement[bool],
) -> Select[UUID, str, str, int, str, str | None, str | None]:
    audit, standard = PracticeAudit, PracticeStandard
    return (
        select(
            audit.id.label("audit"),
            audit.auditor,
            audit.scale_code,
            audit.scale_number,
            cast(null(), Text).label("domain"),
            audit.judgement,
            standard.judgement.label("standard"),
        )
        .join(standard, standard.case_id == audit.case_id)
        .where(kept, audit.overall_judged)
    )


def _domains(kept: ColumnElement[bool]) -> Select[UUID, str, str, int, str, str, str]:
    audit, judged, standard = PracticeAudit, PracticeAuditDomain, PracticeStandardDomain
    of_domain = and_(standard.case_id == judged.case_id, standard.domain_key == judged.domain_key)
    return (
        select(
            audit.id.label("audit"),
            audit.auditor,
            judged.scale_code,
            judged.scale_number,
            judged.domain_key.label("domain"),
            judged.judgement,
            standard.judgement.label("standard"),
        )
        .join(judged, judged.audit_id == audit.id)
        .join(standard, of_domain)
        .where(kept)
    )
