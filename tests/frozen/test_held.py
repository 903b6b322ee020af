"""What says why is never blank, and what follows a step is not before it (`models/held.py`)."""

import re
from typing import Final

import asyncpg
import pytest
from sqlalchemy import DateTime, Text

from qa_api.models import Base
from qa_api.models.held import IN_NO_ORDER, IN_ORDER, SAID, WRITTEN_BY_RULE
from tests.conftest import Database
from tests.frozen.statements import tried
from tests.test_privileges import ask


def without_triggers(world: Database, statement: str) -> asyncpg.PostgresError | None:
    """What the constraints alone answer, whoever writes."""
    superuser = world.migrate_url.replace("qa_owner", "postgres")
    return tried(world, "SET LOCAL session_replication_role = replica", statement, url=superuser)


_HELD: Final = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE contype = 'c' AND (conname LIKE '%\\_said\\_check' OR conname LIKE '%\\_in\\_order\\_check')
"""


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table, columns in SAID.items() for column in columns.split()],
)
def test_what_says_why_is_never_blank(world: Database, table: str, column: str) -> None:
    answer = without_triggers(
        world, f"UPDATE {table} SET {column} = E' \\n' WHERE {column} IS NOT NULL"
    )
    assert isinstance(answer, asyncpg.CheckViolationError), answer
    assert answer.constraint_name == f"{table}_{column}_said_check"


@pytest.mark.parametrize(
    ("table", "before", "after"),
    [(table, *pair) for table, pairs in IN_ORDER.items() for pair in pairs],
)
def test_what_follows_a_step_is_not_before_it(
    world: Database, table: str, before: str, after: str
) -> None:
    versions = before == "added_version"
    earlier = "0" if versions else f"{before} - interval '61 seconds'"
    set_to = f"UPDATE {table} SET {after} = {{}} WHERE {after} IS NOT NULL"
    answer = without_triggers(world, set_to.format(earlier))
    assert isinstance(answer, asyncpg.CheckViolationError), answer
    assert answer.constraint_name == f"{table}_{after}_in_order_check"
    if not versions:  # the clocks of two machines are apart
        taken = without_triggers(world, set_to.format(f"{before} - interval '59 seconds'"))
        assert taken is None, taken


def test_the_database_holds_what_is_said_and_in_order(world: Database) -> None:
    held = {(str(table), str(name)) for table, name in ask(world.migrate_url, _HELD)}
    checks = {
        (table.name, f"{check.name}")
        for table in Base.metadata.tables.values()
        for check in table.constraints
        if str(check.name).endswith(("_said_check", "_in_order_check"))
    }
    assert held == checks


def test_whatever_says_why_is_held_to_say_something() -> None:
    says_why = re.compile(
        r"(reasons?|because|how|resolution|refusal|note|why|what_was_done|decision|highlight"
        r"|description|view|rationale|comment|to_be_taken)$"
    )
    for table in Base.metadata.tables.values():
        checked = {str(check.name) for check in table.constraints}
        for column in table.columns:
            if isinstance(column.type, Text) and says_why.search(column.name):
                said = f"{table.name}_{column.name}_said_check" in checked
                by_another = any(name.endswith("rationale_said_check") for name in checked)
                assert said or by_another or (table.name, column.name) in WRITTEN_BY_RULE, (
                    table,
                    column,
                )


def test_each_instant_is_in_order_or_said_to_have_none() -> None:
    for table in Base.metadata.tables.values():
        instants = {each.name for each in table.columns if isinstance(each.type, DateTime)}
        ordered = {each for pair in IN_ORDER.get(table.name, ()) for each in pair}
        if len(instants) > 1:
            assert instants - ordered == set(IN_NO_ORDER.get(table.name, "").split()), table.name
