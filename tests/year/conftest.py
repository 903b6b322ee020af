"""Authorities to live in: each a clone of one that was adopted once, dropped when it was lived."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.db import Database as Connections
from qa_api.models import Base, access, catalogue, directory, policy
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.work import Workshop
from tests.conftest import Database, cloning, drop, execute, settings_for
from tests.drill import NO_HURRY
from tests.kept import KEPT
from tests.year.before import live_before
from tests.year.calling import Caller, in_process, over_http
from tests.year.people import TEAMS, adopted, authority
from tests.year.turn import Place


@dataclass
class Places:
    """Makes authorities of some size, in which nothing has happened yet."""

    server: Database
    migrated: Database
    issuer: DevelopmentIssuer
    directory: Path
    templates: dict[int, Database] = field(default_factory=dict)

    @contextmanager
    def opened(self, teams: int = TEAMS, *, http: bool = False) -> Iterator[Place]:
        """One of them, until the block ends."""
        with cloning(self.server, self._template(teams), "year") as make:
            database = make()
            # To plan each statement anew for its values takes an eighth of what a year costs.
            execute(
                database.migrate_url,
                f"ALTER DATABASE {database.name} SET plan_cache_mode = force_generic_plan",
            )
            with self._caller(database, http=http) as caller:
                yield Place(caller, self.issuer, database)

    def _caller(self, database: Database, *, http: bool) -> AbstractContextManager[Caller]:
        # One asks after the other: on one connection a statement is planned once.
        settings = settings_for(database, self.issuer, read_pool_size=1, **NO_HURRY)
        return over_http(settings) if http else in_process(settings)

    def _template(self, teams: int) -> Database:
        if teams not in self.templates:
            self.templates[teams] = self._made(teams)
        return self.templates[teams]

    def _made(self, teams: int) -> Database:
        """An authority that was adopted, and whose people have done something long ago.

        It is made under the name that those which are lived in have: the application is made once.
        """
        name = f"qa_year_{os.getpid()}_1"
        execute(
            self.server.migrate_url,
            f"CREATE DATABASE {name} TEMPLATE {self.migrated.name} STRATEGY FILE_COPY",
        )
        made = self.server.named(name)
        asyncio.run(self._adopt(settings_for(made, self.issuer), teams))
        with self._caller(made, http=False) as caller:
            live_before(Place(caller, self.issuer, made))
        KEPT.close()
        # As it would be in an authority that runs: here no autovacuum looks after it.
        execute(made.migrate_url, f"ANALYZE {', '.join(_adopted_tables())}")
        template = self.server.named(f"{name}_of_{teams}")
        execute(self.server.migrate_url, f"ALTER DATABASE {name} RENAME TO {template.name}")
        return template

    async def _adopt(self, settings: Settings, teams: int) -> None:
        database = await Connections.open(settings)
        try:
            workshop = Workshop(database, Rulebook(), REACTIONS)
            folder = authority(self.directory, teams)
            await adopted(workshop, folder, self.issuer.settings.issuer)
        finally:
            await database.close()


def _adopted_tables() -> list[str]:
    """The tables of what an authority is adopted with: who is who, what is asked, which days work.

    All others are as good as empty then. Statistics of them would say so all year.
    """
    modules = {each.__name__ for each in (catalogue, directory, policy)}
    accounts = (access.Principal, access.RoleAssignment, access.KeptRights)
    found = {
        mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__module__ in modules
    }
    return sorted(each.__tablename__ for each in found.union(accounts))


@pytest.fixture(scope="module")
def places(
    postgres: Database,
    template: Database,
    issuer: DevelopmentIssuer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Places]:
    """Authorities of this run."""
    places = Places(postgres, template, issuer, tmp_path_factory.mktemp("year"))
    yield places
    for made in places.templates.values():
        drop(postgres, made.name)
