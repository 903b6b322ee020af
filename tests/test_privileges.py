"""What a role of the service may do in the database beside its work: nothing (R8, the second lock).

Walked over the catalogue, so that what a later migration adds is held to the same; and tried, as
somebody would who has got as far as SQL under one of these roles.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from qa_api import db as connections
from qa_api import migrate, role_limits
from qa_api.auth.development import DevelopmentIssuer
from tests.conftest import Database, execute, settings_for

Connection = Any
Fetched = list[tuple[Any, ...]]

OWN_RIGHTS = {
    "last_records": "when something was last recorded of a subject that shows to who asks",
    "delivered_types": "of what type an event is whose delivery shows to who asks",
    "newest_event": "which transaction wrote last, whoever asks",
    "counted_for_reports": "what reports were counted from, to the service alone",
    "rows_behind_reports": "which rows stand behind what reports told, to the service alone",
    "unattended_work": "shows administrators that somebody is to be appointed, by ids alone",
    "restricted_work": "shows that something waits, to those who may not see the record itself",
    "withheld_work": "shows that something waits, to those who may not see the record itself",
}
"""The views that read with their owner's rights, and why.

Each asks whom it is for: by the reach of who reads, by their role, or what they see.
"""

DEFINERS = """
SELECT p.oid::regprocedure::text AS name, p.proconfig AS settings,
       p.prorettype = 'trigger'::regtype AS is_trigger
FROM pg_proc p
WHERE p.prosecdef AND p.pronamespace NOT IN ('pg_catalog'::regnamespace,
                                             'information_schema'::regnamespace)
ORDER BY 1
"""


NOT_OF_AN_EXTENSION = "NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = oid AND d.deptype = 'e')"


def ask(url: str, question: str) -> Fetched:
    """The rows that a role sees."""

    async def once() -> Fetched:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(question)]
        finally:
            await connection.close()

    return asyncio.run(once())


def test_every_function_with_its_owners_rights_keeps_to_its_schema(template: Database) -> None:
    found = ask(template.migrate_url, DEFINERS)
    assert len(found) > 20
    for name, settings, _ in found:
        assert "search_path=public, pg_temp" in settings, name


def test_public_may_call_none_of_our_functions(template: Database) -> None:
    open_to_all = ask(
        template.migrate_url,
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        f" AND has_function_privilege('public', oid, 'EXECUTE') AND {NOT_OF_AN_EXTENSION}",
    )
    assert open_to_all == []


def test_nobody_hangs_our_triggers_on_tables_of_their_own(template: Database) -> None:
    allowed = ask(
        template.migrate_url,
        "SELECT role, oid::regprocedure::text FROM pg_proc,"
        " unnest(ARRAY['qa_app', 'qa_read', 'qa_backup']) AS role"
        " WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype"
        " AND has_function_privilege(role, oid, 'EXECUTE')",
    )
    assert allowed == []


def test_every_view_reads_with_the_rights_of_who_asks_but_for_those_with_a_reason(
    template: Database,
) -> None:
    views = ask(
        template.migrate_url,
        "SELECT relname, coalesce('security_invoker=true' = ANY (reloptions), false)"
        " FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace",
    )
    assert {name for name, invoker in views if not invoker} == set(OWN_RIGHTS)


@pytest.mark.parametrize("view", OWN_RIGHTS)
def test_a_view_with_its_owners_rights_asks_for_the_reach_of_who_reads(
    template: Database, view: str
) -> None:
    ((said,),) = ask(template.migrate_url, f"SELECT pg_get_viewdef('{view}'::regclass)")
    if view == "withheld_work":  # it reads no row but by a view that asks
        assert "FROM restricted_work w" in said
        return
    if view == "newest_event":  # a transaction's number says of nobody anything
        assert said.split("FROM")[0].split() == ["SELECT", "xid"]
        return
    # A function that a view calls reads as who asks.
    assert "qa_reach()" in said or "WHERE qa_sees_" in said


KEPT_FROM_READERS = {
    "board_reports": {"counted"},
    "webhook_endpoints": {"secrets"},
}
"""The columns that the readers' role may not select of tables of which it reads others."""


def test_the_readers_role_reads_all_columns_of_a_table_but_those_with_a_reason(
    template: Database,
) -> None:
    columns = ask(
        template.migrate_url,
        "SELECT relname::text, attname::text FROM pg_class c JOIN pg_attribute ON attrelid = c.oid"
        " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND attnum > 0"
        " AND NOT attisdropped AND has_any_column_privilege('qa_read', c.oid, 'SELECT')"
        " AND NOT has_column_privilege('qa_read', c.oid, attnum, 'SELECT')",
    )
    found: dict[str, set[str]] = {}
    for table, column in columns:
        found.setdefault(table, set()).add(column)
    assert found == KEPT_FROM_READERS


@pytest.mark.parametrize("role", ["qa_app", "qa_read"])
@pytest.mark.parametrize("reach", ["", "rows", "authority", "service"])
def test_what_reports_were_counted_from_is_seen_by_the_service_alone(
    told: Database, role: str, reach: str
) -> None:
    url = told.migrate_url.replace("qa_owner", role)
    seen = ask(f"{url}&qa.reach={reach}", "SELECT counted FROM counted_for_reports")
    assert len(seen) == (reach == "service")


def test_the_readers_role_reads_a_report_without_what_it_was_counted_from(told: Database) -> None:
    url = told.migrate_url.replace("qa_owner", "qa_read")
    assert ask(url, "SELECT title FROM board_reports") == [("Told",)]
    for wanted in ("counted", "*", "board_reports"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            ask(url, f"SELECT {wanted} FROM board_reports")


@pytest.fixture(scope="module")
def told(clone: Callable[[], Database]) -> Database:
    """A database with a report that keeps what it was counted from."""
    made = clone()
    execute(
        made.migrate_url.replace("qa_owner", "postgres"),
        "SET session_replication_role = replica;"
        "INSERT INTO board_reports (id, version, state, quarter, number, title, drafted_at,"
        " presented_at, policy_version, snapshot, counted) VALUES (gen_random_uuid(), 1,"
        " 'presented', '2026-27 Q1', 1, 'Told', now(), now(), 1, '{}', '{}')",
    )
    return made


def test_the_owner_of_everything_is_the_migrating_role(template: Database) -> None:
    owners = ask(
        template.migrate_url,
        "SELECT DISTINCT relowner::regrole::text FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace"
        " UNION SELECT proowner::regrole::text FROM pg_proc"
        f" WHERE pronamespace = 'public'::regnamespace AND {NOT_OF_AN_EXTENSION}",
    )
    assert owners == [("qa_owner",)]


@pytest.mark.parametrize("role", ["qa_app", "qa_read", "qa_backup"])
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TEMPORARY TABLE audits (id uuid)",
        "CREATE TEMPORARY VIEW audits AS SELECT 1 AS id",
        "CREATE FUNCTION pg_temp.stamp() RETURNS xid8 LANGUAGE sql RETURN NULL::xid8",
        "CREATE TABLE public.own (id uuid)",
        "CREATE FUNCTION public.own() RETURNS integer LANGUAGE sql RETURN 1",
        "CREATE SCHEMA own",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'kept here')",
        "UPDATE alembic_version SET version_num = '0001'",
        "INSERT INTO alembic_version VALUES ('0001')",
        "DELETE FROM alembic_version",
        "SET ROLE qa_owner",
        "SET SESSION AUTHORIZATION qa_owner",
        "ALTER TABLE audits DISABLE TRIGGER ALL",
        "ALTER TABLE audits DISABLE ROW LEVEL SECURITY",
        "SET session_replication_role = replica",
        "TRUNCATE audits",
        "COPY audits TO PROGRAM 'true'",
        "COPY audits TO '/dev/null'",
    ],
)
def test_a_role_of_the_service_is_refused(template: Database, role: str, statement: str) -> None:
    url = template.migrate_url.replace("qa_owner", role)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        execute(url, statement)


async def shadows(connection: Connection) -> None:
    """As somebody would who may make temporary objects: one before each thing of ours."""
    await connection.execute(
        "CREATE FUNCTION pg_temp.taken() RETURNS boolean LANGUAGE plpgsql VOLATILE AS"
        " $$ BEGIN RAISE EXCEPTION 'taken as %', current_user USING ERRCODE = 'QA666'; END $$"
    )
    for (name,) in await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND relpersistence = 'p'"
        " AND relnamespace = 'public'::regnamespace AND has_table_privilege(oid, 'SELECT')"
    ):
        await connection.execute(
            f"CREATE TEMPORARY VIEW {name} AS SELECT t.* FROM (SELECT 1 WHERE pg_temp.taken()) x"
            f" LEFT JOIN public.{name} t ON true"
        )
        await connection.execute(f"GRANT ALL ON pg_temp.{name} TO PUBLIC")
    for signature, returned in await connection.fetch(
        "SELECT format('%I(%s)', proname, pg_get_function_identity_arguments(oid)),"
        " pg_get_function_result(oid) FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prorettype <> 'trigger'::regtype"
        f" AND prokind = 'f' AND NOT proretset AND {NOT_OF_AN_EXTENSION}"
    ):
        nothing = "" if returned == "void" else "NULL"
        await connection.execute(
            f"CREATE FUNCTION pg_temp.{signature} RETURNS {returned} LANGUAGE plpgsql AS"
            f" $$ BEGIN PERFORM pg_temp.taken(); RETURN {nothing}; END $$"
        )


def calling(name: str) -> str:
    """A call with an argument for each parameter."""
    function, _, types = name.rstrip(")").partition("(")
    values = {"uuid": "gen_random_uuid()", "timestamp with time zone": "now()"}
    given = [values.get(kind, f"'1'::{kind}") for kind in types.split(",") if kind]
    return f"SELECT public.{function}({', '.join(given)})"


@pytest.fixture(scope="module")
def loosened(clone: Callable[[], Database]) -> Database:
    """A database where somebody let everybody make temporary objects, and hang triggers."""
    made = clone()
    execute(made.migrate_url, f"GRANT TEMPORARY ON DATABASE {made.name} TO PUBLIC")
    execute(
        made.migrate_url,
        "CREATE FUNCTION reads_what_comes_first(audit uuid) RETURNS bigint LANGUAGE plpgsql"
        ' SECURITY DEFINER SET search_path = "$user", public AS'
        " $$ BEGIN RETURN (SELECT count(*) FROM audits); END $$",
    )
    return made


def attacked(url: str, attack: Callable[[Connection], Awaitable[Any]]) -> bool:
    """Whether what the attacker made was reached; each try ends without a trace."""

    async def once() -> bool:
        connection = await asyncpg.connect(url)
        try:
            await shadows(connection)
            try:
                await attack(connection)
            except asyncpg.PostgresError as error:
                return str(error.sqlstate) == "QA666"
            return False
        finally:
            await connection.close()

    return asyncio.run(once())


@pytest.mark.parametrize("role", ["qa_app", "qa_read"])
def test_the_attack_is_real(loosened: Database, role: str) -> None:
    url = loosened.migrate_url.replace("qa_owner", role)
    assert attacked(url, lambda c: c.execute(calling("reads_what_comes_first(uuid)")))


@pytest.mark.long
@pytest.mark.parametrize("role", ["qa_app", "qa_read"])
def test_no_function_with_its_owners_rights_reaches_what_its_caller_made(
    loosened: Database, role: str
) -> None:
    url = loosened.migrate_url.replace("qa_owner", role)
    tried = [
        name
        for name, _, is_trigger in ask(loosened.migrate_url, DEFINERS)
        if not is_trigger and not name.startswith("reads_what_comes_first")
    ]
    assert len(tried) > 10
    for name in tried:

        async def call(connection: Connection, call: str = calling(name)) -> None:
            await connection.execute(call)

        assert not attacked(url, call), name


@pytest.mark.long
@pytest.mark.parametrize("role", ["qa_app", "qa_read"])
def test_no_trigger_of_ours_is_hung_on_an_attackers_table(loosened: Database, role: str) -> None:
    url = loosened.migrate_url.replace("qa_owner", role)
    triggers = [name for name, _, is_trigger in ask(loosened.migrate_url, DEFINERS) if is_trigger]
    assert len(triggers) > 10
    for name in triggers:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            execute(
                url,
                "BEGIN; CREATE TEMPORARY TABLE own (id uuid);"
                f" CREATE TRIGGER fired AFTER INSERT ON own FOR EACH ROW EXECUTE FUNCTION {name};"
                " ROLLBACK",
            )


def test_migrating_withdraws_what_a_restored_database_offers_again(loosened: Database) -> None:
    execute(loosened.migrate_url, "GRANT CREATE ON SCHEMA public TO qa_app")
    migrate.upgrade(loosened.migrate_url)
    url = loosened.migrate_url.replace("qa_owner", "qa_app")
    for statement in ("CREATE TEMPORARY TABLE own (id uuid)", "CREATE TABLE own (id uuid)"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            execute(url, statement)


def test_migrating_says_what_only_a_superuser_may_withdraw(
    clone: Callable[[], Database], caplog: pytest.LogCaptureFixture
) -> None:
    made = clone()
    execute(
        made.migrate_url.replace("qa_owner", "postgres"),
        "GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC",
    )
    migrate.upgrade(made.migrate_url)
    assert "REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC;" in caplog.text
    execute(
        made.migrate_url.replace("qa_owner", "postgres"),
        "REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC",
    )
    caplog.clear()
    migrate.upgrade(made.migrate_url)
    assert caplog.text == ""


LIMITS = {"idle_in_transaction_session_timeout": "1min", "statement_timeout": "1min"}
LIMITED = [(role, name) for role in ("qa_app", "qa_read") for name in LIMITS]


def as_superuser(database: Database, statement: str) -> None:
    execute(database.migrate_url.replace("qa_owner", "postgres"), statement)


def limit_of(database: Database, role: str, name: str) -> str:
    """What holds for who connects as the role and asks for nothing."""
    ((value,),) = ask(database.migrate_url.replace("qa_owner", role), f"SHOW {name}")
    return str(value)


@pytest.fixture
def unlimited(clone: Callable[[], Database]) -> Database:
    """A database whose roles may take as long as they like."""
    made = clone()
    for role, name in LIMITED:
        as_superuser(made, f"ALTER ROLE {role} IN DATABASE {made.name} SET {name} = 0")
    return made


def test_nobody_who_connects_as_a_role_of_the_service_waits_in_it_for_ever(
    template: Database,
) -> None:
    for role, name in LIMITED:
        assert limit_of(template, role, name) == LIMITS[name], role


def test_where_the_owner_may_not_set_the_limits_migrating_says_how(
    unlimited: Database, caplog: pytest.LogCaptureFixture
) -> None:
    migrate.upgrade(unlimited.migrate_url)
    statements = [line for line in caplog.text.splitlines() if line.startswith("ALTER ROLE")]
    assert len(statements) == len(LIMITED), caplog.text
    assert limit_of(unlimited, "qa_read", "statement_timeout") == "0"
    for statement in statements:
        as_superuser(unlimited, statement)
    for role, name in LIMITED:
        assert limit_of(unlimited, role, name) == LIMITS[name], role
    caplog.clear()
    migrate.upgrade(unlimited.migrate_url)
    assert caplog.text == ""


def test_where_the_connection_may_the_limits_are_set_and_one_that_is_there_stays(
    unlimited: Database, caplog: pytest.LogCaptureFixture
) -> None:
    theirs = f"ALTER ROLE qa_read IN DATABASE {unlimited.name} SET statement_timeout = '90s'"
    as_superuser(unlimited, theirs)

    async def once() -> None:
        url = unlimited.migrate_url.replace("qa_owner", "postgres")
        connection = await asyncpg.connect(url)
        try:
            await role_limits.limit(connection)
        finally:
            await connection.close()

    asyncio.run(once())
    assert caplog.text == ""
    held = {(role, name): limit_of(unlimited, role, name) for role, name in LIMITED}
    assert held.pop(("qa_read", "statement_timeout")) == "90s"
    assert set(held.values()) == {"1min"}


async def test_the_service_gives_its_own_connections_shorter_ones(
    template: Database, issuer: DevelopmentIssuer
) -> None:
    settings = settings_for(template, issuer)
    opened = await connections.Database.open(settings)
    try:
        async with opened.plain_reads.acquire() as reader:
            assert await reader.fetchval("SHOW idle_in_transaction_session_timeout") == "10s"
            assert await reader.fetchval("SHOW statement_timeout") == "5s"
    finally:
        await opened.close()
