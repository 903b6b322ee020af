"""What the gate holds, whatever the application behind it does."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from qa_api.http.gate import Gate
from qa_api.http.request_context import context_of, current_correlation_id
from tests.http.small_app import LIMIT

CORRELATION = "0199d1f0-7c1b-7000-8000-0000000000b1"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def test_the_callers_correlation_id_comes_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nothing", headers={"X-Correlation-ID": CORRELATION})
    assert answer.headers["x-correlation-id"] == CORRELATION
    assert answer.json()["correlation_id"] == CORRELATION


@pytest.mark.parametrize("sent", ["", "short", "x" * 65, "a b c d e f", "<script>alert</script>"])
async def test_a_correlation_id_of_another_form_is_replaced(
    client: httpx.AsyncClient, sent: str
) -> None:
    answer = await client.get("/healthz", headers={"X-Correlation-ID": sent})
    given = answer.headers["x-correlation-id"]
    assert given != sent
    assert len(given) == 32


async def test_ours_comes_back_and_what_may_name_a_child_stands_beside_it_in_the_log_only(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "qa_api.http.request_context")
    ours = (await client.get("/nothing")).headers["x-correlation-id"]
    answer = await client.get("/nothing", headers={"X-Correlation-ID": ours})
    assert answer.headers["x-correlation-id"] == ours
    assert caplog.messages == []
    answer = await client.get("/nothing", headers={"X-Correlation-ID": "mosaic.C-1001.closure"})
    given = answer.headers["x-correlation-id"]
    assert "C-1001" not in answer.text + given
    assert caplog.messages == [f"correlation id {given}: the caller says mosaic.C-1001.closure"]


async def test_every_answer_is_unsniffable_and_uncached_unless_it_says_so(
    client: httpx.AsyncClient,
) -> None:
    for path in ("/v1/audits", "/nothing", "/v1/faults/bug", "/healthz"):
        answer = await client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    assert "max-age" in (await client.get("/problems")).headers["cache-control"]


async def test_head_is_get_without_the_body(client: httpx.AsyncClient) -> None:
    for path in ("/v1/audits", "/nothing", "/problems", "/v1/audits?limit=0"):
        get, head = await client.get(path), await client.head(path)
        assert head.status_code == get.status_code
        assert head.content == b""
        assert head.headers["content-type"] == get.headers["content-type"]
    assert (await client.head("/v1/audits")).headers["content-length"] == "12"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/v1/audits", "GET, HEAD, POST"),
        ("DELETE", "/v1/audits", "GET, HEAD, POST"),
        ("OPTIONS", "/v1/audits", "GET, HEAD, POST"),
        ("POST", "/v1/audits/x", "GET, HEAD, PATCH"),
        ("GET", "/v1/audits/x/complete", "POST"),
        ("HEAD", "/v1/audits/x/complete", "POST"),
        ("BREW", "/healthz", "GET, HEAD"),
    ],
)
async def test_allow_names_every_method_of_the_address(
    client: httpx.AsyncClient, method: str, path: str, allow: str
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allow


@pytest.mark.parametrize("path", ["/v1/audits/", "//v1/audits", "/v1", "/", "/V1/audits"])
async def test_only_the_exact_address_exists(client: httpx.AsyncClient, path: str) -> None:
    request = client.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    answer = await client.send(request)
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


async def test_what_is_not_there_and_what_may_not_be_known_look_the_same(
    client: httpx.AsyncClient,
) -> None:
    problem = (await client.get("/nothing")).json()
    assert problem["detail"] == "There is nothing here that you may see."


async def test_a_body_at_the_limit_passes_and_one_byte_more_does_not(
    client: httpx.AsyncClient,
) -> None:
    json = {"Content-Type": "application/cloudevents+json"}
    full = b"{}" + b" " * (LIMIT - 2)
    assert (await client.post("/v1/events", content=full, headers=json)).status_code == 200
    answer = await client.post("/v1/events", content=full + b" ", headers=json)
    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/content-too-large"


async def test_a_body_that_comes_in_parts_has_the_same_limit(client: httpx.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(LIMIT):
            yield b"[]"

    answer = await client.post(
        "/v1/events", content=parts(), headers={"Content-Type": "application/cloudevents+json"}
    )
    assert answer.status_code == 413


async def test_a_sender_that_will_not_stop_is_cut_off(client: httpx.AsyncClient) -> None:
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1000
            yield b" " * 1000

    answer = await client.post(
        "/v1/events", content=parts(), headers={"Content-Type": "application/cloudevents+json"}
    )
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert sent < 10 * LIMIT


@pytest.mark.long
async def test_a_body_that_does_not_arrive_in_time_is_given_up(client: httpx.AsyncClient) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(30)

    answer = await client.post(
        "/v1/events", content=slowly(), headers={"Content-Type": "application/cloudevents+json"}
    )
    assert answer.status_code == 408
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "host", ["", "evil.example", "qa.example.evil.example", "qa.example@evil", "qa.example:x", "é"]
)
async def test_only_our_own_host_is_served(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/v1/audits", headers=[(b"Host", host.encode())])
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"detail": "Not a host of this service.", "code": "host", "parameter": "Host"}
    ]


@pytest.mark.parametrize("host", ["qa.example", "QA.example", "qa.example:8443"])
async def test_our_host_may_be_written_in_any_case_and_with_a_port(
    client: httpx.AsyncClient, host: str
) -> None:
    assert (await client.get("/v1/audits", headers={"Host": host})).status_code == 200


async def test_probes_may_ask_by_address(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz", headers={"Host": "10.0.0.7:8000"})).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["Host", "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-Correlation-ID"],
)
async def test_a_header_that_can_only_be_there_once_is_refused_twice(
    client: httpx.AsyncClient, name: str
) -> None:
    headers = [("Host", "qa.example"), (name, "qa.example"), (name, "qa.example")]
    answer = await client.get("/v1/audits", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "repeated"


async def test_a_fault_is_answered_and_not_raised_and_its_message_goes_nowhere(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = await client.get("/v1/faults/bug", headers={"X-Correlation-ID": CORRELATION})
    assert answer.status_code == 500
    assert answer.json()["type"] == "/problems/internal-error"
    assert "SECRET" not in answer.text + caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert CORRELATION in caplog.text


# --- the gate alone, with the messages of a server ----------------------------------------------


async def exchange(
    app: Any,
    *,
    method: str = "GET",
    headers: list[tuple[bytes, bytes]] | None = None,
    incoming: list[Message] | None = None,
) -> list[Message]:
    """What a server would be told to send."""
    sent: list[Message] = []
    waiting = list(incoming or [{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(dict(message))

    gate = Gate(app, allowed_hosts=["*"], max_body_bytes=100, body_deadline_seconds=1, observe=None)
    scope = {
        "type": "http",
        "method": method,
        "path": "/x",
        "raw_path": b"/x",
        "query_string": b"",
        "headers": [(b"host", b"qa.example"), *(headers or [])],
    }
    await gate(scope, receive, send)
    return sent


async def test_half_an_answer_is_left_unfinished_so_that_the_server_cuts_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ZeroDivisionError

    sent = await exchange(app)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[-1]["more_body"] is True


async def test_a_client_that_leaves_while_sending_is_not_answered() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("must not be reached")

    length = [(b"content-length", b"50"), (b"content-type", b"application/json")]
    first: Message = {"type": "http.request", "body": b"{", "more_body": True}
    assert await exchange(app, method="POST", headers=length, incoming=[first]) == []


async def test_the_application_gets_the_parsed_body_and_the_bytes_once() -> None:
    seen: dict[str, Any] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        context = context_of(scope)
        seen.update(
            document=context.document,
            trace=context.traceparent,
            current=current_correlation_id() == context.correlation_id,
            first=await receive(),
            second=await receive(),
        )
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    await exchange(
        app,
        method="POST",
        headers=[
            (b"content-length", b"9"),
            (b"content-type", b"application/json"),
            (b"traceparent", TRACE.encode()),
        ],
        incoming=[
            {"type": "http.request", "body": b'{"a":', "more_body": True},
            {"type": "http.request", "body": b"[1]}", "more_body": False},
        ],
    )
    assert seen == {
        "document": {"a": [1]},
        "trace": TRACE,
        "current": True,
        "first": {"type": "http.request", "body": b'{"a":[1]}', "more_body": False},
        "second": {"type": "http.disconnect"},
    }


@pytest.mark.parametrize(
    "trace",
    [b"", b"00-zz", b"ff-" + TRACE[3:].encode(), b"00-" + b"0" * 32 + b"-00f067aa0ba902b7-01"],
)
async def test_a_traceparent_of_another_form_is_not_passed_on(trace: bytes) -> None:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(context_of(scope).traceparent)

    await exchange(app, headers=[(b"traceparent", trace)])
    assert seen == [None]


async def test_other_protocols_pass_untouched() -> None:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    gate = Gate(app, allowed_hosts=[], max_body_bytes=1, body_deadline_seconds=1)

    async def nothing(*_: Any) -> Any:
        return None

    await gate({"type": "lifespan"}, nothing, nothing)
    assert seen == ["lifespan"]


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "DELETE"])
async def test_a_method_that_is_not_allowed_is_so_whatever_it_carries(
    client: httpx.AsyncClient, method: str
) -> None:
    answer = await client.request(method, "/v1/audits", content=b"{", headers={"content-type": "x"})
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
