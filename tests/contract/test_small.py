"""The contract says once what many places mean, so that it stays small enough to be read."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from qa_api.http.openapi_small import with_components, with_short_nulls, written
from tests.api import CONTRACT
from tests.contract.document import Json
from tests.spelled import with_choices

SHIPPED: Json = orjson.loads(CONTRACT.read_bytes())
COMPONENTS: Json = SHIPPED["components"]


def operations() -> Iterator[Json]:
    for part in ("paths", "webhooks"):
        for item in SHIPPED[part].values():
            yield from item.values()


def test_every_parameter_is_a_component() -> None:
    given = [each for operation in operations() for each in operation.get("parameters", ())]
    assert len(given) > 800
    assert [each for each in given if set(each) != {"$ref"}] == []


def test_every_header_of_an_answer_is_a_component() -> None:
    answers = [each for operation in operations() for each in operation["responses"].values()]
    answers += COMPONENTS["responses"].values()
    given = [header for answer in answers for header in answer.get("headers", {}).values()]
    assert len(given) > 400
    assert [each for each in given if set(each) != {"$ref"}] == []


@pytest.mark.parametrize("kind", ["parameters", "headers"])
def test_no_two_components_say_the_same_and_each_is_used(kind: str) -> None:
    said = Counter(json.dumps(each, sort_keys=True) for each in COMPONENTS[kind].values())
    assert said.most_common(1)[0][1] == 1
    text = json.dumps(SHIPPED)
    assert [name for name in COMPONENTS[kind] if f'"#/components/{kind}/{name}"' not in text] == []


def test_a_null_beside_a_plain_type_is_a_word() -> None:
    def long(part: Any) -> Iterator[Json]:
        if isinstance(part, dict):
            match part.get("anyOf"):
                case [{"type": kind, **rest}, {"type": "null"}]:
                    if kind != "object" and not {"enum", "const"} & rest.keys():
                        yield part
            for each in part.values():
                yield from long(each)
        elif isinstance(part, list):
            for each in part:
                yield from long(each)

    assert list(long(COMPONENTS["schemas"])) == []
    assert json.dumps(COMPONENTS["schemas"]).count('"null"]') > 500


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]},
        {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
        {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
    ],
)
def test_a_null_beside_a_reference_an_enum_or_a_choice_stays_a_choice(schema: Json) -> None:
    assert with_short_nulls(schema) == schema


def test_what_is_said_of_a_field_stays_beside_its_short_null() -> None:
    long = {
        "properties": {
            "default": {
                "anyOf": [
                    {"type": "string", "maxLength": 3, "description": "In three letters."},
                    {"type": "null"},
                ],
                "description": "A field that is called like a keyword.",
            }
        },
        "examples": [{"anyOf": [{"type": "string"}, {"type": "null"}]}],
    }
    short = with_short_nulls(long)
    assert short["properties"]["default"] == {
        "type": ["string", "null"],
        "maxLength": 3,
        "description": "A field that is called like a keyword. In three letters.",
    }
    assert short["examples"] == long["examples"]
    (spelled, null) = with_choices(short)["properties"]["default"]["anyOf"]
    assert (spelled["type"], spelled["maxLength"], null) == ("string", 3, {"type": "null"})


def test_a_meaning_of_few_places_bears_the_name_of_the_first() -> None:
    def asks(operation_id: str, meaning: str) -> Json:
        state = {"name": "in_state", "in": "query", "description": meaning}
        return {"get": {"operationId": operation_id, "parameters": [state], "responses": {}}}

    small = with_components(
        {
            "paths": {
                "/a": asks("list_a", "A."),
                "/b": asks("list_b", "B."),
                "/c": asks("c", "B."),
            },
            "webhooks": {},
            "components": {"responses": {}},
        }
    )
    assert {
        name: each["description"] for name, each in small["components"]["parameters"].items()
    } == {
        "InState": "B.",
        "ListAInState": "A.",
    }
    assert small["paths"]["/a"]["get"]["parameters"] == [
        {"$ref": "#/components/parameters/ListAInState"}
    ]


def test_it_is_written_for_people_and_says_the_same() -> None:
    text = CONTRACT.read_text()
    assert text == written(SHIPPED) + "\n"
    assert json.loads(text) == SHIPPED
    assert text.count("\n") > 5_000
