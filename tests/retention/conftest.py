from collections.abc import Callable, Iterator

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.api import Api, Server, serving
from tests.conftest import Clone, Database, settings_for
from tests.responses.casework import Service
from tests.retention.keeping import Keeping


@pytest.fixture(scope="package")
def keeping_database(clone_of_authority: Clone) -> Database:
    """The database of an authority whose records go."""
    return clone_of_authority()


@pytest.fixture(scope="package")
def keeping_settings(keeping_database: Database, issuer: DevelopmentIssuer) -> Settings:
    """How that authority is reached."""
    return settings_for(keeping_database, issuer)


@pytest.fixture(scope="package")
def keeping_server(keeping_settings: Settings) -> Iterator[Server]:
    with serving(keeping_settings) as server:
        yield server


@pytest.fixture(scope="package")
def keeping_service(keeping_settings: Settings) -> Iterator[Service]:
    with Service.over(keeping_settings) as service:
        yield service


@pytest.fixture
def keeping(
    keeping_server: Server,
    keeping_service: Service,
    keeping_database: Database,
    issuer: DevelopmentIssuer,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> Iterator[Keeping]:
    """Quality & Standards on Monday 23 November 2026, in an authority of their own."""
    at("2026-11-23T09:30:00Z")
    with Api(keeping_server, issuer) as api:
        made = Keeping(api, keeping_service, keeping_database, new_ref)
        yield made
        at("2026-11-23T09:30:00Z")
        made.leave_nothing_waiting()
