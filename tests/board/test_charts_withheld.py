"""A chart that is published stands against readers beside the figures of its quarters (R4.7.3)."""

from datetime import date

import pytest

from qa_api.board.monthly_charts import Drawn, drawn_of, known_of, stands_against_readers
from qa_api.rules import monthly
from qa_api.rules.local_time import Month
from qa_api.rules.policy import Policy
from qa_api.rules.readers import posts
from qa_api.rules.rollups import Cell, Cells, by_series

POLICY = Policy(version=1, effective_from=date(2020, 1, 1))
SCALE = ("four-point", 1)
SERVICES = ("fast", "early-help", "lac", "disability")


def judged(counts: dict[str, int]) -> Cells:
    def cell(number: int, **facts: str | int) -> Cell:
        return Cell(monthly.COMPLETED, facts | {"month": "2026-06"}, False, False, number)

    code, scale_number = SCALE
    return by_series(
        cell(number, scale=code, scale_number=scale_number, judgement=judgement)
        for judgement, number in counts.items()
    )


def responses(in_time: int, late: int, undecided: int) -> Cells:
    def cell(number: int, *, is_late: bool = False, **facts: str | bool) -> Cell:
        return Cell(monthly.RESPONSES, facts | {"month": "2026-06"}, False, is_late, number)

    return by_series(
        [cell(in_time, adequate_on_time=True), cell(late, is_late=True), cell(undecided)]
    )


def charts(cells: Cells) -> dict[str, Drawn]:
    found = drawn_of(cells, {SCALE: frozenset({"inadequate"})}, Month(2026, 9))
    return {each.charted.key: each for each in found}


def stands(key: str, by_team: Cells) -> bool:
    """Four services of one team each, that hold the same."""
    every = {
        name: [each._replace(number=each.number * len(SERVICES)) for each in cells]
        for name, cells in by_team.items()
    }
    known = [
        known_of(posts((f"{service}/1", service)), charts(by_team).values()) for service in SERVICES
    ]
    return stands_against_readers(charts(every)[key], {"2026-27 Q1": known}, POLICY)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        pytest.param({"good": 20, "requires_improvement": 10, "inadequate": 10}, True, id="many"),
        pytest.param(
            {"good": 20, "requires_improvement": 1, "inadequate": 10}, False, id="one few"
        ),
        pytest.param({"good": 20, "inadequate": 10}, True, id="a nought"),
    ],
)
def test_judgements_that_a_quarter_joins_are_not_told_apart_by_a_chart(
    counts: dict[str, int], shown: bool
) -> None:
    """A quarter joins requires improvement and inadequate: less the chart's it would be the few."""
    assert stands("judged_escalating", judged(counts)) is shown


@pytest.mark.parametrize(("undecided", "shown"), [(0, True), (10, True), (1, False)])
def test_what_is_not_decided_yet_is_not_what_a_chart_leaves_of_a_quarter(
    undecided: int, shown: bool
) -> None:
    assert stands("responses_adequate_on_time", responses(10, 10, undecided)) is shown
