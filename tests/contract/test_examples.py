"""Nobody has to guess what a field looks like: the contract shows each that may be left out."""

from collections.abc import Iterator
from typing import Any

from tests.api import contract
from tests.contract.document import Json


def test_every_optional_field_is_in_an_example() -> None:
    components = contract()["components"]["schemas"]
    shown = {
        place for schema, example in examples() for place in fields_in(example, schema, components)
    }
    optional = {
        (name, field)
        for name, component in components.items()
        for field in component.get("properties", {})
        if field not in component.get("required", ())
    }

    assert len(optional) > 100
    assert not sorted(optional - shown)


def examples() -> Iterator[tuple[Json, Any]]:
    """Each example of the contract, of a component or of a refusal, with its schema."""
    components = contract()["components"]
    for name, component in components["schemas"].items():
        for example in component.get("examples", ()):
            yield {"$ref": f"#/components/schemas/{name}"}, example
    for response in components["responses"].values():
        for content in response.get("content", {}).values():
            for example in content.get("examples", {}).values():
                yield content["schema"], example["value"]


def fields_in(value: Any, schema: Json, components: Json) -> Iterator[tuple[str, str]]:
    """The fields that a value has, however deep inside, each with the component it belongs to."""
    for name, fields in objects_of(schema, components):
        for field in fields.keys() & (value.keys() if isinstance(value, dict) else ()):
            yield name, field
            yield from fields_in(value[field], fields[field], components)
    for part in value if isinstance(value, list) else ():
        yield from fields_in(part, array_of(schema), components)
    if isinstance(value, dict) and isinstance(more := schema.get("additionalProperties"), dict):
        for part in value.values():
            yield from fields_in(part, more, components)


def objects_of(schema: Json, components: Json) -> Iterator[tuple[str, Json]]:
    """The components that a schema may be, each with its fields."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield name, components[name].get("properties", {})
        schema = components[name]
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from objects_of(choice, components)


def array_of(schema: Json) -> Json:
    """What a list holds, also where it may be null instead."""
    if "items" in schema:
        items: Json = schema["items"]
        return items
    return next((array_of(one) for one in schema.get("anyOf", ()) if "items" in one), {})
