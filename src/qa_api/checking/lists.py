"""Nothing that is open is in nobody's list, whoever left, moved or is away."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from qa_api.auth.actor import Me
from qa_api.auth.roles import Permission
from qa_api.checking.answers import Answer, Row
from qa_api.checking.open_work import OPEN
from qa_api.db import Prepared
from qa_api.me.queries import waits_for
from qa_api.me.work_list import waiting_work
from qa_api.models.access import Principal
from qa_api.problems import Problem
from qa_api.work import Workshop


async def nothing_open_is_in_nobodys_list(workshop: Workshop) -> Answer:
    """Everything open is in the list of somebody who may act, whichever list it stands in."""
    before = await open_rows(workshop)
    listed = await _listed(workshop, await _accounts(workshop))
    # What was settled meanwhile, or begun since, is not asked about.
    asked = before & await open_rows(workshop)
    return Answer.of(len(asked), (row for row in asked if row.id not in listed))


async def open_rows(workshop: Workshop) -> set[Row]:
    """What is open, by what the work list is about."""
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        return {
            Row(each.table.__tablename__, id_)
            for several in OPEN.values()
            for each in several
            for id_ in await work.session.scalars(select(each.about).where(each.is_open))
        }


async def _accounts(workshop: Workshop) -> list[tuple[str, str]]:
    async with workshop.open_as_service("check") as work:
        people = select(Principal.issuer, Principal.subject).where(Principal.worker.is_not(None))
        return [(issuer, subject) for issuer, subject in await work.session.execute(people)]


async def _listed(workshop: Workshop, accounts: Iterable[tuple[str, str]]) -> set[UUID | str]:
    """What is in anybody's list, each as that person sees it."""
    row = waiting_work().__table__.c
    own = Prepared.of(select(row.about).where(waits_for(row, Me.given()), ~row.only_told))
    found: set[UUID | str] = set()
    for issuer, subject in accounts:
        try:
            async with workshop.open(
                issuer=issuer,
                subject=subject,
                permission=Permission.SELF_READ,
                correlation_id="check",
            ) as work:
                values = own.arguments(work.actor.given(work.now, work.today))
                found.update(each[0] for each in await work.driver.fetch(own.sql, *values))
        except Problem:
            continue  # somebody who is let in no more has no list
    return found
