"""python-jose behind one door: what of it is loaded, and which algorithms there are (ADR 26)."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from qa_api.auth import keys
from qa_api.token_issuers import Algorithm, TokenIssuer
from tests.auth.test_tokens import (
    AUDIENCE,
    BAD,
    EC_PEM,
    GOOD,
    ISSUER,
    NOW,
    RSA_PEM,
    public,
)

SOURCE = Path(keys.__file__).parents[1]
NOT_LOADED = ("ecdsa", "rsa", "pyasn1")

ALLOWED = {
    "auth/tokens.py": {"jose.backends.base.Key", "jose.exceptions.JOSEError"},
    "auth/keys.py": {
        "jose.backends.base.Key",
        "jose.backends.cryptography_backend.CryptographyECKey",
        "jose.backends.cryptography_backend.CryptographyRSAKey",
        "jose.exceptions.JOSEError",
    },
    "auth/development.py": {"jose.jwk", "jose.jws"},
}
"""What of the library is used, and where."""

VERIFIES = """
import asyncio, json, sys
from datetime import datetime
from pathlib import Path
import qa_api.app, qa_api.worker.running
from qa_api import clock
from qa_api.auth.tokens import TokenVerifier
from qa_api.problems import Problem
from qa_api.token_issuers import TokenIssuer

told = json.load(sys.stdin)
clock.freeze(datetime.fromisoformat(told["now"]))
issuer = TokenIssuer(issuer=told["issuer"], audience=told["audience"], jwks_file=Path(told["file"]))
verifier = TokenVerifier([issuer], leeway_seconds=0, timeout_seconds=30)
for token in told["good"]:
    asyncio.run(verifier.verify(token))
for token in told["bad"]:
    try:
        asyncio.run(verifier.verify(token))
    except Problem:
        continue
    raise SystemExit("a forged token was accepted")
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""

WITHOUT = """
import sys
class Missing:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "cryptography":
            raise ImportError(name)
sys.meta_path.insert(0, Missing())
import qa_api.auth.tokens
"""


@pytest.mark.long
def test_what_verifies_in_plain_python_is_installed_and_never_loaded(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    public_keys = [public(EC_PEM, "ES256", "ec"), public(RSA_PEM, "RS256", "rsa")]
    file.write_text(json.dumps({"keys": public_keys}))
    forged = ("alg none", "HS256 with the public key as PEM", "signature changed", "RS512")
    told = {
        "now": NOW.isoformat(),
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "file": str(file),
        "good": [GOOD["ES256"], GOOD["RS256"]],
        "bad": [BAD[name] for name in forged],
    }
    ended = subprocess.run(
        [sys.executable, "-c", VERIFIES],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    loaded = set(json.loads(ended.stdout))
    assert {"jose", "cryptography"} <= loaded
    assert loaded.isdisjoint(NOT_LOADED)


@pytest.mark.long
def test_without_cryptography_nothing_is_verified_at_all() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False
    )
    assert ended.returncode != 0
    assert "ImportError" in ended.stderr


def imported(file: Path) -> set[str]:
    """What a module imports of the library, and of those that it declares."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{each.name}" for each in node.names}
    return {name for name in found if name.partition(".")[0] in {"jose", *NOT_LOADED}}


@pytest.mark.long
def test_the_library_is_used_where_it_is_said_and_for_what_is_said() -> None:
    used = {
        str(file.relative_to(SOURCE)): names
        for file in SOURCE.rglob("*.py")
        if (names := imported(file))
    }
    assert used == ALLOWED


def test_the_algorithms_are_a_closed_list() -> None:
    assert get_args(Algorithm) == ("RS256", "ES256")
    assert set(keys._KTY) == set(keys._KEY) == set(get_args(Algorithm))
    assert {kind.__module__ for kind in keys._KEY.values()} == {
        "jose.backends.cryptography_backend"
    }


@pytest.mark.parametrize("algorithm", ["HS256", "none", "RS512", "PS256", "ES384", "rs256", ""])
def test_no_other_algorithm_can_be_configured(algorithm: str) -> None:
    with pytest.raises(ValidationError):
        TokenIssuer.model_validate(
            {
                "issuer": ISSUER,
                "audience": AUDIENCE,
                "jwks_file": "keys",
                "algorithms": [algorithm],
            }
        )
