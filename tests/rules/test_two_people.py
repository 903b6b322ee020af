"""What takes two people takes two persons, whatever accounts they come in by."""

import pytest

from qa_api.rules.decision import RuleRefused
from qa_api.rules.two_people import CODE, check_second_person

WHY = "A second person has to approve a run."


def test_nobody_agrees_to_what_they_proposed() -> None:
    check_second_person("qs-1", "qs-2", "X4", WHY)
    with pytest.raises(RuleRefused, match=WHY) as refused:
        check_second_person("qs-1", "qs-1", "X4", WHY)
    assert (refused.value.code, refused.value.clause) == (CODE, "X4")


def test_what_an_account_of_nobody_began_nobody_ends() -> None:
    with pytest.raises(RuleRefused, match="belongs to no worker") as refused:
        check_second_person(None, "qs-1", "X4", WHY)
    assert refused.value.code == CODE
