"""A comparison for people, on one screen, and for machines, as JSON."""

import json
from collections.abc import Iterator
from typing import Any, Final

from qa_api.simulating.due import Cells
from qa_api.simulating.figures import ASSUMED, FIGURES, OF_EVERY_KEY, bears_on
from qa_api.simulating.policies import Year
from qa_api.simulating.simulation import Compared

_NO_TEAM: Final = "(no team)"
_WIDE: Final = 42


def lines(compared: Compared, year: Year, seed: str) -> Iterator[str]:
    """What changes, the figures beside each other, and what was taken for granted."""
    yield f"The year from {year.starts_on} to {year.ends_on}, as it looks on {year.today}"
    yield from _changes(compared)
    yield ""
    yield f"{'':<{_WIDE}} {'today':>9} {'proposed':>9} {'difference':>11}"
    for figure in FIGURES:
        was, becomes = (each.figures[figure.name] for each in (compared.today, compared.proposed))
        yield f"{figure.counts:<{_WIDE}} {was:>9} {becomes:>9} {_difference(was, becomes):>11}"
    yield ""
    yield "Taken for granted:"
    yield from (f"- {each}" for each in ASSUMED)
    yield f"Seed: {seed}"


def _changes(compared: Compared) -> Iterator[str]:
    if not compared.changes:
        yield "The file changes nothing of the policy in force today."
    for key, (was, becomes) in compared.changes.items():
        yield f"{key}: {_written(was)} becomes {_written(becomes)}. {OF_EVERY_KEY[key]}"
    if compared.weakened:
        keys = ", ".join(compared.weakened)
        yield f"Two people decide on this, since it makes a safeguard weaker: {keys}"


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _difference(was: int, becomes: int) -> str:
    return f"{becomes - was:+d}" if becomes != was else "."


def lines_by_team(compared: Compared, year: Year) -> Iterator[str]:
    """What fell due by team and month: `3>5` where it would have been five instead of three."""
    was, becomes = compared.today, compared.proposed
    yield from _by_team("Audits that fell due", was.audits, becomes.audits, year)
    named = "Observations that fell due (whoever is in two teams counts in each)"
    yield from _by_team(named, was.observations, becomes.observations, year)


def _by_team(title: str, was: Cells, becomes: Cells, year: Year) -> Iterator[str]:
    labels, teams = [month.label for month in year.months], _teams(was, becomes)
    wide = max((len(team or _NO_TEAM) for team in teams), default=0)
    yield ""
    yield title
    yield f"{'':<{wide}}" + "".join(f"{label:>8}" for label in labels)
    for team in teams:
        cells = (_cell(was[team, label], becomes[team, label]) for label in labels)
        yield f"{team or _NO_TEAM:<{wide}}" + "".join(f"{cell:>8}" for cell in cells)


def _cell(was: int, becomes: int) -> str:
    if was == becomes:
        return str(was) if was else "."
    return f"{was}>{becomes}"


def _teams(*several: Cells) -> list[str | None]:
    return sorted({team for cells in several for team, _ in cells}, key=lambda team: team or "")


def document(compared: Compared, year: Year, seed: str) -> dict[str, Any]:
    """The same as JSON, with what fell due by team and month."""
    was, becomes = compared.today, compared.proposed
    return {
        "as_at": year.today.isoformat(),
        "from": year.starts_on.isoformat(),
        "to": year.ends_on.isoformat(),
        "seed": seed,
        "changes": [
            {
                "key": key,
                "today": before,
                "proposed": after,
                "bears_on": bears_on(key),
                "said": OF_EVERY_KEY[key],
            }
            for key, (before, after) in compared.changes.items()
        ],
        "second_person": list(compared.weakened),
        "figures": [
            {
                "figure": figure.name,
                "counts": figure.counts.removeprefix("- "),
                "today": was.figures[figure.name],
                "proposed": becomes.figures[figure.name],
                "difference": becomes.figures[figure.name] - was.figures[figure.name],
                "depends_on": figure.keys,
            }
            for figure in FIGURES
        ],
        "by_month": [
            {
                "month": month.label,
                "audits_due": _pair(_in(was.audits, month.label), _in(becomes.audits, month.label)),
                "observations_due": _pair(
                    was.observations_by_month.get(month.label, 0),
                    becomes.observations_by_month.get(month.label, 0),
                ),
            }
            for month in year.months
        ],
        "by_team_and_month": list(_cells(compared, year)),
        "taken_for_granted": ASSUMED,
    }


def _in(cells: Cells, label: str) -> int:
    return sum(number for (_, month), number in cells.items() if month == label)


def _pair(was: int, becomes: int) -> dict[str, int]:
    return {"today": was, "proposed": becomes, "difference": becomes - was}


def _cells(compared: Compared, year: Year) -> Iterator[dict[str, Any]]:
    """Every team and month in which something falls due by either policy."""
    was, becomes = compared.today, compared.proposed
    four = (was.audits, becomes.audits, was.observations, becomes.observations)
    for team in _teams(*four):
        for month in year.months:
            audits, audits_then, observed, observed_then = (
                cells[team, month.label] for cells in four
            )
            if audits or audits_then or observed or observed_then:
                yield {
                    "team": team,
                    "month": month.label,
                    "audits_due": _pair(audits, audits_then),
                    "observations_due": _pair(observed, observed_then),
                }
