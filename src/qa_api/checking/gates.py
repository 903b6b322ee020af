"""Every gate is what its events say, whenever and in whatever order they came (§3, C2, C3)."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from qa_api.case_events.histories import histories
from qa_api.checking.answers import Answer, Row
from qa_api.checking.undone import changed_by
from qa_api.closure_gates.service import decide_episode
from qa_api.models.closures import ClosureGate
from qa_api.models.subjects import Subject
from qa_api.rules.states import GATE_CLOSED, GateState
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


async def every_gate_is_what_its_events_say(
    workshop: Workshop, *, of: Collection[UUID] | None = None
) -> Answer:
    """Decided again from all events, by the policy of then, no gate changes and none is opened.

    `of`: only these people's episodes are asked about.
    """
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        episodes = await _episodes(work, of)
    broken: list[Row] = []
    for first in range(0, len(episodes), AT_ONCE):
        stays: set[Row] = set()
        act = partial(_decide_again, episodes[first : first + AT_ONCE], stays)
        broken += [row for row in await changed_by(workshop, act) if row not in stays]
    return Answer.of(len(episodes), broken)


async def _episodes(work: Work, of: Collection[UUID] | None) -> list[_Episode]:
    key = (ClosureGate.subject_id, ClosureGate.system, ClosureGate.episode_id)
    # Not the highest number: what is in force from a later day on may have been decided earlier.
    newest_first = aggregate_order_by(ClosureGate.policy_version, ClosureGate.id.desc())
    found = await work.session.execute(
        select(*key, func.array_agg(newest_first)[1])
        .join(Subject, Subject.id == ClosureGate.subject_id)
        .where(Subject.merged_into_id.is_(None), *_about(of))
        .group_by(*key)
        .order_by(*key)
    )
    return [
        _Episode(subject_id, system, episode_id, version)
        for subject_id, system, episode_id, version in found
        if subject_id is not None
    ]


def _about(people: Collection[UUID] | None) -> list[ColumnElement[bool]]:
    return [] if people is None else [ClosureGate.subject_id.in_(people)]


async def _decide_again(episodes: Sequence[_Episode], stays: set[Row], work: Work) -> None:
    """Decide again about each. A settled gate `stays` where only its explanation would differ.

    What it lacked when it was settled is told there; what came up about the person since is not.
    A withdrawn gate has nothing else from its policy, and later ones of its episode a newer policy.
    """
    before = await _settled(work, episodes)
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
    await work.flush()
    after = await _settled(work, episodes)
    stays.update(row for row, said in before.items() if after.get(row) == said)


async def _settled(work: Work, episodes: Sequence[_Episode]) -> dict[Row, str]:
    """What is decided of the settled gates of these people, but for the explanation."""
    about = list({each.subject_id for each in episodes})
    found = await work.driver.fetch(_SETTLED, about, [*GATE_CLOSED, GateState.WITHDRAWN])
    return {Row(ClosureGate.__tablename__, str(id_)): said for id_, said in found}


_SETTLED: Final = """
SELECT id, (to_jsonb(g) - '{explanation,version,changed_xid,changed_at}'::text[]
    - CASE state WHEN 'withdrawn' THEN 'policy_version' ELSE '' END)::text
FROM closure_gates g WHERE subject_id = ANY ($1) AND state = ANY ($2)
"""
