"""What every operation of the contract must say. A new route is held to all of it by itself."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from fastapi.routing import APIRoute

from qa_api.app import create_app
from qa_api.auth.roles import ROLE_PERMISSIONS, Permission
from qa_api.http.openapi_tags import TAGS
from qa_api.settings import Settings
from tests.api import contract
from tests.contract.document import METHODS, Operation, operations, resolved

PUBLIC = {"get_health", "get_readiness", "get_version"}
"""What anyone may call without a token; everything else is guarded."""

WHO_MAY_BE_REFUSED = {"401", "403"}
EVERYWHERE = {"429", "500"}

every_operation = pytest.mark.parametrize("operation", operations(), ids=str)


@every_operation
def test_it_is_guarded_or_public_on_purpose(operation: Operation) -> None:
    guarded = operation.content["security"] == [{"bearer": []}]
    assert guarded != (str(operation) in PUBLIC)
    assert guarded == (operation.permission is not None)


@every_operation
def test_its_permission_is_held_by_a_role(operation: Operation) -> None:
    if operation.permission is not None:
        permission = Permission(operation.permission)
        assert any(permission in held for held in ROLE_PERMISSIONS.values())


@every_operation
def test_it_declares_the_refusals_that_can_come_from_anywhere(operation: Operation) -> None:
    declared = set(operation.content["responses"])
    assert declared >= EVERYWHERE
    if operation.permission is not None:
        assert declared >= WHO_MAY_BE_REFUSED


@every_operation
def test_whatever_else_is_answered_is_a_problem(operation: Operation) -> None:
    answer = resolved(operation.content["responses"]["default"])
    (media_type,) = answer["content"]
    assert media_type == "application/problem+json"
    assert answer["content"][media_type]["schema"]["$ref"].endswith("/Problem")


@every_operation
def test_every_answer_may_name_the_origin_of_a_page(operation: Operation) -> None:
    for answer in map(resolved, operation.content["responses"].values()):
        told = answer["headers"]
        assert told["X-Correlation-ID"]["required"]
        assert not told["Access-Control-Allow-Origin"].get("required")


@every_operation
def test_a_body_has_an_example(operation: Operation) -> None:
    for content in operation.content.get("requestBody", {}).get("content", {}).values():
        assert content.get("examples") or resolved(content["schema"])["examples"]


@every_operation
def test_it_declares_what_bad_input_gets(operation: Operation) -> None:
    declared = set(operation.content["responses"])
    if operation.content.get("parameters"):
        assert "422" in declared
    if "requestBody" in operation.content:
        assert declared >= {"400", "408", "413", "415", "422"}


@every_operation
def test_every_refusal_is_a_problem_or_has_no_body(operation: Operation) -> None:
    for status, response in operation.content["responses"].items():
        if status >= "400" and "$ref" not in response:
            assert set(response.get("content", {})) <= {"application/problem+json"}


@every_operation
def test_a_body_has_one_media_type(operation: Operation) -> None:
    body = operation.content.get("requestBody")
    if body is not None:
        assert len(body["content"]) == 1


@every_operation
def test_it_says_what_it_does_and_what_its_parameters_mean(operation: Operation) -> None:
    assert operation.content["description"].split("\n\nNeeds")[0].strip()
    silent = [p["name"] for p in operation.content.get("parameters", ()) if not p["description"]]
    assert not silent, f"{operation}: say in http/parameters.py what these mean: {silent}"


@every_operation
def test_it_has_one_tag_that_is_explained(operation: Operation) -> None:
    (tag,) = operation.content["tags"]
    assert tag in TAGS


@every_operation
def test_its_path_is_written_as_all_paths_are(operation: Operation) -> None:
    for segment in operation.path.strip("/").split("/"):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*|\{[a-z]+(_[a-z]+)*\}", segment)
    assert operation.permission is None or operation.path.startswith("/v1/")


@every_operation
def test_names_in_the_query_are_snake_case(operation: Operation) -> None:
    for parameter in operation.content.get("parameters", ()):
        if parameter["in"] != "header":
            assert re.fullmatch(r"[a-z]+(_[a-z]+)*", parameter["name"])


@every_operation
def test_a_list_answers_items_and_the_next_cursor(operation: Operation) -> None:
    if not str(operation).startswith("list_"):
        return
    answer = operation.answer
    assert list(answer["properties"]) == ["items", "next_cursor"] == answer["required"]
    asked = {parameter["name"] for parameter in operation.content["parameters"]}
    assert asked >= {"limit", "cursor"}


@every_operation
def test_only_lists_answer_pages(operation: Operation) -> None:
    if "next_cursor" in operation.answer.get("properties", {}):
        assert str(operation).startswith("list_")


@every_operation
def test_a_create_takes_a_key_and_tells_where(operation: Operation) -> None:
    created = operation.content["responses"].get("201")
    if created is None or operation.method != "post":
        return
    assert {"Location", "ETag"} <= set(created["headers"])
    (key,) = [p for p in operation.content["parameters"] if p["name"] == "Idempotency-Key"]
    assert key["required"]


@every_operation
def test_a_replacement_is_conditional(operation: Operation) -> None:
    if operation.method in {"put", "patch", "delete"}:
        assert {"412", "428"} <= set(operation.content["responses"])
        assert "If-Match" in {p["name"] for p in operation.content["parameters"]}


@pytest.mark.long
def test_operation_ids_are_unique_and_the_names_of_their_functions() -> None:
    declared = [str(operation) for operation in operations()]
    assert len(set(declared)) == len(declared)
    assert sorted(declared) == sorted(route.endpoint.__name__ for route in _routes(shown=True))


def test_the_contract_declares_exactly_what_is_served() -> None:
    served = {
        (route.path_format, method.lower())
        for route in _routes(shown=True)
        for method in route.methods or ()
    }
    assert {(operation.path, operation.method) for operation in operations()} == served
    assert {method for _, method in served} <= METHODS


def test_what_is_served_beside_the_contract_is_public_and_short() -> None:
    beside = {route.path_format for route in _routes(shown=False)}
    known = {"/", "/openapi.json", "/metrics", "/problems", "/problems/{slug}", "/docs"}
    # SCIM has a contract of its own.
    assert {path for path in beside if not path.startswith(("/docs/", "/scim/v2/"))} == known


def test_every_tag_is_used() -> None:
    used = {operation.content["tags"][0] for operation in operations()}
    assert used == {tag["name"] for tag in contract()["tags"]}


def _routes(*, shown: bool) -> Iterator[APIRoute]:
    """The application's own routes; FastAPI keeps those of routers inside of these."""
    app = create_app(Settings(environment="development"))
    for route in _leaves(app.routes):
        if route.include_in_schema == shown:
            yield route


def _leaves(routes: Sequence[Any]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from _leaves(getattr(route, "original_router", route).routes)
