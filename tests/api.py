"""The API as its callers have it: a server on a real port, and clients that check the contract."""

import asyncio
import json
import re
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx
import orjson
import uvicorn
from fastapi import APIRouter, FastAPI
from jsonschema_rs import Draft202012, Draft202012Validator, Registry

from qa_api import clock
from qa_api.app import create_app
from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import Permission
from qa_api.live.hub import Hub
from qa_api.serve import server_config
from qa_api.settings import Settings
from qa_api.work import Work, Workshop
from tests.pointing import OF_WHAT_IS_INCOMPLETE, leads_nowhere
from tests.spelled import spelled_out

T = TypeVar("T")
CONTRACT = Path(__file__).parent.parent / "openapi" / "openapi.json"

BASE = "urn:contract"


@cache
def contract() -> "Json":
    """The contract as it ships, which is quicker than to build it, spelled out.

    `http/test_contract_file.py` fails where the code says something else: `qa-api openapi` then.
    """
    return spelled_out(orjson.loads(CONTRACT.read_bytes()))


SOME_VERSION = '"1.0000000000000000"'
"""For those who are refused whatever the version."""

Json = dict[str, Any]


def in_a_week() -> str:
    """An instant as long from now as somebody may well be let in to a restricted record."""
    return (clock.now() + timedelta(days=7)).isoformat()


@dataclass
class Server:
    """A running API and the contract it serves."""

    url: str
    contract: Json
    running: "Running | None" = None
    """The server itself, where it is one of this process."""
    tokens: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    _templates: dict[int, list[tuple[re.Pattern[str], Json]]] = field(init=False)
    """By how many parts a path has."""
    _validators: dict[tuple[str, ...], Draft202012Validator] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A path without parameters goes before one that would also match it.
        self._templates = defaultdict(list)
        for path, item in sorted(self.contract["paths"].items(), key=lambda one: one[0].count("{")):
            pattern = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path))
            self._templates[path.count("/")].append((pattern, item))
        # The quick validator of the fuzzing tests: every answer of every test goes through it.
        self._registry = Registry([(BASE, self.contract)], draft=Draft202012)

    def hold(self, response: httpx.Response) -> None:
        """Fail unless the answer is one that the contract declares, with the body it declares."""
        request = response.request
        path = request.url.path
        item = next((i for p, i in self._templates[path.count("/")] if p.fullmatch(path)), None)
        if item is None or request.method.lower() not in item:
            assert response.status_code in {400, 404, 405}, f"{path} is undeclared"
            return
        if response.status_code == 304:
            return
        operation = item[request.method.lower()]
        declared = operation["responses"].get(str(response.status_code))
        assert declared, f"{operation['operationId']} does not declare {response.status_code}"
        declared = self._resolved(declared)
        content = declared.get("content")
        if not content:
            return
        media_type = response.headers["content-type"].partition(";")[0]
        assert media_type in content, f"{operation['operationId']} does not declare {media_type}"
        if media_type.endswith(("/json", "+json")):
            body = response.json()
            name, schema = operation["operationId"], content[media_type]["schema"]
            told = schema.get("discriminator")
            kind = body[told["propertyName"]] if told else ""
            key = (name, str(response.status_code), media_type, kind)
            if key not in self._validators:
                # The one of several schemas that the body says it is of; else the schema itself.
                of_it = {"$ref": told["mapping"][kind]} if told else schema
                self._validators[key] = self._make_validator(json.dumps(of_it))
            errors = [error.message for error in self._validators[key].iter_errors(body)]
            assert not errors, f"{name} {response.status_code}: {errors[:3]}"
            if response.status_code >= 400:
                hold_pointers(name, body, request.content)

    def work(self, act: Callable[[Workshop], Awaitable[T]]) -> T:
        """What is done in the workshop of the API, on its connections, as its requests are."""
        assert self.running is not None, "another process serves this one"
        return self.running.work(act)

    def _resolved(self, response: Json) -> Json:
        name = response.get("$ref", "").rpartition("/")[2]
        return self.contract["components"]["responses"][name] if name else response

    def _make_validator(self, schema: str) -> Draft202012Validator:
        of_contract = schema.replace('"#/', f'"{BASE}#/')
        return Draft202012Validator(
            json.loads(of_contract), registry=self._registry, validate_formats=True
        )


def hold_pointers(operation: str, problem: Json, sent: bytes) -> None:
    """Fail unless each pointer of a problem leads to a place in the body that was sent."""
    try:
        body = orjson.loads(sent)
    except orjson.JSONDecodeError:
        body = None  # then the body as a whole is what is wrong
    pointers = [one["pointer"] for one in problem.get("errors", ()) if "pointer" in one]
    astray = [pointer for pointer in pointers if leads_nowhere(pointer, body)]
    assert not astray or operation in OF_WHAT_IS_INCOMPLETE, (
        f"{operation}: {astray} are not in what was sent"
    )


WITHOUT_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here speaks TLS; to read a machine's certificates for each client takes longer than most
tests."""


def client_of(url: str) -> httpx.Client:
    """An HTTP client of a server on this machine, whatever proxy the environment names."""
    return httpx.Client(base_url=url, timeout=30, verify=WITHOUT_TLS, trust_env=False)


class Api:
    """A client that speaks as one person and holds every answer against the contract."""

    def __init__(
        self, server: Server, issuer: DevelopmentIssuer, person: str = "qs-1", http: Any = None
    ) -> None:
        self.server, self.issuer, self.person = server, issuer, person
        self.http: httpx.Client = http or client_of(server.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def as_(self, person: str) -> "Api":
        """The same API as somebody else: a worker code or a client's name of the demo authority."""
        return Api(self.server, self.issuer, person, self.http)

    def token(self) -> str:
        """A token that holds now, whatever the clock says."""
        now = clock.now()
        issued, token = self.server.tokens.get(self.person, (datetime.min.replace(tzinfo=UTC), ""))
        if not issued <= now < issued + timedelta(hours=1):
            token = self.issuer.issue(self.person, ttl=timedelta(hours=12))
            self.server.tokens[self.person] = (now, token)
        return token

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request with this person's token."""
        headers = {"authorization": f"Bearer {self.token()}"} | options.pop("headers", {})
        response = self.http.request(method, path, headers=headers, **options)
        self.server.hold(response)
        return response

    def get(self, path: str, **options: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **options)

    def work(self, query: str = "") -> list[Json]:
        """All that waits for this person, page by page: in a shared authority it is much."""
        items: list[Json] = []
        following = f"/v1/me/work?limit=500&{query}".rstrip("&")
        path: str | None = following
        while path is not None:
            answer = self.get(path)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            items += page["items"]
            cursor = page["next_cursor"]
            path = f"{following}&cursor={cursor}" if cursor else None
        return items

    def create(self, path: str, body: Json, *, key: str | None = None) -> httpx.Response:
        """POST that makes something, with an idempotency key."""
        headers = {"idempotency-key": key or uuid4().hex}
        return self.request("POST", path, json=body, headers=headers)

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """POST as it is, without any header of ours."""
        return self.request("POST", path, json=body, **options)

    def act(self, path: str, body: Json | None = None, *, on: str | None = None) -> httpx.Response:
        """POST a transition (`/v1/audits/{id}/start`) on the version that is there now.

        `on` is the resource's own path where it is not the path without its last segment.
        """
        tag = self.tag(on or path.rpartition("/")[0])
        return self.request("POST", path, json=body or {}, headers={"if-match": tag})

    def change(
        self, method: str, path: str, body: Json, *, on: str | None = None
    ) -> httpx.Response:
        """PUT or PATCH on the version that is there now; a PUT of nothing yet creates it."""
        response = self.http.get(on or path, headers={"authorization": f"Bearer {self.token()}"})
        if response.status_code == 404 and method == "PUT":
            headers = {"if-none-match": "*"}
        else:
            headers = {"if-match": response.headers["etag"]}
        return self.request(method, path, json=body, headers=headers)

    def remove(self, path: str) -> httpx.Response:
        """DELETE on the version that is there now."""
        return self.request("DELETE", path, headers={"if-match": self.tag(path)})

    def do(self, permission: Permission, act: Callable[[Work], Awaitable[T]]) -> T:
        """What this person does by the verbs of the domains in one piece of work, without HTTP.

        For what only leads up to what a test is about: the same rules hold, and what the service
        refuses is raised.
        """

        async def in_one_piece(workshop: Workshop) -> T:
            async with workshop.open(
                issuer=self.issuer.settings.issuer,
                subject=self.person,
                permission=permission,
                correlation_id=uuid4().hex,
            ) as work:
                return await act(work)

        return self.server.work(in_one_piece)

    def tag(self, path: str) -> str:
        """The current ETag of a resource."""
        return str(self.get(path).headers["etag"])


def give_right(api: Api, **change: Any) -> str:
    """A right as an administrator proposes and Quality & Standards confirm it: whose id it is."""
    proposed = api.as_("admin-1").create("/v1/rights-changes", {"reason": "As agreed.", **change})
    assert proposed.status_code == 201, proposed.text
    path = f"/v1/rights-changes/{proposed.json()['id']}"
    confirmed = api.as_("qs-1").act(f"{path}/confirm")
    assert confirmed.status_code == 200, confirmed.text
    return str(confirmed.json()["target_id"])


class Running(uvicorn.Server):
    """A server in a thread of this process, on whose loop something else may be done as well."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        super().__init__(server_config(app, settings))
        self._app = app
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does it."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    @property
    def hub(self) -> Hub:
        """Who listens to it."""
        found: Hub = self._app.state.hub
        return found

    def work(self, act: Callable[[Workshop], Awaitable[T]]) -> T:
        """Done on the server's loop, beside its requests."""
        assert self._loop is not None, "the API has not started"

        async def there() -> T:
            return await act(self._app.state.workshop)

        return asyncio.run_coroutine_threadsafe(there(), self._loop).result()


@contextmanager
def serving(settings: Settings, *further: APIRouter) -> Iterator[Server]:
    """Serve the application, perhaps with further routes, on a free port until the block ends."""
    app = create_app(settings)
    for router in further:
        app.include_router(router)
    listener = socket.create_server(("127.0.0.1", 0))
    running = Running(app, settings)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not running.started:
            assert thread.is_alive(), "the API did not start"
            asyncio.run(asyncio.sleep(0.01))
        yield Server(f"http://127.0.0.1:{listener.getsockname()[1]}", contract(), running)
    finally:
        running.should_exit = True
        thread.join(timeout=10)


def held_elsewhere(answer: httpx.Response, permission: str) -> bool:
    """Whether it is refused to somebody who holds the permission, but not over this, in words."""
    said = answer.json()
    assert (answer.status_code, said["permission"]) == (403, permission), answer.text
    words = f"You hold the permission {permission}, but not over this one."
    return bool(said["detail"].endswith(words)) and "It takes" not in said["detail"]
