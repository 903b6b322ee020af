"""Taking the events of a file: those of years past many at a time, all others one by one.

What is left behind is what the same events leave that come one by one, whichever way is taken. Each
piece of work takes whole groups, so a load that is broken off is begun again and goes on.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Text, select, text
from sqlalchemy.sql import bindparam

from qa_api.case_events.event_file import READ, EventFile
from qa_api.case_events.groups import Group, SentEvent
from qa_api.case_events.intake import receive_for
from qa_api.case_events.past import Known, Left
from qa_api.case_events.past_known import There, what_is_known, what_is_there, worked_out
from qa_api.case_events.past_rows import write_past
from qa_api.closure_gates.episodes import Outcome
from qa_api.directory.references import TURN_OF_READERS
from qa_api.models.subjects import CaseSystem
from qa_api.work import Work

ONE_BY_ONE: Final = 100
"""Events in one piece of work that are taken one by one."""
REPEATED: Final = Outcome.DUPLICATE

Outcomes = Counter[str]

# In this order, as whoever sends takes them.
_TURNS: Final = text(
    f"SELECT {TURN_OF_READERS},"
    " pg_advisory_xact_lock(hashtextextended('case events of ' || :system, 0))"
).bindparams(bindparam("system", type_=Text))


async def system_of(work: Work, file: EventFile) -> str | None:
    """The code of the case system whose events these are; None where it is not registered."""
    found: str | None = await work.session.scalar(
        select(CaseSystem.code).where(CaseSystem.source == file.source)
    )
    return found


async def take_one_by_one(work: Work, system: str, read: Sequence[SentEvent]) -> Outcomes:
    """Take these events as if they had been sent; what they did."""
    await work.act_as_service()
    receipts = await receive_for(
        work,
        system,
        [READ.validate_python(each.sent) for each in read],
        [each.sent for each in read],
    )
    return Counter(each.outcome.value for each in receipts)


async def take_past(
    work: Work, system: str, file: EventFile, groups: Sequence[Group]
) -> tuple[Outcomes, list[Group]]:
    """Take the groups that are of years past; what they did, and the groups that are not taken.

    Raises `TakenMeanwhile` where somebody else tells of the same people at this moment.
    """
    await work.act_as_service()
    await work.session.execute(_TURNS, {"system": system})
    read = [file.read(group) for group in groups]
    every = [event for group in read for event in group]
    there = await what_is_there(work, system, every)
    known = await what_is_known(work, system, every)
    done: Outcomes = Counter()
    others: list[Group] = []
    writing: asyncio.Task[None] | None = None
    try:
        for first in range(0, len(groups), _PART):
            part = slice(first, first + _PART)
            # The next part is worked out while the one before is being written.
            left, repeated, rest = await asyncio.to_thread(
                _work_out_each, groups[part], read[part], there, known
            )
            if writing is not None:
                await writing
            writing = asyncio.create_task(write_past(work, system, left))
            done += _outcomes(left, repeated)
            others += rest
    finally:
        if writing is not None:
            await writing
    return done, others


_PART: Final = 150
"""Groups that are written together."""


def _work_out_each(
    groups: Sequence[Group], read: Sequence[Sequence[SentEvent]], there: There, known: Known
) -> tuple[Left, int, list[Group]]:
    """What the groups of years past leave behind, how many events were there, and the others."""
    left, others, repeated = Left(), [], 0
    for group, members in zip(groups, read, strict=True):
        if there.all_kept(members):
            repeated += len(members)
        elif (one := worked_out(members, there, known)) is None:
            others.append(group)
        else:
            left.add(one)
    return left, repeated, others


def _outcomes(left: Left, repeated: int) -> Outcomes:
    counted = Counter(each.outcome.value for each in left.taken)
    counted[REPEATED.value] += repeated + left.repeated
    return +counted
