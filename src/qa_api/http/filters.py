"""Filters that many lists have."""

from typing import Any

from sqlalchemy import ColumnElement, Text, Uuid, case, cast, func, select
from sqlalchemy.orm import aliased

from qa_api.auth.actor import Me
from qa_api.http.documents import Filter
from qa_api.models.subjects import SubjectAlias


def about_subject(*, narrows: bool = False) -> Filter:
    """Only about one subject, named by our id or as `system/ref`, by any name it has (X1).

    A name tells nothing of a subject that the caller may not see: it finds no row then.
    """

    def keeps(row: Any, value: ColumnElement[str], _: Me) -> ColumnElement[bool]:
        alias: Any = aliased(SubjectAlias)
        named = select(alias.subject_id).where(
            alias.system == func.split_part(value, "/", 1),
            alias.ref == func.split_part(value, "/", 2),
        )
        by_name = named.correlate_except(alias).scalar_subquery()
        found = select(case((value.contains("/"), by_name), else_=cast(value, Uuid())))
        about: ColumnElement[bool] = row.subject_id == found.scalar_subquery()
        return about

    return Filter(keeps, Text(), narrows=narrows)
