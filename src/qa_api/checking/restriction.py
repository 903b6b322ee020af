"""What is restricted is restricted in every row about the person, whoever holds the case (X3)."""

from typing import Any, Final

from sqlalchemy import func, select

from qa_api.checking.answers import Answer, Row
from qa_api.models import Base
from qa_api.models.aliases import aliased
from qa_api.models.base import SubjectData
from qa_api.models.subjects import Subject
from qa_api.work import Workshop


async def every_row_is_as_restricted_as_its_record(workshop: Workshop) -> Answer:
    """Row-level security asks each row by itself, so each row must say what its record says."""
    asked, broken = 0, list[Row]()
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        for table in ABOUT_SUBJECTS:
            row, record = aliased(table), aliased(Subject)
            of_record = select(row.id).join(record, record.id == row.subject_id)
            differing = of_record.where(row.restricted.is_distinct_from(record.restricted))
            broken += [
                Row(table.__tablename__, id_) for id_ in await work.session.scalars(differing)
            ]
            asked += await work.session.scalar(select(func.count()).select_from(row)) or 0
    return Answer.of(asked, broken)


ABOUT_SUBJECTS: Final[tuple[Any, ...]] = tuple(
    mapper.class_
    for mapper in sorted(Base.registry.mappers, key=lambda each: each.class_.__name__)
    if issubclass(mapper.class_, SubjectData) and hasattr(mapper.class_, "id")
)
"""Every table whose rows are about a person, and are named by an id."""
