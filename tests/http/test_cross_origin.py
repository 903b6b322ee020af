"""Pages of the origins that the operator names may call the API from a browser, and no others."""

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from qa_api.app import contract
from qa_api.auth.development import DevelopmentIssuer
from qa_api.http.cross_origin import METHODS, READ, SENT
from qa_api.http.deprecations import HEADERS
from qa_api.settings import Settings
from tests.api import serving
from tests.conftest import Database, settings_for

BY_BROWSERS = {"Access-Control-Allow-Origin", "Access-Control-Expose-Headers"}
"""What a browser reads and no page."""
PAGE = "https://casework.example.org"
ANOTHER = "https://elsewhere.example.org"


@pytest.fixture(scope="module")
def browser(database: Database, issuer: DevelopmentIssuer) -> Iterator[httpx.Client]:
    """What a page at `PAGE` sends, of somebody who is signed in."""
    with (
        serving(settings_for(database, issuer, cors_origins=[PAGE])) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        token = issuer.issue("qs-1")
        client.headers.update({"Origin": PAGE, "Authorization": f"Bearer {token}"})
        yield client


def asked_before(method: str, *headers: str, origin: str = PAGE) -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    return asked | ({"Access-Control-Request-Headers": ",".join(headers)} if headers else {})


def cross_origin(answer: httpx.Response) -> dict[str, str]:
    return {
        name: value for name, value in answer.headers.items() if name.startswith("access-control-")
    }


def test_a_page_may_read_an_answer_and_a_refusal_even_of_the_gate(browser: httpx.Client) -> None:
    twice = [("X-Correlation-ID", "a"), ("X-Correlation-ID", "b")]
    for path, status, headers in (
        ("/v1/me", 200, []),
        ("/v1/audits/018d4ad8-0000-7000-8000-000000000000", 404, []),
        ("/v1/me", 400, twice),
        ("/v1/me", 401, [("Authorization", "Bearer none")]),
    ):
        answer = browser.get(path, headers=headers)
        assert answer.status_code == status
        told = cross_origin(answer)
        assert told.pop("access-control-allow-origin") == PAGE
        assert set(told.pop("access-control-expose-headers").split(", ")) == set(READ)
        assert told == {}, "no credentials: the token is a header"
        assert "Origin" in answer.headers["vary"]


LONG = "x" * 9_000
TARGET = f"/v1/me?{'x' * 10_500}"
TOO_MUCH = [(f"X-{number}", "x") for number in range(120)]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (TARGET, [], 414),
        (TARGET, TOO_MUCH, 414),
        (TARGET, [("X-Long", LONG)], 414),
        ("/v1/me", [("X-Long", LONG * 2)], 431),
        ("/v1/me", TOO_MUCH, 431),
        ("/v1/me", [("Host", "another.example.org")], 400),
    ],
)
def test_a_page_may_read_what_is_refused_before_it_is_a_request(
    browser: httpx.Client, path: str, headers: list[tuple[str, str]], status: int
) -> None:
    for origin, named in ((PAGE, PAGE), (ANOTHER, None)):
        first = [("Host", "a.example.org"), ("Origin", origin)]
        url = f"http://b.example.org{path}" if status == 400 else path
        answer = at_the_door(browser, url, [*first, *headers])
        assert answer.status_code == status
        assert answer.json()["status"] == status
        told = cross_origin(answer)
        assert told.pop("access-control-allow-origin", None) == named
        assert set(told) == ({"access-control-expose-headers"} if named else set())
        assert answer.headers["vary"] == "Origin"


def test_an_origin_that_comes_after_the_limit_is_not_known(browser: httpx.Client) -> None:
    """Too many bytes end the reading of a head; too many headers, or a long address, do not."""
    for path, headers, status, named in (
        ("/v1/me", [("X-Long", LONG * 2)], 431, None),
        ("/v1/me", TOO_MUCH, 431, PAGE),
        (TARGET, [], 414, PAGE),
    ):
        head = [("Host", "a.example.org"), *headers, ("Origin", PAGE)]
        answer = at_the_door(browser, path, head)
        assert answer.status_code == status
        assert answer.headers.get("access-control-allow-origin") == named
        assert answer.headers["vary"] == "Origin"


def at_the_door(
    browser: httpx.Client, target: str, headers: list[tuple[str, str]]
) -> httpx.Response:
    """What is answered to a head that a client would not write so."""
    lines = [
        f"GET {target} HTTP/1.1",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers),
        "",
        "",
    ]
    address = (browser.base_url.host, browser.base_url.port)
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode())
        head, _, body = b"".join(iter(lambda: connection.recv(65_536), b"")).partition(b"\r\n\r\n")
    status, *told = head.decode().split("\r\n")
    pairs = dict(line.split(": ", 1) for line in told)
    return httpx.Response(int(status.split()[1]), headers=pairs, content=body)


@pytest.mark.long
def test_every_header_of_the_contract_can_be_sent_or_read(browser: httpx.Client) -> None:
    document = contract()

    def found(part: Any) -> Any:
        while "$ref" in part:
            name = part["$ref"]
            part = document
            for step in name.removeprefix("#/").split("/"):
                part = part[step]
        return part

    operations = [
        (method, operation)
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ]
    sent = {
        parameter["name"]
        for _, operation in operations
        for parameter in map(found, operation.get("parameters", []))
        if parameter["in"] == "header"
    }
    read = {
        name
        for _, operation in operations
        for answer in map(found, operation["responses"].values())
        for name in answer.get("headers", {})
    }
    assert sent
    assert sent <= set(SENT)
    assert read >= BY_BROWSERS
    read = (read - BY_BROWSERS) | set(HEADERS)
    assert read == set(READ), "also those of operations that will be deprecated"
    assert {method.upper() for method, _ in operations} | {"HEAD"} == set(METHODS)
    for method in METHODS:
        answer = browser.options("/v1/audits", headers=asked_before(method, *SENT))
        assert (answer.status_code, answer.content) == (204, b"")
        told = cross_origin(answer)
        assert told["access-control-allow-origin"] == PAGE
        assert set(SENT) <= set(told["access-control-allow-headers"].split(", "))
        assert "access-control-allow-credentials" not in told


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (asked_before("GET", origin=ANOTHER), "Origin"),
        (asked_before("GET", origin="null"), "Origin"),
        (asked_before("GET", origin=f"{PAGE}.example.com"), "Origin"),
        (asked_before("GET", origin=PAGE.replace("https", "http")), "Origin"),
        (asked_before("TRACE"), "Access-Control-Request-Method"),
        (asked_before("GET", "Authorization", "X-Secret-Word"), "Access-Control-Request-Headers"),
    ],
)
def test_what_a_page_may_not_send_is_refused_as_a_problem_that_repeats_nothing(
    browser: httpx.Client, asked: dict[str, str], named: str
) -> None:
    answer = browser.options("/v1/audits", headers=asked)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert [error["parameter"] for error in problem["errors"]] == [named]
    assert problem["correlation_id"] == answer.headers["x-correlation-id"]
    assert "elsewhere" not in answer.text
    assert "secret-word" not in answer.text.lower()


def test_the_page_of_another_origin_is_not_named_in_the_answer(browser: httpx.Client) -> None:
    answer = browser.get("/v1/me", headers={"Origin": ANOTHER})
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"]


@pytest.mark.long
def test_without_the_setting_no_answer_speaks_of_origins(
    database: Database, issuer: DevelopmentIssuer
) -> None:
    with serving(settings_for(database, issuer)) as server:
        answer = httpx.get(f"{server.url}/healthz", headers={"Origin": PAGE})
        before = httpx.options(f"{server.url}/v1/me", headers=asked_before("GET"))
    assert cross_origin(answer) == {}
    assert "vary" not in answer.headers
    assert before.status_code == 405


@pytest.mark.parametrize(
    "origin",
    [
        *("*", "null", "https://a.example.org/", "http://a.example.org", "https://A.example.org"),
        *("a.b", "https://a.example.org:443", "http://localhost:80"),
    ],
)
def test_an_origin_is_named_as_a_browser_sends_it(origin: str) -> None:
    with pytest.raises(ValidationError, match="QA_CORS_ORIGINS takes"):
        Settings(cors_origins=["https://a.example.org", origin])


def test_an_origin_may_have_a_port_of_its_own() -> None:
    named = ["https://a.example.org:4433", "https://a.example.org:44", "http://localhost:8080"]
    assert Settings(cors_origins=named).cors_origins == named
