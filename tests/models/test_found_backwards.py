"""What refers to a record is found by an index where it is asked for with every event."""

import asyncpg
import pytest

from qa_api.models.base import new_id
from tests.conftest import Database


@pytest.mark.parametrize(
    ("table", "column"), [("subjects", "merged_into_id"), ("closure_gates", "duplicate_of")]
)
async def test_what_refers_to_one_is_found_by_an_index(
    database: Database, table: str, column: str
) -> None:
    """Of who was merged into a child, and of the gates that stand back for one, there are few."""
    connection = await asyncpg.connect(database.database_url)
    try:
        # Were there rows enough for an index to pay, and whoever they may be.
        await connection.execute(
            "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan"
        )
        asked = f"EXPLAIN SELECT FROM {table} WHERE {column} = $1 OR id = $1"
        plan = "\n".join(line[0] for line in await connection.fetch(asked, new_id()))
    finally:
        await connection.close()
    assert f"{table}_{column}_idx" in plan, plan
    assert "Seq Scan" not in plan
