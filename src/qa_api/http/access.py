"""Who calls: the bearer token of a request and the permission that a route names."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fastapi import Request
from fastapi.params import Security
from fastapi.security import SecurityScopes

from qa_api import problems
from qa_api.auth.roles import Permission
from qa_api.auth.tokens import Caller, TokenVerifier
from qa_api.http.quotas import Quotas
from qa_api.http.request_context import context_of
from qa_api.http.route import GUARD_ATTRIBUTE

F = TypeVar("F", bound=Callable[..., Any])


async def caller_of(request: Request) -> Caller:
    """The caller that the request's bearer token names; 401 without a good one.

    The request is counted against their quota: 429 where it is used up, 503 for messages.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise problems.unauthenticated()
    verifier: TokenVerifier = request.app.state.verifier
    caller = verifier.verify_cached(token) or await verifier.verify(token)
    context = context_of(request.scope)
    context.caller = caller.subject
    quotas: Quotas = request.app.state.quotas
    await quotas.enter(context, caller, f"{request.method} {request.scope['path']}")
    return caller


def guards_as(name: str) -> Callable[[F], F]:
    """Marks a guarding dependency, so that the contract can say what it brings along."""

    def mark(dependency: F) -> F:
        setattr(dependency, GUARD_ATTRIBUTE, name)
        return dependency

    return mark


def permission_of(scopes: SecurityScopes) -> Permission:
    """The one permission that a route names in its security scopes."""
    (scope,) = scopes.scopes
    return Permission(scope)


def secured(dependency: Any, permission: Permission) -> Any:
    """`Annotated[..., secured(reading, Permission.AUDIT_READ)]`: a guarded dependency.

    It shows in the contract, and what it opened is committed and closed before the answer leaves:
    with FastAPI's default scope a 200 would go out and the commit could then fail.
    """
    return Security(dependency, scopes=_scopes(permission), scope="function")


def _scopes(permission: Permission) -> Sequence[str]:
    return [permission.value]
