"""The command line, as processes: what it starts, tells and leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from qa_api import dev_run
from qa_api.__main__ import main
from qa_api.auth.roles import Role
from tests.conftest import Database

PATIENCE = 90.0
"""Seconds after which something that should happen is taken to have failed."""


def environment_of(database: Database) -> dict[str, str]:
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
        time.sleep(0.02)
    return answer


def children_of(pid: int) -> dict[str, int]:
    """The processes that a process has started, by their command."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            words = (stat.parent / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid and b"qa_api" in words:
            found[words[words.index(b"qa_api") + 1].decode()] = int(stat.parent.name)
    return found


def is_gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


Started = tuple["subprocess.Popen[bytes]", dict[str, str], Path]


@pytest.fixture
def service(clone: Callable[[], Database], tmp_path: Path) -> Iterator[Callable[[], Started]]:
    """Starts `dev-run` on a database of its own and waits until it says where it listens."""
    env, data = environment_of(clone()), tmp_path / "data"
    started: list[subprocess.Popen[bytes]] = []

    def start() -> Started:
        process = subprocess.Popen(
            [sys.executable, "-m", "qa_api", "dev-run", "--port", "0", "--data", str(data)],
            env=env,
            stdout=subprocess.DEVNULL,
        )
        started.append(process)
        until(lambda: dev_run.Place.find(data) or process.poll())
        assert process.poll() is None
        return process, env, data

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_dev_run_serves_restarts_what_dies_and_leaves_nothing_behind(
    service: Callable[[], Started],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    process, env, data = service()
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    place = dev_run.Place.find(data)
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

    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert all(is_gone(pid) for pid in after.values())
    assert not (data / "dev-run.json").exists()
    assert main(["token", "auditor", "--data", str(data)]) == 1
    assert "no service runs" in capsys.readouterr().err

    monkeypatch.setenv("QA_CHECKPOINT_FILE", str(data / "checkpoints.jsonl"))
    monkeypatch.setenv("QA_CHECKPOINT_SECRET", (data / "keys" / "checkpoint-secret").read_text())
    assert main(["verify"]) == 0
    assert "the event log holds" in capsys.readouterr().out
    monkeypatch.setenv("QA_CHECKPOINT_SECRET", "x" * 40)
    assert main(["verify"]) == 1


def test_a_killed_dev_run_takes_its_children_along(service: Callable[[], Started]) -> None:
    process, _, _ = service()
    children = children_of(process.pid)
    assert set(children) == {"serve", "worker"}
    process.kill()
    until(lambda: all(is_gone(pid) for pid in children.values()))


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
    assert bank_holiday("add", "2099-01-01", "--title", "Past the horizon") == 1
    assert "2028" in capsys.readouterr().err


def test_a_service_that_is_gone_is_not_found(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    state = {"pid": ended.pid, "url": "http://127.0.0.1:1", "issuer": "x", "key_dir": "x"}
    assert dev_run.Place.find(tmp_path) is None
    (tmp_path / "dev-run.json").write_text(json.dumps(state))
    assert dev_run.Place.find(tmp_path) is None
    (tmp_path / "dev-run.json").write_text("{")
    assert dev_run.Place.find(tmp_path) is None


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
