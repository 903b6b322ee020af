"""The same request has the same fingerprint; another has another."""

import pytest

from qa_api.http.idempotency import fingerprint, read_key, require_key
from qa_api.problems import Problem

ONE = ("POST", "/v1/audits", b"", {"a": 1, "b": [1, 2]})


def test_order_of_members_does_not_matter() -> None:
    assert fingerprint(*ONE) == fingerprint("POST", "/v1/audits", b"", {"b": [1, 2], "a": 1})
    assert len(fingerprint(*ONE)) == 32


@pytest.mark.parametrize(
    "other",
    [
        ("PUT", *ONE[1:]),
        ("POST", "/v1/audit", *ONE[2:]),
        ("POST", "/v1/audits", b"x=1", ONE[3]),
        (*ONE[:3], {"a": 1, "b": [2, 1]}),
        (*ONE[:3], {"a": "1", "b": [1, 2]}),
        (*ONE[:3], None),
    ],
)
def test_any_other_request_differs(other: tuple[str, str, bytes, object]) -> None:
    assert fingerprint(*other) != fingerprint(*ONE)


@pytest.mark.parametrize(
    ("header", "key"), [(None, None), ("abc-1", "abc-1"), ('"abc 1"', "abc 1"), ("a", "a")]
)
def test_a_key_is_read_bare_or_in_quotes(header: str | None, key: str | None) -> None:
    assert read_key(header) == key


def test_a_missing_key_is_required() -> None:
    with pytest.raises(Problem) as refused:
        require_key(None)
    assert refused.value.kind.slug == "idempotency-key-required"
