"""Where the policy asks for it, what is outside one's own work is read for a purpose (X3)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from qa_api.audits.queries import AUDIT, AUDITS
from tests.api import Api, Json, contract
from tests.auth.test_who_looked import episode, operations_that_show, places
from tests.closures.sending import MANAGER, PROPOSED, Episode
from tests.conftest import Accounts, Database
from tests.looking import rows
from tests.purposes.conftest import OFF, ON, STANDING

__all__ = ("episode", "places")

LEADER = "slt-1"
CODES = [
    "quality_assurance",
    "safeguarding_enquiry",
    "complaint",
    "inspection",
    "record_request",
    "data_quality",
]


def asked(
    api: Api, person: str, path: str, purpose: str | None = None, method: str = "GET"
) -> tuple[httpx.Response, str]:
    """A read, perhaps for a purpose; and the correlation id under which it was asked for."""
    correlation = str(uuid4())
    headers = {"x-correlation-id": correlation}
    if purpose is not None:
        headers["x-purpose"] = purpose
    return api.as_(person).request(method, path, headers=headers), correlation


def lines(database: Database, correlation: str) -> list[Any]:
    """The purposes in the lines that a read left."""
    found = rows(database, "SELECT purpose FROM access_log WHERE correlation_id = $1", correlation)
    return [line["purpose"] for line in found]


def refused(answer: httpx.Response) -> bool:
    """Whether a purpose is asked for, with the codes that there are."""
    body = answer.json()
    return (answer.status_code, body["type"], body.get("purposes")) == (
        403,
        "/problems/purpose-required",
        CODES,
    )


@pytest.mark.long
def test_each_read_that_shows_somebody_takes_a_purpose_outside_ones_own_work(
    places: dict[str, tuple[str, str]],
    episode: Episode,
    database: Database,
    at: Callable[[str], None],
) -> None:
    api = episode.api
    at(ON)
    for operation, (person, path) in places.items():
        answer, correlation = asked(api, person, path)
        if operation == "list_my_work":
            assert answer.status_code == 200, "what waits for somebody is their own work"
            continue
        assert refused(answer), f"{operation}: {answer.status_code}"
        assert lines(database, correlation) == [], operation
        answer, correlation = asked(api, person, path, "complaint")
        assert answer.status_code == 200, f"{operation}: {answer.text}"
        assert lines(database, correlation) == ["complaint"], operation


@pytest.mark.long
def test_ones_own_work_takes_none_and_keeps_one_that_is_named(
    places: dict[str, tuple[str, str]],
    episode: Episode,
    database: Database,
    at: Callable[[str], None],
) -> None:
    api = episode.api
    at(ON)
    for operation in ("get_subject", "get_audit", "list_audits", "get_response", "get_record"):
        path = places[operation][1]
        answer, correlation = asked(api, MANAGER, path)
        assert answer.status_code == 200, f"{operation}: {answer.text}"
        assert lines(database, correlation) == [None]
        answer, correlation = asked(api, MANAGER, path, "inspection")
        assert (answer.status_code, lines(database, correlation)) == (200, ["inspection"])
    gate = places["get_subject_closure_gate"][1]
    for person, path in (
        ("case-system-mosaic", gate),
        ("ps-lincoln-fast", places["get_audit"][1]),
        ("sw1-lincoln-fast", places["get_audit"][1]),
    ):
        answer, correlation = asked(api, person, path)
        assert answer.status_code == 200, f"{person}: {answer.text}"
        assert lines(database, correlation) == [None]
    assert refused(asked(api, LEADER, places["get_audit"][1])[0])


def test_an_auditor_reads_what_is_assigned_to_them_without(
    api: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    child = Episode(api, [new_ref()])
    child.tell(PROPOSED)
    (audit,) = api.get(f"/v1/audits?subject=mosaic/{child.refs[0]}").json()["items"]
    path = f"/v1/audits/{audit['id']}"
    assert api.as_(MANAGER).act(f"{path}/assign", {"auditor": "ps-lincoln-fast"}).status_code == 200
    at(ON)
    assert asked(api, "ps-lincoln-fast", path)[0].status_code == 200
    assert asked(api, "ps-boston-fast", path)[0].status_code == 404, "as before"


def test_a_page_is_refused_whole_where_somebody_on_it_is_not_own_work(
    accounts: Accounts, api: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    both = accounts.another("sw1-lincoln-fast", "worker", "senior_leader")
    for team, worker in (("lincoln-fast", "sw1-lincoln-fast"), ("lac-north", "sw1-lac-north")):
        closing = Episode(api, [new_ref()], team=team, worker=worker)
        closing.tell(PROPOSED)
    at(ON)
    assert refused(asked(api, both, "/v1/closure-gates")[0])
    answer, _ = asked(api, both, "/v1/closure-gates", "inspection")
    assert answer.status_code == 200
    assert {gate["team"] for gate in answer.json()["items"]} >= {"lincoln-fast", "lac-north"}


def test_what_is_no_purpose_is_refused_and_so_are_two(
    episode: Episode, places: dict[str, tuple[str, str]], at: Callable[[str], None]
) -> None:
    at(ON)
    path = places["get_audit"][1]
    answer, _ = asked(episode.api, "qs-1", path, "curiosity")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["parameter"], error["code"]) == ("X-Purpose", "unknown-code")
    assert "curiosity" not in answer.text
    api = episode.api.as_("qs-1")
    twice = [
        ("authorization", f"Bearer {api.token()}"),
        ("x-purpose", "complaint"),
        ("x-purpose", "inspection"),
    ]
    assert api.http.get(path, headers=twice).status_code == 400


@pytest.mark.parametrize("person", ["qs-1", "admin-1", "tm-lincoln-fast"])
def test_what_is_not_there_is_as_if_it_were_not_whatever_is_asked(
    api: Api, person: str, at: Callable[[str], None]
) -> None:
    at(ON)
    path = f"/v1/audits/{uuid4()}"
    expected = 403 if person == "admin-1" else 404
    for purpose in (None, "complaint"):
        answer, _ = asked(api, person, path, purpose)
        assert answer.status_code == expected
        assert answer.json()["type"] != "/problems/purpose-required"


def test_head_and_conditional_requests_tell_nothing_without(
    episode: Episode, places: dict[str, tuple[str, str]], at: Callable[[str], None]
) -> None:
    path = places["get_audit"][1]
    tag = episode.api.as_("qs-1").tag(path)
    at(ON)
    api = episode.api.as_("qs-1")
    bearer = {"authorization": f"Bearer {api.token()}"}
    assert api.http.head(path, headers=bearer).status_code == 403
    conditional = api.http.get(path, headers=bearer | {"if-none-match": tag})
    assert refused(conditional)
    assert "etag" not in conditional.headers


def test_a_system_has_a_standing_purpose_and_a_person_has_none(
    episode: Episode,
    places: dict[str, tuple[str, str]],
    database: Database,
    at: Callable[[str], None],
) -> None:
    api, audits = episode.api, "/v1/reporting/audits"
    at(ON)
    answer, correlation = asked(api, "reporting-1", audits)
    assert refused(answer), answer.text
    assert lines(database, correlation) == []
    assert asked(api, "reporting-1", "/v1/reporting/teams")[0].status_code == 200, "nobody in it"
    answer, correlation = asked(api, "reporting-1", audits, "inspection")
    assert answer.status_code == 200
    assert set(lines(database, correlation)) == {"inspection"}
    at(STANDING)
    answer, correlation = asked(api, "reporting-1", audits)
    assert answer.status_code == 200
    assert set(lines(database, correlation)) == {"data_quality"}
    # An account of a person names it each time, whatever the policy says of the account.
    assert refused(asked(api, "qs-2", places["get_audit"][1])[0])
    assert refused(asked(api, "qs-2", audits)[0])


def test_where_the_policy_asks_for_none_nothing_is_kept_and_nothing_refused(
    episode: Episode,
    places: dict[str, tuple[str, str]],
    database: Database,
    at: Callable[[str], None],
) -> None:
    at(OFF)
    answer, correlation = asked(episode.api, "qs-1", places["get_audit"][1], "curiosity")
    assert answer.status_code == 200
    assert lines(database, correlation) == [None]
    for statement in (AUDIT.prepared(), AUDITS.prepared(frozenset(), after=False)):
        assert "purpose" not in statement.sql
        assert "verdict" not in statement.sql


def test_a_record_says_for_what_purpose_it_was_read(
    episode: Episode, places: dict[str, tuple[str, str]], at: Callable[[str], None]
) -> None:
    at(ON)
    asked(episode.api, LEADER, places["get_audit"][1], "complaint")
    record = asked(episode.api, MANAGER, places["get_record"][1])[0].json()
    looks = {(look["who"], look["purpose"]) for look in record["looks"]}
    assert (LEADER, "complaint") in looks


def test_a_change_that_changes_nothing_takes_one_as_a_read_does(
    episode: Episode,
    database: Database,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> None:
    child = Episode(episode.api, [new_ref()])
    child.tell(PROPOSED)
    standards = episode.api.as_("qs-1")
    (audit,) = standards.get(f"/v1/audits?subject=mosaic/{child.refs[0]}").json()["items"]
    path = f"/v1/audits/{audit['id']}"
    tag = standards.tag(path)
    at(ON)

    def changed(body: Json, **more: str) -> tuple[httpx.Response, list[Any]]:
        correlation = str(uuid4())
        headers = {"x-correlation-id": correlation, "if-match": tag} | more
        answer = standards.request("PATCH", path, json=body, headers=headers)
        return answer, lines(database, correlation)

    answer, left = changed({})
    assert (refused(answer), left) == (True, [])
    assert "etag" not in answer.headers
    answer, left = changed({}, **{"x-purpose": "complaint"})
    assert (answer.status_code, left) == (200, ["complaint"])
    key = {"idempotency-key": str(uuid4())}
    answer, left = changed({"due_on": "2026-12-11"}, **key)
    assert (answer.status_code, left) == (200, [None]), "what is done is in the event log"
    again, left = changed({"due_on": "2026-12-11"}, **key)
    assert (again.status_code, left) == (200, [None])
    own = episode.api.as_(MANAGER)
    headers = {"if-match": answer.headers["etag"]}
    assert own.request("PATCH", path, json={}, headers=headers).status_code == 200


def test_the_contract_names_the_header_where_somebody_is_shown() -> None:
    declared = {
        operation["operationId"]
        for item in contract()["paths"].values()
        for operation in item.values()
        if any(each["name"] == "X-Purpose" for each in operation.get("parameters", ()))
    }
    changes = operations_that_show("patch", "put", "post")
    assert "edit_audit" in changes
    assert declared == {*operations_that_show(), *changes}
