"""What Pydantic finds wrong, as a problem: where each fault is and what it is, in our own words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from qa_api import problems
from qa_api.problems import InputError, Problem

MOST_ERRORS: Final = 100

_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

# Each message is our own. Pydantic's would do for most, but some repeat the input.
_MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("missing", "Required."),
    "extra_forbidden": ("unknown", "There is no such field."),
    "string_type": ("type", "Must be a string."),
    "string_too_short": ("too_short", "Must have at least {min_length} characters."),
    "string_too_long": ("too_long", "Must have at most {max_length} characters."),
    "int_type": ("type", "Must be a whole number."),
    "int_from_float": ("type", "Must be a whole number."),
    "int_parsing": ("type", "Must be a whole number."),
    "float_type": ("type", "Must be a number."),
    "finite_number": ("type", "Must be a finite number."),
    "bool_type": ("type", "Must be true or false."),
    "list_type": ("type", "Must be a list."),
    "tuple_type": ("type", "Must be a list."),
    "dict_type": ("type", "Must be an object."),
    "model_type": ("type", "Must be an object."),
    "model_attributes_type": ("type", "Must be an object."),
    "none_required": ("type", "Must be null."),
    "too_short": ("too_few", "Must have at least {min_length} items."),
    "too_long": ("too_many", "Must have at most {max_length} items."),
    "greater_than_equal": ("too_small", "Must be at least {ge}."),
    "less_than_equal": ("too_large", "Must be at most {le}."),
    "greater_than": ("too_small", "Must be more than {gt}."),
    "less_than": ("too_large", "Must be less than {lt}."),
    "enum": ("choice", "Must be one of {expected}."),
    "literal_error": ("choice", "Must be one of {expected}."),
    "union_tag_invalid": ("choice", "Must be one of {expected_tags}."),
    "union_tag_not_found": ("missing", "Say what kind it is."),
}
# Our own field types word their errors themselves (see `fields`).
_OWN: Final = frozenset(
    {"date", "date_range", "instant", "uuid", "whole", "flag", "text", "blank", "form", "removed"}
)


def is_field_name(name: str) -> bool:
    """Whether a name from the input looks like one of ours, so that it may be shown again."""
    return _FIELD_NAME.fullmatch(name) is not None


def from_validation(errors: Sequence[Mapping[str, Any]], document: object) -> Problem:
    """The 422 problem: where each error is and what is wrong, in our own words."""
    return problems.validation(
        list(dict.fromkeys(_input_error(error, document) for error in errors[:MOST_ERRORS]))
    )


def _input_error(error: Mapping[str, Any], document: object) -> InputError:
    code, detail = in_our_words(error)
    where, *path = place_of(error)
    if where == "body":
        return InputError.at(_path_in(document, path, error["type"] == "missing"), code, detail)
    name = str(path[0]) if path else str(where)
    if error["type"] == "extra_forbidden" and not is_field_name(name):
        name = str(where)
    return InputError.of(name, code, detail)


def place_of(error: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Where one of Pydantic's errors is; it marks a key of an object that is not of its form."""
    place: tuple[str | int, ...] = tuple(error["loc"])
    return place[:-1] if place and place[-1] == "[key]" else place


def in_our_words(error: Mapping[str, Any]) -> tuple[str, str]:
    """The code of one of Pydantic's errors and what is wrong: no pattern, and nothing of the input.

    Pydantic's own messages name types and patterns that mean nothing to a person.
    """
    kind = error["type"]
    if kind in _OWN:
        return kind, error["msg"]
    code, message = _MESSAGES.get(kind, ("form", "Not of the declared form."))
    return code, message.format_map(error.get("ctx") or {})


def _path_in(document: object, path: Sequence[str | int], missing: bool) -> Iterator[str | int]:
    """The parts of Pydantic's location that are places in the document.

    The others are names of union members and validators. A name that the caller made up is shown
    only where it looks like a field's name.
    """
    for position, part in enumerate(path):
        if isinstance(document, Mapping) and part in document:
            if not is_field_name(str(part)):
                return
            document = document[part]
            yield part
        elif isinstance(document, list) and isinstance(part, int) and part < len(document):
            document = document[part]
            yield part
        elif missing and position == len(path) - 1:
            yield part
