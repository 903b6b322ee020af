"""Taking the events of a file: those of years past many at a time, all others one by one.

What is left behind is what the same events leave that come one by one, whichever way is taken. Each
piece of work takes whole groups, so a load that is broken off is begun again and goes on.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Text, any_, exists, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import bindparam

from qa_api.case_events.event_file import EventFile, FromFile, Group
from qa_api.case_events.intake import fingerprint_of, receive_for
from qa_api.case_events.past import Known, Left, NotPlain, Policies, is_plain, names_in, work_out
from qa_api.case_events.past_rows import write_past
from qa_api.closure_gates.episodes import Outcome
from qa_api.directory.references import TURN_OF_READERS, claims_of
from qa_api.models.base import new_ids
from qa_api.models.closures import CaseEvent
from qa_api.models.policy import PolicyVersion
from qa_api.models.subjects import CaseSystem, SubjectAlias
from qa_api.rules.merging import WAITS_FOR_MORE
from qa_api.rules.policy_keys import policy_from_values
from qa_api.rules.references import fold
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


async def take_one_by_one(work: Work, system: str, read: Sequence[FromFile]) -> Outcomes:
    """Take these events as if they had been sent; what they did."""
    await work.act_as_service()
    receipts = await receive_for(
        work, system, [each.message for each in read], [each.sent for each in read]
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
    there = await _there(work, system, [event for group in read for event in group])
    known = await _known(work, system, [event for group in read for event in group])
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
    groups: Sequence[Group], read: Sequence[Sequence[FromFile]], there: "_There", known: Known
) -> tuple[Left, int, list[Group]]:
    """What the groups of years past leave behind, how many events were there, and the others."""
    left, others, repeated = Left(), [], 0
    for group, members in zip(groups, read, strict=True):
        if there.all_kept(members):
            repeated += len(members)
            continue
        one = None if there.touches(members) else _worked_out(members, known)
        if one is None:
            others.append(group)
        else:
            left.add(one)
    return left, repeated, others


def _worked_out(members: Sequence[FromFile], known: Known) -> Left | None:
    if not all(is_plain(event.noted, known.in_use_from, known.now) for event in members):
        return None
    try:
        return work_out(members, known)
    except NotPlain:
        return None


def _outcomes(left: Left, repeated: int) -> Outcomes:
    ranks = list(Outcome)
    gravest = {event_id: Outcome.IGNORED for event_id, _, _ in left.kept}
    for event_id, _, _, settled, _ in left.outcomes:
        one = gravest[event_id]
        if one is Outcome.IGNORED or ranks.index(settled.outcome) < ranks.index(one):
            gravest[event_id] = settled.outcome
    counted = Counter(each.value for each in gravest.values())
    counted[REPEATED.value] += repeated + left.repeated
    return +counted


class _There:
    """What the database has of these events and people already."""

    def __init__(self, refs: Iterable[str], kept: Iterable[tuple[str, str]], waits: bool) -> None:
        self._refs = frozenset(refs)
        self._kept = dict(kept)
        self._waits = waits

    def all_kept(self, members: Sequence[FromFile]) -> bool:
        """Whether each of them came before, and said the same."""
        kept = self._kept
        return all(
            each.noted.id in kept and kept[each.noted.id] == fingerprint_of(each.sent)
            for each in members
        )

    def touches(self, members: Sequence[FromFile]) -> bool:
        """Whether they concern what is there: somebody known, an event that came, a merge."""
        refs = {ref for each in members for ref in each.noted.refs}
        # A merge that waits may wait for one of them.
        return bool(
            (refs and self._waits)
            or refs & self._refs
            or any(each.noted.id in self._kept for each in members)
        )


async def _there(work: Work, system: str, events: Sequence[FromFile]) -> _There:
    refs = sorted({ref for each in events for ref in each.noted.refs})
    ids = sorted({each.noted.id for each in events})
    named = await work.session.scalars(
        select(SubjectAlias.ref).where(
            SubjectAlias.system == system, SubjectAlias.ref == any_(literal(refs, ARRAY(Text)))
        )
    )
    kept = await work.session.execute(
        select(CaseEvent.event_id, CaseEvent.fingerprint).where(
            CaseEvent.system == system, CaseEvent.event_id == any_(literal(ids, ARRAY(Text)))
        )
    )
    waits = await work.session.scalar(
        select(
            exists().where(
                CaseEvent.parked,
                CaseEvent.system == system,
                CaseEvent.parked_reason.in_(WAITS_FOR_MORE),
            )
        )
    )
    return _There(named.all(), [(row.event_id, row.fingerprint) for row in kept], bool(waits))


async def _known(work: Work, system: str, events: Sequence[FromFile]) -> Known:
    today = await work.policy()
    versions = await work.session.execute(
        select(PolicyVersion.version, PolicyVersion.effective_from, PolicyVersion.values)
    )
    policies = Policies(today, [policy_from_values(*row) for row in versions])
    names = {fold(name) for name in names_in(events)}
    claims = await claims_of(work, names)
    # A case that somebody holds stays with them by their code.
    claims = await claims_of(work, names | {fold(code) for code in claims.every_code})
    return Known(system, work.now, work.today, today.in_use_from, policies, claims, new_ids())
