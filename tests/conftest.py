"""One PostgreSQL server per run, one migrated template, and a clone of it for who needs one."""

import asyncio
import gc
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from qa_api import clock, migrate
from qa_api import db as connections
from qa_api.auth.development import DevelopmentIssuer
from qa_api.data import DEFAULT_AUTHORITY
from qa_api.demo.authority import load_demo_authority
from qa_api.embedded import running
from qa_api.events import ConfigurationChanged
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.work import Workshop
from tests.api import Api, Server, serving
from tests.kept import KEPT
from tests.moderation.months import Months
from tests.scratch import scratch_directory

YOUNG_AT_MOST = 100_000
"""Objects made before the youngest are looked through; Python's 700 are too few for a server."""


SLOW = 1.0
"""Seconds after which a test that is not marked `long` is named at the end of a run."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long`, beside pytest's own."""
    parser.addoption("--long", action="store_true", help="run the tests marked `long` as well")


def pytest_configure(config: pytest.Config) -> None:
    """Whoever names tests gets them, long or not; the processes of xdist are told by this one."""
    names = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
    if names or config.option.keyword or config.option.markexpr:
        config.option.long = True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A run of everything leaves the long ones out, unless they are asked for."""
    if config.option.long:
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not item.get_closest_marker("long")]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what made a run of everything slow; nothing fails by it: machines differ."""
    if terminalreporter.config.option.long:
        return
    for report in terminalreporter.getreports("passed"):
        if report.when == "call" and report.duration > SLOW:
            terminalreporter.write_line(f"slow, not marked long: {report.nodeid}")


def pytest_collection_finish() -> None:
    """What was loaded stays: nobody looks through it again and again for what may go.

    What a test leaves is still found, and a warning about it is still an error.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_AT_MOST, 10, 10)


@dataclass(frozen=True)
class Database:
    """One database of the test server, as each role reaches it."""

    name: str
    database_url: str
    read_url: str
    migrate_url: str
    log: Path | None = None
    """Where its server writes what it has to say, if that is ours to read."""

    def named(self, name: str) -> "Database":
        """Another database of the same server."""

        def renamed(url: str) -> str:
            return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))

        return Database(
            name,
            renamed(self.database_url),
            renamed(self.read_url),
            renamed(self.migrate_url),
            self.log,
        )


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Database]:
    """The server of this run: the one that QA_* variables name, else an embedded one."""
    named = [os.environ.get(f"QA_{role}_URL") for role in ("DATABASE", "READ", "MIGRATE")]
    if all(named):
        urls = [url for url in named if url]
        ours, read, owner = urls
        yield Database(urlsplit(ours).path.strip("/"), ours, read, owner)
        return
    with scratch_directory() as directory, running(directory, fsync=False) as server:
        made = server.urls()
        log = directory / "postgres.log"
        yield Database("qa", made.database_url, made.read_url, made.migrate_url, log)


@pytest.fixture(scope="session")
def template(postgres: Database) -> Iterator[Database]:
    """A database at the newest revision that nothing stays connected to."""
    with created(postgres, f"qa_template_{os.getpid()}") as made:
        migrate.upgrade(made.migrate_url)
        yield made


Clone = Callable[[], Database]


@pytest.fixture(scope="session")
def clone(postgres: Database, template: Database) -> Iterator[Clone]:
    """Makes a further, empty database like the template; all are gone at the end of the run."""
    with cloning(postgres, template, "test") as make:
        yield make


@pytest.fixture(scope="session")
def clone_of_authority(
    postgres: Database, clone: Clone, issuer: DevelopmentIssuer
) -> Iterator[Clone]:
    """Makes a further database that holds the demo authority; to load it again changes nothing."""
    loaded = clone()
    asyncio.run(load_authority(settings_for(loaded, issuer), issuer))
    with cloning(postgres, loaded, "authority") as make:
        yield make


@pytest.fixture(scope="session")
def database(clone_of_authority: Clone) -> Database:
    """The database that most tests share; a test that needs its own asks for a clone."""
    return clone_of_authority()


@contextmanager
def cloning(server: Database, template: Database, called: str) -> Iterator[Clone]:
    """Makes databases like one that nothing stays connected to; all are dropped at the end."""
    numbers = itertools.count(1)
    made: list[str] = []

    def make() -> Database:
        name = f"qa_{called}_{os.getpid()}_{next(numbers)}"
        execute(
            server.migrate_url,
            f"CREATE DATABASE {name} TEMPLATE {template.name} STRATEGY FILE_COPY",
        )
        made.append(name)
        return server.named(name)

    yield make
    for name in made:
        drop(server, name)


@contextmanager
def created(server: Database, name: str) -> Iterator[Database]:
    """A new, empty database of the server, dropped at the end."""
    execute(server.migrate_url, f"CREATE DATABASE {name}")
    try:
        yield server.named(name)
    finally:
        drop(server, name)


def drop(server: Database, name: str) -> None:
    """Drop a database. Other roles' connections may still be closing: the owner waits for them."""
    KEPT.close()
    for _ in range(100):
        try:
            execute(server.migrate_url, f"DROP DATABASE {name} WITH (FORCE)")
        except (asyncpg.InsufficientPrivilegeError, asyncpg.ObjectInUseError):
            sleep(0.05)
        else:
            return
    raise AssertionError(f"{name} is still in use")


def execute(url: str, *statements: str) -> None:
    """Statements outside a transaction, on a connection of their own."""

    async def one_by_one() -> None:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(one_by_one())


# --- The application under test: its settings, clients and tokens --------------------------------
#
# One API per run, on a real port, over a real database. Nothing is cleaned between tests: as in an
# authority, each test has children of its own (`new_ref`), and asks for what is theirs.


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentIssuer:
    """Signs for the demo authority's people, as in development."""
    return DevelopmentIssuer.open(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def authority(database: Database, issuer: DevelopmentIssuer) -> Settings:
    """The settings that serve the demo authority in the shared database."""
    return settings_for(database, issuer)


def settings_for(database: Database, issuer: DevelopmentIssuer, **changed: Any) -> Settings:
    """The settings of an API over one database; otherwise as in production.

    Who listens is sent away at once, unless a test says for how long: most tests wait for an end.
    """
    return Settings(
        environment="development",
        database_url=SecretStr(database.database_url),
        read_url=SecretStr(database.read_url),
        token_issuers=(issuer.settings,),
        cursor_secret=SecretStr("a secret of the tests, no one else's"),
        webhook_targets=["http://127.0.0.1"],
        **{"live_longest_seconds": 0.02, **changed},
    )


async def load_authority(
    settings: Settings, issuer: DevelopmentIssuer, code: str = DEFAULT_AUTHORITY
) -> None:
    """An authority that ships with the service, in the database of these settings."""
    database = await connections.Database.open(settings)
    try:
        workshop = Workshop(database, Rulebook(), REACTIONS)
        await load_demo_authority(workshop, issuer=issuer.settings.issuer, code=code)
    finally:
        await database.close()


@pytest.fixture(scope="session")
def server(authority: Settings) -> Iterator[Server]:
    """The API of this run, served by uvicorn on a free port."""
    with serving(authority) as running_server:
        yield running_server


@pytest.fixture
def api(server: Server, issuer: DevelopmentIssuer) -> Iterator[Api]:
    """A client of the API that holds every answer against the contract."""
    with Api(server, issuer) as client:
        yield client


@pytest.fixture
def at() -> Iterator[Callable[[str], None]]:
    """Freezes the clock of API and test at an instant: `at("2026-11-23T09:00:00Z")`."""
    yield lambda instant: clock.freeze(datetime.fromisoformat(instant))
    clock.reset()


@pytest.fixture(scope="session")
def months(tmp_path_factory: pytest.TempPathFactory) -> Months:
    """Who drew which group's month, among all processes of this run."""
    directory = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        directory = directory.parent
    (directory / "months").mkdir(exist_ok=True)
    return Months(directory / "months")


@pytest.fixture
def new_ref() -> Callable[[], str]:
    """A case reference that no other test uses."""
    return lambda: f"C-{uuid4().hex[:12]}"


def let_in(principal: UUID) -> ConfigurationChanged:
    """What an import tells of an account whose rights it writes."""
    return ConfigurationChanged(about=principal, what="principal", code=str(principal))


def told() -> ConfigurationChanged:
    """What a command tells of the directory and the endpoints that it changes."""
    return ConfigurationChanged(about=uuid4(), what="authority", code="adopted")


@dataclass
class Accounts:
    """Further accounts, let in as an import does and disabled when the test is over."""

    migrate_url: str
    issuer: str
    given: list[str] = field(default_factory=list)

    def another(self, worker: str | None, *roles: str, team: str | None = None) -> str:
        """The subject of a further account of a worker, or of nobody, with roles."""
        id_ = str(uuid4())
        subject, self.given = f"again-{id_[:8]}", [*self.given, id_]
        whose = f"'{worker}'" if worker else "NULL"
        said = (
            "INSERT INTO principals (id, issuer, subject, worker, version)"
            f" VALUES ('{id_}', '{self.issuer}', '{subject}', {whose}, 1);"
        )
        over = ("team", f"'{team}'") if team else ("authority", "NULL")
        for role in roles:
            said += (
                "INSERT INTO role_assignments (id, principal_id, role, scope, team, valid, version)"
                f" VALUES ('{uuid4()}', '{id_}', '{role}', '{over[0]}', {over[1]},"
                " '[2026-01-01,)', 1);"
            )
        execute(self.migrate_url, said)
        return subject

    def of_newcomer(self, *roles: str) -> tuple[str, str]:
        """Both accounts of a new worker with roles."""
        code = f"new-{uuid4().hex[:8]}"
        execute(self.migrate_url, f"INSERT INTO workers (code, version) VALUES ('{code}', 1)")
        return self.another(code, *roles), self.another(code, *roles)

    def disable(self) -> None:
        """Let none of them in any more; each worker has the one account of before again."""
        ids = ", ".join(f"'{id_}'" for id_ in self.given) or "NULL"
        ended = f"UPDATE principals SET disabled_at = now(), worker = NULL WHERE id IN ({ids})"
        execute(self.migrate_url, ended)


@pytest.fixture
def accounts(
    authority: Settings, database: Database, issuer: DevelopmentIssuer
) -> Iterator[Accounts]:
    """Lets people in a second time for a test."""
    given = Accounts(database.migrate_url, issuer.settings.issuer)
    yield given
    given.disable()
