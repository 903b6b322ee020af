"""The route class of every router: takes parsed JSON, refuses unknown query parameters."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator
from contextlib import AsyncExitStack
from operator import attrgetter
from types import FunctionType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from qa_api.attempts import in_whole_attempts
from qa_api.http.deprecations import headers_of
from qa_api.http.request_context import context_of
from qa_api.problems import InputError, malformed_request, validation
from qa_api.values.faults import is_field_name

GUARD: Final = "x-guard"
GUARD_ATTRIBUTE: Final = "guards_as"
"""Under this key a route tells the contract what guards it; `http.openapi` spells it out."""

_FUNCTION_STACK: Final = "fastapi_function_astack"
"""Where FastAPI looks, in a request's scope, for the stack that holds what a dependency opened."""

_BODILESS: Final = frozenset({"GET", "DELETE"})  # a HEAD is a GET by now

_BUILDING: Final = threading.RLock()
"""Held while a route is built: an application in another thread waits for it to be whole."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ReadRequest(Request):
    """A request whose body the gate has read and parsed already."""

    async def body(self) -> bytes:
        """The body as it arrived."""
        return context_of(self.scope).body

    async def json(self) -> Any:
        """The JSON in it."""
        return context_of(self.scope).document


class StrictRoute(APIRoute):
    """``APIRouter(route_class=StrictRoute)``.

    A mistyped filter would silently return a wrong report, so a parameter that the route does not
    declare is refused, and so is one that is given twice without being a list.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[str] | None = None,
        name: str | None = None,
        **declared: Any,
    ) -> None:
        """A route of FastAPI that says in the contract which permission it needs.

        Until it is first asked for it is only where it is and what it calls: see `__getattr__`.
        """
        self.path = path
        self.endpoint = endpoint
        self.methods = {method.upper() for method in methods or ("GET",)}
        self.name = name or endpoint.__name__
        self.told_at_every_answer = headers_of(declared.get("openapi_extra"))
        """The headers that say that it is deprecated, where it is."""
        self._declared = declared

    def __getattr__(self, name: str) -> Any:
        """Build the route at the first use of something that building it brings."""
        with _BUILDING:
            declared = self.__dict__.pop("_declared", None)
            if declared is not None:
                self._build(declared)
        return object.__getattribute__(self, name)

    def _build(self, declared: dict[str, Any]) -> None:
        answer = declared["response_model"]
        if isinstance(answer, FunctionType):  # a schema that is made only when it is needed
            declared["response_model"] = answer()
        super().__init__(
            self.path,
            self.endpoint,
            methods=self.methods,
            name=self.name,
            **{**declared, "generate_unique_id_function": attrgetter("name")},
        )
        self.permission: str | None = None
        for dependency in self.dependant.dependencies:
            if dependency.own_oauth_scopes:
                guard = getattr(dependency.call, GUARD_ATTRIBUTE)
                (self.permission,) = dependency.own_oauth_scopes
                self.openapi_extra = {
                    **(self.openapi_extra or {}),
                    "security": [{"bearer": list(dependency.own_oauth_scopes)}],
                    GUARD: guard,
                }

    def get_route_handler(self) -> Handler:
        """The handler of FastAPI behind our two checks."""
        handle = super().get_route_handler()
        known = dict(query_parameters(self.dependant))
        has_body = self.body_field is not None

        async def handle_strictly(request: Request) -> Response:
            context_of(request.scope).permission = self.permission
            if request.scope["query_string"]:
                _refuse_unknown(request, known)
            if request.method in _BODILESS and context_of(request.scope).body:
                raise malformed_request("A request with this method has no body.")
            if has_body:
                request = ReadRequest(request.scope, request.receive)
            return await within_the_deadline(request, lambda: _handle_whole(handle, request))

        return handle_strictly


async def within_the_deadline(
    request: Request, attempt: Callable[[], Awaitable[Response]]
) -> Response:
    """The answer of an attempt, made again where another transaction was in its way.

    All attempts together have the request's deadline; TimeoutError where they do not hold it.
    """
    async with asyncio.timeout(request.app.state.settings.request_deadline_seconds):
        return await in_whole_attempts(attempt)


async def _handle_whole(handle: Handler, request: Request) -> Response:
    """One attempt at a request; what it opened is closed when it ends.

    FastAPI alone would close it only after the last attempt. A request that waits for a lock would
    then hold several connections, and those who wait for the lock would in the end hold all. The
    body is kept, so that the request can be read again.
    """
    async with AsyncExitStack() as opened:
        request.scope[_FUNCTION_STACK] = opened
        return await handle(request)


def query_parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """The names of all query parameters, each with whether it may be repeated."""
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            for name, info in annotation.model_fields.items():
                yield info.alias or name, _is_list(info.annotation)
        else:
            yield field.alias, _is_list(annotation)
    for inner in dependant.dependencies:
        yield from query_parameters(inner)


def _is_list(annotation: Any) -> bool:
    if get_origin(annotation) in {Annotated, Union, UnionType}:
        return any(map(_is_list, get_args(annotation)))
    return (get_origin(annotation) or annotation) in (list, set, tuple)


def _refuse_unknown(request: Request, known: dict[str, bool]) -> None:
    errors: list[InputError] = []
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            shown = name if is_field_name(name) else "query"
            errors.append(InputError.of(shown, "unknown", "There is no such parameter."))
        elif name in seen and not known[name]:
            errors.append(InputError.of(name, "repeated", "May be given only once."))
        seen.add(name)
    if errors:
        raise validation(errors[:100])
