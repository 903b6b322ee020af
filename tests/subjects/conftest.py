"""Works over the demo authority; each test has subjects of its own."""

from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest

from qa_api.db import Database
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.subjects import service
from qa_api.work import Workshop
from tests.api import Server


@pytest.fixture(scope="module")
async def workshop(authority: Settings) -> AsyncIterator[Workshop]:
    """Opens works on the shared database, with every reaction, on connections of a module's."""
    database = await Database.open(authority)
    try:
        yield Workshop(database, Rulebook(), REACTIONS)
    finally:
        await database.close()


@pytest.fixture
def new_code() -> Callable[[str], str]:
    """A code that no other test uses."""
    return lambda prefix: f"{prefix}-{uuid4().hex[:10]}"


@pytest.fixture
def restrict(server: Server) -> Callable[[str], None]:
    """Restricts everything about the subject of a reference."""

    async def act(workshop: Workshop, ref: str) -> None:
        async with workshop.open_as_service("test") as work:
            subject = await service.find_subject(work, "mosaic", ref, visible=False)
            await service.restrict(work, subject, "staff")

    return lambda ref: server.work(lambda workshop: act(workshop, ref))
