"""Operations that will go (RFC 9745, RFC 8594): said at the route, told by headers and contract.

`@router.get(..., openapi_extra=deprecated(on=date(2027, 1, 4), instead="list_audits"))` is all it
takes. Each answer then has `Deprecation` and `Sunset`, refusals too; the contract says `deprecated`
and describes the headers; the page of the contract's changes lists the operation.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any, Final

from qa_api.http.openapi_headers import always

Json = dict[str, Any]

MONTHS: Final = 12
"""How long a deprecated operation is still there, at the least."""
ON: Final = "x-deprecated-on"
SUNSET: Final = "x-sunset"
INSTEAD: Final = "x-instead"

HEADERS: Final[Mapping[str, Json]] = {
    "Deprecation": always("Since when it is deprecated: `@` and the seconds since 1970.", 20),
    "Sunset": always("From when on it may be gone.", 40),
}


def deprecated(*, on: date, instead: str | None, sunset: date | None = None) -> Json:
    """`openapi_extra=` of a route that is deprecated from a day on (UTC).

    `instead` is the operation to use, by its operationId; None where nothing takes its place. The
    sunset is twelve months later where none is named. Raises ValueError where it is sooner.
    """
    earliest = _a_year_after(on)
    if sunset is not None and sunset < earliest:
        raise ValueError(f"an operation stays for {MONTHS} months: until {earliest}")
    said = {"deprecated": True, ON: on.isoformat(), SUNSET: (sunset or earliest).isoformat()}
    return {**said, INSTEAD: instead} if instead else said


def headers_of(said: Json | None) -> list[tuple[bytes, bytes]]:
    """The headers that every answer of a route has, from its `openapi_extra`."""
    if not said or not said.get("deprecated"):
        return []
    since = int(_midnight(said[ON]).timestamp())
    until = format_datetime(_midnight(said[SUNSET]), usegmt=True)
    return [(b"deprecation", b"@%d" % since), (b"sunset", until.encode("ascii"))]


def describe(operation: Json) -> None:
    """Say in the contract what the headers say, and what to use instead."""
    if not operation.get("deprecated"):
        return
    told = f"Deprecated since {operation[ON]}, and gone from {operation[SUNSET]} on."
    if instead := operation.get(INSTEAD):
        told += f" Use `{instead}`."
    operation["description"] = f"{told}\n\n{operation['description']}"
    for status, response in operation["responses"].items():
        if status[0] in "23":
            response.setdefault("headers", {}).update(HEADERS)


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), UTC)


def _a_year_after(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year + 1, 3, 1)
    return day.replace(year=day.year + 1)
