"""Redactions: which text of a record is meant, and the record without it (R4.1.7)."""

from collections.abc import Iterator
from typing import Any, Final

from qa_api.records.audiences import KEYS, REDACTABLE, inside, texts
from qa_api.rules.retention import REMOVED

_TELLING: Final = 12
"""From how many characters on a text is recognised inside others, too; shorter ones are words."""


def text_at(record: dict[str, Any], path: str) -> str | None:
    """The text that stands at a place of the record; None where there is none to redact."""
    found: Any = record
    field = ""
    for segment in path.strip("/").split("/"):
        if isinstance(found, list):
            key = KEYS.get(field)
            found = next((part for part in found if key and str(part[key]) == segment), None)
        elif isinstance(found, dict):
            field = inside(field, segment)
            found = found.get(segment)
        else:
            return None
    return found if field in REDACTABLE and isinstance(found, str) else None


def redacted(record: dict[str, Any]) -> dict[str, Any]:
    """The record without its redacted texts, also wherever else in it the same words are.

    The longest first: a text that contains another one would otherwise be broken up, and the rest
    of it shown.
    """
    hidden = [
        (text.strip(), f"[redacted: {line['reason']}]")
        for line in record["redactions"]
        if line.get("lifted_at") is None
        for path in (line["path"], *_earlier_places(record, line["path"]))
        if (text := text_at(record, path)) is not None and text != REMOVED
    ]
    hidden.sort(key=lambda one: len(one[0]), reverse=True)
    for holder, name in texts(record):
        for text, mark in hidden:
            holder[name] = _without(text, mark, holder[name])
    return record


def _earlier_places(record: dict[str, Any], path: str) -> Iterator[str]:
    """Where the same part was before it was amended: a text hidden now is hidden there too."""
    section, key, *place = path.strip("/").split("/")
    match place:
        case ["overall_rationale"]:
            part, name = "overall", "rationale"
        case ["positive_feedback"]:
            part, name = "positive_feedback", "text"
        case ["judgements" | "answers" as list_, which, name]:
            part = f"{list_.removesuffix('s')}_{which}"
        case _:
            return
    for audit in record[section]:
        for revision in audit.get("revisions", ()) if audit["id"] == key else ():
            yield f"/{section}/{key}/revisions/{revision['number']}/earlier/{part}/{name}"


def _without(text: str, mark: str, written: str) -> str:
    if written.strip() == text:
        return mark
    return written.replace(text, mark) if len(text) >= _TELLING else written
