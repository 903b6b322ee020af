"""Requests answered directly: the same routes, without most of the framework in between (ADR 3).

Matching a path against every route in turn, resolving two or three values through the general
dependency solver and passing its layers costs as much as a small piece of work. A route that needs
only its parameters, at most one body and what guards it is called from here. Everything else goes
on to the framework, and so does a request whose parameters or body are not plainly good: one place
alone refuses input. What a route takes and answers is still what it declares.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final, cast
from urllib.parse import parse_qsl

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.params import Body, Form
from fastapi.routing import APIRoute
from fastapi.security import SecurityScopes
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from qa_api.http.errors import REFUSED, refuse
from qa_api.http.request_context import context_of
from qa_api.http.route import (
    GUARD_ATTRIBUTE,
    StrictRoute,
    query_parameters,
    within_the_deadline,
)
from qa_api.http.table import Paths
from qa_api.rules.unchanging import Unchanging

READER: Final = "reader"
CHANGES: Final = frozenset({"change", "putting", "repeating", "creating", "receiving"})
"""What guards the routes that can be called directly, as `guards_as` names it."""


class _Direct(Unchanging, ABC):
    """One route that can be called directly."""

    route: StrictRoute
    dependant: Dependant
    call: Callable[..., Awaitable[Response]]
    guard: Callable[[Request, SecurityScopes], Any]
    guard_name: str
    scopes: SecurityScopes
    repeatable: dict[str, bool]
    """The query parameters, each with whether it may be repeated."""

    @classmethod
    def of(cls, route: APIRoute) -> "_Direct | None":
        """The direct form of a route; None where it needs more than this module can give it."""
        if type(route) is not StrictRoute:
            return None  # one that reads its request in its own way
        dependant = route.dependant
        call: Any = dependant.call
        models = [field.field_info.annotation for field in dependant.query_params]
        if (
            dependant.header_params
            or dependant.cookie_params
            or dependant.request_param_name is not None
            or call.__annotations__.get("return") is not Response
            or len(models) > 1
            or not all(isinstance(model, type) and issubclass(model, BaseModel) for model in models)
            or not _takes_one_document(dependant)
            or len(dependant.dependencies) != 1
        ):
            return None
        (guard,) = dependant.dependencies
        kind = getattr(guard.call, GUARD_ATTRIBUTE, "")
        form = _Read if kind == READER else _Change if kind in CHANGES else None
        if form is None or (form is _Read and dependant.body_params):
            return None
        return form(
            route=route,
            dependant=dependant,
            call=call,
            guard=cast("Callable[[Request, SecurityScopes], Any]", guard.call),
            guard_name=str(guard.name),
            scopes=SecurityScopes(list(guard.own_oauth_scopes or ())),
            repeatable=dict(query_parameters(dependant)),
        )

    def values(self, scope: Scope, segments: Iterable[str]) -> dict[str, Any] | None:
        """The function's arguments besides its guard; None if one of them is not plainly good."""
        found = dict(zip(self.route.param_convertors, segments, strict=True))
        values: dict[str, Any] = {}
        for field in self.dependant.path_params:
            value, faults = field.validate(found[field.alias], loc=("path", field.alias))
            if faults:
                return None
            values[field.name] = value
        given: dict[str, Any] = {}
        query = scope["query_string"].decode()
        for name, value in parse_qsl(query, keep_blank_values=True) if query else ():
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
        return values if self._add_body(scope, values) else None

    def _add_body(self, scope: Scope, values: dict[str, Any]) -> bool:
        """Add the body as the function takes it; whether there is one just where it takes one."""
        context = context_of(scope)
        if not self.dependant.body_params:
            return not context.body
        (field,) = self.dependant.body_params
        if context.document is None:
            return False
        values[field.name], faults = field.validate(context.document, loc=("body",))
        return not faults

    async def answer(self, request: Request, values: dict[str, Any]) -> Response:
        """Call the route's function; what it refuses is a problem."""
        try:
            return await self.called(request, values)
        except REFUSED as fault:
            return await refuse(request, fault)

    @abstractmethod
    async def called(self, request: Request, values: dict[str, Any]) -> Response:
        """Call the route's function with what guards it."""


class _Read(_Direct):
    async def called(self, request: Request, values: dict[str, Any]) -> Response:
        """Call it with a reader for the caller."""
        return await self.call(
            **values, **{self.guard_name: await self.guard(request, self.scopes)}
        )


class _Change(_Direct):
    async def called(self, request: Request, values: dict[str, Any]) -> Response:
        """Call it with a change that is committed before the answer leaves."""
        context_of(request.scope).permission = self.route.permission
        return await within_the_deadline(request, lambda: self._once(request, values))

    async def _once(self, request: Request, values: dict[str, Any]) -> Response:
        async with asynccontextmanager(self.guard)(request, self.scopes) as change:
            return await self.call(**values, **{self.guard_name: change})


def _takes_one_document(dependant: Dependant) -> bool:
    """Whether it takes no body, or one that is the whole JSON document."""
    infos = [field.field_info for field in dependant.body_params]
    plain = all(isinstance(info, Body) and not isinstance(info, Form) for info in infos)
    return len(infos) <= 1 and plain and not any(getattr(info, "embed", None) for info in infos)


class FastPath:
    """Stands in front of the framework and answers what it can."""

    def __init__(self, app: ASGIApp, *, routers: Iterable[APIRouter]) -> None:
        """Take over routes of these routers; a path's fixed segment goes before a free one.

        A route that cannot be called directly is in the table too, so that none is mistaken.
        """
        self._app = app
        self._paths = Paths(
            route for router in routers for route in router.routes if isinstance(route, APIRoute)
        )
        self._direct: dict[int, _Direct | None] = {}
        """By the identity of their route: made when it is first asked for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or hand it on."""
        if scope["type"] == "http":
            direct, segments = self._find(scope["method"], scope["path"])
            values = direct.values(scope, segments) if direct else None
            if direct and values is not None:
                scope["route"] = direct.route  # what is counted
                response = await direct.answer(Request(scope, receive), values)
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _find(self, method: str, path: str) -> tuple[_Direct | None, list[str]]:
        for routes, segments in self._paths.of(path):
            for route in routes:
                if method in (route.methods or ()):
                    if id(route) not in self._direct:
                        self._direct[id(route)] = _Direct.of(route)
                    return self._direct[id(route)], segments
        return None, []
