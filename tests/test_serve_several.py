"""`qa-api serve --processes N --with-worker`: real processes on one port."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from qa_api.__main__ import main
from tests.conftest import Database
from tests.test_main import environment_of, is_gone, processes_of, until

Serving = tuple["subprocess.Popen[bytes]", str]


@pytest.fixture
def serving(clone: Callable[[], Database], tmp_path: Path) -> Iterator[Callable[[], Serving]]:
    """Two processes and a worker, from when they are ready; and their address."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> Serving:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = str(free.getsockname()[1])
        told = {"QA_ENVIRONMENT": "development", "QA_DATA_DIR": str(tmp_path), "QA_PORT": port}
        process = subprocess.Popen(
            [sys.executable, "-m", "qa_api", "serve", "--processes", "2", "--with-worker"],
            env=environment_of(clone()) | told,
        )
        started.append(process)
        until(lambda: is_ready(f"http://127.0.0.1:{port}"))
        return process, f"http://127.0.0.1:{port}"

    yield start
    for process in started:
        process.kill()
        process.wait()


def is_ready(url: str) -> bool:
    """Whether somebody there answers that it is ready."""
    with suppress(httpx.HTTPError):
        return httpx.get(f"{url}/readyz", timeout=20).status_code == 200
    return False


def secrets_of(*processes: int) -> set[bytes]:
    """What processes were told that cursors are made with."""
    told = [Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") for pid in processes]
    return {word for words in told for word in words if word.startswith(b"QA_CURSOR_SECRET=")}


@pytest.mark.long
def test_two_share_a_port_and_a_secret_and_one_that_dies_is_started_again(
    serving: Callable[[], Serving],
) -> None:
    parent, url = serving()
    before = processes_of(parent.pid)
    assert sorted(before.values()) == ["serve", "serve", "worker"]
    dies, stays = (pid for pid, command in before.items() if command == "serve")
    assert len(secrets_of(dies, stays)) == 1

    os.kill(dies, signal.SIGKILL)
    until(lambda: is_gone(dies))
    assert until(lambda: is_ready(url)), "the other one answers"
    after = until(lambda: len(now := processes_of(parent.pid)) == 3 and dies not in now and now)
    assert after.keys() >= before.keys() - {dies}

    parent.send_signal(signal.SIGTERM)
    assert parent.wait(30) == 0
    assert all(is_gone(pid) for pid in after)


@pytest.mark.long
def test_they_end_when_who_started_them_is_killed(serving: Callable[[], Serving]) -> None:
    parent, _ = serving()
    running = processes_of(parent.pid)
    assert len(running) == 3
    parent.kill()
    until(lambda: all(is_gone(pid) for pid in running))


def test_a_port_that_is_taken_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QA_ENVIRONMENT", "development")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("QA_PORT", str(taken.getsockname()[1]))
        assert main(["serve", "--processes", "2"]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert "cannot be used" in said


@pytest.mark.parametrize("number", ["0", "65", "two", "-1"])
def test_a_number_of_processes_that_cannot_be_is_told(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["serve", f"--processes={number}"])
    assert "a number of processes from 1 to 64" in capsys.readouterr().err
