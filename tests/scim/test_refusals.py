"""Bad input: SCIM's own form of error says what is wrong, and nothing is half done (RFC 7644)."""

from typing import Any, Final

import pytest

from qa_api.settings import Settings
from tests.api import Json
from tests.conftest import Database
from tests.looking import rows
from tests.scim.provider import CORE, ERROR, PATCH, Provider

NOTHING: Final = "0197a3f4-0c1d-7a55-8f02-9b1d2e3f4a51"


def refusal(answer: Any) -> tuple[int, str | None]:
    """Status and keyword of an error, which is in SCIM's form and never says what was sent."""
    assert answer.headers["content-type"] == "application/scim+json", answer.text
    body = answer.json()
    assert body["schemas"] == [ERROR]
    assert body["status"] == str(answer.status_code)
    assert body["detail"]
    assert "hunter2" not in answer.text
    return answer.status_code, body.get("scimType")


@pytest.mark.parametrize(
    "expression",
    [
        'userName sw "hunter2"',
        'userName eq "hunter2" and active eq true',
        'not (userName eq "hunter2")',
        "userName pr",
        "userName eq true",
        'displayName eq "hunter2"',
        'hunter2 eq "x"',
        'emails[type eq "work"].value eq "hunter2"',
        "userName eq",
        "(((",
        "",
    ],
)
def test_a_filter_that_is_not_supported_is_refused(provider: Provider, expression: str) -> None:
    answer = provider.ask("GET", "/Users", params={"filter": expression})
    assert refusal(answer) == (400, "invalidFilter")


@pytest.mark.parametrize(
    ("operation", "keyword"),
    [
        ({"op": "replace", "path": "activ", "value": False}, "invalidPath"),
        ({"op": "replace", "path": "userName[", "value": "hunter2"}, "invalidPath"),
        ({"op": "replace", "path": "hunter2 x", "value": "hunter2"}, "invalidPath"),
        ({"op": "replace", "path": 7, "value": "x"}, "invalidPath"),
        ({}, "invalidValue"),
        ({"path": "title", "value": "x"}, "invalidValue"),
        ({"op": "hunter2", "path": "title", "value": "x"}, "invalidValue"),
        ({"op": "hunter2", "value": {"title": "x"}}, "invalidValue"),
        ({"op": "replace", "value": {"hunter2": True}}, "invalidPath"),
        ({"op": "replace", "value": "hunter2"}, "invalidValue"),
        ({"op": "replace", "path": "active", "value": "hunter2"}, "invalidValue"),
        ({"op": "replace", "path": "userName", "value": ""}, "invalidValue"),
        ({"op": "replace", "path": "displayName", "value": "a\x07b"}, "invalidValue"),
        ({"op": "replace", "path": "displayName", "value": "x" * 201}, "invalidValue"),
        ({"op": "remove", "path": "userName"}, "mutability"),
        ({"op": "remove", "path": "active"}, "mutability"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "replace", "path": "id", "value": "hunter2"}, "mutability"),
        ({"op": "hunter2", "path": "active", "value": True}, "invalidValue"),
        ("hunter2", "invalidSyntax"),
    ],
)
def test_an_operation_that_cannot_be_applied_undoes_those_before_it(
    provider: Provider, subject: str, operation: Any, keyword: str
) -> None:
    user = provider.user(subject)
    first = {"op": "replace", "path": "displayName", "value": "Changed"}
    body = {"schemas": [PATCH], "Operations": [first, operation]}
    answer = provider.ask("PATCH", f"/Users/{user['id']}", body)
    assert refusal(answer) == (400, keyword), answer.text
    assert provider.told("GET", f"/Users/{user['id']}") == user


@pytest.mark.parametrize(
    ("body", "keyword"),
    [
        ({"userName": "hunter2"}, "invalidSyntax"),
        ({"schemas": ["hunter2"], "userName": "x"}, "invalidSyntax"),
        ({"schemas": [f"{CORE}User"]}, "invalidValue"),
        ({"schemas": [f"{CORE}User"], "userName": 7}, "invalidValue"),
        ({"schemas": [f"{CORE}User"], "userName": "two words"}, "invalidValue"),
        ({"schemas": [f"{CORE}User"], "userName": "x", "activ": False}, "invalidPath"),
        ({"schemas": [f"{CORE}User"], "userName": "x", "active": "hunter2"}, "invalidValue"),
        ([], "invalidSyntax"),
        (b'{"schemas": ', "invalidSyntax"),
        (b'{"userName": "a", "userName": "b"}', "invalidSyntax"),
    ],
)
def test_a_user_that_cannot_be_read_is_not_made(
    provider: Provider, provided: Database, body: Any, keyword: str
) -> None:
    before = rows(provided, "SELECT count(*) FROM scim_users")
    assert refusal(provider.ask("POST", "/Users", body)) == (400, keyword)
    assert rows(provided, "SELECT count(*) FROM scim_users") == before


_URN = f"{CORE}User"


@pytest.mark.parametrize(
    "value",
    [
        {"active": False, "Active": True},
        {"active": False, f"{_URN}:active": True},
        {"active": False, f"{_URN.upper()}:ACTIVE": True},
        {"active": False, _URN: {"Active": True}},
        {_URN: {"active": False}, _URN.upper(): {"active": True}},
        {"name": {"givenName": "A", "GivenName": "B"}},
        {"emails": [{"value": "a"}, {"value": "b", "VALUE": "c"}]},
    ],
)
@pytest.mark.parametrize("method", ["PATCH", "PUT", "POST"])
def test_an_attribute_in_two_spellings_is_refused_at_every_level(
    provider: Provider, provided: Database, subject: str, method: str, value: Json
) -> None:
    user = provider.user(subject, active=False)
    path = "/Users" if method == "POST" else f"/Users/{user['id']}"
    if method == "PATCH":
        body: Json = {"schemas": [PATCH], "Operations": [{"op": "replace", "value": value}]}
    else:
        body = {"schemas": [_URN], "userName": f"{subject}-2", **value}
    before = rows(provided, "SELECT count(*) FROM scim_users")
    assert refusal(provider.ask(method, path, body)) == (400, "invalidSyntax")
    assert provider.told("GET", f"/Users/{user['id']}") == user
    assert rows(provided, "SELECT count(*) FROM scim_users") == before


@pytest.mark.parametrize(
    "twice",
    [
        {"operations": [{"op": "replace", "path": "active", "value": False}]},
        {"Operations": [{"op": "replace", "path": "active", "value": False, "VALUE": True}]},
    ],
)
def test_a_message_in_two_spellings_is_refused(
    provider: Provider, subject: str, twice: Json
) -> None:
    user = provider.user(subject)
    name = {"op": "replace", "path": "displayName", "value": "Changed"}
    body = {"schemas": [PATCH], "Operations": [name], **twice}
    assert refusal(provider.ask("PATCH", f"/Users/{user['id']}", body)) == (400, "invalidSyntax")
    assert provider.told("GET", f"/Users/{user['id']}") == user


def test_a_group_within_a_group_is_refused(provider: Provider, subject: str) -> None:
    user = provider.user(subject)["id"]
    group = provider.group()
    path = f"/Groups/{group['id']}"
    for type_, status in (("Group", 400), ("user", 200)):
        value = [{"value": user, "type": type_}]
        operation = {"op": "add", "path": "members", "value": value}
        answer = provider.ask("PATCH", path, {"schemas": [PATCH], "Operations": [operation]})
        assert answer.status_code == status, answer.text
        if status == 400:
            assert refusal(answer) == (400, "invalidValue")
            assert provider.told("GET", path) == group


def test_a_member_who_is_nobody_leaves_the_group_as_it_was(
    provider: Provider, subject: str
) -> None:
    group = provider.group(provider.user(subject)["id"])
    path = f"/Groups/{group['id']}"
    for value in (NOTHING, "hunter2", group["id"], None):
        operation = {"op": "add", "path": "members", "value": [{"value": value}]}
        name = {"op": "replace", "path": "displayName", "value": "Changed"}
        body = {"schemas": [PATCH], "Operations": [name, operation]}
        assert refusal(provider.ask("PATCH", path, body)) == (400, "invalidValue"), value
    assert provider.told("GET", path) == group


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/Users/{NOTHING}", 404),
        ("GET", "/Users/hunter2", 404),
        ("PATCH", f"/Groups/{NOTHING}", 404),
        ("DELETE", f"/Users/{NOTHING}", 404),
        ("GET", "/hunter2", 404),
        ("GET", "/Schemas/hunter2", 404),
        ("POST", "/Schemas", 405),
        ("GET", "/Me", 501),
        ("POST", "/Bulk", 501),
        ("POST", "/.search", 501),
        ("GET", "/Users?hunter2=1", 400),
        ("GET", "/Users?count=hunter2", 400),
        ("GET", "/Users?attributes=hunter2 x", 400),
        ("GET", '/Schemas?filter=id eq "hunter2"', 403),
    ],
)
def test_what_is_not_there_or_not_supported_is_said_in_the_same_form(
    provider: Provider, method: str, path: str, status: int
) -> None:
    body = {"schemas": [PATCH], "Operations": []} if method in {"PATCH", "POST"} else None
    assert refusal(provider.ask(method, path, body))[0] == status


def test_a_token_that_is_missing_or_another_media_type_is_refused(provider: Provider) -> None:
    nobody = provider.ask("GET", "/Users", headers={"authorization": "Bearer hunter2"})
    assert refusal(nobody) == (401, None)
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    xml = provider.ask("POST", "/Users", b"<hunter2/>", headers={"content-type": "text/xml"})
    assert refusal(xml) == (415, None)


def test_a_body_or_list_of_operations_that_is_too_large_is_refused(
    provider: Provider, subject: str
) -> None:
    most = Settings(environment="development").max_body_bytes
    large = b'{"schemas": [], "userName": "' + b"x" * most + b'"}'
    assert refusal(provider.ask("POST", "/Users", large)) == (413, None)
    user = provider.user(subject)["id"]
    one = {"op": "replace", "path": "displayName", "value": "x"}
    body = {"schemas": [PATCH], "Operations": [one] * 1_001}
    assert refusal(provider.ask("PATCH", f"/Users/{user}", body)) == (400, "tooMany")


def test_what_entra_id_sends_is_understood(provider: Provider, subject: str) -> None:
    """Operations in capitals, booleans as text, and attributes that are kept nowhere here."""
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    whole: Json = {
        "schemas": [f"{CORE}User", enterprise],
        "externalId": subject,
        "userName": f"{subject}@example.gov.uk",
        "active": True,
        "emails": [{"primary": True, "type": "work", "value": "a@example.gov.uk"}],
        "name": {"formatted": "A B", "familyName": "B", "givenName": "A"},
        "meta": {"resourceType": "User"},
        enterprise: {"department": "Quality"},
    }
    user = provider.told("POST", "/Users", whole, 201)
    assert user.keys() == {"schemas", "id", "externalId", "userName", "active", "meta"}
    changed = provider.patch(
        f"/Users/{user['id']}",
        {"op": "Add", "path": f"{enterprise}:department", "value": "Audit"},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "b@example.gov.uk"},
        {"op": "Replace", "path": "displayName", "value": "A B"},
        {"op": "Replace", "value": {"name.givenName": "A", "active": "False"}},
    )
    assert (changed["displayName"], changed["active"]) == ("A B", False)
    group = provider.group(user["id"])
    select = f'members[value eq "{user["id"]}"]'
    assert "members" not in provider.patch(
        f"/Groups/{group['id']}", {"op": "Remove", "path": select}
    )
    found = provider.told("GET", f'/Groups?filter=displayName eq "{group["displayName"]}"')
    assert found["totalResults"] == 1
    short = provider.told("GET", f"/Groups/{group['id']}?excludedAttributes=members")
    assert "members" not in short
