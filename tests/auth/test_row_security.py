"""The second lock: what the database shows when a statement's own filter is wrong."""

import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import true

from qa_api.auth.roles import Role
from qa_api.models import Base
from qa_api.models.audits import Audit
from qa_api.models.base import SubjectData, new_id
from qa_api.models.unguarded import UNGUARDED
from qa_api.reads.listings import Listing
from qa_api.reads.shapes import Shape
from qa_api.rules.local_time import local_date
from qa_api.values.fields import Code, Output, Uuid
from tests.conftest import Database

TEAMS = [f"guarded-{number}" for number in range(12)]
GUARDED = [
    *sorted(
        str(mapper.local_table)
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, SubjectData)
    ),
    "subjects",
    "subject_aliases",
    "case_events",
    "conflicting_case_events",
    "case_event_outcomes",
    "plan_case_lists",
    "caseload_children",
    "audit_due_dates",
    "legal_holds",
    "retention_items",
    "unusual_reads",
    "webhook_endpoints",
    "deliveries",
    "delivery_attempts",
]

READ_BY_THE_SERVICE_ALONE = {
    "board_report_rows",
    "busiest_hours",
    "caseload_lines",
    "rollup_rows",
    "told_coverages",
    "worker_names",
}
"""Guarded tables that no reader sees a row of."""


class Seen(Output):
    """What the unfiltered list shows."""

    id: Uuid
    team: Code


# Its own filter lets everything through: whatever is kept back, the database keeps back.
UNFILTERED = Listing(
    name="unfiltered",
    shape=Shape(Seen, Audit),
    visible=lambda _row, _me: true(),
    filters={},
    subject="subject_id",
)


@pytest.fixture(scope="module")
def guarded(clone: Callable[[], Database]) -> Database:
    """A database with one audit in each of twelve teams."""
    return clone()


@pytest.fixture
async def owner(guarded: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(guarded.migrate_url)
    if not await connection.fetchval("SELECT count(*) FROM teams"):
        await connection.execute(
            "INSERT INTO policy_versions VALUES (1, '2020-01-01', '{}', 'first', now(), NULL);"
            "INSERT INTO case_systems (code, source, name, version) VALUES ('s', 'urn:s', 'S', 1);"
            "INSERT INTO audit_types (code, name, clause, subject_kind, owner, cadence, may_audit,"
            " active, version) VALUES ('t', 'T', '§4.1', 'child', 'quality_standards',"
            " 'as_required', 'any_auditor', true, 1)"
        )
        for team in TEAMS:
            subject = new_id()
            await connection.execute(
                "INSERT INTO teams (code, name, version) VALUES ($1, $1, 1)", team
            )
            await connection.execute(
                "INSERT INTO subjects (id, kind, system, ref, team, restricted, version)"
                " VALUES ($1, 'child', 's', $2, $2, false, 1)",
                subject,
                team,
            )
            await connection.execute(
                "INSERT INTO audits (id, type, state, opened_by, policy_version, planned_at,"
                " subject_id, team, version)"
                " VALUES ($1, 't', 'planned', 'person', 1, now(), $2, $3, 1)",
                new_id(),
                subject,
                team,
            )
    yield connection
    await connection.close()


@pytest.fixture
async def reader(guarded: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(guarded.read_url)
    yield connection
    await connection.close()


async def principal(
    owner: asyncpg.Connection, role: Role, teams: list[str], scope: str = "team"
) -> str:
    """Somebody new who holds the role over these teams."""
    id_ = new_id()
    await owner.execute(
        "INSERT INTO principals (id, issuer, subject, version) VALUES ($1, 'i', $2, 1)",
        id_,
        str(id_),
    )
    over: list[str | None] = [*teams] or [None]
    for team in over:
        await owner.execute(
            "INSERT INTO role_assignments (id, principal_id, role, scope, team, valid, version)"
            " VALUES ($1, $2, $3, $4, $5, '[2020-01-01,)', 1)",
            new_id(),
            id_,
            role.value,
            scope,
            team,
        )
    return str(id_)


async def seen_by(reader: asyncpg.Connection, subject: str, limit: int = 50) -> list[str]:
    """The bodies that the unfiltered list shows to somebody."""
    now = datetime.now(UTC)  # noqa: TID251 - the statement's parameter; no rule looks at it
    prepared = UNFILTERED.prepared(frozenset(), after=False)
    values = {
        "issuer": "i",
        "subject": subject,
        "now": now,
        "today": local_date(now),
        "permitted_roles": [role.value for role in Role],
        "correlation_id": "row-security",
        "operation": "test",
        "limit": limit,
    }
    rows = await reader.fetch(prepared.sql, *prepared.arguments(values))
    return [row["body"] for row in rows]


@pytest.mark.long
async def test_a_wrong_filter_shows_no_other_teams_rows(
    owner: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    chance = random.Random(20261122)
    for _ in range(60):
        teams = sorted(chance.sample(TEAMS, chance.randint(1, len(TEAMS))))
        shown = await seen_by(reader, await principal(owner, Role.TEAM_MANAGER, teams))
        assert sorted(team for team in TEAMS if any(f'"{team}"' in row for row in shown)) == teams
        assert len(shown) == len(teams)


async def test_a_role_over_the_authority_sees_every_team(
    owner: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    everyone = await principal(owner, Role.QUALITY_STANDARDS, [], "authority")
    assert len(await seen_by(reader, everyone)) == len(TEAMS)


async def test_an_administrator_sees_no_subject_data(
    owner: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    assert await seen_by(reader, await principal(owner, Role.ADMINISTRATOR, [], "authority")) == []


async def test_the_context_ends_with_its_statement(
    owner: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    everyone = await principal(owner, Role.QUALITY_STANDARDS, [], "authority")
    assert await seen_by(reader, everyone)
    assert await reader.fetchval("SELECT count(*) FROM audits") == 0


@pytest.mark.parametrize("table", GUARDED)
async def test_without_a_context_nothing_about_a_subject_is_seen(
    owner: asyncpg.Connection, guarded: Database, reader: asyncpg.Connection, table: str
) -> None:
    assert await reader.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert await owner.fetchval(
        "SELECT relrowsecurity FROM pg_class WHERE oid = $1::regclass", table
    ), f"{table} has no row-level security"
    writer = await asyncpg.connect(guarded.database_url)
    try:
        assert await writer.fetchval(f"SELECT count(*) FROM {table}") == 0
    finally:
        await writer.close()


async def test_a_restricted_record_needs_an_unexpired_grant(
    owner: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    everyone = await principal(owner, Role.QUALITY_STANDARDS, [], "authority")
    subject: UUID = await owner.fetchval("SELECT id FROM subjects WHERE ref = $1", TEAMS[0])
    await owner.execute("UPDATE audits SET restricted = true WHERE subject_id = $1", subject)
    try:
        assert len(await seen_by(reader, everyone)) == len(TEAMS) - 1
        for expires, shown in (("- interval '1 minute'", -1), ("+ interval '1 hour'", 0)):
            await owner.execute(
                "INSERT INTO restriction_grants (id, subject_id, principal_id, reason, granted_by,"
                f" granted_at, expires_at) VALUES ($1, $2, $3, 'why', $3, now(), now() {expires})",
                new_id(),
                subject,
                UUID(everyone),
            )
            assert len(await seen_by(reader, everyone)) == len(TEAMS) + shown
    finally:
        await owner.execute("UPDATE audits SET restricted = false WHERE subject_id = $1", subject)


async def test_a_teams_due_date_shows_to_who_leads_it_and_to_the_whole_authority(
    owner: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    audit = await owner.fetchval("SELECT id FROM audits WHERE team = $1", TEAMS[0])
    await owner.execute(
        "INSERT INTO audit_due_dates (audit_id, type, owed_team, number, due_on, policy_version,"
        " stands, explanation) VALUES ($1, 't', $2, 1, '2026-12-01', 1, true, '{}')",
        audit,
        TEAMS[0],
    )
    expected = {
        ("rows", TEAMS[0]): 1,
        ("rows", f"{TEAMS[1]},{TEAMS[0]}"): 1,
        ("rows", TEAMS[1]): 0,
        ("rows", ""): 0,
        ("any other word", ""): 0,
        ("authority", ""): 1,
        ("service", ""): 1,
    }
    for (reach, teams), shown in expected.items():
        async with reader.transaction():
            await reader.execute(
                "SELECT set_config('qa.reach', $1, true), set_config('qa.teams', $2, true)",
                reach,
                teams,
            )
            found = await reader.fetchval("SELECT count(*) FROM audit_due_dates")
        assert found == shown, (reach, teams)


async def test_what_happened_shows_in_no_callers_context(
    owner: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    """The log tells what an audit was judged, and that a record was restricted (§4.5)."""
    team, other = TEAMS[2], TEAMS[3]
    subject = await owner.fetchval("SELECT id FROM subjects WHERE ref = $1", team)
    told = "INSERT INTO events (id, at, type, correlation_id, about_id, subject_id, data) VALUES"
    for type_ in ("audit.completed", "legal_hold.placed"):
        told_of = new_id(), type_, subject
        await owner.execute(f"{told} ($1, now(), $2, 'c', $1, $3, '{{}}')", *told_of)
    recorded, every = await owner.fetchrow(
        "SELECT max(at) FILTER (WHERE type = 'audit.completed'), count(*) FROM events"
        " WHERE subject_id = $1",
        subject,
    )
    expected = {
        ("rows", team): (0, recorded),
        ("rows", other): (0, None),
        ("authority", ""): (0, recorded),
        ("service", ""): (every, recorded),
    }
    for (reach, teams), shown in expected.items():
        async with reader.transaction():
            await reader.execute(
                "SELECT set_config('qa.reach', $1, true), set_config('qa.teams', $2, true)",
                reach,
                teams,
            )
            found = await reader.fetchrow(
                "SELECT (SELECT count(*) FROM events WHERE subject_id = $1),"
                " (SELECT at FROM last_records WHERE subject_id = $1)",
                subject,
            )
        assert tuple(found) == shown, (reach, teams)


async def test_one_line_of_the_access_log_names_every_subject_shown(
    owner: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    manager = await principal(owner, Role.TEAM_MANAGER, TEAMS[:3])
    before = await owner.fetchval("SELECT count(*) FROM access_log")
    assert len(await seen_by(reader, manager, limit=2)) == 3, "the next page's first row is known"
    line = await owner.fetchrow("SELECT * FROM access_log ORDER BY at DESC LIMIT 1")
    assert await owner.fetchval("SELECT count(*) FROM access_log") == before + 1
    assert str(line["principal_id"]) == manager
    assert len(line["subject_ids"]) == 2, "what was not shown was not read"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET type = 'x'",
        "DELETE FROM events",
        "DELETE FROM access_log",
        "DELETE FROM audits",
        "UPDATE allowed_transitions SET to_state = 'x'",
        "DELETE FROM escalations",
        "TRUNCATE audits CASCADE",
    ],
)
async def test_the_applications_role_cannot_erase_what_happened(
    guarded: Database, statement: str
) -> None:
    writer = await asyncpg.connect(guarded.database_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await writer.execute(statement)
    finally:
        await writer.close()


async def test_the_owner_cannot_change_the_event_log_by_mistake(owner: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("DELETE FROM events")


async def test_the_readers_role_writes_nothing_but_the_access_log(
    reader: asyncpg.Connection, guarded: Database
) -> None:
    tables = await reader.fetch(
        "SELECT DISTINCT table_name, privilege_type FROM information_schema.role_column_grants"
        " WHERE grantee = 'qa_read' AND privilege_type <> 'SELECT'"
        " UNION SELECT table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = 'qa_read' AND privilege_type NOT IN ('SELECT', 'INSERT')"
    )
    assert [tuple(row) for row in tables] == [("access_log", "INSERT")]


@pytest.mark.parametrize("role", ["qa_app", "qa_read"])
async def test_who_writes_a_line_of_the_access_log_says_all_of_it_but_its_place(
    role: str, reader: asyncpg.Connection, guarded: Database
) -> None:
    columns = await reader.fetch(
        "SELECT attname, has_column_privilege($1::text, attrelid, attnum, 'INSERT')"
        " FROM pg_attribute WHERE attrelid = 'access_log'::regclass"
        " AND attnum > 0 AND NOT attisdropped",
        role,
    )
    assert {name for name, given in columns if not given} == {"xid"}


def test_every_table_about_a_subject_is_guarded() -> None:
    about_subjects = {
        name for name, table in Base.metadata.tables.items() if "subject_id" in table.c
    }
    open_to_all = {"restriction_grants"}  # ids
    of_the_service = {"events"}  # which reads them without a context
    assert about_subjects - set(GUARDED) <= open_to_all | of_the_service


async def test_every_table_is_guarded_or_says_why_not(owner: asyncpg.Connection) -> None:
    tables = await owner.fetch(
        "SELECT relname, relrowsecurity FROM pg_class"
        " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    without = {row["relname"] for row in tables if not row["relrowsecurity"]}
    assert without == set(UNGUARDED)
    assert all(UNGUARDED.values())


async def test_a_guarded_table_has_a_policy_for_each_of_the_service_s_roles(
    owner: asyncpg.Connection,
) -> None:
    """Without one a role sees nothing at all; with one for everybody it sees everything."""
    policies = await owner.fetch(
        "SELECT tablename, policyname, permissive, roles, qual FROM pg_policies"
        " WHERE schemaname = 'public'"
    )
    for row in policies:
        assert "public" not in row["roles"], f"{row['policyname']} on {row['tablename']}"
        if {"qa_app", "qa_read"} & set(row["roles"]) and row["permissive"] == "PERMISSIVE":
            # Triggers look into the log, whatever somebody may see who changes something.
            written = row["tablename"] == "events" and row["roles"] == ["qa_app"]
            assert written or row["qual"] != "true", f"{row['tablename']} shows all its rows"
    guarded = await owner.fetch(
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relkind IN ('r', 'p')"
        " AND relnamespace = 'public'::regnamespace"
    )
    read = {
        row["tablename"]
        for row in policies
        if row["permissive"] == "PERMISSIVE" and "qa_read" in row["roles"]
    }
    silent = {row["relname"] for row in guarded} - read
    assert silent <= READ_BY_THE_SERVICE_ALONE, silent


async def test_nobody_but_the_owner_passes_the_policies(owner: asyncpg.Connection) -> None:
    """The owner is exempt (ADR 24): so the service's roles own no table and may become nobody."""
    held = await owner.fetch(
        "SELECT r.rolname, r.rolsuper OR r.rolbypassrls AS passes,"
        " pg_has_role(r.rolname, t.relowner, 'MEMBER') AS owns"
        " FROM pg_roles r, (SELECT DISTINCT relowner FROM pg_class WHERE relrowsecurity) t"
        " WHERE r.rolname IN ('qa_app', 'qa_read')"
    )
    assert {row["rolname"] for row in held} == {"qa_app", "qa_read"}
    assert not [row["rolname"] for row in held if row["passes"] or row["owns"]]
