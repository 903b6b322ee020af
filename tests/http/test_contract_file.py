"""The contract is served from the file that ships: quickly, compressed where that is taken."""

import gzip
import subprocess
import sys

import httpx
import orjson
import pytest

from qa_api.app import contract
from tests.api import Server

PATH = "/openapi.json"


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


COMMANDS_WITHOUT_ROUTES = ("token", "verify", "figures")


@pytest.mark.parametrize("command", COMMANDS_WITHOUT_ROUTES)
def test_a_command_that_needs_no_routes_loads_none(command: str) -> None:
    program = (
        "import sys; from qa_api.__main__ import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print(sorted(n for n in sys.modules if n == 'qa_api.app'"
        " or n.endswith('.router')))"
    )
    words = [command, "auditor"] if command == "token" else [command]
    environment = {
        "QA_ENVIRONMENT": "development",
        "QA_MIGRATE_URL": "postgresql://qa_owner@/qa?host=/nonexistent",
        "QA_DATABASE_URL": "postgresql://qa_app@/qa?host=/nonexistent",
        "PATH": "",
    }
    ended = subprocess.run(
        [sys.executable, "-c", program, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.strip().endswith("[]"), ended.stdout[-300:] + ended.stderr[-300:]
