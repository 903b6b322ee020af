"""A plugin for the drill: the tests that it runs speak to services whose requests are cut off.

A test that `situations` names for an operation is told its story as ever; the first request of it
for that operation is cut off at every statement before it is answered. What was found goes into the
file that CRASH_FOUND names.
"""

import json
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import APIRouter

from qa_api.settings import Settings
from tests import api, conftest
from tests.api import WITHOUT_TLS, Server
from tests.crash.cutting import OneCut, cutting
from tests.crash.each_statement import AtEachStatement, Findings
from tests.crash.situations import OPERATIONS, OTHERWISE, SITUATIONS

FOUND: Final = "CRASH_FOUND"

_CUTTER: Final = OneCut()
_FINDINGS: Final = Findings(set(), OTHERWISE)
_OPEN: Final = ExitStack()
_OWNERS: Final[dict[str, str]] = {}
"""By the address of a service, or of its database: the database as its owner reaches it."""
_serving, _settings_for = api.serving, conftest.settings_for


def _by_the_way(url: str) -> str:
    """The same database by the way that is cut."""
    return urlsplit(url)._replace(query=_way(urlsplit(url).query)).geturl()


@cache
def _way(server: str) -> str:
    """Made when it is first asked for; there until all tests are over."""
    directory = Path(_OPEN.enter_context(tempfile.TemporaryDirectory(prefix="qa-cut-")))
    real = f"postgresql:///?{server}"
    return urlsplit(_OPEN.enter_context(cutting(real, directory, _CUTTER))).query


def settings_for(database: conftest.Database, *others: Any, **changed: Any) -> Settings:
    """The settings of a service over a database, which it reaches by the way that is cut."""
    through = replace(
        database,
        database_url=_by_the_way(database.database_url),
        read_url=_by_the_way(database.read_url),
    )
    _OWNERS[through.database_url] = database.migrate_url
    return _settings_for(through, *others, **changed)


@contextmanager
def serving(settings: Settings, *further: APIRouter) -> Iterator[Server]:
    """A service, whose clients know its database."""
    with _serving(settings, *further) as server:
        owner = _OWNERS.get(settings.database_url.get_secret_value())
        if owner is not None:
            _OWNERS[server.url] = owner
        yield server


def client_of(url: str) -> httpx.Client:
    """A client whose requests are cut off where they are looked for."""
    cutting_off = (
        AtEachStatement(OPERATIONS, _CUTTER, _OWNERS[url], _FINDINGS) if url in _OWNERS else None
    )
    return httpx.Client(
        base_url=url, timeout=30, verify=WITHOUT_TLS, trust_env=False, transport=cutting_off
    )


# Before any other module of the tests takes them by name.
api.serving, api.client_of, conftest.settings_for = serving, client_of, settings_for
conftest.serving = serving  # type: ignore[attr-defined]  # imported there, not exported


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """While this test and what it asks for first run, what it is named for is cut off."""
    node = item.nodeid
    _FINDINGS.wanted = {name for name, test in SITUATIONS.items() if test == node}
    try:
        return (yield)
    finally:
        _FINDINGS.wanted = set()


def pytest_sessionfinish() -> None:
    """Write down what was found."""
    _OPEN.close()
    done = {name: asdict(cuts) for name, cuts in _FINDINGS.done.items()}
    found = {"done": done, "wrong": _FINDINGS.wrong}
    Path(os.environ[FOUND]).write_text(json.dumps(found), "utf-8")
