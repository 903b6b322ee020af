"""The strict parse agrees with Python's wherever both accept, and refuses what is unsound."""

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qa_api.problems import Problem
from qa_api.values.strict_json import DEEPEST, parse

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
)
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


def sound(value: Any, depth: int = 0) -> bool:
    """What may pass, written as plainly as can be."""
    match value:
        case str():
            return "\x00" not in value and not any(0xD800 <= ord(c) <= 0xDFFF for c in value)
        case None | bool():
            return True
        case int():
            return -(2**63) <= value < 2**63
        case float():
            return math.isfinite(value)
        case list():
            parts = value
        case _:
            parts = [*value, *value.values()]
    return depth < DEEPEST and all(sound(part, depth + 1) for part in parts)


@pytest.mark.long
@given(documents, st.booleans())
def test_every_sound_document_is_read_as_python_reads_it(document: Any, ascii_only: bool) -> None:
    written = json.dumps(document, ensure_ascii=ascii_only).encode()
    assert parse(written) == json.loads(written)


@given(
    st.binary(max_size=60)
    | st.text(alphabet='{}[]",:0123456789.eE+-\\u dabcft\x00NIn', max_size=60).map(str.encode)
)
@example(b'{"a":1,"a":1}')
@example(b'"\\ud800\\udc00"')
@example(b"[" * 5_000)
@example(b"-0")
@example(b"1E400")
@example(b"9223372036854775808")
def test_whatever_is_accepted_python_reads_alike_and_it_is_sound(written: bytes) -> None:
    try:
        document = parse(written)
    except Problem:
        return
    assert document == json.loads(written.decode("utf-8"))
    assert sound(document)


@given(st.integers(1, 60), st.booleans())
def test_depth_is_counted_exactly(depth: int, objects: bool) -> None:
    opening, closing = ('{"a":', "}") if objects else ("[", "]")
    written = (opening * depth + "1" + closing * depth).encode()
    if depth <= DEEPEST:
        parse(written)
    else:
        with pytest.raises(Problem):
            parse(written)


def test_many_brackets_side_by_side_are_not_depth() -> None:
    assert len(parse(b"[" + b"[]," * 500 + b"[]]")) == 501


@pytest.mark.parametrize("written", [b"9223372036854775807", b"-9223372036854775808"])
def test_the_largest_integers_of_64_bits_pass(written: bytes) -> None:
    assert parse(written) == int(written)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_a_backslash_before_the_letter_u_is_not_an_escape() -> None:
    assert parse(b'"\\\\u0000 \\\\ud800"') == "\\u0000 \\ud800"
