"""Rights: one person proposes, another confirms, and nobody takes part in their own (X3)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.api import Api, Json, give_right
from tests.conftest import Accounts, Database, execute

NewCode = Callable[[str], str]
SINCE = "2026-01-01"
CHANGES = "/v1/rights-changes"
WHY = "As agreed."


@pytest.fixture
def admin(api: Api) -> Api:
    """The directory's administrator."""
    return api.as_("admin-1")


def named(api: Api, subject: str, **whom: str) -> Json:
    return {"issuer": api.issuer.settings.issuer, "subject": subject, **whom}


def role(principal: str, name: str, **over: Any) -> Json:
    return {"principal_id": principal, "role": name, "from": SINCE, **over}


def propose(by: Api, **change: Any) -> httpx.Response:
    return by.create(CHANGES, {"reason": WHY, **change})


def proposed(by: Api, **change: Any) -> str:
    """The path of a change that waits."""
    answer = propose(by, **change)
    assert answer.status_code == 201, answer.text
    return f"{CHANGES}/{answer.json()['id']}"


def of_oneself(answer: httpx.Response) -> bool:
    said = answer.json()
    return (answer.status_code, said.get("clause")) == (422, "X3") and "themselves" in said[
        "detail"
    ]


def pointers(answer: httpx.Response) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


def waiting(who: Api, path: str) -> list[Json]:
    items = who.work()
    return [item for item in items if item["path"] == path]


@pytest.fixture
def newcomer(api: Api, admin: Api, new_code: NewCode) -> tuple[str, str]:
    """A worker with a principal but no role: their code and the principal's id."""
    code = new_code("sw")
    admin.change("PUT", f"/v1/workers/{code}", {})
    return code, give_right(api, principal=named(api, code, worker=code))


@pytest.mark.parametrize("path", ["/v1/role-assignments", "/v1/principals"])
@pytest.mark.parametrize("person", ["qs-1", "hos-fast", "slt-1", "sw1-cwd"])
def test_only_administrators_see_who_holds_which_role(api: Api, person: str, path: str) -> None:
    assert api.as_(person).get(path).status_code == 403


@pytest.mark.parametrize("person", ["qs-1", "tm-cwd", "hos-fast", "slt-1", "sw1-cwd"])
def test_only_administrators_propose(api: Api, newcomer: tuple[str, str], person: str) -> None:
    answer = propose(api.as_(person), role_assignment=role(newcomer[1], "worker"))
    assert answer.status_code == 403


@pytest.mark.long
def test_a_right_counts_once_a_second_person_has_confirmed_it(
    api: Api, admin: Api, newcomer: tuple[str, str]
) -> None:
    code, principal = newcomer
    they, qs = api.as_(code), api.as_("qs-1")
    path = proposed(admin, role_assignment=role(principal, "practice_supervisor", team="cwd"))
    assert they.get("/v1/teams").status_code == 403
    assert waiting(admin, path) == []
    (item,) = waiting(qs, path)
    assert (item["kind"], item["subject"]) == ("confirm_rights", None)
    change = qs.get(path).json()
    assert change["was"] is None
    assert change["becomes"]["role_assignment"]["team"] == "cwd"
    assert (change["workers"], change["allowed_actions"]) == ([code], ["confirm", "refuse"])
    assert admin.get(path).json()["allowed_actions"] == ["refuse"]
    own = admin.act(f"{path}/confirm")
    assert (own.status_code, own.json()["code"]) == (422, "second-person")
    confirmed = qs.act(f"{path}/confirm").json()
    assert (confirmed["state"], confirmed["proposed_by"]) == ("confirmed", "admin-1")
    assert confirmed["decided_by"] == "qs-1"
    assert they.get("/v1/me").json()["supervised_teams"] == ["cwd"]
    (told,) = waiting(qs, path)
    assert told["told"] == "rights_changed"
    assert qs.act(f"{path}/confirm").status_code == 409


def test_a_role_ends_at_once_by_one(api: Api, admin: Api, newcomer: tuple[str, str]) -> None:
    code, principal = newcomer
    given = role(principal, "practice_supervisor", team="cwd")
    path = f"/v1/role-assignments/{give_right(api, role_assignment=given)}"
    for to, pointer in (("2020-01-01", "/to"), ("2199-01-01", None)):
        answer = admin.act(f"{path}/end", {"to": to})
        assert answer.status_code == (422 if pointer else 200), answer.text
    assert pointers(admin.act(f"{path}/end", {"to": "2199-06-01"})) == ["/to"]
    assert api.as_(code).get("/v1/teams").status_code == 200
    assert admin.act(f"{path}/end").status_code == 200
    assert api.as_(code).get("/v1/teams").status_code == 403
    held = admin.get(f"/v1/role-assignments?worker={code}").json()["items"]
    assert [one["role"] for one in held] == ["practice_supervisor"]
    assert admin.get(f"/v1/role-assignments?worker={code}&current=true").json()["items"] == []
    ended = admin.get(f"{CHANGES}?worker={code}&state=ended").json()["items"]
    assert len(ended) == 2
    for one in ended:
        (told,) = waiting(api.as_("qs-1"), f"{CHANGES}/{one['id']}")
        assert told["told"] == "rights_changed"


def test_a_disabled_principal_is_let_in_nowhere(
    api: Api, admin: Api, newcomer: tuple[str, str]
) -> None:
    code, principal = newcomer
    give_right(api, role_assignment=role(principal, "worker"))
    assert api.as_(code).get("/v1/teams").status_code == 200
    assert admin.act(f"/v1/principals/{principal}/disable").json()["disabled_at"]
    assert api.as_(code).get("/v1/teams").status_code == 401
    give_right(api, principal={**named(api, code, worker=code), "id": principal})
    assert api.as_(code).get("/v1/teams").status_code == 200


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
        ("worker", {"id": "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90"}, "/id"),
        ("worker", {"principal_id": "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90"}, "/principal_id"),
    ],
)
def test_what_cannot_be_held_is_not_proposed(
    admin: Api, newcomer: tuple[str, str], name: str, over: Json, pointer: str
) -> None:
    answer = propose(admin, role_assignment={**role(newcomer[1], name), **over})
    assert answer.status_code == 422
    assert pointers(answer) == [f"/role_assignment{pointer}"]


def test_a_role_is_held_once_over_the_same_days(
    api: Api, admin: Api, newcomer: tuple[str, str]
) -> None:
    _, principal = newcomer
    first = role(principal, "practice_supervisor", team="cwd", to="2027-01-01")
    held = give_right(api, role_assignment=first)
    again = propose(admin, role_assignment={**first, "from": "2026-12-31", "to": None})
    assert (again.status_code, pointers(again)) == (422, ["/role_assignment/from"])
    # The role itself is lengthened, follows itself, and is held over another team meanwhile.
    for change in (
        {**first, "id": held, "to": "2027-06-01"},
        {**first, "from": "2027-06-01", "to": None},
        {**first, "team": "lincoln-fast"},
    ):
        assert give_right(api, role_assignment=change)


def test_one_change_is_of_one_right(admin: Api, newcomer: tuple[str, str]) -> None:
    code, principal = newcomer
    both = {"principal": named(admin, code), "role_assignment": role(principal, "worker")}
    for change in (both, {}):
        assert propose(admin, **change).status_code == 422


@pytest.mark.long
def test_nobody_takes_part_in_a_change_of_their_own_rights(
    api: Api, admin: Api, newcomer: tuple[str, str], new_code: NewCode, accounts: Accounts
) -> None:
    (me,) = admin.get("/v1/principals?worker=admin-1").json()["items"]
    (held,) = admin.get("/v1/role-assignments?worker=admin-1").json()["items"]
    code, principal = newcomer
    mine = named(api, me["subject"], worker="admin-1")
    again = accounts.another("admin-1", "administrator")
    attempts: list[Json] = [
        {"principal": {**mine, "id": me["id"], "worker": "tm-lincoln-fast"}},
        {"principal": {**mine, "id": me["id"], "subject": new_code("another")}},
        {"principal": {**mine, "id": principal, "subject": code}},
        {"principal": {**mine, "subject": new_code("another")}},
        {"role_assignment": role(me["id"], "quality_standards")},
        {"role_assignment": role(accounts.given[0], "quality_standards")},
        {"role_assignment": {**role(principal, "administrator"), "id": held["id"]}},
    ]
    for account in (admin, api.as_(again)):
        for change in attempts:
            assert of_oneself(propose(account, **change)), change
    # Nor does whoever would confirm it, as one of Quality & Standards would their own.
    theirs = accounts.another("qs-2")
    for change in (
        {"role_assignment": role(accounts.given[1], "administrator")},
        {"principal": named(api, new_code("another"), worker="qs-2")},
    ):
        path = proposed(admin, **change)
        assert waiting(api.as_("qs-2"), path) == []
        assert "confirm" not in api.as_("qs-2").get(path).json()["allowed_actions"]
        assert of_oneself(api.as_("qs-2").act(f"{path}/confirm"))
        assert api.as_("qs-1").get(path).json()["allowed_actions"] == ["confirm", "refuse"]
    assert api.as_(theirs).get("/v1/teams").status_code == 403


def test_two_accounts_of_one_person_are_one_and_one_of_nobody_is_none(
    api: Api, newcomer: tuple[str, str], accounts: Accounts, database: Database
) -> None:
    first, again = accounts.of_newcomer("administrator")
    nobody = api.as_(accounts.another(None, "administrator"))
    change = {"role_assignment": role(newcomer[1], "worker")}
    assert propose(nobody, **change).status_code == 403
    path = proposed(api.as_(first), **change)
    assert nobody.act(f"{path}/confirm").status_code == 403
    one = api.as_(again).act(f"{path}/confirm")
    assert (one.status_code, one.json()["code"]) == (422, "second-person")
    confirm = (
        "UPDATE rights_changes SET state = 'confirmed', decided_at = now(),"
        f" decided_by = '{accounts.given[1]}' WHERE id = '{path.rpartition('/')[2]}'"
    )
    with pytest.raises(asyncpg.CheckViolationError, match="two people"):
        execute(database.migrate_url, confirm)
    assert api.as_("admin-1").act(f"{path}/confirm").status_code == 200


def test_what_was_proposed_stands(
    admin: Api, newcomer: tuple[str, str], database: Database
) -> None:
    path = proposed(admin, role_assignment=role(newcomer[1], "worker"))
    where = f"WHERE id = '{path.rpartition('/')[2]}'"
    for change in ("becomes = '{}'", "workers = '{}'", "confirmer = 'administrator'"):
        with pytest.raises(asyncpg.RestrictViolationError, match="stands"):
            execute(database.migrate_url, f"UPDATE rights_changes SET {change} {where}")


def test_what_is_refused_or_outdated_changes_nothing(
    api: Api, admin: Api, newcomer: tuple[str, str]
) -> None:
    code, principal = newcomer
    refused = proposed(admin, role_assignment=role(principal, "worker"))
    answer = admin.act(f"{refused}/refuse", {"reason": "She has not started."})
    assert (answer.json()["state"], answer.json()["allowed_actions"]) == ("refused", [])
    assert api.as_("qs-1").act(f"{refused}/confirm").status_code == 409
    held = give_right(api, role_assignment=role(principal, "worker"))
    longer = {**role(principal, "worker", to="2199-01-01"), "id": held}
    outdated = proposed(admin, role_assignment=longer)
    assert admin.act(f"/v1/role-assignments/{held}/end").status_code == 200
    answer = api.as_("qs-1").act(f"{outdated}/confirm")
    assert (answer.status_code, answer.json()["code"]) == (422, "changed-since")
    assert api.as_(code).get("/v1/teams").status_code == 403


@pytest.mark.long
def test_the_policy_says_who_confirms(
    api: Api, admin: Api, newcomer: tuple[str, str], database: Database, accounts: Accounts
) -> None:
    second = api.as_(accounts.of_newcomer("administrator")[0])
    asked = {"administrator": second, "quality_standards": api.as_("qs-1")}
    for (confirmer, able), name in zip(asked.items(), ("worker", "auditor"), strict=True):
        path = proposed(admin, role_assignment=role(newcomer[1], name))
        # As the policy in force would have it: the tests share one, which says either.
        execute(
            database.migrate_url,
            "ALTER TABLE rights_changes DISABLE TRIGGER guard_rights_change;"
            f"UPDATE rights_changes SET confirmer = '{confirmer}'"
            f" WHERE id = '{path.rpartition('/')[2]}';"
            "ALTER TABLE rights_changes ENABLE TRIGGER guard_rights_change",
        )
        for who in asked.values():
            assert bool(waiting(who, path)) == (who is able)
            assert ("confirm" in who.get(path).json()["allowed_actions"]) == (who is able)
        (other,) = (who for who in asked.values() if who is not able)
        assert other.act(f"{path}/confirm").status_code == 403
        assert able.act(f"{path}/confirm").status_code == 200


def test_a_principal_that_has_acted_keeps_its_worker(
    api: Api, admin: Api, newcomer: tuple[str, str]
) -> None:
    code, principal = newcomer
    right, wrong = named(api, code, worker=code), named(api, code, worker="sw1-cwd")
    give_right(api, role_assignment=role(principal, "quality_standards"))
    before = proposed(admin, principal={**wrong, "id": principal})
    ref = f"C-{uuid4().hex[:12]}"
    child = api.as_(code).change("PUT", f"/v1/subjects/mosaic/{ref}", {"kind": "child"})
    assert child.status_code == 200, child.text
    for refused in (
        propose(admin, principal={**wrong, "id": principal}),
        api.as_("qs-1").act(f"{before}/confirm"),
    ):
        assert (refused.status_code, refused.json()["clause"]) == (422, "X3")
    assert admin.act(f"/v1/principals/{principal}/disable").status_code == 200
    anew = give_right(api, principal=wrong)
    me = api.as_(code).get("/v1/me").json()
    assert (me["worker"], me["roles"]) == ("sw1-cwd", [])
    taken = propose(admin, principal={**right, "id": principal})
    assert pointers(taken) == ["/principal/subject"], "its token names another by now"
    assert admin.act(f"/v1/principals/{anew}/disable").status_code == 200


def test_one_token_names_one_principal(api: Api, admin: Api, newcomer: tuple[str, str]) -> None:
    answer = propose(admin, principal=named(api, newcomer[0]))
    assert answer.status_code == 422
    assert pointers(answer) == ["/principal/subject"]


@pytest.mark.parametrize("system", ["mosaic", None])
@pytest.mark.parametrize("name", ["reporting", "case_system"])
def test_a_machines_rights_are_confirmed_like_a_persons(
    api: Api, admin: Api, new_code: NewCode, name: str, system: str | None
) -> None:
    """A case system's account, and one of a client that is neither a person nor a case system."""
    token = named(api, new_code("machine"), **({"system": system} if system else {}))
    first = proposed(admin, principal=token)
    machine = api.as_(token["subject"])
    assert machine.get("/v1/me").status_code == 401
    own = admin.act(f"{first}/confirm")
    assert (own.status_code, own.json()["code"]) == (422, "second-person")
    (item,) = waiting(api.as_("qs-1"), first)
    assert item["kind"] == "confirm_rights"
    principal = api.as_("qs-1").act(f"{first}/confirm").json()["target_id"]
    then = proposed(admin, role_assignment=role(principal, name))
    held = admin.get(f"/v1/role-assignments?principal={principal}").json()["items"]
    assert held == []
    assert admin.act(f"{then}/confirm").json()["code"] == "second-person"
    assert api.as_("qs-1").act(f"{then}/confirm").status_code == 200
    assert machine.get("/v1/me").json()["roles"] == [name]
    (told,) = waiting(api.as_("qs-1"), then)
    assert told["told"] == "rights_changed"
    # Another token for it is another change of two.
    moved = proposed(admin, principal={**token, "id": principal, "subject": new_code("other")})
    assert admin.act(f"{moved}/confirm").json()["code"] == "second-person"
    assert machine.get("/v1/me").status_code == 200
    assert admin.act(f"/v1/principals/{principal}/disable").status_code == 200
