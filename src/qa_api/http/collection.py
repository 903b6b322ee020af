"""The contract as a collection of requests for Bruno: a file for each operation, by its tag.

Bruno keeps a collection as plain files, so this one lies beside the contract, is written with it
and is held to it. Whoever opens it names a token and sends what the contract's examples say.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

FOLDER: Final = "collection"
_PROJECT: Final = {
    "version": "1",
    "name": "qa_api",
    "type": "collection",
    "ignore": ["node_modules", ".git"],
}
_SIGNED_IN: Final = """auth {
  mode: bearer
}

auth:bearer {
  token: {{token}}
}
"""
_LOCAL: Final = """vars {
  base: http://localhost:8000
}
vars:secret [
  token
]
"""
_OF_CHANGES: Final = {
    "If-Match": "{{tag}}",
    "If-None-Match": "*",
    "Idempotency-Key": "{{$guid}}",
}
"""What stands in the headers of a change; a tag is set from the answer of a GET."""


def collection(document: Json) -> dict[str, str]:
    """Every file of the collection, by its path in it."""
    files = {
        "bruno.json": json.dumps(_PROJECT, indent=2) + "\n",
        "collection.bru": _SIGNED_IN,
        "environments/local.bru": _LOCAL,
    }
    places: dict[str, int] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            folder = operation["tags"][0]
            places[folder] = places.get(folder, 0) + 1
            name = f"{folder}/{operation['operationId']}.bru"
            parts = _request(method, path, operation, document, places[folder])
            files[name] = "\n".join(parts)
    return files


def write_collection(document: Json, directory: Path, *, check: bool) -> list[str]:
    """Write the collection, or with `check` only say whether it would be otherwise."""
    place = directory / FOLDER
    wanted = collection(document)
    there = {file.relative_to(place).as_posix() for file in place.rglob("*") if file.is_file()}
    gone = sorted(there - wanted.keys())
    differing = [name for name in sorted(wanted) if _text_of(place / name) != wanted[name]]
    if not check:
        for name in gone:
            (place / name).unlink()
        for name in differing:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(wanted[name], "utf-8")
    return [FOLDER] if gone or differing else []


def _text_of(file: Path) -> str | None:
    return file.read_text("utf-8") if file.is_file() else None


def _request(method: str, path: str, operation: Json, document: Json, place: int) -> Iterator[str]:
    parameters = [_found(one, document) for one in operation.get("parameters", ())]
    asked = {where: [one for one in parameters if one["in"] == where] for where in _PLACES}
    body = _body_of(operation, document)
    told = f"meta {{\n  name: {operation['operationId']}\n  type: http\n  seq: {place}\n}}\n"
    yield told
    url = path.replace("{", ":").replace("}", "")
    kind = "json" if body is not None else "none"
    yield f"{method} {{\n  url: {{{{base}}}}{url}\n  body: {kind}\n  auth: inherit\n}}\n"
    for where, block in _PLACES.items():
        lines = [_given(one, document) for one in asked[where]]
        if body is not None and where == "header":
            lines.insert(0, f"Content-Type: {body[0]}")
        if lines:
            yield _block(block, lines)
    if body is not None:
        text = json.dumps(body[1], indent=2, ensure_ascii=False)
        yield _block("body:json", text.splitlines())
    yield _block("docs", [line for line in operation["description"].splitlines() if line])


_PLACES: Final = {"query": "params:query", "path": "params:path", "header": "headers"}


def _block(name: str, lines: list[str]) -> str:
    inside = "\n".join(f"  {line}" for line in lines)
    return f"{name} {{\n{inside}\n}}\n"


def _given(parameter: Json, document: Json) -> str:
    """A parameter with a value to begin with; one that may be left out is switched off."""
    name = parameter["name"]
    value = _OF_CHANGES.get(name) if parameter["in"] == "header" else None
    if value is None:
        value = _value_of(parameter, document)
    off = "" if parameter.get("required") else "~"
    return f"{off}{name}: {value}"


def _value_of(parameter: Json, document: Json) -> str:
    schema = _found(parameter["schema"], document)
    schema = _found(schema.get("items", schema), document)
    for shown in (parameter.get("example"), *schema.get("examples", ()), schema.get("default")):
        if shown is not None:
            return json.dumps(shown) if isinstance(shown, dict | list | bool) else str(shown)
    return str(schema["enum"][0]) if "enum" in schema else ""


def _body_of(operation: Json, document: Json) -> tuple[str, Any] | None:
    """The media type and an example of the body; None where the operation takes none."""
    content = _found(operation.get("requestBody", {}), document).get("content", {})
    for kind, said in content.items():
        shown = [one["value"] for one in said.get("examples", {}).values()]
        return kind, shown[0] if shown else _example_of(said["schema"], document)
    return None


def _example_of(schema: Json, document: Json) -> Any:
    """The first example of a schema, of its items or of the first thing that it may be."""
    schema = _found(schema, document)
    if schema.get("examples"):
        return schema["examples"][0]
    if "items" in schema:
        return [_example_of(schema["items"], document)]
    for alternative in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        return _example_of(alternative, document)
    return {}


def _found(part: Json, document: Json) -> Json:
    """What a reference names."""
    if "$ref" not in part:
        return part
    found: Any = document
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return _found(found, document)
