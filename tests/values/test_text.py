"""The one rule for text that people type."""

import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from qa_api.values.fields import Code, Name, Text
from qa_api.values.text import SENT, TYPED, controls

texts: TypeAdapter[str] = TypeAdapter(Text)
names: TypeAdapter[str] = TypeAdapter(Name)
codes: TypeAdapter[str] = TypeAdapter(Code)

any_text = st.text(
    st.one_of(st.characters(), st.sampled_from("\r\n\t \x1b\u200b\u0301e\ufeff\u00a0")),
    min_size=1,
    max_size=40,
)


def refusal_of(kind: TypeAdapter[str], value: Any) -> tuple[str, str]:
    with pytest.raises(ValidationError) as refused:
        kind.validate_python(value)
    (error,) = refused.value.errors()
    return error["type"], error["msg"]


@given(any_text)
@example("\r")
@example("e\u0301\r\n\r\n\tx")
def test_text_has_one_form_or_is_refused_by_name(text: str) -> None:
    held = [c for c in text if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\r\n\t"]
    try:
        kept = texts.validate_python(text)
    except ValidationError as refused:
        (error,) = refused.errors()
        assert error["type"] == ("text" if held else "blank")
        assert not held or f"(U+{ord(held[0]):04X})" in error["msg"]
    else:
        assert not held
        assert "\r" not in kept
        assert unicodedata.is_normalized("NFC", kept)
        assert texts.validate_python(kept) == kept
        assert kept.count("\n") == text.count("\n") + text.replace("\r\n", "").count("\r")


def test_every_control_character_has_the_name_that_unicode_gives_it() -> None:
    every = {chr(p) for p in range(0x110000) if unicodedata.category(chr(p)) == "Cc"}
    assert set(controls()) == every
    for character in every - set("\r\n\t"):
        kind, words = refusal_of(texts, f"before{character}after")
        assert kind == "text"
        assert f"{controls()[character]} (U+{ord(character):04X})" in words


def test_the_refusal_names_the_character() -> None:
    _, words = refusal_of(texts, "plain \x1b[31mred")
    assert words == "Holds ESCAPE (U+001B), which is no character of a text: take it out."


@pytest.mark.parametrize(
    "blank",
    [
        "",
        " ",
        "\n\t",
        "\r\n",
        "\u200b",
        "\ufeff",
        "\u2060\u200d",
        "\u00a0\u3000",
        "\u3164",
        "\u2800",
    ],
)
def test_text_that_shows_nothing_is_blank(blank: str) -> None:
    assert refusal_of(texts, blank) == ("blank", "Must not be blank.")


@pytest.mark.parametrize(
    "kept", ["\u200bx", "👩\u200d👧", "می\u200cخواهم", "\ttab", "one\n\ntwo", "0", "\u0301"]
)
def test_text_that_shows_something_is_kept_whole(kept: str) -> None:
    assert texts.validate_python(kept) == kept


def test_the_length_is_that_of_what_is_kept() -> None:
    assert len(texts.validate_python("a\r\n" * 2_000)) == 4_000
    assert refusal_of(texts, "a" * 4_001)[0] == "string_too_long"


def test_what_a_machine_calls_something_stays_as_it_was_sent() -> None:
    assert names.validate_python("e\u0301-1 \r".rstrip()) == "e\u0301-1"
    assert refusal_of(names, "ev\r1")[1].startswith("Holds CARRIAGE RETURN (U+000D)")
    assert names.json_schema()["description"] == SENT
    assert texts.json_schema()["description"] == TYPED


def test_a_form_is_told_in_words() -> None:
    kind, words = refusal_of(codes, "Boston Fast")
    assert (kind, words) == ("form", codes.json_schema()["description"])
    assert codes.json_schema()["pattern"] not in words
