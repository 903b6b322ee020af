"""The database gives nobody a right of which no change of two people says the same (X3).

Tried as the service's role writes, past every route; what is lawful has its own tests beside.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.api import Api, give_right
from tests.conftest import Database, execute
from tests.looking import rows

SINCE: Final = "2026-01-01"
LET_IN: Final = (
    "INSERT INTO principals (id, issuer, subject, worker, version)"
    " VALUES ('{new}', 'urn:i', '{new}', 'sw1-cwd', 1);"
)
HELD: Final = (
    "INSERT INTO role_assignments (id, principal_id, role, scope, valid, version)"
    " VALUES ('{held}', '{account}', 'quality_standards', 'authority', '[2026-01-01,)', 1);"
)
PROPOSED: Final = (
    "INSERT INTO rights_changes (id, what, target_id, state, becomes, workers, reason,"
    " confirmer, policy_version, proposed_by, proposed_at, version) VALUES ('{change}',"
    " '{what}', '{target}', 'proposed', '{becomes}', '{{}}', 'x', 'either', 1,"
    " '{one}', now(), 1);"
)
CONFIRMED: Final = (
    "UPDATE rights_changes SET state = 'confirmed', decided_by = '{two}', decided_at = now()"
    " WHERE id = '{change}';"
)


@pytest.fixture
def write(database: Database) -> Callable[..., None]:
    """Writes as the service does, in one transaction that is undone where it would be let through.

    The deferred rule is asked as at the commit.
    """

    async def tried(statements: tuple[str, ...]) -> None:
        connection = await asyncpg.connect(database.database_url)
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute("SELECT set_config('qa.reach', 'service', true)")
            for statement in statements:
                await connection.execute(statement)
            await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        finally:
            await transaction.rollback()
            await connection.close()

    return lambda *statements: asyncio.run(tried(statements))


@pytest.fixture
def account(api: Api, database: Database) -> str:
    """The account of a social worker."""
    asked = "SELECT id FROM principals WHERE subject = $1 AND disabled_at IS NULL"
    return str(rows(database, asked, "sw1-cwd")[0]["id"])


def refused(write: Callable[..., None], *statements: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="given by two people"):
        write(*statements)


def change(target: str, what: str, becomes: dict[str, Any], database: Database) -> tuple[str, ...]:
    """A change that an administrator proposed and Quality & Standards confirms now."""
    one, two = (
        rows(database, "SELECT id FROM principals WHERE subject = $1", who)[0]["id"]
        for who in ("admin-1", "qs-1")
    )
    said = {
        "change": uuid4(),
        "what": what,
        "target": target,
        "becomes": json.dumps({what: becomes}),
        "one": one,
        "two": two,
    }
    return PROPOSED.format(**said), CONFIRMED.format(**said)


def role(account: str, **other: Any) -> dict[str, Any]:
    return {
        "principal_id": account,
        "role": "quality_standards",
        "service": None,
        "team": None,
        "from": SINCE,
        "to": None,
    } | other


def test_nobody_is_let_in_or_given_a_role_without_a_change(
    write: Callable[..., None], account: str
) -> None:
    refused(write, LET_IN.format(new=uuid4()))
    refused(write, HELD.format(held=uuid4(), account=account))


@pytest.mark.parametrize(
    "written",
    [
        "UPDATE principals SET subject = 'mallory' WHERE id = '{account}'",
        "UPDATE principals SET worker = 'qs-1' WHERE id = '{account}'",
        "UPDATE principals SET disabled_at = now() WHERE id = '{account}'",
        (
            "UPDATE role_assignments SET role = 'quality_standards', scope = 'authority'"
            " WHERE principal_id = '{account}'"
        ),
        "UPDATE role_assignments SET valid = '[2020-01-01,)' WHERE principal_id = '{account}'",
        (
            "UPDATE role_assignments SET principal_id = '{account}'"
            " WHERE id = (SELECT id FROM role_assignments WHERE role = 'quality_standards' LIMIT 1)"
        ),
    ],
)
def test_no_right_is_changed_without_one(
    write: Callable[..., None], account: str, written: str
) -> None:
    refused(write, written.format(account=account))


@pytest.mark.long
def test_a_confirmed_change_lets_through_what_it_says_and_no_other(
    write: Callable[..., None], account: str, database: Database
) -> None:
    held = str(uuid4())
    insert = HELD.format(held=held, account=account)
    write(*change(held, "role_assignment", role(account), database), insert)
    for other in (
        role(account, role="auditor"),
        role(account, to="2026-12-31"),
        role(account, **{"from": "2026-02-01"}),
        role(str(uuid4())),
    ):
        refused(write, *change(held, "role_assignment", other, database), insert)
    refused(write, *change(str(uuid4()), "role_assignment", role(account), database), insert)
    refused(write, change(held, "role_assignment", role(account), database)[0], insert)


def test_one_person_may_only_end_a_right(
    write: Callable[..., None], api: Api, account: str, database: Database
) -> None:
    (right,) = rows(
        database, "SELECT id FROM role_assignments WHERE principal_id = $1", UUID(account)
    )
    proposed, confirmed = change(
        str(right["id"]),
        "role_assignment",
        role(account, **{"from": "2020-01-01", "to": None}),
        database,
    )
    ended = confirmed.partition(" WHERE ")[2]
    refused(
        write,
        proposed,
        f"UPDATE rights_changes SET state = 'ended' WHERE {ended}",
        (
            "UPDATE role_assignments SET role = 'quality_standards', scope = 'authority',"
            f" team = NULL, service = NULL, valid = '[2020-01-01,)' WHERE id = '{right['id']}'"
        ),
    )


def test_an_earlier_change_opens_nothing_though_it_is_written_again(
    write: Callable[..., None], api: Api, account: str, database: Database
) -> None:
    """A role that ended and goes on by two is not ended by what ended it before."""
    over = {"principal_id": account, "role": "auditor", "from": SINCE}
    held = give_right(api, role_assignment=over)
    admin = api.as_("admin-1")
    assert admin.act(f"/v1/role-assignments/{held}/end", {"to": "2198-01-01"}).status_code == 200
    ended = rows(
        database,
        "SELECT id FROM rights_changes WHERE target_id = $1 AND state = 'ended'",
        UUID(held),
    )[0]["id"]
    give_right(api, role_assignment={**over, "id": held})
    shorter = f"UPDATE role_assignments SET valid = '[{SINCE},2198-01-01)' WHERE id = '{held}'"
    for again in ("id = id", "state = state", "version = version + 1"):
        refused(write, f"UPDATE rights_changes SET {again} WHERE id = '{ended}'", shorter)
    with pytest.raises(asyncpg.RestrictViolationError, match="of the transaction that adds it"):
        write(f"UPDATE rights_changes SET xid = stamp() WHERE id = '{ended}'", shorter)
    assert admin.act(f"/v1/role-assignments/{held}/end").status_code == 200


def test_what_a_person_does_is_no_command(
    write: Callable[..., None], account: str, database: Database
) -> None:
    (person,) = rows(database, "SELECT id FROM principals WHERE subject = 'admin-1'")
    told = (
        "INSERT INTO events (id, at, type, principal_id, correlation_id, about_id, data) VALUES"
        " (gen_random_uuid(), now(), 'configuration.changed', {who}, 'x', '{account}', '{{}}');"
    )
    insert = HELD.format(held=uuid4(), account=account)
    refused(write, insert, told.format(who=f"'{person['id']}'", account=account))
    write(insert, told.format(who="NULL", account=account))
    refused(write, insert, told.format(who="NULL", account=uuid4()))


def test_a_role_is_held_on_some_day(database: Database, account: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="some_day"):
        execute(
            database.migrate_url,
            HELD.format(held=uuid4(), account=account).replace("[2026-01-01,)", "empty"),
        )
