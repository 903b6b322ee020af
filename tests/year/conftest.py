"""Authorities to live in: each a clone of one that was adopted once, dropped when it was lived."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.db import Database as Connections
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.work import Workshop
from tests.conftest import Clone, Database, cloning, settings_for
from tests.year.calling import Caller, in_process, over_http
from tests.year.people import TEAMS, adopted, authority
from tests.year.turn import Place


@dataclass
class Places:
    """Makes authorities of some size, in which nothing has happened yet."""

    server: Database
    clone: Clone
    issuer: DevelopmentIssuer
    directory: Path
    templates: dict[int, Database] = field(default_factory=dict)

    @contextmanager
    def opened(self, teams: int = TEAMS, *, http: bool = False) -> Iterator[Place]:
        """One of them, until the block ends."""
        with cloning(self.server, self._template(teams), "year") as make:
            database = make()
            with self._caller(database, http=http) as caller:
                yield Place(caller, self.issuer, database)

    def _caller(self, database: Database, *, http: bool) -> AbstractContextManager[Caller]:
        settings = settings_for(database, self.issuer)
        return over_http(settings) if http else in_process(settings)

    def _template(self, teams: int) -> Database:
        if teams not in self.templates:
            made = self.clone()
            asyncio.run(self._adopt(settings_for(made, self.issuer), teams))
            self.templates[teams] = made
        return self.templates[teams]

    async def _adopt(self, settings: Settings, teams: int) -> None:
        database = await Connections.open(settings)
        try:
            workshop = Workshop(database, Rulebook(), REACTIONS)
            folder = authority(self.directory, teams)
            await adopted(workshop, folder, self.issuer.settings.issuer)
        finally:
            await database.close()


@pytest.fixture(scope="module")
def places(
    postgres: Database,
    clone: Clone,
    issuer: DevelopmentIssuer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Places:
    """Authorities of this run."""
    return Places(postgres, clone, issuer, tmp_path_factory.mktemp("year"))
