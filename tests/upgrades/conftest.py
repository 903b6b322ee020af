"""What is copied back into databases of older revisions."""

from collections.abc import Iterator
from typing import Final

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.conftest import Clone, Database
from tests.drill import share
from tests.matrix.world import built

WHOLE: Final = share(1) == 0


@pytest.fixture
def newest(
    clone_of_authority: Clone, authority: Settings, issuer: DevelopmentIssuer
) -> Iterator[Database]:
    """What is copied back: in the drill rows of every kind."""
    database = clone_of_authority()
    if WHOLE:
        with built(lambda: database, authority, issuer):
            yield database
    else:
        yield database
