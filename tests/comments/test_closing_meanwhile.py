"""Nothing is said about a thing in the instant in which it closes: one of the two waits (X8)."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import asyncpg
import pytest

from qa_api import clock
from tests.audits.auditing import MANAGER, Auditing
from tests.comments.talking import about, said
from tests.conftest import Database
from tests.escalations.test_escalations import urgent
from tests.http.test_waiting import locked, wait_until
from tests.moderation.moderating import Moderating, place
from tests.responses.casework import Casework

AUDITOR = "au-1"
COLUMNS: Final = (
    "kind, audit_id, question_key, response_id, action_id, escalation_id, outcome_id, addressed,"
    " text, written_by, written_at, version, subject_id, team, worker, restricted"
)
AGAIN: Final = (
    f"INSERT INTO comments (id, {COLUMNS}) SELECT gen_random_uuid(), {COLUMNS} FROM comments"
    " WHERE id = '{}'"
)
"""Whoever has SQL says the same once more."""
RESOLVED: Final = "UPDATE comments SET resolved_at = now(), resolved_by = 'qs-1' WHERE id = '{}'"
WAIT: Final = "(SELECT count(*) FROM pg_locks WHERE NOT granted) >= {}"
CLOSING: Final = "UPDATE audits SET state = 'closed', closed_at = now() WHERE id = '{}'"


@pytest.fixture
def talk(casework: Casework, case: Auditing, moderating: Moderating) -> dict[str, tuple[str, str]]:
    """A comment about a thing of each kind, by the table of what closes."""
    completed = casework.completed_audit(actions=1)
    escalation = urgent(case)
    moderating.audit("2019-05-03T10:00:00Z")
    sample = moderating.drawn("2019-05", now="2019-06-04T09:00:00Z")
    outcome = str(moderating.read(place(sample, sample["items"][0]))["id"])
    clock.reset()  # what is said is said today, after all of this
    things = {
        "audits": (AUDITOR, "audit", str(completed.audit_id)),
        "audit_responses": (AUDITOR, "audit_response", completed.response),
        "restorative_actions": (AUDITOR, "restorative_action", completed.action()),
        "escalations": (MANAGER, "escalation", escalation),
        "moderation_samples": ("qs-1", "moderation_outcome", outcome),
    }
    ids = {table: of.rpartition("/")[2] for table, (_, _, of) in things.items()}
    ids["moderation_samples"] = sample["id"]
    return {
        table: (ids[table], said(casework.api, *one).rpartition("/")[2])
        for table, one in things.items()
    }


def service_and_closer(database: Database, act: Callable[[Any, Any], Any]) -> Any:
    """What comes of it where two are connected at once: the service's role, and the owner."""

    async def both() -> Any:
        service = await asyncpg.connect(database.database_url)
        closer = await asyncpg.connect(database.migrate_url)
        try:
            await service.execute("SELECT set_config('qa.reach', 'service', false)")
            return await act(service, closer)
        finally:
            await service.close()
            await closer.close()

    return asyncio.run(both())


def test_what_is_talked_about_closes_only_after_what_is_said(
    talk: dict[str, tuple[str, str]], database: Database
) -> None:
    async def close_meanwhile(service: Any, closer: Any) -> list[str]:
        waited = []
        for table, (id_, comment) in talk.items():
            for say in (AGAIN, RESOLVED):
                transaction = service.transaction()
                await transaction.start()
                try:
                    await service.execute(say.format(comment))
                    taken = f"SELECT FROM {table} WHERE id = '{id_}' FOR NO KEY UPDATE NOWAIT"
                    with pytest.raises(asyncpg.LockNotAvailableError):
                        await closer.execute(taken)
                finally:
                    await transaction.rollback()
                await closer.execute(taken)
            waited.append(table)
        return waited

    assert service_and_closer(database, close_meanwhile) == list(talk)


def test_what_is_said_while_it_closes_is_refused(database: Database, casework: Casework) -> None:
    case = casework.completed_audit(actions=1)
    comment = said(case.api, AUDITOR, "audit", case.audit_id).rpartition("/")[2]

    async def say_meanwhile(service: Any, closer: Any) -> Any:
        async with closer.transaction():
            await closer.execute(CLOSING.format(case.audit_id))
            saying = asyncio.create_task(service.execute(AGAIN.format(comment)))
            blocked = f"SELECT cardinality(pg_blocking_pids({service.get_server_pid()})) > 0"
            while not await closer.fetchval(blocked):
                assert not saying.done(), await saying
        return (await asyncio.gather(saying, return_exceptions=True))[0]

    refused = service_and_closer(database, say_meanwhile)
    assert isinstance(refused, asyncpg.RestrictViolationError), refused
    assert refused.constraint_name == "closed_conversation"


def test_the_service_says_that_it_is_locked(casework: Casework, database: Database) -> None:
    case = casework.completed_audit(actions=1)
    first = said(case.api, AUDITOR, "audit", case.audit_id)
    speaks = case.api.as_(AUDITOR)
    ways: tuple[Callable[[], Any], ...] = (
        lambda: about(case.api, AUDITOR, "audit", case.audit_id),
        lambda: speaks.create(f"{first}/replies", {"text": "One more."}),
        lambda: speaks.act(f"{first}/resolve"),
    )
    with ThreadPoolExecutor(len(ways)) as pool:
        with locked(database, CLOSING.format(case.audit_id)):
            answers = [pool.submit(way) for way in ways]
            wait_until(database, WAIT.format(len(ways)))
        told = {(one.result().status_code, one.result().json().get("code")) for one in answers}
    assert told == {(422, "locked")}


def test_an_audit_closes_only_after_its_workers_view_is_written(
    casework: Casework, database: Database
) -> None:
    case = casework.completed_audit(actions=1)
    casework.deliver(case)
    view = (
        "INSERT INTO own_views (audit_id, view, written_by, written_at, subject_id, team, worker)"
        " SELECT id, 'Mine.', audited_worker, now(), subject_id, team, worker FROM audits"
        f" WHERE id = '{case.audit_id}'"
    )
    taken = f"SELECT FROM audits WHERE id = '{case.audit_id}' FOR NO KEY UPDATE NOWAIT"

    async def close_meanwhile(service: Any, closer: Any) -> str:
        async with service.transaction():
            await service.execute(view)
            with pytest.raises(asyncpg.LockNotAvailableError):
                await closer.execute(taken)
        return str(await closer.execute(taken))

    assert service_and_closer(database, close_meanwhile) == "SELECT 1"
