"""Lists say when a row was changed last, filter and sort by it, and audits by their due date."""

from collections.abc import Callable
from typing import Any

import pytest

from qa_api.actions.queries import ACTIONS
from qa_api.audits.queries import AUDITS
from qa_api.auth.reach import BY_TEAM
from qa_api.closure_gates.queries import GATES
from qa_api.escalations.queries import ESCALATIONS
from qa_api.moderation.queries import ALL_OUTCOMES, LEARNING_ACTIONS
from qa_api.notifications.queries import NOTIFICATIONS
from qa_api.observations.queries import HIGHLIGHTS, OBSERVATIONS
from qa_api.reads.listings import Listing
from qa_api.responses.queries import RESPONSES
from tests.api import Api, Json
from tests.audits.auditing import FINDING, SUPERVISOR, of_new_child
from tests.conftest import Database, execute
from tests.reads.on_record import on_record
from tests.reads.test_several_values import every_row, planned
from tests.responses.casework import MANAGER, TEAM, Casework, casework, service

__all__ = ("casework", "on_record", "service")

PATHS = (
    "/v1/audits",
    "/v1/restorative-actions",
    "/v1/audit-responses",
    "/v1/escalations",
    "/v1/closure-gates",
    "/v1/notifications",
    "/v1/practice-observations",
    "/v1/learning-highlights",
)
LISTINGS = (
    *(AUDITS, ACTIONS, RESPONSES, ESCALATIONS, GATES),
    *(NOTIFICATIONS, OBSERVATIONS, LEARNING_ACTIONS, HIGHLIGHTS, ALL_OUTCOMES),
)
NEVER = "9000-01-01"


def by_change(row: Json) -> tuple[str, str]:
    """The key of the order of changes."""
    return row["changed_at"], row["id"]


def by_due_date(row: Json) -> tuple[str, str]:
    """The key of the order of due dates."""
    return row["due_on"] or NEVER, row["id"]


@pytest.mark.long
def test_each_list_is_there_in_the_order_of_its_changes_from_both_ends(on_record: Api) -> None:
    for path in PATHS:
        for person in ("qs-1", MANAGER):
            reader = on_record.as_(person)
            rows = sorted(every_row(reader, path), key=by_change)
            assert rows, (path, person)
            pages = max(1, len(rows) // 3)
            assert every_row(reader, path, pages, sort="changed_at") == rows, (path, person)
            assert every_row(reader, path, pages, sort="-changed_at") == rows[::-1], (path, person)


@pytest.mark.long
def test_audits_are_listed_by_their_due_date_from_both_ends(
    on_record: Api, new_ref: Callable[[], str]
) -> None:
    case = of_new_child(on_record, new_ref)
    for due_on in ("2026-12-11", "2026-12-04", "2026-12-04"):
        case.plan(due_on=due_on, type="collaborative", auditor="au-1")
    for person in ("qs-1", MANAGER, "au-1", f"ps-{TEAM}"):
        reader = on_record.as_(person)
        rows = sorted(every_row(reader, "/v1/audits"), key=by_due_date)
        pages = max(1, len(rows) // 3)
        assert every_row(reader, "/v1/audits", pages, sort="due_on") == rows, person
        assert every_row(reader, "/v1/audits", pages, sort="-due_on") == rows[::-1], person
    assert {row["due_on"] is None for row in every_row(on_record.as_("qs-1"), "/v1/audits")} == {
        True,
        False,
    }


def test_a_change_counts_from_the_london_day_on_which_it_was_made(
    casework: Casework, at: Any
) -> None:
    case = of_new_child(casework.api, casework.new_ref)
    audit = f"/v1/audits/{case.plan(due_on='2026-12-04')['id']}"
    reader = casework.api.as_("qs-1")
    of_child = {"subject": f"mosaic/{case.ref}"}

    def listed(**days: str) -> int:
        return len(every_row(reader, "/v1/audits", 500, **of_child, **days))

    assert reader.get(audit).json()["changed_at"] == "2026-11-23T09:30:00.000000Z"
    assert listed(changed_from="2026-11-23", changed_to="2026-11-24") == 1
    at("2026-11-25T00:10:00Z")
    changed = reader.change("PATCH", audit, {"due_on": "2026-12-11"})
    assert changed.json()["changed_at"] == "2026-11-25T00:10:00.000000Z"
    assert listed(changed_from="2026-11-23", changed_to="2026-11-25") == 0
    assert listed(changed_from="2026-11-25", changed_to="2026-11-26") == 1


@pytest.mark.long
def test_what_is_saved_in_an_audit_changes_it_though_its_version_stays(
    casework: Casework, at: Any
) -> None:
    case = of_new_child(casework.api, casework.new_ref)
    first, second = (case.filled(SUPERVISOR) for _ in range(2))
    auditor, reader = casework.api.as_(SUPERVISOR), casework.api.as_("qs-1")
    of_child: dict[str, Any] = {"subject": f"mosaic/{case.ref}"}

    def changed(audit: str) -> tuple[str, str]:
        shown = reader.get(audit)
        return shown.json()["changed_at"], shown.json()["version"]

    def as_manager(audit: str) -> Any:
        shown = casework.api.as_(MANAGER).get(audit).json()
        assert shown["content_withheld"]
        listed = every_row(casework.api.as_(MANAGER), "/v1/audits", 500, **of_child)
        (row,) = (row for row in listed if row["id"] == shown["id"])
        return shown["changed_at"], row["changed_at"]

    def latest_first() -> list[str]:
        rows = every_row(reader, "/v1/audits", 1, sort="-changed_at", **of_child)
        return [f"/v1/audits/{row['id']}" for row in rows]

    def answered(audit: str, instant: str) -> None:
        at(instant)
        (key, *_) = sorted(one["question_key"] for one in reader.get(audit).json()["answers"])
        path = f"{audit}/answers/{key}"
        saved = {"value": "yes", "evidence": "Case note of the day", "comment": instant}
        answer = auditor.request("PUT", path, json=saved, headers={"if-match": auditor.tag(path)})
        assert answer.status_code == 200, answer.text

    _, version = changed(first)
    untouched = {audit: as_manager(audit) for audit in (first, second)}
    for audit, instant in ((first, "2026-11-24T10:00:00Z"), (second, "2026-11-25T10:00:00Z")):
        answered(audit, instant)
        assert changed(audit)[0] == instant.replace("Z", ".000000Z")
    assert changed(first)[1] == version
    assert latest_first() == [second, first]
    # Of a draft a manager reads that it is there, so not when its auditor works on it either.
    assert {audit: as_manager(audit) for audit in (first, second)} == untouched
    at("2026-11-26T10:00:00Z")
    assert auditor.create(f"{first}/urgent-findings", FINDING).status_code == 201
    assert latest_first() == [first, second]
    on_day = of_child | {"changed_from": "2026-11-26", "changed_to": "2026-11-27"}
    (row,) = every_row(reader, "/v1/audits", **on_day)
    assert row["changed_at"] == changed(first)[0] == "2026-11-26T10:00:00.000000Z"
    planned = f"/v1/audits/{case.plan(auditor=SUPERVISOR)['id']}"
    at("2026-11-27T10:00:00Z")
    version = changed(planned)[1]
    assert auditor.create(f"{planned}/urgent-findings", FINDING).status_code == 201
    assert changed(planned) == ("2026-11-27T10:00:00.000000Z", version)
    assert latest_first() == [planned, first, second]


@pytest.mark.long
def test_reading_a_row_changes_nothing_of_it(on_record: Api) -> None:
    reader = on_record.as_("qs-1")
    for path in PATHS:
        (row,) = reader.get(path, params={"limit": 1}).json()["items"]
        for _ in range(2):
            assert reader.get(f"{path}/{row['id']}").json()["changed_at"] == row["changed_at"]


def test_nobody_writes_when_it_was_changed_but_the_database(
    casework: Casework, database: Database
) -> None:
    case = of_new_child(casework.api, casework.new_ref)
    audit = case.plan()["id"]
    said = f"UPDATE audits SET changed_at = '2001-01-01Z' WHERE id = '{audit}'"
    execute(database.migrate_url, f"SELECT set_config('qa.now', '', false); {said}")
    shown = casework.api.as_("qs-1").get(f"/v1/audits/{audit}").json()["changed_at"]
    assert shown > "2026"


def test_a_cursor_is_of_one_order_alone(on_record: Api) -> None:
    reader = on_record.as_("qs-1")
    cursor = reader.get("/v1/audits", params={"limit": 1, "sort": "due_on"}).json()["next_cursor"]
    for sort in ("-due_on", "changed_at", "-changed_at"):
        answer = reader.get("/v1/audits", params={"limit": 1, "sort": sort, "cursor": cursor})
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-cursor")


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda one: one.name)
async def test_it_goes_by_an_index_whichever_end_it_is_read_from(
    database: Database, listing: Listing
) -> None:
    table = listing.shape.entity.__tablename__
    for by, scan in (("changed_at", "Index Scan"), ("-changed_at", "Index Scan Backward")):
        plan = await planned(database, listing.sorted[by], set())
        assert f"{scan} using {table}_changed_idx" in plan
        if BY_TEAM in listing.arms:
            assert f"{scan} using {table}_team_changed_idx" in plan


async def test_due_audits_go_by_an_index_too(database: Database) -> None:
    for by, scan in (("due_on", "Index Scan"), ("-due_on", "Index Scan Backward")):
        plan = await planned(database, AUDITS.sorted[by], set())
        assert f"{scan} using audits_soonest_idx" in plan
        assert f"{scan} using audits_team_soonest_idx" in plan
