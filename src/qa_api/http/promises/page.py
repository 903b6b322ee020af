"""The page of the contract's changes, and why something that was promised was broken.

The page is written from the shapes of the releases and from the contract as it is now, so that
nobody has to remember to write it. Before 1.0.0 a release may break what an earlier one promised,
with a reason in `breaking.toml`; from 1.0.0 on none may.
"""

import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from qa_api.http.deprecations import INSTEAD, ON, SUNSET
from qa_api.http.promises.changes import changes_between
from qa_api.http.promises.schema_changes import ContractChange, Weight
from qa_api.http.promises.shapes import numbers_of, releases, shape_of
from qa_api.rules.unchanging import Unchanging

Json = dict[str, Any]

PAGE: Final = "CHANGES.md"
REASONS: Final = "breaking.toml"
NOT_RELEASED: Final = "not released yet"
_TITLES: Final = {
    Weight.BREAKING: "Breaking",
    Weight.ENDED: "Ended, as announced",
    Weight.ADDITIVE: "Additive",
}
_HEAD: Final = """# What changed in the contract

Written by `qa-api openapi` from the releases in [`released/`](released) and the contract as it is.
What a version promises, and what counts as additive, stands in [versions](../docs/versions.md).
"""


class Reason(Unchanging):
    """Why a release breaks something: of the changes that a pattern names."""

    since: str
    what: str
    why: str

    def explains(self, change: ContractChange) -> bool:
        """Whether it is about a change: `*` stands for anything, nothing else does."""
        pattern = self.what.replace("[", "[[]")
        return fnmatchcase(f"{change.place} {change.says}", pattern)


class Step(Unchanging):
    """From one release to the next, or to what is not released yet."""

    since: str
    version: str
    changes: tuple[ContractChange, ...]


def steps(document: Json, directory: Path, today: date) -> list[Step]:
    """What changed from release to release, newest first, as seen on a London day."""
    now = shape_of(document)
    shapes = releases(directory)
    if not shapes or shapes[-1] != now:
        shapes.append({**now, "version": NOT_RELEASED})
    found = [
        Step(
            since=before["version"],
            version=after["version"],
            changes=tuple(changes_between(before, after, today)),
        )
        for before, after in pairwise(shapes)
    ]
    return found[::-1]


def reasons(directory: Path) -> list[Reason]:
    """Why promises were broken, as `breaking.toml` says; nothing where there is none."""
    if not (directory / REASONS).exists():
        return []
    read = tomllib.loads((directory / REASONS).read_text("utf-8"))
    return [
        Reason(since=since, what=one["what"], why=one["why"])
        for since, of_it in read.items()
        for one in of_it
    ]


def faults(found: Iterable[Step], given: Iterable[Reason]) -> Iterator[str]:
    """What is broken without a reason or after 1.0.0, and reasons that are of nothing."""
    idle = list(given)
    for step in found:
        of_it = [reason for reason in idle if reason.since == step.since]
        for change in step.changes:
            why = [reason for reason in of_it if reason.explains(change)]
            if change.weight is Weight.BREAKING and (
                not why or numbers_of(step.since) >= numbers_of("1.0.0")
            ):
                yield f"breaks what {step.since} promised: {_at(change.place)} {change.says}"
            idle = [reason for reason in idle if reason not in why]
    yield from (f"no change since {one.since} fits the reason for: {one.what}" for one in idle)


def broken(document: Json, directory: Path, today: date) -> list[str]:
    """What the contract breaks of its promises on a London day; empty where it keeps them."""
    return list(faults(steps(document, directory, today), reasons(directory)))


def write_page(document: Json, directory: Path, today: date, *, check: bool) -> list[str]:
    """Write the page, or with `check` only name it where it would be another."""
    text = page(document, steps(document, directory, today), reasons(directory))
    file = directory / PAGE
    if file.exists() and file.read_text("utf-8") == text:
        return []
    if not check:
        file.write_text(text, "utf-8")
    return [PAGE]


def page(document: Json, found: Iterable[Step], given: Iterable[Reason]) -> str:
    """The page as Markdown."""
    parts = [_HEAD, "## Deprecated\n", _deprecated(document)]
    for step in found:
        parts.append(f"## {step.version[0].upper()}{step.version[1:]} (after {step.since})\n")
        parts.append("\n".join(_of_step(step, [one for one in given if one.since == step.since])))
    return "\n".join(parts)


def _deprecated(document: Json) -> str:
    rows = [
        f"| `{method.upper()} {path}` | {operation[ON]} | {operation[SUNSET]} |"
        f" {_quoted(operation.get(INSTEAD))} |"
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if operation.get("deprecated")
    ]
    if not rows:
        return "Nothing is deprecated.\n"
    head = "| operation | since | may be gone from | use instead |\n|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def _quoted(name: str | None) -> str:
    return f"`{name}`" if name else "nothing"


def _of_step(step: Step, given: list[Reason]) -> Iterator[str]:
    if not step.changes:
        yield "Words and examples only.\n"
    for weight, title in _TITLES.items():
        of_it = [change for change in step.changes if change.weight is weight]
        if of_it:
            yield f"### {title}\n"
            yield from _lines(of_it, given, None if weight is Weight.BREAKING else _NAMED)
            yield ""


_NAMED: Final = 60
"""How many places of one addition are named; those of what breaks are named all."""


def _lines(changes: list[ContractChange], given: list[Reason], most: int | None) -> Iterator[str]:
    """A line for each kind of change, with the places where it was made (`most`), and why."""
    places: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        why = " ".join(one.why for one in given if one.explains(change))
        places.setdefault((change.says, why), []).append(_at(change.place))
    for (says, why), where in places.items():
        reason = f" ({why})" if why else ""
        named = where[:most]
        more = f" and {len(where) - len(named)} more" if len(where) > len(named) else ""
        yield f"- **{says}**{reason}: {', '.join(named)}{more}"


def _at(place: str) -> str:
    """Names of schemas are set as code; operations and messages have their signs already."""
    return place if "`" in place else f"`{place}`"
