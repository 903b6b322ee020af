"""Caseloads that nothing was drawn from go by themselves after some days (R4.4.4, X4).

They are no record: they say who was open on a day, and the case system can say it again. One from
which children were drawn stays, so that the draw can be repeated, and so does one that a presented
report tells of; its rows go child by child, with the child's record. The one nearest to the end of
a quarter stays until the next quarter is over: meanwhile its report is presented. A hold over
children's records, or over all there is, keeps the others as well.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, exists, func, select

from qa_api import events
from qa_api.caseloads.forgetting import forget_caseload
from qa_api.caseloads.telling import forget_told, told_nearest
from qa_api.models.board import BoardCaseload
from qa_api.models.caseloads import Caseload, CaseloadLine, CaseloadUpload
from qa_api.models.planning import PlanCaseList
from qa_api.retention.candidates import class_is_held
from qa_api.rules.caseloads import kept_until
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.retention import RecordClass
from qa_api.work import Work

AT_ONCE: Final = 10
"""Caseloads that go in one transaction."""
UPLOADS_KEPT: Final = timedelta(days=2)
"""How long what was read in may wait for the rest of its file."""


async def forget_old_caseloads(work: Work) -> int:
    """Forget caseloads whose days are over, and what of a file nobody went on with; how many."""
    await _forget_uploads(work)
    if await class_is_held(work, RecordClass.CHILD_RECORD):
        return 0
    policy = await work.policy()
    drawn = exists().where(PlanCaseList.caseload_id == Caseload.id)
    reported = exists().where(BoardCaseload.caseload_id == Caseload.id)
    to_report = await told_nearest(work, FinancialQuarter.of(work.today).previous.ends_on)
    spared = [to_report.taken_on] if to_report else []
    found = await work.session.scalars(
        select(Caseload)
        .where(~drawn, ~reported, Caseload.taken_on.not_in(spared))
        .order_by(Caseload.taken_on)
        .limit(AT_ONCE)
    )
    gone = [one for one in found.all() if kept_until(one.taken_on, policy) < work.today]
    for caseload in gone:
        system, day, id_ = caseload.system, caseload.taken_on, caseload.id
        await forget_caseload(work, caseload)
        await forget_told(work, day)
        await work.record(events.CaseloadForgotten(about=id_, system=system, taken_on=day))
    return len(gone)


async def _forget_uploads(work: Work) -> None:
    # A worker ahead of its time forgets nothing early.
    past = func.least(work.now, func.now()) - UPLOADS_KEPT
    old = select(CaseloadUpload.id).where(CaseloadUpload.begun_at < past)
    await work.session.execute(delete(CaseloadLine).where(CaseloadLine.upload_id.in_(old)))
    await work.session.execute(delete(CaseloadUpload).where(CaseloadUpload.begun_at < past))
