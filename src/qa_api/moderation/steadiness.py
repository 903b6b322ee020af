"""How often moderation changed each auditor's judgements, against the others (R4.5.4).

An auditor sees their own figures, Quality & Standards those of all. What an auditor is told of the
others tells nothing of a colleague: it is a share in hundredths, of quarters that are over, of at
least as many auditors as the smallest cell has, and without the number of pairs.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

from sqlalchemy import ColumnElement, and_, func, select, true

from qa_api.auth.roles import Role
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.moderation import ModerationOutcome
from qa_api.moderation.agreement_schemas import IntervalOut
from qa_api.moderation.comparing import ranks_apart
from qa_api.moderation.figures import figure_out, grade_of
from qa_api.moderation.queries import outcome_visible_to
from qa_api.moderation.steadiness_schemas import ChangedOut, SteadinessQuery, SteadinessRow
from qa_api.rules.intervals import Interval
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.policy import Policy
from qa_api.rules.steadiness import Changed, Steadiness, steadiness
from qa_api.rules.unchanging import Unchanging
from qa_api.values.explanations import ExplanationOut
from qa_api.work import Work

Scale: TypeAlias = tuple[str, int, bool]
"""A scale, its number, and whether the pairs were sealed: nothing is counted across these."""
ByAuditor: TypeAlias = Mapping[str, Changed]


class Quarters(Unchanging):
    """The quarters counted: those that are over, as many as policy has it."""

    first: FinancialQuarter
    running: FinancialQuarter


async def steadiness_figures(work: Work, query: SteadinessQuery) -> list[SteadinessRow]:
    """The figures of each auditor whose the caller may see, scale by scale, in order of `row_key`.

    The caller's own are of what they may see; the others are counted whatever the caller may see.
    """
    policy = await work.policy()
    over_all = Role.QUALITY_STANDARDS in work.actor.roles
    counted = counted_quarters(work, policy)
    outcome = ModerationOutcome
    theirs = true() if over_all else outcome.auditor == work.actor.worker
    shown = await _changed(work, counted, and_(theirs, outcome_visible_to(outcome, work.me)))
    await work.act_as_service()
    everybody = await _changed(work, counted, true())
    fewest = 1 if over_all else policy.small_cell_minimum
    rows = [
        _row(auditor, scale, own, _others(auditor, everybody[scale], fewest), counted, policy)
        for scale, auditors in shown.items()
        for auditor, own in auditors.items()
        if query.auditor in {None, auditor}
    ]
    return sorted(rows, key=row_key)


def row_key(row: SteadinessRow) -> str:
    """What tells a row from the others, and orders them."""
    return f"{row.auditor} {row.scale_code} {row.scale_number:06} {row.second_grade}"


def counted_quarters(work: Work, policy: Policy) -> Quarters:
    """The quarters that are counted today: the last that are over."""
    first = running = FinancialQuarter.of(work.today)
    for _ in range(policy.steadiness_quarters):
        first = first.previous
    return Quarters(first, running)


async def _changed(
    work: Work, counted: Quarters, kept: ColumnElement[bool]
) -> Mapping[Scale, ByAuditor]:
    """How many pairs of each auditor there are, and how many of them moderation changed."""
    outcome, audit = ModerationOutcome, aliased(Audit)
    apart = ranks_apart(outcome)
    found = await work.session.execute(
        select(
            outcome.scale_code,
            outcome.scale_number,
            outcome.sealed,
            outcome.auditor,
            func.count().filter(apart < 0),
            func.count().filter(apart > 0),
            func.count(),
        )
        .join(audit, audit.id == outcome.audit_id)
        .where(
            kept,
            apart.is_not(None),
            outcome.moderated_at >= counted.first.starts_at,
            outcome.moderated_at < counted.running.starts_at,
            audit.recorded_in_error_at.is_(None),
        )
        .group_by(outcome.scale_code, outcome.scale_number, outcome.sealed, outcome.auditor)
    )
    by_scale: dict[Scale, dict[str, Changed]] = defaultdict(dict)
    for code, number, sealed, auditor, raised, lowered, pairs in found:
        by_scale[code, number, sealed][auditor] = Changed(raised, lowered, pairs)
    return by_scale


def _others(auditor: str, by_auditor: ByAuditor, fewest: int) -> Changed:
    """The pairs of all others; none where so few others have any that they would be recognised."""
    others = [changed for code, changed in by_auditor.items() if code != auditor]
    if len(others) < fewest:
        return Changed(0, 0, 0)
    return Changed(
        sum(one.raised for one in others),
        sum(one.lowered for one in others),
        sum(one.pairs for one in others),
    )


def _row(
    auditor: str, scale: Scale, own: Changed, others: Changed, counted: Quarters, policy: Policy
) -> SteadinessRow:
    code, number, sealed = scale
    found = steadiness(own, others, policy)
    return SteadinessRow(
        auditor=auditor,
        scale_code=code,
        scale_number=number,
        second_grade=grade_of(sealed),
        starts_on=counted.first.starts_on,
        ends_before=counted.running.starts_on,
        pairs=own.pairs,
        raised=changed_out(found.raised, own.pairs, "Moderation judged better.", policy),
        lowered=changed_out(found.lowered, own.pairs, "Moderation judged worse.", policy),
        explanation=ExplanationOut.of(found.explanation),
    )


def changed_out(found: Steadiness, pairs: int, meaning: str, policy: Policy) -> ChangedOut:
    """One direction as it goes out: of the others in hundredths alone."""
    return ChangedOut(
        own=figure_out(found.own, pairs, meaning, policy),
        others=None if found.others is None else round(found.others, 2),
        difference=_in_hundredths(found.difference),
        verdict=found.verdict,
        sentence=found.sentence,
    )


def _in_hundredths(found: Interval | None) -> IntervalOut | None:
    return (
        None if found is None else IntervalOut(low=round(found.low, 2), high=round(found.high, 2))
    )
