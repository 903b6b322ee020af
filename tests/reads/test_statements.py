"""What nobody asked before is put together beside the event loop: others are answered meanwhile."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event, current_thread
from typing import Any

import pytest

from qa_api.audits.queries import AUDITS
from qa_api.db import Prepared
from qa_api.reads.listings import Filter
from qa_api.reads.statements import Statements
from tests.api import Api

PATIENCE = 60.0
"""Seconds after which what should happen is taken to have failed."""
NEW = {"state": "in_progress", "limit": "7", "type": "themed", "overdue": "false"}
"""Filters of audits that no other test sets together."""


def test_another_request_is_answered_while_a_statement_is_put_together(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, answered = Event(), Event()
    state = AUDITS.filters["state"]

    def keeps(row: Any, value: Any, me: Any) -> Any:
        began.set()
        assert answered.wait(PATIENCE), "nobody else was answered"
        return state.keeps(row, value, me)

    monkeypatch.setitem(
        AUDITS.filters,
        "state",
        Filter(keeps, state.type, state.narrows),
    )
    with ThreadPoolExecutor(1) as other:
        asked = other.submit(api.as_("qs-1").get, "/v1/audits", params=NEW)
        try:
            assert began.wait(PATIENCE)
            assert api.get("/v1/me").status_code == 200
            assert not asked.done()
        finally:
            answered.set()
        assert asked.result(PATIENCE).status_code == 200


async def test_a_statement_is_put_together_once_and_by_one_thread_however_many_ask() -> None:
    built: list[tuple[str, str]] = []

    def build(name: str) -> Prepared:
        built.append((name, current_thread().name))
        return Prepared(name, ())

    statements = Statements(build, most=2)
    asked = [statements.beside(name) for name in ("a", "b", "a", "a", "b")]
    assert [found.sql for found in await asyncio.gather(*asked)] == ["a", "b", "a", "a", "b"]
    assert sorted(name for name, _ in built) == ["a", "b"]
    assert len({thread for _, thread in built}) == 1
    assert current_thread().name not in {thread for _, thread in built}
    assert (await statements.beside("a")).sql == "a"
    await statements.beside("c")  # in place of b, which was asked for longest ago
    await statements.beside("a")
    assert [name for name, _ in built][2:] == ["c"]
    await statements.beside("b")
    assert [name for name, _ in built][3:] == ["b"]
