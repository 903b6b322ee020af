"""A JSON file is read to its end: each fault by line and column, and the rest as it stands."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.values.json_file import read

LARGEST = 2**63
documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST, LARGEST - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=30,
)


@pytest.mark.long
@given(documents, st.booleans(), st.sampled_from([None, 2]))
def test_what_is_well_formed_is_read_as_it_is(value: Any, ascii_only: bool, indent: Any) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    if "\\u0000" in text:
        return
    written = read(text.encode())
    assert (written.faults, written.is_whole) == ((), True)
    assert written.value == value


def test_a_byte_order_mark_is_taken_for_what_it_is() -> None:
    assert read(b'\xef\xbb\xbf{"a": 1}').value == {"a": 1}


def faults(content: bytes) -> list[tuple[int, int, str]]:
    return [(at.line, at.column, at.detail.split(":")[0]) for at in read(content).faults]


@pytest.mark.parametrize(
    ("content", "line", "column", "words"),
    [
        (b'{\n  "a": 1,\n}', 2, 9, "A comma too many"),
        (b"[1, 2, ]", 1, 6, "A comma too many"),
        (b"[1,, 2]", 1, 4, "A comma too many"),
        (b'{"a": 1\n "b": 2}', 2, 2, "A comma is missing"),
        (b'{"a": 1,\r\n "a": 2}', 2, 2, "a second time; the first is on line 1"),
        ('{"a":\n "Zoë"}'.encode("cp1252"), 2, 5, "not UTF-8, but perhaps Windows-1252"),
        ('{"a": 1}'.encode("utf-16"), 1, 1, "UTF-16"),
        (b'{"a": 1} // why', 1, 10, "no comments"),
        (b'{"a": NaN}', 1, 7, "no value of JSON"),
        (b'{"a": True}', 1, 7, "no value of JSON"),
        (b'{"a": 01}', 1, 7, "not a JSON number"),
        (b'{"a": 99999999999999999999}', 1, 7, "larger than 64 bits"),
        (b'{"a": 1e999}', 1, 7, "too large"),
        (b'{"a": "x\ty"}', 1, 9, "control character"),
        (b'{"a": "C:\\dir"}', 1, 10, "no escape of JSON"),
        (b'{"a": "\\u0000"}', 1, 8, "NUL"),
        (b'{"a": "x\n"}', 1, 7, "does not end on its line"),
        (b"{'a': 1}", 1, 2, "double quotes"),
        (b'{"a": 1} {}', 1, 10, "follows the end"),
        (b'{"a": [1', 1, 9, "The file ends"),
        (b"", 1, 1, "The file ends"),
        (b"[" * 40 + b"]" * 40, 1, 34, "nested deeper"),
    ],
)
def test_a_fault_is_told_by_line_and_column(
    content: bytes, line: int, column: int, words: str
) -> None:
    (found, *_) = read(content).faults
    assert (found.line, found.column) == (line, column)
    assert words in found.detail


def test_all_of_them_are_told_and_the_rest_is_read() -> None:
    content = b'{"a": "caf\xe9",\n "b": [1, 2,],\n "a": {"c": 1,},\n "d": NaN}'
    written = read(content)
    assert [(at.line, at.column) for at in written.faults] == [
        (1, 11),
        (2, 12),
        (3, 2),
        (3, 14),
        (4, 7),
    ]
    assert written.is_whole
    assert written.value["b"] == [1, 2]
    assert written.place(("b", 1)) == (2, 11)
    assert written.place(("b", 7)) == (2, 2), "what is missing is told where it belongs"


@pytest.mark.long
@given(st.binary(max_size=80) | documents.map(lambda value: json.dumps(value).encode()[:-1]))
def test_whatever_it_is_there_is_an_answer_and_a_fault_is_within_the_file(content: bytes) -> None:
    written = read(content)
    assert written.is_whole or written.faults
    lines = content.count(b"\n") + content.count(b"\r") + 1
    assert all(1 <= at.line <= lines and at.column >= 1 for at in written.faults)
