"""Work lists as they would be found without any short cut: every thing that can wait, each asked.

The service looks for what a caller's roles can have, for what may fall to others, and for a page of
what an index gives in order. None of that may change what somebody is shown.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, Self

import asyncpg
import pytest
from sqlalchemy import true, union_all

from qa_api import clock
from qa_api.auth.actor import finding_the_caller
from qa_api.auth.roles import Role
from qa_api.me import casework, queries, work_list
from qa_api.reads.listings import Listing, Piece
from qa_api.rules.local_time import local_date

SHORT_CUTS: Final = ("audit_beyond", "response_beyond", "action_beyond", "review_beyond")
Row = tuple[Any, ...]


def without_short_cuts() -> Listing:
    """The list over everything that can wait, whatever the caller's roles are."""
    with pytest.MonkeyPatch.context() as plain:
        for name in SHORT_CUTS:
            plain.setattr(casework, name, lambda _: true())
        every = work_list.waits.__wrapped__()
    whole = Piece(union_all(*every).subquery("whole"))
    return replace(queries.work(), pieces=(whole,))


class Plainly:
    """Reads both, as the API does, on one connection."""

    def __init__(self, runner: asyncio.Runner, connection: Any, issuer: str) -> None:
        self._runner, self._connection, self._issuer = runner, connection, issuer
        self.whole = without_short_cuts()

    @classmethod
    @contextmanager
    def over(cls, read_url: str, issuer: str) -> Iterator[Self]:
        """Both lists over one database."""
        kept = {"statement_cache_size": 1024, "max_cacheable_statement_size": 0}
        once = {"plan_cache_mode": "force_generic_plan"}
        with asyncio.Runner() as runner:
            asked = asyncpg.connect(read_url, server_settings=once, **kept)
            connection = runner.run(_opened(asked))
            try:
                yield cls(runner, connection, issuer)
            finally:
                runner.run(connection.close())

    def own(self, person: str, kind: str | None = None) -> Listing:
        """The list as the API puts it together for somebody."""
        found = finding_the_caller()
        rows = self._fetch(found.sql, found.arguments(self._values(person)))
        return queries.work_for(rows[0]["roles"] if rows else (), kind)

    def rows(
        self,
        listing: Listing,
        person: str,
        limit: int = 10_000,
        after: Sequence[Any] = (),
        **given: Any,
    ) -> list[Row]:
        """One page and one row more, each with its key."""
        marked = frozenset(f"!{name}" if value is False else name for name, value in given.items())
        prepared = listing.prepared(marked, after=bool(after))
        values = self._values(person) | {"limit": limit}
        values |= {f"given_{name}": value for name, value in given.items()}
        values |= {f"after_{n}": part for n, part in enumerate(after)}
        return [tuple(row) for row in self._fetch(prepared.sql, prepared.arguments(values))]

    def explained(self, listing: Listing, person: str, limit: int, *settings: str) -> str:
        """What PostgreSQL did for a page, as JSON; each time planned anew."""
        prepared = listing.prepared(frozenset(), after=False)
        for setting in settings:
            self._fetch(f"SET {setting}", ())
        values = self._values(person) | {"limit": limit}
        question = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {prepared.sql}"
        plan: str = self._fetch(question, prepared.arguments(values))[0][0]
        return plan

    def same(self, person: str, **given: Any) -> int:
        """See that both show somebody the same in the same order; how many things there are."""
        shown = self.rows(self.own(person, given.get("kind")), person, **given)
        assert shown == self.rows(self.whole, person, **given), (person, given)
        return len(shown)

    def _values(self, person: str) -> dict[str, Any]:
        now = clock.now()
        return {
            "issuer": self._issuer,
            "subject": person,
            "now": now,
            "today": local_date(now),
            "permitted_roles": [role.value for role in Role],
            "correlation_id": "a test of work lists",
            "operation": "list",
        }

    def _fetch(self, sql: str, arguments: Sequence[Any]) -> list[asyncpg.Record]:
        async def fetch() -> list[asyncpg.Record]:
            found: list[asyncpg.Record] = await self._connection.fetch(sql, *arguments)
            return found

        return self._runner.run(fetch())


async def _opened(connecting: Any) -> Any:
    return await connecting
