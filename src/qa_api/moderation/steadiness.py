"""How often moderation changed each auditor's judgements, against the others (R4.5.4).

An auditor sees their own figures, Quality & Standards those of all. What an auditor is told of the
others tells nothing of a colleague: it is in words alone, of quarters that are over, of at least as
many auditors as the smallest cell has, and what is so for each of as many counts of the others as
well. Their share would be their count, beside the number of pairs in the Board's reports (R4.7.3).

An audit counts once: by its overall judgement, or where it has none by its domains, each of which
its moderator had to judge. A domain moderated beside an overall judgement is not counted: its
moderator chose it, and may have chosen what they would change.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, null, select, true, type_coerce

from qa_api.auth.roles import Role
from qa_api.catalogue.service import titles_of_domains
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.moderation import ModeratedDomain, ModerationOutcome
from qa_api.moderation.agreement_schemas import IntervalOut
from qa_api.moderation.comparing import ranks_apart
from qa_api.moderation.figures import figure_out, grade_of
from qa_api.moderation.queries import outcome_visible_to
from qa_api.moderation.steadiness_schemas import (
    ChangedOut,
    SteadinessOfOut,
    SteadinessQuery,
    SteadinessRow,
)
from qa_api.rules.against_others import Against, ComparedPair, Judged, against_others
from qa_api.rules.intervals import Interval
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.policy import Policy
from qa_api.rules.shares import hundredths
from qa_api.rules.steadiness import Steadiness, SteadinessOf, steadiness
from qa_api.rules.unchanging import Unchanging
from qa_api.values.explanations import ExplanationOut
from qa_api.work import Work

BySeal: TypeAlias = Mapping[bool, Judged]
"""Whether the pairs were sealed: nothing is counted across these."""


class Quarters(Unchanging):
    """The quarters counted: those that are over, as many as policy has it."""

    first: FinancialQuarter
    running: FinancialQuarter


async def steadiness_figures(work: Work, query: SteadinessQuery) -> list[SteadinessRow]:
    """The figures of each auditor whose the caller may see, in order of `row_key`.

    The caller's own are of what they may see; the others are counted whatever the caller may see.
    """
    policy = await work.policy()
    over_all = Role.QUALITY_STANDARDS in work.actor.roles
    counted = counted_quarters(work, policy)
    outcome = ModerationOutcome
    theirs = true() if over_all else outcome.auditor == work.actor.worker
    shown = await _compared(work, counted, and_(theirs, outcome_visible_to(outcome, work.me)))
    await work.act_as_service()
    everybody = await _compared(work, counted, true())
    fewest = 1 if over_all else policy.small_cell_minimum
    titles = await titles_of_domains(
        work, {on.domain for judged in shown.values() for on in judged}
    )
    rows = [
        _row(against, sealed, titles, counted, policy, fewest)
        for sealed, judged in shown.items()
        for against in against_others(judged, everybody[sealed], fewest)
        if query.auditor in {None, against.auditor}
    ]
    return sorted(rows, key=row_key)


def row_key(row: SteadinessRow) -> str:
    """What tells a row from the others, and orders them."""
    return f"{row.auditor} {row.scale_code} {row.scale_number:06} {row.second_grade} {of_key(row)}"


def of_key(row: SteadinessOfOut) -> str:
    """Its part of the key that says what the judgements are of: the whole first."""
    return f"{[*SteadinessOf].index(row.of)} {row.domain_key or ''}"


def counted_quarters(work: Work, policy: Policy) -> Quarters:
    """The quarters that are counted today: the last that are over."""
    first = running = FinancialQuarter.of(work.today)
    for _ in range(policy.steadiness_quarters):
        first = first.previous
    return Quarters(first, running)


async def _compared(work: Work, counted: Quarters, kept: ColumnElement[bool]) -> BySeal:
    """Every moderated judgement of the quarters, beside the auditor's."""
    found: dict[bool, dict[JudgedOn, dict[str, list[ComparedPair]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for judged in (ModerationOutcome, ModeratedDomain):
        for row in await work.session.execute(_compared_in(judged, counted, kept)):
            on = JudgedOn(row.scale_code, row.scale_number, row.domain)
            found[row.sealed][on][row.auditor].append(ComparedPair(row.audit_id, row.apart))
    return found


def _compared_in(
    judged: type[ModerationOutcome | ModeratedDomain], counted: Quarters, kept: ColumnElement[bool]
) -> Select[str, int, str | None, bool, str, UUID, int]:
    outcome, audit = ModerationOutcome, aliased(Audit)
    of_domain = judged is ModeratedDomain
    domain = type_coerce(ModeratedDomain.domain_key, Text) if of_domain else cast(null(), Text)
    apart = ranks_apart(judged)
    found = (
        select(
            judged.scale_code,
            judged.scale_number,
            domain.label("domain"),
            outcome.sealed,
            outcome.auditor,
            outcome.audit_id,
            apart.label("apart"),
        )
        .select_from(outcome)
        .join(audit, audit.id == outcome.audit_id)
        .where(
            kept,
            apart.is_not(None),
            outcome.moderated_at >= counted.first.starts_at,
            outcome.moderated_at < counted.running.starts_at,
            audit.recorded_in_error_at.is_(None),
        )
    )
    if of_domain:
        # Without an overall judgement: then each domain had to be moderated.
        found = found.join(ModeratedDomain, ModeratedDomain.outcome_id == outcome.id).where(
            outcome.moderated_judgement.is_(None)
        )
    return found


def _row(
    against: Against,
    sealed: bool,
    titles: Mapping[str, str],
    counted: Quarters,
    policy: Policy,
    fewest: int,
) -> SteadinessRow:
    own = against.own
    found = steadiness(own, against.others, policy, fewest=fewest)
    return SteadinessRow(
        **of_out(against, titles),
        second_grade=grade_of(sealed),
        starts_on=counted.first.starts_on,
        ends_before=counted.running.starts_on,
        raised=changed_out(found.raised, own.pairs, "Moderation judged better.", policy),
        lowered=changed_out(found.lowered, own.pairs, "Moderation judged worse.", policy),
        explanation=ExplanationOut.of(found.explanation),
    )


def of_out(against: Against, titles: Mapping[str, str]) -> Mapping[str, Any]:
    """Whose judgements of what they are, and how many: the fields of `SteadinessOfOut`."""
    on, own = against.on, against.own
    return {
        "auditor": against.auditor,
        "scale_code": on.scale,
        "scale_number": on.number,
        "of": against.of,
        "domain_key": on.domain,
        "domain": None if on.domain is None else titles.get(on.domain, on.domain),
        "pairs": own.pairs,
        "audits": own.audits,
    }


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
    """The bounds rounded outwards, as the sentence has them."""
    if found is None:
        return None
    low, high = hundredths(found.low, found.high)
    return IntervalOut(low=low / 100, high=high / 100)
