"""Who responds where the worker cannot, and that none of them reviews it (R4.2.3, R4.2.4)."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy.dialects.postgresql import Range

from qa_api.models.directory import Absence
from qa_api.responses.service import take_back_from_leavers
from qa_api.settings import Settings
from qa_api.work import Work
from tests.api import Json
from tests.conftest import Database, execute, told
from tests.reporting.copies import REPORTER
from tests.responses.casework import DEPUTY, MANAGER, WORKER, Case, Casework

SUPERVISOR, OTHER = "ps-lincoln-fast", "sw2-lincoln-fast"


def waits(case: Case, person: str, kind: str = "respond") -> bool:
    """Whether the response is in somebody's work."""
    items = case.api.as_(person).work(f"kind={kind}")
    found = [item for item in items if item["about"] == case.response.rpartition("/")[2]]
    assert len(found) <= 1, "it waits once"
    return bool(found)


def answered_for(case: Case, person: str) -> Json:
    return case.act(f"{case.response}/submit", person, **case.submission(on_behalf=True))


def handed(case: Case, to: str | None, person: str = SUPERVISOR) -> Json:
    return case.act(f"{case.response}/hand-over", person, worker=to, reason="He is on leave.")


@pytest.mark.parametrize("person", [SUPERVISOR, MANAGER, DEPUTY, "hos-fast", "qs-1"])
def test_a_supervisor_or_manager_responds_on_the_worker_s_behalf_and_says_so(
    casework: Casework, person: str
) -> None:
    case = casework.completed_audit()
    assert "submit" in case.read(case.response, person)["allowed_actions"]
    unsaid = case.refused(f"{case.response}/submit", person, **case.submission())
    assert (unsaid.status_code, unsaid.json()["code"]) == (422, "on-behalf-unsaid")
    (turn,) = answered_for(case, person)["rounds"]
    assert (turn["submitted_by"], turn["on_behalf"]) == (person, True)
    assert turn["on_behalf_of"] == WORKER
    # What is said to be done is the worker's doing, not the manager's.
    assert case.read(case.action())["done_by"] == WORKER
    rows = case.api.as_(REPORTER).get("/v1/reporting/response-rounds?limit=5000").json()["items"]
    (row,) = [row for row in rows if row["audit_response"] == case.response.rpartition("/")[2]]
    assert (row["submitted_by"], row["on_behalf"]) == (person, True)
    assert row["on_behalf_of"] == WORKER


@pytest.mark.long
def test_whoever_reports_something_done_on_behalf_verifies_it_as_little_as_the_doer(
    casework: Casework, database: Database
) -> None:
    case = casework.completed_audit()
    answered_for(case, MANAGER)
    action = case.read(case.action(), MANAGER)
    assert (action["done_by"], action["done_reported_by"]) == (WORKER, MANAGER)
    assert not {"verify", "not_achieved"} & {*action["allowed_actions"]}
    verdict = {"made_a_difference": True}
    own = case.refused(f"{case.action()}/verify", MANAGER, **verdict)
    assert (own.status_code, own.json()["code"]) == (422, "own-work")
    finding = {"reason": "Not seen.", "finish_on": "2026-12-18"}
    own = case.refused(f"{case.action()}/not-achieved", MANAGER, **finding)
    assert own.json()["code"] == "own-work"
    about = case.action().rpartition("/")[2]
    listed = {
        person: about in {item["about"] for item in case.api.as_(person).work("kind=verify")}
        for person in (MANAGER, DEPUTY, "au-1")
    }
    assert listed == {MANAGER: False, DEPUTY: True, "au-1": True}
    with pytest.raises(asyncpg.CheckViolationError, match="verified_by_no_reporter"):
        execute(
            database.migrate_url,
            "UPDATE restorative_actions SET state = 'verified', verified_at = now(),"
            f" verified_by = '{MANAGER}' WHERE id = '{about}'",
        )
    # Found not achieved, it is whoever reports it next who does not verify it.
    case.act(f"{case.action()}/not-achieved", DEPUTY, **finding)
    today = {"done_on": "2026-11-23"}
    assert case.act(f"{case.action()}/complete", WORKER, **today)["done_reported_by"] == WORKER
    case.act(f"{case.action()}/verify", MANAGER, **verdict)


def test_the_worker_responds_for_themselves_and_others_not_at_all(casework: Casework) -> None:
    case = casework.completed_audit()
    own = case.refused(f"{case.response}/submit", WORKER, **case.submission(on_behalf=True))
    assert own.json()["code"] == "on-behalf-of-oneself"
    tag = {"if-match": casework.api.as_("qs-1").tag(case.response)}
    body = case.submission(on_behalf=True)
    for person, status in ((OTHER, 404), ("ps-boston-fast", 404), ("slt-1", 403)):
        answer = casework.api.as_(person).request(
            "POST", f"{case.response}/submit", json=body, headers=tag
        )
        assert answer.status_code == status, person
    (turn,) = case.submit()["rounds"]
    assert (turn["on_behalf"], turn["on_behalf_of"]) == (False, None)


def test_the_auditor_answers_nobody_s_response_to_their_own_audit(casework: Casework) -> None:
    case = casework.completed_audit(auditor=SUPERVISOR)
    own = case.refused(f"{case.response}/submit", SUPERVISOR, **case.submission(on_behalf=True))
    assert (own.status_code, own.json()["code"]) == (422, "own-audit")
    case.act(f"{case.response}/submit", MANAGER, **case.submission(on_behalf=True))


@pytest.mark.long
def test_whoever_responded_never_reviews_it_in_any_round(
    casework: Casework, authority: Settings, database: Database
) -> None:
    case = casework.completed_audit()
    (turn,) = answered_for(case, MANAGER)["rounds"]
    assert (turn["reviewer"], turn["reviewer_acts_as"]) == (DEPUTY, "deputy")
    assert turn["review_explanation"]["facts"]["passed_over"] == ["team_manager: responded"]
    own = case.refused(f"{case.response}/review", MANAGER, outcome="adequate")
    assert (own.status_code, own.json()["code"]) == (422, "own-work")
    case.review("returned", DEPUTY)
    second = case.submit()["rounds"][-1]
    assert second["submitted_by"] == WORKER
    assert second["reviewer"] == DEPUTY, "the manager responded before"
    own = case.refused(f"{case.response}/review", MANAGER, outcome="adequate")
    assert own.json()["code"] == "own-work"
    response = case.response.rpartition("/")[2]
    for person in (MANAGER, WORKER):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            asyncio.run(_review_in_the_database(database, response, person))
    case.review("adequate", DEPUTY)


async def _review_in_the_database(database: Database, response: str, person: str) -> None:
    owner = await asyncpg.connect(database.migrate_url)
    try:
        await owner.execute(
            "UPDATE response_rounds SET reviewed_by = $2, outcome = 'adequate', reviewed_at = now()"
            " WHERE response_id = $1 AND number = 2",
            response,
            person,
        )
    finally:
        await owner.close()


def test_on_whose_behalf_it_was_reviews_it_as_little(casework: Casework) -> None:
    # The deputy holds the case; the manager responds for them.
    case = casework.completed_audit(worker=DEPUTY)
    (turn,) = answered_for(case, MANAGER)["rounds"]
    assert turn["on_behalf_of"] == DEPUTY
    assert turn["reviewer_acts_as"] == "head_of_service"
    own = case.refused(f"{case.response}/review", DEPUTY, outcome="adequate")
    assert own.json()["code"] == "own-work"


# --- handing it over ---


@pytest.mark.long
@pytest.mark.parametrize("person", [SUPERVISOR, MANAGER])
def test_a_response_is_handed_to_another_worker_of_the_team(
    casework: Casework, person: str
) -> None:
    case = casework.completed_audit()
    other = case.api.as_(OTHER)
    assert waits(case, WORKER)
    assert other.get(case.response).status_code == 404
    changed = handed(case, OTHER, person)
    assert (changed["worker"], changed["handed_to"], changed["responder"]) == (
        WORKER,
        OTHER,
        OTHER,
    )
    assert (changed["handed_over_by"], changed["handed_over_because"]) == (
        person,
        "He is on leave.",
    )
    assert waits(case, OTHER)
    assert not waits(case, WORKER)
    told = casework.events(case.response.rpartition("/")[2], "response.handed_over")
    assert told == [{"audit_id": str(case.audit_id), "to": OTHER}]
    # Who is to answer reads what they are to answer, in every list.
    assert case.read(f"/v1/audits/{case.audit_id}", OTHER)["subject"] is not None
    assert case.read(case.action(), OTHER)["state"] == "open"
    for path in ("audits", "restorative-actions", "audit-responses"):
        rows = other.get(f"/v1/{path}?limit=500").json()["items"]
        assert str(case.audit_id) in {row.get("audit_id", row["id"]) for row in rows}
    refused = case.refused(f"{case.response}/submit", WORKER, **case.submission())
    assert (refused.status_code, refused.json()["permission"]) == (403, "response:submit")
    (turn,) = case.act(f"{case.response}/submit", OTHER, **case.submission())["rounds"]
    assert (turn["submitted_by"], turn["on_behalf"]) == (OTHER, False)
    case.review("adequate")
    assert other.get(f"/v1/audits/{case.audit_id}").status_code == 404, "it is answered"
    assert other.get(case.action()).status_code == 404
    assert other.get(case.response).status_code == 404
    rows = other.get("/v1/audit-responses?limit=500").json()["items"]
    assert str(case.audit_id) not in {row["audit_id"] for row in rows}


@pytest.mark.long
def test_whom_it_was_handed_to_reads_nothing_of_a_child_who_has_moved_on(
    casework: Casework,
) -> None:
    case = casework.completed_audit()
    handed(case, OTHER)
    case.act(f"{case.response}/submit", OTHER, **case.submission())
    casework.reallocate(case, "sw1-boston-fast", "boston-fast")
    for path in (case.response, case.action(), f"/v1/audits/{case.audit_id}"):
        assert casework.api.as_(OTHER).get(path).status_code == 404, path
    # What was found adequate before the move is no more theirs to read.
    over = casework.completed_audit()
    handed(over, OTHER)
    over.act(f"{over.response}/submit", OTHER, **over.submission())
    over.review("adequate")
    casework.reallocate(over, "sw1-boston-fast", "boston-fast")
    assert casework.api.as_(OTHER).get(over.response).status_code == 404


@pytest.mark.long
def test_it_is_handed_within_the_team_never_to_the_auditor_and_can_come_back(
    casework: Casework,
) -> None:
    case = casework.completed_audit(auditor=OTHER)
    path, why = f"{case.response}/hand-over", "He is on leave."
    for person in ("sw1-boston-fast", "nobody"):
        stranger = case.refused(path, MANAGER, worker=person, reason=why)
        assert stranger.json()["errors"][0]["code"] == "not-of-the-team"
    auditor = case.refused(path, MANAGER, worker=OTHER, reason=why)
    assert auditor.json()["code"] == "own-audit"
    assert case.refused(path, WORKER, worker=OTHER, reason=why).status_code == 403
    handed(case, SUPERVISOR)
    assert handed(case, None)["responder"] == WORKER
    case.submit()
    assert case.refused(path, MANAGER, worker=SUPERVISOR, reason=why).status_code == 409


def test_when_the_case_moves_the_response_moves_with_it(casework: Casework) -> None:
    case = casework.completed_audit()
    handed(case, SUPERVISOR)
    casework.reallocate(case, OTHER)
    found = case.read(case.response)
    assert (found["handed_to"], found["responder"]) == (None, OTHER)
    assert waits(case, OTHER)


@pytest.mark.long
def test_what_was_handed_to_somebody_who_left_the_team_goes_back(
    casework: Casework, database: Database
) -> None:
    case, kept = casework.completed_audit(), casework.completed_audit()
    handed(case, OTHER)
    handed(kept, SUPERVISOR)
    casework.as_service(take_back_from_leavers)
    assert [waits(case, OTHER), waits(kept, SUPERVISOR), waits(case, WORKER)] == [True, True, False]
    membership = f"WHERE worker = '{OTHER}' AND team = 'lincoln-fast'"
    left = "daterange(lower(valid), '2026-11-23')"
    execute(database.migrate_url, f"UPDATE team_memberships SET valid = {left} {membership}")
    try:
        casework.as_service(take_back_from_leavers)
        assert [waits(case, OTHER), waits(kept, SUPERVISOR), waits(case, WORKER)] == [
            False,
            True,
            True,
        ]
        assert case.api.as_(OTHER).get(case.response).status_code == 404
    finally:
        back = "daterange(lower(valid), NULL)"
        execute(database.migrate_url, f"UPDATE team_memberships SET valid = {back} {membership}")


# --- absence ---


@pytest.fixture
def away(casework: Casework, database: Database) -> Iterator[str]:
    """A worker whose absence is recorded from tomorrow on, until the test ends."""
    worker = "sw2-south-kesteven-fast"

    async def leave(work: Work) -> None:
        day = work.today + timedelta(days=1)
        days = Range(day, day + timedelta(days=5))
        work.session.add(Absence(worker=worker, reason_code="sickness", valid=days))
        await work.record(told())

    casework.as_service(leave)
    yield worker
    execute(database.migrate_url, f"DELETE FROM absences WHERE worker = '{worker}'")


@pytest.mark.long
def test_a_recorded_absence_puts_it_in_the_supervisor_s_list_too(
    casework: Casework, away: str, at: object
) -> None:
    assert callable(at)
    team = away.removeprefix("sw2-")
    case = casework.completed_audit(team=team, worker=away)
    leads = [f"ps-{team}", f"tm-{team}", "hos-fast"]
    assert waits(case, away)
    assert not any(waits(case, person) for person in leads)
    at("2026-11-24T09:30:00Z")
    assert all(waits(case, person) for person in [away, *leads])
    at("2026-11-30T09:30:00Z")
    assert not any(waits(case, person) for person in leads)
    at("2026-11-24T09:30:00Z")
    handed(case, f"sw1-{team}", f"ps-{team}")
    assert waits(case, f"sw1-{team}")
    assert not any(waits(case, person) for person in leads)
