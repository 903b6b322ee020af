"""Doing something over again to see whether it changes anything, and undoing it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import cache

from qa_api.checking.answers import Row
from qa_api.models import Base
from qa_api.work import Work, Workshop


class _Undone(Exception):
    """Ends the work, so that nothing of it is kept."""


async def changed_by(workshop: Workshop, act: Callable[[Work], Awaitable[object]]) -> Sequence[Row]:
    """The rows that the act would write today. It locks them until it is undone."""
    changed: list[Row] = []
    with suppress(_Undone):
        async with workshop.open_as_service("check") as work:
            await work.act_as_service()
            await act(work)
            await work.flush()
            changed += [Row(*row) for row in await work.driver.fetch(_written())]
            raise _Undone
    return changed


@cache
def _written() -> str:
    """What this transaction has written of all tables that are stamped with who wrote them."""
    stamped = sorted(
        table.name
        for table in Base.metadata.tables.values()
        if {"changed_xid", "id"} <= set(table.columns.keys())
    )
    return " UNION ALL ".join(
        f"SELECT '{table}', id::text FROM {table} WHERE changed_xid = pg_current_xact_id()"  # noqa: S608 - names of our tables
        for table in stamped
    )
