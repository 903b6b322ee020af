"""An authority of its own, and an identity provider that tells it of people and groups by SCIM."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from qa_api.auth.development import DevelopmentIssuer
from tests.api import Api, Server, serving
from tests.conftest import Clone, Database, settings_for
from tests.scim.provider import Provider, Staff


@pytest.fixture(scope="package")
def provided(clone_of_authority: Clone) -> Database:
    """The database of that authority."""
    return clone_of_authority()


@pytest.fixture(scope="package")
def provided_server(provided: Database, issuer: DevelopmentIssuer) -> Iterator[Server]:
    with serving(settings_for(provided, issuer)) as server:
        yield server


@pytest.fixture
def api(provided_server: Server, issuer: DevelopmentIssuer) -> Iterator[Api]:
    with Api(provided_server, issuer) as client:
        yield client


@pytest.fixture
def provider(api: Api) -> Provider:
    return Provider(api)


@pytest.fixture
def subject() -> str:
    """Whom no other test knows."""
    return f"person-{uuid4().hex[:10]}"


@pytest.fixture
def staff(api: Api, provider: Provider) -> Staff:
    return Staff(api, provider)
