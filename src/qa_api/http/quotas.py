"""How much each caller may ask of one process, by what they are (ADR 42).

People, case systems and reporting tools each have a quota of requests, and the last two a number of
places, so that whatever they ask for leaves connections for people. Headers say what is left, as
the IETF's draft of RateLimit fields has them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from functools import partial
from math import ceil
from typing import Final

from qa_api import problems
from qa_api.attempts import DATABASE_FAULTS
from qa_api.auth.tokens import Caller
from qa_api.http.request_context import RequestContext
from qa_api.rules.unchanging import Unchanging

WINDOW_SECONDS: Final = 60
LEARNT_FOR_SECONDS: Final = 60.0
"""How long it is remembered what a caller is: it decides about quotas, and about no right."""
MOST_REMEMBERED: Final = 10_000

RECENTLY_SECONDS: Final = 0.5
"""A person who asked so lately will ask again: long work makes room."""
RESTS: Final = 4
"""So many times as long as a piece of long work took it rests while people ask."""
LONGEST_REST_SECONDS: Final = 1.0

WHAT_IT_IS: Final = """
SELECT CASE
    WHEN principal.system IS NOT NULL THEN 'case_systems'
    WHEN principal.worker IS NULL AND EXISTS (
        SELECT FROM role_assignments held
        WHERE held.principal_id = principal.id AND held.role = 'reporting') THEN 'reporting'
    ELSE 'people' END
FROM principals principal WHERE principal.issuer = $1 AND principal.subject = $2
"""
"""The class of a caller; no row where the token names nobody known here."""


class ClientClass(StrEnum):
    """What a caller is."""

    PEOPLE = "people"
    CASE_SYSTEMS = "case_systems"
    REPORTING = "reporting"


class Allowance(Unchanging):
    """What the callers of a class may ask for."""

    requests: int | None
    """So many of each caller in a minute; None: as many as they like."""
    places: int | None
    """So many of all of them at a time; None: as many as there are connections."""


Learn = Callable[[Caller], Awaitable[str | None]]
"""Says what a caller is; None where nobody knows them."""


class _Known:
    """One caller: what they are, and how much they have asked for in this window."""

    __slots__ = ("asked", "class_", "learnt_at", "reports", "until")

    def __init__(self) -> None:
        self.class_ = ClientClass.PEOPLE
        self.learnt_at = -LEARNT_FOR_SECONDS
        self.asked = 0
        self.until = 0.0
        self.reports = asyncio.Lock()


class Quotas:
    """The quotas of one process."""

    def __init__(
        self,
        allowed: Mapping[ClientClass, Allowance],
        learn: Learn,
        *,
        patience_seconds: float,
        never_429: frozenset[str] = frozenset(),
    ) -> None:
        """`never_429`: method and path of messages whose sender must not drop them for it."""
        self._allowed = allowed
        self._learn = learn
        self._patience_seconds = patience_seconds
        self._never_429 = never_429
        self._known: dict[tuple[str, str], _Known] = {}
        self._places = {
            class_: asyncio.Semaphore(one.places)
            for class_, one in allowed.items()
            if one.places is not None
        }
        self._in_the_background = asyncio.Lock()
        self._person_asked: tuple[str, str] | None = None
        self._person_asked_at = -RECENTLY_SECONDS
        self._another_asked_at = -RECENTLY_SECONDS
        """When somebody asked last who is not the person who asked last of all."""
        self._policies = {
            class_: f'"{class_}";q={one.requests};w={WINDOW_SECONDS}'.encode()
            for class_, one in allowed.items()
        }

    def __len__(self) -> int:
        return len(self._known)

    async def enter(self, context: RequestContext, caller: Caller, operation: str) -> None:
        """Count a request and give it its place; what it got stands in its context.

        Raises ``quota-exceeded``, or ``unavailable`` for messages.
        """
        if context.entered:  # a further attempt at the same request
            return
        context.entered = True
        now = asyncio.get_running_loop().time()
        known = await self._know(caller, now)
        if known.class_ is ClientClass.PEOPLE:
            self._asks((caller.issuer, caller.subject), now)
        allowed = self._allowed[known.class_]
        if allowed.requests is not None:
            self._count(context, known, allowed.requests, now, operation)
        places = self._places.get(known.class_)
        # Messages have turns of their own, which readiness looks at (`Turns`).
        if places is not None and operation not in self._never_429:
            await self._take(places, operation)
            context.leave = partial(self._give_back, places, now)

    @asynccontextmanager
    async def behind_people(self, patience_seconds: float | None = None) -> AsyncIterator[None]:
        """Do a piece of long work; while people ask, one piece at a time, and a rest after each.

        The rest is longer than the piece took, so that people find the process free most of the
        time, and the database too. While nobody asks, nothing waits. Raises ``unavailable`` for
        whoever has waited so long for their turn.
        """
        if self.nobody_waits():
            yield
            return
        async with self._in_turn(self._in_the_background, self._people_ask, patience_seconds):
            yield

    @asynccontextmanager
    async def behind_others(self, caller: Caller) -> AsyncIterator[None]:
        """Make one of a person's reports; while others ask, one of theirs at a time, then a rest.

        Their first waits for nobody, and what others make waits for none of theirs.
        """
        key = (caller.issuer, caller.subject)
        known = self._known.get(key)
        others_ask = partial(self._people_ask, but=key)
        if known is None or known.class_ is not ClientClass.PEOPLE or not others_ask():
            yield
            return
        async with self._in_turn(known.reports, others_ask):
            yield

    def nobody_waits(self) -> bool:
        """Whether long work may go on outside its turn, since no person asks."""
        return not self._people_ask()

    @asynccontextmanager
    async def _in_turn(
        self,
        turn: asyncio.Lock,
        others_ask: Callable[[], bool],
        patience_seconds: float | None = None,
    ) -> AsyncIterator[None]:
        """Work in turn. The turn is given on after the rest, for which nobody has to stay."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(patience_seconds):
                await turn.acquire()
        except TimeoutError:
            raise problems.unavailable() from None
        began = loop.time()
        try:
            yield
        finally:
            took = loop.time() - began
            if others_ask():
                loop.call_later(min(took * RESTS, LONGEST_REST_SECONDS), turn.release)
            else:
                turn.release()

    def _people_ask(self, but: tuple[str, str] | None = None) -> bool:
        """Whether a person asks; `but`: whether one does who is another than this one."""
        last, before = self._person_asked, self._another_asked_at
        at = before if but is not None and but == last else self._person_asked_at
        return asyncio.get_running_loop().time() < at + RECENTLY_SECONDS

    def _asks(self, person: tuple[str, str], now: float) -> None:
        if person != self._person_asked:
            self._person_asked, self._another_asked_at = person, self._person_asked_at
        self._person_asked_at = now

    def _give_back(self, places: asyncio.Semaphore, since: float) -> None:
        """Give back a place; while people ask, after as long as it was used."""
        loop = asyncio.get_running_loop()
        took = loop.time() - since
        if self._people_ask() and places is self._places.get(ClientClass.REPORTING):
            loop.call_later(min(took, LONGEST_REST_SECONDS), places.release)
        else:
            places.release()

    async def _know(self, caller: Caller, now: float) -> _Known:
        key = (caller.issuer, caller.subject)
        known = self._known.get(key)
        if known is None:
            while len(self._known) >= MOST_REMEMBERED:
                del self._known[next(iter(self._known))]
            known = self._known[key] = _Known()
        if now >= known.learnt_at + LEARNT_FOR_SECONDS:
            # Where the database is away, whatever is asked for is refused for that.
            with suppress(*DATABASE_FAULTS):
                found = await self._learn(caller)
                known.class_ = ClientClass(found) if found else ClientClass.PEOPLE
                known.learnt_at = now
        return known

    def _count(
        self, context: RequestContext, known: _Known, most: int, now: float, operation: str
    ) -> None:
        if now >= known.until:
            known.asked, known.until = 0, now + WINDOW_SECONDS
        known.asked += 1
        seconds = ceil(known.until - now)
        left = b'"%b";r=%d;t=%d' % (known.class_.encode(), max(0, most - known.asked), seconds)
        context.rate_limit = (
            (b"ratelimit-policy", self._policies[known.class_]),
            (b"ratelimit", left),
        )
        if known.asked > most:
            raise self._refusal(seconds, operation)

    async def _take(self, places: asyncio.Semaphore, operation: str) -> None:
        try:
            async with asyncio.timeout(self._patience_seconds):
                await places.acquire()
        except TimeoutError:
            raise self._refusal(ceil(self._patience_seconds), operation) from None

    def _refusal(self, seconds: int, operation: str) -> problems.Problem:
        if operation in self._never_429:
            return problems.unavailable(seconds)
        return problems.quota_exceeded(seconds)
