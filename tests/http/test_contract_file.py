"""The contract is served from the file that ships: quickly, compressed where that is taken."""

import gzip
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from qa_api.app import contract
from tests.api import Server
from tests.conftest import Database

PATH = "/openapi.json"


@pytest.mark.long
@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("", False),
        ("identity", False),
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("gzip;q=0", False),
    ],
)
def test_the_file_is_what_the_code_says_and_its_bytes_have_an_etag(
    server: Server, accepted: str, compressed: bool
) -> None:
    headers = {"accept-encoding": accepted}
    with httpx.stream("GET", server.url + PATH, headers=headers) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.status_code == 200
    assert answer.headers["vary"] == "Accept-Encoding"
    assert (answer.headers.get("content-encoding") == "gzip") is compressed
    assert orjson.loads(gzip.decompress(sent) if compressed else sent) == contract()
    known = httpx.get(
        server.url + PATH, headers=headers | {"if-none-match": answer.headers["etag"]}
    )
    assert known.status_code == 304
    assert known.headers["etag"] == answer.headers["etag"]


def test_the_two_forms_are_told_apart(server: Server) -> None:
    plain, compressed = (
        httpx.head(server.url + PATH, headers={"accept-encoding": coding}).headers["etag"]
        for coding in ("identity", "gzip")
    )
    assert plain != compressed


COMMANDS_WITHOUT_ROUTES = ("verify", "figures", "restored")


@pytest.mark.long
@pytest.mark.parametrize("command", COMMANDS_WITHOUT_ROUTES)
def test_a_command_that_needs_no_routes_does_its_work_and_loads_none(
    command: str, clone: Callable[[], Database]
) -> None:
    database = clone()
    ended = loads(
        [command],
        QA_MIGRATE_URL=database.migrate_url,
        QA_DATABASE_URL=database.database_url,
        QA_READ_URL=database.read_url,
    )
    assert ended.returncode == 0, ended.stderr[-300:]
    assert ended.stdout.strip().endswith("[]"), ended.stdout[-300:]


@pytest.mark.long
def test_a_token_needs_no_routes(tmp_path: Path) -> None:
    place: dict[str, Any] = {"pid": os.getpid(), "url": "http://127.0.0.1:1", "issuer": "x"}
    place["key_dir"] = str(tmp_path / "keys")
    (tmp_path / "dev-run.json").write_bytes(orjson.dumps(place))
    ended = loads(
        ["token", "auditor", "--data", str(tmp_path)], ("schemas", "sqlalchemy", "fastapi")
    )
    assert ended.returncode == 0, ended.stderr[-300:]
    assert ended.stdout.strip().endswith("[]"), ended.stdout[-300:]


def loads(
    words: list[str], needless: Sequence[str] = (), **environment: str
) -> "subprocess.CompletedProcess[str]":
    """What a command answers, and then which modules of routes it has loaded.

    `needless`: further ends of names of modules that it should do without.
    """
    ends = (".router", *needless)
    program = (
        "import sys; from qa_api.__main__ import main\n"
        "status = main(sys.argv[1:])\n"
        "print(sorted(n for n in sys.modules if n == 'qa_api.app'"
        f" or n.endswith({ends!r})))\n"
        "sys.exit(status)"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        env={"QA_ENVIRONMENT": "development", "PATH": ""} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
