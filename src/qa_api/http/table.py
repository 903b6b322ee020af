"""The routes of all domains behind one table of their paths.

Some two hundred routes, each of which takes the framework over a millisecond and some memory to
build: its parameters, its body, its answer, each with a validator of its own. A process serves few
of them in its first minutes and some never. So a route is built when it is first asked for (see
`qa_api.http.route`), and which one is asked for is found without building any.

Included one by one, the framework would build all of them a second time at the first request that
reaches it, on the event loop: half a second in which nobody is answered.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

# A segment is never empty and never holds a slash.
_ANY: Final = ""
_END: Final = "/"


class Paths:
    """Routes by the segments of their paths: `/v1/audits/{audit_id}`."""

    def __init__(self, routes: Iterable[APIRoute]) -> None:
        self._root: dict[str, Any] = {}
        for route in routes:
            node = self._root
            for segment in route.path.removeprefix("/").split("/"):
                node = node.setdefault(_ANY if segment.startswith("{") else segment, {})
            node.setdefault(_END, []).append(route)

    def of(self, path: str) -> Iterator[tuple[list[APIRoute], list[str]]]:
        """The routes that a path may mean, with what stands in it for their parameters.

        A fixed segment goes before a free one. What a parameter may be is not looked at.
        """
        yield from _fitting(self._root, path[1:].split("/"), [])


def _fitting(
    node: dict[str, Any], left: list[str], free: list[str]
) -> Iterator[tuple[list[APIRoute], list[str]]]:
    if not left:
        if _END in node:
            yield node[_END], free
        return
    segment, *further = left
    if segment:
        if segment in node:
            yield from _fitting(node[segment], further, free)
        if _ANY in node:
            yield from _fitting(node[_ANY], further, [*free, segment])


class Table(BaseRoute):
    """One route of the framework that stands for all of these routers' routes.

    As in the framework, the first route in their order that takes the path and the method answers.
    A method that none of them takes is refused by the first that takes the path.
    """

    def __init__(self, routers: Iterable[APIRouter]) -> None:
        self.routes = [
            route for router in routers for route in router.routes if isinstance(route, APIRoute)
        ]
        self._paths = Paths(self.routes)
        self._place = {id(route): place for place, route in enumerate(self.routes)}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of them takes this request, and what it makes of its path."""
        if scope["type"] != "http":
            return Match.NONE, {}
        method = scope["method"]
        fitting = [route for routes, _ in self._paths.of(scope["path"]) for route in routes]
        fitting.sort(key=lambda one: (method not in (one.methods or ()), self._place[id(one)]))
        for route in fitting:
            match, found = route.matches(scope)
            if match is not Match.NONE:
                return match, found
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route that was found answer."""
        route: APIRoute = scope["route"]
        await route.handle(scope, receive, send)
