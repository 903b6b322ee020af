"""What checks both logs reads nothing that row-level security could hide from who runs it (X3)."""

import re
from types import ModuleType

import asyncpg
import pytest

from qa_api.worker import proving, restoring, sealing, verifying, witnessing
from tests.conftest import Database

FOR_THE_REPORT = {"retention_items"}
"""Read with the service's reach, for words alone; what holds and what does not rests on none."""

WHOM_TO_TELL = {"webhook_endpoints"}
"""Hidden from readers of a case system alone; the worker that tells witnesses sees all of them."""

FOR_NO_CALLER = {"events"}
"""Hidden where a caller's context is set; what checks the logs sets none (ADR 73)."""


def tables_of(module: ModuleType) -> set[str]:
    """The tables that the statements of a module name."""
    said = " ".join(str(value) for name, value in vars(module).items() if name.isupper())
    return set(re.findall(r"\b(?:FROM|JOIN)\s+([a-z_]+)", said))


@pytest.mark.parametrize("module", [verifying, proving, sealing, witnessing, restoring])
async def test_no_check_of_the_logs_rests_on_a_table_that_hides_rows(
    module: ModuleType, worker_database: Database
) -> None:
    tables = tables_of(module)
    assert tables, "it asks nothing"
    reader = await asyncpg.connect(worker_database.read_url)
    try:
        hiding = await reader.fetch(
            "SELECT relname FROM pg_class WHERE relname = ANY ($1) AND relrowsecurity"
            " AND relnamespace = 'public'::regnamespace",
            list(tables),
        )
    finally:
        await reader.close()
    assert {row["relname"] for row in hiding} <= FOR_THE_REPORT | WHOM_TO_TELL | FOR_NO_CALLER
