"""Every field of the contract says what it means, beside what it looks like."""

import re
from collections import defaultdict

import pytest

from qa_api.http.openapi_docstrings import beneath_fields, said_beneath_fields
from qa_api.http.openapi_kinds import kind_of, may_be_null
from qa_api.http.openapi_meanings import meaning_of, meanings, with_meanings
from qa_api.me.schemas import WorkItem
from qa_api.values.text import SENT, TYPED
from tests.api import contract
from tests.contract.document import Json, schemas

CODE = "Only small letters."


def test_every_field_says_what_it_means() -> None:
    silent = [
        f"{place}.{name}"
        for place, schema in schemas()
        for name, part in schema.get("properties", {}).items()
        if part.get("description", TYPED) in {TYPED, SENT}
    ]
    assert not silent, "say it beside the field, or in data/meanings.toml"


def test_no_meaning_is_kept_of_what_is_gone() -> None:
    known = dict(meanings())
    shared, fields = known.pop("everywhere"), contract()["components"]["schemas"]
    names = {name for _, schema in schemas() for name in schema.get("properties", {})}
    assert set(shared) - names == set()
    gone = [
        f"{component}.{name}"
        for component, own in known.items()
        for name in own
        if name not in fields.get(component, {}).get("properties", {})
    ]
    assert not gone


@pytest.mark.parametrize(
    ("said", "sent", "becomes"),
    [
        ({}, True, "The team, by its code."),
        ({"type": ["string", "null"]}, True, "The team, by its code; null where none is known"),
        ({"description": "Its own."}, True, "Its own."),
        ({"description": CODE, "pattern": "a"}, False, "The team, by its code."),
        ({"description": CODE, "pattern": "a"}, True, f"The team, by its code. {CODE}"),
    ],
)
def test_a_form_is_no_meaning_and_stays_in_requests(said: Json, sent: bool, becomes: str) -> None:
    small = {"A": {"properties": {"team": {"type": "string", **said}}}}
    given = with_meanings(small, ["A"] if sent else [])
    assert becomes in given["A"]["properties"]["team"]["description"]


def test_one_meaning_is_of_one_kind_of_type() -> None:
    """Where one name is of several kinds, the file says what each means (`code or text`)."""
    known, fields = meanings(), contract()["components"]["schemas"]
    kinds: dict[str, set[str]] = defaultdict(set)
    for component, schema in fields.items():
        if component.endswith("DatasetRow"):
            continue  # its columns say what they mean themselves
        for name, part in schema.get("properties", {}).items():
            said, kind = known["everywhere"].get(name), kind_of(part, fields)
            shared = isinstance(said, str) and name not in known.get(component, {})
            if shared and part["description"].startswith(str(said).partition(";")[0]):
                kinds[name].add(kind)
    assert len(kinds) > 400
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {}


def test_no_meaning_is_kept_of_a_kind_that_no_field_has() -> None:
    fields = contract()["components"]["schemas"]
    there = {
        (name, kind_of(part, fields))
        for _, schema in schemas()
        for name, part in schema.get("properties", {}).items()
    }
    of_kinds = {
        (name, kind)
        for name, said in meanings()["everywhere"].items()
        if not isinstance(said, str)
        for kinds in said
        for kind in kinds.split(" or ")
    }
    assert of_kinds - there == set()


def test_what_is_said_of_null_is_said_where_a_field_may_be_null() -> None:
    fields = contract()["components"]["schemas"]
    untrue = [
        f"{place}.{name}: {part['description']}"
        for place, schema in schemas()
        for name, part in schema.get("properties", {}).items()
        if "; null" in part["description"] and not may_be_null(part, fields)
    ]
    assert not untrue


def test_what_a_field_says_fits_its_kind() -> None:
    """A boolean says whether, an id is no worker's code, a count is a number.

    What stands beneath a field in the code was written for it alone, in its own words.
    """
    beneath = said_beneath_fields()
    fits = {
        "Whether ": {"boolean", "code", "text"},
        "How many ": {"number", "object", "array"},
        "Who ": {"text", "code", "uuid", "array", "object"},
        "The instant ": {"date-time"},
    }
    fields = contract()["components"]["schemas"]
    untrue = [
        f"{place}.{name} ({kind}): {said}"
        for place, schema in schemas()
        for name, part in schema.get("properties", {}).items()
        for said, kind in [(part["description"], kind_of(part, fields))]
        if any(said.startswith(words) and kind not in kinds for words, kinds in fits.items())
        or (kind == "uuid" and "worker code" in said)
        or (
            kind == "boolean"
            and not said.startswith(("Whether ", "`true`: "))
            and name not in beneath.get(place, {})
        )
    ]
    assert not untrue


def test_a_meaning_is_that_of_its_kind() -> None:
    known = {"everywhere": {"drawn": {"boolean": "Whether.", "code or text": "Which."}}, "A": {}}
    told = {kind: meaning_of(known, "A", "drawn", kind) for kind in ("boolean", "text", "uuid")}
    assert told == {"boolean": "Whether.", "text": "Which.", "uuid": None}


def test_what_stands_beneath_a_field_is_what_the_contract_says_of_it() -> None:
    fields = contract()["components"]["schemas"]
    said = beneath_fields(WorkItem)
    assert said["count"].startswith("How many things this entry stands for; null if it is one.")
    beneath = [
        (f"{component}.{name}", words, fields[component]["properties"][name]["description"])
        for component, of_fields in said_beneath_fields().items()
        if component in fields
        for name, words in of_fields.items()
    ]
    assert len(beneath) > 200
    of_null = r"; null\b[^;.]*"  # said where a field may be null
    assert [
        (place, words)
        for place, words, described in beneath
        if re.sub(of_null, "", words) not in re.sub(of_null, "", described)
    ] == []


def test_a_meaning_begins_with_what_the_field_is() -> None:
    """Not with when it is null, in which order it comes or who is shown it."""
    later = (
        "Null ",
        "Empty ",
        "Oldest first",
        "Best first",
        "By code",
        "Withheld ",
        "Shown ",
        "Of ",
    )
    silent = [
        f"{place}.{name}: {part['description']}"
        for place, schema in schemas()
        for name, part in schema.get("properties", {}).items()
        if part["description"].startswith(later)
    ]
    assert not silent
