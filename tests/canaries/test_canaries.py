"""Free text stays in the record: no log, webhook, metric, address or error repeats it (X5).

Each free text of the contract is a marked word that names its field. The story of the demo is told
in such words, each of its steps first in words that the database refuses; every operation is asked
rightly and in every wrong way. `./dev drill canaries` does all of it, the suite a share, another
one each week (`DRILL_SEED` repeats one).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import pytest

from tests.canaries.conftest import WHOLE
from tests.canaries.heard import ALL, TEXTS, Answer, Heard, leaks
from tests.canaries.marking import (
    FREE_ALL_THE_SAME,
    HEADER,
    NOT_FREE,
    REFERENCE,
    WORD,
    free_texts,
    word,
)
from tests.canaries.routes import schema_of
from tests.canaries.world import AWAY_WORD, FAILING_WORD, REFUSED_WORD, World
from tests.contract.document import operations, schemas

Lines = Callable[[Heard], Iterator[str]]

PLACES: Final[dict[str, tuple[Lines, re.Pattern[str]]]] = {
    "the service's log": (lambda heard: iter(heard.log.splitlines()), ALL),
    "the database's log": (lambda heard: iter((heard.database_log or "").splitlines()), ALL),
    "an error document": (Heard.refusals, ALL),
    "an address": (Heard.addresses, TEXTS),
    "a metric": (lambda heard: iter(heard.metrics.splitlines()), ALL),
    "a webhook": (lambda heard: iter(heard.webhooks), TEXTS),
    "what is kept about requests and messages": (Heard.chronicle, TEXTS),
}
"""Where nothing marked may stand. Addresses, messages and events name children by reference."""


@pytest.mark.long
@pytest.mark.parametrize("place", PLACES)
def test_what_people_write_does_not_stand_in(world: World, place: str) -> None:
    lines, marks = PLACES[place]
    assert leaks(lines(world.heard), marks) == []


LEAK: Final = f"this is what somebody wrote: {word('ActionIn', 'description')}"
LEAKING: Final[dict[str, Callable[[Heard], Heard]]] = {
    "the service's log": lambda heard: replace(heard, log=f"{heard.log}\n{LEAK}"),
    "the database's log": lambda heard: replace(heard, database_log=f"DETAIL: ({LEAK})"),
    "an error document": lambda heard: replace(heard, answers=[Answer("GET /", 422, {}, LEAK)]),
    "an address": lambda heard: replace(
        heard, answers=[Answer("POST /", 201, {"location": f"/v1/audits?q={LEAK}"}, "")]
    ),
    "a metric": lambda heard: replace(heard, metrics=f'qa{{route="{LEAK}"}} 1'),
    "a webhook": lambda heard: replace(heard, webhooks=[*heard.webhooks, LEAK]),
    "what is kept about requests and messages": lambda heard: replace(
        heard, rows=heard.rows | {"deliveries": LEAK}
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_leak_would_be_found_in(world: World, place: str) -> None:
    lines, marks = PLACES[place]
    found = leaks(lines(LEAKING[place](world.heard)), marks)
    assert any("zqtext.ActionIn.description" in each for each in found)


def test_a_key_in_a_cursor_is_read() -> None:
    cursor = "c2lnbmF0dXJlLi4uLi4uLlsienF0ZXh0LkFjdGlvbkluLmhvdyJd"
    answer = Answer("GET /", 200, {}, f'{{"items": [], "next_cursor": "{cursor}"}}')
    assert leaks(Heard([answer]).addresses(), TEXTS)


def test_every_free_text_of_the_contract_was_said(world: World) -> None:
    free = {
        text
        for operation in operations()
        if (taken := schema_of(operation)) is not None
        for text in free_texts(taken[1])
    }
    assert len(free) > 100
    assert free - world.marker.marked == set()


def test_what_is_said_is_kept_in_the_record(world: World) -> None:
    rows = "\n".join(world.heard.rows.values())
    kept = {text for text in world.marker.marked if word(*text) in rows}
    assert len(kept) > (40 if WHOLE else 15), sorted(world.marker.marked - kept)
    assert REFUSED_WORD not in rows
    assert FAILING_WORD not in rows
    assert AWAY_WORD not in rows


def test_everything_was_asked_and_it_failed_in_every_way(world: World) -> None:
    asked = {answer.asked for answer in world.heard.answers}
    those = [one for one in operations() if WHOLE or schema_of(one) is not None]
    assert {f"{one.method.upper()} {one.path}" for one in those} <= asked
    ways = {400, 401, 403, 404, 409, 415, 422, 500, 503}
    ways |= {405, 406, 412, 428} if WHOLE else set()
    assert ways <= world.heard.statuses.keys()


def test_messages_were_taken_and_refused(world: World) -> None:
    kept = world.heard.rows["delivery_attempts"]
    assert ",422," in kept
    assert ",200," in kept
    assert len(world.heard.webhooks) > 20


def test_every_line_of_the_log_says_when_in_utc(world: World) -> None:
    lines = world.heard.log.splitlines()
    assert len(lines) > 10
    told = re.compile(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR|CRITICAL) "
    )
    assert [line for line in lines if not told.match(line)] == []


def test_what_is_taken_for_a_code_is_a_field_of_the_contract() -> None:
    fields = {place.rpartition(".")[2].removesuffix("[]") for place, _ in schemas()}
    assert NOT_FREE.keys() <= fields
    assert {".".join(each) for each in FREE_ALL_THE_SAME} <= {place for place, _ in schemas()}


def test_the_marks_are_told_apart() -> None:
    assert len({WORD, REFERENCE, HEADER}) == 3
    assert not any(REFUSED_WORD.startswith(each) for each in (REFERENCE, HEADER))
