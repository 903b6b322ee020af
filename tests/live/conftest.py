"""An API that lets people listen for as long as they like, with frequent signs of life."""

from collections.abc import Callable, Iterator

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.api import Api, Server, serving
from tests.audits.auditing import Auditing, of_new_child
from tests.conftest import Database, settings_for


@pytest.fixture(scope="session")
def live_settings(database: Database, issuer: DevelopmentIssuer) -> Settings:
    """With a sign of life many times a second, so that none is waited for long."""
    return settings_for(
        database,
        issuer,
        live_longest_seconds=600,
        live_heartbeat_seconds=0.1,
        live_listeners_each=3,
        keep_alive_seconds=0.3,
    )


@pytest.fixture(scope="session")
def live_server(live_settings: Settings) -> Iterator[Server]:
    """One process that people listen to."""
    with serving(live_settings) as running:
        yield running


@pytest.fixture(scope="session")
def other_server(live_settings: Settings) -> Iterator[Server]:
    """Another process over the same database."""
    with serving(live_settings) as running:
        yield running


@pytest.fixture
def live(live_server: Server, issuer: DevelopmentIssuer) -> Iterator[Api]:
    """A client of the first."""
    with Api(live_server, issuer) as client:
        yield client


@pytest.fixture
def other(other_server: Server, issuer: DevelopmentIssuer) -> Iterator[Api]:
    """A client of the other."""
    with Api(other_server, issuer) as client:
        yield client


@pytest.fixture
def case(live: Api, new_ref: Callable[[], str]) -> Auditing:
    """A child of Lincoln FAST."""
    return of_new_child(live, new_ref)
