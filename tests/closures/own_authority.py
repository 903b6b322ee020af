"""An authority of a module's own: what is set up in it disturbs no other test."""

from collections.abc import Iterator

import pytest

from qa_api.auth.development import DevelopmentIssuer
from tests.api import Api, serving
from tests.conftest import Clone, Database, settings_for
from tests.drill import NO_HURRY


@pytest.fixture(scope="module")
def own_database(clone_of_authority: Clone) -> Database:
    """Its database."""
    return clone_of_authority()


@pytest.fixture(scope="module")
def own_authority(own_database: Database, issuer: DevelopmentIssuer) -> Iterator[Api]:
    """A client of it."""
    settings = settings_for(own_database, issuer, **NO_HURRY)
    with serving(settings) as server, Api(server, issuer) as client:
        yield client


@pytest.fixture(scope="module")
def made_ready() -> list[Api]:
    """The authorities that the module has made ready."""
    return []
