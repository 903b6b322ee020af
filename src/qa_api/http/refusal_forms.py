"""In which form a refusal goes out: as a problem, or under SCIM's address in SCIM's own form."""

from collections.abc import Callable
from typing import Final

import orjson

from qa_api.http.problem_document import MEDIA_TYPE, render
from qa_api.problems import Problem
from qa_api.values import scim

SCIM_TYPES: Final = frozenset({scim.MEDIA_TYPE, "application/json"})
"""What a body may be there (RFC 7644 §3.1)."""

_KEYWORDS: Final = {
    "malformed-request": "invalidSyntax",
    "validation": "invalidValue",
    "business-rule": "invalidValue",
}

Form = Callable[[Problem, str], tuple[int, bytes, str]]
"""Status, body and media type of a problem, and of the request's correlation id."""


def is_scim(path: str) -> bool:
    """Whether an address is one of SCIM's."""
    return path == scim.BASE or path.startswith(f"{scim.BASE}/")


def form_of(path: str) -> Form:
    """The form in which what is asked for there is refused."""
    return _as_scim if is_scim(path) else _as_problem


def _as_problem(problem: Problem, correlation_id: str) -> tuple[int, bytes, str]:
    return problem.status, render(problem, correlation_id), MEDIA_TYPE


def _as_scim(problem: Problem, _: str) -> tuple[int, bytes, str]:
    """RFC 7644 §3.12: it knows no 422, and names the kind of a 400 or 409 by a keyword."""
    status = 400 if problem.status == 422 else problem.status
    usual = "uniqueness" if status == 409 else _KEYWORDS.get(problem.kind.slug)
    keyword = problem.members.get(scim.KEYWORD, usual)
    detail = " ".join([problem.detail, *(error.detail for error in problem.errors[:5])])
    document: dict[str, object] = {"schemas": [scim.ERROR], "status": str(status), "detail": detail}
    if keyword is not None and status in (400, 409):
        document["scimType"] = keyword
    return status, orjson.dumps(document), scim.MEDIA_TYPE
