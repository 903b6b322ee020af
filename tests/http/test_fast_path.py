"""What is answered directly is answered as the framework would answer it."""

from collections.abc import AsyncIterator, MutableMapping
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from qa_api.app import ROUTERS, create_app
from qa_api.auth.development import DevelopmentIssuer
from qa_api.http import errors
from qa_api.http.fast_path import FastPath
from qa_api.http.request_context import KEY, RequestContext
from qa_api.settings import Settings
from tests.api import SOME_VERSION

CORRELATION_ID = "0123456789abcdef0123456789abcdef"
KEYED = {"idempotency-key": "the same both ways"}
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


@pytest.mark.long
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


@pytest.mark.long
async def test_both_ways_refuse_a_change_alike(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient], issuer: DevelopmentIssuer
) -> None:
    audit, other_version = f"/v1/audits/{uuid4()}", {"if-match": SOME_VERSION}
    plan = {"type": "collaborative", "team": "lincoln-fast"}
    asked: list[tuple[str, str, dict[str, str], Any]] = [
        ("POST", "/v1/audits", {}, plan),
        ("POST", "/v1/audits", KEYED, None),
        ("POST", "/v1/audits", KEYED, []),
        ("POST", "/v1/audits", KEYED, plan | {"tema": "lincoln-fast"}),
        ("POST", "/v1/audits", KEYED, plan | {"team": "no-such-team"}),
        ("POST", "/v1/audits?team=lincoln-fast", KEYED, plan),
        ("POST", "/v1/audits", KEYED | {"content-type": "text/plain"}, plan),
        ("PATCH", audit, {}, {"due_on": "2026-12-04"}),
        ("PATCH", audit, other_version, {"due_on": "2026-02-30"}),
        ("PATCH", audit, other_version, {"due_on": "2026-12-04"}),
        ("PATCH", "/v1/audits/no-id", other_version, {"due_on": "2026-12-04"}),
        ("POST", f"{audit}/start", {}, None),
        ("POST", f"{audit}/start", other_version, None),
        ("POST", f"{audit}/start", other_version, {"by": "me"}),
        ("PUT", f"{audit}/answers/handover", {"if-none-match": "*"}, {"value": "yes"}),
        ("DELETE", f"/v1/webhook-endpoints/{uuid4()}", {}, None),
    ]
    for person in ("qs-1", "tm-lincoln-fast", "reporting-1", "nobody"):
        who = {"authorization": f"Bearer {issuer.issue(person)}"}
        for method, path, given, body in asked:
            headers = {**who, "x-correlation-id": CORRELATION_ID, **given}
            one, other = [
                await asking.request(method, path, headers=headers, json=body)
                if body is not None
                else await asking.request(method, path, headers=headers)
                for asking in both
            ]
            assert one.status_code == other.status_code >= 400, (method, path, one.text)
            assert one.content == other.content, (method, path)
            assert one.headers == other.headers, (method, path)


async def test_a_change_made_one_way_is_not_made_again_the_other(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient], issuer: DevelopmentIssuer
) -> None:
    headers = {"authorization": f"Bearer {issuer.issue('qs-1')}"}
    for there in (both, both[::-1]):
        once = headers | {"idempotency-key": f"once-{uuid4()}"}
        body = {"type": "collaborative", "team": "lincoln-fast"}
        first, again = [await way.post("/v1/audits", headers=once, json=body) for way in there]
        assert first.status_code == again.status_code == 201
        assert first.content == again.content
        assert first.headers["location"] == again.headers["location"]
        assert again.headers["idempotent-replayed"] == "true"


async def test_an_unchanged_document_is_not_sent_again(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient], issuer: DevelopmentIssuer
) -> None:
    headers = {"authorization": f"Bearer {issuer.issue('tm-lincoln-fast')}"}
    first = await both[0].get("/v1/teams/lincoln-fast", headers=headers)
    headers["if-none-match"] = first.headers["etag"]
    for asked in both:
        assert (await asked.get("/v1/teams/lincoln-fast", headers=headers)).status_code == 304


def test_all_but_a_few_changes_are_direct() -> None:
    direct = FastPath(FastAPI(), routers=ROUTERS)
    passed_on = {
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in (route.methods or set()) - {"GET"}
        if direct._find(method, route.path)[0] is None
    }
    assert passed_on == {
        ("POST", "/v1/case-events"),  # they read their bodies in their own way
        ("POST", "/v1/case-events/batch"),
        ("PUT", "/v1/caseloads/{date}"),  # these are of a router that takes files
        ("POST", "/v1/caseloads/{date}/verify"),
        ("PUT", "/v1/quarter-plans/{plan_id}/allocation"),  # these need more than a guard
        ("POST", "/v1/audits/batch"),  # these answer what came of each item
        ("POST", "/v1/audits/assign/batch"),
        ("POST", "/v1/me/alerts/seen-each"),
        ("POST", "/v1/webhook-endpoints"),
        ("PATCH", "/v1/webhook-endpoints/{endpoint_id}"),
        ("POST", "/v1/webhook-endpoints/{endpoint_id}/replay"),
    }


async def test_reads_are_direct() -> None:
    passed_on: list[str] = []

    async def framework(scope: MutableMapping[str, Any], *_: object) -> None:
        passed_on.append(scope["path"])

    app = FastAPI()
    errors.install(app)
    direct = FastPath(framework, routers=ROUTERS)
    id_ = uuid4()
    for path in (f"/v1/audits/{id_}", "/v1/audits", "/v1/teams/a", "/v1/policies/in-force"):
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": [],
            "app": app,
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
    assert direct._find("GET", "/things/one") == (None, ["one"])
