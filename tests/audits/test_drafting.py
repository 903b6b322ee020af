"""The actions of a draft are the auditor's to correct or take out (R4.2.6)."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from tests.api import SOME_VERSION
from tests.audits.auditing import ACTION, GOOD, MANAGER, SUPERVISOR, Auditing, pointers
from tests.conftest import Database

BETTER = {
    "kind": "recording",
    "description": "Bring the chronology up to date.",
    "needed_before_closure": False,
    "owner": "sw2-lincoln-fast",
}


def drafted(case: Auditing) -> tuple[str, str]:
    """The paths of an audit in progress and of its one action."""
    path = case.filled(actions=[ACTION])
    (action,) = case.read(path, SUPERVISOR)["actions"]
    return path, f"{path}/actions/{action['id']}"


@pytest.mark.long
def test_an_action_of_a_draft_is_corrected_as_a_whole(case: Auditing) -> None:
    audit, path = drafted(case)
    auditor = case.api.as_(SUPERVISOR)
    before = case.read(audit)["version"]
    assert "correct_action" in case.read(audit, SUPERVISOR)["allowed_actions"]
    right = case.accept(auditor.change("PUT", path, BETTER))
    assert {name: right[name] for name in BETTER} == BETTER
    assert case.read(audit)["version"] > before, "a completion that did not know it is stopped"
    # Left out, it follows the case.
    named = {name: value for name, value in BETTER.items() if name != "owner"}
    assert case.accept(auditor.change("PUT", path, named))["owner"] is None
    case.accept(auditor.act(f"{audit}/complete", {"overall": GOOD}))
    (action,) = case.read(audit)["actions"]
    assert action["description"] == BETTER["description"]


def test_an_action_taken_out_of_a_draft_was_never_set(case: Auditing) -> None:
    audit, path = drafted(case)
    auditor = case.api.as_(SUPERVISOR)
    gone = auditor.act(f"{path}/take-out")
    assert gone.status_code == 204
    assert auditor.get(path).status_code == 404
    assert case.read(audit, SUPERVISOR)["actions"] == []
    again = auditor.post(f"{path}/take-out", headers={"if-match": SOME_VERSION})
    assert again.status_code == 404
    case.accept(auditor.act(f"{audit}/complete", {"overall": GOOD}))
    audit_id = audit.rpartition("/")[2]
    assert case.read(f"/v1/audit-responses?audit={audit_id}")["items"] == []
    (told,) = case.read(f"/v1/notifications?audit={audit_id}")["items"]
    assert told["kind"] == "information_only"


def test_who_does_not_audit_it_neither_corrects_nor_takes_out(case: Auditing) -> None:
    _, path = drafted(case)
    for person in (MANAGER, "qs-1"):
        stranger = case.api.as_(person)
        headers = {"if-match": SOME_VERSION}
        assert stranger.request("PUT", path, json=BETTER, headers=headers).status_code == 403
        assert stranger.post(f"{path}/take-out", headers=headers).status_code == 403
    assert case.api.as_("au-2").post(
        f"{path}/take-out", headers={"if-match": SOME_VERSION}
    ).status_code in {
        403,
        404,
    }
    assert case.api.as_(SUPERVISOR).get(path).status_code == 200


def test_a_change_of_an_action_names_its_version_and_a_known_owner(case: Auditing) -> None:
    _, path = drafted(case)
    auditor = case.api.as_(SUPERVISOR)
    stale = {"if-match": f'"7.{"0" * 16}"'}
    assert auditor.request("PUT", path, json=BETTER, headers=stale).status_code == 412
    assert auditor.post(f"{path}/take-out", headers=stale).status_code == 412
    assert auditor.request("PUT", path, json=BETTER).status_code == 428
    unknown = auditor.change("PUT", path, BETTER | {"owner": "nobody"})
    assert (unknown.status_code, pointers(unknown)) == (422, {"/owner"})


def test_what_is_set_is_cancelled_not_taken_out(case: Auditing, database: Database) -> None:
    audit, path = drafted(case)
    auditor = case.api.as_(SUPERVISOR)
    case.accept(auditor.act(f"{audit}/complete", {"overall": GOOD}))
    for refused in (auditor.change("PUT", path, BETTER), auditor.act(f"{path}/take-out")):
        assert (refused.status_code, refused.json()["state"]) == (409, "completed")

    async def delete() -> str:
        connection = await asyncpg.connect(database.database_url)
        try:
            async with connection.transaction():
                await connection.execute("SELECT set_config('qa.reach', 'service', true)")
                action = UUID(path.rpartition("/")[2])
                deleted: str = await connection.execute(
                    "DELETE FROM restorative_actions WHERE id = $1", action
                )
                return deleted
        finally:
            await connection.close()

    assert asyncio.run(delete()) == "DELETE 0", "the database holds it too"
