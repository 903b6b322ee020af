"""R4.5.1, R4.7.3: how far lots of unequal chances can move a share."""

from random import Random

import pytest

from qa_api.rules.lots import CERTAIN, Lot, moved_at_most


def lot(sample: str, could_be: int, drawn: int) -> Lot:
    """Of which all is told."""
    return Lot(sample, could_be, drawn, could_be, drawn)


def test_equal_chances_move_nothing() -> None:
    assert moved_at_most([lot("a", 50, 10), lot("b", 25, 5)], 75, 15) == 0


def test_a_small_group_that_is_drawn_more_densely_counts_by_its_part() -> None:
    # 10 of 100 drawn are of the small group, half of those drawn.
    assert moved_at_most([lot("large", 90, 9), lot("small", 10, 9)], 100, 18) == pytest.approx(0.4)


def test_those_that_nothing_could_choose_count_by_their_part() -> None:
    assert moved_at_most([lot("a", 90, 9)], 100, 9) == pytest.approx(0.1)


def test_drawn_ones_without_a_second_judgement_count_too() -> None:
    assert moved_at_most([lot("a", 100, 10)], 100, 8) == pytest.approx(0.2)


def test_strata_of_one_size_had_one_chance_whichever_got_the_place() -> None:
    assert moved_at_most([lot("a", 5, 1), lot("a", 5, 0)], 10, 1) == 0
    assert moved_at_most([lot("a", 5, 1), lot("b", 5, 0)], 10, 1) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("lots", "completed", "moderated"),
    [
        ([], 10, 2),
        ([lot("a", 10, 2)], 9, 2),
        ([lot("a", 10, 2)], 10, 3),
        ([lot("a", 10, 2)], 10, 0),
    ],
)
def test_of_others_than_were_drawn_nothing_is_known(
    lots: list[Lot], completed: int, moderated: int
) -> None:
    assert moved_at_most(lots, completed, moderated) == CERTAIN


def test_no_judging_moves_a_share_further() -> None:
    chance = Random(7)
    for _ in range(200):
        sizes = [chance.randint(1, 60) for _ in range(5)]
        lots = [lot(str(at), size, chance.randint(1, size)) for at, size in enumerate(sizes)]
        completed, drawn = sum(sizes) + 7, sum(one.drawn for one in lots)
        often = [chance.choice((0.0, 0.5, 1.0)) for _ in lots]
        truth = sum(share * one.completed for share, one in zip(often, lots, strict=True))
        said = sum(share * one.drawn for share, one in zip(often, lots, strict=True)) / drawn
        apart = max(abs(said - (truth + others) / completed) for others in (0, 7))
        assert apart <= moved_at_most(lots, completed, drawn) + 1e-9
