"""The figures of a quarter, over the rows that the actor may see (R4.7.3)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from qa_api.auth.roles import Permission
from qa_api.board.after_moderation import after_moderation
from qa_api.board.agreement import agreed_on, agreement_of
from qa_api.board.doubts import beyond_chance, doubts_of
from qa_api.board.figure_schemas import (
    AfterModerationOut,
    MetricsOut,
    ObservationsOut,
    ScaleJudgementsOut,
)
from qa_api.board.judgements import judgements_of, themes_of
from qa_api.board.linked_figures import measured
from qa_api.board.list_counts import Tally
from qa_api.board.lots_drawn import lots_drawn
from qa_api.calendars.policies import policy_version_on
from qa_api.observations.compliance import compliance
from qa_api.observations.compliance_schemas import ComplianceQuery, Level
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Scope, counted_under, figures_of
from qa_api.values.explanations import ExplanationOut
from qa_api.work import Work

EVERYTHING: Final = Scope()
_NOBODY: Final = UUID(int=0)
"""No principal, and so without any grant."""
_WORKERS: Final = "workers in service and in a team on the day"
_BY_COUNT: Final = "those of them with no, one, or two and more observations in the period"


def as_kept(work: Work) -> Work:
    """The same work with the actor's reach, without their leave to see restricted records (X3).

    What is kept is read by others: their figures count nothing that only the actor may list.
    """
    return replace(work, actor=replace(work.actor, principal_id=_NOBODY))


async def metrics_of(
    work: Work, quarter: FinancialQuarter, scope: Scope, counted: Tally | None = None
) -> MetricsOut:
    """Every figure that the actor may know, as at now, or from what was counted before.

    Each counts rows that the actor may list one by one, so nothing small is withheld here: that
    is done where figures are published to others (`publishing`).
    """
    tally = counted or await Tally.of(work, [quarter], scope)
    agreed = await agreed_on(work, quarter, scope)
    policy = await work.policy()
    figures = measured(work.actor, tally, quarter, figures_of(scope), policy)
    judgements = await judgements_of(work, tally, quarter, agreed or ())
    themes = await themes_of(work, tally, quarter)
    agreement = None if agreed is None else agreement_of(agreed, quarter, scope)
    return MetricsOut(
        quarter=quarter.label,
        starts_on=quarter.starts_on,
        ends_before=quarter.next.starts_on,
        as_at=work.now,
        policy_version=work.policy_version,
        explanation=await explained(work, quarter),
        team=scope.team,
        service=scope.service,
        type=scope.type,
        figures=figures,
        judgements=judgements,
        joined=None,
        stands=None,
        themes=themes,
        agreement=agreement,
        doubts=doubts_of(figures, judgements, themes, agreement or (), policy),
        beyond_chance=None if agreed is None else beyond_chance(agreed),
        after_moderation=await _of_all_completed(work, quarter, scope, judgements),
        observations=await _observations(work, quarter, scope),
    )


async def _of_all_completed(
    work: Work, quarter: FinancialQuarter, scope: Scope, judgements: Sequence[ScaleJudgementsOut]
) -> list[AfterModerationOut] | None:
    """What the moderated audits say of all; of a team's nothing, nor where none was moderated."""
    moderated = [scale for scale in judgements if scale.moderated_pairs]
    if scope.team:
        return None
    if not moderated:
        return []
    of_domains = any(scale.domain_key is not None for scale in moderated)
    lots = await lots_drawn(work, quarter, scope, of_domains=of_domains)
    return after_moderation(moderated, lots, await work.policy())


async def explained(work: Work, quarter: FinancialQuarter) -> ExplanationOut:
    """How every figure was counted, and when one is withheld; each has its own clause (X2)."""
    explanation = counted_under(quarter, await work.policy(), work.now)
    return ExplanationOut.of(explanation)


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
