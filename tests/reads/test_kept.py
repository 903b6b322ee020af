"""JSON that was kept before a field was added is read as the schema is today."""

import json
from typing import Any

import pytest
from pydantic import Field
from sqlalchemy import Text, cast, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from qa_api.db import Prepared
from qa_api.reads.kept import completed, with_nulls
from qa_api.values.fields import Output
from tests.conftest import Database
from tests.looking import rows


class Told(Output):
    """A schema with two fields that may be null, one of them under another name in JSON."""

    what: str
    to: str | None
    from_: str | None = Field(alias="from")


class Plain(Output):
    """A schema whose fields are always there."""

    what: str


WHOLE = {"what": "a", "to": "b", "from": "c"}
KEPT = [
    (Told, {"what": "a"}, {"what": "a", "to": None, "from": None}),
    (Told, WHOLE, WHOLE),
    (Told, WHOLE | {"gone": 1}, WHOLE | {"gone": 1}),
    (Told | None, {"what": "a", "to": "b"}, WHOLE | {"from": None}),
    (Told | None, None, None),
    (
        list[Told],
        [{"what": "b", "to": "x"}, WHOLE],
        [{"what": "b", "to": "x", "from": None}, WHOLE],
    ),
    (list[Told], [], []),
    (dict[str, Told], {"one": {"what": "a"}}, {"one": {"what": "a"}}),
    (Plain, {}, {}),
    (str, "a", "a"),
]


@pytest.mark.parametrize(("annotation", "kept", "read"), KEPT)
def test_what_was_kept_without_a_field_has_it_as_null(
    database: Database, annotation: Any, kept: Any, read: Any
) -> None:
    column = cast(literal(json.dumps(kept), Text), JSONB)
    statement = Prepared.of(select(cast(completed(column, annotation), Text)))
    ((found,),) = rows(database, statement.sql)
    assert json.loads(found) == read


def test_the_service_reads_it_as_people_do() -> None:
    assert with_nulls({"what": "a", "to": "b"}, Told) == WHOLE | {"from": None}
    assert with_nulls({}, Plain) == {}
