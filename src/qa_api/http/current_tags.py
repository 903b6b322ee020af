"""The tag that a refused precondition (412) tells: the one that a GET would give now.

What was refused knows the version at most; the tag also depends on what the caller may see of it.
So the resource is read as a HEAD of the caller would read it, with their rights, and logged so.
"""

from typing import Any, Final

from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from starlette.datastructures import MutableHeaders
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.routing import Match
from starlette.types import Message, Scope

from qa_api.http.request_context import KEY, RequestContext, context_of
from qa_api.problems import Problem, precondition_failed

DEEPEST: Final = 2
"""How far below a resource a change of it may stand: `/v1/audits/{id}/judgements/overall`."""

_KEPT: Final = frozenset({b"authorization", b"host", b"x-purpose"})


async def with_current_tag(problem: Problem, request: Request) -> Problem:
    """The refusal with the tag of the resource; as it was where the caller may not read that."""
    scope = _reading(request)
    tag = None if scope is None else await _tag_of(request.app, scope, request.receive)
    return problem if tag is None else precondition_failed(tag)


def _reading(request: Request) -> Scope | None:
    """The request that reads what the change is about: its own address or the next one above."""
    context = context_of(request.scope)
    path: str = request.scope["path"]
    for _ in range(1 + DEEPEST):
        scope = {
            **request.scope,
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [one for one in request.scope["headers"] if one[0] in _KEPT],
            KEY: RequestContext(context.correlation_id, context.traceparent),
        }
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes):
            return scope
        path = path.rpartition("/")[0]
    return None


async def _tag_of(app: Any, scope: Scope, receive: Any) -> str | None:
    """The ETag of what a GET answers; None where it answers with a refusal."""
    tags: list[str] = []

    async def look_at(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            tags.extend(MutableHeaders(raw=message["headers"]).getlist("etag"))

    # Where the change was answered directly, the framework's own layers are not around it.
    layers = AsyncExitStackMiddleware(app.router)
    await ExceptionMiddleware(layers, app.exception_handlers)(scope, receive, look_at)
    return tags[0] if tags else None
