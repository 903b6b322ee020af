"""A role is held over what it is held over."""

from collections.abc import Mapping
from typing import Final

import asyncpg
import pytest

from qa_api.auth.roles import SCOPES_OF_ROLE
from tests.conftest import Database
from tests.frozen.statements import AT_THE_COMMIT, tried

NEVER: Final[Mapping[str, str]] = {
    "a role that there is not": "UPDATE role_assignments SET role = 'superuser'",
    "a role over what it is not held over": "UPDATE role_assignments SET role = 'administrator'",
}
"""What was once taken when it was written directly, beside the columns that are frozen."""


def test_a_role_is_held_over_what_it_is_held_over(world: Database) -> None:
    for role, held_over in SCOPES_OF_ROLE.items():
        for scope in ("authority", "service", "team"):
            place = {"service": "NULL", "team": "NULL"} | {scope: "'x'"}
            answer = tried(
                world,
                f"UPDATE role_assignments SET role = '{role}', scope = '{scope}',"
                f" service = {place['service']}, team = {place['team']}",
            )
            taken = not isinstance(answer, asyncpg.CheckViolationError)
            assert taken == (scope in held_over), (role, scope)


@pytest.mark.parametrize("what", NEVER)
def test_what_must_never_be_is_not_written(world: Database, what: str) -> None:
    answer = tried(world, NEVER[what], AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError | asyncpg.CheckViolationError), answer
