"""Whoever is assigned an audit sees what was found before about the child (R4.1.9, X3)."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from qa_api.settings import Settings
from tests.api import Api, Json
from tests.audits.auditing import ACTION, FINDING, GOOD, SUPERVISOR, Auditing

AUDITOR, ANOTHER = "au-1", "au-2"


def seen_by(authority: Settings, person: str, audit: str) -> dict[str, int]:
    """How many rows of an audit the second lock lets a person through to, table by table."""

    async def rows() -> dict[str, int]:
        connection = await asyncpg.connect(authority.read_url.get_secret_value())
        try:
            await connection.execute("SELECT set_config('qa.reach', 'rows', false)")
            await connection.execute(f"SELECT set_config('qa.worker', '{person}', false)")
            counted = {}
            for table in TABLES:
                key = "id" if table == "audits" else "audit_id"
                statement = f"SELECT count(*) FROM {table} WHERE {key} = $1"
                counted[table] = await connection.fetchval(statement, audit)
            return counted
        finally:
            await connection.close()

    return asyncio.run(rows())


@pytest.fixture
def earlier(case: Auditing) -> str:
    """The path of an audit of the child that somebody else completed, with all that is in one."""
    path = case.filled()
    auditor = case.api.as_(SUPERVISOR)
    case.accept(auditor.create(f"{path}/actions", ACTION))
    case.accept(auditor.create(f"{path}/urgent-findings", FINDING))
    case.accept(auditor.act(f"{path}/complete", {"overall": GOOD}))
    return path


def assigned(case: Auditing, auditor: str | None = AUDITOR, **plan: Any) -> str:
    return f"/v1/audits/{case.plan(type='collaborative', auditor=auditor, **plan)['id']}"


def reads(case: Auditing, path: str, person: str) -> bool:
    """Whether somebody reads an audit and its actions: alone, in lists, part by part, whole."""
    whole = case.read(path)
    reader = case.api.as_(person)
    (action,) = whole["actions"]
    key = whole["answers"][0]["question_key"]
    subject = whole["subject"]["id"]
    alone = [
        reader.get(address).status_code == 200
        for address in (
            path,
            f"{path}/answers/{key}",
            f"/v1/restorative-actions/{action['id']}",
        )
    ]
    for listed, id_ in (("audits", whole["id"]), ("restorative-actions", action["id"])):
        for narrowed in (f"subject={subject}&", ""):
            rows = reader.get(f"/v1/{listed}?{narrowed}limit=500").json()["items"]
            alone.append(id_ in {row["id"] for row in rows})
    assert len(set(alone)) == 1, "every way of reading says the same"
    if alone[0]:
        seen = case.read(path, person)
        parts = ("answers", "judgements", "actions", "family_contact")
        assert {name: seen[name] for name in parts} == {name: whole[name] for name in parts}
        assert [one["id"] for one in seen["urgent_findings"]] == [
            one["id"] for one in whole["urgent_findings"]
        ]
        assert seen["allowed_actions"] == [], "it is read, and nothing else"
    return alone[0]


@pytest.mark.long
def test_while_an_audit_is_theirs_an_auditor_sees_what_was_found_before(
    case: Auditing, earlier: str
) -> None:
    assert not reads(case, earlier, AUDITOR)
    later = assigned(case)
    assert reads(case, earlier, AUDITOR)
    assert not reads(case, earlier, ANOTHER)
    case.accept(case.api.act(f"{later}/assign", {"auditor": ANOTHER}))
    assert not reads(case, earlier, AUDITOR), "it is no longer theirs"
    assert reads(case, earlier, ANOTHER)
    case.accept(case.api.as_(ANOTHER).act(f"{later}/start"))
    assert reads(case, earlier, ANOTHER)
    case.accept(case.api.act(f"{later}/cancel", {"reason": "Planned twice."}))
    assert not reads(case, earlier, ANOTHER)


@pytest.mark.long
def test_the_audit_that_they_re_audit_stays_theirs_to_read_with_the_comparison(
    case: Auditing, earlier: str
) -> None:
    again = case.read(earlier)["id"]
    later = case.filled(AUDITOR, type="collaborative", re_audit_of=again)
    auditor = case.api.as_(AUDITOR)
    assert reads(case, earlier, AUDITOR)
    compared = case.accept(auditor.get(f"{later}/comparison"))
    assert (compared["earlier"], compared["overall_before"]) == (again, "good")
    assert [line for line in compared["answers"] if line["before"] is not None]
    case.accept(auditor.act(f"{later}/complete", {"overall": GOOD}))
    assert reads(case, earlier, AUDITOR)
    assert auditor.get(f"{later}/comparison").status_code == 200
    assert case.api.as_(ANOTHER).get(f"{later}/comparison").status_code == 404


@pytest.mark.parametrize("begun", [False, True])
def test_a_re_audit_that_is_cancelled_opens_nothing_any_more(
    case: Auditing, earlier: str, authority: Settings, begun: bool
) -> None:
    subject = case.read(earlier)["subject"]["id"]
    child = f"/v1/subjects/mosaic/{case.ref}"
    auditor = case.api.as_(AUDITOR)
    again = case.read(earlier)["id"]
    later = assigned(case, re_audit_of=again)
    if begun:
        case.accept(auditor.act(f"{later}/start"))
    assert reads(case, earlier, AUDITOR)
    assert auditor.get(child).status_code == 200
    case.accept(case.api.act(f"{later}/cancel", {"reason": "Not needed."}))
    assert not reads(case, earlier, AUDITOR)
    assert auditor.get(f"{later}/comparison").status_code == 404
    assert auditor.get(child).status_code == 404, "where the child is now is not theirs to follow"
    assert case.read(later, AUDITOR)["subject"]["id"] == subject, "their own audit stays theirs"
    assert not any(seen_by(authority, AUDITOR, again).values()), "the second lock says the same"


def test_once_it_is_completed_only_what_it_looks_at_again_stays_open(
    case: Auditing, earlier: str
) -> None:
    later = case.filled(AUDITOR, type="collaborative")
    assert reads(case, earlier, AUDITOR)
    case.accept(case.api.as_(AUDITOR).act(f"{later}/complete", {"overall": GOOD}))
    assert not reads(case, earlier, AUDITOR)


def test_the_draft_of_somebody_else_stays_theirs(case: Auditing) -> None:
    draft = case.filled()
    assigned(case)
    assert case.api.as_(AUDITOR).get(draft).status_code == 404


def test_of_a_restricted_record_nothing_opens(
    case: Auditing, earlier: str, restrict: Callable[[str], None]
) -> None:
    assigned(case)
    whole = case.read(earlier)
    restrict(case.ref)
    auditor = case.api.as_(AUDITOR)
    assert auditor.get(earlier).status_code == 404
    action = f"/v1/restorative-actions/{whole['actions'][0]['id']}"
    assert auditor.get(action).status_code == 404
    rows = auditor.get(f"/v1/audits?subject={whole['subject']['id']}").json()["items"]
    assert rows == []


def test_who_looked_back_is_on_record(
    case: Auditing, earlier: str, authority: Settings, api: Api
) -> None:
    assigned(case)
    answer = api.as_(AUDITOR).get(earlier)
    correlation = answer.headers["x-correlation-id"]
    url = authority.database_url.get_secret_value()

    async def logged() -> list[Json]:
        connection = await asyncpg.connect(url)
        try:
            found = await connection.fetch(
                "SELECT subject_ids FROM access_log WHERE correlation_id = $1", correlation
            )
            return [dict(row) for row in found]
        finally:
            await connection.close()

    (line,) = asyncio.run(logged())
    assert [str(one) for one in line["subject_ids"]] == [answer.json()["subject"]["id"]]


TABLES = (
    "audits",
    "audit_answers",
    "domain_judgements",
    "family_contacts",
    "family_contact_attempts",
    "urgent_findings",
    "restorative_actions",
)


def test_the_second_lock_lets_through_what_the_first_does_and_no_draft(
    case: Auditing, earlier: str, authority: Settings
) -> None:
    draft = case.filled()
    assigned(case)
    done, begun = case.read(earlier)["id"], case.read(draft)["id"]
    assert all(seen_by(authority, AUDITOR, done).values())
    assert not any(seen_by(authority, AUDITOR, begun).values())
