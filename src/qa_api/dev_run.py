"""The whole service on one machine, for development: database, demo authority, API and worker.

The API and the worker are processes of their own, as in production. They and the database end
with this one, however it ends.
"""

import asyncio
import errno
import json
import os
import secrets
import shutil
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import SecretStr

from qa_api import clock, migrate
from qa_api.auth.development import ISSUER, DevelopmentIssuer
from qa_api.children import Children, Say, Stopped, computed, stopped_by_signals
from qa_api.data import DEFAULT_AUTHORITY, shipped_authorities
from qa_api.db import Database, reach
from qa_api.demo.authority import AnotherAuthority, load_demo_authority
from qa_api.dev_place import CannotRun, Place, state_file
from qa_api.embedded import EmbeddedPostgres, EmbeddedPostgresError, running
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.work import Workshop
from qa_api.worker.notes import SignerKey

LAST_PORT: Final = 65_535
HOST: Final = "127.0.0.1"
STANDS_STILL: Final = 60.0
"""Seconds without progress after which an API that is not ready is given up."""
ASKED_FOR: Final = 5.0
"""Seconds that one question to an API that loads may take."""
TOLD_EVERY: Final = 10.0
"""Seconds between two lines that say what is waited for."""
DEMO_CLOCK: Final = "clock"
"""The file in a demo's data directory that says by how much its clock is moved."""
SET_CLOCK: Final = "set-clock"
"""The same of a service whose environment sets the clock."""
_DATABASE: Final = ("QA_DATABASE_URL", "QA_READ_URL", "QA_MIGRATE_URL")
_KEPT: Final = ("QA_CHECKPOINT_KEY", "QA_CURSOR_SECRET")


def dev_run(port: int, data_dir: Path, say: Say, authority: str = DEFAULT_AUTHORITY) -> int:
    """Run the service until it is stopped; returns the exit status."""
    try:
        with stopped_by_signals(), service(port, data_dir, say, authority) as (place, children):
            say(f"the API listens on {place.url} (its pages: {place.url}/docs)")
            if not (data_dir / DEMO_CLOCK).exists():
                say("an authority with history: ./dev demo, then ./dev run --data .data/demo")
            say(f"a token: ./dev token ROLE{_unless_default(data_dir)}, such as quality_standards")
            say("stop with Ctrl-C")
            children.watch(say)
    except Stopped:
        say("stopped")
        return 0
    return 1


def keep_up(children: Children, say: Say) -> None:
    """Start again what has ended by itself. Raises CannotRun when that happens too often."""
    if not children.keep(say):
        raise CannotRun("the service does not stay")


@contextmanager
def service(
    port: int,
    data_dir: Path,
    say: Say,
    authority: str = DEFAULT_AUTHORITY,
    *,
    clock_file: Path | None = None,
    **further: str,
) -> Iterator[tuple[Place, "Children"]]:
    """The service of a data directory from when it answers until the block ends.

    All its processes follow one clock, this one too: `clock_file`, else what the environment says.
    `further` are `QA_*` variables for the API and the worker, instead of what would hold.
    """
    if authority not in (shipped := shipped_authorities()):
        raise CannotRun(f"the authorities that ship with it are {', '.join(sorted(shipped))}")
    if Place.find(data_dir) is not None:
        raise CannotRun(f"another process runs the service of {data_dir}")
    _make_writable(data_dir)
    with ExitStack() as stack:
        listener = stack.enter_context(_listener(port))
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        server, environment = stack.enter_context(_database(data_dir, say))
        settings = _settings(data_dir, url, environment)
        clock_file = clock_file or _clock_of(settings)
        further |= {"QA_CLOCK": "", "QA_CLOCK_FILE": str(clock_file or "")}
        if clock_file is not None:
            clock.follow(clock_file)
            stack.callback(clock.reset)
        say("preparing the database")
        asyncio.run(_see_databases(environment))
        migrate.upgrade(environment["QA_MIGRATE_URL"])
        asyncio.run(_load_authority(settings, authority))
        children = stack.enter_context(
            Children(_environment(settings, environment) | further, server)
        )
        children.start("API", "serve", "--fd", str(listener.fileno()), keep=listener.fileno())
        children.start("worker", "worker")
        _wait_until_ready(url, children, say)
        keys = str(settings.development_key_dir.resolve())
        follows = None if clock_file is None else str(clock_file)
        place = Place(os.getpid(), url, ISSUER, keys, authority, follows)
        stack.enter_context(_state_file_kept(place, data_dir))
        yield place, children


def make_anew(data_dir: Path) -> Path:
    """An empty data directory for a demo; gives the file of its clock.

    A directory with such a file was a demo's and is emptied; any other is left alone.
    """
    demo_clock = data_dir / DEMO_CLOCK
    if Place.find(data_dir) is not None:
        raise CannotRun(f"another process runs the service of {data_dir}")
    if data_dir.exists() and any(data_dir.iterdir()):
        if not demo_clock.is_file():
            raise CannotRun(f"{data_dir} holds something else; name another with --data")
        try:
            shutil.rmtree(data_dir)
        except OSError as fault:
            raise CannotRun.on(data_dir, fault) from None
    _make_writable(data_dir)
    demo_clock.touch()
    return demo_clock


def _make_writable(data_dir: Path) -> None:
    """Make the directory where there is none, and see that files can be made in it."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir):
            pass
    except OSError as fault:
        raise CannotRun.on(data_dir, fault) from None


@contextmanager
def _listener(port: int) -> Iterator[socket.socket]:
    if not 0 <= port <= LAST_PORT:
        raise CannotRun(f"there is no port {port}; choose one up to {LAST_PORT} with --port")
    try:
        listener = socket.create_server((HOST, port), backlog=2048)
    except OSError as fault:
        taken = fault.errno == errno.EADDRINUSE
        why = "is taken" if taken else f"cannot be used: {fault.strerror}"
        raise CannotRun(f"port {port} {why}; choose another with --port") from None
    with listener:
        yield listener


@contextmanager
def _database(data_dir: Path, say: Say) -> Iterator[tuple[EmbeddedPostgres | None, dict[str, str]]]:
    """The addresses of the database that the environment names, else of an embedded one, and it."""
    named = {name: os.environ[name] for name in _DATABASE if os.environ.get(name)}
    if named:
        if missing := [name for name in _DATABASE if name not in named]:
            raise CannotRun(f"a database of your own also needs {' and '.join(missing)}")
        yield None, named
        return
    say("starting PostgreSQL")
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running(data_dir))
        except EmbeddedPostgresError as fault:
            raise CannotRun(str(fault)) from None
        yield server, server.urls().as_environment()


async def _see_databases(environment: dict[str, str]) -> None:
    for name in _DATABASE:
        await reach(name, SecretStr(environment[name]))


def _settings(data_dir: Path, url: str, database: dict[str, str]) -> Settings:
    """The settings of this service: what the environment says, and what development adds."""
    given = Settings(environment="development", data_dir=data_dir)
    issuer = DevelopmentIssuer.open(given.development_key_dir)
    return Settings(
        environment="development",
        data_dir=data_dir,
        database_url=SecretStr(database["QA_DATABASE_URL"]),
        read_url=SecretStr(database["QA_READ_URL"]),
        public_base_url=url,
        token_issuers=(*given.token_issuers, issuer.settings),
        webhook_targets=[*given.webhook_targets, f"http://{HOST}"],
    )


def _clock_of(settings: Settings) -> Path | None:
    """The file of the clock that the environment sets; one that is set goes on when all stop."""
    if settings.clock is None:
        return settings.clock_file and settings.clock_file.resolve()
    file = (settings.data_dir / SET_CLOCK).resolve()
    clock.turn(file, settings.clock)
    return file


def _kept(secret: SecretStr | None, file: Path, make: Callable[[], str]) -> str:
    """What the environment says, else the secret of this data directory, made if there is none."""
    if secret is not None:
        return secret.get_secret_value()
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as made:
            made.write(make())
    return file.read_text()


def _new_checkpoint_key() -> str:
    return SignerKey.new("qa-api.invalid/development").written()


def _environment(settings: Settings, database: dict[str, str]) -> dict[str, str]:
    """What the API and the worker are told."""
    issuers = [
        issuer.model_dump(mode="json", exclude_none=True) for issuer in settings.token_issuers
    ]
    keys = settings.development_key_dir
    told = {name: value for name, value in os.environ.items() if not _is_told_here(name)}
    return {
        **told,
        **database,
        "QA_ENVIRONMENT": settings.environment,
        "QA_DATA_DIR": str(settings.data_dir),
        "QA_PUBLIC_BASE_URL": settings.public_base_url,
        "QA_TOKEN_ISSUERS": json.dumps(issuers),
        "QA_WEBHOOK_TARGETS": ",".join(settings.webhook_targets),
        "QA_CHECKPOINT_FILE": str(
            settings.checkpoint_file or settings.data_dir / "checkpoints.txt"
        ),
        "QA_CHECKPOINT_KEY": _kept(
            settings.checkpoint_key, keys / "checkpoint-key", _new_checkpoint_key
        ),
        # Another at each start would end every page that somebody is at.
        "QA_CURSOR_SECRET": _kept(
            settings.cursor_secret, keys / "cursor-secret", secrets.token_urlsafe
        ),
    }


def _is_told_here(name: str) -> bool:
    """Whether a variable names the file of a secret that is told by its value here."""
    return name in {f"{each}_FILE" for each in (*_DATABASE, *_KEPT)}


async def _load_authority(settings: Settings, authority: str) -> None:
    database = await Database.open(settings)
    try:
        workshop = Workshop(database, Rulebook(), REACTIONS)
        await load_demo_authority(workshop, issuer=ISSUER, code=authority)
    except AnotherAuthority as other:
        raise CannotRun(f"{other}; choose another directory with --data") from None
    finally:
        await database.close()


def _wait_until_ready(url: str, children: Children, say: Say) -> None:
    """Wait for as long as the API lives and gets on, and say what for.

    It gets on while it computes, which loading it is; and when it says something else than before.
    """
    told_at = got_on_at = time.monotonic()
    before: tuple[int | None, str] = (None, "")
    while (waits_for := _what_is_missing(url)) is not None:
        if ended := children.ended():
            raise CannotRun(f"the {' and the '.join(ended)} did not start; the reason is above")
        if not children.keep_database(say):
            raise CannotRun("the database does not stay")
        # An API that answers computes with every question; only what it says counts then.
        work = computed(children.pid("API")) if waits_for == _LOADING else 0
        now = time.monotonic()
        if work is None or (work, waits_for) != before:
            before, got_on_at = (work, waits_for), now
        if now - got_on_at > STANDS_STILL:
            raise CannotRun(f"nothing happens any more: {waits_for}")
        if now - told_at > TOLD_EVERY:
            say(waits_for)
            told_at = now
        time.sleep(0.05)


# Asked twenty times a second on this machine: to read its certificates each time would take more
# than the API that loads beside it gets.
_WITHOUT_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_LOADING: Final = "waiting for the API to answer; it is still loading"


def _what_is_missing(url: str) -> str | None:
    """What an API that is not ready is waited for; None when it is ready."""
    try:
        answer = httpx.get(f"{url}/readyz", timeout=ASKED_FOR, trust_env=False, verify=_WITHOUT_TLS)
    except httpx.HTTPError:
        return _LOADING
    if answer.status_code == 200:
        return None
    try:
        why = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        why = "it is not ready"
    return f"waiting for the API to be ready; it says: {why}"


@contextmanager
def _state_file_kept(place: Place, data_dir: Path) -> Iterator[None]:
    """Leave word of where the service is, for the commands beside it, while it runs."""
    file = state_file(data_dir)
    written = file.with_suffix(".new")
    state: dict[str, Any] = asdict(place)
    written.write_text(json.dumps(state, indent=2) + "\n")
    written.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _unless_default(data_dir: Path) -> str:
    return "" if data_dir == Path(".data") else f" --data {data_dir}"
