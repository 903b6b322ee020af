"""Authorities of their own: what these tests change, every other test counts by."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from qa_api import db
from qa_api.auth.development import DevelopmentIssuer
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.work import Workshop
from tests.api import Api, serving
from tests.conftest import Clone, Database, settings_for


@asynccontextmanager
async def workshop_of(
    settings: Settings, reactions: Mapping[Any, Any] | None = None
) -> AsyncIterator[Workshop]:
    """A workshop over an authority's database, as a process of its own would have it."""
    database = await db.Database.open(settings)
    try:
        yield Workshop(database, Rulebook(), reactions or {})
    finally:
        await database.close()


@pytest.fixture(scope="package")
def as_published(clone_of_authority: Clone, issuer: DevelopmentIssuer) -> Iterator[Api]:
    """An authority whose calendar and policy nobody has changed."""
    settings = settings_for(clone_of_authority(), issuer)
    with serving(settings) as server, Api(server, issuer) as api:
        yield api


@pytest.fixture(scope="module")
def own_database(clone_of_authority: Clone) -> Database:
    """The database of the authority whose calendar and policy this module changes."""
    return clone_of_authority()


@pytest.fixture(scope="module")
def own_settings(own_database: Database, issuer: DevelopmentIssuer) -> Settings:
    """How that authority is reached."""
    return settings_for(own_database, issuer)


@pytest.fixture(scope="module")
def own(own_settings: Settings, issuer: DevelopmentIssuer) -> Iterator[Api]:
    """An authority whose calendar and policy this module may change, as its administrator."""
    with serving(own_settings) as server, Api(server, issuer, "admin-1") as api:
        yield api
