"""From exception to problem; there is no other error body anywhere.

What nobody expected is left to the gate, the last resort. Nothing here repeats what the
caller sent, and a database error is logged by its type, SQLSTATE and constraint alone: its message
holds the row.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import asyncpg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from qa_api import problems
from qa_api.attempts import of_driver
from qa_api.http.passage import passage_of
from qa_api.http.problem_document import MEDIA_TYPE, render
from qa_api.problems import InputError, Problem
from qa_api.problems.constraints import Broken
from qa_api.rules.decision import AlreadySo, NotAllowedInState, RuleRefused

ConstraintRefusals = Mapping[str, Callable[[], Problem | RuleRefused]]
"""What a broken constraint of the database means, by its name."""

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
MOST_ERRORS: Final = 100

_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

# Each message is our own. Pydantic's would do for most, but some repeat the input.
_MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("missing", "Required."),
    "extra_forbidden": ("unknown", "There is no such field."),
    "string_type": ("type", "Must be a string."),
    "string_too_short": ("too_short", "Must have at least {min_length} characters."),
    "string_too_long": ("too_long", "Must have at most {max_length} characters."),
    "int_type": ("type", "Must be a whole number."),
    "int_from_float": ("type", "Must be a whole number."),
    "int_parsing": ("type", "Must be a whole number."),
    "float_type": ("type", "Must be a number."),
    "finite_number": ("type", "Must be a finite number."),
    "bool_type": ("type", "Must be true or false."),
    "list_type": ("type", "Must be a list."),
    "tuple_type": ("type", "Must be a list."),
    "dict_type": ("type", "Must be an object."),
    "model_type": ("type", "Must be an object."),
    "model_attributes_type": ("type", "Must be an object."),
    "none_required": ("type", "Must be null."),
    "too_short": ("too_few", "Must have at least {min_length} items."),
    "too_long": ("too_many", "Must have at most {max_length} items."),
    "greater_than_equal": ("too_small", "Must be at least {ge}."),
    "less_than_equal": ("too_large", "Must be at most {le}."),
    "greater_than": ("too_small", "Must be more than {gt}."),
    "less_than": ("too_large", "Must be less than {lt}."),
    "enum": ("choice", "Must be one of {expected}."),
    "literal_error": ("choice", "Must be one of {expected}."),
    "union_tag_invalid": ("choice", "Must be one of {expected_tags}."),
    "union_tag_not_found": ("missing", "What kind it is must be said."),
}
# Our own field types word their errors themselves (see qa_api.http.fields).
_OWN: Final = frozenset(
    {"date", "date_range", "instant", "uuid", "whole", "flag", "text", "blank", "form"}
)

REFUSED: Final[tuple[type[Exception], ...]] = (
    Problem,
    RuleRefused,
    RequestValidationError,
    HTTPException,
    # The database and the way to it:
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    ConnectionError,
    FileNotFoundError,
    TimeoutError,
)

_UNREACHABLE: Final = (ConnectionError, FileNotFoundError, TimeoutError, asyncpg.InterfaceError)
"""The database did not answer; a unix socket that is not there is a file not found."""

log = logging.getLogger(__name__)


def install(app: FastAPI, constraint_refusals: ConstraintRefusals | None = None) -> None:
    """Make every refusal of ``app`` a problem. The gate must stand around it for the rest."""

    async def refuse(request: Request, fault: Exception) -> Response:
        return answer(request, problem_for(request, fault, constraint_refusals or {}))

    for fault in REFUSED:
        app.add_exception_handler(fault, refuse)


def problem_for(
    request: Request, fault: Exception, constraint_refusals: ConstraintRefusals
) -> Problem:
    """The problem that an exception stands for."""
    match fault:
        case Problem():
            return fault
        case RuleRefused():
            return from_rule(fault)
        case RequestValidationError():
            return from_validation(fault.errors(), passage_of(request.scope).document)
        case HTTPException():
            return from_http(request, fault)
        case _:
            return from_database(fault, constraint_refusals)


def answer(request: Request, problem: Problem) -> Response:
    """The response that carries a problem."""
    problem = with_permission(problem, request)
    return Response(
        render(problem, passage_of(request.scope).correlation_id),
        problem.status,
        problem.headers,
        MEDIA_TYPE,
    )


def with_permission(problem: Problem, request: Request) -> Problem:
    """A refusal of rights that names no permission names its route's, which the caller holds.

    Whoever lacks it was refused before the work began, by name.
    """
    if problem.kind.slug != "forbidden" or "permission" in problem.members:
        return problem
    asked = passage_of(request.scope).permission
    return problem if asked is None else problems.out_of_reach(asked, problem.detail)


def is_field_name(name: str) -> bool:
    """Whether a name from the input looks like one of ours, so that it may be shown again."""
    return _FIELD_NAME.fullmatch(name) is not None


def from_rule(refusal: RuleRefused) -> Problem:
    """A rule's refusal: 409 where the state forbids it, else 422 with the clause."""
    if isinstance(refusal, NotAllowedInState | AlreadySo):
        return problems.state_conflict(refusal.state, refusal.allowed, refusal.message)
    errors = [
        InputError(detail=one.detail, code=one.code, pointer=one.pointer) for one in refusal.missing
    ]
    if not errors and refusal.field is not None:
        errors = [InputError.at([refusal.field], refusal.code, refusal.message)]
    return problems.business_rule(refusal.clause, refusal.message, errors, code=refusal.code)


def from_http(request: Request, refusal: HTTPException) -> Problem:
    """What the framework refuses by itself: mostly addresses and methods it does not know."""
    if refusal.status_code == 405:
        return problems.method_not_allowed(methods_of(request))
    if refusal.status_code == 404:
        return problems.not_found()
    if refusal.status_code == 401:
        return problems.unauthenticated()
    if refusal.status_code == 403:
        return problems.forbidden("That is outside what you may reach.")
    if refusal.status_code < 500:
        return problems.malformed_request("The request cannot be read.")
    log.error("framework answered %d", refusal.status_code)
    return problems.internal_error()


def methods_of(request: Request) -> set[str]:
    """Every method of this address, HEAD with GET.

    Where a plain address also fits a route with a parameter, the plain one is meant.
    """
    fitting: dict[str, int] = {}
    for method in METHODS:
        scope = {**request.scope, "method": method}
        for route in _routes(request.app.router.routes):
            match, found = route.matches(scope)
            if match is Match.FULL:
                parameters = len(found["path_params"])
                fitting[method] = min(parameters, fitting.get(method, parameters))
    plainest = min(fitting.values(), default=0)
    methods = {method for method, parameters in fitting.items() if parameters == plainest}
    return methods | {"HEAD"} if "GET" in methods else methods


def _routes(routes: Sequence[Any]) -> Iterator[Any]:
    """Every route, also those of included routers, which FastAPI keeps within one of its own."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from _routes(included.routes)


def from_validation(errors: Sequence[Mapping[str, Any]], document: object) -> Problem:
    """The 422 problem: where each error is and what is wrong, in our own words."""
    return problems.validation(
        list(dict.fromkeys(_input_error(error, document) for error in errors[:MOST_ERRORS]))
    )


def _input_error(error: Mapping[str, Any], document: object) -> InputError:
    code, detail = in_our_words(error)
    where, *path = place_of(error)
    if where == "body":
        return InputError.at(_path_in(document, path, error["type"] == "missing"), code, detail)
    name = str(path[0]) if path else str(where)
    if error["type"] == "extra_forbidden" and not is_field_name(name):
        name = str(where)
    return InputError.of(name, code, detail)


def place_of(error: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Where one of Pydantic's errors is; it marks a key of an object that is not of its form."""
    place: tuple[str | int, ...] = tuple(error["loc"])
    return place[:-1] if place and place[-1] == "[key]" else place


def in_our_words(error: Mapping[str, Any]) -> tuple[str, str]:
    """The code of one of Pydantic's errors and what is wrong: no pattern, and nothing of the input.

    Pydantic's own messages name types and patterns that mean nothing to a person.
    """
    kind = error["type"]
    if kind in _OWN:
        return kind, error["msg"]
    code, message = _MESSAGES.get(kind, ("form", "Not of the declared form."))
    return code, message.format_map(error.get("ctx") or {})


def _path_in(document: object, path: Sequence[str | int], missing: bool) -> Iterator[str | int]:
    """The parts of Pydantic's location that are places in the document.

    The others are names of union members and validators. A name that the caller made up is shown
    only where it looks like a field's name.
    """
    for position, part in enumerate(path):
        if isinstance(document, Mapping) and part in document:
            if not is_field_name(str(part)):
                return
            document = document[part]
            yield part
        elif isinstance(document, list) and isinstance(part, int) and part < len(document):
            document = document[part]
            yield part
        elif missing and position == len(path) - 1:
            yield part


def from_database(fault: Exception, constraint_refusals: ConstraintRefusals) -> Problem:
    """A database error: ours to answer for, the caller's to retry, or a broken constraint."""
    if isinstance(fault, StaleDataError):
        return problems.precondition_failed(None)
    original = of_driver(fault)
    state = getattr(original, "sqlstate", None) or ""
    constraint = getattr(original, "constraint_name", None) or ""
    if constraint in constraint_refusals:
        refused = constraint_refusals[constraint]()
        return from_rule(refused) if isinstance(refused, RuleRefused) else refused
    log.warning(
        "database: %s, SQLSTATE %s, constraint %s",
        type(original).__qualname__,
        state or "-",
        constraint or "-",
    )
    return _by_state(fault, original, state)


def _by_state(fault: Exception, original: BaseException, state: str) -> Problem:
    disconnected = isinstance(fault, DBAPIError) and fault.connection_invalidated
    if (
        disconnected
        or isinstance(fault, PoolTimeout)
        or isinstance(original, _UNREACHABLE)
        or state.startswith(_COMES_BACK)
    ):
        return problems.unavailable()
    if state.startswith("23"):
        table = getattr(original, "table_name", None) or ""
        said = getattr(original, "detail", None) or ""
        return problems.conflicting_data(Broken(state, table, said).words())
    if state == "42501":
        return problems.forbidden("That is outside what you may reach.")
    if state.startswith("22"):
        return problems.validation(
            [InputError.at([], "form", "A value cannot be stored as it is.")]
        )
    return problems.internal_error()


# Connection lost, lock not available, deadlock, serialization failure, cancelled by a time-out,
# out of connections or memory, shutting down, taking no connections, read-only, a plan that a
# migration made stale.
_COMES_BACK: Final = (
    "08",
    "40",
    "53",
    "55000",
    "55P03",
    "57",
    "58",
    "25006",
    "25P03",
    "25P04",
    "0A000",
    "28",
    "3D000",
)
