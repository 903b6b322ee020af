"""The children of a caseload that a plan may draw from (R4.4.3, R4.4.4)."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select

from qa_api.caseloads.queries import children_visible_to
from qa_api.caseloads.taking import caseload_of
from qa_api.models.caseloads import CaseloadChild
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work


class TeamFrame(Unchanging):
    """The children of one team in a caseload whom the caller may see, by reference."""

    caseload_id: UUID
    digests: Mapping[str, str]
    """The digest of each child's row, by reference, in a lasting order."""


async def team_frame(work: Work, day: date, system: str, team: str) -> TeamFrame | None:
    """A team's children in a caseload; None where there is no caseload of that day.

    Whom the caller may not see is not among them: they would not even know that there is one.
    """
    caseload = await caseload_of(work, system, day)
    if caseload is None:
        return None
    rows = await work.session.execute(
        select(CaseloadChild.ref, CaseloadChild.digest)
        .where(
            CaseloadChild.caseload_id == caseload.id,
            CaseloadChild.team == team,
            children_visible_to(CaseloadChild, work.me),
        )
        .order_by(CaseloadChild.digest)
    )
    return TeamFrame(caseload.id, {str(row.ref): row.digest for row in rows})
