"""The two locks agree: what a list filters out, it filters out also where no row is hidden from it.

A filter that rests on the absence of a row ("not recorded in error", "not settled", "nobody asked")
is true where row-level security hides the row asked about, and fails open. So each list and each
document is read twice by the same caller: as the service reads it, and with every row present, as
the tables' owner, whom row-level security passes over. Both must show the same.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import asyncpg
import pytest
from sqlalchemy import ColumnElement, exists, not_, select
from sqlalchemy.dialects.postgresql import asyncpg as driver
from sqlalchemy.orm import aliased

from qa_api import clock
from qa_api.auth.roles import Role
from qa_api.demo.people import demo_principals
from qa_api.models.audits import Audit
from qa_api.models.directory import Team
from qa_api.models.subjects import SubjectAlias
from qa_api.reads.documents import Document
from qa_api.reads.listings import Listing
from qa_api.reads.shapes import Shape
from qa_api.rules.local_time import local_date
from qa_api.values.fields import Code, Output
from tests.api import Api
from tests.auth.test_who_looked import statements
from tests.closures.sending import CLOSED, PROPOSED, RESTRICTED, Episode
from tests.conftest import Database
from tests.responses.casework import Casework, casework, service

__all__ = ("casework", "service")

DIALECT = driver.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy gives it no types
PEOPLE = {
    *demo_principals().values(),
    *("qs-2", "tm-lincoln-fast", "dm-lincoln-fast", "tm-boston-fast", "hos-fast", "au-1", "au-2"),
    *("ps-lincoln-fast", "sw1-lincoln-fast", "sw2-lincoln-fast", "sw1-boston-fast"),
}


READERS = {
    *("qs-1", "slt-1", "hos-fast", "tm-lincoln-fast", "ps-lincoln-fast", "sw1-lincoln-fast"),
    *("sw2-lincoln-fast", "sw1-boston-fast"),
}
"""Who reads documents: the roles that reach records by what hides them."""

OTHERWISE_READ = {
    "qa_api.webhooks.queries.ENDPOINT_WITH_SECRET": "by the role that writes, whose secret it is",
    "qa_api.closure_gates.queries.SUBJECT_GATE": "by its episode; its own document is walked",
    "qa_api.closure_gates.queries.UNKNOWN_SUBJECT_GATE": "it says back what was asked",
}
NEWEST = 12
"""So many rows of each document."""


class TeamSeen(Output):
    """What the list that fails open shows."""

    code: Code


def _audited(row: Any) -> ColumnElement[bool]:
    audit: Any = aliased(Audit)
    return exists().where(audit.team == row.code).correlate_except(audit)


FAILS_OPEN = Listing(
    name="teams of which nothing was audited",
    shape=Shape(TeamSeen, Team),
    visible=lambda row, _: not_(_audited(row)),
    filters={},
    order=(lambda row, _: row.code,),
    descending=False,
)
"""As no list may be: what it shows rests on the absence of audits that most people cannot see."""


@pytest.fixture
def records(
    api: Api, new_ref: Callable[[], str], at: Callable[[str], None], casework: Casework
) -> list[str]:
    """Records in every standing that hides one: closed, restricted, in error, handed on."""
    at("2026-11-23T09:30:00Z")
    refs = [new_ref() for _ in range(4)]
    for number, ref in enumerate(refs):
        episode = Episode(api, [ref])
        episode.tell(PROPOSED)
        episode.complete_audit(actions=1)
        if number % 2:
            episode.tell(CLOSED, 2)
        if number > 1:
            episode.tell(RESTRICTED, 3, restriction={"kind": "staff", "on": True})
    why = {"reason": "The audit is about another child."}
    for confirmed in (True, False):
        case = casework.completed_audit(actions=2)
        path = f"/v1/audits/{case.audit_id}"
        case.submit()
        assert api.as_("qs-1").act(f"{path}/record-in-error", why).status_code < 300
        if confirmed:
            assert api.as_("qs-2").act(f"{path}/confirm-error").status_code == 204
    handed = casework.completed_audit(actions=1)
    body = {"worker": "ps-lincoln-fast", "reason": "He is on leave."}
    handed.act(f"{handed.response}/hand-over", "tm-lincoln-fast", **body)
    for wrote in (True, False):
        moved = casework.completed_audit(actions=1)
        casework.deliver(moved)
        path = f"/v1/audits/{moved.audit_id}"
        if wrote:
            view = {"view": "I wrote it down late."}
            written = api.as_("sw1-lincoln-fast").change("PUT", f"{path}/own-view", view, on=path)
            assert written.status_code == 200, written.text
        casework.reallocate(moved, "sw1-boston-fast", "boston-fast")
    over = casework.completed_audit(actions=2, owner="sw1-boston-fast")
    body = {"worker": "sw2-lincoln-fast", "reason": "He is on leave."}
    over.act(f"{over.response}/hand-over", "tm-lincoln-fast", **body)
    over.act(f"{over.response}/submit", "sw2-lincoln-fast", **over.submission())
    over.review("adequate")
    # Of two actions that another team's worker is to do, one is settled.
    over.act(f"{over.action()}/verify", "au-1", made_a_difference=True)
    return refs


Read = Listing | Document
Values = dict[str, Any]


def asked(issuer: str, person: str) -> Values:
    """The parameters of every statement that a caller runs."""
    now = clock.now()
    return {
        "issuer": issuer,
        "subject": person,
        "now": now,
        "today": local_date(now),
        "permitted_roles": [role.value for role in Role],
        "correlation_id": "both locks",
        "operation": "test",
        "limit": 5_000,
        "as_at": local_date(now),
        "until": local_date(now),
    }


async def keys_of(everything: Any, document: Document) -> list[Values]:
    """The keys of some rows that a document is of, whoever may see them."""
    if {"system", "ref"} <= set(document.prepared().order):
        of_subjects = (SubjectAlias.system, SubjectAlias.ref)
        found = select(*of_subjects).order_by(SubjectAlias.subject_id.desc())
        rows = await everything.fetch(f"{found.compile(dialect=DIALECT)} LIMIT {NEWEST}")
        return [dict(row) for row in rows]
    columns = [getattr(document.shape.entity, name) for name in document.key]
    if not columns:
        return [{}]
    newest = select(*columns).distinct().order_by(*(column.desc() for column in columns))
    rows = await everything.fetch(f"{newest.compile(dialect=DIALECT)} LIMIT {NEWEST}")
    return [dict(zip(document.key, row, strict=True)) for row in rows]


async def shown(connection: Any, statement: Any, arguments: list[Any]) -> set[str]:
    """The bodies that a statement answers."""
    # Undone: a record shows who has looked, and the second look would see the first.
    transaction = connection.transaction()
    await transaction.start()
    try:
        rows = await statement.fetch(*arguments)
    finally:
        await transaction.rollback()
    return {row["body"] for row in rows}


def differences(
    database: Database, issuer: str, reads: Iterable[tuple[str, Read]]
) -> tuple[set[str], int]:
    """What either lock alone shows or hides, and how many rows were compared."""

    async def compare() -> tuple[set[str], int]:
        # Each statement is planned once for all who ask.
        planned = {"plan_cache_mode": "force_generic_plan"}
        guarded = await asyncpg.connect(database.read_url, server_settings=planned)
        everything = await asyncpg.connect(database.migrate_url, server_settings=planned)
        found, compared = set(), 0
        try:
            for name, read in reads:
                keys: list[Values] = [{}]
                if isinstance(read, Listing):
                    people, prepared = PEOPLE, read.prepared(frozenset(), after=False)
                else:
                    people, prepared = READERS, read.prepared()
                    keys = await keys_of(everything, read)
                behind_both = await guarded.prepare(prepared.sql)
                behind_one = await everything.prepare(prepared.sql)
                for person in sorted(people):
                    for key in keys:
                        arguments = prepared.arguments(asked(issuer, person) | key)
                        seen = await shown(guarded, behind_both, arguments)
                        filtered = await shown(everything, behind_one, arguments)
                        compared += len(seen)
                        if seen - filtered:
                            found.add(f"{name} shows {person} more than its filter lets through")
                        if filtered - seen:
                            found.add(f"{name} hides from {person} what its filter lets through")
        finally:
            await guarded.close()
            await everything.close()
        return found, compared

    return asyncio.run(compare())


@pytest.mark.long
def test_no_read_rests_on_the_absence_of_a_row_that_its_reader_cannot_see(
    records: list[str], api: Api, database: Database
) -> None:
    reads = {name: read for name, read in statements() if name not in OTHERWISE_READ}
    assert len(reads) > 80
    found, compared = differences(database, api.issuer.settings.issuer, reads.items())
    assert found == set()
    assert compared > 1_000


def test_a_read_that_rests_on_one_is_found(
    records: list[str], api: Api, database: Database
) -> None:
    issuer = api.issuer.settings.issuer
    found, _ = differences(database, issuer, [("teams", FAILS_OPEN)])
    assert [said for said in found if said.startswith("teams shows ")]
    assert not [said for said in found if "qs-1 " in said]
