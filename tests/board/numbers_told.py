"""Every number of a published document that counts completed audits, or what follows from them.

As whoever reads it knows: which audits it counts, from its link or from its name, and of which
version of the rows. A number that nobody here knows how to read is an error.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from qa_api.board.quarter_cells import PAIRS
from tests.board.authorities import BAD, JUDGEMENTS

Document: TypeAlias = Mapping[str, Any]
"""What a report tells, as JSON."""
COMPLETED: Final = "audits/completed"
RAISED: Final = "escalations/raised"
_READ: Final = frozenset({"count", "number", "of", "moderated_pairs", "before", "after"})
_NO_COUNTS: Final = frozenset(
    {
        "agreement_minimum_pairs",
        "high",
        "low",
        "mean",
        "minimum_pairs",
        "months",
        "policy_version",
        "scale_number",
        "small_cell_minimum",
        "submission",
        "value",
        "weighted_kappa",
    }
)
"""What says nothing that the counts beside it do not."""
_ELSEWHERE: Final = frozenset(
    {"observations", "explanation", "stands", "doubts", "beyond_chance", "after_moderation"}
)
"""Of other rows, or no counts, or said of counts that are shown."""


class Profile(NamedTuple):
    """What is counted of an audit. Where an attacker does not look at something it is None."""

    service: str
    judgement: str
    theme: str | None
    month: int | None
    heard: bool | None
    after: str | None


class Told(NamedTuple):
    """A number: what it counts of which section, and in which version that section is told."""

    section: str
    wanted: Mapping[str, Any]
    """What its audits have, by the names of `Profile`; and `compared`, `trigger`."""
    says: int

    @property
    def asks(self) -> frozenset[str]:
        """What one must look at to count it."""
        asked = {"after"} if self.section == PAIRS else set[str]()
        named = {"compared": "judgement", "moderated": "after"}
        return frozenset(asked | {named.get(name, name) for name in self.wanted} - {"trigger"})

    def is_of(self, service: str) -> bool:
        """Whether it counts what a service holds."""
        return bool(self.wanted.get("service", service) == service)

    def keeps(self, profile: Profile) -> bool:
        """Whether it counts an audit."""
        if self.section == PAIRS and profile.after is None:
            return False
        wanted = dict(self.wanted)
        compared = wanted.pop("compared", None)
        return (compared is None or _compared(compared, profile)) and all(
            getattr(profile, name) in value
            if isinstance(value, frozenset)
            else getattr(profile, name) == value
            for name, value in wanted.items()
        )


def _compared(how: str, profile: Profile) -> bool:
    before, after = (JUDGEMENTS.index(str(one)) for one in (profile.judgement, profile.after))
    return {
        "exact": before == after,
        "within_one": abs(before - after) <= 1,
        "raised": after < before,
        "lowered": after > before,
    }[how]


def numbers_of(document: Document, quarter: str) -> Iterator[Told]:
    """Every number of a document."""
    _check_read(document, ())
    figures = document["figures"]
    trends = [one for one in document["trend"] if one["quarter"] == quarter]
    for metrics in (figures, *trends):
        yield from _of_figures(metrics, {})
    for update in document["updates"]:
        if update["figures"]:
            yield from _of_figures(update["figures"], {"service": update["service"]})
    yield from _of_charts(document["charts"])


def _check_read(told: Any, path: tuple[str, ...]) -> None:
    if isinstance(told, dict):
        for name, value in told.items():
            if name not in _ELSEWHERE:
                _check_read(value, (*path, name))
    elif isinstance(told, list):
        for one in told:
            _check_read(one, path)
    elif isinstance(told, int | float) and not isinstance(told, bool):
        assert path[-1] in _READ | _NO_COUNTS, f"nobody reads {path}"


def _of_figures(metrics: Any, whose: Mapping[str, Any]) -> Iterator[Told]:
    yield from _of_links(metrics)
    for one in metrics["joined"] or ():
        among = {"theme": one["theme"]} if one["theme"] else {}
        judged = {"judgement": frozenset(one["judgements"])}
        yield Told(COMPLETED, {**whose, **among, **judged}, one["count"])
    for scale in metrics["judgements"]:
        if scale["moderated_pairs"] is not None:
            yield Told(PAIRS, whose, scale["moderated_pairs"])
        for point in scale["moderated"]:
            for when, name in (("before", "judgement"), ("after", "after")):
                if point[when] is not None:
                    yield Told(PAIRS, {**whose, name: point["judgement"]}, point[when])


def _of_links(told: Any) -> Iterator[Told]:
    """Each count that stands beside the link that lists its rows."""
    if isinstance(told, list):
        for one in told:
            yield from _of_links(one)
    elif isinstance(told, dict):
        if told.get("count") is not None and "rows" in told:
            yield from _of_link(told["rows"], told["count"])
        for name, value in told.items():
            if name not in _ELSEWHERE:
                yield from _of_links(value)


def _of_link(link: str, count: int) -> Iterator[Told]:
    parts = urlsplit(link)
    filters = dict(parse_qsl(parts.query))
    wanted: dict[str, Any] = {
        name: filters.pop(name)
        for name in ("service", "theme", "judgement", "compared", "trigger")
        if name in filters
    }
    if filters.pop("family_contacted", None):
        wanted["heard"] = True
    match parts.path.rpartition("/")[2]:
        case "audits" if "completed_from" in filters:
            section, known = COMPLETED, {"scale", "scale_number"}
        case "moderation-outcomes":
            section, known = PAIRS, {"judged", "in_error", "scale", "scale_number", "sealed"}
        case "escalations" if not {"acknowledged", "informed"} & filters.keys():
            section, known = RAISED, set[str]()
        case _:
            assert count == 0, f"nothing of that was ever written: {link}"
            return
    dates = {f"{dated}_{end}" for dated in ("completed", "raised") for end in ("from", "to")}
    assert filters.keys() <= known | dates, f"nobody knows how to read {link}"
    yield Told(section, wanted, count)


def _of_charts(charts: Iterable[Any]) -> Iterator[Told]:
    for chart in charts:
        for point in chart["points"]:
            month = {"month": int(point["month"][-2:])}
            if chart["chart"] == "audits_completed":
                yield Told(COMPLETED, month, int(point["number"]))
            else:
                assert chart["chart"] == "judged_escalating", f"nobody reads {chart}"
                yield Told(COMPLETED, month, point["of"])
                yield Told(COMPLETED, {**month, "judgement": BAD}, int(point["number"]))


Reads: TypeAlias = Callable[[Document, str], Iterable[Told]]
