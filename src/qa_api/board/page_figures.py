"""The figures of a board report in HTML: charts beside the tables that say the same."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from qa_api.board.after_moderation import of_scale
from qa_api.board.charts import Bar, Group, Stack, bars, stacks, swatch
from qa_api.board.doubts import by_rows
from qa_api.board.figure_schemas import (
    AfterModerationOut,
    JoinedJudgementsOut,
    MetricsOut,
    ModeratedCountOut,
    ObservationsOut,
    ScaleJudgementsOut,
    ThemeFiguresOut,
    ThemeJudgementsOut,
    judged_on,
)
from qa_api.board.page_judgements import (
    ShownJudgement,
    key_of,
    name_of,
    shown_judgements,
    together,
)
from qa_api.board.page_pieces import (
    WITHHELD,
    Doubts,
    chart_figure,
    count_of,
    counted,
    day,
    number,
    of_all,
    parted,
    said_cell,
    table,
    value_of,
    without_bare_share,
)
from qa_api.board.page_shares import agreement, shares
from qa_api.board.schemas import TrendOut

_SECTIONS = (
    ("audits", "Audits", ("audits_", "family_")),
    ("responses", "Response timeliness", ("responses_", "response_")),
    ("actions", "Restorative actions", ("actions_",)),
    ("urgent", "Urgent findings", ("urgent_",)),
    ("closures", "Closures", ("closures_",)),
)


def figures(metrics: MetricsOut) -> Iterator[str]:
    """The figures of the quarter, section by section."""
    doubts = by_rows(metrics)
    yield "<h2>Judgements</h2>"
    joined = metrics.joined or ()
    yield from (
        _judgements(scale, joined, doubts, of_scale(metrics, scale)) for scale in metrics.judgements
    )
    if not metrics.judgements:
        yield "<p>No audit was completed in the quarter.</p>"
    if metrics.agreement is not None:
        yield "<h2>Agreement of auditors and moderators</h2>"
        beyond = {
            (judged_on(each), each.second_grade): each for each in metrics.beyond_chance or ()
        }
        yield from (agreement(scale, beyond, doubts) for scale in metrics.agreement)
        if not metrics.agreement:
            yield "<p>Nothing can be told: no audit was moderated, or too few.</p>"
    for key, title, prefixes in _SECTIONS:
        chosen = [figure for figure in metrics.figures if figure.key.startswith(prefixes)]
        yield f"<h2>{title}</h2>" + shares(key, title, chosen, doubts)
    if metrics.themes is not None:
        yield "<h2>Themes</h2>" + _themes(metrics.themes, joined)
    if metrics.observations:
        yield "<h2>Practice observations</h2>" + _observations(metrics.observations)


# --- judgements ---


def _judgements(
    scale: ScaleJudgementsOut,
    joined: Iterable[JoinedJudgementsOut],
    doubts: Doubts,
    after: Mapping[str, AfterModerationOut],
) -> str:
    name, key = name_of(scale), f"judgements-{key_of(scale)}"
    shown = shown_judgements(scale, joined, doubts)
    of = scale.denominator.count
    # All as one number would be a bar that says nothing.
    drawn = shown if len(shown) > 1 else ()
    groups = [Group(j.label, [_bar(j, of)]) for j in drawn if j.count is not None]
    words = parted(f"{j.label}: {j.sentence or counted(j.count)}" for j in shown)
    most = of or max((group.bars[0].length for group in groups), default=1)
    chart = bars(key, f"Judgements on {_within(scale)}", words, groups, most) if groups else ""
    rows = (
        (
            escape(j.label),
            number(counted(j.count)),
            number(WITHHELD) if j.count is None else said_cell(j.sentence),
        )
        for j in shown
    )
    judgement = "overall judgement" if scale.domain_key is None else "judgement of the domain"
    caption = (
        f"Audits completed in the quarter, by {judgement}, best first. The lines at the bars "
        "are the bounds within which all cases like these likely lie"
    )
    heads = ("Judgement", "Audits", "What it says of all cases like these")
    page = (
        f"<h3>{escape(name)}</h3>"
        + chart_figure(chart, caption)
        + table(of_all(scale.denominator.count, scale.denominator.definition), heads, rows)
    )
    return page + together(shown) + _moderation(key, scale, after)


def _bar(shown: ShownJudgement, of: int | None) -> Bar:
    """A judgement's bar; its bounds on the scale of the audits."""
    bounds = shown.interval
    between = None if bounds is None or of is None else (bounds.low * of, bounds.high * of)
    return Bar(shown.count or 0, str(shown.count), between=between)


def _within(scale: ScaleJudgementsOut) -> str:
    """The name as it stands within a title."""
    name = name_of(scale)
    return name if scale.domain_key else name[0].lower() + name[1:]


def _moderation(
    key: str, scale: ScaleJudgementsOut, after: Mapping[str, AfterModerationOut]
) -> str:
    if not scale.moderated:
        pairs = "too few" if scale.moderated_pairs is None else f"{scale.moderated_pairs}"
        return f"<p>Moderated: {pairs} audits; before and after are not compared.</p>"
    groups = [
        Group(
            m.label,
            [Bar(m.before, f"{m.before} before"), Bar(m.after, f"{m.after} after", hatched=True)],
        )
        for m in scale.moderated
        if m.before is not None and m.after is not None
    ]
    words = "; ".join(
        f"{m.label}: {counted(m.before)} before, {counted(m.after)} after" for m in scale.moderated
    )
    title = f"Before and after moderation on {_within(scale)}"
    most = scale.moderated_pairs or 1
    chart = bars(f"{key}-moderated", title, words, groups, most) if groups else ""

    def said(m: ModeratedCountOut) -> str:
        one = after.get(m.judgement)
        return '<td class="doubt">not told</td>' if one is None else said_cell(one.sentence)

    rows = (
        (escape(m.label), number(counted(m.before)), number(counted(m.after)), said(m))
        for m in scale.moderated
    )
    which = f" ({scale.moderated_second_grade.value})" if scale.moderated_second_grade else ""
    caption = f"The same {scale.moderated_pairs} audits before and after moderation{which}"
    return chart_figure(chart, f"{caption}; after is hatched") + table(
        caption, ("Judgement", "Before", "After", "What after says of all completed"), rows
    )


# --- themes ---


def _themes(themes: Sequence[ThemeFiguresOut], joined: Iterable[JoinedJudgementsOut]) -> str:
    if not themes:
        return "<p>Nothing can be told: no themed audit was due or completed, or too few.</p>"
    rows = (
        (
            escape(theme.title),
            number(count_of(theme.audits)),
            number(counted(theme.completed.count)),
            _of_theme(theme, joined) or "none",
        )
        for theme in themes
    )
    heads = ("Theme", "Completed of planned", "Completed in the quarter", "Judged, best first")
    return table("Audits of each theme", heads, rows)


def _of_theme(theme: ThemeFiguresOut, joined: Iterable[JoinedJudgementsOut]) -> str:
    return "<br>".join(
        f"{escape(_short_name(scale))}: "
        + _listed(shown_judgements(scale, joined, {}, theme.theme))
        for scale in theme.judgements
    )


def _short_name(scale: ScaleJudgementsOut | ThemeJudgementsOut) -> str:
    return scale.domain or scale.domain_key or f"{scale.scale_code} {scale.scale_number}"


def _listed(judgements: Iterable[ShownJudgement]) -> str:
    return "; ".join(f"{escape(one.label)}: {counted(one.count)}" for one in judgements)


# --- observations ---


def _observations(found: ObservationsOut) -> str:
    counts = (
        ("None", found.with_none),
        ("One", found.with_one),
        ("Two or more", found.with_two_or_more),
    )
    words = "; ".join(f"{label}: {counted(count)}" for label, count in counts)
    groups = [
        Group(label, [Bar(count, str(count))]) for label, count in counts if count is not None
    ]
    title = "Workers by observations done"
    chart = bars("observations", title, words, groups, found.workers or 1) if groups else ""
    rows = ((label, number(counted(count))) for label, count in counts)
    caption = f"{of_all(found.workers, found.denominator_is)}, as at {day(found.as_at)}"
    return chart_figure(chart, "Workers by observations done in their period") + table(
        caption, ("Observations", "Workers"), rows
    )


# --- trend ---


def trend(quarters: Sequence[TrendOut]) -> str:
    """The judgements of the last quarters: of audits as a whole, then domain by domain."""
    judged = [one for quarter in quarters for one in quarter.judgements]
    titles = {one.domain_key: one.domain or one.domain_key for one in judged}
    if not titles.keys() - {None}:
        return _trend("trend", quarters)
    return "".join(
        f"<h3>{escape(title or 'As a whole')}</h3>"
        + _trend("trend" if key is None else f"trend-{escape(key)}", _only(quarters, key))
        for key, title in titles.items()
    )


def _only(quarters: Sequence[TrendOut], domain: str | None) -> Sequence[TrendOut]:
    """The quarters with the judgements of one domain alone, or of the whole."""
    return [
        quarter.model_copy(
            update={"judgements": [j for j in quarter.judgements if j.domain_key == domain]}
        )
        for quarter in quarters
    ]


def _trend(key: str, quarters: Sequence[TrendOut]) -> str:
    """A change of scale is marked and never crossed."""
    rows, stacked = [], []
    for quarter in quarters:
        note = "Scale changed here: above and below are not comparable"
        mark = note if quarter.scale_changed else None
        for scale in quarter.judgements:
            shown = shown_judgements(scale, quarter.joined or (), {})
            parts = [(j.label, j.count or 0) for j in shown]
            name = f"{scale.scale_code} {scale.scale_number}"
            if all(
                j.count is not None for j in shown
            ):  # a bar without a part would show the wrong shares
                stacked.append(Stack(f"{quarter.quarter}, {name}", parts, mark))
            changed = ' <span class="mark">scale changed</span>' if mark else ""
            on_time = quarter.responses_adequate_on_time
            rows.append(
                (
                    escape(quarter.quarter) + changed,
                    escape(name),
                    _with_swatches(shown),
                    number(value_of(without_bare_share(on_time)) if on_time else "not known"),
                )
            )
            mark = None
    words = "; ".join(
        f"{stack.label}: " + ", ".join(f"{label} {count}" for label, count in stack.parts)
        for stack in stacked
    )
    chart = stacks(key, "Judgements over the quarters", words, stacked) if stacked else ""
    heads = ("Quarter", "Scale", "Judgements", "Responses adequate on time")
    caption = "Judgements of each quarter, best first; scales are never mixed"
    return chart_figure(chart, caption) + (
        table("Judgements and response timeliness over the quarters", heads, rows)
    )


def _with_swatches(judgements: Sequence[ShownJudgement]) -> str:
    if all(one.count is None for one in judgements):
        return WITHHELD
    return "; ".join(
        f"{swatch(at)} {escape(one.label)}: {counted(one.count)}"
        for at, one in enumerate(judgements)
    )
