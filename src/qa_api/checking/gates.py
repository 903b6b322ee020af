"""Every gate is what its events say, whenever and in whatever order they came (§3, C2, C3)."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from qa_api.case_events.histories import histories
from qa_api.checking.answers import Answer, Row
from qa_api.checking.undone import changed_by
from qa_api.closure_gates.service import decide_episode
from qa_api.models.closures import ClosureGate
from qa_api.models.subjects import Subject
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work, Workshop

AT_ONCE: Final = 50
"""So many episodes are decided, and their people's records locked, at a time."""


class _Episode(Unchanging):
    """One person's episode that has gates, and the policy by which it was decided last."""

    subject_id: UUID
    system: str
    episode_id: str
    policy_version: int


async def every_gate_is_what_its_events_say(workshop: Workshop) -> Answer:
    """Decided again from all events, by the policy of then, no gate changes and none is opened."""
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        episodes = await _episodes(work)
    broken: list[Row] = []
    for first in range(0, len(episodes), AT_ONCE):
        some = episodes[first : first + AT_ONCE]
        broken += await changed_by(workshop, partial(_decide_again, some))
    return Answer.of(len(episodes), broken)


async def _episodes(work: Work) -> list[_Episode]:
    key = (ClosureGate.subject_id, ClosureGate.system, ClosureGate.episode_id)
    found = await work.session.execute(
        select(*key, func.max(ClosureGate.policy_version))
        .join(Subject, Subject.id == ClosureGate.subject_id)
        .where(Subject.merged_into_id.is_(None))
        .group_by(*key)
        .order_by(*key)
    )
    return [
        _Episode(subject_id, system, episode_id, version)
        for subject_id, system, episode_id, version in found
        if subject_id is not None
    ]


async def _decide_again(episodes: Sequence[_Episode], work: Work) -> None:
    found = await work.session.scalars(
        select(Subject)
        .where(Subject.id.in_({each.subject_id for each in episodes}))
        .where(Subject.merged_into_id.is_(None))
        .order_by(Subject.id)
        .with_for_update(key_share=True)
    )
    subjects = {subject.id: subject for subject in found}
    told = await histories(work, list(subjects.values()))
    for each in episodes:
        if (subject := subjects.get(each.subject_id)) is None:
            continue  # merged meanwhile
        of_episode = dict(told[subject.id].episodes()).get(each.episode_id, [])
        then = replace(work, policy_version=each.policy_version)
        await decide_episode(
            then, each.system, each.episode_id, {subject.id: of_episode}, known=[subject]
        )
