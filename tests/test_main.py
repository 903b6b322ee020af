"""The command line, as processes: what it starts, tells and leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.resources import as_file
from pathlib import Path
from typing import Any

import httpx
import pytest

from qa_api import children, clock, dev_run
from qa_api.__main__ import main
from qa_api.auth.roles import Role
from qa_api.data import shipped_authorities
from qa_api.dev_place import CannotRun, Place
from qa_api.embedded.addresses import Urls
from qa_api.worker.notes import SignerKey
from tests.closures.orders import MERGED, NOW, event
from tests.conftest import Clone, Database, created, execute

PATIENCE = 240.0
"""Seconds after which something that should happen is taken to have failed."""


def environment_of(database: Database | Urls) -> dict[str, str]:
    """The variables of a process that works on a database of the tests."""
    ours = ("QA_", "PYTHONDONTWRITE")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {
        "QA_DATABASE_URL": database.database_url,
        "QA_READ_URL": database.read_url,
        "QA_MIGRATE_URL": database.migrate_url,
        "QA_LOG_LEVEL": "warning",
    }


def until(is_so: Callable[[], Any]) -> Any:
    """Wait until there is an answer; fail when there never is."""
    give_up = time.monotonic() + PATIENCE
    while not (answer := is_so()):
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.05)
    return answer


def children_of(pid: int) -> dict[str, int]:
    """The processes that a process has started, one of each command."""
    return {command: child for child, command in processes_of(pid).items()}


def processes_of(pid: int) -> dict[int, str]:
    """The processes that a process has started, each with its command."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            words = (stat.parent / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid and b"qa_api" in words:
            found[int(stat.parent.name)] = words[words.index(b"qa_api") + 1].decode()
    return found


def is_gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def postmaster_of(data: Path) -> int:
    """The process id of the PostgreSQL that a data directory holds."""
    (pid_file,) = (data / "postgres").glob("*/postmaster.pid")
    return int(pid_file.read_text().splitlines()[0])


Started = tuple["subprocess.Popen[bytes]", dict[str, str], Path]


@pytest.fixture
def service(clone_of_authority: Clone, tmp_path: Path) -> Iterator[Callable[[], Started]]:
    """Starts `dev-run` on a database of its own and waits until it says where it listens."""
    env, data = environment_of(clone_of_authority()), tmp_path / "data"
    started: list[subprocess.Popen[bytes]] = []

    def start(**further: str) -> Started:
        process = subprocess.Popen(
            [sys.executable, "-m", "qa_api", "dev-run", "--port", "0", "--data", str(data)],
            env=env | further,
            stdout=subprocess.DEVNULL,
        )
        started.append(process)
        until(lambda: Place.find(data) or process.poll())
        assert process.poll() is None
        return process, env, data

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.long
def test_dev_run_serves_restarts_what_dies_and_leaves_nothing_behind(
    service: Callable[[], Started],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    process, env, data = service()
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    place = Place.find(data)
    assert place is not None
    assert main(["token", "auditor", "--data", str(data)]) == 0
    token = capsys.readouterr().out.strip()

    def who_am_i() -> Any:
        try:
            answer = httpx.get(
                f"{place.url}/v1/me", headers={"authorization": f"Bearer {token}"}, timeout=5
            )
        except httpx.HTTPError:
            return None
        return answer.json() if answer.status_code == 200 else None

    assert who_am_i()["worker"] == "au-1"

    def page(**cursor: str) -> Any:
        asked = {"limit": "1", **cursor}
        headers = {"authorization": f"Bearer {token}"}
        return httpx.get(f"{place.url}/v1/audit-types", params=asked, headers=headers, timeout=30)

    cursor = page().json()["next_cursor"]

    assert main(["dev-run", "--port", "0", "--data", str(data)]) == 1
    assert "another process runs the service" in capsys.readouterr().err

    before = children_of(process.pid)
    assert set(before) == {"serve", "worker"}
    os.kill(before["serve"], signal.SIGKILL)
    after = until(
        lambda: (
            now
            if (now := children_of(process.pid)).keys() == before.keys()
            and now["serve"] != before["serve"]
            else None
        )
    )
    assert until(who_am_i)["worker"] == "au-1"

    assert page(cursor=cursor).status_code == 200, "a page that somebody is at has its next one"
    kept = data / "keys" / "cursor-secret"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(kept.read_text()) >= 32, "for the next start"

    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert all(is_gone(pid) for pid in after.values())
    assert not (data / "dev-run.json").exists()
    assert main(["token", "auditor", "--data", str(data)]) == 1
    assert "no service runs" in capsys.readouterr().err

    monkeypatch.setenv("QA_CHECKPOINT_FILE", str(data / "checkpoints.txt"))
    monkeypatch.setenv("QA_CHECKPOINT_KEY_FILE", str(data / "keys" / "checkpoint-key"))
    assert main(["verify"]) == 0
    assert "the event log holds" in capsys.readouterr().out
    monkeypatch.delenv("QA_CHECKPOINT_KEY_FILE")
    another = SignerKey.new("qa-api.invalid/development")
    monkeypatch.setenv("QA_CHECKPOINT_PUBLIC_KEYS", str(another.verifier))
    assert main(["verify"]) == 1
    assert "no key that is trusted here has signed it" in capsys.readouterr().err


@pytest.mark.long
def test_a_service_of_another_year_takes_the_tokens_of_the_command(
    service: Callable[..., Started], capsys: pytest.CaptureFixture[str]
) -> None:
    """The command is told nothing of the clock: it asks the place of the service."""
    _, _, data = service(QA_CLOCK="2031-02-03T09:30:00Z")
    place = Place.find(data)
    assert place is not None
    try:
        assert main(["token", "auditor", "--data", str(data)]) == 0
    finally:
        clock.reset()
    headers = {"authorization": f"Bearer {capsys.readouterr().out.strip()}"}
    me = httpx.get(f"{place.url}/v1/me", headers=headers, timeout=30)
    assert (me.status_code, me.json()["worker"]) == (200, "au-1")


@pytest.mark.long
def test_a_killed_dev_run_takes_its_children_along(service: Callable[[], Started]) -> None:
    process, _, _ = service()
    children = children_of(process.pid)
    assert set(children) == {"serve", "worker"}
    process.kill()
    until(lambda: all(is_gone(pid) for pid in children.values()))


@pytest.mark.long
def test_a_bank_holiday_is_added_once_and_withdrawn(
    authority: object,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment_of(database).items():
        monkeypatch.setenv(name, value)

    def bank_holiday(what: str, day: str, *more: str) -> int:
        return main(["bank-holiday", what, day, "--reason", "A proclamation", *more])

    assert bank_holiday("add", "2027-06-10", "--title", "A day of thanks") == 0
    assert bank_holiday("add", "2027-06-10", "--title", "A day of thanks") == 1
    assert bank_holiday("withdraw", "2027-06-10") == 0
    capsys.readouterr()
    assert bank_holiday("add", "2029-01-01", "--title", "New Year's Day") == 0
    assert "the calendar ends on 2028-12-31" in capsys.readouterr().out
    assert bank_holiday("withdraw", "2029-01-01") == 0
    assert bank_holiday("add", "2099-01-01", "--title", "Too far ahead") == 1
    assert "2028" in capsys.readouterr().err


def test_a_service_that_is_gone_is_not_found(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    state = {"pid": ended.pid, "url": "http://127.0.0.1:1", "issuer": "x", "key_dir": "x"}
    assert Place.find(tmp_path) is None
    (tmp_path / "dev-run.json").write_text(json.dumps(state))
    assert Place.find(tmp_path) is None
    (tmp_path / "dev-run.json").write_text("{")
    assert Place.find(tmp_path) is None


@pytest.mark.parametrize("role", list(Role))
def test_there_is_a_token_for_every_role(
    role: Role, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = {
        "pid": os.getpid(),
        "url": "http://127.0.0.1:1",
        "issuer": "x",
        "key_dir": str(tmp_path / "keys"),
    }
    (tmp_path / "dev-run.json").write_text(json.dumps(state))
    assert main(["token", role.value, "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count(".") == 2


def test_a_role_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["token", "king"])
    assert "quality_standards" in capsys.readouterr().err


def dev_run_of_its_own(data: Path, log: Path) -> "subprocess.Popen[bytes]":
    """`dev-run` with a PostgreSQL of its own; what it says goes to a file."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    command = [sys.executable, "-m", "qa_api", "dev-run", "--port", "0", "--data", str(data)]
    with log.open("wb") as said:
        return subprocess.Popen(command, env=env, stdout=said, stderr=subprocess.STDOUT)


@pytest.mark.long
def test_a_killed_postgresql_is_started_again_and_the_others_live(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "said"
    process = dev_run_of_its_own(data, log)
    try:
        place = until(lambda: Place.find(data) or process.poll())
        assert isinstance(place, Place), log.read_text()
        before = children_of(process.pid)
        os.kill(postmaster_of(data), signal.SIGKILL)
        until(lambda: "PostgreSQL takes queries again" in log.read_text() or process.poll())
        assert "PostgreSQL ended by itself (exit -9); starting it again" in log.read_text()

        def is_ready() -> bool:
            try:
                return httpx.get(f"{place.url}/readyz", timeout=10).status_code == 200
            except httpx.HTTPError:
                return False

        until(is_ready)
        assert children_of(process.pid) == before
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0, log.read_text()


@pytest.mark.long
def test_an_api_that_loads_slowly_is_waited_for_and_said_to_be(
    clone_of_authority: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes: it lives, and it computes."""
    for name, value in environment_of(clone_of_authority()).items():
        monkeypatch.setenv(name, value)
    # Less than loading takes; more than a busy machine lets somebody wait for their turn.
    monkeypatch.setattr(dev_run, "STANDS_STILL", 1.0)
    for name in ("ASKED_FOR", "TOLD_EVERY"):
        monkeypatch.setattr(dev_run, name, 0.05)
    said: list[str] = []
    with dev_run.service(0, tmp_path / "data", said.append) as (place, _):
        assert httpx.get(f"{place.url}/readyz", timeout=10).status_code == 200
    assert any("waiting for the API to answer" in line for line in said)


@pytest.mark.long
def test_an_api_that_stands_still_is_given_up(
    clone_of_authority: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(clone_of_authority()).items():
        monkeypatch.setenv(name, value)
    for name in ("STANDS_STILL", "ASKED_FOR"):
        monkeypatch.setattr(dev_run, name, 0.4)
    started = children.Children.start

    def start(these: children.Children, name: str, *command: str, keep: int | None = None) -> None:
        started(these, name, *command, keep=keep)
        os.kill(these.pid(name), signal.SIGSTOP)

    monkeypatch.setattr(children.Children, "start", start)
    monkeypatch.setattr(children, "STOPPED_WITHIN", 0.2)
    with (
        pytest.raises(CannotRun, match="nothing happens any more: waiting for the API"),
        dev_run.service(0, tmp_path / "data", lambda _line: None),
    ):
        pass


@pytest.fixture
def unusable(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Data directories that cannot be used, for root too."""
    mounted: list[Path] = []

    def make(kind: str) -> Path:
        place = tmp_path / kind
        if kind == "read-only":
            place.mkdir()
            subprocess.run(["mount", "--bind", place, place], check=True)
            mounted.append(place)
            subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)
            return place
        place.write_text("a file")
        return place / "below" if kind == "below a file" else place

    yield make
    for place in mounted:
        subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("command", ["dev-run", "demo", "token"])
@pytest.mark.parametrize("kind", ["a file", "below a file"])
def test_a_data_directory_that_cannot_be_used_is_told_in_a_line(
    kind: str,
    command: str,
    unusable: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [command, *(["auditor"] if command == "token" else []), "--data", str(unusable(kind))]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "cannot be used" in said
    assert "--data" in said


def test_a_read_only_data_directory_is_told_in_a_line(
    unusable: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        place = unusable("read-only")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("nothing may be mounted here")
    for command in ("dev-run", "demo"):
        assert main([command, "--port", "0", "--data", str(place)]) == 1
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "Read-only file system" in said


COMMANDS: dict[str, list[str]] = {
    "migrate": ["migrate"],
    "verify": ["verify"],
    "restored": ["restored"],
    "figures": ["figures"],
    "figures --rebuild": ["figures", "--rebuild"],
    "init": ["init", "--issuer", "https://login.example", "--subject", "a"],
    "import directory": ["import", "directory", "{directory}"],
    "import authority": ["import", "authority", "{authority}", "--issuer", "https://login.example"],
    "import events": ["import", "events", "{events}"],
    "bank-holiday add": ["bank-holiday", "add", "2027-06-10", "--title", "A", "--reason", "B"],
    "bank-holiday withdraw": ["bank-holiday", "withdraw", "2027-06-10", "--reason", "B"],
    "dev-run": ["dev-run", "--port", "0", "--data", "{data}"],
    "demo": ["demo", "--data", "{data}"],
}
AWAY: dict[str, str] = {
    "no server": "postgresql://qa_owner@127.0.0.1:1/qa",
    "no socket": "postgresql://qa_owner@/qa?host=/nowhere/at-all&port=5432",
    "no such database": "",
    "not an address": "postgresql://qa_owner@127.0.0.1:port/qa",
}


@pytest.mark.parametrize("away", list(AWAY))
@pytest.mark.parametrize("command", list(COMMANDS))
def test_without_a_database_a_command_says_so_in_a_line_and_fails(
    command: str,
    away: str,
    postgres: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    nowhere = AWAY[away] or postgres.named("there_is_none").migrate_url
    for name in ("QA_DATABASE_URL", "QA_READ_URL", "QA_MIGRATE_URL"):
        monkeypatch.setenv(name, nowhere)
    (tmp_path / "directory.json").write_text("{}")
    event = {"specversion": "1.0", "id": "1", "source": "urn:mosaic", "type": "anything.v1"}
    (tmp_path / "events.ndjson").write_text(json.dumps(event))
    with as_file(shipped_authorities()["county"]) as authority:
        places = {
            "directory": tmp_path / "directory.json",
            "authority": authority,
            "events": tmp_path / "events.ndjson",
            "data": tmp_path / "data",
        }
        assert main([word.format(**places) for word in COMMANDS[command]]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert "cannot be reached" in said


def test_a_database_that_was_never_migrated_is_told(
    postgres: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with created(postgres, f"qa_empty_{os.getpid()}") as empty:
        for name, value in environment_of(empty).items():
            monkeypatch.setenv(name, value)
        for command in ("verify", "restored", "figures", "init"):
            assert main(COMMANDS[command]) == 1
            (said,) = capsys.readouterr().err.splitlines()
            assert "qa-api migrate" in said, command


def test_a_database_that_takes_no_changes_is_told(
    clone: Callable[[], Database],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    standby = clone()
    only_reads = f"ALTER DATABASE {standby.name} SET default_transaction_read_only = on"
    execute(standby.migrate_url, only_reads)
    for name, value in environment_of(standby).items():
        monkeypatch.setenv(name, value)
    for command in ("restored", "figures --rebuild"):
        assert main(COMMANDS[command]) == 1
        (said,) = capsys.readouterr().err.splitlines()
        assert "takes no changes" in said, command


@pytest.mark.parametrize("name", ["QA_POOL_SIZE", "QA_TOKEN_ISSUERS"])
def test_settings_that_are_not_right_are_told_in_a_line(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, "many-secret")
    assert main(["verify"]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert name.removeprefix("QA_").lower() in said.lower()
    assert "secret" not in said


@pytest.mark.long
def test_two_clocks_at_once_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QA_ENVIRONMENT", "development")
    monkeypatch.setenv("QA_CLOCK", "2031-02-03T09:30:00Z")
    monkeypatch.setenv("QA_CLOCK_FILE", str(tmp_path / "clock"))
    for words in (["serve"], ["worker"], ["dev-run", "--data", str(tmp_path)], ["demo"]):
        assert main(words) == 1
        (said,) = capsys.readouterr().err.splitlines()[-1:]
        assert "QA_CLOCK and QA_CLOCK_FILE both set the clock" in said, words


def test_a_port_that_cannot_be_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dev-run", "--port", "99999", "--data", str(tmp_path)]) == 1
    assert (
        capsys.readouterr()
        .err.splitlines()[-1]
        .endswith("there is no port 99999; choose one up to 65535 with --port")
    )


def test_what_a_command_says_into_a_full_disk_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson"
    merge = {"from": "C-1", "into": "C-2"}
    file.write_text(json.dumps(event(1, MERGED, merge=merge, occurred_at=NOW)))
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(["import", "events", str(file)]) == 1
    said = "its output cannot be written: No space left on device; what was done until then is kept"
    assert capfd.readouterr().err == f"qa-api: {said}\n"
