"""The directory over HTTP: staff read it, administrators keep it, it never contradicts itself."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.api import Api, Json

NewCode = Callable[[str], str]
SINCE = "2026-01-01"


@pytest.fixture
def admin(api: Api) -> Api:
    """The directory's administrator."""
    return api.as_("admin-1")


def pointers(answer: Any) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


def team(**given: Any) -> Json:
    return {"name": "A team of a test", **given}


def post(worker: str, first: str = SINCE, until: str | None = None) -> Json:
    return {"worker": worker, "from": first, "to": until}


def test_what_an_administrator_enters_everybody_on_the_staff_reads(
    api: Api, admin: Api, new_code: NewCode
) -> None:
    code = new_code("team")
    body = team(
        locality="Boston",
        services=[{"service": "fast", "from": SINCE}],
        managers=[
            post("tm-boston-fast", SINCE, "2026-06-01"),
            post("dm-boston-fast", "2026-06-01"),
        ],
    )
    entered = admin.change("PUT", f"/v1/teams/{code}", body)
    assert entered.status_code == 200
    read = api.as_("sw1-cwd").get(f"/v1/teams/{code}")
    assert read.json() == entered.json()
    assert read.json()["managers"] == body["managers"]
    assert read.json()["services"] == [{"service": "fast", "from": SINCE, "to": None}]
    assert read.headers["etag"] == entered.headers["etag"]


@pytest.mark.parametrize("person", ["qs-1", "tm-cwd", "sw1-cwd", "slt-1", "reporting-1"])
def test_only_administrators_change_the_directory(api: Api, new_code: NewCode, person: str) -> None:
    code = new_code("team")
    answer = api.as_(person).request(
        "PUT", f"/v1/teams/{code}", json=team(), headers={"if-none-match": "*"}
    )
    assert answer.status_code == 403
    assert api.get(f"/v1/teams/{code}").status_code == 404


def test_a_change_names_the_version_it_is_based_on(admin: Api, new_code: NewCode) -> None:
    path = f"/v1/teams/{new_code('team')}"
    assert admin.request("PUT", path, json=team()).status_code == 428
    create = {"if-none-match": "*"}
    first = admin.request("PUT", path, json=team(), headers=create)
    assert first.status_code == 200
    assert admin.request("PUT", path, json=team(), headers=create).status_code == 412
    # Only a relation changes; still it is another version of the team.
    second = admin.change("PUT", path, team(managers=[post("tm-cwd")]))
    assert second.json()["version"] == first.json()["version"] + 1
    stale = {"if-match": first.headers["etag"]}
    assert admin.request("PUT", path, json=team(), headers=stale).status_code == 412
    nothing = f"/v1/teams/{new_code('team')}"
    assert admin.request("PUT", nothing, json=team(), headers=stale).status_code == 412


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"managers": [post("tm-cwd"), post("dm-cwd", "2026-05-01")]}, "/managers/1/from"),
        (
            {
                "deputies": [
                    post("tm-cwd", "2026-03-01", "2026-04-01"),
                    post("dm-cwd", "2026-01-01", "2026-03-02"),
                ]
            },
            "/deputies/0/from",
        ),
        ({"managers": [post("tm-cwd", "2026-05-01", "2026-05-01")]}, "/managers/0/to"),
        ({"managers": [post("nobody-known")]}, "/managers/0/worker"),
        ({"services": [{"service": "no-such-service", "from": SINCE}]}, "/services/0/service"),
    ],
)
def test_what_contradicts_itself_is_refused_at_its_place(
    admin: Api, new_code: NewCode, given: Json, pointer: str
) -> None:
    path = f"/v1/teams/{new_code('team')}"
    answer = admin.change("PUT", path, team(**given))
    assert answer.status_code == 422
    assert pointer in pointers(answer)
    assert admin.get(path).status_code == 404


def test_relations_that_follow_each_other_are_kept(admin: Api, new_code: NewCode) -> None:
    managers = [post("tm-cwd", SINCE, "2026-05-01"), post("dm-cwd", "2026-05-01")]
    answer = admin.change("PUT", f"/v1/teams/{new_code('team')}", team(managers=managers))
    assert answer.json()["managers"] == managers


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"teams": [{"team": "cwd", "from": SINCE}] * 2}, "/teams/1/from"),
        ({"supervisors": [post("ps-cwd"), post("ps-adoption")]}, "/supervisors/1/from"),
        ({"starts_on": "2026-02-01", "leaves_on": "2026-01-31"}, "/leaves_on"),
        ({"absences": [{"reason_code": "ill", "from": SINCE, "to": SINCE}]}, "/absences/0/to"),
    ],
)
def test_a_worker_entry_that_cannot_be_is_refused(
    admin: Api, new_code: NewCode, given: Json, pointer: str
) -> None:
    answer = admin.change("PUT", f"/v1/workers/{new_code('sw')}", given)
    assert answer.status_code == 422
    assert pointers(answer) == [pointer]


def test_a_worker_may_be_in_two_teams_but_never_supervises_themselves(
    admin: Api, new_code: NewCode
) -> None:
    code = new_code("sw")
    both = {"teams": [{"team": "adoption", "from": SINCE}, {"team": "cwd", "from": SINCE}]}
    answer = admin.change("PUT", f"/v1/workers/{code}", both)
    assert [one["team"] for one in answer.json()["teams"]] == ["adoption", "cwd"]
    refused = admin.change("PUT", f"/v1/workers/{code}", {"supervisors": [post(code)]})
    assert refused.status_code == 422
    assert pointers(refused) == ["/supervisors/0/worker"]


def test_a_team_is_in_one_auditor_group_at_a_time(admin: Api, new_code: NewCode) -> None:
    path = f"/v1/auditor-groups/{new_code('group')}"
    in_group_a = {"name": "Another group", "teams": [{"team": "lincoln-fast", "from": SINCE}]}
    refused = admin.change("PUT", path, in_group_a)
    assert refused.status_code == 422
    assert pointers(refused) == ["/teams/0/from"]
    in_none = {"name": "Another group", "teams": []}
    assert admin.change("PUT", path, in_none).json()["teams"] == []


def test_lists_are_by_code_and_filtered_as_of_today(api: Api, new_code: NewCode) -> None:
    fast = [row["code"] for row in api.get("/v1/teams?service=fast&limit=500").json()["items"]]
    assert "lincoln-fast" in fast
    assert "cwd" not in fast
    assert fast == sorted(fast)
    boston = api.get("/v1/workers?team=boston-fast&limit=500").json()["items"]
    assert {row["code"] for row in boston} >= {"tm-boston-fast", "sw2-boston-fast"}
    supervised = api.get("/v1/workers?supervisor=ps-boston-fast").json()["items"]
    assert [row["code"] for row in supervised] == ["sw1-boston-fast", "sw2-boston-fast"]
    admin, past, future = api.as_("admin-1"), new_code("past"), new_code("future")
    admin.change("PUT", f"/v1/workers/{past}", {"leaves_on": "2020-01-01"})
    admin.change("PUT", f"/v1/workers/{future}", {"starts_on": "2190-01-01"})
    out = api.get("/v1/workers?in_service=false&limit=500").json()["items"]
    assert {row["code"] for row in out} >= {past, future}
    assert "sw1-cwd" not in {row["code"] for row in out}


def test_a_source_names_one_case_system(admin: Api, new_code: NewCode) -> None:
    path = f"/v1/case-systems/{new_code('system')}"
    refused = admin.change("PUT", path, {"source": "urn:mosaic", "name": "A second Mosaic"})
    assert refused.status_code == 422
    assert pointers(refused) == ["/source"]
    entered = admin.change("PUT", path, {"source": f"urn:{uuid4()}", "name": "Another"})
    assert entered.status_code == 200
