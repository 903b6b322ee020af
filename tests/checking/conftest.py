"""An authority of its own, whose rows can be written over."""

from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.api import Api, serving
from tests.conftest import Clone, Database
from tests.responses.casework import Casework, Service


@pytest.fixture(scope="module")
def held(clone_of_authority: Clone) -> Database:
    """A copy of the demo authority."""
    return clone_of_authority()


@pytest.fixture(scope="module")
def own(held: Database, authority: Settings) -> Settings:
    """The settings of a service over it."""
    urls = {"database_url": held.database_url, "read_url": held.read_url}
    return authority.model_copy(update={name: SecretStr(url) for name, url in urls.items()})


@pytest.fixture(scope="module")
def service(own: Settings) -> Iterator[Service]:
    """The service itself."""
    with Service.over(own) as opened:
        yield opened


@pytest.fixture(scope="module")
def api(own: Settings, issuer: DevelopmentIssuer) -> Iterator[Api]:
    """Its API."""
    with serving(own) as server, Api(server, issuer) as api:
        yield api


@pytest.fixture
def casework(
    service: Service, api: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> Casework:
    """Begins on Monday 23 November 2026, at half past nine in London."""
    at("2026-11-23T09:30:00Z")
    return Casework(service, api, new_ref)
