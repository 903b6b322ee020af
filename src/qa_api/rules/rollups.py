"""Figures from cells: counts of rows that no figure tells apart (§4.7, R4.7.3).

A cell is what the database keeps of the rows of one series: those of one list that one of its
dates places in a quarter. A figure's filters ask for the facts of a cell, so what a figure may
filter by stands here, once for each series.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.metrics import Counted, Source, Span, Value
from qa_api.rules.states import ACTION_SETTLED, AUDIT_FINISHED, AuditState


class Cell(NamedTuple):
    """So many rows of a series, what holds of them, and what today makes of their dates."""

    series: str
    facts: Mapping[str, Value]
    overdue: bool
    """The day has passed until which something was awaited."""
    late: bool
    """The day has passed after which they can be in time no more."""
    number: int

    @classmethod
    def folded(
        cls,
        series: str,
        facts: Mapping[str, Value],
        overdue: bool,
        late: bool,
        number: int,
        lengths: Iterable[int],
        numbers: Iterable[int],
    ) -> "Cell":
        """All rows of a series that nothing but the length of their span tells apart."""
        spans: Any = tuple(zip(lengths, numbers, strict=True))
        return cls(series, {**facts, "spans": spans}, overdue, late, number)

    @property
    def spans(self) -> Iterable[tuple[int, int]]:
        """Each length of the spans of its rows, and how many rows have it."""
        folded: Any = self.facts.get("spans")
        return folded or [(int(str(self.facts["value"])), self.number)]


Fact: TypeAlias = Callable[[Cell], Value | None]
"""What a filter compares; None is neither true nor false, and nothing is kept."""


BY_DOMAIN: Final = "by_domain"
"""Ends the series that has a cell for each judged domain of a row, not one for the row."""


class NotCounted(LookupError):
    """A figure filters by something that the rollups do not keep."""


def series_of(part: Counted, span: Span | None = None) -> str:
    """The series whose cells a part counts, or whose spans its median is of."""
    parts = [part.source, part.dated]
    if "domain" in part.filters:
        parts.append(BY_DOMAIN)
    return "/".join([*parts, span] if span else parts)


Cells: TypeAlias = Mapping[str, Sequence[Cell]]
"""By series."""


def by_series(cells: Iterable[Cell]) -> Cells:
    """Sorted once, since many parts are counted from the same cells."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.series, []).append(cell)
    return found


def count(part: Counted, cells: Cells) -> int:
    """How many rows of the cells a part keeps."""
    return sum(cell.number for cell in kept(part, cells))


def kept(part: Counted, cells: Cells, span: Span | None = None) -> Iterable[Cell]:
    """The cells whose rows a part counts, or those of their spans."""
    return _kept(part, series_of(part, span), cells)


def median(part: Counted, span: Span, cells: Cells) -> float | None:
    """The median of the spans of the rows that a part keeps; None where there are none."""
    found: dict[int, int] = {}
    for cell in _kept(part, series_of(part, span), cells):
        for value, number in cell.spans:
            found[value] = found.get(value, 0) + number
    return middle_of(found)


def middle_of(found: Mapping[int, int]) -> float | None:
    """The median of values, each so often; None of none."""
    rows = sum(found.values())
    if not rows:
        return None
    lower, upper = _at((rows - 1) // 2, found), _at(rows // 2, found)
    return (lower + upper) / 2


def domains_in(cells: Cells) -> frozenset[JudgedOn]:
    """The domains that are judged in the completed audits of the cells, on which scale."""
    found = (cell.facts for cell in cells.get(f"{Source.AUDITS}/completed/{BY_DOMAIN}", ()))
    return frozenset(
        JudgedOn(str(facts["scale"]), int(str(facts["scale_number"])), str(facts["domain"]))
        for facts in found
    )


def check(part: Counted, span: Span | None = None) -> None:
    """Raise NotCounted for a part that no rollup can answer."""
    series = series_of(part, span)
    for name in part.filters:
        if name not in FACTS.get(series, {}):
            raise NotCounted(
                f"{series} keeps nothing to filter by {name!r}: add it to the cells in a migration "
                "that rebuilds them, and to FACTS in rules/rollups.py"
            )


def _kept(part: Counted, series: str, cells: Cells) -> Iterable[Cell]:
    asked = [(FACTS[series][name], value) for name, value in part.filters.items()]
    for cell in cells.get(series, ()):
        for fact, value in asked:
            if fact(cell) != value:
                break
        else:
            yield cell


def _at(place: int, found: Mapping[int, int]) -> int:
    """The value at a place, counted from 0, in ascending order."""
    before = 0
    for value in sorted(found):
        before += found[value]
        if before > place:
            break
    return value


# --- what may be filtered by ---


def _flag(name: str, cell: Cell) -> Value:
    return cell.facts.get(name, False)


def _code(name: str, cell: Cell) -> Value | None:
    return cell.facts.get(name)


def _always(_: Cell) -> Value:
    return True


def _in_time(name: str, cell: Cell) -> Value | None:
    """Settled once and for all, or lost with the day; until then neither."""
    return cell.facts.get(name, False if cell.late else None)


_AUDITS_DUE: Final[Mapping[str, Fact]] = {
    "done": lambda cell: cell.facts["state"] in AUDIT_FINISHED,
    "cancelled": lambda cell: cell.facts["state"] == AuditState.CANCELLED,
    "exempt": partial(_flag, "exempt"),
    "theme": partial(_code, "theme"),
}
_AUDITS_COMPLETED: Final[Mapping[str, Fact]] = {
    "family_contacted": partial(_flag, "family_contacted"),
    "scale": partial(_code, "scale"),
    "scale_number": partial(_code, "scale_number"),
    "judgement": partial(_code, "judgement"),
    "theme": partial(_code, "theme"),
}
_DOMAINS_COMPLETED: Final[Mapping[str, Fact]] = {
    "profile": lambda cell: f"{cell.facts['scale']}/{cell.facts['scale_number']}",
    "domain": partial(_code, "domain"),
    "domain_judgement": lambda cell: f"{cell.facts['domain']}/{cell.facts.get('judgement')}",
    "theme": partial(_code, "theme"),
}
"""A cell is a domain of an audit for which its domains stand: an audit is in several."""
_RESPONSES: Final[Mapping[str, Fact]] = {
    "submitted": partial(_flag, "submitted"),
    "first_submitted_on_time": partial(_in_time, "first_submitted_on_time"),
    "adequate_on_time": partial(_in_time, "adequate_on_time"),
    "overdue": lambda cell: cell.overdue,
    "was_returned": partial(_flag, "was_returned"),
}
_ACTIONS: Final[Mapping[str, Fact]] = {
    "state": partial(_code, "state"),
    "settled": lambda cell: cell.facts["state"] in ACTION_SETTLED,
    "overdue": lambda cell: cell.overdue or cell.facts.get("overdue", False),
    "by_first_promise": partial(_flag, "by_first_promise"),
}
_ESCALATIONS: Final[Mapping[str, Fact]] = {
    "trigger": partial(_code, "trigger"),
    "acknowledged": partial(_flag, "acknowledged"),
    "informed": partial(_flag, "informed"),
}
_GATES: Final[Mapping[str, Fact]] = {
    "audited": partial(_flag, "audited"),
    "exempt": partial(_flag, "exempt"),
}

FACTS: Final[Mapping[str, Mapping[str, Fact]]] = {
    f"{Source.AUDITS}/due": _AUDITS_DUE,
    f"{Source.AUDITS}/completed": _AUDITS_COMPLETED,
    f"{Source.AUDITS}/completed/{BY_DOMAIN}": _DOMAINS_COMPLETED,
    f"{Source.RESPONSES}/due": _RESPONSES,
    f"{Source.RESPONSES}/due/{Span.NOTIFIED_TO_SUBMITTED}": {"submitted": _always},
    f"{Source.ACTIONS}/set": _ACTIONS,
    f"{Source.ESCALATIONS}/raised": _ESCALATIONS,
    f"{Source.ESCALATIONS}/raised/{Span.RAISED_TO_ACKNOWLEDGED}": {
        "trigger": partial(_code, "trigger"),
        "acknowledged": _always,
    },
    f"{Source.ESCALATIONS}/raised/{Span.RAISED_TO_INFORMED}": {
        "trigger": partial(_code, "trigger"),
        "informed": _always,
    },
    f"{Source.GATES}/closed": _GATES,
}
"""For each series, the filters that its cells can answer."""

SPANS: Final = frozenset(series for series in FACTS if series.split("/")[-1] in [*Span])
"""The series whose cells say how long it took."""
