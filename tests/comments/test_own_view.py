"""The worker writes their own view of the audit of their work, once told (R4.1.9)."""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import asyncpg
import pytest

from qa_api.models.audits import Audit
from qa_api.models.subjects import Subject
from qa_api.rules.policy import Policy
from qa_api.settings import Settings
from qa_api.subjects.merging import merge_subjects
from qa_api.subjects.service import restrict
from qa_api.work import Work
from tests.api import in_a_week
from tests.audits.auditing import MANAGER, WORKER
from tests.comments.talking import about, replied, said, sees
from tests.comments.test_things import as_the_service
from tests.conftest import Database, execute
from tests.moderation.moderating import OUTCOME, Moderating, place
from tests.responses.casework import Case, Casework, complete_audit, complete_begun
from tests.sealing.twins import without_chance
from tests.test_privileges import ask

WORDS = "The plan changed twice. I visited on the 5th, and wrote it down late."


def written(case: Case, person: str = WORKER, view: str = WORDS) -> Any:
    """Somebody writes the view."""
    path = f"/v1/audits/{case.audit_id}"
    return case.api.as_(person).change("PUT", f"{path}/own-view", {"view": view}, on=path)


def shown(case: Case, person: str = "qs-1") -> Any:
    return case.read(f"/v1/audits/{case.audit_id}", person)["own_view"]


@pytest.mark.long
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
    casework: Casework, at: Callable[[str], None], authority: Settings
) -> None:
    at("2026-11-23T09:30:00Z")
    case = casework.completed_audit(actions=0)
    assert not offered(case), "they were not told yet"
    casework.deliver(case)
    assert case.read(f"/v1/audits/{case.audit_id}")["state"] == "closed"
    another = casework.completed_audit(actions=0)
    casework.deliver(another)
    at("2026-12-21T23:30:00Z")
    assert offered(case)
    assert written(case).status_code == 200
    at("2026-12-22T00:30:00Z")
    assert not offered(another)
    late = written(case)
    assert (late.status_code, late.json()["code"]) == (422, "too-late")
    assert late.json()["clause"] == "R4.1.9"
    # The database holds it too, whatever time of writing is named.
    for shown_day, open_still in (("2026-12-21T23:30:00Z", True), ("2026-12-22T00:30:00Z", False)):
        changed = (
            f"SET qa.now = '{shown_day}'; UPDATE own_views SET view = 'Agreed by {shown_day}.',"
            f" written_at = '2026-11-24T10:00:00Z' WHERE audit_id = '{case.audit_id}'"
        )
        with nullcontext() if open_still else pytest.raises(asyncpg.RestrictViolationError):
            asyncio.run(as_the_service(authority, changed))


def offered(case: Case) -> bool:
    """Whether the worker is offered to write it."""
    shown = case.read(f"/v1/audits/{case.audit_id}", WORKER)
    return "write_own_view" in shown["allowed_actions"]


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
    audit = moderating.audit("2013-02-03T10:00:00Z")
    sample = moderating.drawn("2013-02", now="2013-03-04T09:00:00Z")
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


async def restricted(work: Work, case: Case) -> None:
    await restrict(work, await work.session.get_one(Subject, case.subject_id), "staff")


def seen(case: Case, person: str) -> int:
    """What somebody is answered who asks for the audit; lists say the same."""
    api = case.api.as_(person)
    answer = api.get(f"/v1/audits/{case.audit_id}")
    subject = case.read(f"/v1/audits/{case.audit_id}")["subject"]
    listed = api.get(f"/v1/audits?subject={subject['system']}/{subject['ref']}").json()["items"]
    assert [one["id"] for one in listed] == [str(case.audit_id)] * (answer.status_code == 200)
    return answer.status_code


@pytest.mark.long
@pytest.mark.parametrize("to", ["sw2-lincoln-fast", "sw1-boston-fast"])
def test_whose_work_it_was_reads_and_writes_it_when_the_case_is_anothers(
    casework: Casework, to: str, at: Callable[[str], None]
) -> None:
    at("2026-11-23T09:30:00Z")
    case = casework.completed_audit(actions=1)
    talk = said(case.api, "au-1", "audit", case.audit_id)
    at("2026-11-23T10:30:00Z")
    casework.reallocate(case, to, to.partition("-")[2])
    assert seen(case, WORKER) == 404, "they were not told yet"
    casework.deliver(case)
    assert seen(case, WORKER) == 200
    shown_to_them = case.read(f"/v1/audits/{case.audit_id}", WORKER)
    assert "write_own_view" in shown_to_them["allowed_actions"]
    assert shown_to_them["worker"] is None, "who holds the case now is not theirs to know"
    assert shown_to_them["judgements"] == case.read(f"/v1/audits/{case.audit_id}")["judgements"]
    assert sees(case.api, talk, WORKER) == [True]
    assert written(case).json()["own_view"]["view"] == WORDS
    assert written(case, view="Put better.").status_code == 200
    # It is of the audit alone: nothing else of the child, nor what follows the audit.
    subject = shown_to_them["subject"]
    child = f"/v1/subjects/{subject['system']}/{subject['ref']}"
    for path in (case.response, case.action(), child):
        assert case.api.as_(WORKER).get(path).status_code == 404, path
    assert case.api.as_(WORKER).get(f"{child}/record").status_code in {403, 404}
    case.submit()
    case.review("adequate")
    manager = f"tm-{case.team}"
    case.act(f"{case.action()}/verify", manager, made_a_difference=True)
    late = written(case)
    assert (late.status_code, late.json()["code"]) == (422, "closed")
    assert shown(case, WORKER)["view"] == "Put better.", "their words stay theirs to read"


@pytest.mark.long
def test_whose_work_it_was_does_not_learn_who_holds_the_case_now(casework: Casework) -> None:
    """Not from the audit, a filter or a comment, nor by trying whom a comment may ask."""
    case = casework.completed_audit(actions=1)
    casework.deliver(case)
    subject = case.read(f"/v1/audits/{case.audit_id}")["subject"]
    listed = f"/v1/audits?subject={subject['system']}/{subject['ref']}"

    def found(*filters: str) -> list[int]:
        pages = [case.read(f"{listed}&{each}", WORKER)["items"] for each in filters]
        return [len(items) for items in pages]

    asked = ("team=boston-fast", "team=lincoln-fast", "team=boston-fast&team=lincoln-fast")
    assert found(*asked, "service=fast") == [0, 1, 1, 1]
    casework.reallocate(case, "sw1-boston-fast", "boston-fast")
    shown_to_them = case.read(f"/v1/audits/{case.audit_id}", WORKER)
    assert (shown_to_them["team"], shown_to_them["audited_team"]) == (None, "lincoln-fast")
    assert case.read(listed, WORKER)["items"][0]["team"] is None
    assert found(*asked, "service=fast", "worker=sw1-boston-fast") == [0, 0, 0, 0, 0]

    def told(*people: str, by: str = WORKER) -> str:
        answer = about(case.api, by, "audit", case.audit_id, addressees=[*people])
        assert answer.status_code in {201, 422}
        return without_chance(str(answer.json().get("errors", "asked")))

    reading = ("sw1-boston-fast", "tm-boston-fast", "ps-boston-fast", "hos-fast", "slt-1")
    (refusal,) = {told(one) for one in (*reading, "sw2-boston-fast", "tm-grantham-fast", "nobody")}
    assert "cannot-read-it" in refusal
    assert told("sw1-boston-fast", by="tm-boston-fast") == "asked"
    assert told("au-1", "qs-1") == "asked"
    (mine, *_) = case.read(f"/v1/comments?audit={case.audit_id}", WORKER)["items"]
    assert (mine["written_by"], mine["team"]) == (WORKER, None)


@pytest.mark.long
def test_whose_work_it_was_reads_what_was_said_while_the_case_was_theirs(
    casework: Casework, authority: Settings, at: Callable[[str], None]
) -> None:
    """By both locks: what the service asks for, and what its role finds by SQL alone."""
    at("2026-11-23T09:30:00Z")
    case = casework.completed_audit(actions=1)
    casework.deliver(case)
    before = said(case.api, "au-1", "audit", case.audit_id)
    at("2026-11-23T10:30:00Z")
    casework.reallocate(case, "sw1-boston-fast", "boston-fast")
    at("2026-11-23T11:30:00Z")
    later = said(case.api, "tm-boston-fast", "audit", case.audit_id)
    reply = replied(case.api, "sw1-boston-fast", before)
    asked = said(case.api, "au-1", "audit", case.audit_id, addressees=[WORKER])
    assert [sees(case.api, each, WORKER) for each in (before, later, reply, asked)] == [
        [True],
        [False],
        [False],
        [True],
    ]
    four = [before, later, reply, asked]
    assert shown_by_the_second_lock(authority, WORKER, *four) == [True, False, False, True]
    for reader in ("au-1", "sw1-boston-fast"):
        assert shown_by_the_second_lock(authority, reader, *four[:3]) == [True, True, True]
    assert shown_by_the_second_lock(authority, WORKER, later, teams="boston-fast") == [True]
    assert case.api.as_(WORKER).create(f"{later}/replies", {"text": "?"}).status_code == 404
    mine = said(case.api, WORKER, "audit", case.audit_id)
    answer = replied(case.api, "tm-boston-fast", mine)
    assert sees(case.api, answer, WORKER, "sw1-boston-fast") == [True, True]
    assert shown_by_the_second_lock(authority, WORKER, mine, answer) == [True, True]
    waiting = case.api.as_(WORKER).work("kind=reply")
    assert [one["team"] for one in waiting if one["path"] == asked] == [None]
    # Whoever holds the case again reads all of it again.
    casework.reallocate(case, WORKER, "lincoln-fast")
    assert sees(case.api, later, WORKER) == [True]
    assert shown_by_the_second_lock(authority, WORKER, later) == [True]


@pytest.mark.long
def test_whose_work_it_was_reads_nothing_said_while_the_case_was_anothers(
    casework: Casework, authority: Settings, at: Callable[[str], None]
) -> None:
    """Also where it went between the audit's start and its completion, and came back later."""
    begun = casework.as_service(
        lambda work: complete_audit(work, casework.new_ref(), actions=1, draft=True)
    )
    case = Case(casework.api, *begun)
    at("2026-11-23T09:40:00Z")
    casework.reallocate(case, "sw1-boston-fast", "boston-fast")
    at("2026-11-23T09:50:00Z")
    casework.as_service(lambda work: completed(work, case))
    casework.deliver(case)

    def said_by(*people: str) -> list[str]:
        return [said(case.api, person, "audit", case.audit_id) for person in people]

    def reads() -> list[bool]:
        by_http = [shown for each in talk for shown in sees(case.api, each, WORKER)]
        assert shown_by_the_second_lock(authority, WORKER, *talk) == by_http
        return by_http

    talk = said_by("sw1-boston-fast", "tm-boston-fast")
    assert reads() == [False, False]
    at("2026-11-23T10:00:00Z")
    casework.reallocate(case, "sw2-boston-fast")
    assert reads() == [False, False], "that somebody else left it makes it nobody's before"
    at("2026-11-23T10:10:00Z")
    casework.reallocate(case, WORKER, "lincoln-fast")
    talk += said_by("au-1")
    assert reads() == [True, True, True], "they hold the case"
    at("2026-11-23T10:20:00Z")
    casework.reallocate(case, "sw2-lincoln-fast")
    talk += said_by("au-1")
    assert reads() == [False, False, True, False], "what was said while it was theirs again"


@pytest.mark.long
def test_a_case_that_went_in_the_moment_of_the_start_is_no_longer_theirs(
    casework: Casework, authority: Settings, at: Callable[[str], None]
) -> None:
    """The move began before the audit's start and ended after it, so the log has it before."""
    case = casework.completed_audit(actions=1)
    casework.deliver(case)
    at("2026-11-23T09:29:59Z")
    casework.reallocate(case, "sw1-boston-fast", "boston-fast")
    at("2026-11-23T10:00:00Z")
    talk = said(case.api, "sw1-boston-fast", "audit", case.audit_id)
    at("2026-11-23T10:10:00Z")
    casework.reallocate(case, "sw2-boston-fast")
    assert sees(case.api, talk, WORKER) == [False]
    assert shown_by_the_second_lock(authority, WORKER, talk) == [False]


@pytest.mark.long
def test_another_childs_case_opens_nothing_when_the_records_are_merged(
    casework: Casework, authority: Settings, at: Callable[[str], None]
) -> None:
    case, other = (casework.completed_audit(actions=1) for _ in range(2))
    casework.deliver(case)
    at("2026-11-23T09:35:00Z")
    mine = said(case.api, "au-1", "audit", case.audit_id)
    at("2026-11-23T09:40:00Z")
    for each in (case, other):
        casework.reallocate(each, "sw2-lincoln-fast")
    at("2026-11-23T09:50:00Z")
    casework.reallocate(other, WORKER)
    at("2026-11-23T10:00:00Z")
    later = said(case.api, "au-1", "audit", case.audit_id)
    at("2026-11-23T10:10:00Z")

    async def merged(work: Work) -> None:
        both = [await work.session.get_one(Subject, one.subject_id) for one in (case, other)]
        await merge_subjects(work, *both)

    casework.as_service(merged)
    at("2026-11-23T10:20:00Z")
    casework.reallocate(other, "sw2-lincoln-fast")
    assert [sees(case.api, each, WORKER) for each in (mine, later)] == [[True], [False]]
    assert shown_by_the_second_lock(authority, WORKER, mine, later) == [True, False]


async def completed(work: Work, case: Case) -> None:
    """An audit that was begun before is completed now."""
    audit = await work.session.get_one(Audit, case.audit_id)
    await complete_begun(work, audit, case.action_ids)


def shown_by_the_second_lock(
    settings: Settings, person: str, *comments: str, teams: str = ""
) -> list[bool]:
    """Which comments the service's own role finds for somebody who leads these teams."""

    async def look() -> list[bool]:
        connection = await asyncpg.connect(settings.database_url.get_secret_value())
        context = {"reach": "rows", "worker": person, "teams": teams, "now": "2026-11-23T12:00Z"}
        try:
            for name, value in context.items():
                await connection.execute(f"SELECT set_config('qa.{name}', '{value}', false)")
            found = await connection.fetch("SELECT id FROM comments")
        finally:
            await connection.close()
        ids = {str(row["id"]) for row in found}
        return [path.rpartition("/")[2] in ids for path in comments]

    return asyncio.run(look())


@pytest.mark.long
def test_who_wrote_nothing_reads_it_no_longer_when_nothing_can_be_written(
    casework: Casework, at: Callable[[str], None]
) -> None:
    at("2026-11-23T09:30:00Z")
    silent, spoken = (casework.completed_audit(actions=0) for _ in range(2))
    for case in (silent, spoken):
        casework.deliver(case)
        casework.reallocate(case, "sw2-lincoln-fast")
    assert written(spoken).status_code == 200
    at("2026-12-21T23:30:00Z")
    assert [seen(case, WORKER) for case in (silent, spoken)] == [200, 200]
    at("2026-12-22T00:30:00Z")
    assert [seen(case, WORKER) for case in (silent, spoken)] == [404, 200]


def test_of_a_restricted_record_it_takes_a_grant(casework: Casework) -> None:
    case = casework.completed_audit(actions=1)
    subject = case.read(f"/v1/audits/{case.audit_id}")["subject"]
    casework.deliver(case)
    casework.reallocate(case, "sw2-lincoln-fast")
    assert written(case).status_code == 200
    casework.as_service(lambda work: restricted(work, case))
    assert [case.api.as_(WORKER).get(f"/v1/audits/{case.audit_id}").status_code] == [404]
    (account,) = case.read(f"/v1/principals?worker={WORKER}", "admin-1")["items"]
    leave = {"principal_id": account["id"], "reason": "Theirs.", "expires_at": in_a_week()}
    path = f"/v1/subjects/{subject['system']}/{subject['ref']}/restriction-grants"
    assert case.api.as_("qs-1").create(path, leave).status_code == 201
    assert shown(case, WORKER)["view"] == WORDS
    assert written(case, view="Put better.").status_code == 200


def test_the_days_are_those_of_the_policy(template: Database) -> None:
    ((days,),) = ask(template.migrate_url, "SELECT qa_own_view_days()")
    assert days == Policy.__dataclass_fields__["own_view_days"].default
