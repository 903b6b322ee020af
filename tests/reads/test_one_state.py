"""What is in one state is found without the rows in others, however many these are."""

import asyncpg
import pytest

from qa_api.actions.queries import ACTIONS
from qa_api.reads.listings import Listing
from qa_api.responses.queries import RESPONSES
from tests.conftest import Database
from tests.reads.test_several_values import planned

LISTS = pytest.mark.parametrize("listing", [ACTIONS, RESPONSES], ids=lambda one: one.name)
OF_STATES_ALONE = """
SELECT index_class.relname, pg_get_expr(of.indpred, of.indrelid) AS predicate,
       pg_get_indexdef(of.indexrelid, of.indnkeyatts, true) AS last_column
FROM pg_index of JOIN pg_class index_class ON index_class.oid = of.indexrelid
WHERE of.indrelid = CAST($1 AS text)::regclass
  AND pg_get_expr(of.indpred, of.indrelid) LIKE '(state %'
"""


@LISTS
async def test_one_state_is_found_in_the_lists_order(database: Database, listing: Listing) -> None:
    """None in a state was found by reading all others: of four million audits it took too long."""
    table = listing.shape.entity.__tablename__
    # Of no other index is this known to be among its rows: of a parameter nothing is.
    plan = await planned(database, listing, {"state"}, value="verified")
    assert f"using {table}_state_soonest_idx on {table}" in plan
    plan = await planned(database, listing, {"state", "team"}, value="verified")
    assert f"using {table}_team_state_soonest_idx on {table}" in plan


@LISTS
async def test_no_index_of_some_states_is_smaller_than_the_lists_own(
    database: Database, listing: Listing
) -> None:
    """PostgreSQL takes the smallest first and joins another that says more of the same states.

    It then expects as few rows as if both conditions had nothing to do with each other, and sorts
    all that are overdue. Each ends with the list's key, so the list's own is the smallest.
    """
    connection = await asyncpg.connect(database.migrate_url)
    try:
        found = await connection.fetch(OF_STATES_ALONE, listing.shape.entity.__tablename__)
    finally:
        await connection.close()
    assert len(found) > 3
    assert [row["relname"] for row in found if row["last_column"] != "id"] == []
