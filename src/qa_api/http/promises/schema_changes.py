"""What changed between two schemas, seen by whoever sends or receives what they describe."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

from qa_api.rules.unchanging import Unchanging

Json = dict[str, Any]


class Side(StrEnum):
    """Who writes what a schema describes."""

    REQUEST = "in requests"
    ANSWER = "in answers"


class Weight(StrEnum):
    """What a change means for a caller who does nothing."""

    BREAKING = "breaking"
    ADDITIVE = "additive"
    ENDED = "ended"
    """It was deprecated, and its sunset has passed."""


class ContractChange(Unchanging):
    """One change: what it means, where it is, and what is otherwise, as the end of a sentence."""

    weight: Weight
    place: str
    says: str


# Of a bound that is higher or lower: whether the higher one takes more.
_BOUNDS: Final = {
    "minimum": False,
    "minLength": False,
    "minItems": False,
    "maximum": True,
    "maxLength": True,
    "maxItems": True,
}
_FORMS: Final = ("format", "pattern")


class Comparison:
    """Compares the schemas of two contracts; each component once for requests, once for answers."""

    def __init__(self, before: Json, after: Json) -> None:
        self._before, self._after = before, after
        self._seen: set[tuple[str, str, Side]] = set()

    def changes(
        self, before: Json, after: Json, place: str, side: Side
    ) -> Iterator[ContractChange]:
        """The changes of one schema and of everything inside it. `place` names it to the reader."""
        if "of" in before or "of" in after:
            yield from self._of_components(before, after, place, side)
            return
        yield from _null(before, after, place, side)
        if "any" in before or "any" in after:
            yield from self._of_unions(before, after, place, side)
            return
        if before.get("types") != after.get("types"):
            yield _breaking(place, f"is of another type {side}")
            return
        yield from _values(before, after, place, side)
        if side is Side.REQUEST:
            yield from _limits(before, after, place)
        yield from self._of_fields(before, after, place, side)
        for inside, words in (("items", "[]"), ("others", ".*")):
            if inside in before and inside in after:
                parts = (before[inside], after[inside])
                yield from self.changes(*parts, f"{place}{words}", side)

    def _of_components(
        self, before: Json, after: Json, place: str, side: Side
    ) -> Iterator[ContractChange]:
        yield from _null(before, after, place, side)
        names = (before.get("of", ""), after.get("of", ""))
        if (*names, side) in self._seen and all(names):
            return
        self._seen.add((*names, side))
        was = self._before[names[0]] if names[0] else before
        now = self._after[names[1]] if names[1] else after
        if names[0] == names[1]:
            place = names[0]
        yield from self.changes(_without_null(was), _without_null(now), place, side)

    def _of_unions(
        self, before: Json, after: Json, place: str, side: Side
    ) -> Iterator[ContractChange]:
        was, now = (
            {one.get("of", str(at)): one for at, one in enumerate(_alternatives(schema))}
            for schema in (before, after)
        )
        for name in sorted(was.keys() & now.keys()):
            yield from self.changes(was[name], now[name], place, side)
        for name in sorted(was.keys() - now.keys()):
            made = _breaking if side is Side.REQUEST else _additive
            yield made(place, f"can no longer be {_named(name)} {side}")
        for name in sorted(now.keys() - was.keys()):
            yield _additive(place, f"can also be {_named(name)} {side}")

    def _of_fields(
        self, before: Json, after: Json, place: str, side: Side
    ) -> Iterator[ContractChange]:
        was, now = before.get("fields", {}), after.get("fields", {})
        for name in sorted(was.keys() - now.keys()):
            yield _breaking(f"{place}.{name}", f"is gone {side}")
        for name in sorted(now.keys() - was.keys()):
            new = now[name]["required"] and side is Side.REQUEST
            made = _breaking if new else _additive
            yield made(f"{place}.{name}", f"is new{' and required' if new else ''} {side}")
        for name in sorted(was.keys() & now.keys()):
            yield from _required(was[name], now[name], f"{place}.{name}", side)
            parts = (was[name]["schema"], now[name]["schema"])
            yield from self.changes(*parts, f"{place}.{name}", side)


def _breaking(place: str, says: str) -> ContractChange:
    return ContractChange(weight=Weight.BREAKING, place=place, says=says)


def _additive(place: str, says: str) -> ContractChange:
    return ContractChange(weight=Weight.ADDITIVE, place=place, says=says)


def _without_null(schema: Json) -> Json:
    return {key: value for key, value in schema.items() if key != "null"}


def _alternatives(schema: Json) -> list[Json]:
    alternatives: list[Json] = schema.get("any", [schema])
    return alternatives


def _named(alternative: str) -> str:
    return "something else" if alternative.isdigit() else alternative


def _null(before: Json, after: Json, place: str, side: Side) -> Iterator[ContractChange]:
    was, now = before.get("null", False), after.get("null", False)
    if was != now:
        made = _additive if now is (side is Side.REQUEST) else _breaking
        yield made(place, f"can {'now' if now else 'no longer'} be null {side}")


def _required(before: Json, after: Json, place: str, side: Side) -> Iterator[ContractChange]:
    was, now = before["required"], after["required"]
    if was != now:
        made = _breaking if now is (side is Side.REQUEST) else _additive
        words = "required" if side is Side.REQUEST else "always there"
        yield made(place, f"is {'now' if now else 'no longer'} {words} {side}")


def _values(before: Json, after: Json, place: str, side: Side) -> Iterator[ContractChange]:
    was, now = before.get("values"), after.get("values")
    if was is None or now is None:
        if was != now:
            narrower = now is not None
            made = _breaking if narrower is (side is Side.REQUEST) else _additive
            yield made(place, f"is {'now' if narrower else 'no longer'} one of a few {side}")
        return
    for value in (value for value in was if value not in now):
        made = _breaking if side is Side.REQUEST else _additive
        yield made(place, f"can no longer be `{value}` {side}")
    for value in (value for value in now if value not in was):
        yield _additive(place, f"can also be `{value}` {side}")


def _limits(before: Json, after: Json, place: str) -> Iterator[ContractChange]:
    for bound, higher_takes_more in _BOUNDS.items():
        was, now = before.get(bound), after.get(bound)
        if was == now:
            continue
        wider = now is None or (was is not None and (now > was) is higher_takes_more)
        yield (_additive if wider else _breaking)(
            place, f"has the {bound} {'no more' if now is None else now} in requests"
        )
    for form in _FORMS:
        if before.get(form) != after.get(form):
            made = _additive if form not in after else _breaking
            yield made(place, f"has {'another' if form in after else 'no'} {form} in requests")
