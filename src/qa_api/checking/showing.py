"""Nothing restricted shows to who has no leave to see it, whatever else they may see (X3)."""

from collections import defaultdict
from functools import cache
from uuid import UUID

from sqlalchemy import select

from qa_api.checking.accounts import as_each_account
from qa_api.checking.answers import Answer, Row
from qa_api.checking.restriction import ABOUT_SUBJECTS
from qa_api.models.access import RestrictionGrant
from qa_api.work import Work, Workshop


async def nothing_restricted_shows(workshop: Workshop) -> Answer:
    """Asked as each account, the database shows restricted rows of those alone that it may see."""
    leave: dict[UUID, set[UUID]] = defaultdict(set)
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        given = select(RestrictionGrant.principal_id, RestrictionGrant.subject_id)
        in_force = given.where(RestrictionGrant.expires_at > work.now)
        for principal_id, subject_id in await work.session.execute(in_force):
            leave[principal_id].add(subject_id)
    broken: list[Row] = []

    async def look(work: Work) -> None:
        shown = await work.driver.fetch(_restricted_rows())
        seen = leave[work.actor.principal_id]
        broken.extend(
            Row(row["table"], row["id"]) for row in shown if row["subject_id"] not in seen
        )

    return Answer.of(await as_each_account(workshop, look), broken)


@cache
def _restricted_rows() -> str:
    return " UNION ALL ".join(
        f"SELECT '{name}' AS table, id, subject_id FROM {name} WHERE restricted"  # noqa: S608 - names of our tables
        for name in (table.__tablename__ for table in ABOUT_SUBJECTS)
    )
