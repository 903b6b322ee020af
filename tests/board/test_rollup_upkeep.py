"""Sums are folded beside writers, written by nobody else, and can be checked and rebuilt."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final, TypeAlias
from uuid import UUID

import asyncpg
import pytest

from qa_api.__main__ import main
from qa_api.board.rollup_upkeep import FiguresWrong, check_rollups, rebuild_rollups
from tests.board.happenings import Happenings
from tests.conftest import Clone, Database

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Connect = Callable[..., Awaitable[Connection]]

CELLS = (
    "SELECT quarter, series, team, type, restricted, facts, overdue_after, late_after, sum(n)"
    " FROM (SELECT * FROM rollups UNION ALL SELECT * FROM rollup_deltas) added"
    " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(n) <> 0"
)
COMPLETED = (
    "UPDATE audits SET state = 'completed', completed_at = now(), completed_on = current_date,"
    " overall_judgement = 'good', overall_rationale = 'Seen.' WHERE id = $1"
)
CONTACT = "INSERT INTO family_contacts (audit_id, expected) VALUES ($1, true)"
SPOKEN = (
    "INSERT INTO family_contact_attempts (audit_id, number, who, how, at, outcome)"
    " VALUES ($1, 1, 'Mother', 'Telephone', now(), 'spoken')"
)


@pytest.fixture(scope="module")
def folded(clone_of_authority: Clone) -> Database:
    """An authority to which things have happened."""
    made = clone_of_authority()

    async def happen() -> None:
        owner = await asyncpg.connect(made.migrate_url)
        try:
            happenings = Happenings(owner, random.Random(7))
            await happenings.set_the_stage()
            for _ in range(100):
                await happenings.happen()
        finally:
            await owner.close()

    asyncio.run(happen())
    return made


@pytest.fixture
async def connect(folded: Database) -> AsyncIterator[Connect]:
    """Connections that are closed at the end, the owner's unless another is named."""
    async with AsyncExitStack() as opened:

        async def one(url: str = folded.migrate_url) -> Connection:
            connection = await asyncpg.connect(url)
            opened.push_async_callback(connection.close)
            return connection

        yield one


async def _begun(owner: Connection) -> UUID:
    """An audit that has been begun."""
    audit: UUID = await owner.fetchval(
        "INSERT INTO audits (id, type, tool_id, scale_code, scale_number, opened_by, planned_at,"
        " policy_version, due_on, auditor, subject_id, state, left_state, version)"
        " SELECT gen_random_uuid(), type, tool_id, scale_code, scale_number, opened_by, planned_at,"
        " policy_version, '2026-11-02', 'au-1', s.id, 'in_progress', 'planned', 1"
        " FROM audits, (SELECT id FROM subjects LIMIT 1) s LIMIT 1 RETURNING id"
    )
    return audit


async def test_folding_changes_nothing_that_is_read(connect: Connect, folded: Database) -> None:
    owner, app = await connect(), await connect(folded.database_url)
    before = {tuple(row) for row in await owner.fetch(CELLS)}
    waiting = await owner.fetchval("SELECT count(*) FROM rollup_deltas")
    assert waiting > 20
    assert await app.fetchval("SELECT fold_rollups(10)") == 10
    assert await app.fetchval("SELECT fold_rollups(100000)") == waiting - 10
    assert {tuple(row) for row in await owner.fetch(CELLS)} == before
    assert await owner.fetchval("SELECT bool_and(n > 0) FROM rollups")


@pytest.mark.long
async def test_two_workers_fold_beside_writers(connect: Connect, folded: Database) -> None:
    owner = await connect()

    async def write(writer: int) -> None:
        mine = await connect()
        happenings = Happenings(mine, random.Random(writer))
        children = await mine.fetch("SELECT id FROM subjects ORDER BY id")
        happenings.ids["subjects"] = [row["id"] for row in children[writer::2]]
        for _ in range(60):
            await happenings.handed_over()

    async def fold() -> None:
        app = await connect(folded.database_url)
        for _ in range(30):
            await app.fetchval("SELECT fold_rollups(5)")

    await asyncio.gather(fold(), fold(), write(0), write(1))
    assert await owner.fetch("SELECT * FROM wrong_rollups()") == []


@pytest.mark.long
@pytest.mark.parametrize("first", ["the contact", "the completion"])
async def test_a_contact_and_the_completion_at_the_same_moment_both_count(
    connect: Connect, first: str
) -> None:
    owner, one, other = await connect(), await connect(), await connect()
    audit = await _begun(owner)
    await owner.execute("DELETE FROM family_contact_attempts WHERE audit_id = $1", audit)
    await owner.execute(CONTACT + " ON CONFLICT DO NOTHING", audit)
    statements = [SPOKEN, COMPLETED] if first == "the contact" else [COMPLETED, SPOKEN]
    earlier, later = one.transaction(), other.transaction()
    await earlier.start()
    await one.execute(statements[0], audit)
    await later.start()
    waiting = asyncio.create_task(other.execute(statements[1], audit))
    await asyncio.sleep(0.2)
    await earlier.commit()
    await waiting
    await later.commit()
    assert await owner.fetch("SELECT * FROM wrong_rollups()") == []
    cells = await owner.fetchval("SELECT cells::text FROM rollup_rows WHERE row_id = $1", audit)
    assert '"family_contacted": true' in cells


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rollups SET n = n + 1",
        "DELETE FROM rollups",
        "INSERT INTO rollup_rows (row_id, cells) VALUES (gen_random_uuid(), '[]')",
        "SELECT * FROM rollup_rows",
        "SELECT rebuild_rollups()",
    ],
)
async def test_the_service_cannot_write_what_figures_count(
    connect: Connect, folded: Database, statement: str
) -> None:
    app = await connect(folded.database_url)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute(statement)


async def test_no_sum_shows_restricted_rows_or_another_team_s(
    connect: Connect, folded: Database
) -> None:
    owner = await connect()
    audit = await _begun(owner)
    await owner.execute("UPDATE audits SET restricted = true WHERE id = $1", audit)
    assert await owner.fetchval("SELECT sum(n) FROM rollup_deltas WHERE restricted") > 0
    for reach, teams, expected in [
        ("authority", "", "NOT restricted"),
        (
            "rows",
            "boston-fast,lac-north",
            "NOT restricted AND team IN ('boston-fast', 'lac-north')",
        ),
        ("", "", "false"),
    ]:
        reader = await connect(folded.read_url)
        await reader.execute("SELECT set_config('qa.reach', $1, false)", reach)
        await reader.execute("SELECT set_config('qa.teams', $1, false)", teams)
        for table in ("rollups", "rollup_deltas"):
            query = f"SELECT count(*) FROM {table}"
            seen = await reader.fetchval(query)
            assert seen == await owner.fetchval(f"{query} WHERE {expected}"), (reach, table)


async def test_the_check_names_what_is_wrong_and_a_rebuild_mends_it(
    connect: Connect, folded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await connect()
    monkeypatch.setenv("QA_MIGRATE_URL", folded.migrate_url)
    assert await check_rollups(owner) > 0
    audit = await _begun(owner)
    await owner.execute("ALTER TABLE audits DISABLE TRIGGER count_changed")
    await owner.execute("UPDATE audits SET due_on = '2026-07-01' WHERE id = $1", audit)
    await owner.execute("ALTER TABLE audits ENABLE TRIGGER count_changed")
    with pytest.raises(FiguresWrong, match=str(audit)):
        await check_rollups(owner)
    assert await asyncio.to_thread(main, ["figures"]) == 1
    await rebuild_rollups(owner)
    await check_rollups(owner)
    await owner.execute("UPDATE rollups SET n = n + 1 WHERE id = (SELECT min(id) FROM rollups)")
    with pytest.raises(FiguresWrong, match="cell"):
        await check_rollups(owner)
    assert await asyncio.to_thread(main, ["figures", "--rebuild"]) == 0


KEPT_THE_OTHER_WAY_ROUND: Final = """
UPDATE rollup_rows SET cells = (
    SELECT jsonb_agg(cell ORDER BY number DESC)
    FROM jsonb_array_elements(cells) WITH ORDINALITY AS each (cell, number))
WHERE row_id IN (SELECT row_id FROM rollup_rows WHERE jsonb_array_length(cells) > 1 LIMIT 5)
RETURNING row_id
"""


async def test_the_order_in_which_cells_are_kept_is_no_fault_and_each_of_them_is_looked_for(
    connect: Connect,
) -> None:
    owner = await connect()
    together = owner.transaction()
    await together.start()
    turned = [row["row_id"] for row in await owner.fetch(KEPT_THE_OTHER_WAY_ROUND)]
    assert len(turned) == 5
    assert await owner.fetch("SELECT * FROM wrong_rollups()") == []
    await owner.execute("UPDATE rollup_rows SET cells = cells - 0 WHERE row_id = $1", turned[0])
    wrong = await owner.fetch("SELECT * FROM wrong_rollups()")
    assert [row["what"] for row in wrong] == [str(turned[0]), "cell"]
    await together.rollback()


@pytest.mark.parametrize(
    ("function", "alias", "table", "trigger"),
    [
        ("cells_of_audit", "a", "audits", "count_changed"),
        ("cells_of_audit", "c", "family_contact_attempts", "count_changed"),
        ("cells_of_audit", "j", "domain_judgements", "count_changed"),
        ("cells_of_response", "r", "audit_responses", "count_changed"),
        ("cells_of_response", "o", "response_rounds", "count_changed"),
        ("cells_of_response", "a", "audits", "count_what_hangs_on_it"),
        ("cells_of_action", "r", "restorative_actions", "count_changed"),
        ("cells_of_action", "a", "audits", "count_what_hangs_on_it"),
        ("cells_of_escalation", "e", "escalations", "count_changed"),
        ("cells_of_escalation", "a", "audits", "count_what_hangs_on_it"),
        ("cells_of_gate", "g", "closure_gates", "count_changed"),
        ("cells_of_gate", "a", "audits", "count_what_hangs_on_it"),
    ],
)
async def test_each_column_that_a_cell_is_made_of_has_it_counted_again(
    connect: Connect, function: str, alias: str, table: str, trigger: str
) -> None:
    owner = await connect()
    made_of = await owner.fetchval("SELECT prosrc FROM pg_proc WHERE proname = $1", function)
    watched = await owner.fetchval(
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE tgname = $1 AND tgrelid = $2::regclass",
        trigger,
        table,
    )
    columns = set(re.findall(rf"\b{alias}\.(\w+)", made_of)) - KEYS[table]
    assert columns
    assert {name for name in columns if not re.search(rf"\bold\.{name}\b", watched)} == set()


KEYS: Final = {
    "audits": {"id"},
    "family_contact_attempts": {"audit_id"},
    "domain_judgements": {"audit_id", "domain_key"},
    "response_rounds": {"response_id"},
    "audit_responses": {"id"},
    "restorative_actions": {"id"},
    "escalations": {"id"},
    "closure_gates": {"id"},
}
"""Which row it is, and whose: that never changes."""
