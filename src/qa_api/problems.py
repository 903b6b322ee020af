"""Every refusal the service can give, in one catalogue (RFC 9457).

A refusal is raised as a :class:`Problem`; the HTTP edge turns it into
``application/problem+json``. Nothing here knows HTTP frameworks, and nothing here ever holds what
the caller sent: a problem names the field, the state or the clause, never the value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Self


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the catalogue: what a problem type means and what a caller can do about it."""

    slug: str
    status: int
    title: str
    meaning: str
    remedy: str

    @property
    def type(self) -> str:
        """The problem type as it stands in a problem document; it is served as a page."""
        return f"/problems/{self.slug}"


@dataclass(frozen=True, slots=True)
class InputError:
    """One fault in the input: where it is, and what is wrong with it. Never the value.

    ``pointer`` is a JSON pointer into the body (RFC 6901, ``""`` is the whole body);
    ``parameter`` names a path, query or header parameter. Exactly one of the two is set.
    """

    detail: str
    code: str
    pointer: str | None = None
    parameter: str | None = None

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


CATALOGUE: Final[Mapping[str, Kind]] = {
    kind.slug: kind
    for kind in (
        Kind(
            "malformed-request",
            400,
            "The request cannot be read",
            "The request is not well-formed: its body is not the JSON it says it is, or a header, "
            "the path or the query cannot be read.",
            "Correct the request as the detail says. Sending it again unchanged fails again.",
        ),
        Kind(
            "invalid-cursor",
            400,
            "The cursor is not valid",
            "The cursor was not given out by this service for this list and these filters.",
            "Start again from the first page. Keep all filters the same while paging.",
        ),
        Kind(
            "idempotency-key-required",
            400,
            "An idempotency key is required",
            "This request creates something, and without a key a repetition would create it twice.",
            "Send an Idempotency-Key header with a value of your own that is new for each "
            "intention, for example a UUID, and repeat the same key when you retry.",
        ),
        Kind(
            "unauthenticated",
            401,
            "Authentication is required",
            "The request carries no token, or a token that is expired or not accepted.",
            "Obtain a new access token and send it as 'Authorization: Bearer ...'.",
        ),
        Kind(
            "forbidden",
            403,
            "Not permitted",
            "You may see this, but none of the roles you hold now permits this operation.",
            "Ask an administrator whether you should hold a role that permits it.",
        ),
        Kind(
            "not-found",
            404,
            "Not found",
            "There is nothing here, or nothing that you may know of. The two look the same on "
            "purpose.",
            "Check the address. If you expected to see it, ask whether you hold the right role "
            "for the team or service it belongs to.",
        ),
        Kind(
            "method-not-allowed",
            405,
            "Method not allowed",
            "The address exists, but not with this method.",
            "Use one of the methods in the Allow header.",
        ),
        Kind(
            "not-acceptable",
            406,
            "Not available in that form",
            "The resource is not available in any media type that the Accept header allows.",
            "Ask for application/json, or leave the Accept header out.",
        ),
        Kind(
            "request-timeout",
            408,
            "The request took too long to arrive",
            "The body did not arrive within the time allowed.",
            "Send the request again, on a better connection.",
        ),
        Kind(
            "state-conflict",
            409,
            "Not possible in the present state",
            "What you asked for does not fit the state the resource is in now.",
            "Read the resource again. The problem names the state and what it allows.",
        ),
        Kind(
            "precondition-failed",
            412,
            "It was changed in the meantime",
            "The version in If-Match is not the current one: someone else changed the resource "
            "after you read it, or it exists although If-None-Match says it must not.",
            "Read the resource again, apply your change to what it says now, and send that with "
            "the current ETag.",
        ),
        Kind(
            "content-too-large",
            413,
            "The request is too large",
            "The body is larger than this service accepts.",
            "Send less in one request.",
        ),
        Kind(
            "unsupported-media-type",
            415,
            "Media type not supported",
            "The body is in a media type, character set or encoding that is not accepted here.",
            "Send JSON in UTF-8, uncompressed, with 'Content-Type: application/json'.",
        ),
        Kind(
            "validation",
            422,
            "The input is not valid",
            "The request could be read, but fields or parameters in it are missing, unknown or "
            "not of the declared form.",
            "Correct each of the listed errors.",
        ),
        Kind(
            "business-rule",
            422,
            "A rule of the procedure forbids this",
            "The input is well-formed, but a clause of the quality audit procedure or of the "
            "authority's policy does not allow it.",
            "Read the clause that is named; change the request so that it is satisfied.",
        ),
        Kind(
            "idempotency-key-reused",
            422,
            "The idempotency key was used for another request",
            "This key already stands for a request with other content.",
            "Use a new key for a new intention. Repeat a key only with the very same request.",
        ),
        Kind(
            "precondition-required",
            428,
            "A precondition is required",
            "This operation changes something that others may be changing too, so it must say "
            "which version it is based on.",
            "Send the ETag you last read as If-Match; to create, send 'If-None-Match: *'.",
        ),
        Kind(
            "quota-exceeded",
            429,
            "Too many requests",
            "More requests were made in a short time than the service allows one caller.",
            "Wait for the number of seconds in Retry-After, then go on more slowly.",
        ),
        Kind(
            "internal-error",
            500,
            "Something went wrong in the service",
            "The service made an error. Nothing of this request was kept.",
            "Try again. If it stays, report it with the correlation id.",
        ),
        Kind(
            "unavailable",
            503,
            "The service cannot answer at the moment",
            "The database or another part the service needs is not available or overloaded. "
            "Nothing of this request was kept.",
            "Send the same request again after the number of seconds in Retry-After.",
        ),
    )
}


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


# Python 3.13 renamed several of these; the contract must not change with the interpreter.
PHRASES: Final[Mapping[int, str]] = {
    **{status.value: status.phrase for status in HTTPStatus},
    413: "Content Too Large",
    422: "Unprocessable Content",
}


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


def forbidden(detail: str = "None of the roles you hold permits this.") -> Problem:
    """403: the caller may see the thing, but not do this with it."""
    return Problem("forbidden", detail)


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


def state_conflict(state: str, allowed: Iterable[str], detail: str | None = None) -> Problem:
    """409: names the state the resource is in and the actions that state allows."""
    actions = sorted(allowed)
    able = ", ".join(actions) if actions else "nothing further"
    return Problem(
        "state-conflict",
        detail or f"The state is {state}; allowed: {able}.",
        members={"state": state, "allowed_actions": actions},
    )


def conflicting_data() -> Problem:
    """409: what was sent does not go together with what is stored (a constraint holds it)."""
    return Problem(
        "state-conflict",
        "What was sent does not go together with what is stored: it exists already, or what it "
        "refers to does not.",
    )


def precondition_required(header: str = "If-Match") -> Problem:
    """428: the operation needs If-Match (or If-None-Match to create)."""
    return Problem(
        "precondition-required",
        f"The {header} header is required here.",
        errors=[InputError.of(header, "missing", "Required.")],
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


def internal_error() -> Problem:
    """500: a fault of the service. Says nothing about its cause; the log does."""
    return Problem("internal-error", "The service made an error; nothing was kept.")


def unavailable(retry_after: int = 2) -> Problem:
    """503: the database or another part is not there. ``retry_after`` in seconds."""
    return Problem(
        "unavailable",
        f"The service cannot answer now; try again in {retry_after} s.",
        headers={"Retry-After": str(retry_after)},
    )
