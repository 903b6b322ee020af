"""`qa-api listen` shows what an endpoint would receive: verified, one message a line."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Final

import httpx
import pytest

from qa_api import clock
from qa_api.__main__ import main
from qa_api.webhooks.signing import new_secret, signed_headers
from tests.api import client_of

MESSAGES: Final = Path(__file__).parents[2] / "openapi" / "examples" / "webhooks"
CHANGED: Final = (MESSAGES / "closure_gate.changed.json").read_bytes()
FORMER, SECRET = new_secret(), new_secret()


@dataclass
class Listener:
    """A listener that runs, and what it prints."""

    http: httpx.Client
    printed: IO[str]

    def send(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """What a message is answered, and the line that it leaves."""
        answer = self.http.post("/hook", content=body, headers=dict(headers))
        return answer.status_code, self.printed.readline().rstrip("\n")


@contextmanager
def listening(tmp_path: Path, *options: str) -> Iterator[Listener]:
    """A listener in a process of its own, on a free port; it is ended as a person ends it."""
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n{FORMER}\n")
    words = ["listen", "--port", "0", "--secret-file", str(file), *options]
    process = subprocess.Popen(
        [sys.executable, "-m", "qa_api", *words], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        said = process.stdout.readline()
        assert said.startswith("qa-api: listening on http://127.0.0.1:"), said
        with client_of(said.split()[3].rstrip(";")) as http:
            yield Listener(http, process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stdout.read() == ""
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def signed(body: bytes, secret: str = SECRET, *, ago: timedelta = timedelta(0)) -> dict[str, str]:
    """The headers of a message as the worker sends it."""
    return signed_headers("018f6b2e-7c1a-7d3e-9b54-2f0c8a61d001", clock.now() - ago, body, [secret])


def test_each_message_is_one_line_once_it_is_verified(tmp_path: Path) -> None:
    with listening(tmp_path) as listener:
        for secret in (SECRET, FORMER):
            status, line = listener.send(CHANGED, signed(CHANGED, secret))
            verified, message_id, at, kind, data = line.split(" ", 4)
            assert (status, verified, kind) == (204, "verified", "closure_gate.changed")
            assert message_id == "018f6b2e-7c1a-7d3e-9b54-2f0c8a61d001"
            message = json.loads(CHANGED)
            assert (at, json.loads(data)) == (message["timestamp"], message["data"])
        text = b"qa.example.org/log\n7\n\x1b[31mred\n"  # a checkpoint is no JSON
        status, line = listener.send(text, signed(text))
        assert (status, "\x1b" in line) == (204, False)
        assert json.loads(line.split(" ", 2)[2]) == text.decode()


def test_what_is_not_verified_is_refused_and_says_why(tmp_path: Path) -> None:
    with listening(tmp_path) as listener:
        old = signed(CHANGED, ago=timedelta(minutes=6))
        without = {name: value for name, value in signed(CHANGED).items() if name != "webhook-id"}
        for headers, why in (
            (signed(CHANGED, new_secret()), "no signature"),
            (signed(CHANGED + b" "), "no signature"),
            (old, "five minutes"),
            (without, "webhook-id is missing"),
            ({}, "is missing"),
        ):
            status, line = listener.send(CHANGED, headers)
            assert (status, line.partition(":")[0]) == (401, "refused"), why
            assert why in line


def test_it_answers_what_it_is_told_to_answer(tmp_path: Path) -> None:
    with listening(tmp_path, "--answer", "422") as listener:
        status, line = listener.send(CHANGED, signed(CHANGED))
        assert (status, line.partition(" ")[0]) == (422, "verified")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (None, "cannot be read"),
        ("", "there is no secret"),
        (b"\xff\xfew\0h\0", "it is no text in UTF-8"),
        ("whsec_\u00e4", "secret 1 is not as"),
        ("whsec_!!!", "secret 1 is not"),
        ("whsec_QUJD\nC2FVsBQIhrscChlQIMV+b5sSYspob7oD", "secret 2 does not begin"),
    ],
)
def test_a_file_without_a_secret_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str | bytes | None, why: str
) -> None:
    file = tmp_path / "secret"
    if written is not None:
        file.write_bytes(written if isinstance(written, bytes) else written.encode())
    assert main(["listen", "--port", "0", "--secret-file", str(file)]) == 1
    told = capsys.readouterr().err
    assert why in told
    assert told.count("\n") == 1
    assert "C2FV" not in told


@pytest.mark.parametrize(
    ("option", "value", "why"),
    [
        ("--port", "70000", "a port from 0 to 65535"),
        ("--port", "-1", "a port from 0 to 65535"),
        ("--port", "http", "a port from 0 to 65535"),
        ("--answer", "99", "an HTTP status from 200 to 599"),
        ("--answer", "6" * 5000, "an HTTP status from 200 to 599"),
    ],
)
def test_a_number_that_is_none_of_its_kind_is_refused_in_a_few_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: str, why: str
) -> None:
    words = ["listen", "--port", "0", "--secret-file", str(tmp_path / "secret"), option, value]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"argument {option}: {why}")
