"""R3.2: what is owed, as at any date and looking ahead."""

from collections.abc import Callable

import pytest

from qa_api.subjects.service import find_subject, restrict
from qa_api.work import Work
from tests.api import Api, give_right, in_a_week
from tests.due_audits.fostering import MANAGER, SUPERVISOR, TYPE, WORKER, Fostering, dates, standing
from tests.responses.casework import Service
from tests.subjects.test_routes import principal_of

At = Callable[[str], None]


def test_every_missed_year_stays_due_and_the_next_one_comes(fostering: Fostering) -> None:
    household = fostering.household("2023-12-14")
    assert standing(household.owes()) == [
        ("2024-12-14", "overdue"),
        ("2025-12-14", "overdue"),
        ("2026-12-14", "due"),
    ]
    assert standing(household.owes(until="2028-01-01"))[-1] == ("2027-12-14", "coming")


def test_the_day_itself_is_not_late_and_the_lead_time_is_the_policys(fostering: Fostering) -> None:
    household = fostering.household("2025-12-21")
    assert standing(household.owes("2026-11-22")) == [("2026-12-21", "coming")]
    assert standing(household.owes("2026-11-23")) == [("2026-12-21", "due")]
    assert standing(household.owes("2026-12-21"))[:1] == [("2026-12-21", "due")]
    assert standing(household.owes("2026-12-22"))[:1] == [("2026-12-21", "overdue")]


def test_29_february_falls_to_the_28th_and_returns(fostering: Fostering) -> None:
    household = fostering.household("2024-02-29")
    assert dates(household.owes(until="2028-03-01")) == [
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]


def test_a_row_says_why_and_which_audit_was_planned(fostering: Fostering) -> None:
    household = fostering.household("2025-12-14")
    (coming,) = household.owes()
    assert coming["audit"] is None
    fostering.sweep()
    (row,) = household.owes()
    (audit,) = household.audits()
    assert row["audit"] == {"id": audit["id"], "state": "planned", "due_on": "2026-12-14"}
    assert (row["as_at"], row["team"], row["number"]) == ("2026-11-23", "fostering-north", 1)
    assert row["subject"]["ref"] == household.ref
    assert row["explanation"] == {
        "rule": "due_audit",
        "clause": "§3, R3.2",
        "policy_version": 1,
        "calendar_version": None,
        "steps": [],
        "facts": {
            "cadence": "anniversary",
            "counted_by": "from_panel_date",
            "anchor": "2025-12-14",
            "last_audit_on": None,
            "first_after_months": 12,
            "every_months": 12,
        },
    }
    owed = fostering.api.get(f"/v1/audits/{audit['id']}").json()["owed"]
    assert owed["explanation"] == row["explanation"]
    assert (owed["due_on"], owed["settled_on"], owed["stands"]) == ("2026-12-14", None, True)


@pytest.mark.long
def test_a_late_audit_settles_its_own_date_and_moves_no_other(fostering: Fostering, at: At) -> None:
    household = fostering.household("2024-06-10")
    fostering.sweep()
    first, second = household.audits()
    assert dates([first, second]) == ["2025-06-10", "2026-06-10"]
    fostering.complete(second["id"])
    assert dates(household.owes()) == ["2025-06-10", "2027-06-10"]
    at("2027-02-01T09:00:00Z")
    fostering.complete(first["id"])
    assert dates(household.owes()) == ["2027-06-10"]


@pytest.mark.long
def test_as_at_a_date_in_the_past_it_is_what_was_owed_then(fostering: Fostering, at: At) -> None:
    household = fostering.household("2025-05-10")
    fostering.sweep()
    (audit,) = household.audits()
    at("2026-12-01T00:30:00Z")
    fostering.complete(audit["id"])
    assert standing(household.owes("2026-11-30", until="2026-11-30")) == [("2026-05-10", "overdue")]
    assert household.owes("2026-12-01", until="2026-12-01") == []
    assert standing(household.owes("2026-05-01", until="2026-05-31")) == [("2026-05-10", "due")]


@pytest.mark.parametrize(
    ("instant", "settled_on"),
    [("2027-10-30T22:59:59Z", "2027-10-30"), ("2027-10-30T23:00:00Z", "2027-10-31")],
)
def test_the_day_of_completion_is_londons_also_when_the_clocks_go_back(
    fostering: Fostering, at: At, instant: str, settled_on: str
) -> None:
    at("2027-10-26T09:00:00Z")
    household = fostering.household("2026-10-30")
    fostering.sweep()
    (audit,) = household.audits()
    at(instant)
    fostering.complete(audit["id"])
    owed = fostering.api.get(f"/v1/audits/{audit['id']}").json()["owed"]
    assert owed["settled_on"] == settled_on
    still_owed = household.owes("2027-10-30", until="2027-10-30")
    assert dates(still_owed) == (["2027-10-30"] if settled_on > "2027-10-30" else [])


def test_a_cancelled_audit_excuses_its_date_from_that_day_on(fostering: Fostering) -> None:
    household = fostering.household("2025-12-01")
    fostering.sweep()
    (audit,) = household.audits()
    fostering.cancel(audit["id"])
    assert dates(household.owes()) == []
    assert dates(household.owes("2026-11-22")) == ["2026-12-01"]
    assert dates(household.owes(until="2027-12-01")) == ["2027-12-01"]


@pytest.mark.long
def test_an_audit_made_in_error_settles_nothing_and_never_did(fostering: Fostering) -> None:
    household = fostering.household("2025-12-01")
    fostering.sweep()
    (audit,) = household.audits()
    fostering.complete(audit["id"])
    assert household.owes(until="2026-12-31") == []
    fostering.record_in_error(audit["id"])
    (row,) = household.owes(until="2026-12-31")
    assert (row["due_on"], row["audit"]) == ("2026-12-01", None)


def test_no_audit_falls_due_after_the_approval_ended(fostering: Fostering) -> None:
    household = fostering.household("2023-06-10")
    household.presented("2023-06-10", approval_ended_on="2025-06-10", reason="They retired.")
    assert dates(household.owes(until="2030-01-01")) == ["2024-06-10", "2025-06-10"]


@pytest.mark.parametrize(
    ("person", "sees"),
    [
        ("qs-1", True),
        (MANAGER, True),
        ("dm-fostering-north", True),
        ("hos-corporate-parenting", True),
        ("tm-fostering-south", False),
        ("hos-fast", False),
    ],
)
def test_it_is_seen_by_who_leads_the_team(fostering: Fostering, person: str, sees: bool) -> None:
    household = fostering.household("2025-12-14")
    fostering.sweep()
    rows = household.owes(person=person)
    assert bool(rows) == sees
    assert all(row["audit"] is not None for row in rows)


@pytest.mark.parametrize("person", [WORKER, SUPERVISOR, "slt-1", "au-1", "admin-1", "reporting-1"])
def test_others_do_not_ask(api: Api, person: str) -> None:
    assert api.as_(person).get("/v1/due-audits").status_code == 403


def test_a_restricted_household_is_hidden_without_a_grant(
    fostering: Fostering, service: Service
) -> None:
    household = fostering.household("2025-12-14")

    async def restricted(work: Work) -> None:
        subject = await find_subject(work, "mosaic", household.ref, visible=False)
        await restrict(work, subject, "staff")

    service.work(restricted)
    assert household.owes() == []
    assert household.owes(person=MANAGER) == []
    assert fostering.sweep() >= 1, "it is owed all the same"
    assert household.owes() == []
    assert household.audits() == []
    (manager,) = (
        fostering.api.as_("admin-1").get(f"/v1/principals?worker={MANAGER}").json()["items"]
    )
    leave = {"principal_id": manager["id"], "reason": "R", "expires_at": in_a_week()}
    path = f"/v1/subjects/mosaic/{household.ref}/restriction-grants"
    assert fostering.api.create(path, leave).status_code == 201
    (row,) = household.owes(person=MANAGER)
    (audit,) = household.audits(MANAGER)
    assert row["audit"]["id"] == audit["id"]


@pytest.mark.long
def test_filters_keep_what_they_say_and_pages_follow_each_other(fostering: Fostering) -> None:
    for panel in ("2021-03-31", "2022-08-31"):
        fostering.household(panel)
    fostering.household("2021-03-31", team="fostering-south")
    query = f"/v1/due-audits?type={TYPE}&until=2027-12-31"
    manager = fostering.api.as_(MANAGER)
    every = manager.get(f"{query}&limit=500").json()["items"]
    assert {row["team"] for row in every} == {"fostering-north"}
    assert dates(every) == sorted(dates(every))
    for status in ("overdue", "due", "coming"):
        kept = manager.get(f"{query}&limit=500&status={status}").json()["items"]
        assert kept == [row for row in every if row["status"] == status]
    paged, cursor = [], ""
    while True:
        page = manager.get(f"{query}&limit=20{cursor}").json()
        paged += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert paged == every
    everybody = fostering.api.get(f"{query}&service=corporate-parenting&limit=500").json()["items"]
    assert {row["team"] for row in everybody} == {"fostering-north", "fostering-south"}
    assert manager.get(f"{query}&limit=500&team=fostering-north").json()["items"] == every
    assert fostering.api.get(f"{query}&service=fast").json()["items"] == []


def test_a_manager_of_two_teams_sees_both(fostering: Fostering) -> None:
    north = fostering.household("2025-12-14")
    south = fostering.household("2025-12-14", team="fostering-south")
    body = {
        "principal_id": principal_of(fostering.api, MANAGER),
        "role": "team_manager",
        "team": "fostering-south",
        "from": "2026-11-01",
        "to": "2026-12-01",
    }
    give_right(fostering.api, role_assignment=body)
    assert dates(north.owes(person=MANAGER)) == dates(south.owes(person=MANAGER)) == ["2026-12-14"]


def test_one_day_and_how_far_are_checked(api: Api) -> None:
    for query, code in (
        ("as_at=2026-11-23&until=2026-11-22", "order"),
        ("as_at=2026-11-23&until=2036-11-24", "too-far"),
    ):
        answer = api.get(f"/v1/due-audits?{query}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == code
