"""Every exception becomes the right problem, and its message goes nowhere."""

import logging

import httpx
import pytest

EXPECTED = {
    "bug": (500, "internal-error"),
    "deep": (500, "internal-error"),
    "syntax": (500, "internal-error"),
    "unique": (409, "state-conflict"),
    "foreign-key": (409, "state-conflict"),
    "deadlock": (503, "unavailable"),
    "lock": (503, "unavailable"),
    "cancelled": (503, "unavailable"),
    "lost": (503, "unavailable"),
    "interface": (503, "unavailable"),
    "refused": (503, "unavailable"),
    "slow": (503, "unavailable"),
    "policy": (403, "forbidden"),
    "range": (422, "validation"),
    "stale": (409, "state-conflict"),
    "orm-unique": (409, "state-conflict"),
    "orm-deadlock": (503, "unavailable"),
    "orm-refused": (503, "unavailable"),
    "orm-syntax": (500, "internal-error"),
    "rule": (422, "business-rule"),
    "rules": (422, "business-rule"),
    "state": (409, "state-conflict"),
}


@pytest.mark.parametrize(("name", "status", "slug"), [(n, *e) for n, e in EXPECTED.items()])
async def test_a_fault_becomes_its_problem(
    client: httpx.AsyncClient,
    caplog: pytest.LogCaptureFixture,
    name: str,
    status: int,
    slug: str,
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = await client.get(f"/v1/faults/{name}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{slug}"
    assert "SECRET" not in answer.text + caplog.text
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_what_others_changed_in_every_attempt_is_412_where_a_version_was_named(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/v1/faults/stale", headers={"if-match": '"7.0"'})
    assert (answer.status_code, answer.json()["type"]) == (412, "/problems/precondition-failed")


async def test_a_rule_names_its_clause_its_code_and_the_field(client: httpx.AsyncClient) -> None:
    problem = (await client.get("/v1/faults/rule")).json()
    assert (problem["clause"], problem["code"]) == ("R4.1.8", "no-auditor")
    assert problem["errors"][0]["pointer"] == "/auditor"
    problem = (await client.get("/v1/faults/rules")).json()
    assert problem["errors"] == [
        {"detail": "Say how it is addressed.", "code": "missing", "pointer": "/actions/1"}
    ]


async def test_a_rule_about_the_state_names_it_and_what_is_allowed(
    client: httpx.AsyncClient,
) -> None:
    problem = (await client.get("/v1/faults/state")).json()
    assert (problem["state"], problem["allowed_actions"]) == ("completed", ["amend"])


async def test_a_caller_without_rights_is_told_apart_from_one_without_token(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/v1/guarded")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    answer = await client.get("/v1/guarded", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 403


async def test_a_database_error_is_logged_by_its_state_alone(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await client.get("/v1/faults/orm-unique")
    assert "SQLSTATE 23505" in caplog.text
    assert "UniqueViolationError" in caplog.text
