"""Verifiers that integrators copy, our own and the official libraries agree on every vector."""

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
import standardwebhooks.webhooks

from qa_api.commands.payloads import SECRET
from qa_api.events import EVENT_TYPES
from qa_api.webhooks.signing import NotVerified, verify
from tests.webhooks.schemas import faults_of

ROOT = Path(__file__).parents[2]
VERIFIERS = ROOT / "docs" / "verifiers"
MESSAGES = ROOT / "openapi" / "examples" / "webhooks"
VECTORS = json.loads((VERIFIERS / "vectors.json").read_text("utf-8"))
HEADERS = json.loads((MESSAGES / "headers.json").read_text("utf-8"))
LIBRARY = ROOT / ".node" / "node_modules" / "standardwebhooks"

Vector = Mapping[str, Any]


def copied() -> Any:
    """The verifier in Python, loaded as a file of its own."""
    spec = importlib.util.spec_from_file_location("copied", VERIFIERS / "webhook_verifier.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


COPIED = copied()


def officially(monkeypatch: pytest.MonkeyPatch, vector: Vector) -> bool:
    """Whether the official library verifies it with one of the secrets, at the vector's time."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.fromtimestamp(vector["now"], tz or UTC)

    monkeypatch.setattr(standardwebhooks.webhooks, "datetime", Clock)
    for secret in vector["secrets"]:
        try:
            webhook = standardwebhooks.Webhook(secret)
            webhook.verify(vector["body"], dict(vector["headers"]), json_parse=False)
        except standardwebhooks.WebhookVerificationError:
            continue
        return True
    return False


@pytest.mark.parametrize("vector", [pytest.param(each, id=each["name"]) for each in VECTORS])
def test_each_vector_is_judged_alike_by_all(
    monkeypatch: pytest.MonkeyPatch, vector: Vector
) -> None:
    headers, body = vector["headers"], vector["body"].encode()
    at = datetime.fromtimestamp(vector["now"], UTC)
    small = {name.lower(): value for name, value in headers.items()}
    assert officially(monkeypatch, vector) == vector["verified"], "the official library"
    if vector["verified"]:
        assert verify(small, body, vector["secrets"], at) == small["webhook-id"]
        assert COPIED.verify(headers, body, vector["secrets"], vector["now"]) == verify(
            small, body, vector["secrets"], at
        )
        return
    with pytest.raises(NotVerified):
        verify(small, body, vector["secrets"], at)
    with pytest.raises(COPIED.NotVerified):
        COPIED.verify(headers, body, vector["secrets"], vector["now"])


def test_the_vectors_hold_both_what_is_verified_and_what_is_not() -> None:
    assert {vector["verified"] for vector in VECTORS} == {True, False}
    assert len({vector["name"] for vector in VECTORS}) == len(VECTORS) > 15


def test_the_verifier_in_javascript_and_the_official_library_agree_on_every_vector() -> None:
    node = shutil.which("node")
    if node is None or not LIBRARY.exists():
        pytest.skip("Node.js or its libraries are not here; `./dev check` installs and needs them")
    ended = subprocess.run(
        [node, VERIFIERS / "check.mjs", LIBRARY], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"{len(VECTORS)} vectors\n"


def test_the_verifier_that_no_test_runs_says_so() -> None:
    assert "NOT RUN" in (VERIFIERS / "WebhookVerifier.cs").read_text("utf-8")
    assert "not run" in (VERIFIERS / "README.md").read_text("utf-8")


def test_there_is_a_recorded_message_of_each_type_that_is_sent_and_it_verifies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = {name for name, event in EVENT_TYPES.items() if event.sent}
    assert {file.stem for file in MESSAGES.glob("*.json")} == {*sent, "headers"}
    assert HEADERS["headers"].keys() == sent
    assert HEADERS["secret"] == SECRET
    for name, headers in HEADERS["headers"].items():
        body = (MESSAGES / f"{name}.json").read_text("utf-8")
        now = int(headers["webhook-timestamp"])
        vector = {"headers": headers, "body": body, "secrets": [SECRET], "now": now}
        assert officially(monkeypatch, vector), name
        message = json.loads(body)
        assert message["type"] == name
        assert faults_of(message) == []
