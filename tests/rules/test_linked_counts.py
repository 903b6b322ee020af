"""Linked counts are left out where somebody could work out a few (§4.7, R4.7.3)."""

from collections.abc import Mapping
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.figure_families import FAMILIES, completed_family
from qa_api.rules.grouped import Parts
from qa_api.rules.judged_counts import judged
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.linked_counts import NOTHING_YET, Counts, Family, atoms, shown_counts
from qa_api.rules.metrics import CATALOGUE, COMPLETED, SPLIT
from qa_api.rules.readers import Atom, Known, posts

FEWEST = 5
DUE = Family(
    ("standing", "done", "due", "cancelled"),
    ({"due": None, "standing": "due", "cancelled": "due", "done": "standing"},),
)
Held = Mapping[str, tuple[int, int, int]]
"""By service: audits due and done, due and not done, cancelled."""


def parts(held: Held) -> Parts:
    return {
        code: [
            Known(
                posts((f"{code}/1", code)),
                {
                    "done": done,
                    "standing": done + open_,
                    "due": done + open_ + cancelled,
                    "cancelled": cancelled,
                },
            )
        ]
        for code, (done, open_, cancelled) in held.items()
    }


def shown(held: Held, before: Counts = NOTHING_YET) -> Counts:
    return shown_counts(DUE, parts(held), FEWEST, before)


@pytest.mark.parametrize(
    ("held", "whole"),
    [
        pytest.param((20, 20, 20), ("standing", "done", "due", "cancelled"), id="many of each"),
        pytest.param((20, 20, 2), ("standing", "done"), id="due would leave over the cancelled"),
        pytest.param((20, 2, 0), ("standing", "due", "cancelled"), id="those not done are few"),
        pytest.param((2, 0, 0), (), id="not even a nought of a hidden few"),
        pytest.param((0, 0, 0), ("due", "cancelled", "standing", "done"), id="nothing at all"),
    ],
)
def test_what_is_shown_of_one_service(held: tuple[int, int, int], whole: tuple[str, ...]) -> None:
    assert shown({"a": held, "b": held, "c": held} if min(held) > 9 else {"a": held}).whole == whole


def test_services_show_one_choice_of_counts_and_small_ones_are_in_the_whole_alone() -> None:
    many = (30, 30, 30)
    found = shown({"a": many, "b": many, "c": many, "d": (9, 9, 9), "e": (9, 2, 9)})
    assert found.whole == ("standing", "done", "due", "cancelled")
    assert found.parts == ("standing",)
    assert set(found.shown) == {"a", "b", "c", "d", "e"}


def test_a_later_version_shows_nothing_that_an_earlier_one_makes_known() -> None:
    held = {"a": (20, 20, 2), "b": (20, 20, 2), "c": (20, 20, 2)}
    assert "due" not in shown(held).whole
    assert shown(held).whole == ("standing", "done")
    assert shown(held, Counts(("due",))).whole == ("done", "due")


def test_of_the_services_only_those_asked_for_are_shown_and_the_whole_is_of_all() -> None:
    held = dict.fromkeys("abcd", (30, 30, 30))
    found = shown_counts(DUE, parts(held), FEWEST, only={"a", "c"})
    assert found.shown == ("a", "c")
    assert found.whole == shown(held).whole


def test_no_service_is_shown_that_leaves_over_a_few_beside_those_of_an_earlier_version() -> None:
    """Whoever kept the version with b to e takes them and a from the whole: f's few are left."""
    held = {**dict.fromkeys("abcde", (30, 30, 30)), "f": (2, 2, 2)}
    now = shown_counts(DUE, parts(held), FEWEST, only={"a"})
    assert now.shown == ("a",)
    kept = Counts(now.whole, now.parts, ("b", "c", "d", "e"))
    assert shown_counts(DUE, parts(held), FEWEST, kept, only={"a"}).shown == ()


@pytest.mark.long
@given(st.dictionaries(st.sampled_from("abcd"), st.tuples(*[st.integers(0, 12)] * 3), min_size=1))
def test_whatever_is_worked_out_of_what_is_shown_is_of_nobody_or_of_enough(held: Held) -> None:
    """Said in other words than the rule's: each count and what it leaves, without some services."""
    found = shown(held)
    pieces = {
        "done": lambda row: row[0],
        "standing": lambda row: row[0] + row[1],
        "due": sum,
        "cancelled": lambda row: row[2],
        "open": lambda row: row[1],
    }
    told = [str(name) for name in found.whole]
    if {"done", "standing"} <= set(told):
        told.append("open")
    for name in told:
        for away in range(3):
            for gone in combinations(held, min(away, len(held))):
                left = sum(pieces[name](row) for code, row in held.items() if code not in gone)
                assert not 0 < left < FEWEST


def test_atoms_are_what_shown_counts_leave_of_each_other() -> None:
    assert atoms(DUE, ["due", "done"]) == [Atom(("due",), ("done",)), Atom(("done",))]


def test_every_count_of_the_catalogue_is_in_a_family_with_what_it_is_counted_within() -> None:
    on_scale = [judged(JudgedOn("five", 1)), judged(JudgedOn("five", 1, "voice"))]
    families = [*FAMILIES, completed_family(on_scale)]
    for figure in CATALOGUE:
        (own,) = (one for one in families if figure.numerator in one.cells)
        assert figure.denominator in own.cells
        known = atoms(own, [figure.numerator, figure.denominator])
        rest = {one for one in known if one.plus == (figure.denominator,)}
        assert Atom((figure.denominator,), (figure.numerator,)) in rest
    for part in on_scale:  # each lies within the completed ones, beside the other
        (own,) = (one for one in families if part in one.cells)
        assert Atom((COMPLETED,), (part,)) in atoms(own, [COMPLETED, part])
    for whole, split in SPLIT:
        (own,) = (one for one in families if whole in one.cells)
        assert any(set(atom.minus) >= set(split) for atom in atoms(own, [whole, *split]))
