"""From exception to problem; there is no other error body anywhere.

What nobody expected is left to the gate, the last resort. Nothing here repeats what the
caller sent, and a database error is logged by its type, SQLSTATE and constraint alone: its message
holds the row.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from qa_api import problems
from qa_api.attempts import DATABASE_FAULTS, GONE, of_driver
from qa_api.http.current_tags import with_current_tag
from qa_api.http.refusal_forms import form_of
from qa_api.http.request_context import context_of
from qa_api.problems import InputError, Problem
from qa_api.problems.constraints import Broken
from qa_api.rules.decision import AlreadySo, NotAllowedInState, RuleRefused
from qa_api.values.faults import from_validation

ConstraintRefusals = Mapping[str, Callable[[], Problem | RuleRefused]]
"""What a broken constraint of the database means, by its name."""

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSED: Final[tuple[type[Exception], ...]] = (
    Problem,
    RuleRefused,
    RequestValidationError,
    HTTPException,
    *DATABASE_FAULTS,
)

log = logging.getLogger(__name__)


def install(app: FastAPI, constraint_refusals: ConstraintRefusals | None = None) -> None:
    """Make every refusal of ``app`` a problem. The gate must stand around it for the rest."""
    app.state.constraint_refusals = constraint_refusals or {}
    for fault in REFUSED:
        app.add_exception_handler(fault, refuse)


async def refuse(request: Request, fault: Exception) -> Response:
    """The response to one of `REFUSED`; a 412 names the tag that a GET would give."""
    problem = problem_for(request, fault, request.app.state.constraint_refusals)
    if problem.status == 412:
        problem = await with_current_tag(problem, request)
    return answer(request, problem)


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
            return from_validation(fault.errors(), context_of(request.scope).document)
        case HTTPException():
            return from_http(request, fault)
        case StaleDataError():
            return _changed_meanwhile(request)
        case _:
            return from_database(fault, constraint_refusals)


def _changed_meanwhile(request: Request) -> Problem:
    """Others changed it in every attempt: 412 where a version was named, for it is none of now."""
    if "if-match" in request.headers:
        return problems.precondition_failed(None)
    return problems.conflicting_data(_BY_OTHERS)


_BY_OTHERS: Final = (
    "Others changed it at the same moment, again and again. Nothing was done. Send it again."
)


def answer(request: Request, problem: Problem) -> Response:
    """The response that carries a problem."""
    problem = with_permission(problem, request)
    written = form_of(request.scope["path"])
    status, body, media_type = written(problem, context_of(request.scope).correlation_id)
    return Response(body, status, problem.headers, media_type)


def with_permission(problem: Problem, request: Request) -> Problem:
    """A refusal of rights that names no permission names its route's, which the caller holds.

    Whoever lacks it was refused before the work began, by name.
    """
    if problem.kind.slug != "forbidden" or "permission" in problem.members:
        return problem
    asked = context_of(request.scope).permission
    return problem if asked is None else problems.out_of_reach(asked, problem.detail)


def from_rule(refusal: RuleRefused) -> Problem:
    """A rule's refusal: 409 where the state forbids it, else 422 with the clause."""
    errors = [
        InputError(detail=one.detail, code=one.code, pointer=one.pointer) for one in refusal.missing
    ]
    if isinstance(refusal, NotAllowedInState | AlreadySo):
        said = (refusal.state, refusal.allowed, refusal.message, errors)
        return problems.state_conflict(*said, code=refusal.code)
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


def from_database(fault: Exception, constraint_refusals: ConstraintRefusals) -> Problem:
    """A database error: ours to answer for, the caller's to retry, or a broken constraint."""
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
        or isinstance(original, GONE)
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
