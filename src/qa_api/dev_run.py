"""The whole service on one machine, for development: database, demo authority, API and worker.

The API and the worker are processes of their own, as in production. They and the database end
with this one, however it ends.
"""

import asyncio
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Final, Self

import httpx
from pydantic import SecretStr

from qa_api import migrate
from qa_api.auth.development import ISSUER, DevelopmentIssuer
from qa_api.data import shipped_authorities
from qa_api.db import Database
from qa_api.demo.authority import DEFAULT, AnotherAuthority, load_demo_authority
from qa_api.embedded import running
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.work import Workshop

Say = Callable[[str], None]

HOST: Final = "127.0.0.1"
READY_WITHIN: Final = 60.0
"""Seconds that the API may take to answer."""
STOPPED_WITHIN: Final = 25.0
"""Seconds that a process may take to finish what it does; then it is killed."""
MOST_RESTARTS: Final = 3
"""Times that a process which ended by itself is started again within `RESTARTS_WITHIN` seconds."""
RESTARTS_WITHIN: Final = 60.0
DEMO_CLOCK: Final = "clock"
"""The file in a demo's data directory that says by how much its clock is moved."""
_DATABASE: Final = ("QA_DATABASE_URL", "QA_READ_URL", "QA_MIGRATE_URL")


class CannotRun(Exception):
    """The service cannot be run here; the message says why and what to do."""


class Stopped(BaseException):
    """Somebody asked for the end: Ctrl-C or SIGTERM."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a running development service is, as its data directory tells other commands."""

    pid: int
    url: str
    issuer: str
    key_dir: str
    authority: str = DEFAULT

    @classmethod
    def find(cls, data_dir: Path) -> Self | None:
        """The service that runs on a data directory, if one does."""
        try:
            place = cls(**json.loads(_state_file(data_dir).read_text()))
            os.kill(place.pid, 0)
        except (FileNotFoundError, ProcessLookupError, ValueError, TypeError):
            return None
        except PermissionError:
            pass  # it runs, as somebody else
        return place


def _state_file(data_dir: Path) -> Path:
    return data_dir / "dev-run.json"


def dev_run(port: int, data_dir: Path, say: Say, authority: str = DEFAULT) -> int:
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


@contextmanager
def service(
    port: int, data_dir: Path, say: Say, authority: str = DEFAULT, **further: str
) -> Iterator[tuple[Place, "Children"]]:
    """The service of a data directory from when it answers until the block ends.

    `further` are `QA_*` variables for the API and the worker, instead of what would hold.
    """
    if authority not in (shipped := shipped_authorities()):
        raise CannotRun(f"the authorities that ship with it are {', '.join(sorted(shipped))}")
    if Place.find(data_dir) is not None:
        raise CannotRun(f"another process runs the service of {data_dir}")
    data_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        listener = stack.enter_context(_listener(port))
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        environment = dict(stack.enter_context(_database(data_dir, say)))
        settings = _settings(data_dir, url, environment)
        say("preparing the database")
        migrate.upgrade(environment["QA_MIGRATE_URL"])
        asyncio.run(_load_authority(settings, authority))
        children = stack.enter_context(Children(_environment(settings, environment) | further))
        children.start("API", "serve", "--fd", str(listener.fileno()), keep=listener.fileno())
        children.start("worker", "worker")
        _wait_until_ready(url, children)
        keys = str(settings.development_key_dir.resolve())
        place = Place(os.getpid(), url, ISSUER, keys, authority)
        stack.enter_context(_told(place, data_dir))
        yield place, children


def make_anew(data_dir: Path) -> Path:
    """An empty data directory for a demo; gives the file of its clock.

    A directory with such a file was a demo's and is emptied; any other is left alone.
    """
    clock = data_dir / DEMO_CLOCK
    if Place.find(data_dir) is not None:
        raise CannotRun(f"another process runs the service of {data_dir}")
    if data_dir.exists() and any(data_dir.iterdir()):
        if not clock.is_file():
            raise CannotRun(f"{data_dir} holds something else; name another with --data")
        shutil.rmtree(data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    clock.touch()
    return clock


class Children:
    """The processes of the service; all end with the block, and with this process."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._commands: dict[str, tuple[tuple[str, ...], int | None]] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._restarts: list[float] = []

    def start(self, name: str, *command: str, keep: int | None = None) -> None:
        """Start `qa-api` with a command; `keep` is a descriptor that it inherits."""
        self._commands[name] = (command, keep)
        self._processes[name] = subprocess.Popen(
            [sys.executable, "-m", "qa_api", *command, "--tied"],
            stdin=subprocess.PIPE,  # its end tells the child that this process is gone
            env=self._environment,
            pass_fds=() if keep is None else (keep,),
        )

    def pid(self, name: str) -> int:
        """The process id of one of them."""
        return self._processes[name].pid

    def ended(self) -> dict[str, int]:
        """Who has ended, with the exit status."""
        statuses = {name: process.poll() for name, process in self._processes.items()}
        return {name: status for name, status in statuses.items() if status is not None}

    def watch(self, say: Say) -> None:
        """Start again what ends by itself; returns when that happens too often."""
        while True:
            time.sleep(0.2)
            for name, status in self.ended().items():
                now = time.monotonic()
                self._restarts = [t for t in self._restarts if now - t < RESTARTS_WITHIN]
                if len(self._restarts) >= MOST_RESTARTS:
                    say(f"the {name} keeps ending (exit {status}); stopping everything")
                    return
                say(f"the {name} ended by itself (exit {status}); starting it again")
                self._restarts.append(now)
                command, keep = self._commands[name]
                self.start(name, *command, keep=keep)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes.values():
            process.terminate()
        give_up = time.monotonic() + STOPPED_WITHIN
        for process in self._processes.values():
            try:
                process.wait(max(0.1, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin is not None:
                process.stdin.close()


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Inside, the first SIGTERM or SIGINT raises Stopped; what follows is not disturbed again."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _listener(port: int) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server((HOST, port), backlog=2048)
    except OSError:
        raise CannotRun(f"port {port} is taken; choose another with --port") from None
    with listener:
        yield listener


@contextmanager
def _database(data_dir: Path, say: Say) -> Iterator[dict[str, str]]:
    """The addresses of the database that the environment names, else of an embedded one."""
    named = {name: os.environ[name] for name in _DATABASE if os.environ.get(name)}
    if named:
        if missing := [name for name in _DATABASE if name not in named]:
            raise CannotRun(f"a database of your own also needs {' and '.join(missing)}")
        yield named
        return
    say("starting PostgreSQL")
    with running(data_dir) as server:
        yield server.urls().as_environment()


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


def _kept_secret(directory: Path) -> str:
    """The secret of this data directory's checkpoints, made when there is none."""
    file = directory / "checkpoint-secret"
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as made:
            made.write(secrets.token_urlsafe(32))
    return file.read_text()


def _environment(settings: Settings, database: dict[str, str]) -> dict[str, str]:
    """What the API and the worker are told."""
    issuers = [
        issuer.model_dump(mode="json", exclude_none=True) for issuer in settings.token_issuers
    ]
    secret = settings.checkpoint_secret
    return {
        **os.environ,
        **database,
        "QA_ENVIRONMENT": settings.environment,
        "QA_DATA_DIR": str(settings.data_dir),
        "QA_PUBLIC_BASE_URL": settings.public_base_url,
        "QA_TOKEN_ISSUERS": json.dumps(issuers),
        "QA_WEBHOOK_TARGETS": ",".join(settings.webhook_targets),
        "QA_CHECKPOINT_FILE": str(
            settings.checkpoint_file or settings.data_dir / "checkpoints.jsonl"
        ),
        "QA_CHECKPOINT_SECRET": secret.get_secret_value()
        if secret is not None
        else _kept_secret(settings.development_key_dir),
    }


async def _load_authority(settings: Settings, authority: str) -> None:
    database = await Database.open(settings)
    try:
        workshop = Workshop(database, Rulebook(), REACTIONS)
        await load_demo_authority(workshop, issuer=ISSUER, code=authority)
    except AnotherAuthority as other:
        raise CannotRun(f"{other}; choose another directory with --data") from None
    finally:
        await database.close()


def _wait_until_ready(url: str, children: Children) -> None:
    give_up = time.monotonic() + READY_WITHIN
    while time.monotonic() < give_up:
        if ended := children.ended():
            raise CannotRun(f"the {' and the '.join(ended)} did not start; the reason is above")
        try:
            if httpx.get(f"{url}/readyz", timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise CannotRun("the API does not answer")


@contextmanager
def _told(place: Place, data_dir: Path) -> Iterator[None]:
    """Leave word of where the service is, for the commands beside it, while it runs."""
    file = _state_file(data_dir)
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
