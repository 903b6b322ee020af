"""Taking the events of a file: those of years past many at a time, all others one by one.

What is left behind is what the same events leave that come one by one, whichever way is taken. Each
piece of work takes whole groups, so a load that is broken off is begun again and goes on.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing, contextmanager
from typing import Final

import asyncpg
from sqlalchemy import Text, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import bindparam

from qa_api.attempts import LOCKED, of_driver
from qa_api.case_events.event_file import READ, EventFile
from qa_api.case_events.groups import Group, SentEvent
from qa_api.case_events.intake import BY_THE_INDEX, receive_for
from qa_api.case_events.past_ahead import Ahead, Outcomes
from qa_api.case_events.past_known import what_is_known, what_is_there
from qa_api.case_events.past_rows import write_past
from qa_api.directory.references import TURN_OF_READERS
from qa_api.models.subjects import CaseSystem
from qa_api.work import Work

ONE_BY_ONE: Final = 100
"""Events in one piece of work that are taken one by one."""

# In this order, as whoever sends takes them.
_TURNS: Final = text(
    f"SELECT {BY_THE_INDEX}, {TURN_OF_READERS},"
    " pg_advisory_xact_lock(hashtextextended('case events of ' || :system, 0))"
).bindparams(bindparam("system", type_=Text))


async def system_of(work: Work, file: EventFile) -> str | None:
    """The code of the case system whose events these are; None where it is not registered."""
    found: str | None = await work.session.scalar(
        select(CaseSystem.code).where(CaseSystem.source == file.source)
    )
    return found


class NotTheirTurn(Exception):
    """Others take this case system's events for so long that nothing was taken here."""


@contextmanager
def _in_turn() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, asyncpg.PostgresError) as fault:
        if not isinstance(of_driver(fault), LOCKED):
            raise
        raise NotTheirTurn from None


async def take_one_by_one(work: Work, system: str, read: Sequence[SentEvent]) -> Outcomes:
    """Take these events as if they had been sent; what they did. Raises `NotTheirTurn`."""
    await work.act_as_service()
    with _in_turn():
        receipts = await receive_for(
            work,
            system,
            [READ.validate_python(each.sent) for each in read],
            [each.sent for each in read],
        )
    return Counter(each.outcome.value for each in receipts)


async def take_past(
    work: Work,
    system: str,
    file: EventFile,
    groups: Sequence[Group],
    ahead: Ahead,
    names: AbstractSet[str],
) -> tuple[Outcomes, list[Group]]:
    """Take the groups that are of years past; what they did, and the groups that are not taken.

    They are the next piece of what is worked out ahead, which has told its `names`. Raises
    `NotTheirTurn`, and may be asked again then; `TakenMeanwhile` where somebody else tells of the
    same people at this moment.
    """
    await work.act_as_service()
    with _in_turn():
        await work.session.execute(_TURNS, {"system": system})
    events = [file.events[place] for group in groups for place in group]
    there = await what_is_there(work, system, events)
    known = await what_is_known(work, system, names)
    done, others = Outcomes(), list[Group]()
    writing: asyncio.Task[None] | None = None
    async with aclosing(ahead.parts(there, known)) as parts:
        try:
            async for part in parts:
                # The next part is worked out while the one before is being written.
                if writing is not None:
                    await writing
                writing = asyncio.create_task(write_past(work, system, part.rows))
                done += part.done
                others += part.others
        finally:
            if writing is not None:
                await writing
    return done, others
