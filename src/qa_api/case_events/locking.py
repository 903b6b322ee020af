"""The subjects that an event names: found by its references, locked in one order."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.sql import bindparam

from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.work import Work

_KNOWN = (
    select(SubjectAlias.ref, Subject)
    .join(Subject, Subject.id == SubjectAlias.subject_id)
    .where(
        SubjectAlias.system == bindparam("system"),
        SubjectAlias.ref.in_(bindparam("refs", expanding=True)),
        SubjectAlias.stands_for.is_(None),
    )
    .order_by(Subject.id)
    .with_for_update(of=Subject, key_share=True)
)
_AS_IT_IS_NOW = {"populate_existing": True}


async def lock_named(work: Work, system: str, refs: Collection[str]) -> dict[str, Subject]:
    """The known ones of these references, with their subjects, locked until this work is done.

    Always in the order of the subjects' ids, so that no two works wait for each other. Needs the
    service's reach.
    """
    await work.session.flush()
    while True:
        rows = await work.session.execute(
            _KNOWN, {"system": system, "refs": list(refs)}, execution_options=_AS_IT_IS_NOW
        )
        known: dict[str, Subject] = {row.ref: row.Subject for row in rows}
        # While we waited for one of them, it may have been merged: then the name is another's.
        if all(subject.merged_into_id is None for subject in known.values()):
            return known
