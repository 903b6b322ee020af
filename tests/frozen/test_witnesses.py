"""A witness opens what it does in the transaction that adds it, and in no other."""

import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from qa_api.models import Base
from qa_api.models.base import Witness
from qa_api.models.frozen import FROZEN, Begun, Closed, Frozen
from qa_api.models.frozen.beginnings import WITNESSES
from tests.conftest import Database
from tests.frozen.additions import written
from tests.frozen.statements import AT_THE_COMMIT, columns_of, refused, tried


def each_witness() -> Iterator[Any]:
    for entry in FROZEN:
        if not isinstance(entry, Begun) and "qa_written_now" in entry.witness:
            logs = (*WITNESSES, "events")
            (table,) = (each for each in logs if f"FROM {each} " in entry.witness)
            yield pytest.param(entry, table, id=f"{table}-{entry.table}.{entry.what}")


@pytest.mark.parametrize(("entry", "witness"), list(each_witness()))
def test_an_earlier_witness_opens_nothing_though_it_is_written_again(
    world: Database, entry: Frozen | Closed, witness: str
) -> None:
    columns = columns_of(world.migrate_url, witness)
    unchanged = ", ".join(f'"{column}" = "{column}"' for column in columns)
    answer = tried(
        world,
        f"UPDATE {witness} SET {unchanged}",
        written(world, entry),
        AT_THE_COMMIT,
    )
    if witness in {"calendar_versions", "events"}:
        assert isinstance(answer, asyncpg.InsufficientPrivilegeError), answer
    else:
        assert refused(answer, entry), answer


def test_every_witness_has_the_stamp_of_the_transaction_that_added_it() -> None:
    mappers = Base.registry.mappers
    stamped = {str(each.local_table) for each in mappers if issubclass(each.class_, Witness)}
    assert stamped == set(WITNESSES)
    asked = [each.witness for each in FROZEN if each.witness]
    assert not [each for each in asked if ".xmin" in each]
    named = [re.findall(r"FROM (\w+) ", each) for each in asked if "qa_written_now" in each]
    assert named
    assert all((stamped | {"events"}).intersection(each) for each in named)
