"""R4.7.3: each rule of a chart at its edges, and the limits of few or steady values."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from qa_api.rules.control_charts import (
    ChartRule,
    Limits,
    Signal,
    limits_of_numbers,
    limits_of_shares,
    p_limits,
    signals,
    xmr_limits,
)
from qa_api.rules.policy import Policy

POLICY = Policy(version=1, effective_from=date(2020, 1, 1))
LIMITS = Limits(mean=10, low=4, high=16, near_low=6, near_high=14)
OUTSIDE, SHIFT, TREND = ChartRule.OUTSIDE, ChartRule.SHIFT, ChartRule.TREND
TWO_OF_THREE = ChartRule.TWO_OF_THREE
RISING = (9.7, 9.8, 9.9, 10, 10.1, 10.2, 10.3)


def fired(values: Sequence[float], limits: Limits = LIMITS) -> tuple[Signal, ...]:
    return signals(values, [limits] * len(values), POLICY)


@pytest.mark.parametrize(
    "values",
    [
        (),
        (16, 4),  # on the limits
        (11,) * 6,
        (9,) * 6,
        (10,) * 12,  # on the mean is on no side of it
        (11,) * 6 + (10,) + (11,) * 6,
        RISING[:6],
        RISING[:4] + RISING[3:6],  # once the same as the month before
        (15, 9, 15),
        (5, 11, 5),
        (15, 10, 15),
        (14, 14, 14),  # on the near limits
        (6, 6, 6),
        (15, 11, 11, 15),
    ],
    ids=str,
)
def test_what_is_chance_fires_no_rule(values: Sequence[float]) -> None:
    assert fired(values) == ()


@pytest.mark.parametrize(
    ("values", "signal"),
    [
        ((16.1,), Signal(OUTSIDE, (0,), True)),
        ((10, 3.9), Signal(OUTSIDE, (1,), False)),
        ((17, 15, 11), Signal(OUTSIDE, (0,), True)),  # beyond the limit is not near it
        ((11,) * 7, Signal(SHIFT, tuple(range(7)), True)),
        ((11,) * 7 + (9,), Signal(SHIFT, tuple(range(7)), True)),
        ((11,) + (9,) * 8, Signal(SHIFT, tuple(range(1, 9)), False)),
        (RISING, Signal(TREND, tuple(range(7)), True)),
        ((10.5, *RISING), Signal(TREND, tuple(range(1, 8)), True)),
        ((*RISING[::-1], 10.1), Signal(TREND, tuple(range(7)), False)),
        ((15, 11, 15), Signal(TWO_OF_THREE, (0, 2), True)),
        ((10, 5, 5, 9), Signal(TWO_OF_THREE, (1, 2), False)),
    ],
    ids=str,
)
def test_each_rule_names_its_points_and_their_side(values: Sequence[float], signal: Signal) -> None:
    assert signal in fired(values)
    assert {each.rule for each in fired(values)} == {signal.rule}


def test_what_lies_on_a_line_is_on_it_whatever_the_last_bit_says() -> None:
    assert fired([16 + 1e-9, 4 - 1e-9]) == ()
    millions = Limits(mean=1e9, low=4e8, high=1.6e9, near_low=6e8, near_high=1.4e9)
    assert fired([1.6e9 + 0.5], millions) == ()
    shares = Limits(mean=0.5, low=0.2, high=0.8, near_low=0.3, near_high=0.7)
    assert fired([0.8 + 1.5e-9], shares) == (Signal(OUTSIDE, (0,), True),)


def test_each_month_has_limits_of_its_own() -> None:
    wide = replace(LIMITS, high=20)
    assert signals([17, 17], [wide, LIMITS], POLICY) == (Signal(OUTSIDE, (1,), True),)
    with pytest.raises(ValueError, match="shorter"):
        signals([17, 17], [LIMITS], POLICY)


def test_limits_are_worked_out_from_two_values_on() -> None:
    assert xmr_limits([]) is xmr_limits([5]) is None
    found = xmr_limits([5, 7])
    assert found is not None
    assert found.mean == 6
    assert found.high == pytest.approx(6 + 2.66 * 2)


def test_what_never_changes_has_limits_on_its_mean() -> None:
    assert xmr_limits([5, 5, 5]) == Limits(5, 5, 5, 5, 5)


def test_one_far_value_does_not_widen_the_limits_whatever_the_values_are_measured_in() -> None:
    values = [10, 11, 10, 11, 10, 11, 10, 11, 10, 60, 11, 10]
    screened, small = xmr_limits(values), xmr_limits([each / 1000 for each in values])
    everything = xmr_limits(values, screen=False)
    assert screened is not None
    assert small is not None
    assert everything is not None
    assert screened.high < everything.high
    assert small.high == pytest.approx(screened.high / 1000)


def test_no_month_has_no_limits() -> None:
    assert p_limits([]) == limits_of_shares([]) == limits_of_numbers([]) == ()
