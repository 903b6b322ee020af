"""People whose work is handed over: each test has newcomers of its own and finds theirs alone."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.conftest import Accounts, Database, execute
from tests.hand_overs.handing import Handing
from tests.responses.casework import TEAM, Casework, casework, service

__all__ = ("casework", "service")


@pytest.fixture
def newcomer(accounts: Accounts, database: Database) -> Callable[..., str]:
    """Somebody new of a team, with an account that is called as they are."""

    def let_in(*roles: str, team: str = TEAM) -> str:
        code = f"new-{uuid4().hex[:8]}"
        id_ = str(uuid4())
        execute(
            database.migrate_url,
            f"INSERT INTO workers (code, version) VALUES ('{code}', 1);"
            " INSERT INTO team_memberships (id, worker, team, valid) VALUES"
            f" ('{uuid4()}', '{code}', '{team}', '[2026-01-01,)');"
            " INSERT INTO principals (id, issuer, subject, worker, version) VALUES"
            f" ('{id_}', '{accounts.issuer}', '{code}', '{code}', 1);"
            + "".join(
                " INSERT INTO role_assignments (id, principal_id, role, scope, valid, version)"
                f" VALUES ('{uuid4()}', '{id_}', '{role}', 'authority', '[2026-01-01,)', 1);"
                for role in roles
            ),
        )
        accounts.given.append(id_)
        return code

    return let_in


@pytest.fixture
def handing(casework: Casework, newcomer: Callable[..., str], at: Callable[[str], None]) -> Handing:
    """Open work, and hand-overs of it."""
    return Handing(casework, newcomer, at)
