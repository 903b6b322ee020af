"""One pair of authorities for the whole walk."""

from collections.abc import Iterator

import pytest

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.conftest import Clone, Database
from tests.sealing.twins import Twins, made_twice


@pytest.fixture(scope="module")
def twins(
    postgres: Database, clone_of_authority: Clone, authority: Settings, issuer: DevelopmentIssuer
) -> Iterator[Twins]:
    """Both, with the clock at the day after the draw; made once."""
    heard = {"live_longest_seconds": 600, "live_heartbeat_seconds": 0.1}
    listened_to = authority.model_copy(update=heard)
    try:
        with made_twice(postgres, clone_of_authority, listened_to, issuer) as made:
            yield made
    finally:
        clock.reset()
