"""Reporting tools that follow every dataset while one server after the other leads."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from threading import Event as Flag
from typing import Final

from qa_api.embedded.addresses import DATABASE, Urls
from tests.conftest import Database
from tests.drill import SEED
from tests.feeds.following import Follower, followers
from tests.feeds.test_feeds import nothing_is_missed_or_repeated
from tests.patient import Patient, many_connections
from tests.reporting.copies import REPORTER

PULLERS: Final = 2
"""So many pull at a time: the others who ask are many."""


@dataclass
class Copies:
    """A copy of each dataset, by any of several APIs, from before the first trouble on."""

    urls: list[str]
    token: Callable[[str], str]
    begun: Flag = field(default_factory=Flag)
    stop: Flag = field(default_factory=Flag)
    rounds: int = 0
    copies: list[Follower] = field(default_factory=list)

    async def run(self) -> None:
        """Begin each, follow until told to stop, and see that each is what there is then."""
        self.copies = followers(self.token(REPORTER), SEED)
        async with many_connections(PULLERS) as http:
            random = Random(SEED)
            patient = Patient(http, lambda: random.choice(self.urls))
            for copy in self.copies:
                copy.patient = patient
                await copy.begin()
            self.begun.set()
            while not self.stop.is_set():
                await self._go_round()
            await self._go_round()
            for copy in self.copies:
                assert await copy.follow() == 0, f"{copy.dataset}: sent although nothing changed"
                rows, _ = await copy.anew()
                assert copy.rows == rows, copy.dataset

    async def _go_round(self) -> None:
        places = asyncio.Semaphore(PULLERS)

        async def follow(copy: Follower) -> None:
            async with places:
                await copy.follow()

        await asyncio.gather(*map(follow, self.copies))
        self.rounds += 1

    def have(self, audits: set[str], urls: Urls) -> str:
        """See that they have these, missed nothing and were sent nothing again; says how much."""
        by_name = {copy.dataset: copy for copy in self.copies}
        assert audits <= by_name["audits"].seen
        addresses = (urls.database_url, urls.read_url, urls.migrate_url)
        nothing_is_missed_or_repeated(Database(DATABASE, *addresses), self.copies)
        sent = sum(copy.sent.total() for copy in self.copies)
        return f"{len(self.copies)} datasets followed {self.rounds} times, {sent} rows sent"
