"""A database of its own, so that the figures of the authority are those of these tests alone."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from qa_api.auth.development import DevelopmentIssuer
from tests.api import Api, Server, serving
from tests.conftest import Clone, Database, settings_for
from tests.drill import NO_HURRY
from tests.responses.casework import Casework, Service

NARRATIVE = {
    "activity": "Two audits in each team.",
    "learning": "The child's words are seldom recorded.",
    "good_practice": "Direct work with young carers.",
    "changes_made": "Supervision asks for the child's words.",
    "evidence_of_impact": "Re-audits show their voice.",
    "risks": "Two posts are <vacant>.",
    "next_quarter": "Audits of closures.",
}


@dataclass
class Boardroom:
    """The service and the API over one authority of our own."""

    server: Server
    service: Service
    done: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """What each module of tests has set up in it."""


@pytest.fixture(scope="package")
def board_database(clone_of_authority: Clone) -> Database:
    """The database of that authority."""
    return clone_of_authority()


@pytest.fixture(scope="package")
def boardroom(board_database: Database, issuer: DevelopmentIssuer) -> Iterator[Boardroom]:
    """The demo authority with nothing audited yet."""
    with boardroom_over(board_database, issuer) as made:
        yield made


@contextmanager
def boardroom_over(database: Database, issuer: DevelopmentIssuer) -> Iterator[Boardroom]:
    """The service and the API over a database."""
    settings = settings_for(database, issuer)
    with Service.over(settings) as service, serving(settings) as server:
        yield Boardroom(server, service)


@pytest.fixture(scope="module")
def alone(clone_of_authority: Clone, issuer: DevelopmentIssuer) -> Iterator[Service]:
    """The service over a database in which nothing was audited."""
    settings = settings_for(clone_of_authority(), issuer, **NO_HURRY)
    with Service.over(settings) as service:
        yield service


@pytest.fixture
def done(boardroom: Boardroom, request: pytest.FixtureRequest) -> set[str]:
    """What this module has set up already, also if others were run between two of its tests."""
    return boardroom.done[request.node.path.name]


@pytest.fixture
def board(boardroom: Boardroom, issuer: DevelopmentIssuer) -> Iterator[Api]:
    """A client of it."""
    with Api(boardroom.server, issuer) as client:
        yield client


@pytest.fixture
def casework(
    boardroom: Boardroom,
    board: Api,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> Casework:
    """Audits in that authority."""
    at("2026-11-23T09:30:00Z")
    return Casework(boardroom.service, board, new_ref)
