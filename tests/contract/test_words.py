"""An enum that a person reads has words for each of its values."""

import pytest

from qa_api.http.openapi_words import enum_words, with_words
from tests.api import contract

FOR_MACHINES = {
    "DatasetForm": "names of file formats",
    "ChangeOrder": "names of orders: a field, `-` before it turns it round",
    "DueOrder": "names of orders: a field, `-` before it turns it round",
    "ListForm": "names of file formats",
    "DownloadTrailer": "what a program asks for",
    "Kind": "what a program reads of a column",
    "Permission": "each says it by itself: `audit:read`",
}


def test_every_enum_that_a_person_reads_has_words_for_each_value() -> None:
    enums = {
        name: schema
        for name, schema in contract()["components"]["schemas"].items()
        if "enum" in schema
    }
    assert len(enums) > 60
    silent = {
        name
        for name, schema in enums.items()
        if len(schema.get("x-enum-descriptions", ())) != len(schema["enum"])
    }
    assert silent == FOR_MACHINES.keys(), "give it words in data/enum_words.toml"


def test_no_words_are_kept_of_what_is_gone() -> None:
    schemas = contract()["components"]["schemas"]
    told = {name: set(words) for name, words in enum_words().items()}
    assert told == {name: set(schemas[name]["enum"]) for name in told}


def test_words_stand_in_the_order_of_the_values() -> None:
    given = with_words({"ChildSafeNow": {"enum": ["not_known", "yes"]}, "Thing": {}})
    assert given == {
        "ChildSafeNow": {
            "enum": ["not_known", "yes"],
            "x-enum-descriptions": [
                "It is not known whether the child is safe now",
                "The child is safe now",
            ],
        },
        "Thing": {},
    }


def test_a_value_without_words_is_a_fault() -> None:
    with pytest.raises(LookupError, match="perhaps"):
        with_words({"ChildSafeNow": {"enum": ["perhaps"]}})


def test_words_are_no_name_written_out_and_no_value_shares_them() -> None:
    for name, words in enum_words().items():
        assert len(set(words.values())) == len(words), name
        assert all(told[0].isupper() and "_" not in told for told in words.values()), name
