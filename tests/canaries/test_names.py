"""What a worker is called stands on the printed pages, and in no other place (R4.1.7, R4.7.3).

Everybody's name is a marked word while the story is told and every operation is asked.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import pytest

from tests.canaries.heard import Answer, Heard, leaks
from tests.canaries.marking import NAME
from tests.canaries.pages import RECORD, REPORT
from tests.canaries.world import World

NAMES: Final = re.compile(rf"{NAME}[-.\w]*")

PLACES: Final[dict[str, Callable[[Heard], Iterator[str]]]] = {
    "the service's log": lambda heard: iter(heard.log.splitlines()),
    "the database's log": lambda heard: iter((heard.database_log or "").splitlines()),
    "an answer that is no page": Heard.whole_answers,
    "an address": Heard.addresses,
    "a metric": lambda heard: iter(heard.metrics.splitlines()),
    "a webhook": lambda heard: iter(heard.webhooks),
    "a row of another table": lambda heard: heard.other_tables("worker_names"),
}
"""Datasets, refusals, lists and live changes are answers; events and messages are rows."""


@pytest.mark.parametrize("place", PLACES)
def test_no_name_stands_in(world: World, place: str) -> None:
    assert leaks(PLACES[place](world.heard), NAMES) == []


LEAK: Final = f"this is who somebody is: {NAME}.hos-fast"
LEAKING: Final[dict[str, Callable[[Heard], Heard]]] = {
    "the service's log": lambda heard: replace(heard, log=f"{heard.log}\n{LEAK}"),
    "the database's log": lambda heard: replace(heard, database_log=f"DETAIL: ({LEAK})"),
    "an answer that is no page": lambda heard: replace(
        heard, answers=[Answer("GET /", 200, {"content-type": "application/json"}, LEAK)]
    ),
    "an address": lambda heard: replace(
        heard, answers=[Answer("POST /", 201, {"location": f"/v1/audits?q={LEAK}"}, "")]
    ),
    "a metric": lambda heard: replace(heard, metrics=f'qa{{worker="{LEAK}"}} 1'),
    "a webhook": lambda heard: replace(heard, webhooks=[*heard.webhooks, LEAK]),
    "a row of another table": lambda heard: replace(heard, rows=heard.rows | {"events": LEAK}),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_name_would_be_found_in(world: World, place: str) -> None:
    assert leaks(PLACES[place](LEAKING[place](world.heard)), NAMES)


@pytest.mark.parametrize("page", [RECORD, REPORT])
def test_names_stand_on(world: World, page: str) -> None:
    answer = world.heard.pages[page]
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"].startswith("text/html")
    assert f"{NAME}.hos-fast (hos-fast)" in answer.body or page == RECORD
    assert NAMES.search(answer.body)
    assert not NAMES.search(str(dict(answer.headers)))


def test_every_name_was_there_to_be_found(world: World) -> None:
    kept = world.heard.rows["worker_names"].splitlines()
    assert len(kept) > 100
    assert all(NAME in row for row in kept)
    assert len(world.heard.answers) > 100
