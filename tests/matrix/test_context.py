"""Who calls, by the one statement that finds them: what they hold today, and what policies read."""

from collections.abc import Mapping
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import select

from qa_api.auth.actor import Me, context, context_of_many
from qa_api.auth.roles import Role
from qa_api.db import Prepared
from tests.matrix.in_sql import AT, Values, caller, in_the_context
from tests.matrix.near import Person
from tests.matrix.shown import Shows
from tests.matrix.world import World

pytestmark = pytest.mark.long
WIDE: Final = {Role.QUALITY_STANDARDS, Role.SENIOR_LEADER, Role.REPORTING}
OFTEN: Final = (Role.QUALITY_STANDARDS, Role.SENIOR_LEADER, Role.AUDITOR, Role.WORKER)
LED_AS: Final = {
    "supervised_teams": Role.PRACTICE_SUPERVISOR,
    "managed_teams": Role.TEAM_MANAGER,
    "headed_teams": Role.HEAD_OF_SERVICE,
}


def held_by(person: Person) -> dict[str, Any]:
    """What the statement must say of somebody."""
    teams = {name: set(person.teams.get(role, ())) for name, role in LED_AS.items()}
    return {
        "principal_id": person.principal,
        "worker": person.worker,
        "system": person.system,
        "roles": {role.value for role in person.roles},
        **teams,
        "led_teams": teams["managed_teams"] | teams["headed_teams"],
        "now": AT,
        "today": AT.date(),
        **{f"holds_{role.value}": role in person.roles for role in OFTEN},
    }


def said(row: Mapping[str, Any]) -> dict[str, Any]:
    """What it says, lists in no order and each value once."""
    for name in ("roles", *LED_AS):
        assert len(row[name]) == len(set(row[name])), f"{name} twice"
    return {name: set(value) if isinstance(value, list) else value for name, value in row.items()}


SEALED: Final = (
    "ALTER TABLE moderation_outcomes DISABLE TRIGGER USER",
    *(
        f"ALTER TABLE moderation_outcomes DROP CONSTRAINT moderation_outcomes_{name}_check"
        for name in ("unsealed_why", "judged_by_somebody", "not_own_audit")
    ),
    (
        "UPDATE moderation_outcomes o SET sealed = true, moderated_at = NULL, moderator = ("
        "ARRAY['au-2', 'slt-1', 'tm-lincoln-fast', 'ps-lincoln-fast', 'ps-boston-fast'])[n]"
        " FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM moderation_outcomes) each"
        " WHERE o.id = each.id"
    ),
)
"""Pairs to judge sealed: by an auditor, by who reads all there is, and by who leads teams."""


def test_everybody_is_who_the_directory_says_and_holds_what_it_gives_them(
    world: World, people: Mapping[str, Shows]
) -> None:
    nearest: dict[str, str] = {}

    async def see(connection: asyncpg.Connection, who: str, _: Values) -> None:
        person = people[who].person
        row = await caller(connection, world, who)
        assert row is not None
        found = said(row)
        guard = found.pop("guard")
        assert found == held_by(person) | {"permitted": True}, who
        lacking = sorted({*Role} - person.roles)
        other = await caller(connection, world, who, permitted_roles=lacking)
        assert other is not None
        assert other["permitted"] is False
        names = ("reach", "teams", "sealed", "in_error", "worker", "system", "principal", "now")
        settings = {
            name: await connection.fetchval("SELECT current_setting('qa.' || $1)", name)
            for name in names
        }
        assert guard == "".join(settings[name] for name in names)
        teams = set(settings.pop("teams").split(",")) - {""}
        assert teams == found["supervised_teams"] | found["led_teams"]
        sealed = settings.pop("sealed")
        led = sorted(found["led_teams"])
        judges = person.worker is not None and not person.roles & WIDE
        asked = "SELECT qa_sealed_from($1, $2, $3)"
        wanted = await connection.fetchval(asked, person.worker, sorted(teams), led)
        assert sealed == (wanted or "" if judges else ""), who
        nearest[who] = sealed
        errors = await connection.fetchval("SELECT qa_in_error_told()")
        assert settings == {
            "in_error": "" if person.roles & WIDE else errors,
            "reach": "authority" if person.roles & WIDE else "rows",
            "worker": person.worker or "",
            "system": person.system or "",
            "principal": str(person.principal),
            "now": await connection.fetchval("SELECT CAST($1::timestamptz AS text)", AT),
        }

    in_the_context(world, see, *SEALED)
    assert {who for who, sealed in nearest.items() if sealed} >= {"au-2", "ps-boston-fast"}
    assert not nearest["slt-1"], "from whoever reads all nothing is sealed"
    assert not nearest["tm-lincoln-fast"], "nor from whoever answers for the case"


def test_many_are_found_at_once_as_each_by_themselves(
    world: World, people: Mapping[str, Shows]
) -> None:
    asked = Prepared.of(context_of_many())
    by_id = {shows.person.principal: shows.person for shows in people.values()}
    some = {id_: by_id[id_] for id_ in sorted(by_id)[1:]}

    async def see(connection: asyncpg.Connection, _: str, __: Values) -> None:
        values = {"principals": [*some], "now": AT, "today": AT.date()}
        before = await connection.fetchval("SELECT current_setting('qa.principal')")
        found = await connection.fetch(asked.sql, *asked.arguments(values))
        assert {row["principal_id"]: said(row) for row in found} == {
            id_: held_by(person) for id_, person in some.items()
        }
        assert before == await connection.fetchval("SELECT current_setting('qa.principal')")

    in_the_context(world, see, people=["qs-1"])


def test_whom_nobody_let_in_is_nobody(world: World) -> None:
    async def see(connection: asyncpg.Connection, _: str, __: Values) -> None:
        assert await caller(connection, world, "nobody-at-all") is None
        assert await caller(connection, world, "au-1", issuer="https://elsewhere.example") is None
        await connection.execute("UPDATE principals SET disabled_at = now() WHERE subject = 'au-1'")
        assert await caller(connection, world, "au-1") is None
        assert await caller(connection, world, "au-2") is not None

    in_the_context(world, see, people=["qs-1"])


_OF = "(SELECT id FROM principals WHERE subject = 'tm-lincoln-fast')"
_ROLES = f"UPDATE role_assignments SET valid = '%s' WHERE principal_id = {_OF}"
_WORKER = "UPDATE workers SET %s WHERE code = 'tm-lincoln-fast'"
_POSTS = "UPDATE posts SET valid = '%s' WHERE worker = 'tm-lincoln-fast'"
CHANGED: Final[Mapping[str, tuple[str, set[str]]]] = {
    "in service from today": (_WORKER % "starts_on = '2026-11-23'", {"team", "authority"}),
    "in service from tomorrow": (_WORKER % "starts_on = '2026-11-24'", set()),
    "leaves today": (_WORKER % "leaves_on = '2026-11-23'", {"team", "authority"}),
    "left yesterday": (_WORKER % "leaves_on = '2026-11-22'", set()),
    "holds them from today": (_ROLES % "[2026-11-23,)", {"team", "authority"}),
    "holds them from tomorrow": (_ROLES % "[2026-11-24,)", set()),
    "held them until yesterday": (_ROLES % "[2026-01-01,2026-11-23)", set()),
    "left the post": (_POSTS % "[2026-01-01,2026-11-23)", {"authority"}),
    "leaves the post today": (_POSTS % "[2026-01-01,2026-11-24)", {"team", "authority"}),
}
"""What changes of a manager who is an auditor too, and which of the two roles they then hold."""


@pytest.mark.parametrize("name", CHANGED)
def test_a_role_is_held_on_the_days_that_its_holder_is_there_for_it(
    world: World, name: str
) -> None:
    change, scopes = CHANGED[name]
    also = (
        "INSERT INTO role_assignments (id, principal_id, role, scope, valid, version)"
        f" SELECT gen_random_uuid(), {_OF}, 'auditor', 'authority', '[2026-01-01,)', 1"
        f" WHERE NOT EXISTS (SELECT FROM role_assignments WHERE principal_id = {_OF}"
        " AND role = 'auditor')"
    )

    async def see(connection: asyncpg.Connection, _: str, __: Values) -> None:
        await connection.execute(change)
        row = await caller(connection, world, "tm-lincoln-fast")
        assert row is not None
        assert (Role.TEAM_MANAGER in row["roles"]) is ("team" in scopes)
        assert ("lincoln-fast" in row["managed_teams"]) is ("team" in scopes)
        assert (Role.AUDITOR in row["roles"]) is ("authority" in scopes)
        assert row["holds_auditor"] is ("authority" in scopes)

    in_the_context(world, see, also, people=["tm-lincoln-fast"])


@pytest.mark.parametrize(("until", "is_led"), [("2026-11-24", True), ("2026-11-23", False)])
def test_a_team_is_led_by_the_head_of_the_service_that_has_it_today(
    world: World, until: str, is_led: bool
) -> None:
    changed = f"UPDATE team_services SET valid = '[2026-01-01,{until})' WHERE team = 'lincoln-fast'"

    async def see(connection: asyncpg.Connection, who: str, _: Values) -> None:
        row = await caller(connection, world, who)
        assert row is not None
        assert ("lincoln-fast" in row["headed_teams"]) is is_led
        assert Role.HEAD_OF_SERVICE in row["roles"]

    in_the_context(world, see, changed, people=["hos-fast"])


def test_an_actor_asks_what_they_hold_of_the_context_and_of_their_own_values(
    world: World, people: Mapping[str, Shows]
) -> None:
    behind = context().cte("me").prefix_with("MATERIALIZED")
    pairs = [(Role.AUDITOR,), (Role.TEAM_MANAGER,), (Role.WORKER, Role.HEAD_OF_SERVICE)]

    def asked(me: Me) -> list[Any]:
        return [me.holds(*roles).label(f"h{number}") for number, roles in enumerate(pairs)]

    in_context, given = (
        Prepared.of(select(*asked(Me.in_context(behind)))),
        Prepared.of(select(*asked(Me.given()))),
    )

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        of_token = {
            "issuer": world.settings.token_issuers[0].issuer,
            "subject": who,
            "permitted_roles": [],
        }
        both = {**values, **of_token}
        wanted = [not people[who].person.roles.isdisjoint(roles) for roles in pairs]
        for each in (in_context, given):
            (row,) = await connection.fetch(each.sql, *each.arguments(both))
            assert [*row] == wanted, who

    in_the_context(world, see)
