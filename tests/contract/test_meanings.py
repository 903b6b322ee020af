"""Every field of the contract says what it means, beside what it looks like."""

import tomllib
from importlib.resources import files

import pytest

from qa_api.http.openapi_meanings import with_meanings
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
    known = tomllib.loads(files("qa_api.data").joinpath("meanings.toml").read_text("utf-8"))
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
        ({}, True, "The team, by its code; null where none is known or meant."),
        ({"description": "Its own."}, True, "Its own."),
        ({"description": CODE, "pattern": "a"}, False, "The team, by its code; null where none is"),
        ({"description": CODE, "pattern": "a"}, True, f"known or meant. {CODE}"),
    ],
)
def test_a_form_is_no_meaning_and_stays_in_requests(said: Json, sent: bool, becomes: str) -> None:
    small = {"A": {"properties": {"team": {"type": "string", **said}}}}
    given = with_meanings(small, ["A"] if sent else [])
    assert becomes in given["A"]["properties"]["team"]["description"]
