"""CloudEvents in binary mode: attributes in `ce-` headers, the data alone in the body.

Whoever sends so is understood as if the same event had come in structured mode: from here on there
is one form of an event. Follows the HTTP binding of CloudEvents 1.0.2, section 3.1.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from qa_api.problems import InputError, Problem, malformed_request, validation

Headers = Iterable[tuple[bytes, bytes]]

PREFIX: Final = "ce-"
REQUIRED: Final = ("specversion", "id", "source", "type")
"""The attributes of every event. A request with one of them in a header is in binary mode."""

CONTENT_TYPE: Final = "Content-Type"

_MARKS: Final = frozenset(f"{PREFIX}{name}".encode() for name in REQUIRED)
_NAME: Final = re.compile(r"[a-z0-9]+")
_NOT_HERE: Final[Mapping[str, str]] = {
    "data": "The data is the body of the request.",
    "datacontenttype": "The type of the data is said by the Content-Type header.",
}
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED: Final = re.compile(r"\\(.)")
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPES: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def is_binary(headers: Headers) -> bool:
    """Whether a request says in its headers what an event says of itself."""
    return any(name in _MARKS for name, _ in headers)


def structured(headers: Headers, document: Any, *, has_body: bool) -> dict[str, Any]:
    """The event of a request in binary mode, as it would have come in structured mode.

    Every attribute is kept, also those that are not known here. Raises the `malformed-request`
    problem where the headers cannot be read, or say the event a second time.
    """
    headers = list(headers)
    attributes = _attributes(headers)
    if has_body and _is_event(document):
        raise _both_modes("The body is a whole event.")
    event: dict[str, Any] = dict(attributes)
    if media_type := _content_type(headers):
        event["datacontenttype"] = media_type
    if has_body:
        event["data"] = document
    return event


def check_repeats(headers: Headers, document: Any) -> None:
    """Beside an event in structured mode, headers may only repeat what it says.

    Raises the `malformed-request` problem where they say something else: which of the two is meant
    is not for us to guess.
    """
    said = document if isinstance(document, Mapping) else {}
    for name, value in _attributes(headers).items():
        if _written(said.get(name)) != value:
            raise _both_modes("It is not what the body says.", f"{PREFIX}{name}")


def refuse_in_batch() -> Problem:
    """The refusal of an event in binary mode where a batch is expected: it would be lost there."""
    return malformed_request(
        "A batch has no binary mode. Send a single event to /v1/case-events.",
        [InputError.of(f"{PREFIX}id", "both_modes", "Not in the headers of a batch.")],
    )


def as_sent(refusal: Problem) -> Problem:
    """What is wrong with an event, at the places where binary mode has them: headers and body."""
    return validation([_as_sent(error) for error in refusal.errors])


def _as_sent(error: InputError) -> InputError:
    if error.pointer is None:
        return error
    name, _, rest = error.pointer.removeprefix("/").partition("/")
    if name == "data":
        return InputError(error.detail, error.code, pointer=f"/{rest}" if rest else "")
    if not name:
        return error
    header = CONTENT_TYPE if name == "datacontenttype" else f"{PREFIX}{name}"
    return InputError.of(header, error.code, error.detail)


def _attributes(headers: Headers) -> dict[str, str]:
    """What the `ce-` headers say, by the names of the attributes."""
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        header = raw_name.decode("latin-1").lower()
        if not header.startswith(PREFIX):
            continue
        name = header.removeprefix(PREFIX)
        if not _NAME.fullmatch(name):
            # The name is the sender's own writing, and so is not repeated.
            raise _unreadable("ce-", "form", "A name has other characters than a-z and 0-9.")
        if name in found:
            raise _unreadable(_shown(name), "repeated", "Must be there only once.")
        if name in _NOT_HERE:
            raise _unreadable(header, "not_here", _NOT_HERE[name])
        found[name] = _decoded(raw_value, _shown(name))
    return found


def _decoded(raw: bytes, header: str) -> str:
    """The value of a header: out of its quotes, then out of its escapes (section 3.1.3.2)."""
    if not raw.isascii():
        detail = "Characters beyond ASCII are written as percent-encoded UTF-8."
        raise _unreadable(header, "encoding", detail)
    value = raw.decode("ascii").strip(" \t")
    if quoted := _QUOTED.fullmatch(value):
        value = _ESCAPED.sub(r"\1", quoted[1])
    if _BROKEN_ESCAPE.search(value):
        raise _unreadable(header, "encoding", "A % is followed by two hexadecimal digits.")
    try:
        value = _ESCAPES.sub(_unescaped, value)
    except UnicodeDecodeError:
        raise _unreadable(header, "encoding", "What is percent-encoded is not UTF-8.") from None
    if _CONTROL.search(value):
        raise _unreadable(header, "encoding", "A control character is not allowed.")
    return value


def _unescaped(escapes: re.Match[str]) -> str:
    return bytes.fromhex(escapes[0].replace("%", "")).decode("utf-8")


def _written(value: Any) -> str | None:
    """An attribute as a header has it (CloudEvents 1.0.2, section 3.1: the canonical string)."""
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _is_event(document: Any) -> bool:
    return isinstance(document, Mapping) and all(name in document for name in REQUIRED)


def _content_type(headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    return next((v.decode("latin-1") for n, v in headers if n.lower() == b"content-type"), None)


_KNOWN: Final = frozenset((*REQUIRED, "time", "subject", "dataschema"))


def _shown(name: str) -> str:
    """The header of an attribute: a name that the sender made up is not repeated."""
    return f"{PREFIX}{name}" if name in _KNOWN else PREFIX


def _unreadable(header: str, code: str, detail: str) -> Problem:
    return malformed_request(
        "A header of the event cannot be read.", [InputError.of(header, code, detail)]
    )


def _both_modes(why: str, header: str = "ce-id") -> Problem:
    return malformed_request(
        "The event is there twice, in the headers and in the body.",
        [InputError.of(_shown(header.removeprefix(PREFIX)), "both_modes", why)],
    )
