"""What SCIM refuses, by its own keywords (RFC 7644 §3.12). Never what was sent."""

from collections.abc import Mapping
from typing import Final

from qa_api.problems import Problem, conflicting_data
from qa_api.values.scim import KEYWORD

_DETAILS: Final[Mapping[str, str]] = {
    "invalidSyntax": "The request is not a resource or message of its schema.",
    "invalidValue": "A value is missing, or not one that its attribute can have.",
    "invalidPath": "A path names no attribute of this resource.",
    "noTarget": "A path names nothing that is there.",
    "mutability": "An attribute that cannot be changed would be changed.",
    "invalidFilter": "This filter is not supported.",
    "sensitive": "This cannot be asked for in an address.",
}


def refused(keyword: str, detail: str = "") -> Problem:
    """400 with a keyword of SCIM."""
    said = detail or _DETAILS.get(keyword, _DETAILS["invalidValue"])
    return Problem("malformed-request", said, members={KEYWORD: keyword})


def not_unique(detail: str) -> Problem:
    """409, whose keyword is `uniqueness`: somebody else has it already."""
    return conflicting_data(detail)
