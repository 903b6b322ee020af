"""Reads answered directly: the same routes, without the framework's machinery in between (ADR 3).

Matching a path against every route in turn, resolving two or three values through the general
dependency solver and passing its layers costs more than the read. A GET that needs only its
parameters and its reader is called from here. Everything else goes on to the framework, and so does
a request with a body or with parameters that are not plainly good: one place alone refuses input.
What a read takes and answers is still what its route declares.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, Self, cast
from urllib.parse import parse_qsl

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import SecurityScopes
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from qa_api.http.errors import REFUSED, answer, problem_for
from qa_api.http.request_context import context_of
from qa_api.http.route import GUARD_ATTRIBUTE, query_parameters
from qa_api.http.table import Paths
from qa_api.rules.unchanging import Unchanging

READER: Final = "reader"


class _Read(Unchanging):
    """One route that can be answered directly."""

    route: APIRoute
    dependant: Dependant
    call: Callable[..., Awaitable[Response]]
    reader: Callable[[Request, SecurityScopes], Awaitable[Any]]
    reader_name: str
    scopes: SecurityScopes
    repeatable: dict[str, bool]
    """The query parameters, each with whether it may be repeated."""

    @classmethod
    def of(cls, route: APIRoute) -> Self | None:
        """The direct read of a route; None where it needs more than parameters and a reader."""
        dependant = route.dependant
        call: Any = dependant.call
        beside = (dependant.header_params, dependant.cookie_params, dependant.body_params)
        models = [field.field_info.annotation for field in dependant.query_params]
        if (
            any(beside)
            or dependant.request_param_name is not None
            or call.__annotations__.get("return") is not Response
            or len(models) > 1
            or not all(isinstance(model, type) and issubclass(model, BaseModel) for model in models)
            or [getattr(one.call, GUARD_ATTRIBUTE, "") for one in dependant.dependencies]
            != [READER]
        ):
            return None
        (reader,) = dependant.dependencies
        return cls(
            route=route,
            dependant=dependant,
            call=call,
            reader=cast("Callable[[Request, SecurityScopes], Awaitable[Any]]", reader.call),
            reader_name=str(reader.name),
            scopes=SecurityScopes(list(reader.own_oauth_scopes or ())),
            repeatable=dict(query_parameters(dependant)),
        )

    def parameters(self, scope: Scope, segments: Iterable[str]) -> dict[str, Any] | None:
        """The function's arguments besides its reader; None if one of them is not plainly good."""
        found = dict(zip(self.route.param_convertors, segments, strict=True))
        values: dict[str, Any] = {}
        for field in self.dependant.path_params:
            value, faults = field.validate(found[field.alias], loc=("path", field.alias))
            if faults:
                return None
            values[field.name] = value
        given: dict[str, Any] = {}
        for name, value in parse_qsl(scope["query_string"].decode(), keep_blank_values=True):
            if self.repeatable.get(name):
                given.setdefault(name, []).append(value)
            elif name in self.repeatable and name not in given:
                given[name] = value
            else:
                return None
        for field in self.dependant.query_params:
            value, faults = field.validate(given, loc=("query",))
            if faults:
                return None
            values[field.name] = value
        return values

    async def answer(self, request: Request, values: dict[str, Any]) -> Response:
        """Call the route's function, with a reader for the caller."""
        try:
            values[self.reader_name] = await self.reader(request, self.scopes)
            return await self.call(**values)
        except REFUSED as fault:
            # A read breaks no constraint, so there is none to name.
            return answer(request, problem_for(request, fault, {}))


class FastPath:
    """Stands in front of the framework and answers the reads that it can."""

    def __init__(self, app: ASGIApp, *, routers: Iterable[APIRouter]) -> None:
        """Take over the GET routes of these routers; a path's fixed segment goes before a free one.

        A route that cannot be answered directly is in the table too, so that none is mistaken.
        """
        self._app = app
        self._paths = Paths(
            route
            for router in routers
            for route in router.routes
            if isinstance(route, APIRoute) and "GET" in (route.methods or ())
        )
        self._reads: dict[int, _Read | None] = {}
        """By the identity of their route: made when it is first asked for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or hand it on."""
        if scope["type"] == "http" and scope["method"] == "GET" and not context_of(scope).body:
            read, segments = self._find(scope["path"])
            values = read.parameters(scope, segments) if read else None
            if read and values is not None:
                scope["route"] = read.route  # what is counted
                response = await read.answer(Request(scope, receive), values)
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _find(self, path: str) -> tuple[_Read | None, list[str]]:
        for (route, *_), segments in self._paths.of(path):
            if id(route) not in self._reads:
                self._reads[id(route)] = _Read.of(route)
            return self._reads[id(route)], segments
        return None, []


__all__ = ["FastPath"]
