"""Who of the open children was looked at, on the Board's page: one table for each kind of part."""

from collections.abc import Iterator, Sequence
from html import escape

from qa_api.board.page_pieces import WITHHELD, day, number, said_cell, table
from qa_api.caseloads.figures_schemas import CoverageOut, CoveragePartOut, CoveredOut

_KINDS = {"system": "case system", "team": "team", "status": "status"}
_HEADS = ("Audited of open children", "How sure it is")


def open_children(found: CoverageOut | None) -> Iterator[str]:
    """The coverage at the end of the quarter; nothing in a report that does not tell of it."""
    if found is None:
        return
    yield "<h2>Who is looked at</h2>"
    yield (
        f"<p>Of the children whose cases were open on {day(found.day)}: who had an audit completed"
        f" from {day(found.audited_from)} to that day. The caseload of that day is the nearest to"
        " the end of the quarter. Everybody was counted: bounds are of the rate behind it.</p>"
    )
    caption = "Of all open children"
    yield table(caption, ("Whole", *_HEADS), [("All", *_cells(found.covered))])
    yield "<p>Parts that are too small to tell of are in the whole alone, and are not listed.</p>"
    told = [part for part in found.parts if part.covered is not None]
    for by in dict.fromkeys(part.by for part in told):
        yield _by(by, [part for part in told if part.by == by])


def _by(by: str, parts: Sequence[CoveragePartOut]) -> str:
    name = _KINDS.get(by, by.removeprefix("strata.").replace("_", " "))
    rows = ((escape(part.code or "not said"), *_cells(part.covered)) for part in parts)
    return table(f"Open children by {name}", (name.capitalize(), *_HEADS), rows)


def _cells(covered: CoveredOut | None) -> tuple[str, str]:
    if covered is None:
        return number(WITHHELD), number(WITHHELD)
    return number(f"{covered.audited} of {covered.children}"), said_cell(covered.sentence)
