"""What the fields of the contract mean.

Most fields say it where they are declared, or beneath. The others have it from
`data/meanings.toml`: by the component and the field, or by the field alone where it means the same
in all of them: of one kind of type, or of each kind by itself. What a meaning says of null is said
where the field may be null.
What a type says of its form (`TYPED`, the words of `Formed`, what of a text is read as null) is no
meaning: it follows the meaning in requests.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any, Final

from qa_api.http.openapi_docstrings import said_beneath_fields
from qa_api.http.openapi_headers import Json
from qa_api.http.openapi_kinds import kind_of, may_be_null
from qa_api.values.text import SENT, TYPED

Meanings = Mapping[str, Mapping[str, str | Mapping[str, str]]]
"""A meaning, or one for each kind of type; `code or text` stands for both."""

_EVERYWHERE: Final = "everywhere"
_OR: Final = " or "
_OF_NULL: Final = re.compile(r"; null\b[^;.]*")
_REFERENCE: Final = re.compile(r'"#/components/schemas/(\w+)"')


def with_meanings(schemas: Json, sent: Iterable[str]) -> Json:
    """The components with a meaning at each field. `sent`: those that requests are made of."""
    known, beneath = meanings(), said_beneath_fields()
    requested = frozenset(sent)
    for name, schema in schemas.items():
        for field, part in schema.get("properties", {}).items():
            meaning = beneath.get(name, {}).get(field) or meaning_of(
                known, name, field, kind_of(part, schemas)
            )
            if meaning is not None:
                said = meaning if may_be_null(part, schemas) else _OF_NULL.sub("", meaning)
                _describe(part, said, with_form=name in requested)
    return schemas


def meanings() -> Meanings:
    """What `data/meanings.toml` says: by component, then field, then perhaps kind of type."""
    text = files("qa_api.data").joinpath("meanings.toml").read_text("utf-8")
    return tomllib.loads(text)


def meaning_of(known: Meanings, component: str, field: str, kind: str) -> str | None:
    """What a field of a kind means, where the file says it."""
    said = known.get(component, {}).get(field) or known[_EVERYWHERE].get(field)
    if isinstance(said, str) or said is None:
        return said
    return next((words for kinds, words in said.items() if kind in kinds.split(_OR)), None)


def _describe(part: Json, meaning: str, *, with_form: bool) -> None:
    """Say what a field means, unless it does; its form stays where somebody has to keep to it."""
    choices = [one for one in part.get("anyOf", ()) if one != {"type": "null"}]
    kinds = [part, *choices] if len(choices) == 1 and "description" not in part else [part]
    form = next((one["description"] for one in kinds if _tells_its_form(one)), None)
    if "description" in part and form is None:
        return
    for one in kinds:
        if form is not None and one.get("description") == form:
            del one["description"]
    kept = form is not None and (with_form or form.startswith("`"))  # which values there are
    part["description"] = f"{meaning} {form}" if kept else meaning


def _tells_its_form(schema: Json) -> bool:
    """Whether a description is of the form: of a text of a form, or one that may be blank."""
    words = schema.get("description")
    formed = "pattern" in schema or schema.get("minLength") == 0
    return words in {TYPED, SENT} or (words is not None and formed)


def sent_in(document: Json) -> set[str]:
    """The components that the requests of a contract are made of, however deep."""
    found: set[str] = set()

    def walk(part: Any) -> None:
        for name in _REFERENCE.findall(json.dumps(part)):
            if name not in found:
                found.add(name)
                walk(document["components"]["schemas"][name])

    for item in document["paths"].values():
        for operation in item.values():
            walk(operation.get("requestBody", {}))
    return found
