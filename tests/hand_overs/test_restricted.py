"""What a hand-over holds of a record that is restricted is there for who has leave alone (X3)."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from qa_api.models.audits import Audit
from qa_api.models.subjects import Subject
from qa_api.subjects.service import restrict
from qa_api.work import Work
from tests.api import Json
from tests.conftest import Database
from tests.hand_overs.handing import HAND_OVERS, Handing, goes
from tests.hand_overs.test_who_takes import grant

NO_LEAVE = "They have no leave to see the restricted record."


def hide(handing: Handing, audit: str, kind: str | None = "staff") -> None:
    """The record that an audit is about is restricted from now on, or no more."""

    async def hidden(work: Work) -> None:
        found = await work.session.get_one(Audit, UUID(audit.rpartition("/")[2]))
        await restrict(work, await work.session.get_one(Subject, found.subject_id), kind)

    handing.casework.as_service(hidden)


def read(handing: Handing, hand_over: Json, reader: str) -> Json | None:
    """What somebody reads of it, once the list has said the same; None where there is none."""
    reads = handing.api.as_(reader)
    answer = reads.get(f"{HAND_OVERS}/{hand_over['id']}")
    query = {"from_worker": hand_over["from_worker"]}
    rows = {row["id"]: row for row in reads.get(HAND_OVERS, params=query).json()["items"]}
    if answer.status_code == 404:
        assert hand_over["id"] not in rows
        return None
    found: Json = answer.json()
    row, counted = rows[hand_over["id"]], [item["goes_to"] for item in found["items"]]
    assert (row["goes"], row["stays"]) == (
        sum(to is not None for to in counted),
        sum(to is None for to in counted),
    )
    return found


@pytest.mark.long
def test_what_is_restricted_since_is_shown_and_counted_for_who_has_leave(handing: Handing) -> None:
    leaver, one, other = (handing.newcomer("auditor") for _ in range(3))
    no_leave = handing.newcomer("quality_standards")
    drafts = [handing.draft(leaver) for _ in range(3)]
    done = handing.accepted(handing.propose(leaver, one, other))
    given = goes(done)
    hidden = next(path for path in drafts if [*given.values()].count(given[path]) == 1)
    alone = given[hidden] or ""
    hide(handing, hidden)
    for_who_has_none = read(handing, done, no_leave) or {}
    assert goes(for_who_has_none) == {path: to for path, to in given.items() if path != hidden}
    assert hidden not in str(for_who_has_none)
    assert read(handing, done, alone) is None, "they were given nothing else"
    assert handing.api.as_(alone).work() == []
    assert handing.auditor_of(hidden) == alone, "what is moved stays moved"
    grant(handing, hidden, no_leave, alone)
    assert goes(read(handing, done, no_leave) or {}) == given
    assert goes(read(handing, done, alone) or {}) == {hidden: alone}
    assert {item["kind"] for item in handing.api.as_(alone).work()} == {"complete", "told"}


@pytest.mark.long
def test_a_proposal_with_a_hidden_thing_says_nothing_of_it_and_is_not_carried_out_in_part(
    handing: Handing,
) -> None:
    leaver, taker = (handing.newcomer("auditor") for _ in range(2))
    proposer = handing.newcomer("quality_standards")
    drafts = [handing.draft(leaver) for _ in range(2)]
    proposal = handing.propose(leaver, taker, by=proposer)
    assert [*goes(proposal)] == drafts
    hide(handing, drafts[0])
    shown = read(handing, proposal, proposer) or {}
    assert ([*goes(shown)], shown["overtaken"]) == ([drafts[1]], [])
    refused = handing.accept(proposal, by=proposer)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["pointer"]) == (409, "/items")
    assert "restrict" not in refused.text
    assert {handing.auditor_of(path) for path in drafts} == {leaver}
    again = handing.accepted(handing.propose(leaver, taker, by=proposer), by=proposer)
    assert goes(again) == {drafts[1]: taker}


@pytest.mark.long
def test_that_a_record_was_restricted_is_no_reason_that_is_told_afterwards(
    handing: Handing,
) -> None:
    leaver, without, with_leave = (handing.newcomer("auditor") for _ in range(3))
    no_leave = handing.newcomer("quality_standards")
    draft = handing.draft(leaver, restricted=True)
    grant(handing, draft, "qs-1", with_leave)
    proposal = handing.propose(leaver, without, with_leave)
    told = [{"taker": without, "detail": NO_LEAVE}]
    assert [item["passed_over"] for item in proposal["items"]] == [told]
    assert (read(handing, proposal, no_leave) or {})["items"] == []
    hide(handing, draft, None)
    for reader in (no_leave, "qs-1"):
        items = (read(handing, proposal, reader) or {})["items"]
        assert [(item["path"], item["passed_over"]) for item in items] == [(draft, [])]


@pytest.mark.long
def test_the_database_itself_hides_the_item(handing: Handing, database: Database) -> None:
    leaver, taker = (handing.newcomer("auditor") for _ in range(2))
    draft = handing.draft(leaver)
    proposal = handing.propose(leaver, taker)
    reaches = ("service", "authority", "rows", "")
    assert [seen(database, proposal, reach) for reach in reaches] == [1, 1, 1, 0]
    hide(handing, draft)
    assert [seen(database, proposal, reach) for reach in reaches] == [1, 0, 0, 0]


def seen(database: Database, hand_over: Json, reach: str) -> int:
    """How many of its items the reading role is shown, as somebody without leave."""

    async def asked() -> int:
        reader = await asyncpg.connect(database.read_url)
        try:
            async with reader.transaction():
                await reader.execute("SELECT set_config('qa.reach', $1, true)", reach)
                found = "SELECT count(*) FROM hand_over_items WHERE hand_over_id = $1"
                return int(await reader.fetchval(found, UUID(hand_over["id"])))
        finally:
            await reader.close()

    return asyncio.run(asked())
