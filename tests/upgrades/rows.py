"""Rows of an authority in a database of an older revision, and audits as many as are wanted.

The authority's own rows are copied back from a database of the newest revision, table by table, as
soon as a revision has the table; columns that it does not have yet are left out. What only a later
revision lets stand (a state, a code) is left out too, and counted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg

AUDITS: Final = Path(__file__).parents[2] / "bench" / "growth.sql"
"""Audits, responses, actions, escalations and gates; revisions since the first one take them."""
MORE: Final = Path(__file__).with_name("more.sql")
"""The tables that are the largest in an authority: answers, events, the access log."""
COMPUTED: Final = {
    "alembic_version",
    "allowed_actions",
    "allowed_transitions",
    "dataset_departures",
    "retained_content",
    "epochs",
    "kept_rights",
    "rollups",
    "rollup_rows",
    "rollup_deltas",
    "event_seals",
    "access_seals",
}
"""What migrations fill, and what follows from other rows."""
COLUMNS: Final = """
SELECT c.table_name, array_agg(c.column_name::text ORDER BY c.ordinal_position) AS columns
FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
  AND c.is_generated = 'NEVER' AND c.is_identity = 'NO' AND c.column_name !~ 'xid$'
GROUP BY c.table_name
"""
Connection = Any


@dataclass
class Copied:
    """What was copied back, and what a revision did not take."""

    rows: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


async def columns_of(connection: Connection) -> dict[str, list[str]]:
    """The columns of each table, but for stamps: those are of the database that gave them."""
    return {row["table_name"]: row["columns"] for row in await connection.fetch(COLUMNS)}


async def copy_back(new: Connection, old: Connection, tables: Sequence[str], told: Copied) -> None:
    """The rows of these tables, as far as the old revision has them and takes them.

    `old` is a superuser's: foreign keys and triggers are off, what they would hold is so.
    """
    theirs, ours = await columns_of(new), await columns_of(old)
    for table in sorted(set(tables) & theirs.keys() - COMPUTED):
        if await old.fetchval(f'SELECT EXISTS (SELECT FROM "{table}")'):
            continue  # a migration has filled it from what there was
        common = ", ".join(f'"{name}"' for name in ours[table] if name in theirs[table])
        rows = await new.fetch(
            f'SELECT row_to_json(r)::text AS row FROM (SELECT {common} FROM "{table}") r'
        )
        put = (
            f'INSERT INTO "{table}" ({common})'
            f' SELECT {common} FROM json_populate_recordset(NULL::"{table}", $1::json)'
        )
        texts = [row["row"] for row in rows]
        if await _taken(old, put, texts):
            told.rows[table] += len(texts)
            continue
        for text in texts:
            taken = await _taken(old, put, [text])
            (told.rows if taken else told.refused)[table] += 1


async def _taken(old: Connection, put: str, rows: Sequence[str]) -> bool:
    """Whether these rows may stand there, all of them; if not, none is written."""
    try:
        async with old.transaction():
            await old.execute("SET LOCAL session_replication_role = replica")
            await old.execute(put, f"[{','.join(rows)}]")
    except asyncpg.IntegrityConstraintViolationError:
        return False
    return True


async def fills_as_it_is(connection: Connection, audits: int) -> int:
    """How many audits are made where it is now, of so many; all is as before then.

    The bench has them made in the newest revision.
    """
    tried = connection.transaction()
    await tried.start()
    try:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("TRUNCATE subjects, audits CASCADE")
        await fill(connection, audits)
        made: int = await connection.fetchval("SELECT count(*) FROM audits")
    finally:
        await tried.rollback()
    return made


async def fill(old: Connection, audits: int) -> None:
    """So many audits and what comes of them, with triggers off: so is the bench's script meant.

    What figures count is counted where that is kept already: no trigger has done it.
    """
    async with old.transaction():
        await old.execute("SET LOCAL session_replication_role = replica")
        await old.execute("SET LOCAL work_mem = '256MB'")
        await old.fetchval("SELECT set_config('bench.audits', $1, true)", str(audits))
        for script in (AUDITS, MORE):
            await old.execute(script.read_text())
        if await old.fetchval("SELECT to_regproc('rebuild_rollups') IS NOT NULL"):
            await old.execute("SELECT rebuild_rollups()")
    await old.execute("ANALYZE")
