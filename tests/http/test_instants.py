"""An instant in an address: a raw + is a space there, and the refusal says so."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api import Api, contract

HALF_PAST_TWELVE = "2026-06-13T23:30:00+01:00"


def instants() -> Iterator[tuple[str, str]]:
    """Every query parameter that takes an instant."""
    for path, operations in contract()["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", []):
            said: Any = json.dumps(parameter.get("schema")) + parameter.get("description", "")
            if parameter.get("in") == "query" and ("date-time" in said or "an instant" in said):
                yield path, parameter["name"]


@pytest.mark.parametrize(("path", "name"), list(instants()))
def test_a_raw_plus_is_told_for_what_it_is(api: Api, path: str, name: str) -> None:
    refused = api.get(f"{path}?{name}={HALF_PAST_TWELVE}")
    assert refused.status_code == 422
    (said,) = [e["detail"] for e in refused.json()["errors"] if e.get("parameter") == name]
    assert "write %2B" in said


def test_with_the_plus_written_so_the_instant_is_taken(api: Api) -> None:
    written = HALF_PAST_TWELVE.replace("+", "%2B")
    answer = api.get(f"/v1/working-days/add?days=0&start={written}")
    assert (answer.status_code, answer.json()["due_on"]) == (200, "2026-06-13")


def test_there_are_such_parameters() -> None:
    assert {"at", "start"} <= {name for _, name in instants()}
