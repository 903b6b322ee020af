"""For what purpose somebody's record is read: every operation that shows one, asked by everybody.

The policy of the day after the walk's own asks for a purpose. Whose record is whose own work is
said here a second time, in plain words over the rows; whom a read showed, its line in the access
log says.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from qa_api import clock
from qa_api.auth.roles import Role
from tests.auth.test_who_looked import operations_that_show
from tests.matrix.near import Model, Person, has_own_view
from tests.matrix.walk import OPERATIONS, Asked, Walk
from tests.matrix.world import PEOPLE, Row, World

DAY_AFTER: Final = "2026-11-24T09:30:00+00:00"
REASON: Final = "complaint"
ELSEWHERE: Final = {
    "pull_dataset": "of the whole authority, and by a standing purpose: tests/purposes",
}
"""What takes its purpose by another rule, and where that is shown."""
NOBODYS_OWN: Final = frozenset(
    {"get_redaction", "list_restriction_grants", "get_restriction_grant", "list_retention_items"}
    | {"list_legal_holds", "get_legal_hold", "list_unusual_reads", "get_unusual_read"}
    | {"list_caseload_children", "list_caseload_missing"}
    | {"get_quarter_plan_cases", "get_panel_date"}
)
"""What only those read who look over the whole authority; and nobody here is of fostering."""
ALWAYS: Final = (
    *("qs-1", "qs-2", "slt-1", "tm-lincoln-fast", "sw1-lincoln-fast", "au-2"),
    *("hos-corporate-parenting", "case-system-mosaic"),
)
"""Who asks in the suite: between them they reach all that there is."""
FEW: Final = 6
_LEADING: Final = (Role.PRACTICE_SUPERVISOR, Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE)


@dataclass
class Look:
    """One read, asked without a purpose and with one."""

    person: str
    operation: str
    path: str
    without: str
    told: str
    first: httpx.Response
    second: httpx.Response


def reads(walk: Walk, own: Mapping[str, set[UUID]]) -> Iterator[tuple[str, str, str]]:
    """Who reads what, for every operation that shows somebody."""
    shown = {each: path for each, path in operations_that_show().items() if each not in ELSEWHERE}
    by: dict[str, list[Asked]] = {}
    for asked in walk.documents:
        if asked.operation in shown:
            by.setdefault(asked.operation, []).append(asked)
    for operation, documents in by.items():
        for name in asking_now(walk):
            for asked in of_either(walk, name, documents, own[name]):
                yield name, operation, asked.path
    others: dict[str, list[str]] = {}
    for operation, path, _ in replace(walk, share=0).others():
        others.setdefault(operation, []).append(path)
    for operation in sorted(shown.keys() - by.keys()):
        paths = spread(others.get(operation, [shown[operation]]))
        for name in asking_now(walk):
            for path in paths:
                yield name, operation, path


def of_either(walk: Walk, name: str, documents: list[Asked], own: set[UUID]) -> Iterator[Asked]:
    """Some of the documents that somebody sees: of their own work, and of others'."""
    person = walk.people[name].person
    seen = [asked for asked in documents if walk.expected(person, asked) == 200]
    for theirs in (True, False):
        of = [
            asked
            for asked in seen
            if (walk.model.subjects_of(asked.thing, asked.row) <= own) == theirs
        ]
        yield from walk.some(of) if walk.share else walk.kinds_of(name, of)


def spread(paths: list[str]) -> list[str]:
    """A few of many, from all over."""
    return paths[:: 1 + (len(paths) - 1) // FEW]


def asking_now(walk: Walk) -> Sequence[str]:
    """Everybody in a drill; in the suite those who reach all that there is."""
    return ALWAYS if walk.share else PEOPLE


def looks(walk: Walk, own: Mapping[str, set[UUID]]) -> Iterator[Look]:
    """The reads of those who are shown something, for a purpose and before for none."""
    for name, operation, path in reads(walk, own):
        if not walk.may_ask(walk.people[name].person, operation):
            continue
        ids = str(uuid4()), str(uuid4())
        second = walk.get(name, path, **{"x-correlation-id": ids[1], "x-purpose": REASON})
        if second.status_code == 200:
            first = walk.get(name, path, **{"x-correlation-id": ids[0]})
            yield Look(name, operation, path, *ids, first, second)


def lines(world: World) -> dict[str, Row]:
    """Each line of the access log by the request that left it."""

    async def found() -> dict[str, Row]:
        connection = await asyncpg.connect(world.url)
        try:
            asked = "SELECT correlation_id, purpose, subject_ids FROM access_log"
            return {row["correlation_id"]: dict(row) for row in await connection.fetch(asked)}
        finally:
            await connection.close()

    return asyncio.run(found())


def own_work(model: Model, person: Person) -> set[UUID]:
    """Whose records are somebody's own work: whom they hold or held, audit, moderate and so on."""
    tables, worker = model.tables, person.is_
    teams = {team for role in _LEADING for team in person.teams.get(role, ())}
    open_samples = {s["id"] for s in tables["moderation_samples"] if s["state"] == "open"}
    moderated = {
        outcome["audit_id"]
        for outcome in tables["moderation_outcomes"]
        if worker(outcome["moderator"]) and outcome["sample_id"] in open_samples
    }
    held = {
        row["id"]
        for row in tables["subjects"]
        if row["team"] in teams or worker(row["worker"]) or row["system"] == person.system
    }
    mine: dict[str, Callable[[Row], bool]] = {
        "audits": lambda row: (
            row["state"] != "cancelled"
            and (
                worker(row["auditor"]) or row["id"] in moderated or has_own_view(model, person, row)
            )
        ),
        "escalation_recipients": (lambda row: worker(row["recipient"]) or row["for_team"] in teams),
        "restorative_actions": lambda row: worker(row["owner"]),
        "audit_responses": lambda row: worker(row["handed_to"]),
    }
    for table, is_mine in mine.items():
        held |= {row["subject_id"] for row in tables[table] if is_mine(row)}
    return held


def test_what_is_outside_ones_own_work_is_read_for_a_purpose_whatever_shows_it(
    walk: Walk, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    clock.freeze(datetime.fromisoformat(DAY_AFTER))
    own = {name: own_work(walk.model, shows.person) for name, shows in walk.people.items()}
    with caplog.at_level(logging.INFO, logger="qa_api"):
        looked = [*looks(walk, own)]
    kept = lines(world)
    refused: dict[str, int] = {}
    free: dict[str, int] = {}
    for look in looked:
        said = f"{look.operation} of {look.path} to {look.person}"
        line = kept.get(look.told)
        named = set(line["subject_ids"]) if line else set()
        if line is not None and line["purpose"] != REASON and look.operation != "list_my_work":
            walk.wrong.append(f"{said} keeps {line['purpose']} as its purpose")
        if look.operation == "list_my_work" or named <= own[look.person]:
            if look.first.status_code != 200:
                walk.wrong.append(f"{said} is {look.first.status_code}, and is their own work")
            free[look.operation] = free.get(look.operation, 0) + bool(named)
            continue
        body = look.first.json()
        if (look.first.status_code, body.get("type")) != (403, "/problems/purpose-required"):
            walk.wrong.append(f"{said} is {look.first.status_code} without a purpose")
        elif look.without in kept:
            walk.wrong.append(f"{said} was refused, and its line says that it was read")
        refused[look.operation] = refused.get(look.operation, 0) + 1
        walk.answered += 1
    walk.hold(50)
    shown = set(operations_that_show()) - ELSEWHERE.keys()
    assert set(refused) == shown - {"list_my_work"}
    assert {operation for operation, times in free.items() if times} >= shown - NOBODYS_OWN
    told = [record.getMessage() for record in caplog.records if "want of a purpose" in record.msg]
    wanted = {OPERATIONS[operation][2] for operation in refused}
    assert {each.rpartition(": ")[2] for each in told} == wanted, "the service's log says so too"
    assert len(told) == sum(refused.values())
