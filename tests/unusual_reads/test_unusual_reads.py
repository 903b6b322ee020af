"""The daily list of unusual reads: found once, listed to Quality & Standards, looked into (X3).

Each test reads on days of its own, later ones in later weeks (see `conftest.Watched`).
"""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.api import Api, Server
from tests.audits.auditing import MANAGER
from tests.conftest import Accounts, Clone, execute, settings_for
from tests.looking import look, rows
from tests.responses.casework import Service
from tests.retention.keeping import as_role
from tests.unusual_reads.conftest import Watch

LEADER = "slt-1"


@pytest.fixture
def monday(watch: Watch) -> str:
    """A senior leader has opened a child's audit on Monday 9 November; it is looked through."""
    watch.at("2026-11-09T10:00:00Z")
    case = watch.child()
    for person in (LEADER, MANAGER):
        watch.read(person, f"/v1/audits/{case.audit_id}")
    watch.at("2026-11-10T00:30:00Z")
    watch.sweep()
    watch.at("2026-11-10T09:00:00Z")
    return str(case.subject_id)


def test_a_look_outside_of_ones_teams_is_listed_once(watch: Watch, monday: str) -> None:
    assert watch.sweep() == 0
    entries = watch.found("day=2026-11-09")
    told = {(entry["worker"], entry["rule"]) for entry in entries}
    assert (LEADER, "outside_teams") in told
    assert MANAGER not in {worker for worker, _ in told}, "it is their team's"
    assert len(entries) == len(told)
    entry = watch.entry("2026-11-09", LEADER, "outside_teams")
    assert monday in {subject["id"] for subject in entry["subjects"]}
    assert entry["roles"] == ["senior_leader"]
    assert "no work of their own" in entry["why"]
    whole = watch.read("qs-2", f"/v1/unusual-reads/{entry['id']}")
    assert whole["allowed_actions"] == ["look_into"]
    assert whole["explanation"]["clause"] == "X3"
    lines = rows(
        watch.database,
        "SELECT subject_ids, principal_id FROM access_log WHERE id = ANY($1::uuid[])",
        whole["line_ids"],
    )
    assert len(lines) == whole["reads"] == len(whole["line_ids"])
    assert {str(line["principal_id"]) for line in lines} == set(whole["principal_ids"])
    (account,) = whole["principal_ids"]
    assert entry in watch.found(f"principal={account}&state=found&rule=outside_teams")
    assert watch.found(f"principal={uuid4()}") == []


SEEN = "SELECT count(*) FROM unusual_reads"


@pytest.mark.parametrize(
    ("person", "reach", "some"),
    [
        ("qs-1", "authority", True),
        ("qs-1", "rows", False),
        (LEADER, "authority", False),
        ("admin-1", "authority", False),
        (MANAGER, "rows", False),
    ],
)
def test_the_second_lock_shows_entries_to_quality_and_standards_alone(
    watch: Watch, monday: str, person: str, reach: str, some: bool
) -> None:
    async def seen() -> int:
        connection = await asyncpg.connect(watch.database.read_url)
        try:
            async with connection.transaction():
                await connection.execute(
                    "SELECT set_config('qa.reach', $1, true), set_config('qa.now', $2, true),"
                    " set_config('qa.principal', id::text, true)"
                    " FROM principals WHERE worker = $3",
                    reach,
                    "2026-11-10T09:00:00Z",
                    person,
                )
                return int(await connection.fetchval(SEEN))
        finally:
            await connection.close()

    assert monday
    assert (asyncio.run(seen()) > 0) is some


@pytest.mark.parametrize(
    "change",
    [
        "day = day + 1",
        "why = 'nothing'",
        "worker = NULL",
        "reads = 0",
        "line_ids = '{}'",
        "subject_ids = '{}'",
        "explanation = '{}'",
        "state = 'looked_into'",
        "outcome = 'explained'",
    ],
)
def test_what_was_found_stands(watch: Watch, monday: str, change: str) -> None:
    with pytest.raises((asyncpg.RestrictViolationError, asyncpg.CheckViolationError)):
        as_role(watch.database.database_url, f"UPDATE unusual_reads SET {change}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        as_role(watch.database.database_url, "DELETE FROM unusual_reads")


@pytest.mark.long
def test_it_waits_for_quality_and_standards_until_somebody_looked_into_it(
    watch: Watch, monday: str
) -> None:
    entry = watch.entry("2026-11-09", LEADER, "outside_teams")
    path = f"/v1/unusual-reads/{entry['id']}"
    items = watch.api.as_("qs-2").work()
    at = next(n for n, item in enumerate(items) if item["path"] == path)
    assert (items[at]["kind"], items[at]["subject"]) == ("look_into", None)
    assert not any(item["kind"] == "told" for item in items[:at])
    qs = watch.api.as_("qs-2")
    refused = qs.act(f"{path}/look-into", {"outcome": "curious"})
    assert refused.status_code == 422
    assert "agreed_beforehand" in refused.json()["errors"][0]["detail"]
    settled = qs.act(f"{path}/look-into", {"outcome": "spoken_to"})
    assert settled.status_code == 200, settled.text
    body = settled.json()
    assert (body["state"], body["outcome"]) == ("looked_into", "spoken_to")
    assert (body["looked_into_by"], body["allowed_actions"]) == ("qs-2", [])
    assert path not in {item["path"] for item in watch.api.as_("qs-1").work("kind=look_into")}
    assert qs.act(f"{path}/look-into", {"outcome": "explained"}).status_code == 409
    (event,) = rows(
        watch.database,
        "SELECT data, subject_id FROM events WHERE type = 'unusual_read.looked_into'"
        " AND about_id = $1",
        UUID(entry["id"]),
    )
    assert "spoken_to" in event["data"]


def test_whoever_reads_the_list_is_in_the_access_log_and_never_in_the_list_for_it(
    watch: Watch, monday: str
) -> None:
    assert monday
    entry = watch.entry("2026-11-09", LEADER, "outside_teams")
    for path in ("/v1/unusual-reads?day=2026-11-09", f"/v1/unusual-reads/{entry['id']}"):
        shown, (line,) = look(watch.api, watch.database, "qs-1", path)
        assert {subject["id"] for subject in entry["subjects"]} <= shown <= line
    watch.at("2026-11-10T23:00:00Z")
    watch.read("qs-1", "/v1/unusual-reads")
    watch.at("2026-11-11T09:00:00Z")
    watch.sweep()
    assert watch.found("day=2026-11-10&worker=qs-1") == []


@pytest.mark.long
def test_nobody_looks_into_their_own_reads(watch: Watch, newcomers: Accounts) -> None:
    first, again = newcomers.of_newcomer("quality_standards")
    watch.at("2026-11-16T22:00:00Z")
    watch.read(first, f"/v1/audits/{watch.child().audit_id}")
    watch.at("2026-11-17T22:00:00Z")
    watch.sweep()
    worker = watch.read(first, "/v1/me")["worker"]
    entry = watch.entry("2026-11-16", worker, "out_of_hours")
    assert "outside the hours from 07:00 to 19:00, first at 22:00" in entry["why"]
    path = f"/v1/unusual-reads/{entry['id']}"
    for account in (first, again):
        own = watch.api.as_(account)
        assert own.get(path).json()["allowed_actions"] == []
        assert path not in {item["path"] for item in own.work("kind=look_into")}
        refused = own.act(f"{path}/look-into", {"outcome": "explained"})
        assert (refused.status_code, refused.json()["code"]) == (422, "second-person")
    nobody = watch.api.as_(newcomers.another(None, "quality_standards"))
    assert nobody.get(path).json()["allowed_actions"] == []
    assert nobody.act(f"{path}/look-into", {"outcome": "explained"}).status_code == 403
    with pytest.raises(asyncpg.CheckViolationError, match="another_person"):
        execute(
            watch.database.migrate_url,
            "UPDATE unusual_reads SET state = 'looked_into', outcome = 'explained',"
            f" looked_into_at = now(), looked_into_by = worker WHERE id = '{entry['id']}'",
        )
    another = watch.api.as_("qs-1").act(f"{path}/look-into", {"outcome": "explained"})
    assert another.status_code == 200


def test_days_that_were_missed_are_looked_through_later_each_for_itself(watch: Watch) -> None:
    watch.at("2026-11-23T10:00:00Z")
    path = f"/v1/audits/{watch.child().audit_id}"
    for day in (23, 24, 25):
        watch.at(f"2026-11-{day}T21:00:00Z")
        watch.read(MANAGER, path)
    watch.at("2026-11-29T00:05:00Z")  # Saturday may not be over yet
    watch.sweep()
    days = [entry["day"] for entry in watch.found(f"worker={MANAGER}&rule=out_of_hours")]
    assert days == ["2026-11-25", "2026-11-24", "2026-11-23"]
    (newest,) = rows(watch.database, "SELECT max(day)::text AS day FROM days_of_reads")
    assert newest["day"] == "2026-11-27"


@pytest.mark.long
def test_a_restricted_record_about_staff_is_listed_and_named_only_to_whoever_has_a_grant(
    watch: Watch,
) -> None:
    watch.at("2026-12-01T10:00:00Z")
    case = watch.child(restricted=True)
    (named,) = rows(watch.database, "SELECT ref FROM subjects WHERE id = $1", case.subject_id)
    watch.let_in("qs-1", named["ref"])
    watch.read("qs-1", f"/v1/audits/{case.audit_id}")
    watch.read("case-system-mosaic", f"/v1/subjects/mosaic/{named['ref']}/closure-gate")
    watch.at("2026-12-02T10:00:00Z")
    watch.sweep()
    entry = watch.entry("2026-12-01", "qs-1", "restricted_staff")
    assert (entry["records"], entry["subjects"]) == (1, [])
    assert watch.found("day=2026-12-01&rule=restricted_staff") == [entry], "its own system's is not"
    path = f"/v1/unusual-reads/{entry['id']}"
    assert path in {item["path"] for item in watch.api.as_("qs-2").work("kind=look_into")}
    shown = watch.entry("2026-12-01", "qs-1", "restricted_staff")
    (subject,) = watch.read("qs-1", path)["subjects"]
    assert subject["id"] == str(case.subject_id)
    assert shown["subjects"] == []
    names, (line,) = look(watch.api, watch.database, "qs-2", path)
    assert names == set()
    assert str(case.subject_id) in line, "whom it is about is on record all the same"


def test_coming_back_to_a_record_is_told_once_and_not_to_ones_own_work(watch: Watch) -> None:
    watch.at("2026-12-07T10:00:00Z")
    case = watch.child()
    path = f"/v1/audits/{case.audit_id}"
    for day in (7, 8, 9, 10, 11):
        for person in (LEADER, MANAGER, "au-1"):
            watch.at(f"2026-12-{day:02}T11:00:00Z")
            watch.read(person, path)
    watch.at("2026-12-14T10:00:00Z")
    watch.sweep()
    (entry,) = watch.found("rule=same_record")
    assert (entry["day"], entry["worker"], entry["records"]) == ("2026-12-10", LEADER, 1)
    assert entry["reads"] == 4


# --- what the database holds ---


def inserted(watch: Watch, person: str, at: str, subjects: list[UUID]) -> None:
    """A line of the access log that somebody's account left."""
    rows(
        watch.database,
        "INSERT INTO access_log (id, at, principal_id, correlation_id, operation, subject_ids)"
        " SELECT gen_random_uuid(), $1::text::timestamptz, id, 'test', 'audit:read', $2"
        " FROM principals WHERE worker = $3",
        at,
        subjects,
        person,
    )


def test_where_nobody_else_can_look_into_it_somebody_is_to_be_appointed(watch: Watch) -> None:
    inserted(watch, "qs-1", "2026-12-15T22:00:00Z", [uuid4()])
    watch.at("2026-12-16T10:00:00Z")
    watch.sweep()
    own = watch.entry("2026-12-15", "qs-1", "out_of_hours")["id"]

    async def seen(connection: Any, reach: str, person: str) -> set[str]:
        """What the readers' role finds with a reach, as somebody."""
        await connection.execute(
            "SELECT set_config('qa.reach', $1, true), set_config('qa.principal',"
            " coalesce((SELECT id::text FROM principals WHERE worker = $2 LIMIT 1), ''), true)",
            *(reach, person),
        )
        await connection.execute("SET LOCAL ROLE qa_read")
        found = await connection.fetch("SELECT id FROM unattended_work")
        await connection.execute("RESET ROLE")
        return {str(row["id"]) for row in found}

    async def waiting() -> list[set[str]]:
        superuser = watch.database.migrate_url.replace("qa_owner", "postgres")
        connection = await asyncpg.connect(superuser)
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute("SELECT set_config('qa.now', '2026-12-16T10:00:00Z', true)")
            found = [await seen(connection, "service", "")]
            await connection.execute(
                "UPDATE role_assignments SET valid = '[2020-01-01,2020-01-02)'"
                " WHERE role = 'quality_standards' AND principal_id NOT IN"
                " (SELECT id FROM principals WHERE worker = 'qs-1')"
            )
            found.append(await seen(connection, "service", ""))
            found.append(await seen(connection, "rows", "admin-1"))
            for reach, person in (("", ""), ("rows", LEADER), ("authority", "qs-1")):
                assert await seen(connection, reach, person) == set(), (reach, person)
            return found
        finally:
            await transaction.rollback()
            await connection.close()

    before, after, of_administrators = asyncio.run(waiting())
    assert own not in before
    assert own in after
    assert of_administrators == after


@pytest.mark.long
def test_more_records_than_ever_are_told_by_ones_own_past(watch: Watch) -> None:
    some = [uuid4() for _ in range(400)]
    inserted(watch, LEADER, "2027-01-11T10:00:00Z", some[:200])
    inserted(watch, "qs-2", "2027-01-11T10:00:00Z", some[:100])
    inserted(watch, LEADER, "2027-01-12T10:00:00Z", some[:200])
    inserted(watch, LEADER, "2027-01-13T10:00:00Z", some[:150])
    inserted(watch, LEADER, "2027-01-13T10:40:00Z", some[150:201])
    watch.at("2027-01-14T10:00:00Z")
    watch.sweep()
    found = watch.found("rule=more_than_ever")
    assert [(entry["day"], entry["worker"], entry["records"]) for entry in found] == [
        ("2027-01-13", LEADER, 201),
        ("2027-01-11", LEADER, 200),
    ]
    assert "never before shown more than 200 in an hour" in found[0]["why"]


@pytest.mark.long
def test_what_was_read_before_there_was_a_list_counts_as_past_and_is_not_listed(
    clone_of_authority: Clone, issuer: Any, at: Any
) -> None:
    database = clone_of_authority()
    settings = settings_for(database, issuer)
    some = [uuid4() for _ in range(300)]
    at("2026-11-24T10:00:00Z")
    with Service.over(settings) as service:
        watch = Watch(Api(Server("", {"paths": {}}), issuer), service, database, at, str)
        inserted(watch, LEADER, "2026-11-02T22:00:00Z", some[:250])
        inserted(watch, LEADER, "2026-11-23T22:00:00Z", some[:240])
        assert watch.sweep() == 22
        inserted(watch, LEADER, "2026-11-24T12:00:00Z", some[:249])
        inserted(watch, LEADER, "2026-11-25T12:00:00Z", some)
        at("2026-11-26T10:00:00Z")
        assert watch.sweep() == 2
    found = rows(database, "SELECT day::text, rule FROM unusual_reads ORDER BY day, rule")
    assert [tuple(row) for row in found] == [
        ("2026-11-23", "out_of_hours"),
        ("2026-11-25", "more_than_ever"),
    ]


def test_an_entry_goes_with_the_last_line_that_it_rests_on(watch: Watch) -> None:
    for hour in (20, 21):
        inserted(watch, LEADER, f"2027-02-01T{hour}:00:00Z", [uuid4()])
    watch.at("2027-02-02T10:00:00Z")
    watch.sweep()
    entry = watch.entry("2027-02-01", LEADER, "out_of_hours")
    remove = "DELETE FROM access_log WHERE at = $1::text::timestamptz"
    for hour, left in ((20, 1), (21, 0)):
        removed(watch.database.migrate_url, remove, f"2027-02-01T{hour}:00:00Z")
        kept = rows(watch.database, "SELECT FROM unusual_reads WHERE id = $1", UUID(entry["id"]))
        assert len(kept) == left
    busiest = rows(watch.database, "SELECT FROM busiest_hours WHERE day = '2027-02-01'")
    assert busiest == []


def removed(url: str, statement: str, at: str) -> None:
    """Lines of the access log go, as by a retention run."""

    async def act() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("SET qa.removing = 'a test'")
            await connection.execute(statement, at)
        finally:
            await connection.close()

    asyncio.run(act())
