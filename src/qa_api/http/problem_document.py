"""A problem as it goes out: its bytes, and its place in the contract (RFC 9457)."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from qa_api.problems import InputError, Problem
from qa_api.problems.catalogue import CATALOGUE, PHRASES, SHOWN, Kind

MEDIA_TYPE: Final = "application/problem+json"

EVERYWHERE: Final = (
    "unauthenticated",
    "forbidden",
    "quota-exceeded",
    "internal-error",
    "unavailable",
)
"""What every guarded operation may answer."""


def render(problem: Problem, correlation_id: str) -> bytes:
    """The problem document. ``instance`` is this occurrence on the page of its type."""
    kind = problem.kind
    document: dict[str, object] = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail,
        "instance": f"{kind.type}#{correlation_id}",
        "correlation_id": correlation_id,
        **problem.members,
    }
    if problem.errors:
        document["errors"] = [_member(error) for error in problem.errors]
    return orjson.dumps(document)


def _member(error: InputError) -> dict[str, str | int]:
    place: dict[str, str | int] = (
        {"parameter": error.parameter}
        if error.parameter is not None
        else {"pointer": error.pointer or ""}
    )
    if error.line is not None:
        place["line"] = error.line
    return {"detail": error.detail, "code": error.code, **place}


def _text(most: int, description: str, **more: object) -> dict[str, object]:
    return {"type": "string", "maxLength": most, "description": description, **more}


SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Problem": {
        "type": "object",
        "description": "A refusal (RFC 9457). It never repeats what was sent.",
        "required": ["type", "title", "status", "detail", "instance", "correlation_id"],
        "properties": {
            "type": _text(100, "The problem type; a page of this service.", format="uri-reference"),
            "title": _text(100, "The problem type in words; the same for every occurrence."),
            "status": {
                "type": "integer",
                "format": "int32",
                "minimum": 400,
                "maximum": 599,
                "description": "The HTTP status.",
            },
            "detail": _text(2000, "What is wrong this time."),
            "instance": _text(200, "This occurrence.", format="uri-reference"),
            "correlation_id": _text(64, "Quote this when you report the problem."),
            "errors": {
                "type": "array",
                "maxItems": 100,
                "description": "Each fault in the input.",
                "items": {"$ref": "#/components/schemas/InputError"},
            },
            "permission": _text(60, "The permission that it takes, where you are not permitted."),
            "purposes": {
                "type": "array",
                "maxItems": 100,
                "description": "The codes of the policy, where a purpose is required.",
                "items": {"type": "string", "maxLength": 60},
            },
            "clause": _text(40, "The clause of the procedure, for a business rule."),
            "code": _text(60, "A stable code of the rule, for a business rule."),
            "state": _text(60, "The state the resource is in, for a state conflict."),
            "allowed_actions": {
                "type": "array",
                "maxItems": 50,
                "description": "What that state allows, for a state conflict.",
                "items": {"type": "string", "maxLength": 60},
            },
        },
    },
    "InputError": {
        "type": "object",
        "description": "One fault in the input: a pointer into the body, or a parameter.",
        "required": ["detail", "code"],
        "properties": {
            "detail": _text(500, "What is wrong with it."),
            "code": _text(60, "A stable code of the fault."),
            "pointer": _text(
                500,
                "JSON pointer into the body that was sent; empty for the whole body. Where a step"
                " is refused for what its resource lacks, the address below the resource instead.",
            ),
            "parameter": _text(100, "Name of the path, query or header parameter."),
            "line": {
                "type": "integer",
                "format": "int32",
                "minimum": 1,
                "maximum": 2**31 - 1,
                "description": "The line of a body that is a file; the first is 1.",
            },
        },
    },
}
"""What goes into ``components.schemas`` of the contract."""


def refusals(*slugs: str) -> dict[int | str, dict[str, Any]]:
    """``responses=`` of a route: the problems it may answer, by status, each with an example."""
    responses: dict[int | str, dict[str, Any]] = {}
    for slug in dict.fromkeys(slugs):
        kind = CATALOGUE[slug]
        response = responses.setdefault(kind.status, _response(kind))
        response["content"][MEDIA_TYPE]["examples"][slug] = {"value": _example(kind)}
    return responses


def _response(kind: Kind) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": PHRASES[kind.status],
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}
        },
    }
    if headers := _HEADERS.get(kind.status):
        response["headers"] = {
            name: {"description": text, "schema": {"type": "string", "maxLength": 200}}
            for name, text in headers.items()
        }
    return response


_HEADERS: Final[Mapping[int, Mapping[str, str]]] = {
    401: {"WWW-Authenticate": "How to authenticate (RFC 6750)."},
    405: {"Allow": "Every method of this address."},
    412: {"ETag": "The current version, where there is one."},
    429: {"Retry-After": "Seconds to wait."},
    503: {"Retry-After": "Seconds to wait."},
}


def _example(kind: Kind) -> dict[str, object]:
    correlation_id = "0b7c6e52-5d0e-4c55-9a31-6a1f4f1f3f10"
    return {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.meaning,
        "instance": f"{kind.type}#{correlation_id}",
        "correlation_id": correlation_id,
        **SHOWN.get(kind.slug, {}),
    }
