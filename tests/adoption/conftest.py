"""The same tests over every authority that ships with the service, each with its own database."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import Role
from qa_api.data import shipped_authorities
from qa_api.demo.people import demo_principals
from tests.adoption.authority import Authority
from tests.api import Api, Server, serving
from tests.conftest import Database, load_authority, settings_for


@pytest.fixture(scope="session", params=sorted(shipped_authorities()))
def adopted(
    request: pytest.FixtureRequest, clone: Callable[[], Database], issuer: DevelopmentIssuer
) -> Iterator[tuple[str, Server]]:
    """One authority of those that ship with the service, loaded and served."""
    settings = settings_for(clone(), issuer)
    asyncio.run(load_authority(settings, issuer, request.param))
    with serving(settings) as server:
        yield request.param, server


@pytest.fixture
def house(
    adopted: tuple[str, Server], issuer: DevelopmentIssuer, at: Callable[[str], None]
) -> Iterator[Authority]:
    """The authority on Monday 23 November 2026, at half past nine in London."""
    code, server = adopted
    people = demo_principals(code)
    at("2026-11-23T09:30:00Z")
    with Api(server, issuer, people[Role.QUALITY_STANDARDS]) as api:
        yield Authority(api, api.as_(people[Role.ADMINISTRATOR]))
