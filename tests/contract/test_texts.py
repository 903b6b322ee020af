"""Every text that a request can hold follows the one rule, and nobody is shown a pattern."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from qa_api.case_events import messages
from qa_api.values.faults import in_our_words
from qa_api.values.fields import Input
from qa_api.values.text import SENT, TYPED
from tests.api import contract
from tests.contract.document import Json, operations, resolved, schemas

# What case systems call things, in their events and in our directory: never changed.
NAMED_BY_MACHINES: Final = frozenset({"CalledIn", "ChildIn"})
RULES: Final = (TYPED, SENT)


def every_input(kind: type[BaseModel] = Input) -> Iterator[type[BaseModel]]:
    for model in kind.__subclasses__():
        yield model
        yield from every_input(model)


OURS: Final = [each for each in every_input() if each.__module__.startswith("qa_api.")]
MODELS: Final = {model.__name__: model for model in OURS}


def strings(schema: Json, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    """The strings that a property can hold, each with the way to it; other objects end the walk."""
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if "$ref" not in part:
            yield from strings(part, place)
    if schema.get("type") == "string":
        yield place, schema
    if schema.get("type") == "array" and "$ref" not in schema["items"]:
        yield from strings(schema["items"], (*place, "[]"))


def bodies() -> set[str]:
    """The components that a request body consists of."""
    found: set[str] = set()

    def visit(schema: Any) -> None:
        if isinstance(schema, list):
            for part in schema:
                visit(part)
        elif isinstance(schema, dict):
            name = str(schema.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                visit(resolved(schema))
            for part in schema.values():
                visit(part)

    for operation in operations():
        visit(operation.content.get("requestBody", {}))
    return found


def fields() -> Iterator[tuple[str, str, tuple[str, ...], Json]]:
    """Every string of every request body: its component, its field, the way to it, its schema."""
    components = contract()["components"]["schemas"]
    for name in sorted(bodies()):
        for field, schema in components[name].get("properties", {}).items():
            for place, string in strings(schema):
                if not {"format", "enum", "const"} & string.keys():
                    yield name, field, place, string


# What somebody wrote in a case system, and what a published file says beside its days: nobody who
# sends it is ever blocked by it.
NARRATIVES: Final = frozenset({("Closure", "reason_text"), ("PublishedEvent", "notes")})

TEXTS: Final = [
    each for each in fields() if "pattern" not in each[3] and each[:2] not in NARRATIVES
]
FORMED: Final = [each for each in fields() if "pattern" in each[3]]


def tried(model: str, field: str, place: tuple[str, ...], value: str) -> tuple[Any, list[Any]]:
    """What becomes of a value in this field of this model: as it is kept, or its errors."""
    (info,) = (
        each for name, each in MODELS[model].model_fields.items() if (each.alias or name) == field
    )
    annotation: Any = info.annotation
    for mark in info.metadata:
        annotation = Annotated[annotation, mark]
    kind: TypeAdapter[Any] = TypeAdapter(annotation)
    given: Any = value
    for _ in place:
        given = [given]
    try:
        kept = kind.validate_python(given, strict=True)
    except ValidationError as refused:
        return None, refused.errors()
    for _ in place:
        (kept,) = kept
    return kept, []


def test_the_walk_sees_the_texts_of_every_kind_of_record() -> None:
    seen = {(name, field) for name, field, _, _ in TEXTS}
    assert seen >= {
        ("AnswerIn", "value"),
        ("AnswerIn", "evidence"),
        ("ActionIn", "description"),
        ("JudgementIn", "rationale"),
        ("UrgentFindingIn", "description"),
        ("OutcomeIn", "feedback_to_auditor"),
        ("Narrative", "risks"),
        ("PolicyChange", "value"),
        ("ScalePointIn", "label"),
    }
    assert len(TEXTS) > 90


@pytest.mark.parametrize(("model", "field", "place", "schema"), TEXTS)
def test_every_text_of_a_request_follows_the_one_rule(
    model: str, field: str, place: tuple[str, ...], schema: Json
) -> None:
    exact = schema["description"].endswith(SENT)
    assert exact == (MODELS[model].__module__ == messages.__name__ or model in NAMED_BY_MACHINES)
    kept, errors = tried(model, field, place, "one\r\ntwo\rthree\te\u0301")
    if exact:
        assert any("CARRIAGE RETURN (U+000D)" in error["msg"] for error in errors)
    else:
        assert kept == "one\ntwo\nthree\t\u00e9"
    _, errors = tried(model, field, place, "plain \x1b[31m")
    assert any("ESCAPE (U+001B)" in error["msg"] for error in errors)
    for nothing in ("\u200b\ufeff", "  \n", ""):
        _, errors = tried(model, field, place, nothing)
        assert "blank" in {error["type"] for error in errors}


@pytest.mark.parametrize(("model", "field"), sorted(NARRATIVES))
def test_a_narrative_of_a_case_system_is_kept_as_it_came(model: str, field: str) -> None:
    for came in ("one\r\ntwo \x1b", "\u200b", "", "e\u0301"):
        assert tried(model, field, (), came) == (came, [])


def test_the_contract_says_the_rule_at_every_text() -> None:
    silent = [each[:2] for each in TEXTS if not each[3].get("description", "").endswith(RULES)]
    assert not silent


@pytest.mark.parametrize(("model", "field", "place", "schema"), FORMED)
def test_what_is_not_of_its_form_is_told_so_in_words(
    model: str, field: str, place: tuple[str, ...], schema: Json
) -> None:
    _, errors = tried(model, field, place, "~ not of this form \n")
    told = [words for code, words in map(in_our_words, errors) if code == "form"]
    assert told
    assert schema["description"].endswith(tuple(told))


def test_every_pattern_has_words_and_shows_itself_to_nobody() -> None:
    """Parameters and answers included; a header of HTTP explains itself where it stands."""
    with_pattern = [(place, schema) for place, schema in schemas() if "pattern" in schema]
    assert len(with_pattern) > 50
    for place, schema in with_pattern:
        if place.endswith("Idempotency-Key"):
            continue
        assert re.match(r"[A-Z`].*\.$", schema.get("description", "")), place
        assert schema["pattern"] not in schema["description"]
