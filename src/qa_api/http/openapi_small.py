"""The contract made small: what many places say is said once, and a null costs one word.

A parameter, and a header of answers, is a component to which each place refers. It bears the name
of the header or parameter. Where one name has several meanings, that of most places has it alone,
and each other has the first place that uses it before the name (`ListAuditsState`).
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from qa_api.http.openapi_headers import Json

_PLAIN: Final = frozenset({"string", "integer", "number", "boolean", "array"})
"""The types that every client generator we generate with reads beside null in one list."""
_OF_VALUES: Final = frozenset({"const", "default", "enum", "example", "examples"})
"""Keywords of a schema whose values are no schemas."""
_WIDTH: Final = 120  # characters


def with_components(document: Json) -> Json:
    """The document, with each distinct parameter and header of answers once, as a component."""
    components = document["components"]
    parameters, headers = _Shared("parameters"), _Shared("headers")
    for operation in _operations(document):
        place = operation["operationId"]
        if "parameters" in operation:
            operation["parameters"] = [
                parameters.refer(_pascal(each["name"]), place, each)
                for each in operation["parameters"]
            ]
        for response in operation["responses"].values():
            _share_headers(response, place, headers)
    for name, response in components["responses"].items():
        _share_headers(response, name, headers)
    return document | {
        "components": components | {"parameters": parameters.named(), "headers": headers.named()}
    }


class _Shared:
    """Components of one kind: what was met so far, and how often."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._known: dict[str, dict[str, _Meaning]] = defaultdict(dict)

    def refer(self, name: str, place: str, content: Json) -> Json:
        """What stands in the place of this from now on; `named` writes where it leads."""
        meaning = self._known[name].setdefault(json.dumps(content), _Meaning(place, content))
        meaning.places += 1
        return meaning.reference

    def named(self) -> Json:
        """The components by their names, once all have been met."""
        found: Json = {}
        for name, meanings in self._known.items():
            total = sum(meaning.places for meaning in meanings.values())
            for meaning in meanings.values():
                first = "" if 2 * meaning.places > total else _pascal(meaning.first)
                meaning.reference["$ref"] = f"#/components/{self._kind}/{first}{name}"
                if found.setdefault(first + name, meaning.content) is not meaning.content:
                    raise ValueError(f"two components would be named {first}{name}")
        return dict(sorted(found.items()))


class _Meaning:
    """One of the meanings of a name."""

    def __init__(self, first: str, content: Json) -> None:
        self.first, self.content, self.places = first, content, 0
        self.reference: Json = {}


def _share_headers(response: Json, place: str, headers: _Shared) -> None:
    if "headers" in response:
        response["headers"] = {
            name: headers.refer(name, place, header) for name, header in response["headers"].items()
        }


def _operations(document: Json) -> Iterator[Json]:
    for part in ("paths", "webhooks"):
        for item in document[part].values():
            yield from item.values()


def _pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[-_]", name))


def with_short_nulls(schema: Json) -> Json:
    """The schema, with `type: [T, "null"]` for `anyOf: [{type: T}, {type: "null"}]`.

    Only for plain types: generators disagree about a null beside a reference or an enum.
    """
    match schema.get("anyOf"):
        case [{"type": str() as kind}, {"type": "null"}] if kind in _PLAIN:
            schema = _in_short(schema)
    return {key: _short_within(key, value) for key, value in schema.items()}


def _in_short(schema: Json) -> Json:
    kind: Json = schema["anyOf"][0]
    if {"enum", "const"} & kind.keys():
        return schema
    said = {key: value for key, value in schema.items() if key != "anyOf"}
    short = {**kind, **said, "type": [kind["type"], "null"]}
    if "description" in said and "description" in kind:
        short["description"] = f"{said['description']} {kind['description']}"
    return short


def _short_within(keyword: str, value: Any) -> Any:
    if keyword == "properties":
        return {name: with_short_nulls(part) for name, part in value.items()}
    if keyword in _OF_VALUES:
        return value
    if isinstance(value, list):
        return [with_short_nulls(part) if isinstance(part, dict) else part for part in value]
    return with_short_nulls(value) if isinstance(value, dict) else value


def written(value: Any, indent: str = "") -> str:
    """JSON as people compare it: whatever fits on a line stands on one."""
    text = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(text) <= _WIDTH or not isinstance(value, dict | list):
        return text
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {written(part, inner)}" for key, part in value.items()]
        opening, closing = "{}"
    else:
        parts = [written(part, inner) for part in value]
        opening, closing = "[]"
    lines = f",\n{inner}".join(parts)
    return f"{opening}\n{inner}{lines}\n{indent}{closing}"
