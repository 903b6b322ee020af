"""What a hand-over gives to whom, and what it does not know of any more."""

from collections import Counter

from qa_api.rules.hand_over import SAYS, StaysBecause, moved_since, share


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


def test_what_stays_is_said_in_words_unless_a_rule_has_its_own() -> None:
    assert set(StaysBecause) - set(SAYS) == {StaysBecause.NOT_YOURS_TO_GIVE}
