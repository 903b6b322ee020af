"""Figures from cells: what is kept, what is counted, and the exact median (R4.7.3)."""

import pytest

from qa_api.rules.judged_counts import judged, judged_so
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.metrics import CATALOGUE, Counted, Source, Span, Value, of_theme, theme_figure
from qa_api.rules.rollups import (
    FACTS,
    Cell,
    NotCounted,
    by_series,
    check,
    count,
    domains_in,
    median,
    series_of,
)

DUE = Counted("audits due", Source.AUDITS, "due")
RESPONSES = Counted("responses due", Source.RESPONSES, "due")
ACTIONS = Counted("actions set", Source.ACTIONS, "set")
RAISED = Counted("escalations raised", Source.ESCALATIONS, "raised")
SENT = "audit-responses/due/notified_to_submitted"


def cell(
    series: str, number: int = 1, *, overdue: bool = False, late: bool = False, **facts: Value
) -> Cell:
    return Cell(series, facts, overdue, late, number)


def kept(part: Counted, *cells: Cell, **filters: Value) -> int:
    return count(part.narrowed("some", **filters), by_series(cells))


def test_every_figure_can_be_counted_from_the_rollups() -> None:
    for figure in (*CATALOGUE, theme_figure("voice")):
        check(figure.numerator)
        check(figure.denominator)
        if figure.span is not None:
            check(figure.numerator, figure.span)
    for on in (JudgedOn("four-point", 1), JudgedOn("four-point", 1, "voice")):
        check(judged_so(judged(on), "good"))
        check(judged_so(of_theme(judged(on), "voice"), "good"))


def test_a_domain_is_counted_from_its_own_cells_and_the_whole_from_others() -> None:
    facts: dict[str, Value] = {"scale": "five", "scale_number": 1, "judgement": "weak"}
    cells = by_series(
        [
            Cell("audits/completed", facts, overdue=False, late=False, number=3),
            *(
                Cell(
                    "audits/completed/by_domain",
                    {**facts, "domain": key},
                    overdue=False,
                    late=False,
                    number=number,
                )
                for key, number in (("voice", 5), ("safety", 7))
            ),
        ]
    )
    assert domains_in(cells) == {JudgedOn("five", 1, "voice"), JudgedOn("five", 1, "safety")}
    counted = {
        on: judged_so(judged(on), "weak") for on in (JudgedOn("five", 1), *domains_in(cells))
    }
    assert {on.domain: count(part, cells) for on, part in counted.items()} == {
        None: 3,
        "voice": 5,
        "safety": 7,
    }
    assert count(judged(JudgedOn("five", 2, "voice")), cells) == 0


def test_a_figure_that_filters_by_what_no_cell_keeps_says_what_to_do() -> None:
    by_worker = DUE.narrowed("a worker's", worker="sw1")
    with pytest.raises(NotCounted, match=r"audits/due keeps nothing to filter by 'worker': add it"):
        check(by_worker)
    with pytest.raises(NotCounted, match="audits/due/raised_to_informed"):
        check(DUE.narrowed("done", done=True), Span.RAISED_TO_INFORMED)


def test_cells_of_another_series_are_not_counted() -> None:
    assert kept(DUE, cell("audits/due", 3, state="planned"), cell("audits/completed", 5)) == 3
    assert kept(RAISED) == 0
    assert series_of(RAISED, Span.RAISED_TO_INFORMED) == "escalations/raised/raised_to_informed"
    assert series_of(DUE) in FACTS


def test_an_audit_is_done_once_completed_and_nothing_else_is() -> None:
    states = ["planned", "in_progress", "completed", "closed", "cancelled"]
    cells = [cell("audits/due", 10**n, state=state) for n, state in enumerate(states)]
    assert kept(DUE, *cells, done=True) == 1100
    assert kept(DUE, *cells, done=False) == 10011
    assert kept(DUE, *cells, cancelled=True) == 10000
    assert kept(DUE, *cells, exempt=False) == 11111


def test_what_may_still_come_in_time_is_neither_in_time_nor_late() -> None:
    series = "audit-responses/due"
    cells = [
        cell(series, 1, adequate_on_time=True),
        cell(series, 10, adequate_on_time=False, late=True),
        cell(series, 100, late=True),
        cell(series, 1000),
    ]
    assert kept(RESPONSES, *cells, adequate_on_time=True) == 1
    assert kept(RESPONSES, *cells, adequate_on_time=False) == 110
    assert kept(RESPONSES, cell(series, 7, overdue=True), *cells, overdue=True) == 7


def test_an_action_done_late_stays_overdue_and_one_not_done_becomes_so() -> None:
    cells = [
        cell("restorative-actions/set", 1, state="done", overdue=True),
        cell("restorative-actions/set", 10, state="planned", overdue=False),
        Cell("restorative-actions/set", {"state": "planned"}, True, False, 100),
        cell("restorative-actions/set", 1000, state="verified"),
    ]
    assert kept(ACTIONS, Cell("restorative-actions/set", {"state": "open"}, True, False, 5)) == 5
    assert kept(ACTIONS, *cells[1:], overdue=True) == 100
    assert kept(ACTIONS, *cells, settled=False) == 111
    assert kept(ACTIONS, *cells, state="verified") == 1000
    late = Cell("restorative-actions/set", {"state": "done", "overdue": True}, False, False, 3)
    assert kept(ACTIONS, late, overdue=True) == 3


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], None), ([4], 4), ([1, 2], 1.5), ([1, 1, 1, 9], 1), ([0, 5, 7], 5), ([2, 2, 8, 8], 5)],
)
def test_the_median_is_that_of_the_rows(values: list[int], expected: float | None) -> None:
    cells = [cell(SENT, 1, value=value) for value in values]
    submitted = RESPONSES.narrowed("submitted", submitted=True)
    assert median(submitted, Span.NOTIFIED_TO_SUBMITTED, by_series(cells)) == expected


def test_a_median_is_of_the_rows_kept_only() -> None:
    series = "escalations/raised/raised_to_informed"
    cells = [
        cell(series, 3, trigger="urgent_finding", value=60),
        cell(series, 9, trigger="inadequate_judgement", value=5),
    ]
    urgent = RAISED.narrowed("urgent", trigger="urgent_finding", informed=True)
    assert median(urgent, Span.RAISED_TO_INFORMED, by_series(cells)) == 60


def test_a_cell_of_several_rows_weighs_as_many_in_a_median() -> None:
    cells = [cell(SENT, number, value=value) for number, value in ((1, 2), (1, 4), (2, 9))]
    submitted = RESPONSES.narrowed("submitted", submitted=True)
    assert median(submitted, Span.NOTIFIED_TO_SUBMITTED, by_series(cells)) == 6.5


def test_spans_that_are_folded_have_the_median_of_their_rows() -> None:
    lengths, numbers = (9, 2, 4, 2), (2, 1, 1, 3)
    folded = Cell.folded(SENT, {}, False, False, sum(numbers), lengths, numbers)
    plain = [cell(SENT, n, value=length) for length, n in zip(lengths, numbers, strict=True)]
    submitted = RESPONSES.narrowed("submitted", submitted=True)
    asked = [median(submitted, Span.NOTIFIED_TO_SUBMITTED, by_series(x)) for x in ([folded], plain)]
    assert asked == [2, 2]
