"""A group gives a role only by a mapping of two people; joining gives it, leaving ends it (X3)."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from qa_api import clock
from tests.api import Api, Json
from tests.conftest import Database
from tests.kept import KEPT
from tests.looking import rows
from tests.scim.provider import Provider, Staff
from tests.scim.test_people import told_to_quality_standards

CHANGES = "/v1/rights-changes"


@pytest.fixture
def tomorrow(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes it the day after, for the service too."""

    def move() -> None:
        now = clock.now
        monkeypatch.setattr(clock, "now", lambda: now() + timedelta(days=1))

    return move


def proposed(api: Api, group: str, role: str, **over: Any) -> Json:
    """What is answered to an administrator who proposes a mapping."""
    body = {"reason": "As agreed.", "group_role": {"group_id": group, "role": role, **over}}
    answer = api.as_("admin-1").create(CHANGES, body)
    return {**answer.json(), "status_code": answer.status_code}


def held(api: Api, principal: str) -> list[Json]:
    asked = f"/v1/role-assignments?principal={principal}"
    return list(api.as_("admin-1").get(asked).json()["items"])


@pytest.mark.long
def test_a_group_that_nobody_mapped_gives_nothing(
    api: Api, provider: Provider, staff: Staff
) -> None:
    code, principal, user = staff.worker()
    group = provider.group(user)["id"]
    proposed(api, group, "auditor")
    assert (staff.roles(code), held(api, principal)) == ([], [])


def test_a_mapping_is_made_by_two_and_gives_the_role_to_whoever_belongs(
    api: Api, provider: Provider, provided: Database, staff: Staff
) -> None:
    code, principal, user = staff.worker()
    group = provider.group(user)["id"]
    change = proposed(api, group, "practice_supervisor", team="cwd")
    assert (change["state"], change["workers"]) == ("proposed", [code])
    path = f"{CHANGES}/{change['id']}"
    assert api.as_("admin-1").act(f"{path}/confirm").status_code == 422
    assert staff.roles(code) == []
    assert api.as_("qs-1").act(f"{path}/confirm").status_code == 200
    assert api.as_(code).get("/v1/me").json()["supervised_teams"] == ["cwd"]
    (role,) = held(api, principal)
    assert role["group_role_id"] == change["target_id"]
    (told,) = told_to_quality_standards(api, provided, role["id"])
    assert (told["state"], told["becomes"]["role_assignment"]["role"]) == (
        "done",
        "practice_supervisor",
    )
    admin = api.as_("admin-1")
    assert admin.get(f"/v1/identity-groups/{group}").json()["members"] == 1
    (mapping,) = admin.get(f"/v1/group-roles?group={group}&ended=false").json()["items"]
    assert (mapping["role"], mapping["team"]) == ("practice_supervisor", "cwd")


def test_joining_gives_the_role_and_leaving_ends_it(
    api: Api, provider: Provider, provided: Database, staff: Staff, tomorrow: Any
) -> None:
    code, principal, user = staff.worker()
    group = provider.group()["id"]
    staff.give(group, "auditor")
    assert staff.roles(code) == []
    provider.join(group, user)
    assert staff.roles(code) == ["auditor"]
    tomorrow()
    provider.leave(group, user)
    assert staff.roles(code) == []
    (role,) = held(api, principal)
    told = {one["state"] for one in told_to_quality_standards(api, provided, role["id"])}
    assert told == {"done", "ended"}


def test_what_began_today_ends_tonight_and_goes_on_when_they_join_again(
    api: Api, provider: Provider, staff: Staff, tomorrow: Any
) -> None:
    code, principal, user = staff.worker()
    group = provider.group(user)["id"]
    staff.give(group, "auditor")
    provider.leave(group, user)
    (ending,) = held(api, principal)
    assert ending["to"] > ending["from"]
    assert staff.roles(code) == ["auditor"]
    provider.join(group, user)
    assert [one["to"] for one in held(api, principal)] == [None]
    provider.leave(group, user)
    tomorrow()
    assert staff.roles(code) == []


def test_whoever_is_shut_out_loses_what_the_group_gives_at_once(
    provider: Provider, staff: Staff
) -> None:
    code, _, user = staff.worker()
    staff.give(provider.group(user)["id"], "auditor")
    provider.patch(f"/Users/{user}", {"op": "replace", "path": "active", "value": False})
    assert staff.roles(code) == []
    provider.patch(f"/Users/{user}", {"op": "replace", "path": "active", "value": True})
    assert staff.roles(code) == ["auditor"]


@pytest.mark.long
def test_a_role_that_a_person_ended_is_not_given_again_while_they_belong(
    api: Api, provider: Provider, staff: Staff, tomorrow: Any
) -> None:
    code, principal, user = staff.worker()
    group = provider.group(user)["id"]
    staff.give(group, "auditor")
    (role,) = held(api, principal)
    tomorrow()
    assert api.as_("admin-1").act(f"/v1/role-assignments/{role['id']}/end").status_code == 200
    provider.patch(f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "New"})
    for active in (False, True):
        provider.patch(f"/Users/{user}", {"op": "replace", "path": "active", "value": active})
    assert staff.roles(code) == []
    provider.leave(group, user)
    provider.join(group, user)
    assert staff.roles(code) == ["auditor"]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": 'members[value eq "{id}"]'},
        {"op": "remove", "path": "members", "value": [{"value": "{id}"}]},
    ],
)
def test_a_member_leaves_by_an_id_in_capitals(
    provider: Provider, subject: str, operation: Json
) -> None:
    user, other = provider.user(subject)["id"], provider.user(f"{subject}-2")["id"]
    group = provider.group(user, other)["id"]
    written = json.dumps(operation).replace("{id}", user.upper())
    after = provider.patch(f"/Groups/{group}", json.loads(written))
    assert [one["value"] for one in after["members"]] == [other]


def test_what_is_said_again_changes_nothing(
    provided: Database, provider: Provider, subject: str
) -> None:
    """A provider whose answer was lost sends the same again."""
    user = provider.user(subject)
    group, person = provider.group(user["id"]), f"/Users/{user['id']}"
    members = {"members": [{"value": user["id"]}]}
    said = {"schemas": group["schemas"], "displayName": f"{subject} again"} | members
    called = {"op": "replace", "path": "displayName", "value": "Ada Poole"}

    def told() -> tuple[Json, Json, int]:
        named = provider.told("PUT", f"/Groups/{group['id']}", said)
        count = "SELECT count(*) FROM events WHERE about_id = $1"
        events: int = KEPT.ask(
            provided.migrate_url, lambda kept: kept.fetchval(count, UUID(group["id"]))
        )
        return named, provider.patch(person, called), events

    assert told() == told()


def test_a_group_that_is_removed_ends_its_mapping_and_it_is_told(
    api: Api, provider: Provider, provided: Database, staff: Staff
) -> None:
    code, _, user = staff.worker()
    group = provider.group(user)["id"]
    mapping = staff.give(group, "auditor")
    provider.told("DELETE", f"/Groups/{group}", status=204)
    admin = api.as_("admin-1")
    assert admin.get(f"/v1/group-roles/{mapping}").json()["ended_at"] is not None
    assert admin.get(f"/v1/group-roles?group={group}&ended=false").json()["items"] == []
    ended = [
        one
        for one in admin.get(CHANGES).json()["items"]
        if (one["target_id"], one["state"]) == (mapping, "ended")
    ]
    assert [(one["what"], one["workers"]) for one in ended] == [("group_role", [code])]
    asked = "SELECT kind FROM alerts WHERE about_id = $1"
    assert {row["kind"] for row in rows(provided, asked, ended[0]["id"])} == {"rights_changed"}


@pytest.mark.parametrize("end", ["mapping", "group", "put"])
def test_the_end_of_a_mapping_or_group_ends_what_it_gave(
    api: Api, provider: Provider, staff: Staff, tomorrow: Any, end: str
) -> None:
    code, _, user = staff.worker()
    group = provider.group(user)
    mapping = staff.give(group["id"], "auditor")
    tomorrow()
    assert staff.roles(code) == ["auditor"]
    if end == "mapping":
        admin = api.as_("admin-1")
        assert admin.act(f"/v1/group-roles/{mapping}/end").status_code == 200
        assert admin.get(f"/v1/group-roles/{mapping}").json()["ended_at"] is not None
    elif end == "group":
        provider.told("DELETE", f"/Groups/{group['id']}", status=204)
    else:
        body = {"schemas": group["schemas"], "displayName": "Empty"}
        assert "members" not in provider.told("PUT", f"/Groups/{group['id']}", body)
    assert staff.roles(code) == []


def test_the_role_follows_to_the_account_that_two_people_let_in(
    api: Api, provider: Provider, staff: Staff, subject: str
) -> None:
    """Somebody new belongs to a group; then two people say which worker they are."""
    user = provider.user(subject)["id"]
    staff.give(provider.group(user)["id"], "worker")
    assert staff.roles(subject) == ["worker"]
    api.as_("admin-1").change("PUT", f"/v1/workers/{subject}", {})
    (row,) = [
        one
        for one in api.as_("admin-1").get("/v1/principals?limit=500").json()["items"]
        if one["subject"] == subject
    ]
    named = {"issuer": row["issuer"], "subject": subject, "worker": subject}
    change = {"principal": {"id": row["id"], **named}, "reason": "It is hers."}
    made = api.as_("admin-1").create(CHANGES, change)
    assert made.status_code == 201, made.text
    path = f"{CHANGES}/{made.json()['id']}/confirm"
    assert api.as_("qs-1").act(path).status_code == 200
    me = api.as_(subject).get("/v1/me").json()
    assert (me["worker"], me["roles"]) == (subject, ["worker"])


@pytest.mark.parametrize("role", ["administrator", "case_system", "identity_provider"])
def test_no_group_gives_the_role_of_an_administrator_or_a_machine(
    api: Api, provider: Provider, role: str
) -> None:
    refusal = proposed(api, provider.group()["id"], role)
    assert refusal["status_code"] == 422
    assert [one["code"] for one in refusal["errors"]] == ["not-by-group"]


def test_nobody_has_a_part_in_what_their_own_group_gives(
    api: Api, provider: Provider, provided: Database
) -> None:
    ids = {
        person: provider.told("GET", f'/Users?filter=externalId eq "{person}"')["Resources"][0][
            "id"
        ]
        for person in ("admin-1", "qs-1")
    }
    refusal = proposed(api, provider.group(ids["admin-1"])["id"], "auditor")
    assert (refusal["status_code"], refusal["clause"]) == (422, "X3")
    group = provider.group()["id"]
    change = proposed(api, group, "auditor")
    provider.join(group, ids["qs-1"])
    confirmed = api.as_("qs-1").act(f"{CHANGES}/{change['id']}/confirm")
    assert (confirmed.status_code, confirmed.json()["clause"]) == (422, "X3")
    given = rows(provided, "SELECT id FROM group_roles WHERE id = $1", change["target_id"])
    assert given == []


@pytest.mark.parametrize(
    ("role", "over", "pointer"),
    [
        ("team_manager", {}, "/group_role/role"),
        ("auditor", {"team": "cwd"}, "/group_role/role"),
        ("team_manager", {"team": "no-such-team"}, "/group_role/team"),
    ],
)
def test_a_mapping_is_sound(
    api: Api, provider: Provider, role: str, over: Json, pointer: str
) -> None:
    refusal = proposed(api, provider.group()["id"], role, **over)
    assert (refusal["status_code"], refusal["errors"][0]["pointer"]) == (422, pointer)
    unknown = proposed(api, str(uuid4()), "auditor")
    assert unknown["errors"][0]["code"] == "unknown-id"


def test_a_mapping_is_there_once(api: Api, provider: Provider, staff: Staff) -> None:
    group = provider.group()["id"]
    staff.give(group, "auditor")
    assert proposed(api, group, "auditor")["errors"][0]["code"] == "taken"


def test_two_groups_give_a_role_once_and_it_lasts_until_the_last_is_left(
    api: Api, provider: Provider, staff: Staff, tomorrow: Any
) -> None:
    code, principal, user = staff.worker()
    one, other = (provider.group(user)["id"] for _ in range(2))
    staff.give(one, "auditor")
    staff.give(other, "auditor")
    assert len(held(api, principal)) == 1
    tomorrow()
    provider.leave(one, user)
    assert staff.roles(code) == ["auditor"]
    provider.leave(other, user)
    tomorrow()
    assert staff.roles(code) == []
