"""Every route for every role: whoever lacks the permission is refused, whoever has it is not.

The suite asks each route as one who may and as two who may not; `./dev drill matrix` as everybody.
"""

import json
import random
import re
from collections.abc import Collection
from uuid import uuid4

import pytest

from qa_api.auth.roles import ROLE_PERMISSIONS, Permission, Role
from qa_api.demo.people import demo_principals
from tests.api import CONTRACT, Api, Json, contract
from tests.drill import SEED, share

GUARDED = [
    (method.upper(), path, operation["x-permission"])
    for path, item in contract()["paths"].items()
    for method, operation in item.items()
    if "x-permission" in operation
]


BODILESS = {"GET", "DELETE"}


def a_path(template: str) -> str:
    """The path with ids that name nothing."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name.endswith("_id") or name == "id":
            return str(uuid4())
        if name in {"version", "number"}:
            return "999"
        if name.endswith("key"):
            return "no_such_thing"
        return "2026-12-25" if name.endswith(("date", "_on")) else "no-such-thing"

    return re.sub(r"\{(\w+)\}", value, template)


def asked_as(method: str, template: str, permission: str) -> Collection[Role]:
    """As whom a route is asked."""
    if share(1) == 0:
        return list(Role)
    chance = random.Random(f"{SEED} {method} {template}")
    may = [role for role in Role if Permission(permission) in ROLE_PERMISSIONS[role]]
    may_not = [role for role in Role if role not in may]
    return [*chance.sample(may, min(1, len(may))), *chance.sample(may_not, min(2, len(may_not)))]


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_ask_for_what_its_permissions_say_and_nothing_else(api: Api, role: Role) -> None:
    person = api.as_(demo_principals()[role])
    held = ROLE_PERMISSIONS[role]
    also = {Role(name) for name in person.get("/v1/me").json()["roles"]}
    held = frozenset().union(*(ROLE_PERMISSIONS[each] for each in also)) | held
    wrong = []
    mine = [route for route in GUARDED if role in asked_as(*route)]
    assert mine, f"DRILL_SEED={SEED} asks nothing as {role}"
    for method, template, permission in mine:
        body: Json = {} if method in BODILESS else {"json": {}}
        headers = {"idempotency-key": uuid4().hex}
        answer = person.request(method, a_path(template), headers=headers, **body)
        if (answer.status_code == 403) == (Permission(permission) in held):
            wrong.append(f"{method} {template}: {answer.status_code}")
        if answer.status_code == 403:
            refusal = answer.json()
            named = (refusal.get("permission"), permission in refusal["detail"])
            assert named == (permission, True), f"{method} {template} says {refusal['detail']}"
        assert answer.status_code < 500
    assert not wrong, f"DRILL_SEED={SEED} asks the same again"


def test_nobody_comes_in_without_a_token(api: Api) -> None:
    for method, template, _ in GUARDED:
        headers = {"idempotency-key": uuid4().hex}
        body: Json = {} if method in BODILESS else {"json": {}}
        answer = api.http.request(method, a_path(template), headers=headers, **body)
        assert answer.status_code == 401, f"{method} {template}"
        assert answer.headers["www-authenticate"].startswith("Bearer")


def _asked_by_scim() -> set[str]:
    """What the operations of SCIM ask for, which have a contract of their own."""
    scim = json.loads(CONTRACT.with_name("scim.json").read_text())
    return {each["x-permission"] for item in scim["paths"].values() for each in item.values()}


def test_every_permission_is_asked_for_by_a_route_or_a_role_holds_it_in_vain() -> None:
    asked = {permission for _, _, permission in GUARDED} | _asked_by_scim()
    held = {p.value for permissions in ROLE_PERMISSIONS.values() for p in permissions}
    assert asked <= held, "a route that nobody may call"
    assert held <= asked, "a permission without a route"
