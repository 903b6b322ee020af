"""A list looks up a page arm by arm and shows what it would show if it read every row."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select

from qa_api import clock
from qa_api.actions.queries import ACTIONS
from qa_api.audits.queries import AUDITS
from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import Role
from qa_api.closure_gates.queries import GATES
from qa_api.comments.queries import COMMENTS
from qa_api.escalations.queries import ESCALATIONS
from qa_api.models.base import new_id
from qa_api.models.moderation import LearningAction
from qa_api.moderation.queries import ALL_OUTCOMES, LEARNING_ACTIONS
from qa_api.notifications.queries import NOTIFICATIONS
from qa_api.observations.queries import OBSERVATIONS
from qa_api.reads.listings import Listing
from qa_api.responses.queries import RESPONSES
from qa_api.rules.local_time import local_date
from qa_api.settings import Settings
from qa_api.work import Work
from tests.api import Api
from tests.comments.talking import said
from tests.me.open_work import drawn_into, learned
from tests.moderation.draws import draw_of, moderate
from tests.reads.on_record import on_record
from tests.responses.casework import Casework, casework, service

__all__ = ("casework", "on_record", "service")

LISTS = [
    *(AUDITS, RESPONSES, ACTIONS, ESCALATIONS, GATES),
    *(NOTIFICATIONS, OBSERVATIONS, LEARNING_ACTIONS, COMMENTS, ALL_OUTCOMES),
]
PEOPLE = [
    "qs-1",
    "slt-1",
    "hos-fast",
    "hos-corporate-parenting",
    "tm-lincoln-fast",
    "tm-cwd",
    "ps-lincoln-fast",
    "au-1",
    "sw1-lincoln-fast",
    "sw2-lincoln-fast",
    "reporting-1",
    "au-2",
    "case-system-mosaic",
]


class Reading:
    """Reads lists as the API does, as somebody."""

    def __init__(self, settings: Settings, issuer: DevelopmentIssuer) -> None:
        self._url = settings.read_url.get_secret_value() if settings.read_url else ""
        self._issuer = issuer.settings.issuer

    def rows(
        self, listing: Listing, person: str, limit: int, after: Sequence[Any] = ()
    ) -> list[tuple[Any, ...]]:
        """The rows of one page, each with its key."""
        now = clock.now()
        values = {
            "issuer": self._issuer,
            "subject": person,
            "now": now,
            "today": local_date(now),
            "permitted_roles": [role.value for role in Role],
            "correlation_id": "a test of lists",
            "operation": "list",
            "limit": limit,
        } | {f"after_{n}": part for n, part in enumerate(after)}
        prepared = listing.prepared(frozenset(), after=bool(after))

        async def read() -> list[tuple[Any, ...]]:
            connection = await asyncpg.connect(self._url)
            try:
                return [
                    tuple(row)
                    for row in await connection.fetch(prepared.sql, *prepared.arguments(values))
                ]
            finally:
                await connection.close()

        return asyncio.run(read())


async def something_learned(work: Work) -> None:
    """A learning action, once: there is one draw of a month."""
    if await work.session.scalar(select(LearningAction.id).limit(1)) is None:
        sample = await draw_of(work, "2021-06", date(2021, 6, 1), date(2021, 7, 1))
        drawn = await drawn_into(work, sample, f"C-{new_id()}", 1)
        await moderate(work, drawn, drawn.auditor_judgement)
        work.session.add(learned(work, drawn))
        await drawn_into(work, sample, f"C-{new_id()}", 2)


@pytest.fixture
def reading(
    authority: Settings, issuer: DevelopmentIssuer, casework: Casework, on_record: Api
) -> Reading:
    """An authority in which something is on record for several of them."""
    casework.as_service(something_learned)
    case = casework.completed_audit(actions=2)
    said(on_record, "au-1", "audit", case.audit_id)
    said(on_record, "tm-lincoln-fast", "restorative_action", case.action_ids[0])
    other = casework.completed_audit(actions=1)
    casework.let_do(other, "sw2-lincoln-fast")
    return Reading(authority, issuer)


@pytest.mark.long
@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: listing.name)
def test_arm_by_arm_nothing_is_missed_nor_shown_twice(reading: Reading, listing: Listing) -> None:
    assert listing.arms
    found = 0
    for person in PEOPLE:
        every_row = reading.rows(replace(listing, arms=()), person, 10_000)
        assert reading.rows(listing, person, 10_000) == every_row, person
        found += len(every_row)
    assert found > 3, "the comparison was of nothing"


@pytest.mark.long
@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: listing.name)
def test_page_by_page_they_are_the_same_rows(reading: Reading, listing: Listing) -> None:
    # Those who look back at what was found by others are shown no more than their own rows reach.
    for person in ("tm-lincoln-fast", "sw1-lincoln-fast", "ps-lincoln-fast", "au-1"):
        whole = reading.rows(listing, person, 10_000)[:12]
        paged: list[tuple[Any, ...]] = []
        after: tuple[Any, ...] = ()
        while len(paged) < len(whole):
            page = reading.rows(listing, person, 3, after)[:3]
            paged += page
            after = page[-1][1:]
        assert paged[: len(whole)] == whole
