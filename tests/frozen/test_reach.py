"""Whom somebody reaches changes by what is told of its entry (X3)."""

from collections.abc import Mapping
from typing import Final

import asyncpg
import pytest

from qa_api.models.frozen import FROZEN, Frozen
from tests.conftest import Database
from tests.frozen.statements import (
    AT_THE_COMMIT,
    ONE,
    OTHER,
    Row,
    Statement,
    entry_of,
    new,
    refused,
    tried,
)

OF_THE_ENTRY: Final[Mapping[str, tuple[str, str, str]]] = {
    "absences": ("reason_code = 'other'", "worker", "worker"),
    "auditor_group_memberships": ("team = 'other'", "auditor_group", "group"),
    "posts": ("worker = 'other'", "team", "team"),
    "supervisions": ("supervisor = 'other'", "worker", "worker"),
    "team_memberships": ("team = 'other'", "worker", "worker"),
    "team_services": ("service = 'other'", "team", "team"),
    "case_system_references": ("reference = 'other'", "worker", "worker"),
    "workers": ("leaves_on = '2030-01-01'", "worker", "both"),
    "case_systems": ("source = 'other'", "case_system", "system"),
    "webhook_endpoints": ("url = 'other'", "webhook_endpoint", ONE[1:37]),
}
"""How each is changed, and the entry of which that is told."""

LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "a membership that a change of the directory takes away": (
        "DELETE FROM team_memberships",
        new("events", {"id": OTHER, "type": "'configuration.changed'"}),
        AT_THE_COMMIT,
    ),
}
"""What is done lawfully, each with its witness."""


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


@pytest.mark.parametrize("table", OF_THE_ENTRY)
def test_what_decides_whom_somebody_reaches_changes_with_what_is_told_of_its_entry(
    world: Database, table: str
) -> None:
    entry = entry_of(table, "frozen_telling")
    changed, what, code = OF_THE_ENTRY[table]
    where = f"code = '{code}'" if table == "workers" else "true"
    if table == "webhook_endpoints":
        where = f"id = {ONE}"  # the other was deleted
    write = f"UPDATE {table} SET {changed} WHERE {where}"

    def told(of: str, by: str) -> asyncpg.PostgresError | None:
        data = f"""'{{"what": "{what}", "code": "{of}"}}'"""
        event: Row = {"id": OTHER, "type": "'configuration.changed'", "data": data}
        event_by = new("events", {**event, "principal_id": by})
        return tried(world, write, event_by, AT_THE_COMMIT)

    assert told(code, ONE) is None
    assert told("elsewhere", "NULL") is None, "by a command or an import"
    assert refused(told("elsewhere", ONE), entry)


def test_what_nobody_has_claimed_is_listed_and_claimed_by_what_is_told(world: Database) -> None:
    (entry,) = (
        each
        for each in FROZEN
        if (each.table, each.what) == ("case_system_references", "telling")
        and isinstance(each, Frozen)
    )
    listed = new(
        "case_system_references",
        {"id": OTHER, "kind": "'worker'", "folded": "'unclaimed'"},
    )
    assert tried(world, listed, AT_THE_COMMIT) is None
    taken = f"DELETE FROM case_system_references WHERE id = {OTHER}"
    assert tried(world, listed, taken, AT_THE_COMMIT) is None
    claimed = f"UPDATE case_system_references SET worker = 'both' WHERE id = {OTHER}"
    assert refused(tried(world, listed, claimed, AT_THE_COMMIT), entry)
