"""What a case system's merge of two records does here, and when it does nothing (C6).

A merge that would join the two identities of an adopted child is never carried out, and what is
kept of it does not tell which two they are. The sender can tell, by the event's id.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, insert, or_, select, update
from sqlalchemy.sql import bindparam
from sqlalchemy.sql.elements import BindParameter

from qa_api import events
from qa_api.alerts import alert_role
from qa_api.auth.roles import Role
from qa_api.case_events.histories import Arrived, History, as_arrived, histories
from qa_api.case_events.locking import lock_named
from qa_api.case_events.messages import MERGE, Merge
from qa_api.case_events.record_facts import (
    follow,
    follow_restrictions,
    take_back_those_of_another_kind,
)
from qa_api.closure_gates.episodes import Outcome
from qa_api.closure_gates.service import decide_episode, reassess_subject
from qa_api.closure_gates.twins import stand_back
from qa_api.escalations.service import end_those_of_twins
from qa_api.models.aliases import aliased
from qa_api.models.closures import CaseEvent, CaseEventOutcome
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.rules.alerts import AlertKind
from qa_api.rules.kinds import SubjectKind
from qa_api.rules.merging import (
    OF_DIFFERENT_KINDS,
    WAITS_FOR_MORE,
    MergeVerdict,
    Party,
    decide_merge,
)
from qa_api.rules.restriction import RestrictionKind, ever_pre_adoption
from qa_api.rules.unchanging import Unchanging
from qa_api.subjects.merging import merge_subjects
from qa_api.subjects.service import register_subject
from qa_api.work import Work

_CARRIED_OUT: Final = (MergeVerdict.CARRIED_OUT, MergeVerdict.ALREADY_ONE)
_TOLD: Final = {MergeVerdict.PRE_ADOPTION: AlertKind.MERGE_OF_PRE_ADOPTION_RECORD}
_MERGE: Final = CaseEvent.data["data"]["merge"]
FROM: Final = _MERGE["from"].astext
INTO: Final = _MERGE["into"].astext
"""The two references of a merge, as it is kept."""
_NAMES_ONE: Final[BindParameter[Any]] = bindparam("refs", expanding=True)
_WAITING: Final = (
    select(CaseEvent)
    .where(
        CaseEvent.parked,
        CaseEvent.type == MERGE,
        CaseEvent.parked_reason.in_(WAITS_FOR_MORE),
        CaseEvent.system == bindparam("system"),
        or_(FROM.in_(_NAMES_ONE), INTO.in_(_NAMES_ONE)),
    )
    .order_by(CaseEvent.occurred_at, CaseEvent.event_id)
    .with_for_update()
)
"""In an order that is the senders' own: of two it matters which is carried out first."""
_AS_IT_IS_NOW: Final = {"populate_existing": True}


class Merging(Unchanging):
    """A merge, the subjects that its references name, and what is done about it."""

    system: str
    merge: Merge
    source: Subject | None
    into: Subject | None
    verdict: MergeVerdict
    kinds: frozenset[SubjectKind]
    """Whose records the two are, as far as that was told."""

    @property
    def parked(self) -> bool:
        """Whether it is kept, but not carried out."""
        return self.verdict not in _CARRIED_OUT

    def as_kept(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The event as it may be kept: without saying who, where the two must never be joined."""
        if self.verdict is not MergeVerdict.PRE_ADOPTION:
            return dict(sent)
        return {**sent, "data": {**sent["data"], "merge": {"from": None, "into": None}}}


async def consider_merge(work: Work, system: str, merge: Merge) -> Merging:
    """Decide about a merge, with both subjects locked: nobody restricts one of them meanwhile.

    Needs the service's reach, and the references' turns.
    """
    named = await lock_named(work, system, (merge.source, merge.into))
    source, into = named.get(merge.source), named.get(merge.into)
    told = await histories(work, list({each.id: each for each in named.values()}.values()))
    parties = [_party(subject, told) for subject in (source, into)]
    kinds = frozenset(kind for history in told.values() if (kind := history.kind()))
    return Merging(system, merge, source, into, decide_merge(*parties), kinds)


async def carry_out(work: Work, merging: Merging, arrived: Arrived) -> Subject:
    """Make the two one; the subject that is left. What waited for either is decided again."""
    source, into = merging.source, merging.into
    if into is None:
        assert source is not None  # noqa: S101  # or nobody would be known
        into = await register_subject(
            work, merging.system, merging.merge.into, source.kind, told=True
        )
    episodes: Sequence[tuple[str, str]] = ()
    if source is None:
        await work.session.execute(
            insert(SubjectAlias).values(
                system=merging.system, ref=merging.merge.source, subject_id=into.id
            )
        )
    elif source.id != into.id:
        await stand_back(work, source, into)
        await merge_subjects(work, source, into)
        episodes = await _take_over_events(work, source.id, into.id)
    now = [(into.id, arrived.under(ref)) for ref in (merging.merge.source, merging.merge.into)]
    told = (await histories(work, [into], now))[into.id]
    await follow(work, into, told, arrived.id)
    await follow_restrictions(work, into, told)
    if len(merging.kinds) > 1:
        await alert_role(
            work, Role.QUALITY_STANDARDS, AlertKind.MERGE_OF_DIFFERENT_KINDS, arrived.id
        )
    # Also of a record of which nobody said whose it is: it was taken for a child's.
    await take_back_those_of_another_kind(work, into)
    of_episode = dict(told.episodes())
    for system, episode_id in episodes:
        about = {into.id: of_episode.get(episode_id, [])}
        await decide_episode(work, system, episode_id, about, known=[into])
    if source is not None and source.id != into.id:
        # What one record lacked holds the gates of the other: actions, urgent findings (C3).
        await reassess_subject(work, into.id)
        await end_those_of_twins(work, into.id)
    return into


async def park(work: Work, event_id: UUID, verdict: MergeVerdict) -> None:
    """Tell Quality & Standards, once, of a merge that waits, or that never will be carried out."""
    await work.record(events.MergeParked(about=event_id, reason=verdict.value))
    if verdict in _TOLD:
        await alert_role(work, Role.QUALITY_STANDARDS, _TOLD[verdict], event_id)


@cache
def _other_names() -> Select[str]:
    """The further references of the subjects that a system knows by these references."""
    same = aliased(SubjectAlias)
    return (
        select(SubjectAlias.ref)
        .join(same, same.subject_id == SubjectAlias.subject_id)
        .where(
            SubjectAlias.system == bindparam("system"),
            same.system == bindparam("system"),
            same.ref.in_(_NAMES_ONE),
        )
    )


async def replay_merges(work: Work, system: str, refs: Sequence[str]) -> None:
    """Carry out the merges that waited for more to be told of one of these references.

    Under whatever name it was told. A merge carried out makes its references known, and so others
    that waited for those.
    """
    known = set(refs)
    asked = known | set(
        await work.session.scalars(_other_names(), {"system": system, "refs": refs})
    )
    while asked:
        waiting = await work.session.execute(
            _WAITING, {"system": system, "refs": list(asked)}, execution_options=_AS_IT_IS_NOW
        )
        asked = set()
        for event in waiting.scalars().all():
            asked |= await _replay(work, event)
        asked -= known
        known |= asked


async def _replay(work: Work, event: CaseEvent) -> set[str]:
    """Decide again about a merge that waited; the references that became known by it."""
    merge = Merge.model_validate(event.data["data"]["merge"])
    merging = await consider_merge(work, event.system, merge)
    if event.parked_reason == OF_DIFFERENT_KINDS and len(merging.kinds) > 1:
        return set()
    if merging.parked:
        if merging.verdict in _TOLD and merging.verdict != event.parked_reason:
            event.data, event.parked_reason = merging.as_kept(event.data), merging.verdict.value
            await park(work, event.id, merging.verdict)
        return set()
    left = await carry_out(work, merging, as_arrived(event))
    event.parked, event.parked_reason = False, None
    work.session.add_all(
        CaseEventOutcome(
            case_event_id=event.id,
            position=position,
            ref=ref,
            outcome=Outcome.PARKED,  # as it was answered, and is to every repeat
            subject_id=left.id,
        )
        for position, ref in enumerate((merge.source, merge.into))
    )
    await work.session.flush()
    return {merge.source, merge.into}


async def tell_of_late_restriction(work: Work, told: History, event_id: UUID) -> None:
    """Tell people that a record merged before turns out to be from before an adoption."""
    if told.lineage().steps:
        kind = AlertKind.MERGED_RECORD_IS_PRE_ADOPTION
        await alert_role(work, Role.QUALITY_STANDARDS, kind, event_id)


def _party(subject: Subject | None, told: Mapping[UUID, History]) -> Party:
    if subject is None:
        return Party(None)
    ever = subject.restriction_kind == RestrictionKind.PRE_ADOPTION or ever_pre_adoption(
        told[subject.id].restrictions()
    )
    return Party(subject.id, ever_pre_adoption=ever)


async def _take_over_events(work: Work, source: UUID, into: UUID) -> list[tuple[str, str]]:
    """Move the events of one record to the other; the episodes that they belong to."""
    mine = (
        update(CaseEventOutcome)
        .where(CaseEventOutcome.subject_id == source)
        .values(subject_id=into)
        .returning(CaseEventOutcome.case_event_id)
        .cte("mine")
    )
    rows = await work.session.execute(
        select(CaseEvent.system, CaseEvent.episode_id)
        .join(mine, mine.c.case_event_id == CaseEvent.id)
        .where(CaseEvent.episode_id.is_not(None))
        .distinct()
        .order_by(CaseEvent.system, CaseEvent.episode_id)
    )
    return [(row.system, row.episode_id) for row in rows]
