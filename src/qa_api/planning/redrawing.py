"""Repeating the draw of a list of cases from what is kept, to check it (R4.4.3, R4.4.4)."""

from uuid import UUID

from sqlalchemy import select

from qa_api.models.planning import PlanCaseList
from qa_api.planning.case_schemas import CaseRedrawOut
from qa_api.planning.queries import cases_visible_to
from qa_api.problems import business_rule
from qa_api.rules.allocation import CLAUSE, Case, CaseExclusion, draw_cases
from qa_api.work import Work


async def redraw_cases(work: Work, plan_id: UUID, list_id: UUID) -> CaseRedrawOut:
    """Draw again from the population of a list, and say whether it comes out the same.

    Of a caseload the lot is of digests, which stay when a child's record goes; a posted list loses
    the reference of such a child, and comes out otherwise from then on.
    """
    kept = await work.find(
        select(PlanCaseList).where(
            PlanCaseList.id == list_id,
            PlanCaseList.plan_id == plan_id,
            cases_visible_to(PlanCaseList, work.me),
        )
    )
    if kept.seed is None:
        detail = "The cases of this list were named, not drawn."
        raise business_rule(CLAUSE, detail, code="not-drawn")
    return redrawn(kept, kept.seed)


def redrawn(kept: PlanCaseList, seed: str) -> CaseRedrawOut:
    """The draw made again from what is kept of it."""
    population = [
        Case(
            entry["ref"],
            CaseExclusion(entry["excluded"]) if entry["excluded"] else None,
            entry.get("digest"),
        )
        for entry in kept.population
    ]
    again = draw_cases(population, len(kept.chosen), seed=seed, policy_version=kept.policy_version)
    return CaseRedrawOut(
        list_id=kept.id,
        method=again.method,
        same_population=again.population_hash == kept.population_hash,
        same_draw=list(again.drawn) == [entry["ref"] for entry in kept.chosen],
    )
