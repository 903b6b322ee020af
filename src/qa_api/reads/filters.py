"""Filters that many lists have."""

from typing import Any

from sqlalchemy import ColumnElement, Text, Uuid, case, cast, func, select

from qa_api.auth.actor import Me
from qa_api.auth.reach import subject_named
from qa_api.reads.listings import Filter


def about_subject(*, narrows: bool = False) -> Filter:
    """Only about one subject, named by our id or as `system/ref`, by any name it has (X1).

    A name tells nothing of a subject that the caller may not see: it finds no row then.
    """

    def keeps(row: Any, value: ColumnElement[str], me: Me) -> ColumnElement[bool]:
        system, ref = (func.split_part(value, "/", part) for part in (1, 2))
        by_name = subject_named(system, ref, me)
        found = select(case((value.contains("/"), by_name), else_=cast(value, Uuid())))
        about: ColumnElement[bool] = row.subject_id == found.scalar_subquery()
        return about

    return Filter(keeps, Text(), narrows=narrows)
