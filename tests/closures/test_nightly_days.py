"""Tables of one night after the other leave behind what their events leave that are sent (C1, C2).

The suite has some days; `./dev drill nightly` has 1,000. Two authorities are sent the same by
their case system; one is given its tables at night, the other is sent what they tell, one by one.
"""

import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import orjson
import pytest

from qa_api.__main__ import main
from tests.api import Json, give_right
from tests.closures.nightly_days import DAY, CaseSystem, written_at
from tests.closures.orders import prepare
from tests.closures.ssd_files import write_tables
from tests.closures.two_authorities import Authority, send
from tests.closures.two_ways import differences
from tests.conftest import Database
from tests.drill import SEED, share
from tests.kept import KEPT
from tests.test_main import environment_of

FIRST = date(2026, 3, 30)
IN_USE_FROM = date(2026, 2, 1)
DAYS = share(6) or 1_000
ALL_COMPARED_EVERY = 100
"""Days between two comparisons of every row of every table."""


@pytest.fixture
def from_the_first_day(two: list[Authority], at: Callable[[str], None]) -> list[Authority]:
    """The first is sent events, the second is given tables."""
    at(moment(FIRST, 6))
    for each in two:
        prepare(each.api)
        changes = [{"key": "in_use_from", "value": str(IN_USE_FROM)}]
        give_right(each.api, policy={"effective_from": str(FIRST), "changes": changes})
    return two


@pytest.mark.long
def test_tables_of_every_night_leave_behind_what_their_events_leave_that_are_sent(
    from_the_first_day: list[Authority],
    at: Callable[[str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    sent, given = from_the_first_day
    for name, value in environment_of(given.database).items():
        monkeypatch.setenv(name, value)
    system = CaseSystem(SEED, "N", FIRST, IN_USE_FROM)
    told: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(DAYS):
        at(moment(system.day, 15))
        system.work()
        by_day = system.sends(instant(system.day, 14))
        for each in from_the_first_day:
            send(each.api, by_day)
        drawn_at = instant(system.day, 20)
        write(tmp_path, system, drawn_at)
        late = system.closes_late(instant(system.day, 21))
        at(moment(system.day, 23))
        for each in from_the_first_day:
            send(each.api, late)
        at(moment(system.day + DAY, 1))
        expected = system.can_be_told(drawn_at)
        send(sent.api, expected)
        assert main(["import", "ssd", str(tmp_path)]) == 0, capsys.readouterr().err
        capsys.readouterr()
        wrong += of_the_night(system.day, expected, given.database, moment(system.day + DAY, 1))
        if number % ALL_COMPARED_EVERY == ALL_COMPARED_EVERY - 1 or number == DAYS - 1:
            wrong += differences(sent.database, given.database)
        assert not wrong, f"day {number + 1} of seed {SEED}: {wrong[:5]}"
        told += Counter(each["type"] for each in expected)
        system.day += DAY
    record_property("asked", DAYS)
    record_property("wrong", len(wrong))
    assert {"case.closed.v1", "allocation.changed.v1"} <= told.keys(), told


def instant(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def moment(day: date, hour: int) -> str:
    return written_at(instant(day, hour))


def write(directory: Path, system: CaseSystem, drawn_at: datetime) -> None:
    """The tables of the day, with the time at which they were drawn."""
    write_tables(directory, system.tables())
    for path in directory.glob("*.csv"):
        os.utime(path, (drawn_at.timestamp(), drawn_at.timestamp()))


def of_the_night(day: date, expected: list[Json], database: Database, at: str) -> list[str]:
    """What differs between the events that the tables told and those that they can tell."""

    async def ask(kept: Any) -> list[str]:
        asked = "SELECT data::text FROM case_events WHERE received_at = $1"
        return [row[0] for row in await kept.fetch(asked, datetime.fromisoformat(at))]

    told = Counter(_plain(orjson.loads(row)) for row in KEPT.ask(database.migrate_url, ask))
    wanted = Counter(_plain(event) for event in expected)
    return [f"{day} - {each}" for each in wanted - told] + [
        f"{day} + {each}" for each in told - wanted
    ]


def _plain(event: Json) -> str:
    return orjson.dumps(event, option=orjson.OPT_SORT_KEYS).decode()
