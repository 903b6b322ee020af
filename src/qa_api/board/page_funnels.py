"""Services side by side on the Board's page: which differ by more than chance (R4.7.3)."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

from qa_api.board.page_pieces import chart_figure, number, parted, table
from qa_api.board.schemas import ReportedUpdateOut
from qa_api.rules.funnels import FEWEST_PARTS, Funnel, Part, Standing, said, side_by_side, standing
from qa_api.rules.intervals import Interval
from qa_api.rules.unchanging import Unchanging

_KEYS: Final = ("audits_done", "family_contact", "responses_adequate_on_time")
_WIDTH, _LABELS, _RIGHT, _ROW = 640, 200, 24, 30
_INK: Final = "#12395b"


class _Row(Unchanging):
    """A service in its funnel."""

    service: str
    part: Part
    inner: Interval
    outer: Interval

    @property
    def stands(self) -> Standing:
        return standing(self.part, self.inner, self.outer)


def funnels(updates: Sequence[ReportedUpdateOut]) -> Iterator[str]:
    """Each figure of which three services or more show their counts."""
    for key in _KEYS:
        title, parts = _parts(updates, key)
        if len(parts) >= FEWEST_PARTS:
            yield from _funnel(f"funnel-{key}", title, parts)


def _parts(updates: Sequence[ReportedUpdateOut], key: str) -> tuple[str, Mapping[str, Part]]:
    """The counts of each service that shows them."""
    title, found = "", {}
    for update in updates:
        for figure in update.figures.figures if update.figures else ():
            count, of = figure.numerator.count, figure.denominator.count
            if figure.key == key and count is not None and of:
                title, found[update.service] = figure.title, Part(count, of)
    return title, found


def _funnel(key: str, title: str, parts: Mapping[str, Part]) -> Iterator[str]:
    drawn = side_by_side([*parts.values()])
    rows = [
        _Row(service, part, inner, outer)
        for (service, part), inner, outer in zip(
            parts.items(), drawn.inner, drawn.outer, strict=True
        )
    ]
    caption = (
        f"{title}: each service, as at the report; the bars are where it lies by chance, the line "
        "is the services shown here taken together, not the authority"
    )
    yield f"<h3>{escape(title)}, side by side</h3>"
    yield chart_figure(_svg(key, title, rows, drawn), caption)
    heads = ("Service", "Numerator of denominator", "What it says")
    yield table(
        f"{title}, service by service",
        heads,
        (
            (
                escape(row.service),
                number(f"{row.part.count} of {row.part.of}"),
                escape(said(row.stands, drawn.target)),
            )
            for row in rows
        ),
    )


def _svg(key: str, title: str, rows: Sequence[_Row], drawn: Funnel) -> str:
    """Each service in a row: its bounds as bars, itself as a mark, all these together as a line."""
    height = _ROW * len(rows) + 20
    content = "".join(_drawn(row, at * _ROW) for at, row in enumerate(rows))
    x = _x(drawn.target)
    words = parted(
        f"{row.service}: {row.part.count} of {row.part.of}. {said(row.stands, drawn.target)}"
        for row in rows
    )
    return (
        f'<svg role="img" viewBox="0 0 {_WIDTH} {height}" aria-labelledby="{key}-title {key}-desc">'
        f'<title id="{key}-title">{escape(title)}, services side by side</title>'
        f'<desc id="{key}-desc">{escape(words)}</desc>{content}'
        f'<path d="M{x:.1f} 0V{height - 18}" stroke="#222"/>'
        f'<text x="{x:.1f}" y="{height - 4}" text-anchor="middle" fill="#111">these together</text>'
        "</svg>"
    )


def _drawn(row: _Row, y: int) -> str:
    bars = "".join(
        f'<rect x="{_x(bounds.low):.1f}" y="{y + inset}" height="{20 - 2 * inset}" fill="{fill}" '
        f'width="{max(_x(bounds.high) - _x(bounds.low), 1):.1f}" stroke="{_INK}"/>'
        for bounds, inset, fill in ((row.outer, 4, "#fff"), (row.inner, 6, "#dbe8f2"))
    )
    x, middle = _x(row.part.count / row.part.of), y + 10
    if row.stands is Standing.WITHIN:
        mark = f'<circle cx="{x:.1f}" cy="{middle}" r="5" fill="#fff" stroke="{_INK}"/>'
    else:
        mark = f'<rect x="{x - 6:.1f}" y="{middle - 6}" width="12" height="12" fill="{_INK}"/>'
    return (
        f'<text x="{_LABELS - 8}" y="{middle + 4}" text-anchor="end" fill="#111">'
        f"{escape(row.service)}</text>{bars}{mark}"
    )


def _x(share: float) -> float:
    return _LABELS + (_WIDTH - _LABELS - _RIGHT) * share
