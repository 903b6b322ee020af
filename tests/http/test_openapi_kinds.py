"""Of which kind a field of the contract is."""

from typing import Any

import pytest

from qa_api.http.openapi_kinds import kind_of, may_be_null

SCHEMAS: dict[str, Any] = {
    "Colour": {"type": "string", "enum": ["red"]},
    "Thing": {"type": "object", "properties": {}},
}
THING = {"$ref": "#/components/schemas/Thing"}


@pytest.mark.parametrize(
    ("field", "kind", "null"),
    [
        ({"type": "string"}, "text", False),
        ({"type": "string", "format": "uri"}, "text", False),
        ({"type": ["string", "null"], "format": "date"}, "date", True),
        ({"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}, "uuid", True),
        ({"$ref": "#/components/schemas/Colour"}, "code", False),
        ({"const": "red"}, "code", False),
        ({"oneOf": [THING, {"type": "null"}]}, "object", True),
        ({"anyOf": [{"type": "string"}, {"type": "number"}]}, "any", False),
        ({"type": "integer"}, "number", False),
        ({}, "any", True),
    ],
)
def test_a_field_has_a_kind_and_may_be_null(field: Any, kind: str, null: bool) -> None:
    assert (kind_of(field, SCHEMAS), may_be_null(field, SCHEMAS)) == (kind, null)
