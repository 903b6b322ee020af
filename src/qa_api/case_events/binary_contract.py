"""What the contract says of events in binary mode.

It stands in an extension of the operation: an OpenAPI document cannot say that headers belong to
one media type alone, and generators would give every client eight parameters that it must not use.
"""

from typing import Final

from pydantic import JsonValue

from qa_api.case_events import examples
from qa_api.case_events.binary_mode import PREFIX, REQUIRED

Json = dict[str, JsonValue]

_SAID: Final[dict[str, str]] = {
    "specversion": "The version of CloudEvents: `1.0`.",
    "id": "The id of the event. (`source`, `id`) is its key.",
    "source": "The source that is registered for your case system.",
    "type": "The type of the event, like `case.closed.v1`.",
    "time": "When it happened, with its offset. It counts where `occurred_at` is no fact.",
    "subject": "Kept and shown with the event.",
    "dataschema": "Kept and shown with the event.",
}
_LONGEST: Final = 1_000


def _header(name: str, about: str) -> Json:
    shown = examples.PROPOSED.get(name)
    schema: Json = {"type": "string", "maxLength": _LONGEST}
    if name == "specversion":
        schema["const"] = "1.0"
    header: Json = {"description": about, "required": name in REQUIRED, "schema": schema}
    return header if shown is None else {**header, "example": shown}


BINARY_MODE: Final[Json] = {
    "description": "A request without `application/cloudevents+json` and with a `ce-` header of a"
    " required attribute is an event in binary mode (HTTP protocol binding of CloudEvents 1.0.2)."
    " The body is the event's `data`, and the Content-Type header its `datacontenttype`, which is"
    " JSON. Each other attribute is a header: its name behind `ce-`, its value percent-encoded"
    " UTF-8. Further attributes are kept as in structured mode. Answers are the same; an error"
    " names the header as `parameter`, or points into the body.",
    "attributes": {f"{PREFIX}{name}": _header(name, about) for name, about in _SAID.items()},
    "content": {
        "application/json": {
            "description": "The `data` of the event, by its type as in structured mode.",
            "example": examples.PROPOSED["data"],
        }
    },
}
