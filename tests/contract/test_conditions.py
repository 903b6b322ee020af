"""What the contract says of the headers of a change is what the service asks for.

Every change of the contract is sent without each of them, and with them, by somebody who may: from
a page whose origin is let in, and from one whose origin is not.
"""

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import uuid4

import httpx
import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import Permission, roles_with
from tests.api import Api, serving
from tests.conftest import Clone, Database, settings_for
from tests.contract.document import Operation, operations
from tests.contract.people import in_each_role
from tests.matrix.writing import BODIES

NONE: Final = "none"
PAGE: Final = "https://audits.example.org"
CHANGES: Final = [one for one in operations() if one.method != "get"]
_SEGMENTS: Final = {"system": "mosaic", "question_key": "nothing", "domain_key": "nothing"}


@pytest.fixture(scope="module", params=[(), (PAGE,)], ids=["no-page", "a-page"])
def origins(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The origins whose pages are let in: none, or that of whoever asks here."""
    return tuple(request.param)


@pytest.fixture(scope="module")
def database(clone_of_authority: Clone, origins: tuple[str, ...]) -> Database:
    """Of an authority in which the contract's own examples are carried out."""
    del origins  # one for each
    return clone_of_authority()


@pytest.fixture(scope="module")
def api(database: Database, issuer: DevelopmentIssuer, origins: tuple[str, ...]) -> Iterator[Api]:
    """Asked by a page, which may read the answer where its origin is let in, and only there."""
    settings = settings_for(database, issuer, cors_origins=origins)
    with serving(settings) as server, Api(server, issuer, "qs-1") as api:
        api.http.headers["origin"] = PAGE

        def is_for_the_page(answer: httpx.Response) -> None:
            told = answer.headers.get("access-control-allow-origin")
            assert told == (PAGE if origins else None)

        api.http.event_hooks = {"response": [is_for_the_page]}
        yield api


@pytest.fixture(scope="module")
def who(database: Database) -> Mapping[str, str]:
    """Somebody in each role."""
    return {role: people[0] for role, people in in_each_role(database).items()}


def conditions(operation: Operation) -> dict[str, bool]:
    """The conditions that an operation declares, and whether it asks for each."""
    return {
        name: required
        for name, required in headers_of(operation).items()
        if name in {"If-Match", "If-None-Match"}
    }


def headers_of(operation: Operation) -> dict[str, bool]:
    """The headers that an operation declares, and whether it asks for each."""
    return {
        parameter["name"]: parameter["required"]
        for parameter in operation.content.get("parameters", ())
        if parameter["in"] == "header"
    }


def sent(
    api: Api, who: Mapping[str, str], operation: Operation, key: str | None = None, **named: str
) -> httpx.Response:
    """A change of what is not there, with these headers; without a `key` it has one of its own."""
    path = operation.path
    for parameter in operation.content.get("parameters", ()):
        if parameter["in"] == "path":
            name = parameter["name"]
            uuid = parameter["schema"].get("format") == "uuid"
            told = str(uuid4()) if uuid else _SEGMENTS.get(name, "no-such-thing")
            if parameter["schema"].get("format") == "date":
                told = "2026-12-26"
            path = path.replace(f"{{{name}}}", told)
    assert operation.permission
    roles = roles_with(Permission(operation.permission))
    person = next(who[role] for role in sorted(roles) if role in who)
    headers = {name.replace("_", "-"): value for name, value in named.items()}
    if key != NONE:
        headers["idempotency-key"] = uuid4().hex if key is None else key
    body = BODIES[str(operation)]
    return api.as_(person).request(operation.method.upper(), path, json=body, headers=headers)


@pytest.mark.parametrize("operation", [one for one in CHANGES if conditions(one)], ids=str)
def test_a_change_says_what_it_is_based_on(
    api: Api, who: Mapping[str, str], operation: Operation
) -> None:
    declared = conditions(operation)
    silent = sent(api, who, operation)
    assert silent.status_code == 428, silent.text
    assert sent(api, who, operation, if_match="*").status_code == 428
    named = sent(api, who, operation, if_match='"7.0"')
    assert named.status_code in {403, 404, 409, 412, 422}, named.text
    made = sent(api, who, operation, if_none_match="*")
    if "If-None-Match" in declared:
        assert not any(declared.values()), "one of the two"
        assert made.status_code in {200, 201, 404, 422}, made.text
    else:
        assert declared == {"If-Match": True}
        assert made.status_code == 428, made.text


@pytest.mark.parametrize("operation", [one for one in CHANGES if not conditions(one)], ids=str)
def test_what_is_based_on_no_version_asks_for_none(
    api: Api, who: Mapping[str, str], operation: Operation
) -> None:
    assert "428" not in operation.content["responses"]
    assert sent(api, who, operation).status_code not in {412, 428}


@pytest.mark.parametrize("operation", CHANGES, ids=str)
def test_a_key_is_asked_for_taken_or_passed_over_as_the_contract_says(
    api: Api, who: Mapping[str, str], operation: Operation
) -> None:
    declared = headers_of(operation)
    assert set(declared) <= {
        "If-Match",
        "If-None-Match",
        "Idempotency-Key",
        "X-Purpose",
        "Content-Digest",
    }
    based = {"if_match": '"7.0"'} if conditions(operation) else {}
    without = sent(api, who, operation, NONE, **based)
    unreadable = sent(api, who, operation, "two words", **based)
    if declared.get("Idempotency-Key"):
        assert without.json()["type"] == "/problems/idempotency-key-required"
    else:
        assert without.status_code != 400, without.text
    if "Idempotency-Key" in declared:
        assert [one["parameter"] for one in unreadable.json()["errors"]] == ["Idempotency-Key"]
    else:
        assert unreadable.status_code == without.status_code
