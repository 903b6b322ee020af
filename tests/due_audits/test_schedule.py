"""R3.2: the planned audit is opened in time, once; what a corrected panel date does to audits."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest

from qa_api.db import Database
from qa_api.due_audits.schedule import open_due_audits
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.work import Workshop
from tests.due_audits.fostering import (
    MANAGER,
    SUPERVISOR,
    TEAM,
    TYPE,
    Fostering,
    Household,
    dates,
    keyed,
)

At = Callable[[str], None]


def work_of(household: Household, person: str) -> list[tuple[str, str]]:
    """What waits for somebody about the household."""
    items = household.api.as_(person).work()
    about = [item for item in items if (item["subject"] or {}).get("id") == household.id]
    return [(item["kind"], item["due_on"]) for item in about]


@pytest.mark.long
def test_the_audit_is_opened_when_its_date_is_near(fostering: Fostering, at: At) -> None:
    household = fostering.household("2025-12-22")
    fostering.sweep()
    assert household.audits() == []
    at("2026-11-24T00:00:00Z")
    fostering.sweep()
    (audit,) = household.audits()
    assert (audit["state"], audit["due_on"], audit["auditor"]) == ("planned", "2026-12-22", None)
    assert (audit["type"], audit["team"], audit["opened_by"]) == (TYPE, TEAM, "schedule")
    assert fostering.api.get(f"/v1/audits/{audit['id']}").json()["policy_version"] == 1
    for person in (MANAGER, SUPERVISOR):
        assert work_of(household, person) == [("assign", "2026-12-22")]
    assert work_of(household, "tm-fostering-south") == []


def test_every_missed_year_gets_its_audit_and_none_a_second(fostering: Fostering) -> None:
    household = fostering.household("2023-12-14")
    fostering.sweep()
    fostering.sweep()
    assert dates(household.audits()) == ["2024-12-14", "2025-12-14", "2026-12-14"]


def test_two_workers_at_once_open_one(fostering: Fostering, authority: Settings) -> None:
    household = fostering.household("2025-12-14")

    async def both() -> list[int]:
        database = await Database.open(authority)
        try:
            workshop = Workshop(database, Rulebook(), REACTIONS)

            async def one() -> int:
                async with workshop.open_as_service("sweep") as work:
                    return await open_due_audits(work)

            return list(await asyncio.gather(one(), one(), one()))
        finally:
            await database.close()

    opened = asyncio.run(both())
    assert sum(opened) >= 1
    assert len(household.audits()) == 1


def test_what_was_cancelled_is_not_opened_again(fostering: Fostering, at: At) -> None:
    household = fostering.household("2025-12-14")
    fostering.sweep()
    (audit,) = household.audits()
    fostering.cancel(audit["id"])
    fostering.sweep()
    at("2026-12-20T09:00:00Z")
    fostering.sweep()
    assert keyed(household.audits(), "state") == ["cancelled"]


def test_what_was_recorded_in_error_is_opened_again(fostering: Fostering) -> None:
    household = fostering.household("2025-12-14")
    fostering.sweep()
    (first,) = household.audits()
    fostering.complete(first["id"])
    fostering.sweep()
    assert keyed(household.audits(), "id") == [first["id"]]
    fostering.record_in_error(first["id"])
    fostering.sweep()
    (second,) = household.audits()
    assert (second["id"] != first["id"], second["state"]) == (True, "planned")


def test_an_audit_that_somebody_planned_for_the_date_is_the_one(fostering: Fostering) -> None:
    household = fostering.household("2025-12-14")
    plan = {"type": TYPE, "subject": household.subject, "due_on": "2026-12-14"}
    planned = fostering.api.as_(MANAGER).create("/v1/audits", plan)
    assert planned.status_code == 201, planned.text
    assert planned.json()["owed"]["due_on"] == "2026-12-14"
    fostering.sweep()
    assert keyed(household.audits(), "id") == [planned.json()["id"]]
    again = fostering.api.as_(MANAGER).create("/v1/audits", plan)
    assert (again.status_code, again.json()["code"]) == (422, "planned-already")
    extra = fostering.api.as_(MANAGER).create("/v1/audits", plan | {"due_on": "2026-12-15"})
    assert extra.json()["owed"] is None


def test_moving_the_audits_own_date_moves_no_due_date(fostering: Fostering) -> None:
    household = fostering.household("2025-12-14")
    fostering.sweep()
    (audit,) = household.audits()
    moved = fostering.api.change("PATCH", f"/v1/audits/{audit['id']}", {"due_on": "2027-01-20"})
    assert moved.status_code == 200
    fostering.sweep()
    (row,) = household.owes(until="2027-01-31")
    assert (row["due_on"], row["audit"]["due_on"]) == ("2026-12-14", "2027-01-20")


def test_a_households_audit_stays_the_households(fostering: Fostering) -> None:
    household, other = fostering.household("2025-12-14"), fostering.household("2020-01-01")
    fostering.sweep()
    (audit,) = household.audits()
    path = f"/v1/audits/{audit['id']}"
    moved = fostering.api.change("PATCH", path, {"subject": other.subject})
    assert moved.status_code == 422


def test_a_household_without_a_team_is_owed_an_audit_that_quality_and_standards_sees(
    fostering: Fostering,
) -> None:
    household = fostering.household("2025-12-14")
    body = {"kind": "carer_household", "team": "a-team-to-come", "worker": None}
    path = f"/v1/subjects/mosaic/{household.ref}"
    assert fostering.api.change("PUT", path, body).status_code == 200
    fostering.sweep()
    (audit,) = household.audits()
    assert audit["team"] is None
    assert len(household.owes()) == 1
    assert household.owes(person=MANAGER) == []
    assert work_of(household, "qs-1") == [("assign", "2026-12-14")]


@pytest.mark.long
def test_where_the_team_is_gone_quality_and_standards_acts(fostering: Fostering) -> None:
    household = fostering.household("2025-12-14")
    admin, gone = fostering.api.as_("admin-1"), f"gone-{uuid4().hex[:10]}"
    assert admin.change("PUT", f"/v1/teams/{gone}", {"name": "Merged away"}).status_code == 200
    body = {"kind": "carer_household", "team": gone, "worker": f"sw1-{TEAM}"}
    assert household.api.change("PUT", f"/v1/subjects/mosaic/{household.ref}", body).is_success
    fostering.sweep()
    (row,) = household.owes()
    (audit,) = household.audits()
    assert (row["team"], row["audit"]["id"], audit["team"]) == (gone, audit["id"], gone)
    assert work_of(household, "qs-1") == [("assign", "2026-12-14")]
    assert household.owes(service="corporate-parenting") == []
    fostering.complete(audit["id"])
    assert household.owes(until="2026-12-31") == []


# --- a panel date put right ---


@pytest.fixture
def audited(fostering: Fostering) -> Household:
    """Presented on 10 June 2024: the audit of 2025 is completed, that of 2026 planned."""
    household = fostering.household("2024-06-10")
    fostering.sweep()
    first, _ = household.audits()
    fostering.complete(first["id"])
    return household


def test_put_right_by_days_each_audit_stays_its_years(
    fostering: Fostering, audited: Household
) -> None:
    before = audited.audits()
    audited.presented("2024-06-12", reason="The minutes say the 12th.")
    fostering.sweep()
    after = audited.audits()
    assert keyed(after, "id") == keyed(before, "id")
    assert dates(after) == ["2025-06-10", "2026-06-12"], "what is completed stays as it was"
    (row, _) = audited.owes()
    assert (row["due_on"], row["audit"]["id"]) == ("2026-06-12", after[1]["id"])
    owed = fostering.api.get(f"/v1/audits/{after[1]['id']}").json()["owed"]
    assert owed["explanation"]["facts"]["anchor"] == "2024-06-12"


def test_put_right_by_a_year_the_audits_are_for_the_same_days(
    fostering: Fostering, audited: Household
) -> None:
    audited.presented("2025-06-10", reason="The wrong year.")
    fostering.sweep()
    assert dates(audited.owes()) == ["2026-06-10", "2027-06-10"]
    assert len(audited.audits()) == 2
    audited.presented("2023-06-10", reason="No, the year before.")
    fostering.sweep()
    assert dates(audited.owes()) == ["2024-06-10", "2026-06-10", "2027-06-10"]


def test_what_no_date_asks_for_any_more_ends_and_comes_back_with_the_date(
    fostering: Fostering, audited: Household
) -> None:
    ended = {"approval_ended_on": "2025-12-31", "reason": "They retired."}
    audited.presented("2024-06-10", **ended)
    assert audited.owes() == []
    first, second = audited.audits()
    assert (first["state"], second["state"]) == ("completed", "cancelled")
    fostering.sweep()
    assert len(audited.audits()) == 2
    audited.presented("2024-06-10", reason="They came back.")
    fostering.sweep()
    assert keyed(audited.audits(), "state").count("planned") == 1
    assert dates(audited.owes()) == ["2026-06-10", "2027-06-10"]
