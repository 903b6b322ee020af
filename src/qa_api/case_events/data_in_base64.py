"""Data that came as bytes: `data_base64` of an event in structured mode.

The SDKs of CloudEvents write it where they are given bytes, also where these are JSON. Then it is
read as `data`, before anything else looks at the event, so that behind the door there is one form
of it: what came so is the same event as what came as `data`.
"""

import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import PydanticCustomError

from qa_api.problems import InputError, Problem
from qa_api.values.strict_json import parse

FIELD: Final = "data_base64"
_OTHER: Final = "data"
_WITHIN: Final = re.compile(r"(/\d+)?/data(/.*)?")


class CameInBase64(dict[str, Any]):
    """An event with the `data` that came in base64, which stands there no more."""


def with_data(event: Any) -> Any:
    """The event with its data as `data`; as it came where there are no bytes or no JSON in them."""
    if not isinstance(event, Mapping) or _OTHER in event:
        return event
    written = event.get(FIELD)
    if not isinstance(written, str):
        return event
    try:
        data = parse(b64decode(written, validate=True))
    except (ValueError, Problem):
        return event
    kept = {name: value for name, value in event.items() if name != FIELD}
    return CameInBase64(kept | {_OTHER: data})


def refuse_what_is_left(written: Any) -> None:
    """Refuse bytes that could not be read as data: null is none."""
    if written is not None:
        raise PydanticCustomError(
            "form",
            "Must be the base64 of JSON in UTF-8, and there must be no `data` beside it. Better"
            " send the JSON itself as `data`.",
        )


def as_sent(error: InputError, event: Any) -> InputError:
    """What is wrong with the data, at the place that was sent."""
    within = _WITHIN.fullmatch(error.pointer or "")
    if within is None or not isinstance(event, CameInBase64):
        return error
    member, place = within.groups()
    detail = f"{error.detail} It is at {place} in there." if place else error.detail
    return InputError(detail, error.code, pointer=f"{member or ''}/{FIELD}")
