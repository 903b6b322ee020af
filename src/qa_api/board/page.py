"""A board report as one page that can be printed: no network, no script, tables beside charts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from html import escape
from typing import Final

from qa_api.board.charts import Bar, Group, Stack, bars, stacks, swatch
from qa_api.board.schemas import (
    BoardReportOut,
    MetricOut,
    NarrativeOut,
    ObservationsOut,
    ReportedUpdateOut,
    ScaleJudgementsOut,
    SnapshotOut,
    TrendOut,
)
from qa_api.rules.local_time import LONDON
from qa_api.rules.metrics import Unit

_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; color: #111; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 2.5rem; border-bottom: 2px solid #12395b; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; font-size: .9rem; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { border: 1px solid #888; padding: .3rem .5rem; text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1rem 0; break-inside: avoid; } figcaption { font-size: .9rem; }
svg[role=img] { width: 100%; max-width: 40rem; height: auto; font: 13px system-ui, sans-serif; }
.definition { color: #333; } .said { white-space: pre-wrap; }
.mark { border: 1px solid #12395b; padding: 0 .3rem; font-weight: 600; }
@page { size: A4; margin: 18mm; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } h2, h3, caption {
  break-after: avoid; } tr, figure { break-inside: avoid; } }
"""

_SECTIONS: Final = {
    "activity": "Activity",
    "learning": "Learning",
    "good_practice": "Good practice",
    "changes_made": "Changes made",
    "evidence_of_impact": "Evidence of impact",
    "risks": "Risks",
    "next_quarter": "Next quarter",
}
_WITHHELD: Final = "withheld: too few"


def as_page(report: BoardReportOut) -> str:
    """The whole report in HTML; whatever somebody wrote is escaped."""
    title = escape(report.title)
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n{''.join(_content(report))}\n</main>\n</body>\n</html>\n"
    )


def _content(report: BoardReportOut) -> Iterator[str]:
    yield f"<p>Quarter {report.quarter}, version {report.number}, {report.state.value}.</p>"
    if report.summary:
        yield f'<p class="said">{escape(report.summary)}</p>'
    said = report.snapshot
    if said is None:
        yield "<p>This report is a draft: its figures are computed when it is presented.</p>"
        return
    yield (
        f"<p>As at {_when(said.as_at)}, under version {said.policy_version} of the policy. What "
        "happened later is not in it. Figures over fewer than "
        f"{said.small_cell_minimum} are withheld.</p>"
    )
    yield from _figures(said)
    yield "<h2>Trend</h2>" + _trend(said.trend)
    yield "<h2>Updates of the services</h2>" + "".join(map(_update, said.updates))
    yield from _decisions(report)


# --- figures ---


def _figures(said: SnapshotOut) -> Iterator[str]:
    figures = {figure.key: figure for figure in said.figures.figures}
    yield "<h2>Judgements</h2>"
    yield from map(_judgements, said.figures.judgements)
    if not said.figures.judgements:
        yield "<p>No audit was completed in the quarter.</p>"
    sections = (
        ("audits", "Audits", ("audits_", "family_")),
        ("responses", "Response timeliness", ("responses_", "response_")),
        ("actions", "Restorative actions", ("actions_",)),
        ("urgent", "Urgent findings", ("urgent_",)),
        ("closures", "Closures", ("closures_",)),
    )
    for key, title, prefixes in sections:
        chosen = [figure for name, figure in figures.items() if name.startswith(prefixes)]
        yield f"<h2>{title}</h2>" + _shares(key, title, chosen)
    if said.figures.observations:
        yield "<h2>Practice observations</h2>" + _observations(said.figures.observations)


def _shares(key: str, title: str, figures: Sequence[MetricOut]) -> str:
    groups = [
        Group(figure.title, [Bar(figure.value, f"{_value(figure)} ({_of(figure)})")])
        for figure in figures
        if figure.unit is Unit.SHARE and figure.value is not None
    ]
    chart = bars(key, title, _in_words(figures), groups, 1.0) if groups else ""
    rows = (
        (
            escape(figure.title),
            _number(_value(figure)),
            _number(_of(figure)),
            _counted(figure),
        )
        for figure in figures
    )
    heads = ("Figure", "Value", "Numerator of denominator", "What is counted")
    return _figure(chart, f"{title}: share of each denominator") + _table(title, heads, rows)


def _counted(figure: MetricOut) -> str:
    above, below = figure.numerator.definition, figure.denominator.definition
    said = f"{above}, of {below} ({figure.clause})"
    return f'<span class="definition">{escape(said)}</span>'


def _judgements(scale: ScaleJudgementsOut) -> str:
    name = f"{scale.scale_code}, number {scale.scale_number}"
    key = f"judgements-{escape(scale.scale_code)}-{scale.scale_number}"
    if scale.withheld:
        return f"<h3>Scale {escape(name)}</h3><p>{_WITHHELD.capitalize()}.</p>"
    total = scale.denominator.count or 0
    groups = [Group(j.label, [Bar(j.count or 0, str(j.count))]) for j in scale.judgements]
    words = "; ".join(f"{j.label}: {j.count}" for j in scale.judgements)
    chart = bars(key, f"Judgements on scale {name}", words, groups, total)
    rows = ((escape(j.label), _number(str(j.count))) for j in scale.judgements)
    shown = (
        f"<h3>Scale {escape(name)}</h3>"
        + _figure(chart, "Audits completed in the quarter, by overall judgement, best first")
        + _table(f"Of {total} {scale.denominator.definition}", ("Judgement", "Audits"), rows)
    )
    return shown + _moderation(key, name, scale)


def _moderation(key: str, name: str, scale: ScaleJudgementsOut) -> str:
    if not scale.moderated:
        pairs = scale.moderated_pairs or 0
        return f"<p>Moderated: {pairs} audits, too few to compare before and after.</p>"
    groups = [
        Group(
            m.label,
            [Bar(m.before, f"{m.before} before"), Bar(m.after, f"{m.after} after", hatched=True)],
        )
        for m in scale.moderated
    ]
    words = "; ".join(f"{m.label}: {m.before} before, {m.after} after" for m in scale.moderated)
    title = f"Before and after moderation on scale {name}"
    chart = bars(f"{key}-moderated", title, words, groups, scale.moderated_pairs or 1)
    rows = (
        (escape(m.label), _number(str(m.before)), _number(str(m.after))) for m in scale.moderated
    )
    caption = f"The same {scale.moderated_pairs} audits before and after moderation"
    return _figure(chart, f"{caption}; after is hatched") + _table(
        caption, ("Judgement", "Before", "After"), rows
    )


def _observations(found: ObservationsOut) -> str:
    counts = (
        ("None", found.with_none),
        ("One", found.with_one),
        ("Two or more", found.with_two_or_more),
    )
    words = "; ".join(f"{label}: {count}" for label, count in counts)
    groups = [Group(label, [Bar(count, str(count))]) for label, count in counts]
    chart = bars("observations", "Workers by observations done", words, groups, found.workers)
    rows = ((label, _number(str(count))) for label, count in counts)
    caption = f"Of {found.workers} {found.denominator_is}, as at {_day(found.as_at)}"
    return _figure(chart, "Workers by observations done in their period") + _table(
        caption, ("Observations", "Workers"), rows
    )


def _trend(trend: Sequence[TrendOut]) -> str:
    rows, stacked = [], []
    for quarter in trend:
        note = "Scale changed here: above and below are not comparable"
        mark = note if quarter.scale_changed else None
        for scale in quarter.judgements:
            parts = [(j.label, j.count or 0) for j in scale.judgements]
            name = f"{scale.scale_code} {scale.scale_number}"
            stacked.append(Stack(f"{quarter.quarter}, {name}", parts, mark))
            listed = (
                _WITHHELD
                if scale.withheld
                else "; ".join(
                    f"{swatch(at)} {escape(label)}: {count}"
                    for at, (label, count) in enumerate(parts)
                )
            )
            changed = ' <span class="mark">scale changed</span>' if mark else ""
            on_time = quarter.responses_adequate_on_time
            rows.append(
                (
                    escape(quarter.quarter) + changed,
                    escape(name),
                    listed,
                    _number(_value(on_time) if on_time else "not known"),
                )
            )
            mark = None
    words = "; ".join(
        f"{stack.label}: " + ", ".join(f"{label} {count}" for label, count in stack.parts)
        for stack in stacked
    )
    chart = stacks("trend", "Judgements over the quarters", words, stacked) if stacked else ""
    heads = ("Quarter", "Scale", "Judgements", "Responses adequate on time")
    return _figure(chart, "Judgements of each quarter, best first; scales are never mixed") + (
        _table("Judgements and response timeliness over the quarters", heads, rows)
    )


# --- what people said ---


def _update(update: ReportedUpdateOut) -> str:
    late = ' <span class="mark">late</span>' if update.late else ""
    told = f"<h3>{escape(update.service)}: {escape(update.state)}{late}</h3>"
    told += f"<p>Due {_day(update.due_on)}"
    if update.submitted_at is None or update.narrative is None:
        return told + "; nothing was submitted that stands.</p>"
    told += f"; submission {update.submission} of {_when(update.submitted_at)}.</p>"
    told += _narrative(update.narrative)
    if update.figures is None:
        return told
    rows = (
        (escape(figure.title), _number(_value(figure)), _number(_of(figure)))
        for figure in update.figures.figures
    )
    heads = ("Figure", "Value", "Numerator of denominator")
    return told + _table(f"Figures of {update.service}, as submitted", heads, rows)


def _narrative(said: NarrativeOut) -> str:
    return "".join(
        f'<h4>{heading}</h4><p class="said">{escape(text)}</p>'
        for name, heading in _SECTIONS.items()
        if (text := getattr(said, name))
    )


def _decisions(report: BoardReportOut) -> Iterator[str]:
    if report.decisions:
        rows = (
            (
                f'<span class="said">{escape(one.decision)}</span>',
                escape(one.owner or ""),
                _day(one.due_on) if one.due_on else "",
            )
            for one in report.decisions
        )
        heads = ("Decision", "Owner", "By")
        yield "<h2>Decisions</h2>" + _table("Decisions of the Board", heads, rows)
    if report.receipts:
        rows = (
            (
                escape(one.recipient),
                _when(one.disseminated_at),
                _when(one.received_at) if one.received_at else "not yet",
            )
            for one in report.receipts
        )
        heads = ("To", "Disseminated", "Received")
        yield "<h2>Dissemination</h2>" + _table("Who has the report", heads, rows)


# --- pieces ---


def _figure(chart: str, caption: str) -> str:
    if not chart:
        return ""
    return f"<figure>{chart}<figcaption>{escape(caption)}</figcaption></figure>"


def _table(caption: str, heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already; the first of each row is its heading."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _number(text: str) -> str:
    return f'<td class="number">{escape(text)}</td>'


def _value(figure: MetricOut) -> str:
    if figure.withheld:
        return _WITHHELD
    if figure.value is None:
        return "none"
    match figure.unit:
        case Unit.SHARE:
            return f"{figure.value:.0%}"
        case Unit.WORKING_DAYS:
            return f"{figure.value:g} working days"
        case Unit.MINUTES:
            return f"{figure.value:.0f} minutes"


def _of(figure: MetricOut) -> str:
    if figure.withheld:
        return _WITHHELD
    return f"{figure.numerator.count} of {figure.denominator.count}"


def _in_words(figures: Sequence[MetricOut]) -> str:
    return "; ".join(f"{figure.title}: {_value(figure)} ({_of(figure)})" for figure in figures)


def _when(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%-d %B %Y, %H:%M}"


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"
