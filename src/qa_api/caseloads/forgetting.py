"""Dropping a caseload with all its rows (§4.4)."""

from sqlalchemy import delete, exists, select

from qa_api.models.board import BoardCaseload
from qa_api.models.caseloads import Caseload, CaseloadChild
from qa_api.models.planning import PlanCaseList
from qa_api.rules.decision import AlreadySo
from qa_api.work import Work


async def forget_caseload(work: Work, caseload: Caseload) -> None:
    """Drop a caseload that nothing was drawn from and no report tells of; such a one stands."""
    drawn = select(exists().where(PlanCaseList.caseload_id == caseload.id))
    if await work.session.scalar(drawn):
        raise AlreadySo("drawn_caseload")
    reported = select(exists().where(BoardCaseload.caseload_id == caseload.id))
    if await work.session.scalar(reported):
        raise AlreadySo("reported_caseload")
    rows = delete(CaseloadChild).where(CaseloadChild.caseload_id == caseload.id)
    await work.session.execute(rows)
    await work.session.execute(delete(Caseload).where(Caseload.id == caseload.id))
    work.session.expunge(caseload)
