"""Hold the committed contract against what outsiders' tools expect of one.

The tools are Node programs. They are installed here, at these versions, into `.node/`, which is not
committed; nothing else of the project needs Node. Without them the check fails: it never passes by
doing nothing.
"""

import os
import subprocess
import sys
from pathlib import Path

from node_tools import install

OPENAPI = Path(__file__).resolve().parent
ROOT = OPENAPI.parent
NODE = ROOT / ".node"
BIN = NODE / "node_modules" / ".bin"

TOOLS = (
    "@redocly/cli@2.77.0",
    "@stoplight/spectral-cli@6.16.3",
    "@stoplight/spectral-owasp-ruleset@2.0.1",
    "standardwebhooks@1.1.1",
    "@baloise/spectral-rules@1.5.0",
)
WHOLE, CLIENT = OPENAPI / "openapi.json", OPENAPI / "openapi.client.json"
SCIM = OPENAPI / "scim.json"


def _spectral(ruleset: str, failing: str, document: Path = WHOLE) -> list[str | Path]:
    """Lint by a ruleset that stands here; `failing` is the least severity that fails."""
    words = (
        "lint",
        document,
        "--ruleset",
        OPENAPI / ruleset,
        "--fail-severity",
        failing,
        "--quiet",
    )
    return [BIN / "spectral", *words]


VALIDATE = [sys.executable, "-m", "openapi_spec_validator"]
CHECKS = {
    "the OpenAPI specification": [*VALIDATE, WHOLE],
    "the OpenAPI specification, without webhooks": [*VALIDATE, CLIENT],
    "the webhook verifier in JavaScript": [
        *("node", ROOT / "docs" / "verifiers" / "check.mjs"),
        NODE / "node_modules" / "standardwebhooks",
    ],
    "Spectral": _spectral("spectral.yaml", "warn"),
    "OWASP": _spectral("owasp.yaml", "error"),
    "Zalando": _spectral("zalando.yaml", "warn"),
    "Redocly": [BIN / "redocly", "lint", WHOLE, "--config", OPENAPI / "redocly.yaml"],
    "the OpenAPI specification, of SCIM": [*VALIDATE, SCIM],
    "Spectral, of SCIM": _spectral("spectral.yaml", "warn", SCIM),
    "Redocly, of SCIM": [BIN / "redocly", "lint", SCIM, "--config", OPENAPI / "redocly.yaml"],
}

# The tools neither report home nor look for newer versions of themselves.
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def main() -> int:
    """Run every check; the number of those that failed is the exit status."""
    install(NODE, TOOLS)
    failed = 0
    for name, command in CHECKS.items():
        ended = subprocess.run(
            command,
            env=os.environ | QUIET,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if ended.returncode != 0:
            failed += 1
            sys.stdout.write(f"{name}:\n{ended.stdout}\n")
    return failed


if __name__ == "__main__":
    sys.exit(main())
