"""Walking the contract: its operations, its schemas, and where in the document they stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.api import contract

Json = dict[str, Any]
METHODS = frozenset({"get", "post", "put", "patch", "delete"})


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    path: str
    method: str
    content: Json

    def __str__(self) -> str:
        return str(self.content["operationId"])

    @property
    def permission(self) -> str | None:
        """The permission it needs; None where anyone may call it."""
        named: str | None = self.content.get("x-permission")
        return named

    @property
    def answer(self) -> Json:
        """The schema of what it answers when all is well, without references at its top."""
        return resolved(self._answer)

    @property
    def answer_name(self) -> str | None:
        """The component that this schema is, if it is one."""
        return self._answer.get("$ref", "").rpartition("/")[2] or None

    @property
    def _answer(self) -> Json:
        status = min(status for status in self.content["responses"] if status.startswith("2"))
        content = self.content["responses"][status].get("content", {})
        schema: Json = content.get("application/json", {}).get("schema", {})
        return schema


def operations() -> list[Operation]:
    """Every operation that the contract declares."""
    return [
        Operation(path, method, content)
        for path, item in contract()["paths"].items()
        for method, content in item.items()
    ]


def resolved(schema: Json) -> Json:
    """The schema that a reference names."""
    if "$ref" not in schema:
        return schema
    found: Json = contract()
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return resolved(found)


def schemas() -> Iterator[tuple[str, Json]]:
    """Every schema of the contract, however deep, with its place."""
    for name, schema in contract()["components"]["schemas"].items():
        yield from _within(schema, name)
    for operation in operations():
        for parameter in operation.content.get("parameters", ()):
            yield from _within(parameter["schema"], f"{operation} {parameter['name']}")
        for status, response in operation.content["responses"].items():
            for name, header in resolved(response).get("headers", {}).items():
                yield from _within(header["schema"], f"{operation} {status} {name}")


def _within(schema: Json, place: str) -> Iterator[tuple[str, Json]]:
    yield place, schema
    for name, part in schema.get("properties", {}).items():
        yield from _within(part, f"{place}.{name}")
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _within(schema[keyword], f"{place}[]")
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for part in schema.get(keyword, ()):
            yield from _within(part, place)
