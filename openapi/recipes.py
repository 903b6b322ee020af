"""Try what front-end teams are shown: a mock of the contract, requests, a page of TypeScript.

`./dev recipes` runs it. The tools are Node programs, installed at these versions into
`.node/recipes/`; without Node it fails. prism answers every GET of the contract; Bruno
asks a service with the collection; the page (`docs/recipes/audit.ts`) is compiled strictly against
the contract and carried out on a service of its own, which ends with it.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from node_tools import install

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "openapi" / "openapi.client.json"
PAGE = ROOT / "docs" / "recipes" / "audit.ts"
NODE = ROOT / ".node" / "recipes"
BIN = NODE / "node_modules" / ".bin"
TOOLS = (
    "@stoplight/prism-cli@5.16.0",
    "@types/node@20.19.25",
    "@usebruno/cli@4.1.0",
    "openapi-typescript@7.13.0",
    "typescript@5.9.3",
)
STRICT = (
    "--strict",
    "--noUncheckedIndexedAccess",
    "--exactOptionalPropertyTypes",
    *("--target", "es2022", "--module", "nodenext", "--types", "node"),
)
PATIENCE = 180  # seconds for a service to be ready, on a busy machine
SAID = ("waits: complete", "412: somebody else was quicker", "missing: ", "completed good")
"""What the page prints, in this order, once it has done all that it is for."""


class NotAsShown(Exception):
    """A recipe ended, and not as it should; the message says how."""


def main() -> int:
    """Try each recipe; the number of those that failed is the exit status."""
    install(NODE, TOOLS)
    failed = 0
    for name, recipe in {
        "prism": mocked,
        "Bruno": asked_by_bruno,
        "TypeScript": carried_out,
    }.items():
        try:
            sys.stdout.write(f"{name:<12}{recipe()}\n")
        except (NotAsShown, subprocess.SubprocessError, OSError) as fault:
            failed += 1
            told = getattr(fault, "stdout", None) or fault
            sys.stdout.write(f"{name:<12}FAILED\n{told}\n")
        sys.stdout.flush()
    return failed


def mocked() -> str:
    """Let prism answer every GET of the contract as its examples and schemas say."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [BIN / "prism", "mock", CONTRACT, "--port", str(port), "--errors"]
    paths = [
        addressed(path, item["get"])
        for path, item in json.loads(CONTRACT.read_text())["paths"].items()
        if "get" in item
    ]
    with running(command, lambda: status_of(url + paths[0]) != 0):
        answered = {path: status_of(url + path) for path in paths}
    refused = {path: status for path, status in answered.items() if status != 200}
    if refused:
        raise NotAsShown(f"prism does not answer: {refused}")
    return f"answers {len(answered)} GETs"


def addressed(path: str, operation: Json) -> str:
    """An address of the operation, with a value of the declared form for each parameter."""
    document = json.loads(CONTRACT.read_text())
    query = []
    for one in operation.get("parameters", ()):
        name = one.get("$ref", "").rpartition("/")[2]
        parameter = document["components"]["parameters"][name] if name else one
        if not parameter.get("required"):
            continue
        value = value_of(parameter["schema"], document)
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", value)
        elif parameter["in"] == "query":
            query.append(f"{parameter['name']}={value}")
    return f"{path}?{'&'.join(query)}" if query else path


def value_of(schema: Json, document: Json) -> str:
    """A value that a schema takes, as it stands in an address."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        schema = document["components"]["schemas"][name]
    if "enum" in schema:
        return str(schema["enum"][0])
    by_format = {
        "uuid": "0199d1f0-7c1b-7000-8000-000000000003",
        "date": "2026-12-07",
        "date-time": "2026-12-07T09:30:00Z",
    }
    if schema.get("type") == "integer":
        return "1"
    if "Q" in str(schema.get("pattern", "")):
        return "2026-27%20Q1"
    return by_format.get(str(schema.get("format")), "fast")


def asked_by_bruno() -> str:
    """Let Bruno ask a service for everything in the collection that takes no parameter."""
    document = json.loads(CONTRACT.read_text())
    plain = [
        f"{item['get']['tags'][0]}/{item['get']['operationId']}.bru"
        for path, item in document["paths"].items()
        if "get" in item and addressed(path, item["get"]) == path and "{" not in path
    ]
    with tempfile.TemporaryDirectory() as place, service(Path(place)) as (url, token):
        given = (f"base={url}", f"token={token('quality_standards')}")
        variables = [word for one in given for word in ("--env-var", one)]
        command = (BIN / "bru", "run", *plain, "--env", "local", *variables)
        told = output(*command, cwd=CONTRACT.parent / "collection")
    answered = re.findall(r"\((\d{3}) [A-Z]", told)
    if len(answered) != len(plain) or not set(answered) <= {"200", "403"}:
        raise NotAsShown(told)
    return f"asks {len(plain)} GETs of the collection, {answered.count('200')} are 200"


def carried_out() -> str:
    """Compile the page against the contract and run it on a service that holds the demo."""
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        shutil.copy(PAGE, directory)
        (directory / "package.json").write_text('{"type": "module"}')
        (directory / "node_modules").symlink_to(NODE / "node_modules")
        output(BIN / "openapi-typescript", CONTRACT, "-o", directory / "contract.d.ts")
        output(BIN / "tsc", *STRICT, PAGE.name, cwd=directory)
        with service(directory) as (url, token):
            told = output(
                *("node", "audit.js"),
                cwd=directory,
                QA_URL=url,
                OVERSEER_TOKEN=token("quality_standards"),
                AUDITOR_TOKEN=token("practice_supervisor"),
            )
    in_order = ".*".join(map(re.escape, SAID))
    if not re.search(in_order, told, re.DOTALL):
        raise NotAsShown(told)
    return f"{PAGE.name} completes an audit, and meets a 412 on its way"


@contextmanager
def service(directory: Path) -> Iterator[tuple[str, Callable[[str], str]]]:
    """A service of its own that holds the demo: its address, and what signs tokens for a role."""
    data = directory / "data"
    command = [sys.executable, "-m", "qa_api", "dev-run", "--port", "0", "--data", data]
    ready = data / "dev-run.json"

    def token(role: str) -> str:
        signing = (sys.executable, "-m", "qa_api", "token", role, "--data", data)
        return output(*signing).strip()

    with running(
        command, lambda: ready.exists() and status_of(url_in(ready) + "/readyz") == HTTPStatus.OK
    ):
        yield url_in(ready), token


def url_in(file: Path) -> str:
    """Where the service of a data directory listens."""
    return str(json.loads(file.read_text())["url"])


def output(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """What a command prints. Raises CalledProcessError, with that, where it fails."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    ).stdout


@contextmanager
def running(command: list[str | Path], ready: Callable[[], bool]) -> Iterator[None]:
    """A server from when it is ready until the block ends."""
    with tempfile.TemporaryFile("w+") as said:
        server = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)
        try:
            end = time.monotonic() + PATIENCE
            while not ready():
                if server.poll() is not None or time.monotonic() > end:
                    said.seek(0)
                    raise OSError(f"it does not start:\n{said.read()[-2_000:]}")
                time.sleep(0.2)
            yield
        finally:
            server.terminate()
            server.wait()


def status_of(url: str) -> int:
    """The status that a GET is answered with; 0 where nobody listens."""
    request = urllib.request.Request(url, headers={"Authorization": "Bearer mock"})  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - of this machine
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
