"""What every schema of the contract must say: input is bounded by it, clients generated from it."""

import re
from collections import Counter
from importlib.resources import files

import pytest
from jsonschema_rs import Draft202012, Draft202012Validator, Registry

from tests.api import BASE, contract
from tests.contract.document import Json, operations, schemas

EVERY_SCHEMA = list(schemas())
INTEGERS = {"int32": 2**31, "int64": 2**63}


def of_type(name: str) -> list[tuple[str, Json]]:
    return [(place, schema) for place, schema in EVERY_SCHEMA if schema.get("type") == name]


def test_the_walk_sees_the_whole_document() -> None:
    seen = Counter(place.partition(".")[0] for place, _ in EVERY_SCHEMA)
    assert set(seen) >= set(contract()["components"]["schemas"])
    assert len(of_type("string")) > 200


def test_every_string_has_a_length() -> None:
    unbounded = [
        place
        for place, schema in of_type("string")
        if "maxLength" not in schema and "enum" not in schema and "const" not in schema
    ]
    assert not unbounded


def test_every_array_has_a_length_and_says_of_what() -> None:
    unbounded = [
        place
        for place, schema in of_type("array")
        if "maxItems" not in schema or not ({"items", "prefixItems"} & set(schema))
    ]
    assert not unbounded


def test_every_whole_number_has_a_format_and_bounds_within_it() -> None:
    unbounded = [
        place
        for place, schema in of_type("integer")
        if not {"format", "minimum", "maximum"} <= set(schema)
        or not -INTEGERS[schema["format"]] <= schema["minimum"] <= schema["maximum"]
        or schema["maximum"] >= INTEGERS[schema["format"]]
    ]
    assert not unbounded


def test_every_number_has_bounds() -> None:
    unbounded = [
        place
        for place, schema in of_type("number")
        if not {"format", "minimum", "maximum"} <= set(schema)
    ]
    assert not unbounded


OTHERS = {"CaseEventOut.message", "ConflictOut.message"}
"""Others' documents, handed on as they are: their form is not ours to say."""


def test_no_object_is_open_without_bounds() -> None:
    """A map says of what and how many."""
    open_maps = [
        place
        for place, schema in of_type("object")
        if "properties" not in schema
        and not (isinstance(schema.get("additionalProperties"), dict) and "maxProperties" in schema)
        and place not in OTHERS
    ]
    assert not open_maps


def test_nothing_is_null_by_default() -> None:
    assert not [place for place, schema in EVERY_SCHEMA if schema.get("default", 0) is None]


def test_what_is_answered_has_no_defaults_and_leaves_nothing_out() -> None:
    for name, schema in contract()["components"]["schemas"].items():
        if name.endswith(("Out", "Row", "Page")):
            assert set(schema["required"]) == set(schema["properties"]), name
            assert not [p for p in schema["properties"].values() if "default" in p], name


def test_what_is_sent_may_hold_nothing_undeclared() -> None:
    for name in _bodies():
        assert contract()["components"]["schemas"][name]["additionalProperties"] is False, name


def _bodies() -> set[str]:
    """The components that requests hold, however deep; events of case systems may say more."""
    text = [
        str(content["requestBody"])
        for path, item in contract()["paths"].items()
        for content in item.values()
        if "requestBody" in content and not path.startswith("/v1/case-events")
    ]
    found: set[str] = set()
    while text:
        for name in re.findall(r"#/components/schemas/(\w+)", text.pop()):
            schema = contract()["components"]["schemas"][name]
            if name not in found:
                found.add(name)
                text.append(str(schema))
    return {
        name for name in found if contract()["components"]["schemas"][name].get("type") == "object"
    }


def test_a_component_is_the_same_for_reading_and_writing() -> None:
    names = set(contract()["components"]["schemas"])
    assert not [name for name in names if name.endswith(("-Input", "-Output"))]
    assert not [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)]


OTHERS_NAMES = {"TableSchemaOut.primaryKey", "TableSchemaOut.missingValues"}
"""Names that a specification of others gives, without which its tools would not read the answer."""


def test_properties_are_snake_case() -> None:
    for place, schema in of_type("object"):
        for name in schema.get("properties", {}):
            if f"{place}.{name}" in OTHERS_NAMES:
                continue
            assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name), f"{place}.{name}"


def test_components_are_explained() -> None:
    silent = [
        name
        for name, schema in contract()["components"]["schemas"].items()
        if not schema.get("description") and not name.endswith("Page")
    ]
    assert not silent


@pytest.mark.parametrize("keyword", ["If-Match", "If-None-Match"])
def test_entity_tags_have_no_pattern(keyword: str) -> None:
    """Generators check a pattern against one tag and then refuse lists and weak tags."""
    for place, schema in EVERY_SCHEMA:
        if place.endswith(keyword):
            assert "pattern" not in schema


def test_every_example_is_a_good_one() -> None:
    known = Registry([(BASE, contract())], draft=Draft202012)
    for name, schema in contract()["components"]["schemas"].items():
        validator = Draft202012Validator(
            {"$ref": f"{BASE}#/components/schemas/{name}"}, registry=known, validate_formats=True
        )
        for example in schema.get("examples", ()):
            assert not [error.message for error in validator.iter_errors(example)], name


def test_whole_resources_have_an_example() -> None:
    answered = {str(operation.answer_name) for operation in operations()} - {"None"}
    components = contract()["components"]["schemas"]
    silent = [
        name
        for name in sorted(answered)
        if not name.endswith("Page") and "examples" not in components[name]
    ]
    assert not silent


def test_rows_of_lists_have_an_example() -> None:
    components = contract()["components"]["schemas"]
    silent = [
        row
        for name, page in components.items()
        if name.endswith("Page")
        and "examples" not in components[row := page["properties"]["items"]["items"]["$ref"][21:]]
    ]
    assert not silent


def test_every_example_in_a_file_is_of_a_component() -> None:
    written = {file.name for file in files("qa_api.data").joinpath("examples").iterdir()}
    assert written <= {f"{name}.json" for name in contract()["components"]["schemas"]}
