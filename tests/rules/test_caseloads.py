"""R4.4.4: how the rows of a caseload are fingerprinted, and until when it is kept."""

from datetime import date

from qa_api.rules.caseloads import (
    Child,
    digest_of,
    fingerprint_of,
    hash_of_rows,
    kept_until,
    looked_at_from,
    written,
)
from qa_api.rules.policy import Policy

CHILD = Child("C-1", "lincoln-fast", None, "cin", date(2026, 2, 3), {"b": "2", "a": "1"})


def test_a_row_is_always_written_alike() -> None:
    assert written(CHILD) == '["C-1","lincoln-fast",null,"cin","2026-02-03",{"a":"1","b":"2"}]'
    same = Child("C-1", "lincoln-fast", None, "cin", date(2026, 2, 3), {"a": "1", "b": "2"})
    assert fingerprint_of(same) == fingerprint_of(CHILD)


def test_whatever_a_row_says_is_in_its_fingerprint() -> None:
    others = [
        Child("C-2", CHILD.team, None, "cin", CHILD.open_since, CHILD.strata),
        Child("C-1", "lac-north", None, "cin", CHILD.open_since, CHILD.strata),
        Child("C-1", CHILD.team, "sw-1", "cin", CHILD.open_since, CHILD.strata),
        Child("C-1", CHILD.team, None, "cp", CHILD.open_since, CHILD.strata),
        Child("C-1", CHILD.team, None, "cin", None, CHILD.strata),
        Child("C-1", CHILD.team, None, "cin", CHILD.open_since, {"a": "1"}),
    ]
    assert len({fingerprint_of(each) for each in (CHILD, *others)}) == 7
    assert len({digest_of(each, "salt") for each in (CHILD, *others)}) == 7


def test_without_its_salt_a_digest_tells_nobody_who_it_was() -> None:
    assert digest_of(CHILD, "one") != digest_of(CHILD, "another")


def test_the_hash_of_rows_knows_no_order() -> None:
    assert hash_of_rows(["b", "a"]) == hash_of_rows(["a", "b"]) != hash_of_rows(["a"])


def test_coverage_looks_back_over_the_months_that_policy_names(policy: Policy) -> None:
    assert looked_at_from(date(2026, 11, 23), policy) == date(2025, 11, 24)
    assert looked_at_from(date(2024, 2, 29), policy) == date(2023, 3, 1)


def test_it_is_kept_as_long_as_policy_says(policy: Policy) -> None:
    assert kept_until(date(2026, 11, 23), policy) == date(2026, 12, 28)
