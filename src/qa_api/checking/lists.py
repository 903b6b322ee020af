"""Nothing that is open is in nobody's list, whoever left, moved or is away."""

from functools import cache
from uuid import UUID

from sqlalchemy import select

from qa_api.auth.actor import Me
from qa_api.checking.accounts import as_each_account
from qa_api.checking.answers import Answer, Row
from qa_api.checking.open_work import OPEN
from qa_api.db import Prepared
from qa_api.me.queries import waits_for
from qa_api.me.work_list import places_for, waiting_at
from qa_api.work import Work, Workshop


async def nothing_open_is_in_nobodys_list(workshop: Workshop) -> Answer:
    """Everything open is in the list of somebody who may act, whichever list it stands in."""
    before = await open_rows(workshop)
    listed = await _listed(workshop)
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


async def _listed(workshop: Workshop) -> set[UUID | str]:
    """What is in anybody's list, each as that person sees it."""
    found: set[UUID | str] = set()

    async def look(work: Work) -> None:
        own = _own_list(places_for(work.actor.roles))
        values = own.arguments(work.actor.given(work.now, work.today))
        found.update(each[0] for each in await work.driver.fetch(own.sql, *values))

    await as_each_account(workshop, look)
    return found


@cache
def _own_list(places: tuple[int, ...]) -> Prepared:
    """What waits for the person who asks: a long statement, written once for those alike."""
    row = waiting_at(places).c
    return Prepared.of(select(row.about).where(waits_for(row, Me.given()), ~row.only_told))
