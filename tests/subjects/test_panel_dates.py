"""R3.2: from when a carer household's audits fall due, and every value that it had."""

from collections.abc import Callable

import pytest

from tests.api import Api, Json
from tests.subjects.test_routes import grant, pointers

NewRef = Callable[[], str]
At = Callable[[str], None]
Restrict = Callable[[str], None]

TEAM = "fostering-north"
PANEL = {"first_panel_on": "2024-05-10"}
CORRECTED = {"first_panel_on": "2024-05-12", "reason": "The minutes say the 12th."}


@pytest.fixture
def household(api: Api, new_ref: NewRef, at: At) -> str:
    """The reference of a household of Fostering (North), on 23 November 2026."""
    at("2026-11-23T09:30:00Z")
    ref = new_ref()
    register(api, ref, "carer_household")
    return ref


def register(api: Api, ref: str, kind: str) -> None:
    body = {"kind": kind, "team": TEAM, "worker": f"sw1-{TEAM}"}
    assert api.change("PUT", f"/v1/subjects/mosaic/{ref}", body).status_code == 200


def path(ref: str) -> str:
    return f"/v1/carer-households/mosaic/{ref}/panel-date"


def test_a_panel_date_is_set_once_and_read_by_who_may_see_the_household(
    api: Api, household: str
) -> None:
    assert api.get(path(household)).status_code == 404
    made = api.as_(f"tm-{TEAM}").change("PUT", path(household), PANEL)
    assert made.status_code == 201, made.text
    assert made.json()["first_panel_on"] == "2024-05-10"
    assert made.json()["changes"] == []
    assert api.get(f"/v1/subjects/mosaic/{household}").json()["first_panel_on"] == "2024-05-10"
    for person, status in ((f"sw1-{TEAM}", 200), ("tm-cwd", 404), ("admin-1", 403)):
        assert api.as_(person).get(path(household)).status_code == status, person
    again = api.request("PUT", path(household), json=PANEL, headers={"if-none-match": "*"})
    assert again.status_code == 412


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("qs-1", 201),
        (f"tm-{TEAM}", 201),
        ("hos-corporate-parenting", 201),
        ("tm-cwd", 404),
        (f"ps-{TEAM}", 403),
        (f"sw1-{TEAM}", 403),
        ("slt-1", 403),
        ("admin-1", 403),
    ],
)
def test_those_who_lead_the_households_team_set_it(
    api: Api, household: str, person: str, status: int
) -> None:
    headers = {"if-none-match": "*"}
    answer = api.as_(person).request("PUT", path(household), json=PANEL, headers=headers)
    assert answer.status_code == status, answer.text


def test_a_change_says_why_and_what_was_is_kept(api: Api, household: str, at: At) -> None:
    api.change("PUT", path(household), PANEL)
    silent = api.change("PUT", path(household), {"first_panel_on": "2024-05-12"})
    assert silent.status_code == 422
    assert pointers(silent) == ["/reason"]
    assert silent.json()["clause"] == "§3, R3.2"
    at("2026-11-23T10:00:00Z")
    manager = api.as_(f"tm-{TEAM}")
    assert manager.change("PUT", path(household), CORRECTED).status_code == 200
    at("2026-11-23T10:05:00Z")
    ended = CORRECTED | {"approval_ended_on": "2026-10-31", "reason": "They retired."}
    shown = api.change("PUT", path(household), ended).json()
    assert (shown["first_panel_on"], shown["approval_ended_on"]) == ("2024-05-12", "2026-10-31")
    first, second = shown["changes"]
    assert first == {
        "first_panel_on": "2024-05-10",
        "approval_ended_on": None,
        "reason": "The minutes say the 12th.",
        "replaced_at": "2026-11-23T10:00:00.000000Z",
        "replaced_by": f"tm-{TEAM}",
    }
    assert (second["first_panel_on"], second["reason"]) == ("2024-05-12", "They retired.")


def test_what_changes_nothing_is_no_change(api: Api, household: str) -> None:
    made = api.change("PUT", path(household), PANEL)
    again = api.change("PUT", path(household), PANEL)
    assert again.json() == made.json()


def test_a_change_is_based_on_the_version_that_is_there(api: Api, household: str) -> None:
    stale = api.change("PUT", path(household), PANEL).headers["etag"]
    api.change("PUT", path(household), CORRECTED)
    answer = api.request("PUT", path(household), json=CORRECTED, headers={"if-match": stale})
    assert answer.status_code == 412
    assert api.request("PUT", path(household), json=CORRECTED).status_code == 428


def test_a_child_is_refused_and_the_clause_named(api: Api, new_ref: NewRef) -> None:
    ref = new_ref()
    register(api, ref, "child")
    refused = api.change("PUT", path(ref), PANEL)
    assert refused.status_code == 422
    assert (refused.json()["type"], refused.json()["clause"]) == (
        "/problems/business-rule",
        "§3, R3.2",
    )
    assert api.get(path(ref)).status_code == 404


def test_the_subjects_own_route_does_not_set_it(api: Api, household: str) -> None:
    body: Json = {"kind": "carer_household", "team": TEAM, **PANEL}
    answer = api.change("PUT", f"/v1/subjects/mosaic/{household}", body)
    assert answer.status_code == 422
    assert pointers(answer) == ["/first_panel_on"]


def test_correcting_the_household_leaves_its_panel_date(api: Api, household: str) -> None:
    api.change("PUT", path(household), PANEL)
    register(api, household, "carer_household")
    assert api.get(path(household)).json()["first_panel_on"] == "2024-05-10"


def test_a_panel_date_is_recorded_once_it_has_been(api: Api, household: str) -> None:
    for body, pointer in (
        ({"first_panel_on": "2026-11-24"}, "/first_panel_on"),
        (PANEL | {"approval_ended_on": "2024-05-09"}, "/approval_ended_on"),
    ):
        answer = api.change("PUT", path(household), body)
        assert answer.status_code == 422
        assert pointers(answer) == [pointer]


@pytest.mark.parametrize(
    ("instant", "status"), [("2026-03-28T23:59:59Z", 422), ("2026-03-29T00:00:00Z", 201)]
)
def test_today_is_londons_also_when_the_clocks_go_forward(
    api: Api, new_ref: NewRef, at: At, instant: str, status: int
) -> None:
    at(instant)
    ref = new_ref()
    register(api, ref, "carer_household")
    answer = api.change("PUT", path(ref), {"first_panel_on": "2026-03-29"})
    assert answer.status_code == status


def test_a_restricted_household_is_not_there(
    api: Api, household: str, restrict: Callable[[str], None]
) -> None:
    api.change("PUT", path(household), PANEL)
    api.change("PUT", path(household), CORRECTED)
    restrict(household)
    assert api.get(path(household)).status_code == 404
    answer = api.as_("qs-2").request(
        "PUT", path(household), json=PANEL, headers={"if-none-match": "*"}
    )
    assert answer.status_code == 404
    body = grant(api, f"tm-{TEAM}")
    api.create(f"/v1/subjects/mosaic/{household}/restriction-grants", body)
    assert len(api.as_(f"tm-{TEAM}").get(path(household)).json()["changes"]) == 1
