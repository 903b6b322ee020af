"""What control charts count month by month, from cells (§4.7, R4.7.3).

The series of months are apart from those of quarters, so that the figures of a quarter read as few
cells as ever. A month is one of London.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import FinancialQuarter, Month
from qa_api.rules.metrics import Source
from qa_api.rules.rollups import BY_DOMAIN, Cell, Cells, middle_of
from qa_api.rules.trends import ChartKind, MonthCount
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.7, R4.7.3"
COMPLETED: Final = f"{Source.AUDITS}/completed/by_month"
RESPONSES: Final = f"{Source.RESPONSES}/due/by_month"
DAYS: Final = f"{Source.RESPONSES}/due/notified_to_submitted/by_month"
DOMAINS: Final = f"{Source.AUDITS}/completed/{BY_DOMAIN}/by_month"
"""A cell for each judged domain that its tool marks as escalating."""
SERIES: Final = frozenset({COMPLETED, DOMAINS, RESPONSES, DAYS})
"""The series that charts are drawn from."""


Beside: TypeAlias = tuple[str, str]
"""A quarter, and what of it."""


class Charted(Unchanging):
    """A figure that is drawn month by month: what it counts, and what its values are."""

    key: str
    title: str
    kind: ChartKind
    source: Source
    numerator_is: str
    denominator_is: str | None
    clause: str = CLAUSE


AUDITS_COMPLETED: Final = Charted(
    "audits_completed",
    "Audits completed",
    ChartKind.XMR,
    Source.AUDITS,
    "audits completed in the month",
    None,
)
JUDGED_ESCALATING: Final = Charted(
    "judged_escalating",
    "Share of audits whose judgement escalates",
    ChartKind.P,
    Source.AUDITS,
    "those whose overall judgement goes to the manager at once",
    "audits completed in the month on this scale",
    "§4.3, R4.3.2",
)
DOMAIN_ESCALATING: Final = Charted(
    "judged_escalating",
    "Share of audits whose judgement of a domain escalates",
    ChartKind.P,
    Source.AUDITS,
    "those whose judgement of the domain goes to the manager at once",
    "audits completed in the month of which this domain was judged on this scale",
    "§4.3, R4.3.2",
)
ADEQUATE_ON_TIME: Final = Charted(
    "responses_adequate_on_time",
    "Share of responses adequate on time",
    ChartKind.P,
    Source.RESPONSES,
    "those whose round that was found adequate was submitted by the due date",
    "responses due in the month of which that is decided",
    "§4.2, R4.2.4",
)
RESPONSE_TIME: Final = Charted(
    "response_time",
    "Median working days to respond",
    ChartKind.XMR,
    Source.RESPONSES,
    "working days from notification to the first submission, of responses due in the month",
    None,
    "§4.2, R4.2.1",
)
CHARTED: Final = (AUDITS_COMPLETED, JUDGED_ESCALATING, ADEQUATE_ON_TIME, RESPONSE_TIME)
"""Every chart, in the order in which the Board reads them."""


class Counts(Unchanging):
    """What a chart counts: its months, and how many rows each month's value is of."""

    months: Sequence[MonthCount]
    rows: Sequence[int]


NO_MONTHS: Final = Counts((), ())


def completed(cells: Cells, last: Month) -> Counts:
    """The audits completed in each month, from the first with any; a month without is nought."""
    found = _added(cells.get(COMPLETED, ()))
    if not found:
        return NO_MONTHS
    months, month = [], min(found)
    while month <= last:
        months.append(MonthCount(month, found.get(month, 0)))
        month = month.next
    return Counts(months, [int(each.number) for each in months])


def escalating(cells: Cells, on: JudgedOn, judgements: frozenset[str], last: Month) -> Counts:
    """The audits on one number of one scale whose judgement escalates, of each month's."""
    found = on_scale(cells, on)
    return _shares(found, lambda cell: cell.facts.get("judgement") in judgements, last)


def adequate_on_time(cells: Cells, last: Month) -> Counts:
    """The responses adequate on time of each month, of those of which that is decided."""
    decided = [cell for cell in cells.get(RESPONSES, ()) if _is_decided(cell)]
    return _shares(decided, lambda cell: cell.facts.get("adequate_on_time") is True, last)


def days_to_respond(cells: Cells, last: Month) -> Counts:
    """The median working days to respond to what was due in each month."""
    spans: dict[Month, dict[int, int]] = {}
    for cell in cells.get(DAYS, ()):
        value = int(str(cell.facts["value"]))
        of_month = spans.setdefault(_month(cell), {})
        of_month[value] = of_month.get(value, 0) + cell.number
    found = {month: middle_of(each) for month, each in spans.items() if month <= last}
    months = sorted(month for month, value in found.items() if value is not None)
    return Counts(
        [MonthCount(month, found[month] or 0.0) for month in months],
        [sum(spans[month].values()) for month in months],
    )


def judged_of_quarters(cells: Cells, on: JudgedOn) -> Mapping[Beside, int]:
    """How often each judgement of a scale was given in each quarter.

    A quarter's figures may join two of them: beside a chart of the one the other would be known.
    """
    found = on_scale(cells, on)
    return _by_quarter(found, lambda cell: str(cell.facts.get("judgement")))


def undecided_of_quarters(cells: Cells) -> Mapping[Beside, int]:
    """The responses due in each quarter that a chart leaves out, since they may still be in time.

    A quarter's figures count them too, so beside a chart they would be known.
    """
    return _by_quarter(
        (cell for cell in cells.get(RESPONSES, ()) if not _is_decided(cell)), lambda _: "undecided"
    )


def judged_in(cells: Cells) -> tuple[JudgedOn, ...]:
    """What was judged on which scale, each number by itself: wholes first, then marked domains."""
    found = {
        _judged_on(cell)
        for series in (COMPLETED, DOMAINS)
        for cell in cells.get(series, ())
        if "scale" in cell.facts
    }
    return tuple(sorted(found, key=lambda on: on.place({})))


def _judged_on(cell: Cell) -> JudgedOn:
    domain = cell.facts.get("domain")
    number = int(str(cell.facts["scale_number"]))
    return JudgedOn(str(cell.facts["scale"]), number, None if domain is None else str(domain))


def on_scale(cells: Cells, on: JudgedOn) -> Sequence[Cell]:
    """The cells of months that say how one thing was judged on its scale."""
    return [
        cell
        for cell in cells.get(COMPLETED if on.domain is None else DOMAINS, ())
        if "scale" in cell.facts and _judged_on(cell) == on
    ]


def _is_decided(cell: Cell) -> bool:
    return cell.facts.get("adequate_on_time") is not None or cell.late


def _by_quarter(cells: Iterable[Cell], what: Callable[[Cell], str]) -> Mapping[Beside, int]:
    found: dict[Beside, int] = {}
    for cell in cells:
        each = FinancialQuarter.of(_month(cell).starts_on).label, what(cell)
        found[each] = found.get(each, 0) + cell.number
    return found


def _shares(cells: Sequence[Cell], counts: Callable[[Cell], bool], last: Month) -> Counts:
    below = _added(cells)
    above = _added(cell for cell in cells if counts(cell))
    months = [
        MonthCount(month, above.get(month, 0), below[month])
        for month in sorted(below)
        if below[month] > 0 and month <= last
    ]
    return Counts(months, [each.of or 0 for each in months])


def _added(cells: Iterable[Cell]) -> Mapping[Month, int]:
    found: dict[Month, int] = {}
    for cell in cells:
        month = _month(cell)
        found[month] = found.get(month, 0) + cell.number
    return found


def _month(cell: Cell) -> Month:
    return _labelled(str(cell.facts["month"]))


_labelled: Final = lru_cache(maxsize=1_000)(Month.labelled)
"""There are few months, and many cells of each."""
