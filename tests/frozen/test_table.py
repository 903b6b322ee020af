"""The database holds the table of what is frozen, and nothing else."""

import asyncio
from collections.abc import Callable
from typing import Final

import asyncpg
import pytest

from qa_api.models import Base
from qa_api.models.base import SubjectData
from qa_api.models.frozen import FROZEN, trigger_statements
from tests.conftest import Database
from tests.test_privileges import ask

_DEFINED: Final = """
SELECT t.tgrelid::regclass::text, t.tgname, pg_get_triggerdef(t.oid), p.prosrc, p.prosecdef
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND (t.tgname LIKE 'frozen\\_%' OR t.tgname LIKE 'closed\\_%'
    OR t.tgname LIKE 'begun\\_%')
ORDER BY 1, 2
"""


# What a trigger says that it is about, and what its condition compares.
_NAMED_AND_COMPARED: Final = r"""
SELECT t.tgrelid::regclass || ' ' || t.tgname,
       array(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr::int2[])),
       array(SELECT m[1] FROM regexp_matches(
           pg_get_triggerdef(t.oid), 'old\.(\w+)[^.]*? IS DISTINCT FROM \(?new\.', 'g') m)
FROM pg_trigger t WHERE NOT t.tgisinternal AND t.tgattr <> ''
"""
# A trigger that is asked later, or after the row, sees what an earlier one made of it; the columns
# that it names are those of the statement.
_CHANGED_UNSEEN: Final = r"""
WITH changed AS (
    SELECT t.tgrelid, t.tgname, lower(m[1]) AS column_name
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid,
         regexp_matches(p.prosrc, 'NEW\.(\w+)\s*:=', 'gi') m
    WHERE NOT t.tgisinternal AND t.tgtype & 2 <> 0 AND t.tgtype & 16 <> 0
), named AS (
    SELECT t.tgrelid, t.tgname, a.attname::text AS column_name, t.tgtype & 2 <> 0 AS is_before
    FROM pg_trigger t
    JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr::int2[])
    WHERE NOT t.tgisinternal AND t.tgtype & 16 <> 0
)
SELECT n.tgrelid::regclass::text, n.tgname, c.tgname, c.column_name
FROM named n JOIN changed c USING (tgrelid, column_name)
WHERE n.tgname <> c.tgname AND (NOT n.is_before OR n.tgname > c.tgname)
"""


def test_a_trigger_names_all_that_its_condition_compares(database: Database) -> None:
    found = ask(database.migrate_url, _NAMED_AND_COMPARED)
    assert len(found) > 200
    assert {trigger for trigger, named, compared in found if set(compared) - set(named)} == set()


def test_no_trigger_changes_a_column_that_another_looks_at_by_name(database: Database) -> None:
    assert ask(database.migrate_url, _CHANGED_UNSEEN) == []


def test_every_table_about_a_subject_keeps_what_is_restricted() -> None:
    mappers = Base.registry.mappers
    about = {str(each.local_table) for each in mappers if issubclass(each.class_, SubjectData)}
    assert {each.table for each in FROZEN if each.what == "restriction"} == about


@pytest.mark.long
def test_the_database_holds_the_table_and_nothing_else(clone: Callable[[], Database]) -> None:
    made = clone()
    before = ask(made.migrate_url, _DEFINED)
    assert {(table, name) for table, name, *_ in before} == {
        (entry.table, entry.trigger) for entry in FROZEN
    }

    async def write_anew() -> None:
        connection = await asyncpg.connect(made.migrate_url)
        try:
            await connection.execute(trigger_statements(FROZEN))
        finally:
            await connection.close()

    asyncio.run(write_anew())
    assert ask(made.migrate_url, _DEFINED) == before
