"""A list looks up a page arm by arm and shows what it would show if it read every row."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from qa_api import clock
from qa_api.actions.queries import ACTIONS
from qa_api.audits.queries import AUDITS
from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import Role
from qa_api.reads.listings import Listing
from qa_api.responses.queries import RESPONSES
from qa_api.rules.local_time import local_date
from qa_api.settings import Settings
from tests.responses.casework import Casework, casework, service

__all__ = ("casework", "service")

LISTS = [AUDITS, RESPONSES, ACTIONS]
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


@pytest.fixture
def reading(authority: Settings, issuer: DevelopmentIssuer, casework: Casework) -> Reading:
    """An authority in which something is on record for several of them."""
    casework.completed_audit(actions=2)
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
    assert found > len(PEOPLE), "the comparison was of nothing"


@pytest.mark.long
@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: listing.name)
def test_page_by_page_they_are_the_same_rows(reading: Reading, listing: Listing) -> None:
    for person in ("tm-lincoln-fast", "sw1-lincoln-fast"):
        whole = reading.rows(listing, person, 10_000)[:12]
        paged: list[tuple[Any, ...]] = []
        after: tuple[Any, ...] = ()
        while len(paged) < len(whole):
            page = reading.rows(listing, person, 3, after)[:3]
            paged += page
            after = page[-1][1:]
        assert paged[: len(whole)] == whole
