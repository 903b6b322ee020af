"""Statements as `qa_app` would write them, and what the database answers."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Final

import asyncpg

from qa_api.models.frozen import FROZEN, Begun, Closed, Frozen
from tests.conftest import Database
from tests.kept import KEPT, Connection
from tests.test_privileges import ask

Row = Mapping[str, str]
"""SQL for the columns that matter; the others are filled by their kind."""
Statement = str | Callable[[Database], str]
"""What is written, or how it is put together once it is known what columns the table has."""

ONE: Final = "'00000000-0000-7000-8000-000000000001'::uuid"
OTHER: Final = "'00000000-0000-7000-8000-000000000002'::uuid"
THIRD: Final = "'00000000-0000-7000-8000-000000000003'::uuid"
FOURTH: Final = "'00000000-0000-7000-8000-000000000004'::uuid"
SIXTH: Final = "'00000000-0000-7000-8000-000000000006'::uuid"
SEVENTH: Final = "'00000000-0000-7000-8000-000000000007'::uuid"
OTHER_NAME: Final = "'somebody else'"
FIFTH: Final = "'00000000-0000-7000-8000-000000000005'::uuid"
"""A restricted child, and of each kind what a new row of theirs may belong to."""
FILLED: Final = {
    "text": "'{column}'",
    "uuid": ONE,
    "integer": "1",
    "bigint": "1",
    "boolean": "true",
    "date": "'2026-11-23'::date",
    "timestamp with time zone": "'2026-11-23T09:30:00Z'::timestamptz",
    "jsonb": "'{{}}'::jsonb",
    "daterange": "'[2026-11-23,2027-11-23)'::daterange",
    "xid8": "'1'::xid8",
    "ARRAY": "'{{}}'",
    "bytea": "''::bytea",
}

CHANGED: Final = {
    "text": "coalesce({column}, '') || '!'",
    "uuid": "gen_random_uuid()",
    "integer": "coalesce({column}, 0) + 1",
    "bigint": "coalesce({column}, 0) + 1",
    "boolean": "NOT coalesce({column}, false)",
    "date": "coalesce({column}, '2026-11-23') + 1",
    "timestamp with time zone": "coalesce({column}, now()) + interval '1 day'",
    "jsonb": """'{{"other": 1}}'::jsonb""",
    "daterange": "'[2001-01-01,2002-01-01)'::daterange",
    "xid8": "'2'::xid8",
    "ARRAY": "'{{other}}'",
}

AT_THE_COMMIT: Final = "SET CONSTRAINTS ALL IMMEDIATE"
"""What is looked for at the commit is looked for now."""


@cache
def columns_of(url: str, table: str, *, needed: bool = False) -> Mapping[str, str]:
    """The kinds of a table's columns, or of those that must be given; none that is computed."""
    found = ask(
        url,
        "SELECT column_name, data_type FROM information_schema.columns"
        f" WHERE table_schema = 'public' AND table_name = '{table}' AND is_generated = 'NEVER'"
        " AND identity_generation IS DISTINCT FROM 'ALWAYS'"
        + (
            " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
            if needed
            else ""
        ),
    )
    return {str(name): str(kind) for name, kind in found}


def insertion(kinds: Mapping[str, str], table: str, row: Row) -> str:
    """A row with every column filled."""
    values = {name: row.get(name, FILLED[kind].format(column=name)) for name, kind in kinds.items()}
    names = ", ".join(f'"{name}"' for name in values)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join(values.values())})"


def tried(world: Database, *statements: Statement, url: str = "") -> asyncpg.PostgresError | None:
    """What the database answers to the service's role, in a transaction that leaves no trace."""
    written = [each if isinstance(each, str) else each(world) for each in statements]

    async def attempt(connection: Connection) -> asyncpg.PostgresError | None:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute("SELECT set_config('qa.reach', 'service', true)")
            for statement in written:
                done = await connection.execute(statement)
                assert not done.endswith(" 0"), statement
        except asyncpg.PostgresError as error:
            return error
        finally:
            await transaction.rollback()
        return None

    return KEPT.ask(url or world.database_url, attempt)


def refused(answer: asyncpg.PostgresError | None, entry: Frozen | Begun | Closed) -> bool:
    """Whether it was this entry that refused, and with its words."""
    return isinstance(answer, asyncpg.RestrictViolationError) and (
        answer.constraint_name,
        answer.message,
    ) == (entry.trigger, entry.because)


NOT_YET: Final[Row] = {"may_close": "false"}
"""What is filled with what no new row has, unless that is what is tried."""


def new_row(world: Database, table: str, row: Row) -> str:
    """A row of a table with what it must have and what is given; what is given empty, filled."""
    kinds = columns_of(world.migrate_url, table)
    needed = columns_of(world.migrate_url, table, needed=True)
    row = {name: said for name, said in {**NOT_YET, **row}.items() if name in kinds}
    given = {name: said or FILLED[kinds[name]].format(column=name) for name, said in row.items()}
    return insertion({name: kinds[name] for name in {**needed, **row}}, table, given)


def new(table: str, row: Row) -> Statement:
    """The same, put together when it is written."""
    return partial(new_row, table=table, row=row)


def told(kind: str, **row: str) -> Statement:
    """An event of this kind, on the event log."""
    return new("events", {"id": OTHER, "type": f"'{kind}'", **row})


def configured(what: str, code: str) -> Statement:
    """That somebody changed an entry of the configuration is told."""
    data = f"""'{{"what": "{what}", "code": "{code}"}}'"""
    return told("configuration.changed", principal_id=ONE, data=data)


def entry_of(table: str, trigger: str) -> Frozen | Begun | Closed:
    """The entry that becomes this trigger."""
    (entry,) = (each for each in FROZEN if (each.table, each.trigger) == (table, trigger))
    return entry
