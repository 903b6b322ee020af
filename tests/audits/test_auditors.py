"""R4.1.8: nobody audits their own work, and the type says who else may not."""

import asyncio

import asyncpg
import pytest

from tests.api import Json
from tests.audits.auditing import ACTION, MANAGER, SUPERVISOR, TEAM, WORKER, Auditing, pointers
from tests.conftest import Database, execute
from tests.responses.casework import DEPUTY


def test_nobody_audits_their_own_work_whatever_qs_says(case: Auditing) -> None:
    path = f"/v1/audits/{case.plan(type='tac')['id']}"
    own = {"auditor": WORKER, "conflict_override_reason": "Nobody else is there."}
    for person in ("qs-1", MANAGER):
        body = own if person == "qs-1" else {"auditor": WORKER}
        refused = case.api.as_(person).act(f"{path}/assign", body)
        assert refused.status_code == 422
        assert pointers(refused) == {"/auditor"}


def test_a_supervisor_who_holds_the_case_does_not_audit_it(case: Auditing) -> None:
    body = {"kind": "child", "team": TEAM, "worker": SUPERVISOR}
    case.accept(case.api.change("PUT", f"/v1/subjects/mosaic/{case.ref}", body))
    path = f"/v1/audits/{case.plan(type='tac')['id']}"
    refused = case.api.act(f"{path}/assign", {"auditor": SUPERVISOR})
    assert refused.status_code == 422
    assert refused.json()["code"] == "own-work"


@pytest.mark.long
def test_whoever_an_audit_judges_neither_plans_nor_assigns_nor_cancels_it(case: Auditing) -> None:
    body = {"kind": "child", "team": TEAM, "worker": MANAGER}
    case.accept(case.api.as_("qs-1").change("PUT", f"/v1/subjects/mosaic/{case.ref}", body))
    path = f"/v1/audits/{case.plan(type='closure')['id']}"
    judged, deputy = case.api.as_(MANAGER), case.api.as_(DEPUTY)
    tag = deputy.tag(path)

    def waits(person: str) -> bool:
        items = case.api.as_(person).work("kind=assign")
        return path in {item["path"] for item in items}

    def assert_another_s() -> None:
        assert not {"edit", "assign", "cancel"} & {*case.read(path, MANAGER)["allowed_actions"]}
        for refused in (
            judged.change("PATCH", path, {"due_on": "2026-12-18"}, on=path),
            judged.act(f"{path}/assign", {"auditor": SUPERVISOR}),
            judged.act(f"{path}/cancel", {"reason": "The case moved."}),
        ):
            assert (refused.status_code, refused.json()["code"]) == (422, "own-work")

    assert deputy.tag(path) == tag
    assert (waits(MANAGER), waits(DEPUTY)) == (False, True)
    assert_another_s()
    assert {"assign", "cancel"} <= {*case.read(path, DEPUTY)["allowed_actions"]}
    case.accept(deputy.act(f"{path}/assign", {"auditor": SUPERVISOR}))
    case.accept(case.api.as_(SUPERVISOR).act(f"{path}/start"))
    # Whoever held the case when it began is judged, whoever holds it now.
    moved = {"kind": "child", "team": TEAM, "worker": WORKER}
    case.accept(case.api.as_("qs-1").change("PUT", f"/v1/subjects/mosaic/{case.ref}", moved))
    assert_another_s()
    own = {"type": "tac", "subject": of_theirs(case)}
    refused = judged.create("/v1/audits", own)
    assert (refused.status_code, refused.json()["code"]) == (422, "own-work")


def of_theirs(case: Auditing) -> Json:
    """A child whose case the manager holds."""
    ref = f"{case.ref}-2"
    body = {"kind": "child", "team": TEAM, "worker": MANAGER}
    case.accept(case.api.as_("qs-1").change("PUT", f"/v1/subjects/mosaic/{ref}", body))
    return {"system": "mosaic", "ref": ref}


def test_the_database_holds_that_nobody_audits_their_own_work(
    case: Auditing, database: Database
) -> None:
    audit_id = case.plan(auditor=SUPERVISOR)["id"]

    async def cheat() -> None:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            await connection.execute(
                "UPDATE audits SET auditor = audited_worker WHERE id = $1::text::uuid", audit_id
            )
        finally:
            await connection.close()

    with pytest.raises(asyncpg.CheckViolationError, match="audits_not_own_work_check"):
        asyncio.run(cheat())


def test_the_database_holds_that_a_begun_audit_has_auditor_and_subject(
    case: Auditing, database: Database
) -> None:
    audit_id = case.plan()["id"]

    async def cheat() -> None:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            await connection.execute(
                "UPDATE audits SET state = 'in_progress' WHERE id = $1::text::uuid", audit_id
            )
        finally:
            await connection.close()

    with pytest.raises(asyncpg.CheckViolationError, match="begun_with_auditor_and_subject"):
        asyncio.run(cheat())


def test_qs_lets_a_supervisor_audit_with_a_reason_and_the_record_says_so(case: Auditing) -> None:
    path = f"/v1/audits/{case.plan(type='collaborative')['id']}"
    assign = f"{path}/assign"
    barred = case.api.act(assign, {"auditor": SUPERVISOR})
    assert barred.status_code == 422
    assert barred.json()["code"] == "supervises-worker"
    reason = {"auditor": SUPERVISOR, "conflict_override_reason": "The only one trained."}
    assigned = case.accept(case.api.act(assign, reason))
    assert assigned["conflict_override_reason"] == "The only one trained."
    begun = case.accept(case.api.as_(SUPERVISOR).act(f"{path}/start"))
    assert begun["auditor"] == SUPERVISOR


def test_only_qs_overrides_a_conflict(case: Auditing) -> None:
    path = f"/v1/audits/{case.plan()['id']}"
    body = {"auditor": SUPERVISOR, "conflict_override_reason": "Quicker."}
    assert case.api.as_(MANAGER).act(f"{path}/assign", body).status_code == 403


@pytest.mark.parametrize("auditor", ["au-1", MANAGER, "ps-adoption", "sw2-lincoln-fast", "nobody"])
def test_a_closure_is_audited_by_a_supervisor_of_the_team(case: Auditing, auditor: str) -> None:
    path = f"/v1/audits/{case.plan()['id']}"
    refused = case.api.act(f"{path}/assign", {"auditor": auditor})
    assert refused.status_code == 422
    assert pointers(refused) == {"/auditor"}
    case.accept(case.api.act(f"{path}/assign", {"auditor": SUPERVISOR}))


def test_where_no_supervisor_of_the_team_is_an_auditor_its_manager_audits(
    case: Auditing, database: Database
) -> None:
    """Else nobody could: whose role as an auditor ended is the team's supervisor still."""
    held = {"kind": "child", "team": "boston-fast", "worker": "sw2-boston-fast"}
    case.accept(case.api.change("PUT", f"/v1/subjects/mosaic/{case.ref}", held))
    path = f"/v1/audits/{case.plan('qs-1', type='closure')['id']}"
    as_auditor = (
        "UPDATE role_assignments SET valid = daterange(lower(valid), {}) WHERE role = 'auditor' AND"
        " principal_id IN (SELECT id FROM principals WHERE worker = 'ps-boston-fast')"
    )

    def taken_on(person: str) -> Json:
        return dict(case.api.as_(person).act(f"{path}/assign", {"auditor": person}).json())

    assert taken_on("tm-boston-fast")["status"] == 422
    execute(database.migrate_url, as_auditor.format("'2026-01-01'"))
    try:
        assert taken_on("ps-boston-fast")["status"] == 422
        assert taken_on("tm-boston-fast")["auditor"] == "tm-boston-fast"
    finally:
        execute(database.migrate_url, as_auditor.format("NULL"))


def test_a_supervisor_takes_an_audit_on_but_does_not_hand_it_out(case: Auditing) -> None:
    path = f"/v1/audits/{case.plan(type='tac')['id']}"
    supervisor = case.api.as_(SUPERVISOR)
    assert supervisor.act(f"{path}/assign", {"auditor": MANAGER}).status_code == 403
    taken = case.accept(supervisor.act(f"{path}/assign", {"auditor": SUPERVISOR}))
    assert taken["auditor"] == SUPERVISOR


def test_managers_do_not_run_what_quality_and_standards_runs(case: Auditing) -> None:
    body = {"type": "collaborative", "subject": case.subject}
    manager = case.api.as_(MANAGER)
    assert manager.create("/v1/audits", body).status_code == 403
    path = f"/v1/audits/{case.plan(type='collaborative')['id']}"
    for refused in (
        manager.act(f"{path}/assign", {"auditor": "au-1"}),
        manager.act(f"{path}/cancel", {"reason": "Not now."}),
        manager.change("PATCH", path, {"due_on": "2026-12-24"}),
    ):
        assert refused.status_code == 403


def test_another_auditor_takes_over_and_the_first_is_out(case: Auditing) -> None:
    path = case.started("au-1", type="collaborative")
    case.accept(case.api.act(f"{path}/assign", {"auditor": "au-2"}))
    assert case.api.as_("au-1").get(path).status_code == 404
    case.accept(case.api.as_("au-2").create(f"{path}/actions", ACTION))


def test_who_held_the_case_is_kept_as_it_was_when_the_audit_began(case: Auditing) -> None:
    path = f"/v1/audits/{case.plan('qs-1', type='collaborative', auditor='au-1')['id']}"
    moved = {"kind": "child", "team": "boston-fast", "worker": "sw2-boston-fast"}
    case.accept(case.api.change("PUT", f"/v1/subjects/mosaic/{case.ref}", moved))
    begun = case.accept(case.api.as_("au-1").act(f"{path}/start"))
    assert begun["audited_worker"] == "sw2-boston-fast"
    back = {"kind": "child", "team": TEAM, "worker": WORKER}
    case.accept(case.api.change("PUT", f"/v1/subjects/mosaic/{case.ref}", back))
    now = case.read(path)
    assert (now["team"], now["worker"]) == (TEAM, WORKER)
    assert (now["audited_team"], now["audited_worker"]) == ("boston-fast", "sw2-boston-fast")
