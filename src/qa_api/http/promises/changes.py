"""What changed between two contracts, each change with what it means for whoever calls."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from qa_api.http.promises.schema_changes import Comparison, ContractChange, Side, Weight

Json = dict[str, Any]


def changes_between(before: Json, after: Json, today: date) -> list[ContractChange]:
    """The changes from one shape to the next, as they concern callers on a London day."""
    schemas = Comparison(before["schemas"], after["schemas"])
    found = [
        *_of_operations(before["operations"], after["operations"], schemas, today),
        *_of_webhooks(before["webhooks"], after["webhooks"], schemas),
    ]
    return list(dict.fromkeys(found))


def _of_operations(
    before: Json, after: Json, schemas: Comparison, today: date
) -> Iterator[ContractChange]:
    for name in sorted(before.keys() - after.keys()):
        sunset = before[name].get("sunset")
        if sunset is None:
            yield _change(Weight.BREAKING, f"`{name}`", "is gone")
        else:
            weight = Weight.ENDED if date.fromisoformat(sunset) <= today else Weight.BREAKING
            yield _change(weight, f"`{name}`", f"is gone; its sunset was {sunset}")
    for name in sorted(after.keys() - before.keys()):
        yield _change(Weight.ADDITIVE, f"`{name}`", "is new")
    for name in sorted(before.keys() & after.keys()):
        yield from _of_one(f"`{name}`", before[name], after[name], schemas)


def _of_one(name: str, before: Json, after: Json, schemas: Comparison) -> Iterator[ContractChange]:
    if before["id"] != after["id"]:
        yield _change(Weight.BREAKING, name, f"has another operationId: `{after['id']}`")
    if before["permission"] != after["permission"]:
        yield _change(Weight.BREAKING, name, f"needs the permission `{after['permission']}`")
    if "sunset" in after and "sunset" not in before:
        yield _change(Weight.ADDITIVE, name, f"is deprecated until {after['sunset']}")
    yield from _of_parameters(name, before["parameters"], after["parameters"], schemas)
    yield from _of_media(f"{name} (body)", before["body"], after["body"], schemas, Side.REQUEST)
    for status in sorted(before["answers"].keys() - after["answers"].keys()):
        yield _change(Weight.BREAKING, name, f"no longer answers {status}")
    for status in sorted(after["answers"].keys() - before["answers"].keys()):
        yield _change(Weight.BREAKING, name, f"also answers {status}")
    for status in sorted(before["answers"].keys() & after["answers"].keys()):
        was, now = before["answers"][status], after["answers"][status]
        for header in sorted(set(was["headers"]) - set(now["headers"])):
            yield _change(Weight.BREAKING, f"{name} ({status})", f"header {header} is gone")
        for header in sorted(set(now["headers"]) - set(was["headers"])):
            yield _change(Weight.ADDITIVE, f"{name} ({status})", f"header {header} is new")
        place = f"{name} ({status})"
        yield from _of_media(place, was["content"], now["content"], schemas, Side.ANSWER)
    for status in sorted(set(after["refusals"]) - set(before["refusals"])):
        yield _change(Weight.ADDITIVE, name, f"says that it may be refused with {status}")


def _of_parameters(
    name: str, before: Json, after: Json, schemas: Comparison
) -> Iterator[ContractChange]:
    for one in sorted(before.keys() - after.keys()):
        yield _change(Weight.BREAKING, name, f"{one} is gone")
    for one in sorted(after.keys() - before.keys()):
        required = after[one]["required"]
        weight = Weight.BREAKING if required else Weight.ADDITIVE
        yield _change(weight, name, f"{one} is new{' and required' if required else ''}")
    for one in sorted(before.keys() & after.keys()):
        was, now = before[one], after[one]
        if was["required"] != now["required"]:
            weight = Weight.BREAKING if now["required"] else Weight.ADDITIVE
            said = "now required" if now["required"] else "no longer required"
            yield _change(weight, name, f"{one} is {said}")
        place = f"{name} ({one})"
        asked = now["schema"]
        if _takes_several(asked) and not _takes_several(was["schema"]):
            # One value is sent as before: `team=a` is also the first of several.
            yield _change(Weight.ADDITIVE, place, "may be given several times")
            asked = asked["items"]
        yield from schemas.changes(was["schema"], asked, place, Side.REQUEST)


def _takes_several(schema: Json) -> bool:
    return schema.get("types") == ["array"]


def _of_media(
    place: str, before: Json, after: Json, schemas: Comparison, side: Side
) -> Iterator[ContractChange]:
    if not before and after:
        yield _change(Weight.BREAKING, place, "is asked for")
        return
    for kind in sorted(before.keys() - after.keys()):
        yield _change(Weight.BREAKING, place, f"{kind} is gone")
    for kind in sorted(after.keys() - before.keys()):
        yield _change(Weight.ADDITIVE, place, f"{kind} is new")
    for kind in sorted(before.keys() & after.keys()):
        yield from schemas.changes(before[kind], after[kind], place, side)


def _of_webhooks(before: Json, after: Json, schemas: Comparison) -> Iterator[ContractChange]:
    for name in sorted(before.keys() - after.keys()):
        yield _change(Weight.BREAKING, f"message `{name}`", "is no longer sent")
    for name in sorted(after.keys() - before.keys()):
        yield _change(Weight.ADDITIVE, f"message `{name}`", "is new")
    for name in sorted(before.keys() & after.keys()):
        place = f"message `{name}`"
        yield from schemas.changes(before[name], after[name], place, Side.ANSWER)


def _change(weight: Weight, place: str, says: str) -> ContractChange:
    return ContractChange(weight=weight, place=place, says=says)
