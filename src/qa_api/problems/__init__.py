"""Every refusal the service can give, in one catalogue (RFC 9457).

A refusal is raised as a :class:`Problem`; the HTTP edge turns it into
``application/problem+json``. Nothing here knows HTTP frameworks, and nothing here ever holds what
the caller sent: a problem names the field, the state or the clause, never the value.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Self

from qa_api.problems.catalogue import CATALOGUE, PHRASES
from qa_api.rules.unchanging import Unchanging


class InputError(Unchanging):
    """One fault in the input: where it is, and what is wrong with it. Never the value.

    ``pointer`` is a JSON pointer into the body (RFC 6901, ``""`` is the whole body);
    ``parameter`` names a path, query or header parameter. Exactly one of the two is set. ``line``
    is that of a body that is a file of lines, of which ``""`` is the whole.
    """

    detail: str
    code: str
    pointer: str | None = None
    parameter: str | None = None
    line: int | None = None

    def __post_init__(self) -> None:
        if (self.pointer is None) == (self.parameter is None):
            raise ValueError("an input error has either a pointer or a parameter")

    @classmethod
    def at(cls, path: Iterable[str | int], code: str, detail: str) -> Self:
        """An error in the body, at a path of field names and array positions."""
        pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
        return cls(detail=detail, code=code, pointer=pointer)

    @classmethod
    def of(cls, parameter: str, code: str, detail: str) -> Self:
        """An error in a path, query or header parameter."""
        return cls(detail=detail, code=code, parameter=parameter)


def repeated(values: Sequence[Hashable], *path: str) -> list[InputError]:
    """An error for each value that is in a list more than once.

    ``path`` names the list in the body, and the field of its members that holds the value.
    """
    times = Counter(values)
    where, *field = path
    detail = "This is in the list more than once."
    return [
        InputError.at([where, at, *field], "repeated", detail)
        for at, value in enumerate(values)
        if times[value] > 1
    ]


class Problem(Exception):
    """A refusal. Raising it rolls back everything the request did."""

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        errors: Sequence[InputError] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, str | int | list[str]] | None = None,
    ) -> None:
        self.kind = CATALOGUE[slug]
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.members = dict(members or {})
        super().__init__(slug)

    @property
    def status(self) -> int:
        """The HTTP status code."""
        return self.kind.status

    @property
    def phrase(self) -> str:
        """The status phrase as this service writes it (they differ between Python versions)."""
        return PHRASES[self.kind.status]


def malformed_request(detail: str, errors: Sequence[InputError] = ()) -> Problem:
    """400: the request cannot be read at all."""
    return Problem("malformed-request", detail, errors=errors)


def invalid_cursor() -> Problem:
    """400: the cursor was not made by this service for this list and these filters."""
    return Problem(
        "invalid-cursor",
        "The cursor does not belong to this list with these filters.",
        errors=[InputError.of("cursor", "invalid-cursor", "Not a cursor of this list.")],
    )


def invalid_changes_token() -> Problem:
    """400: the token was not given for this pull, or no longer continues it."""
    return Problem(
        "invalid-cursor",
        "The token does not continue this pull: its range, columns or pseudonyms are others,"
        " or the database was put back to an earlier state. Pull in full.",
        errors=[InputError.of("changed_since", "invalid-cursor", "Not a token of this pull.")],
    )


def invalid_position() -> Problem:
    """400: what was sent as the last event is no position that this service told."""
    return Problem(
        "invalid-cursor",
        "Last-Event-ID is not an id of these changes. Without it, listening begins now.",
        errors=[InputError.of("Last-Event-ID", "invalid-cursor", "Not an id that was sent here.")],
    )


def idempotency_key_required() -> Problem:
    """400: a request that creates something came without an Idempotency-Key."""
    return Problem(
        "idempotency-key-required",
        "The Idempotency-Key header is required here.",
        errors=[InputError.of("Idempotency-Key", "missing", "Required.")],
    )


def idempotency_key_reused() -> Problem:
    """422: the same key with another request."""
    return Problem(
        "idempotency-key-reused",
        "This Idempotency-Key was already used for a different request.",
        errors=[InputError.of("Idempotency-Key", "reused", "Already used for another request.")],
    )


def unauthenticated(detail: str = "An access token is required.", *, error: str = "") -> Problem:
    """401 with ``WWW-Authenticate`` (RFC 6750). ``error`` is empty when no token was sent."""
    challenge = 'Bearer realm="qa-api"'
    if error:
        challenge += f', error="{error}"'
    return Problem("unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def forbidden(
    detail: str = "None of the roles you hold permits this.", *, permission: str | None = None
) -> Problem:
    """403: the caller may see the thing, but not do this with it.

    ``detail`` is a sentence about roles and steps, never about a row. ``permission`` is the one
    that the caller lacks. Without it, the caller holds the route's permission but not over this
    thing, and the HTTP edge says so (`out_of_reach`).
    """
    if permission is None:
        return Problem("forbidden", detail)
    told = f"{detail} It takes the permission {permission}."
    return Problem("forbidden", told, members={"permission": permission})


def out_of_reach(permission: str, detail: str = "") -> Problem:
    """403: the caller holds the permission, but not over this one; ``detail`` says whose it is."""
    told = f"{detail} You hold the permission {permission}, but not over this one.".lstrip()
    return Problem("forbidden", told, members={"permission": permission})


def purpose_required(purposes: Iterable[str]) -> Problem:
    """403: it is outside the caller's own work, and the policy asks for a purpose."""
    return Problem(
        "purpose-required",
        "This is outside your own work: name the purpose for which you read it in X-Purpose.",
        members={"purposes": list(purposes)},
    )


def not_found() -> Problem:
    """404: there is nothing, or nothing the caller may know of. One body for both."""
    return Problem("not-found", "There is nothing here that you may see.")


def method_not_allowed(allowed: Iterable[str]) -> Problem:
    """405, with every method of the address in ``Allow``."""
    allow = ", ".join(sorted(allowed))
    return Problem("method-not-allowed", f"This address allows {allow}.", headers={"Allow": allow})


def not_acceptable(available: Iterable[str]) -> Problem:
    """406: none of the media types in Accept is available."""
    return Problem("not-acceptable", f"Available here: {', '.join(sorted(available))}.")


def request_timeout() -> Problem:
    """408: the body did not arrive in time. The connection ends."""
    return Problem(
        "request-timeout", "The body did not arrive in time.", headers={"Connection": "close"}
    )


def head_timeout(seconds: float) -> Problem:
    """408: the request line and the headers did not arrive in time. The connection ends."""
    return Problem(
        "request-timeout",
        f"The request line and the headers did not arrive within {seconds:g} s.",
        headers={"Connection": "close"},
    )


def uri_too_long() -> Problem:
    """414: path or query are longer than any address of this service."""
    return Problem("uri-too-long", "The address is longer than any of this service.")


def header_fields_too_large(limit: int) -> Problem:
    """431. ``limit`` in bytes, of the request line and all headers together."""
    return Problem(
        "header-fields-too-large",
        f"At most {limit} bytes are accepted of the request line and the headers together.",
    )


def too_many_headers(most: int) -> Problem:
    """431: more headers than anybody needs."""
    return Problem("header-fields-too-large", f"At most {most} headers are accepted.")


def state_conflict(
    state: str,
    allowed: Iterable[str],
    detail: str,
    errors: Sequence[InputError] = (),
    *,
    code: str = "state-conflict",
) -> Problem:
    """409: names the state the resource is in and the actions that state allows.

    ``detail`` says it as a colleague would: what it is, what may be done next and by whom.
    ``errors`` name what of the resource stands in the way, ``code`` says so of all of it.
    """
    members: dict[str, str | int | list[str]] = {"state": state, "allowed_actions": sorted(allowed)}
    if code != "state-conflict":
        members["code"] = code
    return Problem("state-conflict", detail, errors=errors, members=members)


def conflicting_data(words: str | None = None) -> Problem:
    """409: what was sent does not go together with what is stored (a constraint holds it).

    ``words`` say which thing it is about, where that is known.
    """
    return Problem(
        "state-conflict",
        words
        or "What you sent does not fit what is stored: it exists already, or it refers to something"
        " that does not exist. Read what is stored, and send what fits.",
    )


def precondition_required(*, may_create: bool = False) -> Problem:
    """428: the operation needs If-Match; or, where it can create, If-None-Match."""
    create = ", or If-None-Match: * to create it" if may_create else ""
    return Problem(
        "precondition-required",
        f"The If-Match header is required here, with the version that you have read{create}.",
        errors=[InputError.of("If-Match", "missing", "Required; `*` names no version.")],
    )


def precondition_failed(current_etag: str | None) -> Problem:
    """412, with the current ETag (quoted, as it goes into the header) where there is one."""
    return Problem(
        "precondition-failed",
        "The precondition does not hold for the current version.",
        headers={"ETag": current_etag} if current_etag else None,
    )


def content_too_large(limit: int) -> Problem:
    """413. ``limit`` in bytes."""
    return Problem("content-too-large", f"At most {limit} bytes are accepted.")


def unsupported_media_type(accepted: Iterable[str]) -> Problem:
    """415, with what would be accepted."""
    types = ", ".join(sorted(accepted))
    return Problem(
        "unsupported-media-type",
        f"Accepted here: {types}; UTF-8; no content encoding.",
        headers={"Accept": types},
    )


def validation(errors: Sequence[InputError]) -> Problem:
    """422: fields or parameters are missing, unknown or not of the declared form."""
    count = len(errors)
    noun = "error" if count == 1 else "errors"
    return Problem("validation", f"The input has {count} {noun}.", errors=errors)


def business_rule(
    clause: str, detail: str, errors: Sequence[InputError] = (), *, code: str | None = None
) -> Problem:
    """422: a clause of the procedure or the policy forbids it (``clause`` like ``§4.2``)."""
    members: dict[str, str | int | list[str]] = {"clause": clause}
    if code is not None:
        members["code"] = code
    return Problem("business-rule", detail, errors=errors, members=members)


def quota_exceeded(retry_after: int) -> Problem:
    """429. ``retry_after`` in seconds."""
    return Problem(
        "quota-exceeded",
        f"Too many requests; try again in {retry_after} s.",
        headers={"Retry-After": str(retry_after)},
    )


def too_many_listeners(most: int, retry_after: int) -> Problem:
    """429: somebody listens as often as one may. ``retry_after`` in seconds."""
    return Problem(
        "quota-exceeded",
        f"You listen {most} times already, which is as often as one may. End one of them first.",
        headers={"Retry-After": str(retry_after)},
    )


def internal_error() -> Problem:
    """500: a fault of the service. Says nothing about its cause; the log does."""
    return Problem("internal-error", "The service made an error; nothing was kept.")


def unavailable(retry_after: int = 2, why: str | None = None) -> Problem:
    """503: the database or another part is not there. ``retry_after`` in seconds.

    ``why`` is for whoever runs the service, or calls it, and only where they may read it.
    """
    return Problem(
        "unavailable",
        why or f"The service cannot answer now; try again in {retry_after} s.",
        headers={"Retry-After": str(retry_after)},
    )
