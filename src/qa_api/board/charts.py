"""Small charts as SVG: bars from zero, every number written beside its bar, nothing by colour only.

Each chart has a title and a description for who cannot see it, and stands beside a table that
says the same. All text is escaped here.
"""

from collections.abc import Sequence
from html import escape
from typing import Final

from qa_api.rules.unchanging import Unchanging

_WIDTH: Final = 640
_LABELS: Final = 240
_NUMBERS: Final = 130
_PLOT: Final = _WIDTH - _LABELS - _NUMBERS
_BAR: Final = 16
_GAP: Final = 12
_HATCH: Final = (
    '<pattern id="{id}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/>'
    '<rect width="3" height="6" fill="#1d4f7a"/></pattern>'
)
_SHADES: Final = ("#12395b", "#2f6c9e", "#8db8d8", "#dbe8f2", "#ffffff")


class Bar(Unchanging):
    """One bar: how long, and what is written at its end.

    `between` are the bounds of a sample's figure, drawn as whiskers on the bar's own scale.
    """

    length: float
    written: str
    hatched: bool = False
    between: tuple[float, float] | None = None


class Group(Unchanging):
    """Bars under one label."""

    label: str
    bars: Sequence[Bar]


class Stack(Unchanging):
    """Parts of one whole under one label; a note stands above it, across a line."""

    label: str
    parts: Sequence[tuple[str, int]]
    note: str | None = None


def bars(key: str, title: str, description: str, groups: Sequence[Group], most: float) -> str:
    """Horizontal bars from zero to `most`, the same scale for all of them."""
    drawn, y = [], 0
    for group in groups:
        middle = y + len(group.bars) * _BAR / 2 + 4
        drawn.append(_text(_LABELS - 8, middle, group.label, anchor="end"))
        for bar in group.bars:
            width = round(_PLOT * bar.length / most, 1) if most else 0
            fill = f"url(#{key}-hatch)" if bar.hatched else "#1d4f7a"
            drawn.append(
                f'<rect x="{_LABELS}" y="{y}" width="{width}" height="{_BAR - 2}" '
                f'fill="{fill}" stroke="#12395b"/>'
            )
            reach = width
            if bar.between is not None and most:
                low, high = (round(_PLOT * bound / most, 1) for bound in bar.between)
                drawn.append(_whiskers(_LABELS + low, _LABELS + high, y + _BAR / 2 - 1))
                reach = max(width, high)
            drawn.append(_text(_LABELS + reach + 6, y + 11, bar.written))
            y += _BAR
        y += _GAP
    axis = f'<line x1="{_LABELS}" y1="0" x2="{_LABELS}" y2="{y}" stroke="#222"/>'
    return _svg(key, title, description, y, f"<defs>{_HATCH.format(id=key)}</defs>", *drawn, axis)


def stacks(key: str, title: str, description: str, rows: Sequence[Stack]) -> str:
    """Shares of a whole, each row as wide as the next; the numbers stand in or beside them."""
    drawn, y = [], 0
    for row in rows:
        if row.note:
            line = f'<line x1="0" y1="{y + 18}" x2="{_WIDTH}" y2="{y + 18}" '
            drawn += [line + 'stroke="#222" stroke-dasharray="6 4"/>', _text(0, y + 12, row.note)]
            y += 26
        drawn.append(_text(_LABELS - 8, y + 16, row.label, anchor="end"))
        total = sum(count for _, count in row.parts)
        x = float(_LABELS)
        for at, (label, count) in enumerate(row.parts):
            if not count:
                continue
            width = (_PLOT + _NUMBERS) * count / total
            shade = _SHADES[min(at, len(_SHADES) - 1)]
            drawn.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="22" fill="{shade}" '
                f'stroke="#12395b"><title>{escape(label)}: {count}</title></rect>'
            )
            if width > 18:
                ink = "#fff" if at < 2 else "#111"
                drawn.append(_text(x + 4, y + 15, str(count), fill=ink))
            x += width
        if not total:
            drawn.append(_text(_LABELS, y + 16, "nothing to show"))
        y += 22 + _GAP
    return _svg(key, title, description, y, *drawn)


def _whiskers(low: float, high: float, y: float) -> str:
    """Bounds as a line with an end on either side, white beneath so that it shows on the bar."""
    path = (
        f"M{low:.1f} {y - 4:.1f}V{y + 4:.1f}M{high:.1f} {y - 4:.1f}V{y + 4:.1f}"
        f"M{low:.1f} {y:.1f}H{high:.1f}"
    )
    return (
        f'<path d="{path}" stroke="#fff" stroke-width="4" fill="none"/>'
        f'<path d="{path}" stroke="#111" stroke-width="1.5" fill="none"/>'
    )


def swatch(at: int) -> str:
    """The shade of a part of a stack, for its table."""
    shade = _SHADES[min(at, len(_SHADES) - 1)]
    return (
        '<svg width="14" height="14" aria-hidden="true">'
        f'<rect width="14" height="14" fill="{shade}" stroke="#12395b"/></svg>'
    )


def _svg(key: str, title: str, description: str, height: float, *content: str) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {_WIDTH} {max(height, 1):.0f}" '
        f'aria-labelledby="{key}-title {key}-desc">'
        f'<title id="{key}-title">{escape(title)}</title>'
        f'<desc id="{key}-desc">{escape(description)}</desc>{"".join(content)}</svg>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", fill: str = "#111") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(text)}</text>'
    )
