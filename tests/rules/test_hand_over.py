"""What a hand-over gives to whom, and what it does not know of any more."""

from collections import Counter

import pytest

from qa_api.rules.hand_over import (
    SAYS,
    HandedKind,
    Moved,
    Seal,
    StaysBecause,
    moved_since,
    says_of_seal,
    share,
    why_it_stays,
)


def test_things_are_shared_so_that_all_carry_as_evenly_as_they_can() -> None:
    things = [f"audit:{n}" for n in range(6)]
    able = {thing: ["a", "b", "c"] for thing in things}
    goes = share(things, able, {"a": 4, "b": 0, "c": 1})
    given = Counter(goes.values())
    assert given["a"] == 0, "who carries most is given nothing while others carry less"
    assert abs((given["b"] + 0) - (given["c"] + 1)) == 1
    assert set(goes) == set(things)


def test_a_thing_goes_only_to_who_may_take_it_however_much_they_carry() -> None:
    able = {"audit:1": ["a"], "audit:2": ["a"], "audit:3": []}
    assert share([*able], able, {"a": 50, "b": 0}) == {"audit:1": "a", "audit:2": "a"}


def test_nothing_changed_is_nothing_to_say() -> None:
    assert moved_since({"audit:1": 0}, ["audit:1", "action:2"], ["action:2"]) == []


def test_what_is_gone_is_named_by_its_place_and_what_came_is_counted() -> None:
    gone, come = moved_since({"audit:1": 0, "audit:2": 1}, ["audit:1", "audit:3", "audit:4"], [])
    assert (gone.at, gone.code) == (1, "no-longer-theirs")
    assert (come.at, come.code) == (None, "more-since")
    assert come.says.startswith("2 things more")
    assert (gone.pointer, come.pointer) == ("/items/1", "/items")
    (one,) = moved_since({}, ["audit:3"], [])
    assert one == Moved(None, "more-since", "One thing more came to them since.")


def test_what_stays_is_said_in_words_unless_a_rule_has_its_own() -> None:
    assert set(StaysBecause) - set(SAYS) == {StaysBecause.NOT_YOURS_TO_GIVE}


def test_a_kind_with_a_reason_of_its_own_says_it_whatever_the_general_one_is() -> None:
    stays = StaysBecause.ONLY_THEIRS
    assert why_it_stays(HandedKind.REVIEW, stays) == SAYS[stays]
    assert "both judgements stand" in why_it_stays(HandedKind.CONSENSUS, stays)


@pytest.mark.parametrize(
    ("before", "after", "seal", "says"),
    [
        (True, True, Seal.STAYS_SEALED, "It stays sealed"),
        (False, True, Seal.BECOMES_SEALED, "It becomes sealed"),
        (True, False, Seal.BECOMES_UNSEALED, "It becomes unsealed"),
        (False, False, Seal.STAYS_UNSEALED, "It is not sealed"),
    ],
)
def test_what_comes_of_a_seal_is_told_with_the_reason_where_there_is_one(
    before: bool, after: bool, seal: Seal, says: str
) -> None:
    assert Seal.of(before=before, after=after) is seal
    assert says_of_seal(seal, None).startswith(says)
    assert says_of_seal(seal, "They read it.") == f"{says_of_seal(seal, None)} They read it."
