"""What waits for somebody as one of several who can do it: counted, since it stays in the lists of
the others."""

from dataclasses import replace
from functools import cache
from typing import Any, Final

from sqlalchemy import func, not_, select

from qa_api.auth.actor import Actor, Me, context_of_many
from qa_api.db import Prepared
from qa_api.hand_overs.reach import within_reach
from qa_api.me.queries import waits_for
from qa_api.me.work_items import PERSON
from qa_api.me.work_list import places_for, waiting_at
from qa_api.models.access import Principal
from qa_api.reads.statements import Statements
from qa_api.work import Work


async def shared_work(work: Work, holder: str) -> list[dict[str, Any]]:
    """Of each kind how many things wait for the holder as one of several, in the caller's reach.

    Nothing of a restricted record is counted, since the count is told to others.

    Who is not let in any more has no such work.
    """
    if (of_holder := await _rights_of(work, holder)) is None:
        return []
    given = of_holder.given(work.now, work.today)
    shared = await _SHARED.beside(places_for(of_holder.roles))
    found = await work.run(shared, **work.caller, **given)
    return [{"kind": row.kind, "things": row.things} for row in found]


def _shared(places: tuple[int, ...]) -> Prepared:
    """Of the holder, who is given, and in the reach of the caller."""
    row = waiting_at(places).c
    return Prepared.of(
        select(row.kind, func.count(row.key.distinct()).label("things"))
        .where(
            waits_for(row, Me.given()),
            row.waits_for != PERSON,
            ~row.only_told,
            within_reach(row, Me.given("caller_")),
            # Others read the count too: no thing of a restricted record is in it.
            not_(row.restricted),
        )
        .group_by(row.kind)
        .order_by(row.kind)
    )


_SHARED: Final = Statements(_shared, most=64)


async def _rights_of(work: Work, holder: str) -> Actor | None:
    """Their rights of today, those of all their accounts together."""
    accounts = await work.session.scalars(select(Principal.id).where(Principal.worker == holder))
    given = {"principals": [*accounts], "now": work.now, "today": work.today}
    actors = [Actor.of(row) for row in await work.run(_rights(), **given)]
    if not actors:
        return None

    def together(name: str) -> frozenset[Any]:
        return frozenset().union(*(getattr(each, name) for each in actors))

    return replace(
        actors[0],
        roles=together("roles"),
        supervised_teams=together("supervised_teams"),
        managed_teams=together("managed_teams"),
        headed_teams=together("headed_teams"),
    )


@cache
def _rights() -> Prepared:
    return Prepared.of(context_of_many())
