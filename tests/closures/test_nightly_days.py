"""Tables of one night after the other leave behind what their events leave that are sent (C1, C2).

The suite has some days; `./dev drill nightly` has 1,000. Two authorities are sent the same by
their case system; one is given its tables at night, the other is sent what they tell, one by one.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import orjson
import pytest

from qa_api.__main__ import main
from qa_api.auth.development import DevelopmentIssuer
from tests.api import Api, Json, give_right, serving
from tests.closures.nightly_days import DAY, CaseSystem, written_at
from tests.closures.orders import prepare
from tests.closures.sending import CLOUDEVENT
from tests.closures.ssd_files import write_tables
from tests.closures.two_ways import differences
from tests.conftest import Clone, Database, settings_for
from tests.drill import SEED, share
from tests.kept import KEPT
from tests.test_main import environment_of

FIRST = date(2026, 3, 30)
IN_USE_FROM = date(2026, 2, 1)
DAYS = share(6) or 1_000
ALL_COMPARED_EVERY = 100
"""Days between two comparisons of every row of every table."""


class Authority:
    """An authority, and its database."""

    def __init__(self, api: Api, database: Database) -> None:
        self.api, self.database = api, database

    def send(self, events: list[Json]) -> None:
        """As the case system sends them, one by one."""
        sender = self.api.as_("case-system-mosaic")
        for each in events:
            answer = sender.post("/v1/case-events", each, headers={"content-type": CLOUDEVENT})
            assert answer.status_code == 202, answer.text


@pytest.fixture
def two(
    clone_of_authority: Clone, issuer: DevelopmentIssuer, at: Callable[[str], None]
) -> Iterator[list[Authority]]:
    """The first is sent events, the second is given tables."""
    at(written_at(datetime.combine(FIRST, time(6), UTC)))
    databases = [clone_of_authority(), clone_of_authority()]
    first, second = (settings_for(each, issuer) for each in databases)
    with (
        serving(first) as one,
        Api(one, issuer) as api,
        serving(second) as other,
        Api(other, issuer) as other_api,
    ):
        authorities = [Authority(api, databases[0]), Authority(other_api, databases[1])]
        for each in authorities:
            prepare(each.api)
            changes = [{"key": "in_use_from", "value": str(IN_USE_FROM)}]
            give_right(each.api, policy={"effective_from": str(FIRST), "changes": changes})
        yield authorities


def test_tables_of_every_night_leave_behind_what_their_events_leave_that_are_sent(
    two: list[Authority],
    at: Callable[[str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    sent, given = two
    for name, value in environment_of(given.database).items():
        monkeypatch.setenv(name, value)
    system = CaseSystem(SEED, "N", FIRST, IN_USE_FROM)
    told: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(DAYS):
        at(moment(system.day, 15))
        system.work()
        by_day = system.sends(instant(system.day, 14))
        for each in two:
            each.send(by_day)
        drawn_at = instant(system.day, 20)
        write(tmp_path, system, drawn_at)
        late = system.closes_late(instant(system.day, 21))
        at(moment(system.day, 23))
        for each in two:
            each.send(late)
        at(moment(system.day + DAY, 1))
        expected = system.can_be_told(drawn_at)
        sent.send(expected)
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
