"""Draws of cases come out again, and caseloads are as they were taken (§4.4)."""

from sqlalchemy import select

from qa_api.caseloads.verifying import are_as_taken
from qa_api.checking.answers import Answer, Row
from qa_api.models.audits import Audit
from qa_api.models.caseloads import Caseload, CaseloadChild
from qa_api.models.planning import PlanCaseList
from qa_api.planning.redrawing import redrawn
from qa_api.rules.caseloads import hash_of_rows
from qa_api.rules.retention import NAME_PREFIX
from qa_api.work import Workshop


async def every_draw_comes_out_again(workshop: Workshop) -> Answer:
    """Drawn again from what is kept, the same cases are chosen, and the audits they got are there.

    A posted list whose children's records went cannot be drawn again (R4.4.3); one drawn from a
    caseload can.
    """
    broken = []
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        drawn = (
            await work.session.scalars(select(PlanCaseList).where(PlanCaseList.seed.is_not(None)))
        ).all()
        audits = set(await work.session.scalars(select(Audit.id).where(Audit.plan_id.is_not(None))))
        for kept in drawn:
            given = {entry["audit_id"] for entry in kept.chosen}
            if given - {str(audit) for audit in audits} or not _comes_out_again(kept):
                broken.append(Row(PlanCaseList.__tablename__, kept.id))
    return Answer.of(len(drawn), broken)


def _comes_out_again(kept: PlanCaseList) -> bool:
    if kept.caseload_id is None and any(_is_removed(entry["ref"]) for entry in kept.population):
        return True
    again = redrawn(kept, kept.seed or "")
    return again.same_population and again.same_draw


def _is_removed(ref: str) -> bool:
    return ref.startswith(NAME_PREFIX)


async def every_caseload_is_as_it_was_taken(workshop: Workshop) -> Answer:
    """Count, hash and rows are those of the day it was taken; of whoever went the digest stays."""
    broken = []
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        taken = (await work.session.scalars(select(Caseload))).all()
        for caseload in taken:
            of_it = select(CaseloadChild).where(CaseloadChild.caseload_id == caseload.id)
            rows = (await work.session.scalars(of_it)).all()
            same_count = (len(rows), sum(row.ref is None for row in rows)) == (
                caseload.children,
                caseload.removed,
            )
            same_hash = hash_of_rows(row.digest for row in rows) == caseload.rows_hash
            if not (same_count and same_hash and are_as_taken(rows)):
                broken.append(Row(Caseload.__tablename__, caseload.id))
            for row in rows:
                work.session.expunge(row)
    return Answer.of(len(taken), broken)
