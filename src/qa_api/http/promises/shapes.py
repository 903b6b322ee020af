"""The shape of a contract: what its callers rely on, without words and examples.

Two ways of writing the same thing are one shape: a null in `anyOf` or in a list of types, a
parameter in its place or as a component. So a shape is what is kept of a release, and what the next
one is compared with.
"""

import json
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

RELEASED: Final = "released"
"""The folder beside the contract that has the shape of every release."""

KEPT: Final = frozenset(
    {"format", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"}
)
"""The keywords of a schema that are compared as they are."""


def shape_of(document: Json) -> Json:
    """The shape of a whole contract."""
    operations = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            operations[f"{method.upper()} {path}"] = _operation(operation, document)
    schemas = document["components"]["schemas"]
    return {
        "version": document["info"]["version"],
        "operations": dict(sorted(operations.items())),
        "webhooks": {
            name: schema_shape(_body(webhook["post"], document)["application/json"])
            for name, webhook in sorted(document.get("webhooks", {}).items())
        },
        "schemas": {name: schema_shape(schema) for name, schema in sorted(schemas.items())},
    }


def _operation(operation: Json, document: Json) -> Json:
    parameters = [_resolved(one, document) for one in operation.get("parameters", ())]
    shape: Json = {
        "id": operation["operationId"],
        "permission": operation.get("x-permission"),
        "parameters": {
            f"{one['in']} {one['name']}": {
                "required": one.get("required", False),
                "schema": schema_shape(one["schema"]),
            }
            for one in sorted(parameters, key=lambda one: (one["in"], one["name"]))
        },
        "body": {kind: schema_shape(said) for kind, said in _body(operation, document).items()},
        "answers": {},
        "refusals": [],
    }
    if operation.get("deprecated"):
        shape["sunset"] = operation["x-sunset"]
    for status, said in sorted(operation["responses"].items()):
        if status[0] in "23":
            shape["answers"][status] = _answer(_resolved(said, document))
        else:
            shape["refusals"].append(status)
    return shape


def _body(operation: Json, document: Json) -> Json:
    body = _resolved(operation.get("requestBody", {}), document)
    return {kind: said["schema"] for kind, said in body.get("content", {}).items()}


def _answer(response: Json) -> Json:
    return {
        "headers": sorted(response.get("headers", {})),
        "content": {
            kind: schema_shape(said.get("schema", {}))
            for kind, said in response.get("content", {}).items()
        },
    }


def _resolved(part: Json, document: Json) -> Json:
    if "$ref" not in part:
        return part
    found: Any = document
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return _resolved(found, document)


def schema_shape(schema: Any) -> Json:
    """The shape of one schema; of another component it is only its name."""
    if not isinstance(schema, dict):
        return {}
    if "$ref" in schema:
        return {"of": schema["$ref"].rpartition("/")[2]}
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return _union(schema[union])
    shape = _plain(schema)
    if "items" in schema:
        shape["items"] = schema_shape(schema["items"])
    if "properties" in schema:
        required = schema.get("required", ())
        shape["fields"] = {
            name: {"required": name in required, "schema": schema_shape(part)}
            for name, part in schema["properties"].items()
        }
    if schema.get("additionalProperties") not in (None, False):
        shape["others"] = schema_shape(schema["additionalProperties"])
    return shape


def _plain(schema: Json) -> Json:
    """Type, bounds and values: what is said of a value that is not looked into."""
    types = schema.get("type", [])
    types = {types} if isinstance(types, str) else set(types)
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    shape: Json = {name: schema[name] for name in sorted(KEPT & schema.keys())}
    if types - {"null"}:
        shape["types"] = sorted(types - {"null"})
    if "null" in types or (values and None in values):
        shape["null"] = True
    if values is not None:
        shape["values"] = [value for value in values if value is not None]
    return shape


def _union(parts: list[Json]) -> Json:
    shapes = [schema_shape(part) for part in parts if part.get("type") != "null"]
    shape = shapes[0] if len(shapes) == 1 else {"any": shapes}
    return {**shape, "null": True} if len(shapes) < len(parts) else shape


def keep(shape: Json, directory: Path) -> Path:
    """Keep the shape of a release for ever; a line for each operation and schema."""
    file = directory / RELEASED / f"{shape['version']}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    groups = []
    for group in ("operations", "webhooks", "schemas"):
        lines = [f"{json.dumps(name)}: {json.dumps(part)}" for name, part in shape[group].items()]
        groups.append(f'"{group}": {{\n' + ",\n".join(lines) + "\n}")
    version = f'"version": {json.dumps(shape["version"])}'
    file.write_text("{" + ",\n".join([version, *groups]) + "}\n")
    return file


def releases(directory: Path) -> list[Json]:
    """The shapes of all releases, oldest first."""
    shapes = [json.loads(file.read_text()) for file in (directory / RELEASED).glob("*.json")]
    return sorted(shapes, key=lambda shape: numbers_of(shape["version"]))


def numbers_of(version: str) -> tuple[int, ...]:
    """`0.10.0` comes after `0.9.0`."""
    return tuple(int(part) for part in version.split("."))
