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


# --- who may do what ---


@pytest.fixture
def newcomer(admin: Api, new_code: NewCode) -> tuple[str, str]:
    """A worker with a principal but no role: their code and the principal's id."""
    code, principal = new_code("sw"), str(uuid4())
    admin.change("PUT", f"/v1/workers/{code}", {})
    body = {"issuer": admin.issuer.settings.issuer, "subject": code, "worker": code}
    assert admin.change("PUT", f"/v1/principals/{principal}", body).status_code == 200
    return code, principal


def role(principal: str, name: str, **over: Any) -> Json:
    return {"principal_id": principal, "role": name, "from": SINCE, **over}


def assign(admin: Api, body: Json) -> Any:
    return admin.change("PUT", f"/v1/role-assignments/{uuid4()}", body)


@pytest.mark.parametrize("path", ["/v1/role-assignments", "/v1/principals"])
@pytest.mark.parametrize("person", ["qs-1", "hos-fast", "slt-1", "sw1-cwd"])
def test_only_administrators_see_who_holds_which_role(api: Api, person: str, path: str) -> None:
    assert api.as_(person).get(path).status_code == 403


def test_a_role_counts_from_the_next_request_until_it_ends(
    api: Api, admin: Api, newcomer: tuple[str, str]
) -> None:
    code, principal = newcomer
    they = api.as_(code)
    assert they.get("/v1/teams").status_code == 403
    path = f"/v1/role-assignments/{uuid4()}"
    body = role(principal, "practice_supervisor", team="cwd")
    assert admin.change("PUT", path, body).json()["scope"] == "team"
    assert they.get("/v1/teams").status_code == 200
    assert they.get("/v1/me").json()["supervised_teams"] == ["cwd"]
    ended = admin.change("PUT", path, {**body, "to": "2026-01-02"})
    assert ended.json()["to"] == "2026-01-02"
    assert they.get("/v1/teams").status_code == 403
    held = admin.get(f"/v1/role-assignments?worker={code}").json()["items"]
    assert [one["role"] for one in held] == ["practice_supervisor"]
    assert admin.get(f"/v1/role-assignments?worker={code}&current=true").json()["items"] == []


def test_a_disabled_principal_is_let_in_nowhere(
    api: Api, admin: Api, newcomer: tuple[str, str]
) -> None:
    code, principal = newcomer
    assign(admin, role(principal, "worker"))
    assert api.as_(code).get("/v1/teams").status_code == 200
    path = f"/v1/principals/{principal}"
    stored = admin.get(path).json()
    body = {name: stored[name] for name in ("issuer", "subject", "worker")}
    assert admin.change("PUT", path, {**body, "disabled": True}).json()["disabled_at"]
    assert api.as_(code).get("/v1/teams").status_code == 401


@pytest.mark.parametrize(
    ("name", "over", "pointer"),
    [
        ("team_manager", {}, "/role"),
        ("head_of_service", {"team": "cwd"}, "/role"),
        ("auditor", {"team": "cwd"}, "/role"),
        ("practice_supervisor", {"service": "fast"}, "/role"),
        ("team_manager", {"team": "cwd", "service": "fast"}, "/team"),
        ("team_manager", {"team": "no-such-team"}, "/team"),
        ("worker", {"to": SINCE}, "/to"),
    ],
)
def test_a_role_is_held_only_over_what_it_can_be_held_over(
    admin: Api, newcomer: tuple[str, str], name: str, over: Json, pointer: str
) -> None:
    answer = assign(admin, role(newcomer[1], name, **over))
    assert answer.status_code == 422
    assert pointers(answer) == [pointer]


def test_nobody_assigns_a_role_to_themselves(admin: Api) -> None:
    (me,) = admin.get("/v1/principals?worker=admin-1").json()["items"]
    answer = assign(admin, role(me["id"], "quality_standards"))
    assert answer.status_code == 422
    (held,) = admin.get("/v1/role-assignments?worker=admin-1").json()["items"]
    away = role(str(uuid4()), "administrator")
    moved = admin.change("PUT", f"/v1/role-assignments/{held['id']}", away)
    assert moved.status_code == 422
    assert admin.get("/v1/role-assignments?worker=admin-1").json()["items"] == [held]


def test_nobody_becomes_somebody_else(
    admin: Api, newcomer: tuple[str, str], new_code: NewCode
) -> None:
    (me,) = admin.get("/v1/principals?worker=admin-1").json()["items"]
    mine = {name: me[name] for name in ("issuer", "subject", "worker")}
    theirs, (code, principal) = {**mine, "subject": newcomer[0]}, newcomer
    attempts = [
        (me["id"], {**mine, "worker": "tm-lincoln-fast"}),
        (me["id"], {**mine, "subject": new_code("another")}),
        (principal, theirs),
        (str(uuid4()), {**theirs, "subject": new_code("another")}),
    ]
    for id_, body in attempts:
        refused = admin.change("PUT", f"/v1/principals/{id_}", body)
        assert (refused.status_code, refused.json()["clause"]) == (422, "X3"), body
    assert admin.get(f"/v1/principals/{me['id']}").json() == me
    assert admin.get(f"/v1/principals/{principal}").json()["worker"] == code


def test_a_principal_that_has_acted_keeps_its_worker(
    api: Api, admin: Api, newcomer: tuple[str, str]
) -> None:
    code, principal = newcomer
    path, body = f"/v1/principals/{principal}", {"issuer": admin.issuer.settings.issuer}
    body |= {"subject": code, "worker": code}
    wrong = {**body, "worker": "sw1-cwd"}
    assign(admin, role(principal, "quality_standards"))
    ref = f"C-{uuid4().hex[:12]}"
    child = api.as_(code).change("PUT", f"/v1/subjects/mosaic/{ref}", {"kind": "child"})
    assert child.status_code == 200, child.text
    refused = admin.change("PUT", path, wrong)
    assert (refused.status_code, refused.json()["clause"]) == (422, "X3")
    assert admin.change("PUT", path, {**body, "disabled": True}).status_code == 200
    assert admin.change("PUT", f"/v1/principals/{uuid4()}", wrong).status_code == 200
    assert api.as_(code).get("/v1/me").json()["worker"] == "sw1-cwd"
    refused = admin.change("PUT", path, body)
    assert pointers(refused) == ["/subject"], "its token names somebody else by now"


def test_one_token_names_one_principal(admin: Api, newcomer: tuple[str, str]) -> None:
    code, _ = newcomer
    body = {"issuer": admin.issuer.settings.issuer, "subject": code}
    answer = admin.change("PUT", f"/v1/principals/{uuid4()}", body)
    assert answer.status_code == 422
    assert pointers(answer) == ["/subject"]
