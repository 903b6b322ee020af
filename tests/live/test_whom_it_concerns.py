"""The one question whom something may concern passes over nobody who may see it."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from qa_api.auth.tokens import Caller
from qa_api.clock import now
from qa_api.db import Database
from qa_api.demo.people import demo_principals
from qa_api.events import EVENT_TYPES
from qa_api.live import telling
from qa_api.live.places import DRAFTED, PLACES, QUIET, TAKEN_AWAY, UNSAID, place_of
from qa_api.live.positions import Position
from qa_api.reads.cursors import Cursors
from qa_api.settings import Settings
from tests.api import Api
from tests.audits.auditing import ACTION, SUPERVISOR, Auditing
from tests.live.listening import listening

MOST = 5_000
CURSORS = Cursors(b"a secret of these tests")


def test_every_type_of_event_is_told_quiet_or_made_known_without_an_address() -> None:
    """A new type of event is decided about here: it has a place, or is in this list."""
    without = {name for name in EVENT_TYPES if place_of(name) is None and name not in QUIET}
    assert without == {
        "audit_interval.ended",
        "audit_interval.set",
        "board_decision.done",
        "chart_change.marked",
        "chart_change.withdrawn",
        "calendar.changed",
        "caseload.forgotten",
        "caseload.taken",
        "case_event.conflicted",
        "configuration.changed",
        "observation_exemption.ended",
        "observation_exemption.granted",
        "practice_audit.recorded",
        "practice_case.set",
        "quarter_plan.allocated",
        "quarter_plan.cases_chosen",
        "quarter_plan.drafted",
        "quarter_plan.exempted",
        "quarter_plan.published",
        "references.changed",
        "retention_run.moved",
        "rights_change.moved",
        "subject.allocation_changed",
        "subject.merge_parked",
        "subject.merged",
        "subject.panel_date_set",
        "subject.restricted",
        "subject.restriction_granted",
        "unusual_read.looked_into",
        "webhook_delivery.settled",
        "webhook_endpoint.parked",
    }


def test_what_is_named_of_events_exists() -> None:
    assert set(EVENT_TYPES) >= DRAFTED | QUIET | TAKEN_AWAY | UNSAID
    families = {name.partition(".")[0] for name in EVENT_TYPES}
    assert {name for name in PLACES if "." not in name} <= families


def test_a_position_is_read_as_it_was_written() -> None:
    position = Position(7, UUID(int=3), "an epoch")
    assert Position.read(position.written(CURSORS), CURSORS) == position
    assert Position(7) < position < Position(8)


@pytest.mark.long
async def test_whoever_sees_a_record_is_asked_about_it(
    authority: Settings, case: Auditing, live: Api
) -> None:
    """Of all that happened so far: asked each by their own rights, and by the one statement."""
    await asyncio.to_thread(lambda: case.completed(SUPERVISOR, actions=[ACTION]))
    database = await Database.open(authority)
    people = set(demo_principals().values()) | {SUPERVISOR, "tm-boston-fast", "sw1-lincoln-fast"}
    try:
        async with database.plain_reads.acquire() as connection:
            until = (await telling.now_in(connection)).position
            happened = await telling.happened_in(connection, Position(0), until, MOST)
            happened = [one for one in happened if one.place is not None][-400:]
            assert len({one.type for one in happened}) > 5
            callers = await _callers(connection, live, people)
            concerned = await telling.concerned_by(connection, happened, callers)
            told = 0
            for principal, caller in callers.items():
                changes, _ = await telling.told_to(connection, caller, happened)
                _, unseen = await telling.told_to(connection, caller, happened)
                seen = {one.record_id for one in happened} - unseen
                passed_over = seen - concerned.records.get(principal, frozenset())
                assert not passed_over, f"{caller.subject} is not asked about what they see"
                told += len(changes)
            assert told
    finally:
        await database.close()


async def _callers(
    connection: asyncpg.Connection, live: Api, people: set[str]
) -> dict[UUID, Caller]:
    issuer = live.issuer.settings.issuer
    rows = await connection.fetch(
        "SELECT id, subject FROM principals WHERE issuer = $1 AND subject = ANY ($2)",
        issuer,
        sorted(people),
    )
    return {row["id"]: Caller(issuer, row["subject"], now()) for row in rows}


@pytest.mark.parametrize("listeners", [3])
def test_nobody_holds_a_connection_while_listening(
    live: Api, case: Auditing, listeners: int
) -> None:
    """With one connection for reads, and that only now and then, all of them are told."""
    with (
        listening(live.as_(SUPERVISOR)) as first,
        listening(live.as_("qs-1")) as second,
        listening(live.as_("tm-lincoln-fast")) as third,
    ):
        audit = f"/v1/audits/{case.plan(auditor=SUPERVISOR)['id']}"
        heard = [stream.changes(until=audit) for stream in (first, second, third)]
    assert len(heard) == listeners
