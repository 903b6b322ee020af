"""Preconditions protect the version; entity tags name the bytes (RFC 9110)."""

import pytest

from qa_api.http.etags import etag, is_unchanged, read_if_match, read_precondition
from qa_api.problems import Problem

TAG = etag(3, b"{}")


def refusal(call: object, *arguments: object) -> int:
    assert callable(call)
    with pytest.raises(Problem) as refused:
        call(*arguments)
    return refused.value.status


def test_a_tag_changes_with_the_version_and_with_the_bytes() -> None:
    assert TAG.startswith('"3.')
    assert len({TAG, etag(4, b"{}"), etag(3, b"[]")}) == 3
    assert etag(3, b"{}") == TAG


@pytest.mark.parametrize(
    "sent", [TAG, f"W/{TAG}", f'"x", {TAG}', f'{TAG},"x"', "*", f'"a,b" , {TAG}', f",{TAG},"]
)
def test_what_the_caller_holds_is_unchanged(sent: str) -> None:
    assert is_unchanged(sent, TAG)


@pytest.mark.parametrize("sent", [None, '"x"', etag(3, b"[]"), etag(2, b"{}")])
def test_what_the_caller_holds_is_another(sent: str | None) -> None:
    assert not is_unchanged(sent, TAG)


@pytest.mark.parametrize("sent", [TAG, etag(3, b"other bytes"), f'"x", {TAG}'])
def test_if_match_compares_the_version_only(sent: str) -> None:
    read_if_match(sent).check(3)


@pytest.mark.parametrize(
    "sent", [etag(2, b"{}"), f"W/{TAG}", '"3"', '"3.zz"', '""', '"03.0000000000000000"']
)
def test_another_version_or_no_tag_of_ours_fails(sent: str) -> None:
    assert refusal(read_if_match(sent).check, 3) == 412


def test_nothing_matches_what_does_not_exist() -> None:
    assert refusal(read_if_match(TAG).check, None) == 412


def test_the_refusal_names_a_tag_that_holds() -> None:
    with pytest.raises(Problem) as refused:
        read_if_match('"1.x"').check(3)
    read_if_match(refused.value.headers["ETag"]).check(3)


def test_without_a_condition_it_is_required() -> None:
    assert refusal(read_if_match, None) == 428
    with pytest.raises(Problem) as refused:
        read_precondition(None, None)
    assert "or If-None-Match: * to create it" in refused.value.detail
    assert refusal(read_precondition, None, None) == 428


@pytest.mark.parametrize("sent", ["*", " * "])
def test_a_star_names_no_version_that_somebody_has_read(sent: str) -> None:
    assert refusal(read_if_match, sent) == 428
    assert refusal(read_precondition, sent, None) == 428


def test_if_none_match_star_creates_and_never_replaces() -> None:
    condition = read_precondition(None, "*")
    condition.check(None)
    assert refusal(condition.check, 1) == 412


@pytest.mark.parametrize(
    "sent", ["", "3", "x", '"3', f"{TAG}{TAG}", f"{TAG};", "W/3", ",", '"a" b']
)
def test_what_is_not_a_list_of_tags_is_malformed(sent: str) -> None:
    assert refusal(read_if_match, sent) == 400
    assert refusal(is_unchanged, sent, TAG) == 400


def test_contradicting_conditions_are_malformed() -> None:
    assert refusal(read_precondition, TAG, "*") == 400
    assert refusal(read_precondition, None, TAG) == 400
