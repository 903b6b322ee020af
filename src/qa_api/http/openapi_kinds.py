"""Of which kind of type a field of the contract is, and whether it may be null."""

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_REFERENCE: Final = "#/components/schemas/"
_WORDS: Final = {"string": "text", "integer": "number"}
_FORMATS: Final = frozenset({"date", "date-time", "uuid"})
NULL: Final = "null"


def kinds_of(field: Schema, schemas: Schema) -> frozenset[str]:
    """`date`, `date-time`, `uuid`, `code`, `text`, `number`, `boolean`, `array`, `object`, `null`.

    A field that may be one of several is of all their kinds; one that may be anything is `any`.
    """
    for several in ("anyOf", "oneOf", "allOf"):
        if several in field:
            return frozenset().union(*(kinds_of(one, schemas) for one in field[several]))
    if "$ref" in field:
        return kinds_of(schemas[field["$ref"].removeprefix(_REFERENCE)], schemas)
    types = field.get("type", ())
    each = [types] if isinstance(types, str) else types
    if not each:
        return frozenset({"code" if {"enum", "const"} & field.keys() else "any"})
    return frozenset(_kind(one, field) for one in each)


def may_be_null(field: Schema, schemas: Schema) -> bool:
    """Whether null is among what a field may be."""
    return not {NULL, "any"}.isdisjoint(kinds_of(field, schemas))


def kind_of(field: Schema, schemas: Schema) -> str:
    """The kind of what is there where the field is not null; `any` where it is of several."""
    kinds = kinds_of(field, schemas) - {NULL}
    return next(iter(kinds)) if len(kinds) == 1 else "any"


def _kind(of_type: str, field: Schema) -> str:
    if of_type == "string" and {"enum", "const"} & field.keys():
        return "code"
    if of_type == "string" and field.get("format") in _FORMATS:
        return str(field["format"])
    return _WORDS.get(of_type, of_type)
