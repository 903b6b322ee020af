"""The database's own lock: content goes by one function alone, and it trusts nobody (X4)."""

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any, get_args

import asyncpg
import pytest
from sqlalchemy import String, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from qa_api.auth.roles import roles_with
from qa_api.auth.steps import ACTION_PERMISSIONS
from qa_api.case_events.messages import KnownMessage
from qa_api.models import Base
from qa_api.models.base import new_id
from qa_api.retention.content import (
    GOES,
    MESSAGE_KEPT,
    NOT_ABOUT_A_SUBJECT,
    STAYS,
    WRITTEN_ANEW,
    rows,
)
from qa_api.rules.policy import Policy
from qa_api.rules.states import RetentionRunState
from qa_api.rules.transitions import TRANSITIONS
from tests.audits.auditing import Auditing
from tests.retention.keeping import Keeping, as_role
from tests.retention.living import words_of

REFUSED = (asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)


@pytest.fixture
def case(keeping: Keeping) -> Auditing:
    """A child whose record may go, with an audit."""
    found = keeping.child()
    found.completed()
    return found


def item_of(keeping: Keeping, run: str, case: Auditing) -> str:
    return str(keeping.items(run)[keeping.subject_id(case)]["id"])


def remove_by_hand(keeping: Keeping, item: str) -> None:
    statement = f"SELECT remove_retained_content('{item}', now())"
    as_role(keeping.database.database_url, statement)


# --- every text of the schema is classified ---


def texts() -> Iterator[tuple[str, str]]:
    """Every column that can hold what somebody wrote: text and JSON that is no directory code."""
    for name, table in Base.metadata.tables.items():
        for column in table.c:
            keys = (key.constraint for key in column.foreign_keys)
            names_one_row = any(key is not None and len(key.columns) == 1 for key in keys)
            if isinstance(column.type, String | Text | JSONB | ARRAY) and not names_one_row:
                yield name, column.name


def test_for_every_text_of_the_schema_it_is_decided_whether_it_goes() -> None:
    undecided = []
    for table, column in texts():
        if table in NOT_ABOUT_A_SUBJECT:
            continue
        decided = [said for said in (GOES, WRITTEN_ANEW, STAYS) if column in said.get(table, ())]
        if len(decided) != 1:
            undecided.append(f"{table}.{column}: {len(decided)} times")
    assert not undecided, "say in retention/content.py whether it goes"


def test_what_is_decided_is_there() -> None:
    for said in (GOES, WRITTEN_ANEW, STAYS):
        for table, columns in said.items():
            assert set(columns) <= set(Base.metadata.tables[table].c.keys()), table
    assert set(Base.metadata.tables) >= NOT_ABOUT_A_SUBJECT
    about = {name for name, table in Base.metadata.tables.items() if "subject_id" in table.c}
    assert not about & NOT_ABOUT_A_SUBJECT


def test_the_database_works_off_the_same_list(keeping: Keeping) -> None:
    stored = keeping.rows(
        "SELECT table_name, column_name, content_of, found_by, treatment FROM retained_content"
    )
    assert sorted(tuple(row) for row in stored) == sorted(rows())


def test_the_database_keeps_of_a_message_what_the_service_reads_of_it(keeping: Keeping) -> None:
    for part, kept in MESSAGE_KEPT.items():
        ((stored,),) = keeping.rows(f"SELECT qa_kept_of_message('{part}')")
        assert (sorted(stored), part) == (sorted(kept), part)


def test_what_is_kept_of_a_message_is_all_that_is_read_but_the_words() -> None:
    read: dict[str, set[str]] = {}
    for message in get_args(KnownMessage):
        schema = message.model_json_schema()
        shapes = {name.lower(): shape for name, shape in schema["$defs"].items()}
        data = shapes[message.model_fields["data"].annotation.__name__.lower()]
        if "subjects" not in data["properties"]:  # a merge is of one person: it goes whole
            continue
        parts = {"message": schema, "data": data, "subjects": shapes["eventsubject"]}
        parts |= {part: shapes[part] for part in data["properties"] if part in shapes}
        for part, shape in parts.items():
            # A case system's codes have up to 200 characters.
            names = shape["properties"].keys() - words_of(shape, shortest=201)
            read.setdefault(part, set()).update(names)
    assert {part: frozenset(names) for part, names in read.items()} == MESSAGE_KEPT


def test_the_database_knows_a_runs_life_cycle(keeping: Keeping) -> None:
    steps = keeping.rows(
        "SELECT from_state, to_state FROM allowed_transitions WHERE aggregate = 'retention_run'"
    )
    rules = {(t.from_state, t.to_state) for t in TRANSITIONS if t.aggregate == "retention_run"}
    assert {tuple(row) for row in steps} == rules | {("new", RetentionRunState.PROPOSED.value)}
    asked = keeping.rows(
        "SELECT action, from_state, to_state, roles FROM allowed_actions"
        " WHERE aggregate = 'retention_run'"
    )
    assert {(row[0], row[1], row[2]) for row in asked} == {
        (t.action, t.from_state, t.to_state)
        for t in TRANSITIONS
        if (t.aggregate, t.action) in ACTION_PERMISSIONS and t.aggregate == "retention_run"
    }
    for row in asked:
        roles = roles_with(ACTION_PERMISSIONS["retention_run", row["action"]])
        assert set(row["roles"]) == {role.value for role in roles}


# --- the function ---


def test_it_refuses_what_no_second_person_has_approved(keeping: Keeping, case: Auditing) -> None:
    item = item_of(keeping, keeping.propose(), case)
    with pytest.raises(asyncpg.RestrictViolationError, match="not approved by a second person"):
        remove_by_hand(keeping, item)


def test_it_refuses_under_a_hold_whoever_forgot_to_take_the_item_out(
    keeping: Keeping, case: Auditing
) -> None:
    run = keeping.propose()
    item = item_of(keeping, run, case)
    keeping.approve(run)
    subject_id = keeping.subject_id(case)
    for scope in (f"'{subject_id}', NULL", "NULL, 'child_record'", "NULL, NULL"):
        hold = new_id()
        as_role(
            keeping.database.database_url,
            "INSERT INTO legal_holds (id, subject_id, record_class, reason, placed_at, placed_by,"
            f" version) VALUES ('{hold}', {scope}, 'Straight in.', now(), 'qs-1', 1)",
        )
        with pytest.raises(asyncpg.RestrictViolationError, match="a legal hold stands"):
            remove_by_hand(keeping, item)
        as_role(
            keeping.database.database_url,
            "UPDATE legal_holds SET lifted_at = now(), lifted_by = 'qs-1', lift_reason = 'Over.'"
            f" WHERE id = '{hold}'",
        )
    remove_by_hand(keeping, item)


def test_it_refuses_before_the_day_by_the_databases_own_clock(
    keeping: Keeping, case: Auditing, at: Any, caplog: pytest.LogCaptureFixture
) -> None:
    child = keeping.child("2008-02-29")
    at("2084-12-01T09:00:00Z")  # a clock that somebody set forward
    run = keeping.propose()
    item = item_of(keeping, run, child)
    keeping.approve(run)
    with pytest.raises(asyncpg.RestrictViolationError, match="still kept"):
        remove_by_hand(keeping, item)
    keeping.execute(run)
    assert keeping.items(run)[keeping.subject_id(child)]["outcome"] == "refused_by_database"
    (told,) = (line for line in caplog.records if item in line.getMessage())
    assert (told.levelname, "by the database's own clock" in told.getMessage()) == ("WARNING", True)
    assert child.read(f"/v1/subjects/mosaic/{child.ref}")["born_on"] == "2008-02-29"


def test_it_removes_once_and_only_what_is_listed(keeping: Keeping, case: Auditing) -> None:
    run = keeping.propose()
    item = item_of(keeping, run, case)
    keeping.approve(run)
    remove_by_hand(keeping, item)
    for gone in (item, str(new_id())):
        with pytest.raises(asyncpg.RestrictViolationError, match="no such item"):
            remove_by_hand(keeping, gone)


# --- by whoever has SQL under the service's role, and calls themselves two people in turn ---


FORGED = "2001-01-01"
"""The day that an attacker writes into their item."""


def take(keeping: Keeping, record_class: str, column: str, value: str, *before: str) -> None:
    """List a record, approve it as somebody else, remove it: as the service's role, then undone."""

    async def run() -> None:
        connection = await asyncpg.connect(keeping.database.database_url)
        undone = connection.transaction()
        await undone.start()
        try:
            for statement in (ACTING.format("qs-1"), *before, LISTED.format(column, value)):
                await connection.execute(statement.replace("RECORD_CLASS", record_class))
            for statement in (ACTING.format("qs-2"), APPROVED, TAKEN):
                await connection.execute(statement)
        finally:
            await undone.rollback()
            await connection.close()

    asyncio.run(run())


ACTING = "SELECT set_config('qa.reach', 'service', true), set_config('qa.worker', '{}', true)"
LISTED = f"""
INSERT INTO retention_runs
    (id, state, as_at, policy_version, proposed_at, proposed_by, items_hash, truncated, version)
VALUES (md5('forged')::uuid, 'proposed', now(), 1, now(), 'qs-1', 'x', false, 1);
INSERT INTO retention_items (id, run_id, record_class, {{}}, kept_until, explanation)
VALUES (md5('forged')::uuid, md5('forged')::uuid, 'RECORD_CLASS', '{{}}', '{FORGED}',
        '{{{{"facts": {{{{}}}}}}}}')
"""
APPROVED = """
UPDATE retention_runs SET state = 'approved', left_state = 'proposed', approved_at = now(),
    approved_by = 'qs-2'
WHERE id = md5('forged')::uuid
"""
TAKEN = "SELECT remove_retained_content(md5('forged')::uuid, now())"

NOTHING_IS_KEPT = """
INSERT INTO policy_versions (version, effective_from, values, reason, recorded_at)
SELECT 1000, '2026-11-01', jsonb_build_object('retention_rules', jsonb_agg(
           jsonb_build_object('record_class', class, 'years', 0, 'trigger', trigger))),
       'Forged.', now()
FROM (VALUES ('access_log', 'last_recorded_on'), ('webhook_delivery', 'last_recorded_on'),
             ('child_record', 'born_on'), ('practice_observation', 'last_recorded_on'))
     AS forged (class, trigger)
"""


def month(keeping: Keeping, months_ago: int) -> str:
    """The first day of the month so long ago, by the database's own clock."""
    found = f"date_trunc('month', now() - interval '{months_ago} months')::date"
    ((day,),) = keeping.rows(f"SELECT {found}::text")
    return str(day)


@pytest.mark.parametrize("record_class", ["access_log", "webhook_delivery"])
@pytest.mark.parametrize("months_ago", [0, 11, 66])
def test_no_item_by_whomever_brings_a_month_of_a_log_before_its_day(
    record_class: str, months_ago: int, keeping: Keeping
) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="still kept"):
        take(keeping, record_class, "month", month(keeping, months_ago))


@pytest.mark.parametrize("months_ago", [0, 11])
def test_no_policy_by_whomever_lowers_the_floor_of_a_log(months_ago: int, keeping: Keeping) -> None:
    for record_class in ("access_log", "webhook_delivery"):
        with pytest.raises(asyncpg.RestrictViolationError, match="still kept"):
            take(keeping, record_class, "month", month(keeping, months_ago), NOTHING_IS_KEPT)
    take(keeping, "access_log", "month", month(keeping, 25), NOTHING_IS_KEPT)


@pytest.mark.long
def test_no_item_by_whomever_brings_a_childs_record_before_its_day(keeping: Keeping) -> None:
    for born_on in ("2016-05-04", None):
        child = keeping.child(born_on)
        child.completed()
        keeping.grow_old()
        for record_class in ("child_record", "carer_record"):
            with pytest.raises(asyncpg.RestrictViolationError, match="still kept"):
                take(keeping, record_class, "subject_id", keeping.subject_id(child))


@pytest.mark.long
def test_no_policy_and_no_birthday_by_whomever_lowers_the_floor_of_a_record(
    keeping: Keeping,
) -> None:
    child = keeping.child("2016-05-04")
    child.completed()
    subject_id = keeping.subject_id(child)
    older = f"UPDATE subjects SET born_on = '1940-01-01' WHERE id = '{subject_id}'"
    for forged in ((NOTHING_IS_KEPT,), (older,), (NOTHING_IS_KEPT, older)):
        with pytest.raises(asyncpg.RestrictViolationError, match="still kept"):
            take(keeping, "child_record", "subject_id", subject_id, *forged)
    keeping.grow_old()
    take(keeping, "child_record", "subject_id", subject_id, older)


def test_no_item_by_whomever_brings_an_observation_before_its_day(
    keeping: Keeping,
) -> None:
    said = {
        "worker": "sw1-lincoln-fast",
        "observer": "ps-lincoln-fast",
        "observed_on": "2026-11-20",
        "planned": True,
        "family_consent": "given",
        "activity": "A visit.",
        "strengths": "Listened.",
        "development": "None.",
    }
    made = keeping.api.as_("ps-lincoln-fast").create("/v1/practice-observations", said)
    assert made.status_code == 201, made.text
    observation = made.headers["location"].rpartition("/")[2]
    with pytest.raises(asyncpg.RestrictViolationError, match="still kept"):
        take(keeping, "practice_observation", "observation_id", observation)
    with pytest.raises(asyncpg.RestrictViolationError, match="still kept"):
        take(
            *(keeping, "practice_observation", "observation_id", observation),
            NOTHING_IS_KEPT,
        )


def test_the_database_has_the_default_rules_of_the_policy(keeping: Keeping) -> None:
    default = Policy(1, date(2020, 1, 1)).values()["retention_rules"]

    async def stored() -> Any:
        connection = await asyncpg.connect(keeping.database.migrate_url)
        undone = connection.transaction()
        await undone.start()
        try:
            await connection.execute(
                "INSERT INTO policy_versions (version, effective_from, values, reason, recorded_at)"
                " VALUES (1001, '2026-11-01', '{}', 'Nothing said.', now())"
            )
            return await connection.fetchval("SELECT qa_retention_rules('2026-11-02')::text")
        finally:
            await undone.rollback()
            await connection.close()

    assert json.loads(asyncio.run(stored())) == json.loads(json.dumps(default))


# --- and no other way ---


NO_WAYS = [
    # The parts of the function.
    "SELECT qa_remove_subjects('{subject}', ARRAY['{subject}'::uuid])",
    "SELECT qa_remove_columns('subject', ARRAY['{subject}'::uuid])",
    "SELECT qa_remove_case_events(ARRAY['{subject}'::uuid], 'x')",
    # Rows.
    "DELETE FROM subject_aliases WHERE subject_id = '{subject}'",
    "DELETE FROM audits WHERE subject_id = '{subject}'",
    "DELETE FROM access_log",
    "DELETE FROM case_events",
    "DELETE FROM legal_holds",
    "DELETE FROM retention_items",
    "UPDATE conflicting_case_events SET data = '{{}}'",
    "UPDATE access_log SET subject_ids = '{{}}'",
    # The setting that the guards look at is anybody's to make, and opens nothing.
    "SELECT set_config('qa.removing', 'x', true)|DELETE FROM access_log",
    (
        "SELECT set_config('qa.removing', 'x', true)|UPDATE retention_items SET"
        " outcome = 'removed', settled_at = now() WHERE id = '{item}'"
    ),
    # What the function would believe.
    "UPDATE retention_items SET outcome = 'removed', settled_at = now() WHERE id = '{item}'",
    "UPDATE retention_items SET kept_until = '2000-01-01' WHERE id = '{item}'",
    (
        "UPDATE retention_items SET subject_id = (SELECT id FROM subjects WHERE id <> '{subject}'"
        " LIMIT 1) WHERE id = '{item}'"
    ),
    "UPDATE retention_runs SET proposed_by = 'au-1' WHERE id = '{run}'",
    "UPDATE retention_runs SET items_hash = 'x' WHERE id = '{run}'",
    (
        "UPDATE retention_runs SET state = 'approved', approved_at = now(), approved_by = 'au-1'"
        " WHERE id = '{run}'"
    ),
    (
        "INSERT INTO retention_runs (id, state, left_state, as_at, policy_version, proposed_at,"
        " proposed_by, items_hash, truncated, approved_at, approved_by, version) VALUES"
        " (gen_random_uuid(), 'approved', 'proposed', now(), 1, now(), 'qs-1', 'x', false, now(),"
        " 'qs-2', 1)"
    ),
    "UPDATE legal_holds SET reason = 'x'",
    # The list that it works off.
    "DELETE FROM retained_content",
    "UPDATE retained_content SET treatment = 'clear'",
    "INSERT INTO retained_content VALUES ('teams', 'name', 'subject', 'code', 'mark')",
]


@pytest.mark.long
def test_the_applications_role_has_no_other_way(keeping: Keeping, case: Auditing) -> None:
    keeping.lift(keeping.hold_child(case))
    run = keeping.propose()
    named = {
        "subject": keeping.subject_id(case),
        "item": item_of(keeping, run, case),
        "run": run.rpartition("/")[2],
    }

    async def is_refused(statements: list[str]) -> bool:
        connection = await asyncpg.connect(keeping.database.database_url)
        try:
            async with connection.transaction():
                await connection.execute(
                    "SELECT set_config('qa.reach', 'service', true),"
                    " set_config('qa.worker', 'qs-2', true)"
                )
                for each in statements:
                    await connection.execute(each)
        except REFUSED:
            return True
        finally:
            await connection.close()
        return False

    let_through = [
        way for way in NO_WAYS if not asyncio.run(is_refused(way.format(**named).split("|")))
    ]
    assert not let_through


def test_items_are_not_added_to_what_somebody_has_approved(
    keeping: Keeping, case: Auditing
) -> None:
    other = keeping.child("1990-01-01")
    run = keeping.propose()
    listed = (
        "INSERT INTO retention_items (id, run_id, record_class, subject_id, kept_until,"
        f" explanation) VALUES (gen_random_uuid(), '{run.rpartition('/')[2]}', 'child_record',"
        f" '{keeping.subject_id(other)}', '2000-01-01', '{{}}')"
    )
    as_role(keeping.database.database_url, listed)
    answer = keeping.api.as_("qs-2").act(f"{run}/approve")
    assert (answer.status_code, answer.json()["code"]) == (422, "items-changed")
    keeping.api.act(f"{run}/cancel", {"reason": "Somebody has been at it."})
    run = keeping.propose()
    keeping.approve(run)
    with pytest.raises(asyncpg.RestrictViolationError, match="when a run is proposed"):
        as_role(
            keeping.database.database_url,
            re.sub(
                r"'[0-9a-f-]{36}', 'child_record'",
                f"'{run.rpartition('/')[2]}', 'child_record'",
                listed,
            ),
        )


def test_the_owner_by_hand_changes_no_log_either(keeping: Keeping, case: Auditing) -> None:
    for statement in ("DELETE FROM access_log", "UPDATE conflicting_case_events SET data = '{}'"):
        with pytest.raises(asyncpg.RestrictViolationError):
            as_role(keeping.database.migrate_url, statement)


def test_the_database_holds_that_the_two_are_two(keeping: Keeping, case: Auditing) -> None:
    run = keeping.propose("qs-2")
    with pytest.raises(asyncpg.CheckViolationError, match="second_person"):
        as_role(
            keeping.database.database_url,
            "UPDATE retention_runs SET state = 'approved', approved_at = now(),"
            f" approved_by = 'qs-2' WHERE id = '{run.rpartition('/')[2]}'",
        )
