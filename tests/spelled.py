"""The contract spelled out: what it refers to in its place, and each null as a choice of its own.

It ships small: parameters and headers are components, a null is a word in a list of types. Who
walks it wants to find each where it counts. The tests of its smallness read it as it ships.
"""

from typing import Any, Final

Json = dict[str, Any]
_OF_VALUES: Final = frozenset({"const", "default", "enum", "example", "examples"})
_BESIDE: Final = frozenset({"default", "examples", "deprecated"})
"""What is said of a field, whatever it holds."""

_MAY_BE_BLANK: Final = 0
"""The least length of what case systems may leave blank, which is as good as null."""


def spelled_out(document: Json) -> Json:
    """The same contract in its long form."""
    components = document["components"]
    for part in ("paths", "webhooks"):
        for item in document[part].values():
            for operation in item.values():
                _put_in_place(operation, components)
    for response in components["responses"].values():
        _put_headers_in_place(response, components)
    for name, schema in components["schemas"].items():
        components["schemas"][name] = with_choices(schema)
    return document


def _put_in_place(operation: Json, components: Json) -> None:
    if "parameters" in operation:
        operation["parameters"] = [
            _found(each, components.get("parameters", {})) for each in operation["parameters"]
        ]
    for response in operation["responses"].values():
        _put_headers_in_place(response, components)


def _put_headers_in_place(response: Json, components: Json) -> None:
    for name, header in response.get("headers", {}).items():
        response["headers"][name] = _found(header, components.get("headers", {}))


def _found(part: Json, components: Json) -> Json:
    if "$ref" not in part:
        return part  # as contracts of older releases have it
    found: Json = components[part["$ref"].rpartition("/")[2]]
    return found


def with_choices(schema: Json) -> Json:
    """A schema with `anyOf` for each list of types."""
    kinds = schema.get("type")
    if isinstance(kinds, list) and schema.get("minLength") != _MAY_BE_BLANK:
        kind, null = kinds
        inner = {key: part for key, part in schema.items() if key not in _BESIDE}
        beside = {key: part for key, part in schema.items() if key in {*_BESIDE, "description"}}
        return {"anyOf": [with_choices(inner | {"type": kind}), {"type": null}], **beside}
    return {key: _within(key, part) for key, part in schema.items()}


def _within(keyword: str, part: Any) -> Any:
    if keyword == "properties":
        return {name: with_choices(each) for name, each in part.items()}
    if keyword in _OF_VALUES:
        return part
    if isinstance(part, list):
        return [with_choices(each) if isinstance(each, dict) else each for each in part]
    return with_choices(part) if isinstance(part, dict) else part
