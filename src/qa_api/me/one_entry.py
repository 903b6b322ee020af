"""Entries of Quality & Standards' list that do not show the record they are about."""

from types import SimpleNamespace
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Date, Select, Text, Uuid, column, func, literal, not_, null, select, table
from sqlalchemy.dialects.postgresql import aggregate_order_by

from qa_api.auth.duty import somebody_holds
from qa_api.auth.roles import Role
from qa_api.me.work_items import QUALITY_STANDARDS, appoint, wait
from qa_api.models.directory import CaseSystemReference

_Q_AND_S: Final = uuid5(NAMESPACE_URL, "urn:qa-api:quality-standards")


def withheld() -> list[Select[Any]]:
    """Work on a restricted record that nobody with a grant can do: no subject, no text (X3)."""
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
    """References of case systems that nobody has claimed, all of them in one entry."""
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


def unattended() -> list[Select[Any]]:
    """Work that nobody of Quality & Standards can do: a second person is missing, or any."""
    lacking = table("unattended_work", column("id", Uuid)).c
    nobody = not_(somebody_holds(Role.QUALITY_STANDARDS))
    return [appoint(lacking.id), appoint(literal(_Q_AND_S, Uuid)).where(nobody)]
