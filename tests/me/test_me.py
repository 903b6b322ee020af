"""Who the caller is here, and what waits for them."""

import pytest

from qa_api.alerts import alert_role
from qa_api.auth.roles import Role
from qa_api.models.base import new_id
from qa_api.rules.alerts import AlertKind
from tests.api import Api, Json
from tests.responses.casework import Service, service

__all__ = ("service",)


def test_a_caller_is_told_their_roles_and_the_teams_they_reach(api: Api) -> None:
    answer = api.as_("tm-lincoln-fast").get("/v1/me").json()
    assert answer["worker"] == "tm-lincoln-fast"
    assert answer["managed_teams"] == ["lincoln-fast"]
    assert answer["headed_teams"] == []
    assert "team_manager" in answer["roles"]
    assert "response:review" in answer["permissions"]


def test_a_head_of_service_reaches_the_teams_of_the_service(api: Api) -> None:
    teams = api.as_("hos-fast").get("/v1/me").json()["headed_teams"]
    assert "lincoln-fast" in teams
    assert "lac-north" not in teams


def test_somebody_unknown_is_not_told_anything(api: Api) -> None:
    answer = api.as_("nobody-known").get("/v1/me")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "person", ["qs-1", "tm-lincoln-fast", "ps-lincoln-fast", "sw1-lincoln-fast", "slt-1"]
)
def test_everyone_has_a_list_of_what_waits_for_them(api: Api, person: str) -> None:
    items = api.as_(person).work()
    # What was missed and promised anew stands where it was missed, which no item shows.
    missed = [item for item in items if item["overdue"] and item["working_days_left"] >= 0]
    dates = [item["due_on"] or "9999-12-31" for item in items if item not in missed]
    assert dates == sorted(dates), "soonest first, what has no date last"


def test_what_administrators_are_told_waits_for_them_and_for_nobody_else(
    api: Api, service: Service
) -> None:
    endpoint, kind = new_id(), AlertKind.WEBHOOK_ENDPOINT_FAILING
    for _ in range(2):
        service.work(lambda work: alert_role(work, Role.ADMINISTRATOR, kind, endpoint))

    def told(person: str) -> list[Json]:
        items = api.as_(person).work("kind=told")
        return [item for item in items if item["path"] == f"/v1/webhook-endpoints/{endpoint}"]

    (item,) = told("admin-1")
    assert item["told"] == "webhook_endpoint_failing"
    assert told("qs-1") == told("tm-lincoln-fast") == []
    seen = f"/v1/me/alerts/{item['about']}/seen"
    assert api.as_("tm-lincoln-fast").post(seen).status_code == 404
    assert api.as_("admin-1").post(seen).status_code == 204
    assert told("admin-1") == []
