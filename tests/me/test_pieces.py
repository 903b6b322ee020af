"""A work list looks only where the caller can have something, and shows all that they have."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import date
from itertools import combinations
from typing import Any, Final

import asyncpg
import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import Role
from qa_api.me.queries import work_for
from qa_api.me.work_items import seen_in
from qa_api.me.work_list import places_for, waits
from qa_api.models.base import new_id
from qa_api.settings import Settings
from qa_api.work import Work
from tests.api import Api
from tests.conftest import Clone, execute, settings_for
from tests.me.open_work import of_audits, of_escalations, submitted
from tests.me.plainly import Plainly, Row
from tests.reads.on_record import on_record
from tests.reads.test_arms import PEOPLE, something_learned
from tests.responses.casework import Casework, Service, casework, complete_audit, service

__all__ = ("casework", "on_record", "service")

EVERYBODY: Final = (*PEOPLE, "dm-lincoln-fast", "admin-1", "ld-1", "pa-1", "qs-2")
FILTERS: Final = (
    {"kind": "do"},
    {"kind": "complete"},
    {"kind": "agree"},
    {"overdue": True},
    {"overdue": False},
    {"due_from": date(2026, 12, 1)},
    {"due_to": date(2026, 12, 1)},
)
MANY: Final = 400
"""Open things of each kind, far more than a page."""
LIMIT: Final = 20


@pytest.fixture
def plainly(
    authority: Settings, issuer: DevelopmentIssuer, casework: Casework, on_record: Api
) -> Iterator[Plainly]:
    """Both lists over an authority in which something of most kinds is open."""
    del on_record  # it is there
    casework.as_service(something_learned)

    async def opened(work: Work) -> None:
        refs = iter(f"C-{new_id()}" for _ in range(20))
        await of_audits(work, refs)
        await of_escalations(work, refs)

    casework.as_service(opened)
    url = authority.read_url.get_secret_value() if authority.read_url else ""
    with Plainly.over(url, issuer.settings.issuer) as both:
        yield both


@pytest.mark.long
def test_everybody_is_shown_what_the_whole_would_show(plainly: Plainly) -> None:
    shown = {person: plainly.same(person) for person in EVERYBODY}
    assert {person for person, things in shown.items() if things} >= {
        *("qs-1", "hos-fast", "tm-lincoln-fast", "ps-lincoln-fast", "au-1", "sw1-lincoln-fast")
    }
    for given in FILTERS:
        for person in ("qs-1", "tm-lincoln-fast", "au-1", "sw1-lincoln-fast"):
            plainly.same(person, **given)


@pytest.mark.long
def test_page_by_page_it_is_the_same_list(plainly: Plainly) -> None:
    for person in ("tm-lincoln-fast", "sw1-lincoln-fast", "au-1"):
        whole = plainly.rows(plainly.whole, person)[:14]
        assert len(whole) > 2
        paged: list[Row] = []
        while len(paged) < len(whole):
            page = plainly.rows(plainly.own(person), person, 3, paged[-1][1:] if paged else ())
            paged += page[:3]
        assert paged[: len(whole)] == whole


def test_what_somebody_with_several_roles_can_have_is_what_each_of_them_can() -> None:
    every = range(len(waits()))
    assert {place for role in Role for place in places_for([role])} == set(every)
    for some in combinations(Role, 2):
        together = set(places_for([some[0]])) | set(places_for([some[1]]))
        assert set(places_for(some)) == together
    assert all(seen_in(waiting) for waiting in waits()), "in nobody's list"


def test_a_role_without_any_work_has_an_empty_list(plainly: Plainly) -> None:
    assert places_for([Role.CASE_SYSTEM]) == ()
    assert plainly.rows(work_for([Role.CASE_SYSTEM]), "qs-1") == []


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def nodes(explained: str) -> list[dict[str, Any]]:
    """Every part that PostgreSQL makes ready for a statement."""
    return [*_nodes(json.loads(explained)[0]["Plan"])]


def test_what_the_statement_makes_ready_grows_with_the_roles(plainly: Plainly) -> None:
    parts = {
        person: len(nodes(plainly.explained(plainly.own(person), person, LIMIT)))
        for person in ("slt-1", "sw1-lincoln-fast", "au-1", "tm-lincoln-fast", "qs-1")
    }
    whole = len(nodes(plainly.explained(plainly.whole, "qs-1", LIMIT)))
    assert max(parts.values()) < 0.75 * whole, (parts, whole)
    assert parts["tm-lincoln-fast"] < 0.55 * whole, (parts, whole)
    for person in ("slt-1", "sw1-lincoln-fast", "au-1"):
        assert parts[person] < 0.2 * whole, (parts, whole)


@pytest.fixture
def crowded(
    clone_of_authority: Clone, issuer: DevelopmentIssuer, at: Callable[[str], None]
) -> Iterator[Plainly]:
    """An authority with many open things, each of which waits for whoever is named."""
    at("2026-11-23T09:30:00Z")
    database = clone_of_authority()
    with Service.over(settings_for(database, issuer)) as service:

        async def opened(work: Work) -> None:
            refs = iter(f"C-{new_id()}" for _ in range(3))
            await complete_audit(work, next(refs), draft=True)
            await complete_audit(work, next(refs))
            answered = await complete_audit(work, next(refs), actions=1)
            await submitted(work, answered[0])

        service.work(opened)
    execute(database.migrate_url, *multiplied(database.migrate_url))
    with Plainly.over(database.read_url, issuer.settings.issuer) as both:
        yield both


def multiplied(url: str) -> list[str]:
    """Each audit with what followed from it once more, many times."""

    async def columns() -> dict[str, list[str]]:
        connection = await asyncpg.connect(url)
        try:
            rows = await connection.fetch(
                "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND is_generated = 'NEVER'"
            )
        finally:
            await connection.close()
        found: dict[str, list[str]] = {}
        for table, column in rows:
            found.setdefault(table, []).append(column)
        return found

    of = asyncio.run(columns())

    def again(table: str, source: str, **instead: str) -> str:
        names = ", ".join(of[table])
        values = ", ".join(instead.get(name, f"row.{name}") for name in of[table])
        return f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} row {source}"

    return [
        (
            "CREATE TABLE more AS SELECT a.id AS of, gen_random_uuid() AS audit,"
            " gen_random_uuid() AS response, date '2026-12-01' + n / 2 AS due FROM audits a,"
            f" generate_series(1, {MANY}) n WHERE a.state <> 'cancelled'"
        ),
        again("audits", "JOIN more ON more.of = row.id", id="more.audit", due_on="more.due"),
        again(
            "audit_responses",
            "JOIN more ON more.of = row.audit_id",
            id="more.response",
            audit_id="more.audit",
        ),
        again(
            "response_rounds",
            "JOIN audit_responses r ON r.id = row.response_id JOIN more ON more.of = r.audit_id",
            id="gen_random_uuid()",
            response_id="more.response",
        ),
        again(
            "restorative_actions",
            "JOIN more ON more.of = row.audit_id",
            id="gen_random_uuid()",
            audit_id="more.audit",
            due_on="more.due",
        ),
        "DROP TABLE more",
        "ANALYZE audits, audit_responses, response_rounds, restorative_actions",
    ]


def looked_at(explained: str, table: str) -> int:
    """How many rows of a table the statement itself went through."""
    return sum(
        round(part["Actual Loops"] * (part["Actual Rows"] + part.get("Rows Removed by Filter", 0)))
        for part in nodes(explained)
        if part.get("Relation Name") == table
    )


LOOKED_THROUGH: Final = {
    "au-1": ("audits",),
    "sw1-lincoln-fast": ("restorative_actions",),
    "tm-lincoln-fast": ("restorative_actions",),
    "hos-fast": ("audits", "restorative_actions", "audit_responses"),
    "qs-1": ("audits", "restorative_actions", "audit_responses", "response_rounds"),
}
"""By whose list: the tables of which it needs no more than a page, or nothing."""


@pytest.mark.long
def test_what_waits_for_others_or_later_is_not_looked_through(crowded: Plainly) -> None:
    # As where there are rows enough for an index to pay.
    forced = ("enable_seqscan = off", "enable_bitmapscan = off")
    for person, tables in LOOKED_THROUGH.items():
        plan = crowded.explained(crowded.own(person), person, LIMIT, *forced)
        looked = {table: looked_at(plan, table) for table in tables}
        assert max(looked.values()) <= 3 * LIMIT, (person, looked)
    shown = {person: crowded.same(person) for person in LOOKED_THROUGH}
    assert (shown["hos-fast"], shown["qs-1"]) == (0, 0)
    assert min(shown[person] for person in ("au-1", "sw1-lincoln-fast", "tm-lincoln-fast")) > MANY
