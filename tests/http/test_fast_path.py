"""A read that is answered directly is answered as the framework would answer it."""

from collections.abc import AsyncIterator, MutableMapping
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from qa_api.app import ROUTERS, create_app
from qa_api.auth.development import DevelopmentIssuer
from qa_api.http.fast_path import FastPath
from qa_api.http.request_context import KEY, RequestContext
from qa_api.settings import Settings

CORRELATION_ID = "0123456789abcdef0123456789abcdef"
ASKED = [
    "/v1/me",
    "/v1/me?limit=5",
    "/v1/teams/lincoln-fast",
    "/v1/teams/no-such-team",
    "/v1/teams/NO_CODE",
    "/v1/audit-types",
    "/v1/audit-types?limit=2",
    "/v1/audit-types?limit=0",
    "/v1/audit-types?limit=2&limit=3",
    "/v1/audit-types?limit=",
    "/v1/audit-types?cursor=nonsense",
    "/v1/audits?team=lincoln-fast&state=planned",
    "/v1/audits?tem=lincoln-fast",
    "/v1/audits?team=lincoln%2Dfast",
    "/v1/audits?team=lincoln+fast",
    "/v1/audits?overdue=true&due_from=2026-02-30",
    "/v1/audits/",
    "/v1/audits//answers",
    "/v1/audits/not-an-id",
    f"/v1/audits/{uuid4()}",
    "/v1/policies/in-force",
    "/v1/policies/1",
    "/v1/policies/x",
    "/v1/judgement-scales/four-point/1",
    "/v1/no-such-thing",
    "/v1",
]


@pytest.fixture
async def both(authority: Settings) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """The application as it is, and without the direct reads."""
    whole, framework = create_app(authority), create_app(authority)
    framework.user_middleware = [
        layer for layer in framework.user_middleware if str(layer.cls) != str(FastPath)
    ]
    assert len(framework.user_middleware) == len(whole.user_middleware) - 1
    async with (
        whole.router.lifespan_context(whole),
        framework.router.lifespan_context(framework),
        client(whole) as one,
        client(framework) as other,
    ):
        yield one, other


def client(app: FastAPI) -> httpx.AsyncClient:
    """Asks an application in this process."""
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def test_both_ways_answer_alike(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient], issuer: DevelopmentIssuer
) -> None:
    known = {"authorization": f"Bearer {issuer.issue('tm-lincoln-fast')}"}
    stranger = {"authorization": f"Bearer {issuer.issue('nobody')}"}
    reporting = {"authorization": f"Bearer {issuer.issue('reporting-1')}"}
    for who in (known, stranger, reporting, {"authorization": "Bearer x"}, {}):
        for method in ("GET", "HEAD"):
            for path in ASKED:
                headers = {**who, "x-correlation-id": CORRELATION_ID}
                one, other = [await asked.request(method, path, headers=headers) for asked in both]
                assert one.status_code == other.status_code, (method, path)
                assert one.content == other.content, (method, path)
                assert one.headers == other.headers, (method, path)


async def test_a_get_with_a_body_is_not_direct(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient], issuer: DevelopmentIssuer
) -> None:
    headers = {
        "authorization": f"Bearer {issuer.issue('tm-lincoln-fast')}",
        "content-type": "application/json",
        "x-correlation-id": CORRELATION_ID,
    }
    one, other = [
        await asked.request("GET", "/v1/me", headers=headers, content=b"{}") for asked in both
    ]
    assert one.status_code == other.status_code == 400
    assert one.content == other.content


async def test_an_unchanged_document_is_not_sent_again(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient], issuer: DevelopmentIssuer
) -> None:
    headers = {"authorization": f"Bearer {issuer.issue('tm-lincoln-fast')}"}
    first = await both[0].get("/v1/teams/lincoln-fast", headers=headers)
    headers["if-none-match"] = first.headers["etag"]
    for asked in both:
        assert (await asked.get("/v1/teams/lincoln-fast", headers=headers)).status_code == 304


async def test_reads_are_direct() -> None:
    passed_on: list[str] = []

    async def framework(scope: MutableMapping[str, Any], *_: object) -> None:
        passed_on.append(scope["path"])

    direct = FastPath(framework, routers=ROUTERS)
    id_ = uuid4()
    for path in (f"/v1/audits/{id_}", "/v1/audits", "/v1/teams/a", "/v1/policies/in-force"):
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": [],
            "app": FastAPI(),
            KEY: RequestContext(CORRELATION_ID, None),
        }
        sent: list[MutableMapping[str, Any]] = []

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)  # noqa: B023  # called in this round only

        await direct(scope, nothing_more, send)
        assert sent[0]["status"] == 401  # it has come to its reader, who finds no token
    assert passed_on == []


async def nothing_more() -> MutableMapping[str, Any]:
    return {"type": "http.disconnect"}


def test_a_read_with_more_than_a_reader_is_left_to_the_framework() -> None:
    router = APIRouter()

    @router.get("/things/{name}")
    async def get_thing(name: str) -> str:
        return name

    direct = FastPath(FastAPI(), routers=[router])
    assert direct._find("/things/one") == (None, ["one"])
