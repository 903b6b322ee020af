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
