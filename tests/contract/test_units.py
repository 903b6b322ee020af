"""Every number of the contract says its unit, or what it counts."""

import re
from collections.abc import Iterator
from typing import Final

import pytest

from qa_api.http.openapi_kinds import kinds_of
from tests.api import contract
from tests.contract.document import operations, resolved, schemas

SAYS: Final = re.compile(
    r"""\b(?:
        (?:seconds|minutes|hours|days|months|years|bytes)\b
      | (?:calendar\ year|HTTP\ status)\b
      | [Ff]rom\ -?[01]\ to\ 1\b            # a share, a kappa
      | the\ first\ is\ [01]\b | from\ 1\b   # a place in an order
      | the\ higher\ is\ the\ newer\b
      | (?:version|revision)\ (?:of|that)\b
      | in\ its\ unit\b | in\ the\ same\ unit\b | in\ the\ unit\ that\b   # said beside it
      | [Ii]n\ (?:the\ )?`unit`
      | [Hh]ow\ many\ more\ [a-z]+\ there\ are\b
      | [Hh]ow\ many\ (?:of\ (?:what|those|the)\ | (?!(?:are|were|of|there|came|more)\b))[a-z`]
    )""",
    re.VERBOSE,
)


def numbers() -> Iterator[tuple[str, str]]:
    """The place and the meaning of each property, parameter and header that can be a number."""
    known = contract()["components"]["schemas"]
    for place, schema in schemas():
        for name, part in schema.get("properties", {}).items():
            if "number" in kinds_of(part, known) | kinds_of(part.get("items", {}), known):
                yield f"{place}.{name}", part.get("description", "")
    for operation in operations():
        asked = [resolved(parameter) for parameter in operation.content.get("parameters", ())]
        told = {
            name: resolved(header)
            for response in operation.content["responses"].values()
            for name, header in resolved(response).get("headers", {}).items()
        }
        for name, part in [*((one["name"], one) for one in asked), *told.items()]:
            if "number" in kinds_of(part["schema"], known):
                yield f"{operation} {name}", part.get("description", "")


def test_every_number_says_its_unit_or_what_it_counts() -> None:
    found = list(numbers())
    assert len(found) > 300
    assert [f"{place}: {said}" for place, said in found if not SAYS.search(said)] == []


@pytest.mark.parametrize(
    ("said", "tells"),
    [
        ("How many working days are left.", True),
        ("How many audits the plan expects.", True),
        ("The version of the policy.", True),
        ("From 0 to 1: 1 is full agreement.", True),
        ("How many are left.", False),
        ("How many of them need not be done.", False),
        ("How long the file is.", False),
        ("Null where it is withheld.", False),
    ],
)
def test_a_unit_is_told_from_words_that_say_none(said: str, tells: bool) -> None:
    assert bool(SAYS.search(said)) is tells
