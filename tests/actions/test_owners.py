"""Whose an action is: it follows the case, or whoever was named for it (R4.2.6)."""

import asyncio
import os

import asyncpg
import pytest
from alembic import command

from qa_api import migrate
from tests.api import Json
from tests.conftest import Database, created, execute
from tests.reporting.copies import REPORTER
from tests.responses.casework import MANAGER, WORKER, Case, Casework

OTHER = "sw2-lincoln-fast"
ELSEWHERE = "sw1-boston-fast"


def to_do(case: Case, person: str) -> bool:
    """Whether the action waits for somebody, in their work and in the list of what is theirs."""
    reader = case.api.as_(person)
    work = reader.work("kind=do")
    listed = reader.get(f"/v1/restorative-actions?owner={person}&audit={case.audit_id}").json()
    waits = str(case.action_ids[0]) in {item["about"] for item in work}
    assert bool(listed["items"]) == waits, "both lists say the same"
    return waits


def may(case: Case, person: str) -> set[str]:
    """The steps that somebody is offered; none of what they do not see."""
    answer = case.api.as_(person).get(case.action())
    return set(answer.json()["allowed_actions"]) if answer.status_code == 200 else set()


def in_dataset(case: Case) -> Json:
    rows = case.api.as_(REPORTER).get("/v1/reporting/restorative-actions?limit=5000").json()
    return next(dict(row) for row in rows["items"] if row["id"] == str(case.action_ids[0]))


def given_to(case: Case, owner: str | None, person: str = MANAGER) -> Json:
    return case.act(f"{case.action()}/reassign", person, owner=owner, reason="She knows them.")


@pytest.mark.long
def test_an_action_without_a_named_owner_follows_the_case(casework: Casework) -> None:
    case = casework.completed_audit(actions=1)
    assert to_do(case, WORKER)
    assert "complete" in may(case, WORKER)
    casework.reallocate(case, OTHER)
    assert not to_do(case, WORKER)
    assert may(case, WORKER) == set()
    assert to_do(case, OTHER)
    assert "complete" in may(case, OTHER)
    found = case.read(case.action())
    assert (found["owner"], found["doer"]) == (None, OTHER)
    row = in_dataset(case)
    assert (row["owner"], row["owner_named"]) == (OTHER, False)
    done = case.act(f"{case.action()}/complete", OTHER, done_on="2026-11-23")
    assert done["done_by"] == OTHER


@pytest.mark.long
def test_a_named_owner_keeps_it_when_the_case_moves(casework: Casework) -> None:
    case = casework.completed_audit(actions=1, owner=ELSEWHERE)
    casework.reallocate(case, OTHER)
    assert to_do(case, ELSEWHERE)
    assert not to_do(case, OTHER)
    row = in_dataset(case)
    assert (row["owner"], row["owner_named"]) == (ELSEWHERE, True)
    case.act(f"{case.action()}/plan", ELSEWHERE, finish_on="2026-12-01")
    # Whoever holds the case has it not among their work, and may finish it all the same.
    assert "complete" in may(case, OTHER)
    assert "complete" not in may(case, WORKER)


def test_an_owner_elsewhere_reads_the_action_with_its_child_until_it_is_settled(
    casework: Casework,
) -> None:
    case = casework.completed_audit(actions=1, owner=ELSEWHERE)
    found = case.read(case.action(), ELSEWHERE)
    assert found["subject"] == case.read(case.action())["subject"] is not None
    case.act(f"{case.action()}/complete", ELSEWHERE, done_on="2026-11-23")
    assert case.read(case.action(), ELSEWHERE)["subject"] is not None
    case.act(f"{case.action()}/verify", MANAGER, made_a_difference=True)
    reader = casework.api.as_(ELSEWHERE)
    assert reader.get(case.action()).status_code == 404, "it is settled"
    listed = reader.get(f"/v1/restorative-actions?audit={case.audit_id}").json()["items"]
    assert listed == []


@pytest.mark.parametrize("person", [MANAGER, "hos-fast", "qs-1"])
def test_a_named_owner_is_changed_with_a_reason(casework: Casework, person: str) -> None:
    case = casework.completed_audit(actions=1, owner=ELSEWHERE)
    assert "reassign" in may(case, person)
    changed = given_to(case, OTHER, person)
    assert (changed["owner"], changed["doer"]) == (OTHER, OTHER)
    assert changed["reassigned_by"] == person
    assert changed["reassigned_because"] == "She knows them."
    assert to_do(case, OTHER)
    assert not to_do(case, ELSEWHERE)
    assert case.api.as_(ELSEWHERE).get(case.action()).status_code == 404
    follows = given_to(case, None, person)
    assert (follows["owner"], follows["doer"]) == (None, WORKER)
    assert to_do(case, WORKER)
    told = casework.events(case.action_ids[0], "action.reassigned")
    assert [(one["owner_before"], one["owner"]) for one in told] == [
        (ELSEWHERE, OTHER),
        (OTHER, None),
    ]
    assert "She knows them." not in str(told)


@pytest.mark.parametrize("person", [WORKER, "ps-lincoln-fast", "au-1"])
def test_nobody_else_changes_it(casework: Casework, person: str) -> None:
    case = casework.completed_audit(actions=1)
    assert "reassign" not in may(case, person)
    body = {"owner": OTHER, "reason": "No time."}
    refused = case.refused(f"{case.action()}/reassign", person, **body)
    assert (refused.status_code, refused.json()["permission"]) == (403, "action:reassign")


def test_it_goes_to_somebody_in_service_with_a_reason_and_only_while_it_is_to_do(
    casework: Casework,
) -> None:
    case = casework.completed_audit(actions=1)
    path = f"{case.action()}/reassign"
    unknown = case.refused(path, MANAGER, owner="nobody", reason="No time.")
    assert unknown.json()["errors"][0]["pointer"] == "/owner"
    unsaid = case.refused(path, MANAGER, owner=OTHER)
    assert unsaid.json()["errors"][0]["pointer"] == "/reason"
    same = case.refused(path, MANAGER, owner=None, reason="No time.")
    assert (same.status_code, same.json()["code"]) == (422, "same-owner")
    casework.let_do(case, WORKER)
    assert case.refused(path, MANAGER, owner=OTHER, reason="No time.").status_code == 409


@pytest.mark.long
def test_owners_that_nobody_named_follow_the_case_after_the_migration(postgres: Database) -> None:
    with created(postgres, f"qa_owners_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0011")))
        execute(url, BEFORE)
        migrate.upgrade(url)
        assert asyncio.run(_owners(url)) == {
            "unnamed": None,
            "unnamed, in a draft": None,
            "named": "w2",
            "settled": "w1",
        }


async def _owners(url: str) -> dict[str, str | None]:
    owner = await asyncpg.connect(url)
    try:
        rows = await owner.fetch("SELECT description, owner FROM restorative_actions")
        return {row["description"]: row["owner"] for row in rows}
    finally:
        await owner.close()


BEFORE = (
    "INSERT INTO policy_versions VALUES (1, '2020-01-01', '{}', 'first', now(), NULL);"
    "INSERT INTO workers (code, version) VALUES ('w1', 1), ('w2', 1);"
    "INSERT INTO audit_types (code, name, clause, subject_kind, owner, cadence, may_audit, active,"
    " version) VALUES ('t', 'T', '§4.1', 'child', 'quality_standards', 'as_required',"
    " 'any_auditor', true, 1);"
    "INSERT INTO audits (id, type, state, opened_by, policy_version, planned_at, version,"
    " audited_worker, worker) VALUES"
    " ('00000000-0000-0000-0000-000000000001', 't', 'planned', 'person', 1, now(), 1, 'w1', 'w2'),"
    " ('00000000-0000-0000-0000-000000000002', 't', 'planned', 'person', 1, now(), 1, NULL, 'w1');"
    "INSERT INTO restorative_actions (id, audit_id, kind, description, needed_before_closure,"
    " state, left_state, owner, cancel_reason, version) SELECT gen_random_uuid(), audit::uuid,"
    " 'practice', what, false, state, left_state, owner, why, 1 FROM (VALUES"
    " ('00000000-0000-0000-0000-000000000001', 'unnamed', 'open', 'new', 'w1', NULL),"
    " ('00000000-0000-0000-0000-000000000002', 'unnamed, in a draft', 'open', 'new', 'w1', NULL),"
    " ('00000000-0000-0000-0000-000000000001', 'named', 'planned', 'open', 'w2', NULL),"
    " ('00000000-0000-0000-0000-000000000001', 'settled', 'cancelled', 'open', 'w1', 'Gone.')"
    ") AS before (audit, what, state, left_state, owner, why)"
)


SUPERVISOR, DEPUTY, HEAD = "ps-lincoln-fast", "dm-lincoln-fast", "hos-fast"
OWN_STEPS = {"plan", "complete"}


@pytest.mark.parametrize(
    "person", [SUPERVISOR, DEPUTY, MANAGER, "ps-boston-fast", "tm-boston-fast"]
)
def test_a_supervisor_or_manager_does_what_was_given_to_them(
    casework: Casework, person: str
) -> None:
    case = casework.completed_audit(actions=1)
    given_to(case, person, "qs-1")
    assert to_do(case, person)
    assert not to_do(case, WORKER)
    assert may(case, person) >= OWN_STEPS
    assert "cancel" not in may(case, person)
    case.act(f"{case.action()}/plan", person, finish_on="2026-11-30")
    done = case.act(f"{case.action()}/complete", person, done_on="2026-11-23")
    assert done["done_by"] == person
    assert not {"verify", "not_achieved"} & may(case, person), "the doer never verifies"
    refused = case.refused(f"{case.action()}/verify", person, made_a_difference=True)
    assert refused.status_code in {403, 422}
    assert "correct_done" in may(case, person)
    case.act(f"{case.action()}/correct-done", person, done_on="2026-11-23", reason="Typed wrong.")


@pytest.mark.parametrize("person", [SUPERVISOR, MANAGER])
def test_a_supervisor_or_manager_does_the_actions_of_a_case_that_they_hold(
    casework: Casework, person: str
) -> None:
    case = casework.completed_audit(actions=1, worker=person)
    assert to_do(case, person)
    assert "complete" in may(case, person)
    case.act(f"{case.action()}/complete", person, done_on="2026-11-23")


@pytest.mark.parametrize("person", [SUPERVISOR, DEPUTY, MANAGER, HEAD, "qs-1"])
def test_they_never_do_an_action_of_somebody_else(casework: Casework, person: str) -> None:
    case = casework.completed_audit(actions=1)
    assert not to_do(case, person)
    assert not OWN_STEPS & may(case, person)
    refused = case.refused(f"{case.action()}/complete", person, done_on="2026-11-23")
    assert (refused.status_code, refused.json()["permission"]) == (403, "action:complete")


@pytest.mark.parametrize("person", ["au-1", "slt-1", "ld-1"])
def test_an_action_goes_to_nobody_who_could_not_do_it(casework: Casework, person: str) -> None:
    case = casework.completed_audit(actions=1)
    refused = case.refused(f"{case.action()}/reassign", MANAGER, owner=person, reason="No time.")
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/owner", "cannot-do-it")
    assert "hold no role" in error["detail"]
