"""What each type of case event does, once it is kept and it is its turn."""

from collections.abc import Mapping
from uuid import UUID

from qa_api.case_events.histories import HOLDERS, Arrived, History, histories
from qa_api.case_events.locking import lock_named
from qa_api.case_events.merging import (
    Merging,
    carry_out,
    park,
    tell_of_late_restriction,
)
from qa_api.case_events.messages import (
    AllocationChangedMessage,
    CaseEventMessage,
    EpisodeMessage,
    PersonMerged,
    RecordRestrictedMessage,
)
from qa_api.case_events.record_facts import counts, follow, follow_restrictions
from qa_api.closure_gates.episodes import GateOutcome, Outcome
from qa_api.closure_gates.service import decide_episode
from qa_api.models.subjects import Subject
from qa_api.rules.kinds import kept_as
from qa_api.rules.merging import MergeVerdict
from qa_api.rules.restriction import RestrictionKind
from qa_api.rules.unchanging import Unchanging
from qa_api.subjects.service import register_subject
from qa_api.work import Work

_AboutSubjects = EpisodeMessage | AllocationChangedMessage | RecordRestrictedMessage


class Done(Unchanging):
    """What an event did about one reference."""

    ref: str
    settled: GateOutcome
    subject_id: UUID | None = None


class _Named(Unchanging):
    """The subjects that an event names, by reference: known before, and made by it."""

    known: dict[str, Subject]
    new: dict[str, Subject]

    @property
    def all(self) -> dict[str, Subject]:
        """Both."""
        return self.known | self.new


def refs_of(message: CaseEventMessage) -> list[str]:
    """The references that an event names, in its order."""
    if isinstance(message, PersonMerged):
        return [message.data.merge.source, message.data.merge.into]
    if isinstance(message, _AboutSubjects):
        return [subject.ref for subject in message.data.subjects]
    return []


async def apply_event(
    work: Work,
    system: str,
    message: CaseEventMessage,
    arrived: Arrived,
    merging: Merging | None = None,
) -> list[Done]:
    """Do what a kept event says; what was done about each reference, in the event's order."""
    if isinstance(message, PersonMerged) and merging is not None:
        return await _merge(work, merging, message, arrived)
    if not isinstance(message, _AboutSubjects):
        return []
    named = await _registered(work, system, message, arrived)
    told = await _histories(work, named, arrived)
    changed = await _follow(work, named, told, arrived.id)
    if isinstance(message, EpisodeMessage):
        settled = await _decide_gates(work, system, message.data.episode_id, named, told)
    else:
        if isinstance(message, RecordRestrictedMessage):
            changed = await _restrict(work, message, named, told, arrived.id)
        applied = {True: GateOutcome(Outcome.APPLIED), False: GateOutcome()}
        settled = {subject_id: applied[each] for subject_id, each in changed.items()}
    subjects = named.all
    return [Done(ref, settled[subjects[ref].id], subjects[ref].id) for ref in refs_of(message)]


async def _merge(
    work: Work, merging: Merging, message: PersonMerged, arrived: Arrived
) -> list[Done]:
    if merging.parked:
        await park(work, arrived.id, merging.verdict)
        return [Done(ref, GateOutcome(Outcome.PARKED)) for ref in refs_of(message)]
    known = merging.verdict is MergeVerdict.ALREADY_ONE
    settled = GateOutcome(Outcome.NO_CHANGE if known else Outcome.APPLIED)
    left = await carry_out(work, merging, arrived)
    return [Done(ref, settled, left.id) for ref in refs_of(message)]


async def _registered(work: Work, system: str, message: _AboutSubjects, arrived: Arrived) -> _Named:
    """The subjects named, made where they are new, each locked until this work is done."""
    refs = {each.ref for each in message.data.subjects}
    known = await lock_named(work, system, refs)
    new = {}
    for ref in sorted(refs - known.keys()):
        first = History(ref, [arrived.under(ref)])
        said = counts(first)
        held = any(name in said for name in HOLDERS)
        new[ref] = await register_subject(
            work,
            system,
            ref,
            kept_as(first.kind()),
            **{name: each.value for name, each in said.items()},
            allocated_at=arrived.occurred_at if held else None,
            told=True,
        )
    return _Named(known, new)


async def _histories(work: Work, named: _Named, arrived: Arrived) -> Mapping[UUID, History]:
    """Everything that was told of each subject by now."""
    told = {subject.id: History(ref, [arrived.under(ref)]) for ref, subject in named.new.items()}
    if named.known:
        subjects = list({subject.id: subject for subject in named.known.values()}.values())
        now = [(subject.id, arrived.under(ref)) for ref, subject in named.known.items()]
        told |= await histories(work, subjects, now)
    return told


async def _follow(
    work: Work, named: _Named, told: Mapping[UUID, History], by: UUID
) -> dict[UUID, bool]:
    """Update who holds each case and what is known of the person; a new subject is up to date."""
    changed = {subject.id: True for subject in named.new.values()}
    for subject in sorted(named.known.values(), key=lambda each: each.id):
        if subject.id not in changed:
            changed[subject.id] = await follow(work, subject, told[subject.id], by)
    return changed


async def _decide_gates(
    work: Work,
    system: str,
    episode_id: str,
    named: _Named,
    told: Mapping[UUID, History],
) -> dict[UUID, GateOutcome]:
    """Put the event in its place in the episode, and decide again about each child's gate."""
    episode = {
        subject_id: dict(history.episodes())[episode_id] for subject_id, history in told.items()
    }
    return await decide_episode(
        work,
        system,
        episode_id,
        episode,
        known=list({subject.id: subject for subject in named.known.values()}.values()),
        new=list(named.new.values()),
    )


async def _restrict(
    work: Work,
    message: RecordRestrictedMessage,
    named: _Named,
    told: Mapping[UUID, History],
    event_id: UUID,
) -> dict[UUID, bool]:
    """The record is restricted while any reason stands, in whatever order they were told."""
    said = message.data.restriction
    changed: dict[UUID, bool] = {}
    for subject in sorted(named.all.values(), key=lambda each: each.id):
        if subject.id in changed:
            continue
        if said.on and said.kind == RestrictionKind.PRE_ADOPTION:
            await tell_of_late_restriction(work, told[subject.id], event_id)
        changed[subject.id] = await follow_restrictions(work, subject, told[subject.id])
    return changed
