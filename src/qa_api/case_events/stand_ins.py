"""Stand-ins: registered by somebody who may not see the restricted record of that reference (X3).

Once the record is no longer restricted, it and its stand-in are one person's and are merged.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, select

from qa_api import events
from qa_api.case_events.histories import histories
from qa_api.case_events.record_facts import follow, take_back_those_of_another_kind
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.subjects.merging import merge_subjects
from qa_api.work import Work

_STAND_INS: Final = (
    select(Subject)
    .join(SubjectAlias, SubjectAlias.subject_id == Subject.id)
    .where(SubjectAlias.stands_for == bindparam("subject"))
    .order_by(Subject.id)
)


async def follow_release(work: Work, event: events.RecordRestricted) -> None:
    """Merge a record that is no longer restricted with the one that stood in for it."""
    if event.kind is None:
        await _take_in(work, event.about)


async def follow_merge(work: Work, event: events.SubjectMerged) -> None:
    """The same where a merge leaves a record that is not restricted."""
    await _take_in(work, event.about)


async def _take_in(work: Work, subject_id: UUID) -> None:
    await work.act_as_service()
    found = await work.session.scalars(_STAND_INS, {"subject": subject_id})
    stand_ins: Sequence[Subject] = found.all()
    if not stand_ins:
        return
    into = await work.session.get_one(Subject, subject_id)
    if into.restricted:
        return
    for stand_in in stand_ins:
        # Its one name is that of the record itself.
        await work.session.execute(
            delete(SubjectAlias).where(SubjectAlias.subject_id == stand_in.id)
        )
        await merge_subjects(work, stand_in, into)
        # What was entered of it is weighed as if it had been entered of the record itself.
        into.entered = {**stand_in.entered, **into.entered}
        told = await histories(work, [into])
        await follow(work, into, told[into.id], stand_in.id)
    await take_back_those_of_another_kind(work, into)
