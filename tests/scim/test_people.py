"""What SCIM may do with people: let somebody new in without a right, and end access (X3)."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api import Api, Json, give_right
from tests.conftest import Database
from tests.looking import rows
from tests.scim.provider import CORE, PATCH, Provider, Staff


def principals(database: Database, subject: str) -> list[Any]:
    """Every principal of a token, oldest first."""
    asked = (
        "SELECT id, issuer, worker, system, disabled_at IS NOT NULL AS disabled FROM principals"
        " WHERE subject = $1 ORDER BY id"
    )
    return list(rows(database, asked, subject))


def told_to_quality_standards(api: Api, database: Database, target: str) -> list[Json]:
    """The changes of rights about a target of which Quality & Standards have an alert."""
    changes = api.as_("qs-1").get(f"/v1/rights-changes?principal={target}").json()["items"]
    asked = (
        "SELECT about_id FROM alerts WHERE kind = 'rights_changed' AND about_id = ANY($1)"
        " AND recipient_role = 'quality_standards'"
    )
    told = {str(row["about_id"]) for row in rows(database, asked, [one["id"] for one in changes])}
    return [one for one in changes if one["id"] in told]


def test_somebody_new_is_let_in_without_worker_or_role_and_it_is_told(
    api: Api, provider: Provider, provided: Database, subject: str
) -> None:
    made = provider.user(subject, displayName="Jo Bloggs")
    assert (made["active"], made["userName"]) == (True, f"{subject}@example.gov.uk")
    (principal,) = principals(provided, subject)
    assert principal["issuer"] == api.issuer.settings.issuer
    assert (principal["worker"], principal["system"], principal["disabled"]) == (None, None, False)
    assert api.as_(subject).get("/v1/me").json()["roles"] == []
    assert api.as_(subject).get("/v1/teams").status_code == 403
    (told,) = told_to_quality_standards(api, provided, str(principal["id"]))
    assert (told["what"], told["state"]) == ("principal", "done")
    assert told["becomes"]["principal"]["worker"] is None


def test_inactive_ends_access_at_the_next_request_and_it_is_told(
    api: Api, provider: Provider, provided: Database, staff: Staff
) -> None:
    code, principal, user = staff.worker()
    over = {"principal_id": principal, "role": "worker", "from": "2026-01-01"}
    give_right(api, role_assignment=over)
    assert api.as_(code).get("/v1/teams").status_code == 200
    path = f"/Users/{user}"
    ended = provider.patch(path, {"op": "Replace", "path": "active", "value": "False"})
    assert ended["active"] is False
    assert api.as_(code).get("/v1/teams").status_code == 401
    (told,) = [
        one
        for one in told_to_quality_standards(api, provided, principal)
        if one["state"] == "ended"
    ]
    assert (told["becomes"]["principal"]["disabled"], told["workers"]) == (True, [code])


@pytest.mark.parametrize("how", ["put", "delete"])
def test_a_replacement_and_a_removal_end_access_too(
    api: Api, provider: Provider, staff: Staff, how: str
) -> None:
    code, principal, user = staff.worker()
    give_right(
        api, role_assignment={"principal_id": principal, "role": "worker", "from": "2026-01-01"}
    )
    if how == "put":
        body = {"schemas": [f"{CORE}User"], "userName": code, "active": False}
        assert provider.told("PUT", f"/Users/{user}", body)["active"] is False
        assert provider.told("GET", f"/Users/{user}")["active"] is False
    else:
        provider.told("DELETE", f"/Users/{user}", status=204)
        assert provider.ask("GET", f"/Users/{user}").status_code == 404
    assert api.as_(code).get("/v1/teams").status_code == 401


def test_whoever_is_let_in_again_begins_without_worker_and_role(
    api: Api, provider: Provider, provided: Database, staff: Staff
) -> None:
    code, principal, user = staff.worker()
    give_right(
        api, role_assignment={"principal_id": principal, "role": "worker", "from": "2026-01-01"}
    )
    for active in (False, True):
        provider.patch(f"/Users/{user}", {"op": "replace", "path": "active", "value": active})
    before, after = principals(provided, code)
    assert (before["worker"], before["disabled"]) == (code, True)
    assert (after["worker"], after["disabled"]) == (None, False)
    assert api.as_(code).get("/v1/teams").status_code == 403


def test_nobody_comes_back_whose_access_a_person_ended(
    api: Api, provider: Provider, provided: Database, subject: str
) -> None:
    user = provider.user(subject)["id"]
    (principal,) = principals(provided, subject)
    admin = api.as_("admin-1")
    assert admin.act(f"/v1/principals/{principal['id']}/disable").status_code == 200
    active = {"schemas": [f"{CORE}User"], "userName": subject, "active": True}
    assert provider.told("GET", f"/Users/{user}")["active"] is False
    assert provider.ask("PUT", f"/Users/{user}", active).status_code == 403
    provider.told("DELETE", f"/Users/{user}", status=204)
    again = provider.ask("POST", "/Users", {**active, "externalId": subject})
    assert again.status_code == 403, again.text
    assert len(principals(provided, subject)) == 1
    named = {"issuer": api.issuer.settings.issuer, "subject": subject}
    give_right(api, principal={**named, "id": str(principal["id"])})
    taken = provider.told("POST", "/Users", {**active, "externalId": subject}, 201)
    assert taken["active"] is True
    assert [one["id"] for one in principals(provided, subject)] == [principal["id"]]


def test_nothing_that_is_said_changes_issuer_subject_or_worker(
    provider: Provider, provided: Database, staff: Staff
) -> None:
    code, _, user = staff.worker()
    before = principals(provided, code)
    whole = {
        "schemas": [f"{CORE}User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "userName": "admin-1",
        "externalId": f"{code}-new",
        "id": str(uuid4()),
        "roles": [{"value": "administrator"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "qs-1"},
    }
    # Another has that name: two people are never called the same.
    assert provider.ask("PUT", f"/Users/{user}", whole).json()["scimType"] == "uniqueness"
    said = provider.told("PUT", f"/Users/{user}", {**whole, "userName": f"{code}@x.uk"})
    assert (said["id"], said["externalId"]) == (user, f"{code}-new")
    assert "roles" not in said
    provider.patch(f"/Users/{user}", {"op": "add", "value": {"externalId": code.upper()}})
    provider.patch(f"/Users/{user}", {"op": "remove", "path": "externalId"})
    assert principals(provided, code) == before


def test_whom_two_people_let_in_is_listed_and_taken_up_when_the_provider_tells_of_them(
    provider: Provider, provided: Database, staff: Staff
) -> None:
    code, principal, user = staff.worker()
    taken = provider.user(code, displayName="Taken up")
    assert (taken["id"], taken["displayName"]) == (user, "Taken up")
    (one,) = principals(provided, code)
    assert (str(one["id"]), one["worker"]) == (principal, code)
    body = {"schemas": [f"{CORE}User"], "userName": "another", "externalId": code}
    assert provider.ask("POST", "/Users", body).status_code == 409


@pytest.mark.parametrize("client", ["identity-provider", "reporting-1", "case-system-mosaic"])
def test_accounts_of_machines_are_neither_listed_nor_taken(provider: Provider, client: str) -> None:
    listed = provider.told("GET", f'/Users?filter=externalId eq "{client}"')
    assert listed["totalResults"] == 0
    body = {"schemas": [f"{CORE}User"], "userName": client, "externalId": client}
    assert provider.ask("POST", "/Users", body).status_code == 409


@pytest.mark.parametrize("how", ["PATCH", "PUT", "POST"])
def test_no_two_people_have_the_same_external_id(
    provider: Provider, subject: str, how: str
) -> None:
    one, other = provider.user(subject), provider.user(f"{subject}-other")
    moved = f"{subject}-moved"
    provider.patch(f"/Users/{one['id']}", {"op": "replace", "path": "externalId", "value": moved})
    for taken in (moved, subject) if how != "POST" else (moved,):
        whole: Json = {
            "schemas": [f"{CORE}User"],
            "userName": f"{subject}-3",
            "externalId": taken,
        }
        if how == "PATCH":
            operation = {"op": "replace", "path": "externalId", "value": taken}
            whole = {"schemas": [PATCH], "Operations": [operation]}
        path = "/Users" if how == "POST" else f"/Users/{other['id']}"
        refusal = provider.ask(how, path, whole)
        assert (refusal.status_code, refusal.json()["scimType"]) == (409, "uniqueness")
    assert provider.told("GET", f"/Users/{other['id']}") == other
    found = provider.told("GET", f'/Users?filter=externalId eq "{moved}"')["Resources"]
    assert [each["id"] for each in found] == [one["id"]]


def test_a_new_external_id_is_told_and_one_that_is_not_said_stays(
    api: Api, provider: Provider, provided: Database, staff: Staff
) -> None:
    code, principal, user = staff.worker()
    operation = {"op": "replace", "path": "externalId", "value": f"{code}-new"}
    provider.patch(f"/Users/{user}", operation)
    provider.patch(f"/Users/{user}", operation)
    told = [
        one
        for one in told_to_quality_standards(api, provided, principal)
        if one["becomes"]["reach"] is not None
    ]
    assert [(one["what"], one["state"], one["workers"]) for one in told] == [
        ("principal", "done", [code])
    ]
    was, becomes = (told[0][key]["reach"]["relations"] for key in ("was", "becomes"))
    values = [(one["relation"], one["value"]) for one in (*was, *becomes)]
    assert values == [("external_id", code), ("external_id", f"{code}-new")]
    body = {"schemas": [f"{CORE}User"], "userName": code, "active": True}
    assert provider.told("PUT", f"/Users/{user}", body)["externalId"] == f"{code}-new"


@pytest.mark.parametrize("role", [None, "administrator"])
@pytest.mark.parametrize("listed", [True, False])
def test_a_person_without_a_worker_is_listed_and_ended(
    api: Api, provider: Provider, subject: str, role: str | None, *, listed: bool
) -> None:
    named = {"issuer": api.issuer.settings.issuer, "subject": subject}
    principal = give_right(api, principal=named)
    if role is not None:
        over = {"principal_id": principal, "role": role, "from": "2026-01-01"}
        give_right(api, role_assignment=over)
    assert api.as_(subject).get("/v1/me").status_code == 200
    if listed:
        found = provider.told("GET", f'/Users?filter=externalId eq "{subject}"')
        assert [one["active"] for one in found["Resources"]] == [True]
    assert provider.user(subject, active=False)["active"] is False
    assert api.as_(subject).get("/v1/me").status_code == 401


def test_whoever_becomes_a_machine_is_listed_no_more(
    api: Api, provider: Provider, subject: str
) -> None:
    named = {"issuer": api.issuer.settings.issuer, "subject": subject}
    principal = give_right(api, principal=named)
    found = provider.told("GET", f'/Users?filter=externalId eq "{subject}"')["Resources"]
    over = {"principal_id": principal, "role": "reporting", "from": "2026-01-01"}
    give_right(api, role_assignment=over)
    assert provider.ask("GET", f"/Users/{found[0]['id']}").status_code == 404
    body = {"schemas": [f"{CORE}User"], "userName": subject, "active": False}
    assert provider.ask("POST", "/Users", body).status_code == 409
    assert api.as_(subject).get("/v1/me").status_code == 200


@pytest.mark.parametrize("person", ["admin-1", "qs-1", "case-system-mosaic", "reporting-1"])
@pytest.mark.parametrize("path", ["/Users", "/Groups", "/Schemas", "/ServiceProviderConfig"])
def test_only_the_identity_provider_asks(api: Api, person: str, path: str) -> None:
    answer = Provider(api, person).ask("GET", path)
    assert (answer.status_code, answer.json()["status"]) == (403, "403")


def test_the_identity_provider_sees_nothing_else(api: Api) -> None:
    provider = api.as_("identity-provider")
    assert provider.get("/v1/me").json()["roles"] == ["identity_provider"]
    for path in ("/v1/audits", "/v1/teams", "/v1/principals", "/v1/rights-changes", "/v1/subjects"):
        assert provider.get(path).status_code in {403, 404}, path


def test_people_are_listed_page_by_page_and_found_by_name(provider: Provider, subject: str) -> None:
    made = provider.user(subject)
    found = provider.told("GET", f'/Users?filter=userName eq "{made["userName"].upper()}"')
    assert [one["id"] for one in found["Resources"]] == [made["id"]]
    whole = provider.told("GET", "/Users?attributes=userName")
    assert {key for one in whole["Resources"] for key in one} == {"schemas", "id", "userName"}
    pages: list[str] = []
    while len(pages) < whole["totalResults"]:
        page = provider.told("GET", f"/Users?startIndex={len(pages) + 1}&count=50")
        assert 0 < page["itemsPerPage"] <= 50
        pages += [one["id"] for one in page["Resources"]]
    assert pages == [one["id"] for one in whole["Resources"]]
    assert provider.told("GET", "/Users?count=0")["totalResults"] == whole["totalResults"]
