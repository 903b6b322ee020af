"""The database holds what SCIM may do, whoever writes as the service (X3)."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import asyncpg
import pytest

from tests.api import Api
from tests.conftest import Database, execute
from tests.looking import rows
from tests.scim.provider import Provider, Staff

Write = Callable[..., None]

DONE: Final = (
    "INSERT INTO rights_changes (id, what, target_id, state, becomes, workers, reason, confirmer,"
    " policy_version, proposed_by, proposed_at, version) VALUES ('{change}', '{what}', '{target}',"
    " 'proposed', '{becomes}', '{{}}', 'x', 'either', 1, '{by}', now(), 1);"
    " UPDATE rights_changes SET state = 'done' WHERE id = '{change}';"
)
LET_IN: Final = (
    "INSERT INTO principals (id, issuer, subject, worker, version)"
    " VALUES ('{id}', 'urn:i', '{id}', {worker}, 1);"
)
HELD: Final = (
    "INSERT INTO role_assignments (id, principal_id, role, scope, valid, group_role_id, version)"
    " VALUES ('{id}', '{principal}', '{role}', 'authority', '[{begins},{ends})', {mapping}, 1);"
)


@pytest.fixture
def write(provided: Database) -> Write:
    """Writes as the service does, in one transaction that is undone; the deferred rule is asked."""

    async def tried(statements: tuple[str, ...]) -> None:
        connection = await asyncpg.connect(provided.database_url)
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


def refused(write: Write, *statements: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="given by two people"):
        write(*statements)


def account(database: Database, subject: str) -> str:
    asked = "SELECT id FROM principals WHERE subject = $1 AND disabled_at IS NULL"
    return str(rows(database, asked, subject)[0]["id"])


def done(what: str, target: str, becomes: dict[str, Any], by: str) -> str:
    return DONE.format(
        change=uuid4(), what=what, target=target, becomes=json.dumps({what: becomes}), by=by
    )


def principal(id_: str, **other: Any) -> dict[str, Any]:
    named = {"issuer": "urn:i", "subject": id_, "worker": None, "system": None, "disabled": False}
    return named | other


def test_only_the_providers_account_lets_somebody_in_and_only_without_a_worker(
    write: Write, provided: Database
) -> None:
    provider, admin = (account(provided, who) for who in ("identity-provider", "admin-1"))
    new = str(uuid4())
    let_in = LET_IN.format(id=new, worker="NULL")
    write(done("principal", new, principal(new), provider), let_in)
    refused(write, let_in)
    refused(write, done("principal", new, principal(new), admin), let_in)
    refused(
        write,
        done("principal", new, principal(new, worker="sw1-cwd"), provider),
        LET_IN.format(id=new, worker="'sw1-cwd'"),
    )
    held = {
        "principal_id": new,
        "role": "auditor",
        "service": None,
        "team": None,
        "from": "2026-01-01",
        "to": None,
    }
    refused(
        write,
        done("principal", new, principal(new), provider),
        let_in,
        done("role_assignment", new, held, provider),
        HELD.format(
            id=new, principal=new, role="auditor", begins="2026-01-01", ends="", mapping="NULL"
        ),
    )


@pytest.mark.parametrize(
    "written",
    [
        "UPDATE principals SET subject = 'x' WHERE id = '{id}'",
        "UPDATE principals SET worker = 'qs-1' WHERE id = '{id}'",
        "UPDATE principals SET issuer = 'x' WHERE id = '{id}'",
        "UPDATE principals SET disabled_at = NULL, version = 7 WHERE id = '{id}'",
    ],
)
def test_the_provider_changes_no_principal(write: Write, provided: Database, written: str) -> None:
    who = account(provided, "sw1-cwd")
    by = account(provided, "identity-provider")
    asked = (
        "SELECT jsonb_build_object('issuer', issuer, 'subject', subject, 'worker', worker,"
        " 'system', system, 'disabled', false) || '{}' AS now FROM principals WHERE id = $1"
    )
    said = json.loads(rows(provided, asked, who)[0]["now"])
    changed = {
        "subject = 'x'": {"subject": "x"},
        "worker = 'qs-1'": {"worker": "qs-1"},
        "issuer = 'x'": {"issuer": "x"},
    }
    other = next((to for text, to in changed.items() if text in written), {})
    refused(write, done("principal", who, said | other, by), written.format(id=who))


@pytest.mark.long
def test_a_group_gives_its_members_the_role_of_its_mapping_and_no_other(
    api: Api, provider: Provider, provided: Database, staff: Staff, write: Write
) -> None:
    _, member, user = staff.worker()
    _, stranger, _ = staff.worker()
    group = provider.group(user)["id"]
    mapping = staff.give(group, "auditor")
    by = account(provided, "identity-provider")
    # As if the service had not given it yet.
    undo = "DELETE FROM role_assignments WHERE principal_id = '{}'"
    execute(provided.migrate_url, undo.format(member))
    today = str(rows(provided, "SELECT (now() AT TIME ZONE 'Europe/London')::date AS d")[0]["d"])

    def attempt(who: str = member, **other: Any) -> tuple[str, str]:
        held = str(uuid4())
        given = {"role": "auditor", "begins": today, "ends": "", "mapping": f"'{mapping}'"} | other
        becomes = {
            "principal_id": who,
            "role": given["role"],
            "service": None,
            "team": None,
            "from": given["begins"],
            "to": given["ends"] or None,
        }
        insert = HELD.format(id=held, principal=who, **given)
        return done("role_assignment", held, becomes, by), insert

    write(*attempt())
    refused(write, attempt()[1])
    refused(write, *attempt(stranger))
    refused(write, *attempt(role="quality_standards"))
    refused(write, *attempt(mapping="NULL"))
    refused(write, *attempt(begins="2020-01-01"))
    refused(write, *attempt(ends="2190-01-01"))
    provider.leave(group, user)
    refused(write, *attempt())


def test_a_mapping_is_made_by_two_and_never_of_an_administrator(
    provider: Provider, provided: Database, write: Write
) -> None:
    group = provider.group()["id"]
    by = account(provided, "identity-provider")
    new = str(uuid4())
    insert = (
        "INSERT INTO group_roles (id, group_id, role, scope, version)"
        " VALUES ('{}', '{}', '{}', 'authority', 1)"
    )
    said = {"group_id": group, "role": "auditor", "service": None, "team": None, "ended": False}
    refused(write, insert.format(new, group, "auditor"))
    refused(write, done("group_role", new, said, by), insert.format(new, group, "auditor"))
    for role in ("administrator", "identity_provider", "case_system"):
        with pytest.raises(asyncpg.CheckViolationError, match="role_over"):
            write(insert.format(new, group, role))


@pytest.mark.parametrize(
    "written",
    [
        "UPDATE scim_users SET subject = 'admin-1' WHERE id = '{user}'",
        "UPDATE scim_users SET issuer = 'x' WHERE id = '{user}'",
        "UPDATE scim_groups SET issuer = 'x' WHERE id = '{group}'",
        "UPDATE group_roles SET role = 'quality_standards' WHERE id = '{mapping}'",
        "UPDATE group_roles SET group_id = gen_random_uuid() WHERE id = '{mapping}'",
        "UPDATE role_assignments SET group_role_id = NULL WHERE group_role_id = '{mapping}'",
    ],
)
def test_whose_token_it_is_and_what_a_group_gives_stands(
    provider: Provider, staff: Staff, write: Write, written: str
) -> None:
    _, _, user = staff.worker()
    group = provider.group(user)["id"]
    mapping = staff.give(group, "auditor")
    with pytest.raises((asyncpg.RestrictViolationError, asyncpg.InsufficientPrivilegeError)):
        write(written.format(user=user, group=group, mapping=mapping))


def test_who_belongs_to_a_group_is_what_the_provider_told(
    provider: Provider, staff: Staff, write: Write, provided: Database
) -> None:
    """A mapping that two people made gives its role to nobody by a line that nobody told of."""
    _, _, user = staff.worker()
    group = provider.group()["id"]
    staff.give(group, "auditor")
    joins = (
        f"INSERT INTO scim_members (group_id, user_id, since) VALUES ('{group}', '{user}', now())"
    )
    told = (
        "INSERT INTO events (id, at, type, principal_id, correlation_id, about_id, data)"
        " VALUES (gen_random_uuid(), now(), 'configuration.changed', '{by}', 'x', '{about}',"
        " '{{}}')"
    )
    by = account(provided, "identity-provider")
    write(told.format(by=by, about=group), joins)
    for others in (
        (),
        (told.format(by=by, about=uuid4()),),
        (told.format(by=account(provided, "qs-1"), about=group),),
        (told.format(by=account(provided, "admin-1"), about=group),),
    ):
        with pytest.raises(asyncpg.RestrictViolationError, match="told by the identity provider"):
            write(*others, joins)
