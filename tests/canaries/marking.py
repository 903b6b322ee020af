"""Which strings of the contract are free text, and bodies in which every one of them is marked.

A string is free where the contract gives it neither a form nor a list of values: whatever is added
to the contract is marked from then on. What looks free and is not, is written here with its reason.
"""

import re
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

from tests.contract.document import Json, resolved

WORD: Final = "zqtext"
"""What somebody wrote: it stays in the record."""
REFERENCE: Final = "zqref"
"""What names a child or an episode: it stays in what the case system sends and is sent."""
NAME: Final = "zqname"
"""What a worker is called: it stays on printed pages."""
HEADER: Final = "zqhead"
"""What a caller writes into headers: it stays nowhere, but for a correlation id in the log."""

NOT_FREE: Final = {
    "datacontenttype": "a media type, of the envelope",
    "source": "names the sending system, as it is registered",
    "type": "names the kind of an event",
    "id": "the sender's key of an event",
    "answered": "codes of answers",
    "record_class": "a code of the retention rules",
    "trigger": "a code of the retention rules",
}
"""Names of fields without a form whose values are codes all the same."""
FREE_ALL_THE_SAME: Final = {("PlanThemeIn", "source"), ("ThemeSourceIn", "source")}
"""Fields of such a name that are somebody's words."""
OF_THE_SENDER: Final = {("ChildIn", "team"), ("ChildIn", "worker")}
"""Fields without a form by which a case system names a team or a worker: a word there is nobody."""
ONLY_PROSE: Final = {"value"}
"""An answer's or a policy's value may be a code: only several words are somebody's own."""

MOST_FORMS: Final = 20
_REFERENCE_FORM: Final = "^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
_EXAMPLES: Final = {
    "uuid": "01a0cd62-d0e1-73a6-9f50-fe922b1400a0",
    "date": "2026-11-20",
    "date-time": "2026-11-20T09:30:00Z",
    "^[a-z0-9-]{1,40}$": "lincoln-fast",
    "^[a-z0-9_]{1,60}$": "documents_outstanding",
    "^[0-9]{4}-[0-9]{2} Q[1-4]$": "2026-27 Q2",
    "^https?://[!-~]+$": "http://127.0.0.1:9/events",
}
_CODES: Final = {"worker": "sw1-lincoln-fast", "auditor": "ps-lincoln-fast", "system": "mosaic"}


def is_free(schema: Json, owner: str, name: str) -> bool:
    """Whether a string of this schema is somebody's own words."""
    if schema.get("type") != "string" or {"enum", "const", "format", "pattern"} & schema.keys():
        return False
    if (owner, name) in OF_THE_SENDER:
        return False
    return name not in NOT_FREE or (owner, name) in FREE_ALL_THE_SAME


def free_texts(schema: Json, owner: str = "", name: str = "") -> Iterator[tuple[str, str]]:
    """The free texts of a body: the component they stand in and the field; each once."""
    found: dict[tuple[str, str], None] = {}
    _look(schema, owner, name, found, set())
    yield from found


def _look(
    schema: Json, owner: str, name: str, found: dict[tuple[str, str], None], seen: set[str]
) -> None:
    if "$ref" in schema:
        owner = schema["$ref"].rpartition("/")[2]
        if owner in seen:
            return
        seen.add(owner)
        schema = resolved(schema)
    if is_free(schema, owner, name):
        found[owner, name] = None
    for field, part in schema.get("properties", {}).items():
        _look(part, owner, field, found, seen)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            _look(schema[keyword], owner, name, found, seen)
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for part in schema.get(keyword, ()):
            _look(part, owner, name, found, seen)


class Marker:
    """Marks bodies; remembers which fields it has marked."""

    def __init__(self) -> None:
        self.marked: set[tuple[str, str]] = set()

    def mark(
        self, value: Any, schema: Json, owner: str = "", name: str = "", *, mark: str = WORD
    ) -> Any:
        """The value with each free text replaced by the word that names its field."""
        if "$ref" in schema:
            owner = schema["$ref"].rpartition("/")[2]
            schema = resolved(schema)
        branches = [each for key in ("anyOf", "oneOf", "allOf") for each in schema.get(key, ())]
        if branches:
            branch = next((each for each in branches if fits(value, each)), None)
            return value if branch is None else self.mark(value, branch, owner, name, mark=mark)
        if isinstance(value, dict):
            fields: Json = schema.get("properties", {})
            further = schema.get("additionalProperties")
            further = further if isinstance(further, dict) else {}
            return {
                key: self.mark(part, fields.get(key, further), owner, key, mark=mark)
                for key, part in value.items()
            }
        if isinstance(value, list):
            items = schema.get("items", {})
            return each_once([self.mark(part, items, owner, name, mark=mark) for part in value])
        if isinstance(value, str) and is_free(schema, owner, name):
            if name in ONLY_PROSE and " " not in value:
                return value
            self.marked.add((owner, name))
            return word(owner, name, mark)
        return value

    def filled(self, schema: Json, owner: str = "", name: str = "") -> Any:
        """A body of this schema in which every field stands and every free text is marked."""
        if "$ref" in schema:
            owner = schema["$ref"].rpartition("/")[2]
            schema = resolved(schema)
        branches = [each for key in ("anyOf", "oneOf", "allOf") for each in schema.get(key, ())]
        if branches:
            texts = [(each, set(free_texts(each, owner, name))) for each in branches]
            unsaid = (each for each, found in texts if found - self.marked)
            with_text = (each for each, found in texts if found)
            return self.filled(next(unsaid, next(with_text, branches[0])), owner, name)
        for given in ([schema["const"]] if "const" in schema else schema.get("enum", ()))[:1]:
            return given
        kind = schema.get("type")
        if kind == "object":
            fields: Json = dict(schema.get("properties", {}))
            if isinstance(schema.get("additionalProperties"), dict):
                fields["england-and-wales"] = schema["additionalProperties"]
            return {key: self.filled(part, owner, key) for key, part in fields.items()}
        if kind == "array":
            return [self.filled(schema.get("items", {}), owner, name)]
        if kind == "string":
            return self._string(schema, owner, name)
        return {"integer": schema.get("minimum", 1), "number": 1, "boolean": True}.get(str(kind))

    def all_filled(self, schema: Json) -> list[Any]:
        """Bodies of this schema in which each of its free texts stands once."""
        made = [self.filled(schema)]
        while (left := set(free_texts(schema)) - self.marked) and len(made) < MOST_FORMS:
            made.append(self.filled(schema))
            if left <= set(free_texts(schema)) - self.marked:
                break  # it is no longer told apart by what has been said
        return made

    def _string(self, schema: Json, owner: str, name: str) -> str:
        if is_free(schema, owner, name):
            self.marked.add((owner, name))
            return word(owner, name)
        of_the_sender = (owner, name) in OF_THE_SENDER
        if of_the_sender or schema.get("pattern") == _REFERENCE_FORM or name == "id":
            return f"{REFERENCE}-{uuid4().hex[:12]}"
        form = schema.get("format") or schema.get("pattern", "")
        return _CODES.get(name) or _EXAMPLES.get(form, "x")


def word(owner: str, name: str, mark: str = WORD) -> str:
    """What stands in a field instead of what somebody would write; it names the field."""
    return f"{mark}.{owner}.{name}"


def each_once(values: list[Any]) -> list[Any]:
    """Choices that are marked alike, told apart by numbers."""
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) < len(values) or len(set(texts)) == len(texts):
        return values
    return [f"{text} {number}" for number, text in enumerate(texts)]


def fits(value: Any, schema: Json) -> bool:
    """Whether a value is of one of several schemas, as far as telling them apart takes it."""
    schema = resolved(schema)
    if any(key in schema for key in ("anyOf", "oneOf")):
        return any(fits(value, each) for key in ("anyOf", "oneOf") for each in schema.get(key, ()))
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    kind = kinds.get(schema.get("type", ""), (int, float))
    if not isinstance(value, kind):
        return False
    if isinstance(value, str):
        pattern = schema.get("pattern")
        return value in schema.get("enum", [value]) and not (
            pattern and not re.search(pattern, value)
        )
    if isinstance(value, dict):
        fields = schema.get("properties", {})
        return (
            all(
                "const" not in resolved(part) or value.get(key) == resolved(part)["const"]
                for key, part in fields.items()
            )
            and set(schema.get("required", ())) <= value.keys()
        )
    return True


def spoilt(value: Any) -> Any:
    """The same with the word in place of everything that is no object and no list."""
    if isinstance(value, dict):
        return {key: spoilt(part) for key, part in value.items()}
    if isinstance(value, list):
        return [spoilt(part) for part in value]
    return f"{WORD}.spoilt"
