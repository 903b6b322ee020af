"""What a case system's merge of two records does here, and when it does nothing (C6).

A merge that would join the two identities of an adopted child is never carried out, and what is
kept of it does not tell which two they are: the sender can, by the event's id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, exists, insert, select, update
from sqlalchemy.orm import aliased

from qa_api import events
from qa_api.alerts import alert_role
from qa_api.auth.roles import Role
from qa_api.closures.messages import MERGE, Merge
from qa_api.closures.restricting import told_restrictions
from qa_api.closures.schemas import Outcome
from qa_api.closures.service import settle_episode
from qa_api.models.closures import CaseEvent, CaseEventOutcome, ClosureGate
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.rules.alerts import AlertKind
from qa_api.rules.merging import MergeVerdict, Party, decide_merge
from qa_api.rules.restriction import RestrictionKind, restriction_now
from qa_api.subjects.merging import merge_subjects
from qa_api.subjects.service import register_subject, restrict
from qa_api.work import Work

_CARRIED_OUT: Final = (MergeVerdict.CARRIED_OUT, MergeVerdict.ALREADY_ONE)
_TOLD: Final = {
    MergeVerdict.PRE_ADOPTION: AlertKind.MERGE_OF_PRE_ADOPTION_RECORD,
    MergeVerdict.DIFFERENT_KINDS: AlertKind.MERGE_OF_DIFFERENT_KINDS,
}
_MERGE: Final = CaseEvent.data["data"]["merge"]


@dataclass(frozen=True, slots=True)
class Merging:
    """A merge, the subjects that its references name, and what is done about it."""

    system: str
    merge: Merge
    source: Subject | None
    into: Subject | None
    verdict: MergeVerdict

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
    """Decide about a merge. Needs the service's reach, and the references' turns."""
    source = await _named(work, system, merge.source)
    into = await _named(work, system, merge.into)
    parties = [await _party(work, subject) for subject in (source, into)]
    return Merging(system, merge, source, into, decide_merge(*parties))


async def carry_out(work: Work, merging: Merging) -> Subject:
    """Make the two one; the subject that is left. What waited for either is decided again."""
    source, into = merging.source, merging.into
    if merging.verdict is MergeVerdict.ALREADY_ONE:
        assert into is not None  # noqa: S101  # both references name it
        return into
    if into is None:
        assert source is not None  # noqa: S101  # or nobody would be known
        into = await register_subject(work, merging.system, merging.merge.into, source.kind)
    if source is None:
        await work.session.execute(
            insert(SubjectAlias).values(
                system=merging.system, ref=merging.merge.source, subject_id=into.id
            )
        )
        return into
    await _stand_back(work, source.id, into.id)
    await merge_subjects(work, source, into)
    episodes = await _take_over_events(work, source.id, into.id)
    told = await told_restrictions(work, into.id)
    await restrict(work, into, restriction_now(told))
    for system, episode_id in episodes:
        await settle_episode(work, system, episode_id, None, known=[into])
    return into


async def park(work: Work, event_id: UUID, verdict: MergeVerdict) -> None:
    """Tell Quality & Standards, once, of a merge that waits, or that never will be carried out."""
    await work.record(events.MergeParked(about=event_id, reason=verdict.value))
    if verdict in _TOLD:
        await alert_role(work, Role.QUALITY_STANDARDS, _TOLD[verdict], event_id)


async def replay_merges(work: Work, system: str, refs: Sequence[str]) -> None:
    """Carry out the merges that waited for one of these references to come up."""
    waiting = await work.session.execute(
        select(CaseEvent)
        .where(
            CaseEvent.parked,
            CaseEvent.type == MERGE,
            CaseEvent.parked_reason == MergeVerdict.NOBODY_KNOWN,
            CaseEvent.system == system,
            _MERGE["from"].astext.in_(refs) | _MERGE["into"].astext.in_(refs),
        )
        .order_by(CaseEvent.id)
        .with_for_update()
    )
    for event in waiting.scalars().all():
        await _replay(work, event)


async def _replay(work: Work, event: CaseEvent) -> None:
    merge = Merge.model_validate(event.data["data"]["merge"])
    merging = await consider_merge(work, event.system, merge)
    if merging.parked:
        if merging.verdict in _TOLD:
            event.data, event.parked_reason = merging.as_kept(event.data), merging.verdict.value
            await park(work, event.id, merging.verdict)
        return
    left = await carry_out(work, merging)
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


async def tell_of_late_restriction(work: Work, subject: Subject, event_id: UUID) -> None:
    """A record that was merged turns out to be from before an adoption: people must look."""
    if await work.session.scalar(select(exists().where(Subject.merged_into_id == subject.id))):
        kind = AlertKind.MERGED_RECORD_IS_PRE_ADOPTION
        await alert_role(work, Role.QUALITY_STANDARDS, kind, event_id)


async def _named(work: Work, system: str, ref: str) -> Subject | None:
    found = await work.session.scalars(
        select(Subject)
        .join(SubjectAlias, SubjectAlias.subject_id == Subject.id)
        .where(SubjectAlias.system == system, SubjectAlias.ref == ref)
    )
    return found.one_or_none()


async def _party(work: Work, subject: Subject | None) -> Party:
    if subject is None:
        return Party(None)
    told = await told_restrictions(work, subject.id)
    before_adoption = RestrictionKind.PRE_ADOPTION
    ever = subject.restriction_kind == before_adoption or any(
        each.kind is before_adoption and each.on for each in told
    )
    return Party(subject.id, subject.kind, ever_pre_adoption=ever)


async def _stand_back(work: Work, source: UUID, into: UUID) -> None:
    """Where both have a gate that answers for an episode, the survivor's answers until decided."""
    other = aliased(ClosureGate)
    await work.session.execute(
        update(ClosureGate)
        .where(
            ClosureGate.subject_id == source,
            ClosureGate.current,
            exists().where(
                and_(
                    other.subject_id == into,
                    other.system == ClosureGate.system,
                    other.episode_id == ClosureGate.episode_id,
                    other.current,
                )
            ),
        )
        .values(current=False, may_close=False)
    )


async def _take_over_events(work: Work, source: UUID, into: UUID) -> list[tuple[str, str]]:
    """The events about the one are about the other; the episodes they tell of."""
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
