"""What a change of the contract means for callers, and that a promise is broken only on purpose."""

import json
from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest

from qa_api.http.promises.changes import changes_between
from qa_api.http.promises.page import REASONS, Step, broken, page, write_page
from qa_api.http.promises.schema_changes import ContractChange, Weight
from qa_api.http.promises.shapes import Json, keep, releases, schema_shape, shape_of
from tests.api import contract

TODAY = date(2026, 11, 30)
TEXT = {"type": "string", "maxLength": 200}


def document(version: str = "1.0.0", **changed: Json) -> Json:
    """A contract of one operation that takes a thing and answers it."""
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ThingIn"}}}}
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    operation = {
        "operationId": "make_thing",
        "x-permission": "thing:make",
        "parameters": [{"name": "team", "in": "query", "required": False, "schema": TEXT}],
        "requestBody": body,
        "responses": {"201": {**answer, "headers": {"ETag": {}}}, "422": {}},
        **changed.get("operation", {}),
    }
    fields = {"name": TEXT, "state": {"enum": ["open", "done"], "type": "string"}}
    schemas = {
        "ThingIn": {"type": "object", "required": ["name"], "properties": deepcopy(fields)},
        "Thing": {"type": "object", "required": ["name", "state"], "properties": fields},
        **changed.get("schemas", {}),
    }
    return {
        "info": {"version": version},
        "paths": {"/v1/things": {"post": operation}},
        "components": {"schemas": schemas},
    }


def thing(component: str, required: list[str], **fields: Json) -> Json:
    """The same contract with other fields of what is sent or answered."""
    schema = {"type": "object", "required": required, "properties": fields}
    return document(schemas={component: schema})


TEAMS: Json = {"name": "team", "in": "query", "required": False}
STATE: Json = {"enum": ["open", "done"], "type": "string"}
OR_NULL: Json = {"anyOf": [TEXT, {"type": "null"}]}
CHANGES: dict[str, tuple[Json, Weight]] = {
    "may be given several times": (
        document(operation={"parameters": [{**TEAMS, "schema": {"type": "array", "items": TEXT}}]}),
        Weight.ADDITIVE,
    ),
    "is new and required in requests": (
        thing("ThingIn", ["name", "why"], name=TEXT, state=STATE, why=TEXT),
        Weight.BREAKING,
    ),
    "is new in requests": (
        thing("ThingIn", ["name"], name=TEXT, state=STATE, why=TEXT),
        Weight.ADDITIVE,
    ),
    "is gone in requests": (thing("ThingIn", ["name"], name=TEXT), Weight.BREAKING),
    "is now required in requests": (
        thing("ThingIn", ["name", "state"], name=TEXT, state=STATE),
        Weight.BREAKING,
    ),
    "can now be null in requests": (
        thing("ThingIn", ["name"], name=OR_NULL, state=STATE),
        Weight.ADDITIVE,
    ),
    "has the maxLength 100 in requests": (
        thing("ThingIn", ["name"], name={**TEXT, "maxLength": 100}, state=STATE),
        Weight.BREAKING,
    ),
    "has the maxLength 300 in requests": (
        thing("ThingIn", ["name"], name={**TEXT, "maxLength": 300}, state=STATE),
        Weight.ADDITIVE,
    ),
    "has another pattern in requests": (
        thing("ThingIn", ["name"], name={**TEXT, "pattern": "^x"}, state=STATE),
        Weight.BREAKING,
    ),
    "can no longer be `done` in requests": (
        thing("ThingIn", ["name"], name=TEXT, state={**STATE, "enum": ["open"]}),
        Weight.BREAKING,
    ),
    "is of another type in answers": (
        thing("Thing", ["name", "state"], name={"type": "integer"}, state=STATE),
        Weight.BREAKING,
    ),
    "is gone in answers": (thing("Thing", ["name"], name=TEXT), Weight.BREAKING),
    "is no longer always there in answers": (
        thing("Thing", ["name"], name=TEXT, state=STATE),
        Weight.BREAKING,
    ),
    "can now be null in answers": (
        thing("Thing", ["name", "state"], name=OR_NULL, state=STATE),
        Weight.BREAKING,
    ),
    "can also be `lost` in answers": (
        thing(
            "Thing", ["name", "state"], name=TEXT, state={**STATE, "enum": [*STATE["enum"], "lost"]}
        ),
        Weight.ADDITIVE,
    ),
    "has another operationId: `create_thing`": (
        document(operation={"operationId": "create_thing"}),
        Weight.BREAKING,
    ),
    "needs the permission `thing:own`": (
        document(operation={"x-permission": "thing:own"}),
        Weight.BREAKING,
    ),
    "query team is gone": (document(operation={"parameters": []}), Weight.BREAKING),
    "query team is now required": (
        document(
            operation={
                "parameters": [{"name": "team", "in": "query", "required": True, "schema": TEXT}]
            }
        ),
        Weight.BREAKING,
    ),
}


@pytest.mark.parametrize(("says", "after", "weight"), [(k, *v) for k, v in CHANGES.items()])
def test_a_change_is_found_and_weighed(says: str, after: Json, weight: Weight) -> None:
    (change,) = changes_between(shape_of(document()), shape_of(after), TODAY)
    assert (change.says, change.weight) == (says, weight)


def test_an_operation_that_goes_breaks_and_one_that_comes_does_not() -> None:
    whole = shape_of(document())
    without = {**whole, "operations": {}}
    (gone,) = changes_between(whole, without, TODAY)
    (new,) = changes_between(without, whole, TODAY)
    assert (gone.says, gone.weight) == ("is gone", Weight.BREAKING)
    assert (new.says, new.weight) == ("is new", Weight.ADDITIVE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"anyOf": [TEXT, {"type": "null"}]}, {**TEXT, "type": ["string", "null"]}),
        ({"const": "open"}, {"enum": ["open"]}),
        ({"type": "string", "description": "Old words."}, {"type": "string", "title": "T"}),
    ],
)
def test_another_way_of_writing_the_same_is_no_change(one: Json, other: Json) -> None:
    assert schema_shape(one) == schema_shape(other)


def test_a_component_that_holds_itself_is_compared_once() -> None:
    reference: Json = {"$ref": "#/components/schemas/Thing"}
    node: Json = {"type": "object", "properties": {"next": reference}}
    longer = deepcopy(node)
    longer["properties"]["why"] = TEXT
    before, after = (shape_of(document(schemas={"Thing": one})) for one in (node, longer))
    (change,) = changes_between(before, after, TODAY)
    assert (change.place, change.says) == ("Thing.why", "is new in answers")


def test_what_is_kept_of_a_release_is_its_shape(tmp_path: Path) -> None:
    for version in ("0.10.0", "0.9.0"):
        keep(shape_of({**contract(), "info": {"version": version}}), tmp_path)
    shapes = releases(tmp_path)
    assert [shape["version"] for shape in shapes] == ["0.9.0", "0.10.0"]
    assert shapes[1] == shape_of({**contract(), "info": {"version": "0.10.0"}})


def test_a_promise_is_broken_with_a_reason_and_never_after_1_0_0(tmp_path: Path) -> None:
    gone = thing("Thing", ["name"], name=TEXT)
    for version, kept in (("0.1.0", []), ("1.0.0", ["breaks what 1.0.0 promised: "])):
        place = tmp_path / version
        place.mkdir()
        keep(shape_of(document(version)), place)
        (said,) = broken(gone, place, TODAY)
        assert said == f"breaks what {version} promised: `Thing.state` is gone in answers"
        reason = f'[["{version}"]]\nwhat = "Thing.state is gone*"\nwhy = "it was never kept"\n'
        (place / REASONS).write_text(reason)
        assert [one.partition("`")[0] for one in broken(gone, place, TODAY)] == kept
        write_page(gone, place, TODAY, check=False)
        page = (place / "CHANGES.md").read_text()
        assert "- **is gone in answers** (it was never kept): `Thing.state`" in page


def test_a_reason_for_nothing_is_a_fault(tmp_path: Path) -> None:
    keep(shape_of(document()), tmp_path)
    (tmp_path / REASONS).write_text(f"[[{json.dumps('1.0.0')}]]\nwhat = 'Thing*'\nwhy = 'x'\n")
    assert broken(document(), tmp_path, TODAY) == [
        "no change since 1.0.0 fits the reason for: Thing*"
    ]


def test_all_places_of_what_breaks_are_named() -> None:
    places = [f"Thing{number:03}.name" for number in range(90)]

    def written(weight: Weight) -> str:
        changes = tuple(ContractChange(weight=weight, place=at, says="is other") for at in places)
        return page({"paths": {}}, [Step(since="0.1.0", version="0.2.0", changes=changes)], [])

    assert all(place in written(Weight.BREAKING) for place in places)
    assert "and 30 more" in written(Weight.ADDITIVE)
