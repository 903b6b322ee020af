"""What the domains above ask of audits: the closure audits of gates, closing, and the event log."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from qa_api.audits import service as audits
from qa_api.db import Database as Connections
from qa_api.models.subjects import Subject
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.work import Work, Workshop
from tests.api import Api
from tests.audits.auditing import (
    ACTION,
    FINDING,
    GOOD,
    SUPERVISOR,
    TEAM,
    WORKER,
    Auditing,
    pointers,
)
from tests.closures.sending import PROPOSED, Episode
from tests.conftest import Database

T = TypeVar("T")
AsService = Callable[[Callable[[Work], Awaitable[Any]]], Any]


@pytest.fixture
def as_service(authority: Settings) -> AsService:
    """One work of the service itself, committed."""

    async def run(act: Callable[[Work], Awaitable[T]]) -> T:
        connections = await Connections.open(authority)
        try:
            workshop = Workshop(connections, Rulebook(), REACTIONS)
            async with workshop.open_as_service("tests-of-audits") as work:
                return await act(work)
        finally:
            await connections.close()

    return lambda act: asyncio.run(run(act))


def test_a_gates_closure_audit_is_the_teams_until_somebody_takes_it_on(
    api: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    at("2026-11-23T09:30:00Z")
    episode = Episode(api, [new_ref()])
    episode.tell(PROPOSED)
    path = f"/v1/audits/{episode.answer()['audit_id']}"
    supervisor = api.as_(SUPERVISOR)
    planned = supervisor.get(path).json()
    assert (planned["state"], planned["opened_by"], planned["auditor"]) == ("planned", "gate", None)
    assert (planned["type"], planned["team"]) == ("closure", TEAM)
    refused = api.change("PATCH", path, {"subject": None})
    assert refused.status_code == 422
    assert pointers(refused) == {"/subject"}
    taken = supervisor.act(f"{path}/assign", {"auditor": SUPERVISOR})
    assert taken.json()["audited_worker"] == WORKER
    assert api.as_("ps-adoption").get(path).status_code == 404


def test_the_database_holds_that_a_gate_has_one_open_audit(
    api: Api, new_ref: Callable[[], str], at: Callable[[str], None], as_service: AsService
) -> None:
    at("2026-11-23T09:30:00Z")
    episode = Episode(api, [new_ref()])
    episode.tell(PROPOSED)
    gate_id = UUID(episode.answer()["id"])

    async def open_another(work: Work) -> None:
        subject = await work.find(select(Subject).where(Subject.ref == episode.refs[0]))
        await audits.open_closure_audit(work, gate_id, subject, "closure")

    with pytest.raises(IntegrityError, match="audits_one_open_per_gate"):
        as_service(open_another)


def test_only_a_completed_audit_closes_and_only_once(case: Auditing, as_service: AsService) -> None:
    path = case.filled(actions=[ACTION])
    audit_id = UUID(path.rpartition("/")[2])

    def close() -> bool:
        closed: bool = as_service(lambda work: audits.close_audit(work, audit_id))
        return closed

    assert close() is False
    case.accept(case.api.as_(SUPERVISOR).act(f"{path}/complete", {"overall": GOOD}))
    assert close() is True
    assert close() is False
    assert case.read(path)["state"] == "closed"


def test_everything_that_happens_is_in_the_event_log_without_a_word_of_it(
    case: Auditing, database: Database
) -> None:
    path = case.filled(actions=[ACTION])
    auditor = case.api.as_(SUPERVISOR)
    case.accept(auditor.create(f"{path}/urgent-findings", FINDING))
    case.accept(auditor.act(f"{path}/complete", {"overall": GOOD}))

    async def logged() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            return list(
                await connection.fetch(
                    "SELECT type, data::text AS data, subject_id FROM events"
                    " WHERE about_id = $1::text::uuid ORDER BY xid, id",
                    path.rpartition("/")[2],
                )
            )
        finally:
            await connection.close()

    log = asyncio.run(logged())
    types = [row["type"] for row in log]
    assert types[0] == "audit.planned"
    assert types[-1] == "audit.completed"
    assert {"audit.domain_judged", "audit.family_contact_recorded", "audit.edited"} < set(types)
    assert types.count("audit.urgent_finding_raised") == 1
    assert all(row["subject_id"] for row in log)
    whole = " ".join(row["data"] for row in log)
    for text in (ACTION["description"], FINDING["description"], GOOD["rationale"], case.ref):
        assert str(text) not in whole
