"""Examples in the contract: small ones stand in the code, whole resources are files of `data`.

FastAPI leaves nulls out of examples on its way. A reader must see that a field is there and null,
and a validator refuses the example otherwise, so they are put back.
"""

import json
from importlib.resources import files
from typing import Any

Json = dict[str, Any]


def give_examples(schemas: Json) -> None:
    """Complete the examples of every component, and give rows of lists those of their resource."""
    for file in files("qa_api.data").joinpath("examples").iterdir():
        name = file.name.removesuffix(".json")
        if name in schemas:
            schemas[name]["examples"] = [json.loads(file.read_text("utf-8"))]
    _restore_nulls(schemas)
    for name, schema in schemas.items():
        if name.endswith("Row") and "examples" not in schema:
            whole = schemas.get(name.removesuffix("Row") + "Out", {}).get("examples", ())
            fields = schema["properties"].keys()
            shown = [{name: one[name] for name in fields} for one in whole if fields <= one.keys()]
            if shown:
                schema["examples"] = shown


def give_body_examples(content: Json, schemas: Json) -> None:
    """Show the body of a request that may be one of several components: one example of each."""
    schema = content["schema"]
    choices = schema.get("items", schema).get("anyOf", ())
    shown = {
        name: {"value": schemas[name]["examples"][0]}
        for name in (choice.get("$ref", "").rpartition("/")[2] for choice in choices)
        if schemas.get(name, {}).get("examples")
    }
    if "items" in schema and shown:
        shown = {"several": {"value": [each["value"] for each in shown.values()]}}
    if shown:
        content["examples"] = shown


def _restore_nulls(schemas: Json) -> None:
    """Put back, in every example of every component, the required fields that are null."""
    for schema in schemas.values():
        if "examples" in schema:
            schema["examples"] = [
                _with_nulls(example, schema, schemas) for example in schema["examples"]
            ]
        for part in schema.get("properties", {}).values():
            if "examples" in part:
                part["examples"] = [
                    _with_nulls(example, part, schemas) for example in part["examples"]
                ]


def _with_nulls(value: Any, schema: Json, schemas: Json) -> Any:
    """The value with its nulls, as far as the schema tells where they belong."""
    schema = _of_value(schema, schemas)
    if isinstance(value, list):
        return [_with_nulls(item, schema.get("items", {}), schemas) for item in value]
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    required = schema.get("required", ())
    return {
        name: _with_nulls(value[name], part, schemas) if name in value else None
        for name, part in schema["properties"].items()
        if name in value or (name in required and _may_be_null(part))
    } | {name: found for name, found in value.items() if name not in schema["properties"]}


def _of_value(schema: Json, schemas: Json) -> Json:
    """The schema itself, behind a reference and beside a null."""
    if "anyOf" in schema:
        parts = [part for part in schema["anyOf"] if part.get("type") != "null"]
        return _of_value(parts[0], schemas) if len(parts) == 1 else schema
    if "$ref" in schema:
        found: Json = schemas[schema["$ref"].rpartition("/")[2]]
        return _of_value(found, schemas)
    return schema


def _may_be_null(schema: Json) -> bool:
    return {"type": "null"} in schema.get("anyOf", ())
