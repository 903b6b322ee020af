"""Audit types, tools and scales change as is told."""

from collections.abc import Mapping
from typing import Final

import asyncpg
import pytest

from tests.conftest import Database
from tests.frozen.additions import NOT_AS
from tests.frozen.statements import AT_THE_COMMIT, Row, Statement, configured, new, tried

_SCALE: Final[Row] = {"code": "'new'", "number": "7"}
_POINT: Final[Row] = {"scale_code": "'new'", "scale_number": "7", "code": "'good'"}

LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "an audit type that changes as is told": (
        "UPDATE audit_types SET may_audit = 'anybody'",
        configured("audit_type", "code"),
        AT_THE_COMMIT,
    ),
    "an audit type that is new": (
        new("audit_types", NOT_AS["audit_types-telling"]),
        configured("audit_type", "new"),
        AT_THE_COMMIT,
    ),
    "a tool that is retired": (
        "UPDATE audit_tools SET state = 'retired'",
        configured("audit_tool", "code"),
        AT_THE_COMMIT,
    ),
    "a scale that is told": (
        new("judgement_scales", _SCALE),
        new("scale_points", _POINT),
        configured("judgement_scale", "new/7"),
        AT_THE_COMMIT,
    ),
    "points with their scale": (new("judgement_scales", _SCALE), new("scale_points", _POINT)),
}
"""What is done lawfully, each with its witness."""

NEVER: Final[Mapping[str, str]] = {
    "a tool that is retired untold": "UPDATE audit_tools SET state = 'retired'",
    "an audit type that asks no more, untold": "UPDATE audit_types SET active = false",
}
"""What was once taken when it was written directly, beside the columns that are frozen."""


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


@pytest.mark.parametrize("what", NEVER)
def test_what_must_never_be_is_not_written(world: Database, what: str) -> None:
    answer = tried(world, NEVER[what], AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError | asyncpg.CheckViolationError), answer
