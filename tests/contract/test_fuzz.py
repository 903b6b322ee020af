"""The running API under a fuzzer that reads the contract: it never gets an undeclared answer.

A short run belongs to the suite: each operation a few times, by somebody who may. `./dev fuzz` is
the long one: many examples of every operation by everybody, its boundary values one by one, and
sequences of requests that follow from each other.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import ROLE_PERMISSIONS, Role
from tests.api import CONTRACT, Server
from tests.contract.document import operations

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
LONG = "FUZZ_EXAMPLES" in os.environ
SEED = os.environ.get("FUZZ_SEED", "20261122")
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "1")
PHASES = "examples,coverage,fuzzing,stateful" if LONG else "fuzzing"
AT_MOST = 3_600 if LONG else 120  # seconds


def tried_by(person: str) -> list[str]:
    """Options: which operations a person tries. In the short run nobody repeats another's."""
    if LONG:
        return []
    administered = ROLE_PERMISSIONS[Role.ADMINISTRATOR]
    names = [
        str(operation)
        for operation in operations()
        if (operation.permission in administered) == (person == "admin-1")
    ]
    return [word for name in names for word in ("--include-operation-id", name)]


def declared(directory: Path) -> Path:
    """The contract without its `default` answers, by which any status would be a declared one."""
    document = json.loads(CONTRACT.read_bytes())
    for item in document["paths"].values():
        for operation in item.values():
            del operation["responses"]["default"]
    file = directory / "declared.json"
    file.write_text(json.dumps(document))
    return file


@pytest.mark.long
@pytest.mark.parametrize("person", ["admin-1", "qs-1"])
def test_whatever_is_sent_the_answer_is_declared(
    server: Server, issuer: DevelopmentIssuer, person: str, tmp_path: Path
) -> None:
    ended = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            *("--config-file", CONFIGURATION),
            *("run", declared(tmp_path), "--url", server.url),
            *("--header", f"Authorization: Bearer {issuer.issue(person)}"),
            *tried_by(person),
            *("--checks", "all", "--phases", PHASES),
            *("--seed", SEED, "--max-examples", EXAMPLES),
            *("--generation-database", "none", "--warnings", "off", "--no-color"),
        ],
        cwd=tmp_path,
        stdout=None if LONG else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=AT_MOST,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout or "see above"
