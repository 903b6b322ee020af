"""The kinds of refusal: what each means and what a caller can do about it. Each is a page."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from qa_api.rules.unchanging import Unchanging


class Kind(Unchanging):
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
            "You may see this, but none of the roles you hold now permits this operation here. "
            "Its member permission names what it takes; GET /v1/me lists what you hold.",
            "Where you lack the permission altogether, ask an administrator whether you should "
            "hold a role that gives it. Where you hold it for others only (another team, another "
            "auditor's audit), whoever it belongs to can do this.",
        ),
        Kind(
            "purpose-required",
            403,
            "A purpose is required",
            "What you ask for is outside your own work, and the authority's policy asks for what"
            " purpose you read it. The member purposes names the codes that there are.",
            "Send the header X-Purpose with one of the codes. It is kept with the record that you "
            "have read it.",
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
            "The headers or the body did not arrive within the time allowed.",
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
            "uri-too-long",
            414,
            "The address is too long",
            "The path or the query is longer than any that this service has.",
            "Send less in the query: fewer filters, or shorter values.",
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
            "This key was used already for a request with other content.",
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
            "header-fields-too-large",
            431,
            "The headers are too large",
            "The request line and the headers are larger together than this service accepts, or "
            "there are too many headers.",
            "Send fewer or shorter headers; often it is cookies that do not belong here.",
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

SHOWN: Final[Mapping[str, Mapping[str, object]]] = {
    "forbidden": {"permission": "audit:amend"},
    "purpose-required": {"purposes": ["supervision", "complaint"]},
    "state-conflict": {"state": "completed", "allowed_actions": ["amend", "record_in_error"]},
    "validation": {
        "errors": [
            {"detail": "Required.", "code": "missing", "pointer": "/items/1/finish_on"},
            {
                "detail": "Line 17, team: There is no such team.",
                "code": "unknown",
                "pointer": "",
                "line": 17,
            },
            {"detail": "There is no such parameter.", "code": "unknown", "parameter": "overdu"},
        ]
    },
    "business-rule": {
        "clause": "§4.1, R4.1.8",
        "code": "own-work",
        "errors": [
            {
                "detail": "Nobody audits their own work.",
                "code": "own-work",
                "pointer": "/auditor",
            }
        ],
    },
}
"""What some problems say besides, by their type, in the examples of the contract."""

# Python 3.13 renamed several of these; the contract must not change with the interpreter.
PHRASES: Final[Mapping[int, str]] = {
    **{status.value: status.phrase for status in HTTPStatus},
    413: "Content Too Large",
    414: "URI Too Long",
    422: "Unprocessable Content",
}
