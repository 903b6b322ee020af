"""What is asked of the database while something is done: by the session and by the driver."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from qa_api.work import Work
from tests.responses.casework import Service


class _Counted(Exception):
    """Ends the work, so that nothing is kept."""


def statements(service: Service, act: Callable[[Work], Awaitable[object]]) -> list[str]:
    """Each is a round trip; to begin and to commit are not among them. Nothing of it is kept.

    What is to be sent takes its place in the queues, as before a commit.
    """
    return statements_of(service.work, act)


def statements_of(
    work: Callable[[Callable[[Work], Awaitable[None]]], object],
    act: Callable[[Work], Awaitable[object]],
) -> list[str]:
    """The same of a piece of work that somebody else opens: a person, with their rights."""
    asked: list[str] = []

    async def counted(work: Work) -> None:
        with _noted(work, asked):
            await act(work)
            await work.queue_deliveries()
        raise _Counted

    with pytest.raises(_Counted):
        work(counted)
    return asked


@contextmanager
def _noted(work: Work, asked: list[str]) -> Iterator[None]:
    # The driver tells of no statement that was prepared before, as those of the session are.
    session: Any = work.session
    engine = session.bind.engine.sync_engine

    def note(_: Any, __: Any, statement: str, *others: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with work.driver.query_logger(lambda query: asked.append(query.query)):
            yield
    finally:
        event.remove(engine, "before_cursor_execute", note)
