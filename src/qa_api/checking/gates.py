"""Every gate is what its events say, whenever and in whatever order they came (§4.1, C2)."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import select

from qa_api.case_events.histories import histories
from qa_api.checking.answers import Answer, Row
from qa_api.checking.undone import changed_by
from qa_api.closure_gates.service import decide_episode
from qa_api.models.closures import ClosureGate
from qa_api.models.subjects import Subject
from qa_api.work import Work, Workshop

AT_ONCE: Final = 50
"""So many people's records are locked at a time."""


async def every_gate_is_what_its_events_say(workshop: Workshop) -> Answer:
    """Folded and decided again from all events, no gate changes and none is opened."""
    async with workshop.open_as_service("check") as work:
        gates = await work.session.execute(
            select(ClosureGate.subject_id, ClosureGate.system, ClosureGate.episode_id)
            .join(Subject, Subject.id == ClosureGate.subject_id)
            .where(Subject.merged_into_id.is_(None))
            .distinct()
            .order_by(ClosureGate.subject_id)
        )
        of_subject: dict[UUID, list[tuple[str, str]]] = {}
        for subject_id, system, episode_id in gates:
            assert subject_id is not None  # noqa: S101 - joined
            of_subject.setdefault(subject_id, []).append((system, episode_id))
    broken: list[Row] = []
    subjects = sorted(of_subject)
    for first in range(0, len(subjects), AT_ONCE):
        some = {each: of_subject[each] for each in subjects[first : first + AT_ONCE]}
        broken += await changed_by(workshop, partial(_decide_again, some))
    return Answer.of(sum(map(len, of_subject.values())), broken)


async def _decide_again(episodes: Mapping[UUID, Sequence[tuple[str, str]]], work: Work) -> None:
    found = await work.session.scalars(
        select(Subject)
        .where(Subject.id.in_(episodes), Subject.merged_into_id.is_(None))
        .order_by(Subject.id)
        .with_for_update(key_share=True)
    )
    subjects = list(found)
    told = await histories(work, subjects)
    for subject in subjects:
        of_episode = dict(told[subject.id].episodes())
        for system, episode_id in episodes[subject.id]:
            about = {subject.id: of_episode.get(episode_id, [])}
            await decide_episode(work, system, episode_id, about, known=[subject])
