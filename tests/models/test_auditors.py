"""What belongs to an audit names its auditor, whatever is given, and however the audit moves."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import asyncpg
import pytest

from qa_api.checking.auditors import every_row_names_the_auditor_of_its_audit
from tests.api import Api
from tests.audits.auditing import of_new_child
from tests.comments.talking import said
from tests.conftest import Database
from tests.responses.casework import Casework, Service, casework, service

__all__ = ("casework", "service")

TABLES = ("restorative_actions", "audit_responses")


def ask(database: Database, question: str, *values: object) -> list[asyncpg.Record]:
    async def answer() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            return list(await connection.fetch(question, *values))
        finally:
            await connection.close()

    return asyncio.run(answer())


def auditors(database: Database, table: str, audit: UUID | str) -> set[str | None]:
    found = ask(database, f"SELECT auditor FROM {table} WHERE audit_id = $1", audit)
    assert found
    return {row["auditor"] for row in found}


@pytest.mark.parametrize("table", TABLES)
def test_whatever_is_written_it_is_the_auditor_of_the_audit(
    casework: Casework, database: Database, table: str
) -> None:
    case = casework.completed_audit(actions=2)
    assert auditors(database, table, case.audit_id) == {"au-1"}
    ask(database, f"UPDATE {table} SET auditor = 'qs-1' WHERE audit_id = $1", case.audit_id)
    assert auditors(database, table, case.audit_id) == {"au-1"}


def test_what_was_said_goes_along_when_the_audit_is_given_to_another(
    api: Api, new_ref: Callable[[], str], database: Database, service: Service
) -> None:
    audit = of_new_child(api, new_ref).started("au-1", type="collaborative")
    id_ = UUID(audit.rpartition("/")[2])
    said(api, "qs-1", "audit", audit)
    assert auditors(database, "comments", id_) == {"au-1"}
    given = api.as_("qs-1").act(f"{audit}/assign", {"auditor": "au-2"})
    assert given.status_code == 200, given.text
    assert auditors(database, "comments", id_) == {"au-2"}
    assert service.works(every_row_names_the_auditor_of_its_audit).broken == ()
