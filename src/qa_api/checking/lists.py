"""Nothing that is open is in nobody's list, whoever left, moved or is away."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select

from qa_api.auth.actor import Me
from qa_api.auth.roles import Permission
from qa_api.checking.answers import Answer, Row
from qa_api.db import Prepared
from qa_api.me.queries import waits_for
from qa_api.me.work_list import waiting_work
from qa_api.models.access import Principal
from qa_api.models.actions import RestorativeAction
from qa_api.models.audits import Audit
from qa_api.models.escalations import Escalation
from qa_api.models.responses import AuditResponse
from qa_api.problems import Problem
from qa_api.rules.states import (
    ACTION_SETTLED,
    AUDIT_OPEN,
    ESCALATION_UNRESOLVED,
    ResponseState,
)
from qa_api.work import Workshop

_OPEN: Final[tuple[tuple[Any, ColumnElement[bool]], ...]] = (
    (Audit, Audit.state.in_(AUDIT_OPEN) & Audit.recorded_in_error_at.is_(None)),
    (AuditResponse, AuditResponse.state != ResponseState.ADEQUATE),
    (RestorativeAction, RestorativeAction.state.not_in(ACTION_SETTLED)),
    (Escalation, Escalation.state.in_(ESCALATION_UNRESOLVED)),
)
"""What waits for somebody until it is settled."""


async def nothing_open_is_in_nobodys_list(workshop: Workshop) -> Answer:
    """Every open audit, response, action and escalation is in the list of somebody who may act."""
    before = await _open(workshop)
    listed = await _listed(workshop, await _accounts(workshop))
    # What was settled meanwhile, or begun since, is not asked about.
    asked = before & await _open(workshop)
    return Answer.of(len(asked), (row for row in asked if row.id not in listed))


async def _open(workshop: Workshop) -> set[Row]:
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        return {
            Row(table.__tablename__, id_)
            for table, is_open in _OPEN
            for id_ in await work.session.scalars(select(table.id).where(is_open))
        }


async def _accounts(workshop: Workshop) -> list[tuple[str, str]]:
    async with workshop.open_as_service("check") as work:
        people = select(Principal.issuer, Principal.subject).where(Principal.worker.is_not(None))
        return [(issuer, subject) for issuer, subject in await work.session.execute(people)]


async def _listed(workshop: Workshop, accounts: Iterable[tuple[str, str]]) -> set[UUID | str]:
    """What is in anybody's list, each as that person sees it."""
    row = waiting_work().__table__.c
    own = Prepared.of(select(row.about).where(waits_for(row, Me.given()), ~row.only_told))
    found: set[UUID | str] = set()
    for issuer, subject in accounts:
        try:
            async with workshop.open(
                issuer=issuer,
                subject=subject,
                permission=Permission.SELF_READ,
                correlation_id="check",
            ) as work:
                values = own.arguments(work.actor.given(work.now, work.today))
                found.update(each[0] for each in await work.driver.fetch(own.sql, *values))
        except Problem:
            continue  # somebody who is let in no more has no list
    return found
