"""Recorded payloads of every type, written from the examples of the contract.

What a case system sends, in both modes, and what it is sent, signed with the secret of the
examples: to try a sender or a receiver without the service.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import orjson

from qa_api.case_events.binary_mode import PREFIX
from qa_api.webhooks.signing import signed_headers

Json = dict[str, Any]

EXAMPLES: Final = "examples"
SECRET: Final = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 - shown in the contract too
"""Signs the recorded messages, and nothing else anywhere."""

_EVENTS: Final = "/v1/case-events"
_SAFE: Final = "".join(chr(each) for each in range(0x21, 0x7F) if chr(each) not in '"%')


def write_payloads(document: Json, directory: Path, *, check: bool) -> list[str]:
    """Write all files, or with `check` only name those that differ from what is committed."""
    wanted = {f"{EXAMPLES}/{name}": text for name, text in _files(document)}
    folder = directory / EXAMPLES
    there = {
        str(file.relative_to(directory))
        for file in folder.rglob("*")
        if file.is_file() and file.suffix in {".json", ".http"}
    }
    differing = sorted(there - wanted.keys())
    for name in differing:
        if not check:
            (directory / name).unlink()
    for name, text in wanted.items():
        file = directory / name
        if name not in there or file.read_text("utf-8") != text:
            differing.append(name)
            if not check:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, "utf-8")
    return differing


def _files(document: Json) -> Iterator[tuple[str, str]]:
    events = [*_case_events(document)]
    for event in events:
        yield f"case-events/{event['type']}.json", _written(event)
        yield f"case-events/{event['type']}.binary.http", _in_binary_mode(event)
    yield "case-events/batch.json", _written(events)
    headers = {}
    for name in document["webhooks"]:
        body, headers[name] = _message(document, name)
        yield f"webhooks/{name}.json", body.decode()
    yield "webhooks/headers.json", _written({"secret": SECRET, "headers": headers})


def _case_events(document: Json) -> Iterator[Json]:
    """An event of each type that is understood, and of one that is not."""
    body = document["paths"][_EVENTS]["post"]["requestBody"]["content"]
    for one in body["application/cloudevents+json"]["schema"]["anyOf"]:
        yield _schema(document, one)["examples"][0]


def _in_binary_mode(event: Json) -> str:
    """The same event as a request in binary mode, without a token."""
    headers = {
        f"{PREFIX}{name}": quote(str(value), safe=_SAFE)
        for name, value in event.items()
        if name not in {"data", "datacontenttype"}
    }
    lines = [
        f"POST {_EVENTS} HTTP/1.1",
        f"Content-Type: {event['datacontenttype']}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\n".join((*lines, "", _written(event["data"])))


def _message(document: Json, name: str) -> tuple[bytes, Mapping[str, str]]:
    """The body of a message as it is sent, byte for byte, and its headers."""
    content = document["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]
    example = _schema(document, content["schema"])["examples"][0]
    body = orjson.dumps(example)
    message_id = str(uuid5(NAMESPACE_URL, f"urn:qa-api:example:{name}"))
    at = datetime.fromisoformat(example["timestamp"])
    return body, signed_headers(message_id, at, body, [SECRET])


def _schema(document: Json, reference: Json) -> Json:
    found: Json = document["components"]["schemas"][reference["$ref"].rpartition("/")[2]]
    return found


def _written(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
