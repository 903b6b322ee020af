"""What a read shows of children, and what it leaves in the access log."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import asyncpg

from tests.api import Api
from tests.conftest import Database

NAMING = {"ref", "subject_id", "subject_ref"}
"""The fields by which a child is named."""


def rows(database: Database, statement: str, *args: Any) -> list[Any]:
    async def found() -> list[Any]:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            return list(await connection.fetch(statement, *args))
        finally:
            await connection.close()

    return asyncio.run(found())


def named_in(body: Any) -> Iterator[str]:
    """Every reference and id of a child in an answer."""
    if isinstance(body, list):
        for each in body:
            yield from named_in(each)
    elif isinstance(body, dict):
        for name, value in body.items():
            if name in NAMING and isinstance(value, str):
                yield value
            else:
                yield from named_in(value)


def look(api: Api, database: Database, person: str, path: str) -> tuple[set[str], list[set[str]]]:
    """Read a path: who is named in the answer, and whom the lines of the access log name."""
    correlation = str(uuid4())
    answer = api.as_(person).get(path, headers={"x-correlation-id": correlation})
    assert answer.status_code == 200, f"{path}: {answer.text}"
    shown = list(named_in(answer.json()))
    known = rows(
        database,
        # None of them has leave to see a record that another stands for.
        "SELECT DISTINCT a.subject_id FROM subject_aliases a"
        " WHERE a.subject_id::text = ANY($1) OR (a.ref = ANY($1) AND NOT EXISTS ("
        "SELECT FROM subject_aliases s WHERE s.ref = a.ref AND s.stands_for = a.subject_id))",
        shown,
    )
    lines = rows(
        database, "SELECT subject_ids FROM access_log WHERE correlation_id = $1", correlation
    )
    return (
        {str(row["subject_id"]) for row in known},
        [{str(each) for each in line["subject_ids"]} for line in lines],
    )
