"""What waits for Quality & Standards and is of no one record that they may see."""

from types import SimpleNamespace
from typing import Any

from sqlalchemy import Date, Select, Text, Uuid, column, func, literal, null, select, table
from sqlalchemy.dialects.postgresql import aggregate_order_by

from qa_api.me.waits import QUALITY_STANDARDS, wait
from qa_api.models.directory import CaseSystemReference


def withheld() -> list[Select[Any]]:
    """Something on a restricted record that nobody with leave can do: no subject, no text (X3)."""
    waiting = table("withheld_work", column("id", Uuid), column("due_on", Date)).c
    return [
        wait(
            "grant_access",
            "restriction-grants",
            SimpleNamespace(id=waiting.id),
            due_on=waiting.due_on,
            waits_for=QUALITY_STANDARDS,
            path=literal("/v1/restriction-grants", Text),
        )
    ]


def unclaimed() -> list[Select[Any]]:
    """What case systems call somebody whom nobody has named yet, all of it in one entry."""
    called = CaseSystemReference
    oldest = aggregate_order_by(called.id, called.first_told_at, called.id)
    waiting = (
        select(func.count().label("count"), func.array_agg(oldest)[1].label("id"))
        .where(called.worker.is_(None), called.team.is_(None))
        .having(func.count() > 0)
        .subquery("unclaimed")
        .c
    )
    return [
        wait(
            "claim_references",
            "case-system-references",
            SimpleNamespace(id=waiting.id),
            due_on=null(),
            waits_for=QUALITY_STANDARDS,
            path=literal("/v1/case-system-references?claimed=false", Text),
            count=waiting.count,
        )
    ]
