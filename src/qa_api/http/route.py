"""The route class of every router: takes the gate's JSON, refuses unknown query parameters."""

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from qa_api.http.errors import is_field_name
from qa_api.http.passage import passage_of
from qa_api.problems import InputError, validation

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ReadRequest(Request):
    """A request whose body the gate has read and parsed already."""

    async def body(self) -> bytes:
        """The body as it arrived."""
        return passage_of(self.scope).body

    async def json(self) -> Any:
        """The JSON in it."""
        return passage_of(self.scope).document


class StrictRoute(APIRoute):
    """``APIRouter(route_class=StrictRoute)``.

    A mistyped filter would silently return a wrong report, so a parameter that the route does not
    declare is refused, and so is one that is given twice without being a list.
    """

    def get_route_handler(self) -> Handler:
        """The handler of FastAPI behind our two checks."""
        handle = super().get_route_handler()
        known = dict(_query_parameters(self.dependant))
        has_body = self.body_field is not None

        async def handle_strictly(request: Request) -> Response:
            if request.scope["query_string"]:
                _refuse_unknown(request, known)
            if has_body:
                request = ReadRequest(request.scope, request.receive)
            return await handle(request)

        return handle_strictly


def _query_parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """The names of all query parameters, each with whether it may be repeated."""
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            for name, info in annotation.model_fields.items():
                yield info.alias or name, _is_list(info.annotation)
        else:
            yield field.alias, _is_list(annotation)
    for inner in dependant.dependencies:
        yield from _query_parameters(inner)


def _is_list(annotation: Any) -> bool:
    parts = (annotation, *getattr(annotation, "__args__", ()))
    return any((getattr(part, "__origin__", None) or part) in (list, set, tuple) for part in parts)


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
