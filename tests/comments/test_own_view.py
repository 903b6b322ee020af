"""The worker writes their own view of the audit of their work, once told (R4.1.9)."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from qa_api.settings import Settings
from tests.audits.auditing import MANAGER, WORKER
from tests.comments.test_things import as_the_service
from tests.conftest import Database, execute
from tests.moderation.moderating import OUTCOME, Moderating, place
from tests.responses.casework import Case, Casework

WORDS = "The plan changed twice. I visited on the 5th, and wrote it down late."


def written(case: Case, person: str = WORKER, view: str = WORDS) -> Any:
    """Somebody writes the view."""
    path = f"/v1/audits/{case.audit_id}"
    return case.api.as_(person).change("PUT", f"{path}/own-view", {"view": view}, on=path)


def shown(case: Case, person: str = "qs-1") -> Any:
    return case.read(f"/v1/audits/{case.audit_id}", person)["own_view"]


def test_it_is_written_from_the_notification_until_the_audit_closes(casework: Casework) -> None:
    case = casework.completed_audit(actions=1)
    early = written(case)
    assert (early.status_code, early.json()["code"]) == (422, "not-notified-yet")
    casework.deliver(case)
    assert written(case).json()["own_view"]["view"] == WORDS
    assert written(case, view="Put better.").json()["own_view"]["view"] == "Put better."
    for person in ("au-1", MANAGER, "qs-1", "slt-1"):
        assert shown(case, person)["view"] == "Put better."
    assert casework.events(case.audit_id, "audit.own_view_written") == [{}, {}]
    case.submit()
    case.review("adequate")
    case.act(f"{case.action()}/verify", MANAGER, made_a_difference=True)
    assert case.read(f"/v1/audits/{case.audit_id}")["state"] == "closed"
    late = written(case)
    assert (late.status_code, late.json()["code"]) == (422, "closed")
    assert shown(case)["view"] == "Put better."


@pytest.mark.parametrize("holder", ["ps-lincoln-fast", MANAGER])
def test_whoever_held_the_case_writes_it_whatever_they_are(casework: Casework, holder: str) -> None:
    case = casework.completed_audit(actions=1, worker=holder)
    casework.deliver(case)
    assert written(case, holder).json()["own_view"]["view"] == WORDS


def test_where_nothing_is_asked_it_is_taken_for_28_days(
    casework: Casework, at: Callable[[str], None]
) -> None:
    at("2026-11-23T09:30:00Z")
    case = casework.completed_audit(actions=0)
    casework.deliver(case)
    assert case.read(f"/v1/audits/{case.audit_id}")["state"] == "closed"
    at("2026-12-21T23:30:00Z")
    assert written(case).status_code == 200
    at("2026-12-22T00:30:00Z")
    late = written(case)
    assert (late.status_code, late.json()["code"]) == (422, "too-late")
    assert late.json()["clause"] == "R4.1.9"


def test_only_whose_work_it_was_writes_it(casework: Casework) -> None:
    case = casework.completed_audit(actions=1)
    casework.deliver(case)
    assert written(case, MANAGER).status_code == 403
    casework.reallocate(case, "sw2-lincoln-fast")
    refused = written(case, "sw2-lincoln-fast")
    assert refused.status_code == 403
    assert (
        "write_own_view"
        not in case.read(f"/v1/audits/{case.audit_id}", "sw2-lincoln-fast")["allowed_actions"]
    )
    assert shown(case) is None


def test_the_database_holds_it_too(casework: Casework, authority: Settings) -> None:
    case = casework.completed_audit(actions=1)
    new = (
        "INSERT INTO own_views (audit_id, view, written_by, written_at, subject_id, team, worker)"
        f" SELECT id, 'Mine.', '{{}}', now(), subject_id, team, worker FROM audits"
        f" WHERE id = '{case.audit_id}'"
    )
    with pytest.raises(asyncpg.RestrictViolationError):
        asyncio.run(as_the_service(authority, new.format(WORKER)))
    casework.deliver(case)
    with pytest.raises(asyncpg.RestrictViolationError):
        asyncio.run(as_the_service(authority, new.format("sw2-lincoln-fast")))
    assert written(case).status_code == 200
    moved = f"UPDATE own_views SET written_by = 'au-1' WHERE audit_id = '{case.audit_id}'"
    with pytest.raises(asyncpg.RestrictViolationError):
        asyncio.run(as_the_service(authority, moved))


def test_whoever_is_to_judge_sealed_reads_it_afterwards(
    moderating: Moderating, database: Database
) -> None:
    audit = moderating.audit("2021-02-03T10:00:00Z")
    sample = moderating.drawn("2021-02", now="2021-03-04T09:00:00Z")
    (item,) = sample["items"]
    new = (
        "INSERT INTO own_views (audit_id, view, written_by, written_at, subject_id, team, worker)"
        " SELECT id, 'It is no inadequate work.', worker, now(), subject_id, team, worker"
        f" FROM audits WHERE id = '{audit}'"
    )

    execute(database.migrate_url, new)
    path = f"/v1/audits/{audit}"
    assert moderating.read(path)["own_view"] is not None
    assert moderating.read(path, item["moderator"])["own_view"] is None
    answer = moderating.api.as_(item["moderator"]).change("PUT", place(sample, item), OUTCOME)
    assert answer.status_code == 200, answer.text
    assert moderating.read(path, item["moderator"])["own_view"]["view"].startswith("It is no")
