"""A chart that is published stands against readers beside the figures of its quarters (R4.7.3)."""

from datetime import date

import pytest

from qa_api.board.monthly_charts import (
    Drawn,
    drawn_of,
    known_of,
    shown_beside,
    stands_against_readers,
)
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


def of_months(*scales: tuple[str | None, int]) -> Cells:
    """Audits of a month on several scales, or on none."""
    return by_series(
        Cell(
            monthly.COMPLETED,
            {"month": "2026-06"}
            | ({"scale": scale, "scale_number": 1, "judgement": "inadequate"} if scale else {}),
            False,
            False,
            number,
        )
        for scale, number in scales
    )


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        pytest.param(("four-point", 9), {"four-point"}, id="nobody is left"),
        pytest.param(("safety", 12), {"four-point", "safety"}, id="both can be shown"),
        pytest.param(("safety", 1), set(), id="37 completed less 36 on the one scale"),
        pytest.param((None, 1), set(), id="one was judged in its domains alone"),
        pytest.param((None, 12), {"four-point"}, id="enough were judged in domains alone"),
    ],
)
def test_a_month_of_audits_completed_less_those_on_a_scale_is_nobody(
    more: tuple[str | None, int], shown: set[str]
) -> None:
    """Four services hold the same of one scale; of the rest all is in the first, or as many."""
    escalating = {(scale, 1): frozenset({"inadequate"}) for scale in ("four-point", "safety")}
    rest, number = more
    by_service = [
        of_months(("four-point", 9), (rest, number if number > 1 or at == 0 else 0))
        for at in range(len(SERVICES))
    ]
    together = by_series(cell for one in by_service for cells in one.values() for cell in cells)
    every = drawn_of(together, escalating, Month(2026, 9))
    known = [
        known_of(posts((f"{service}/1", service)), drawn_of(cells, escalating, Month(2026, 9)))
        for service, cells in zip(SERVICES, by_service, strict=True)
    ]
    found = shown_beside(every, {"2026-27 Q1": known}, POLICY, ())
    assert (monthly.AUDITS_COMPLETED.key, None) in found
    assert {on.scale for _, on in found if on is not None} == shown
