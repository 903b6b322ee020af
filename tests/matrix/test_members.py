"""Who belongs today to a team that somebody leads: as the memberships and their roles have it."""

from collections.abc import Mapping
from typing import Final

import asyncpg
import pytest
from sqlalchemy import select

from qa_api.auth.actor import Me
from qa_api.auth.reach import led_now, workers_led
from qa_api.auth.roles import Role
from qa_api.db import Prepared
from qa_api.models.aliases import aliased
from qa_api.models.directory import Worker
from tests.matrix.in_sql import AT, Values, ids, in_the_context
from tests.matrix.shown import Shows
from tests.matrix.world import World

pytestmark = pytest.mark.long
LEADING: Final = (Role.PRACTICE_SUPERVISOR, Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE)
TODAY: Final = AT.date()
NOT_TODAY: Final[Mapping[str, str]] = {
    "sw1-lincoln-fast": f"[2026-01-01,{TODAY})",
    "sw2-boston-fast": "[2026-11-24,)",
}
"""Somebody who belonged to their team until yesterday, and somebody who does from tomorrow on."""
MOVED: Final = (
    "ALTER TABLE team_memberships DISABLE TRIGGER USER",
    *(
        f"UPDATE team_memberships SET valid = '{valid}' WHERE worker = '{worker}'"
        for worker, valid in NOT_TODAY.items()
    ),
)


def test_somebody_is_led_by_whoever_leads_a_team_that_they_belong_to_today(
    world: World, people: Mapping[str, Shows]
) -> None:
    row, me = aliased(Worker), Me.given()
    one_by_one = Prepared.of(select(row.code).where(led_now(row.code, me)))
    looked_up = Prepared.of(workers_led(me))
    led: dict[str, set[str]] = {}

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        person, tables = people[who].person, people[who].model.tables
        teams = {team for role in LEADING for team in person.teams.get(role, ())}
        members = {
            place["worker"]
            for place in tables["team_memberships"]
            if place["team"] in teams
            and place["valid"].lower <= TODAY
            and (place["valid"].upper is None or place["valid"].upper > TODAY)
        }
        theirs = members - {*NOT_TODAY}
        assert await ids(connection, one_by_one, values) == theirs, who
        assert await ids(connection, looked_up, values) == theirs, who
        led[who] = theirs

    in_the_context(world, see, *MOVED)
    assert led["ps-lincoln-fast"] == led["tm-lincoln-fast"] != set()
    assert led["tm-lincoln-fast"] < led["hos-fast"]
    assert led["qs-1"] == set(), "a role over the authority leads nobody"
