"""What comes in before there is a request: within limits, in time, and refused as a problem."""

import gc
import json
import re
import select
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.http.connection import GONE_AFTER_MS, MOST_WAITING, Connection
from tests.api import Api, Server, serving
from tests.conftest import Database, settings_for

HEAD_SECONDS, IDLE_SECONDS = 1.0, 2.0
CORRELATION = re.compile("[0-9a-f]{32}")
SLOW, IDLE = 200, 50


@pytest.fixture(scope="module")
def hasty(authority: object, database: Database, issuer: DevelopmentIssuer) -> Iterator[Server]:
    """An API that waits a second for a head and two for a request at all."""
    assert authority
    settings = settings_for(
        database, issuer, head_deadline_seconds=HEAD_SECONDS, keep_alive_seconds=IDLE_SECONDS
    )
    with serving(settings) as running:
        yield running


@pytest.fixture
def sockets() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def connected(server: Server, opened: ExitStack) -> socket.socket:
    address = urlsplit(server.url)
    made = socket.create_connection((address.hostname, address.port), timeout=20)
    return opened.enter_context(made)


def everything(connection: socket.socket) -> bytes:
    """What comes until the other side ends it."""
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def sent(server: Server, data: bytes, opened: ExitStack) -> bytes:
    """Everything that is answered to these bytes, until the connection ends."""
    connection = connected(server, opened)
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(data)
    return everything(connection)


def refusal(answer: bytes) -> tuple[int, str]:
    """Status and type of the one answer, which is a problem like any other."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    problem = json.loads(body)
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert headers["x-correlation-id"] == problem["correlation_id"]
    assert CORRELATION.fullmatch(problem["correlation_id"])
    assert int(lines[0].split()[1]) == problem["status"]
    return problem["status"], problem["type"].removeprefix("/problems/")


HOST = b"Host: 127.0.0.1\r\n"
REFUSED = {
    "a header that is too long": (
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 20_000 + b"\r\n\r\n",
        (431, "header-fields-too-large"),
    ),
    "a header without end": (
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 10_000_000,
        (431, "header-fields-too-large"),
    ),
    "headers that are too long together": (
        b"GET /healthz HTTP/1.1\r\n" + HOST + (b"X-A: " + b"a" * 1_000 + b"\r\n") * 17 + b"\r\n",
        (431, "header-fields-too-large"),
    ),
    "20,000 headers": (
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: a\r\n" * 20_000 + b"\r\n",
        (431, "header-fields-too-large"),
    ),
    "a hundred headers and one": (
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: a\r\n" * 100 + b"\r\n",
        (431, "header-fields-too-large"),
    ),
    "a header without a name, for ever": (
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"a" * 100_000,
        (431, "header-fields-too-large"),
    ),
    "empty lines without end": (b"\r\n" * 20_000, (431, "header-fields-too-large")),
    "a request line that is too long": (
        b"GET /v1/audits?changed_since=" + b"2" * 12_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        (414, "uri-too-long"),
    ),
    "a request line without end": (b"GET /" + b"a" * 100_000, (414, "uri-too-long")),
    "a query that is too long": (
        b"GET /v1/audits?q="
        + b"2" * 8_200
        + b" HTTP/1.1\r\nConnection: close\r\n"
        + HOST
        + b"\r\n",
        (414, "uri-too-long"),
    ),
    "no HTTP": (b"\x16\x03\x01 hello\r\n\r\n", (400, "malformed-request")),
    "bytes in the address that no address has": (
        b"GET /v1/\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n",
        (400, "malformed-request"),
    ),
    "a header that cannot be read": (
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"X A: a\r\n\r\n",
        (400, "malformed-request"),
    ),
    "two lengths": (
        b"POST /v1/audits HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        (400, "malformed-request"),
    ),
    "another host in the request line": (
        b"GET http://evil.example/healthz HTTP/1.1\r\n" + HOST + b"\r\n",
        (400, "malformed-request"),
    ),
    "another port in the request line": (
        b"GET http://127.0.0.1:81/healthz HTTP/1.1\r\n" + HOST + b"\r\n",
        (400, "malformed-request"),
    ),
    "somebody's name in the request line": (
        b"GET http://me@127.0.0.1/healthz HTTP/1.1\r\n" + HOST + b"\r\n",
        (400, "malformed-request"),
    ),
    "HTTP/2 in plain text": (
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
        (400, "malformed-request"),
    ),
    "a request that calls itself HTTP/2.0": (
        b"GET /healthz HTTP/2.0\r\n" + HOST + b"\r\n",
        (400, "malformed-request"),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_request_is_refused_as_a_problem(
    hasty: Server, sockets: ExitStack, what: str
) -> None:
    data, expected = REFUSED[what]
    assert refusal(sent(hasty, data, sockets)) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"GET http://127.0.0.1/healthz HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n",
        b"GET /healthz HTTP/1.0\r\n" + HOST + b"\r\n",
        b"\r\nGET /healthz HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nConnection: close\r\n" + HOST + b"X-A: a\r\n" * 98 + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nConnection: close\r\n"
        + HOST
        + b"X-A: "
        + b"a" * 16_000
        + b"\r\n\r\n",
    ],
)
def test_what_is_within_the_limits_is_answered(
    hasty: Server, sockets: ExitStack, data: bytes
) -> None:
    assert sent(hasty, data, sockets).startswith(b"HTTP/1.1 200 ")


def test_a_body_of_any_length_is_no_head(hasty: Server, issuer: DevelopmentIssuer) -> None:
    with Api(hasty, issuer) as api:
        body = json.dumps({"x": "a" * 500_000})
        answer = api.request(
            "POST",
            "/v1/audits",
            content=body,
            headers={"content-type": "application/json", "idempotency-key": "a"},
        )
        assert answer.status_code == 422


def test_requests_in_a_row_are_answered_in_a_row_and_then_what_is_none_ends_it(
    hasty: Server, sockets: ExitStack
) -> None:
    good = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    answered = sent(hasty, good * 3 + b"\x00\x00\r\n\r\n", sockets)
    assert answered.count(b"HTTP/1.1 200 ") == 3


def test_many_requests_in_a_row_wait_for_their_turn_and_are_all_answered(
    hasty: Server, sockets: ExitStack
) -> None:
    good = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    last = good.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    answered = sent(hasty, good * 1_000 + last, sockets)
    assert answered.count(b"HTTP/1.1 200 ") == 1_001


@pytest.mark.long
def test_whoever_sends_and_never_reads_is_not_read_on_either(
    hasty: Server, sockets: ExitStack
) -> None:
    asked = b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"X-More: " + b"x" * 8_000 + b"\r\n\r\n"
    left = memoryview(asked * 5_000)  # more than any buffer on the way takes
    connection = connected(hasty, sockets)
    connection.setblocking(False)
    while select.select([], [connection], [], 1)[1] and left:
        left = left[connection.send(left) :]
    assert left, "all of it was read, and nobody read an answer"
    waiting = [len(each.pipeline) for each in gc.get_objects() if isinstance(each, Connection)]
    most_in_a_part = 16_384 // len(asked)
    assert max(waiting) <= MOST_WAITING + most_in_a_part


def test_a_connection_knows_what_the_other_side_has_not_taken(
    hasty: Server, sockets: ExitStack
) -> None:
    client = connected(hasty, sockets)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    client.sendall(b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n")
    begun = client.recv(65_536)
    head, _, body = begun.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]  # it has one
    (server_side,) = (
        each
        for each in gc.get_objects()
        if isinstance(each, Connection) and each.client == client.getsockname()
    )

    def untaken() -> int:
        return server_side.untaken()

    give_up = time.monotonic() + 20
    while not untaken() and time.monotonic() < give_up:
        select.select([], [], [client], 0.01)
    assert 0 < untaken() <= len(head) + 4 + length - len(begun)
    left = length - len(body)
    while left:
        left -= len(client.recv(min(left, 65_536)))
    while untaken() and time.monotonic() < give_up:
        select.select([], [], [client], 0.01)
    assert not untaken()


def test_a_header_after_the_body_is_none_of_the_request_s(
    hasty: Server, sockets: ExitStack
) -> None:
    data = (
        b"POST /v1/audits HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
        b"Idempotency-Key: a\r\n"
        + HOST
        + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nAuthorization: Bearer x\r\n\r\n"
    )
    answer = sent(hasty, data, sockets)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b'error="' not in answer, "the token was read"


def alive(connections: list[socket.socket]) -> int:
    """How many the other side has not ended; whatever it said before is read."""
    left = 0
    for each in connections:
        each.setblocking(False)
        try:
            while each.recv(65_536):
                pass
        except BlockingIOError:
            left += 1
        except ConnectionResetError:
            pass
    return left


def until_ended(connections: list[socket.socket], drip: bytes = b"") -> None:
    """Drip bytes into connections, if any, until the other side has ended all of them."""
    with selectors.DefaultSelector() as watched:
        for each in connections:
            watched.register(each, selectors.EVENT_READ, each)
        while watched.get_map():
            for key in list(watched.get_map().values()) if drip else ():
                with suppress(OSError):
                    key.data.send(drip)
            ready = watched.select(0.1 if drip else 20)
            assert ready or drip, "nothing was ended for so long"
            for key, _ in ready:
                try:
                    ended = not key.data.recv(65_536)
                except ConnectionResetError:
                    ended = True
                if ended:
                    watched.unregister(key.data)


@pytest.mark.long
def test_whoever_drips_a_head_is_ended_at_the_deadline_and_people_are_answered_meanwhile(
    hasty: Server, sockets: ExitStack, issuer: DevelopmentIssuer
) -> None:
    slow = [connected(hasty, sockets) for _ in range(SLOW)]
    for each in slow:
        each.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127")
    idle = [connected(hasty, sockets) for _ in range(IDLE)]
    empty = [connected(hasty, sockets) for _ in range(10)]

    def person_is_answered() -> None:
        with Api(hasty, issuer) as api:
            assert api.get("/v1/me").status_code == 200

    person_is_answered()
    until_ended(slow, b".")
    assert alive(slow) == 0
    until_ended(empty, b"\r\n")
    person_is_answered()
    until_ended(idle)
    assert alive(idle) == 0
    person_is_answered()


@pytest.mark.long
def test_a_head_that_comes_too_slowly_is_answered_with_a_problem(
    hasty: Server, sockets: ExitStack
) -> None:
    answer = sent(hasty, b"GET /healthz HTTP/1.1\r\nHost: 127", sockets)
    assert refusal(answer) == (408, "request-timeout")


@pytest.mark.long
def test_a_connection_is_kept_for_the_next_request_until_it_is_idle(
    hasty: Server, sockets: ExitStack
) -> None:
    connection = connected(hasty, sockets)
    for _ in range(2):
        connection.sendall(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
    assert everything(connection) == b""


def test_whoever_confirms_nothing_that_they_were_sent_is_given_up(
    hasty: Server, sockets: ExitStack
) -> None:
    """They walked out of reach, and their place would be taken for a quarter of an hour."""
    asked = connected(hasty, sockets)
    asked.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert asked.recv(12) == b"HTTP/1.1 200"
    assert hasty.running is not None
    taken = [one.transport for one in hasty.running.server_state.connections]
    given = {
        one.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        for one in taken
    }
    assert given == {GONE_AFTER_MS}
