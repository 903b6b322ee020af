"""A board report as one page that can be printed: no network, no script, tables beside charts."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from typing import Final

from qa_api.board.figure_schemas import StandsOut
from qa_api.board.page_charts import charts
from qa_api.board.page_coverage import open_children
from qa_api.board.page_figures import figures, trend
from qa_api.board.page_funnels import funnels
from qa_api.board.page_pieces import count_of, day, number, table, told_as_now, value_of, when
from qa_api.board.schemas import BoardReportOut, NarrativeOut, ReportedUpdateOut
from qa_api.reads.staff_names import StaffNames
from qa_api.rules.unchanging import Unchanging

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


class Drawn(Unchanging):
    """A report as it is drawn without a name: what is kept for the next reader holds none."""

    report: BoardReportOut
    content: str

    @property
    def staff(self) -> frozenset[str]:
        """The codes of the workers that its page shows."""
        owners = (one.owner for one in self.report.decisions if one.owner is not None)
        return frozenset(owners) | {one.recipient for one in self.report.receipts}

    def page(self, names: StaffNames) -> bytes:
        """The whole page; workers are called by their names where those are known."""
        title = escape(self.report.title)
        named = "".join(_decisions(self.report, names)) if self.report.snapshot else ""
        return (
            '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
            f"<h1>{title}</h1>\n{self.content}{named}\n</main>\n</body>\n</html>\n"
        ).encode()


@lru_cache(maxsize=16)
def drawn(report: bytes) -> Drawn:
    """What is drawn of a report that was read just now, as JSON; what somebody wrote is escaped.

    The rights are asked each time, when the JSON is read; the same JSON is not drawn again.
    """
    found = BoardReportOut.model_validate_json(report)
    return Drawn(report=found, content="".join(_content(found)))


def _content(report: BoardReportOut) -> Iterator[str]:
    yield f"<p>Quarter {report.quarter}, version {report.number}, {report.state.value}.</p>"
    if report.summary:
        yield f'<p class="said">{escape(report.summary)}</p>'
    said = report.snapshot
    if said is None:
        yield "<p>This report is a draft: its figures are computed when it is presented.</p>"
        return
    fewest = said.small_cell_minimum
    withheld = f" Figures over fewer than {fewest} are withheld." if fewest > 1 else ""
    withheld += f" {escape(said.withheld_since)}" if said.withheld_since else ""
    yield (
        f"<p>As at {when(said.as_at)}, under version {said.policy_version} of the policy. What "
        f"happened later is not in it.{withheld}</p>"
    )
    yield from _standing(said.figures.stands or ())
    yield from figures(told_as_now(said.figures))
    yield from charts(said.charts)
    yield "<h2>Trend</h2>" + trend(said.trend)
    yield from open_children(said.coverage)
    if shown := "".join(funnels(said.updates)):
        yield f"<h2>Services side by side</h2>{shown}"
    yield "<h2>Updates of the services</h2>" + "".join(map(_update, said.updates))


def _standing(stands: Sequence[StandsOut]) -> Iterator[str]:
    """Which figures are those of an earlier version."""
    if not stands:
        return
    yield "<h2>As presented before</h2>"
    yield (
        "<p>These figures, of the authority and of its services, are repeated as they were first"
        " presented. What has changed since, little or much, is not shown yet: beside the earlier"
        " version it could tell how single audits were judged. Quality &amp; Standards and the"
        " leaders read what is.</p>"
    )
    yield "<ul>" + "".join(f"<li>{escape(one.sentence)}</li>" for one in stands) + "</ul>"


# --- what people said ---


def _update(update: ReportedUpdateOut) -> str:
    late = ' <span class="mark">late</span>' if update.late else ""
    told = f"<h3>{escape(update.service)}: {escape(update.state)}{late}</h3>"
    due = day(update.due_on) if update.due_on else "once the bank holidays are known further"
    told += f"<p>Due {due}"
    if update.submitted_at is None or update.narrative is None:
        return told + "; nothing was submitted that stands.</p>"
    told += f"; submission {update.submission} of {when(update.submitted_at)}.</p>"
    told += _narrative(update.narrative)
    if update.figures is None:
        return told
    rows = (
        (escape(figure.title), number(value_of(figure)), number(count_of(figure)))
        for figure in told_as_now(update.figures).figures
    )
    heads = ("Figure", "Value", "Numerator of denominator")
    return told + table(f"Figures of {update.service}, as at the report", heads, rows)


def _narrative(said: NarrativeOut) -> str:
    return "".join(
        f'<h4>{heading}</h4><p class="said">{escape(text)}</p>'
        for name, heading in _SECTIONS.items()
        if (text := getattr(said, name))
    )


def _decisions(report: BoardReportOut, names: StaffNames) -> Iterator[str]:
    if report.decisions:
        rows = (
            (
                f'<span class="said">{escape(one.decision)}</span>',
                escape(names.of(one.owner) if one.owner else ""),
                day(one.due_on) if one.due_on else "",
            )
            for one in report.decisions
        )
        heads = ("Decision", "Owner", "By")
        yield "<h2>Decisions</h2>" + table("Decisions of the Board", heads, rows)
    if report.receipts:
        rows = (
            (
                escape(names.of(one.recipient)),
                when(one.disseminated_at),
                when(one.received_at) if one.received_at else "not yet",
            )
            for one in report.receipts
        )
        heads = ("To", "Disseminated", "Received")
        yield "<h2>Dissemination</h2>" + table("Who has the report", heads, rows)
