"""A run is proposed, approved by a second person, and carried out by the worker (X4)."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from qa_api import clock
from qa_api.case_events.turns import turn_of_ref
from qa_api.retention import removing, service
from qa_api.retention.removing import remove_approved_content
from qa_api.settings import Settings
from qa_api.work import Work
from tests.api import give_right, in_a_week
from tests.audits.auditing import Auditing
from tests.closures.sending import Episode
from tests.looking import look
from tests.responses.casework import Service
from tests.retention.keeping import Keeping


@pytest.fixture
def case(keeping: Keeping) -> Auditing:
    """A child whose record may go, with an audit."""
    found = keeping.child()
    found.completed()
    return found


def item_of(keeping: Keeping, run: str, case: Auditing) -> Any:
    return keeping.items(run)[keeping.subject_id(case)]


def test_it_lists_what_is_past_its_day_and_nothing_else(keeping: Keeping, case: Auditing) -> None:
    young, unknown = keeping.child("1990-01-01"), keeping.child(None)
    last_day, day_after = keeping.child("1951-11-23"), keeping.child("1951-11-22")
    run = keeping.propose()
    items = keeping.items(run)
    assert item_of(keeping, run, case)["kept_until"] == "2015-02-28"
    assert item_of(keeping, run, day_after)["kept_until"] == "2026-11-22"
    for child in (young, unknown, last_day):
        assert keeping.subject_id(child) not in items
    proposed = keeping.read(run)
    assert (proposed["state"], proposed["items"], proposed["removed"]) == (
        "proposed",
        len(items),
        0,
    )
    assert (proposed["proposed_by"], proposed["policy_version"]) == ("qs-1", 1)
    assert proposed["allowed_actions"] == ["approve", "cancel"]
    assert keeping.sweep() == 0, "nothing goes by a proposal"
    assert case.read(f"/v1/subjects/mosaic/{case.ref}")["born_on"] == "1940-02-29"


def test_whoever_reads_what_is_listed_leaves_one_line_that_names_every_child(
    keeping: Keeping, case: Auditing
) -> None:
    keeping.child()
    path = f"{keeping.propose()}/items?limit=500"
    shown, lines = look(keeping.api, keeping.database, "qs-1", path)
    assert len(shown) >= 2
    assert lines == [shown]


def test_as_at_an_earlier_day_it_lists_what_was_past_then(keeping: Keeping, case: Auditing) -> None:
    later = keeping.child("1951-01-01")
    items = keeping.items(keeping.propose(as_at="2020-01-01"))
    assert keeping.subject_id(case) in items
    assert keeping.subject_id(later) not in items


def test_what_one_run_does_not_hold_the_next_one_lists(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST", 2)
    longest, long, last = (
        keeping.subject_id(keeping.child(born))
        for born in ("1940-01-01", "1941-01-01", "1942-01-01")
    )
    run = keeping.propose()
    assert keeping.read(run)["truncated"]
    assert set(keeping.items(run)) == {longest, long}, "the longest past their day first"
    rest = keeping.propose()
    assert not keeping.read(rest)["truncated"]
    assert set(keeping.items(rest)) == {last}


def test_it_is_not_as_at_a_day_to_come_and_not_about_nothing(
    keeping: Keeping, case: Auditing
) -> None:
    answer = keeping.api.create("/v1/retention-runs", {"as_at": "2026-11-24"})
    assert (answer.status_code, answer.json()["clause"]) == (422, "X4")
    nothing = keeping.api.create("/v1/retention-runs", {"as_at": "1990-01-01"})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "nothing-due")


def test_a_record_is_in_one_run_at_a_time(keeping: Keeping, case: Auditing) -> None:
    keeping.propose()
    again = keeping.api.create("/v1/retention-runs", {})
    assert (again.status_code, again.json()["code"]) == (422, "nothing-due")


def test_nobody_approves_what_they_proposed(keeping: Keeping, case: Auditing) -> None:
    run = keeping.propose("qs-1")
    answer = keeping.api.as_("qs-1").act(f"{run}/approve")
    assert answer.status_code == 422
    assert answer.json()["clause"] == "X4"
    approved = keeping.approve(run, "qs-2")
    assert (approved["state"], approved["approved_by"]) == ("approved", "qs-2")
    assert keeping.api.as_("qs-2").act(f"{run}/approve").status_code == 409


@pytest.mark.long
def test_a_proposed_run_waits_for_the_other_person(keeping: Keeping, case: Auditing) -> None:
    run = keeping.propose("qs-1")

    def waits(person: str) -> list[str]:
        found = keeping.read("/v1/me/work?kind=approve_removal", person)["items"]
        return [item["path"] for item in found]

    assert waits("qs-2") == [run]
    assert waits("qs-1") == waits("admin-1") == []
    keeping.approve(run)
    assert waits("qs-2") == []


@pytest.mark.parametrize("person", ["admin-1", "tm-lincoln-fast", "slt-1", "sw1-lincoln-fast"])
def test_only_quality_standards_sees_and_decides(keeping: Keeping, person: str) -> None:
    somebody = keeping.api.as_(person)
    for path in ("/v1/retention-runs", "/v1/legal-holds"):
        assert somebody.get(path).status_code == 403
    assert somebody.create("/v1/retention-runs", {}).status_code == 403
    assert somebody.create("/v1/legal-holds", {"reason": "Mine."}).status_code == 403


def test_a_cancelled_run_keeps_what_it_listed(keeping: Keeping, case: Auditing) -> None:
    run = keeping.propose()
    keeping.approve(run)
    answer = keeping.api.act(f"{run}/cancel", {"reason": "The policy changes."})
    assert answer.json()["state"] == "cancelled"
    assert keeping.sweep() == 0
    assert item_of(keeping, run, case)["outcome"] == "run_cancelled"
    assert keeping.subject_id(case) in keeping.items(keeping.propose()), "a later run may list it"


# --- legal holds ---


@pytest.mark.parametrize("approved", [False, True])
@pytest.mark.parametrize("scope", ["subject", "record_class", "everything"])
def test_a_hold_takes_its_records_out_of_a_run_under_way(
    keeping: Keeping, case: Auditing, approved: bool, scope: str
) -> None:
    other = keeping.child()
    run = keeping.propose()
    if approved:
        keeping.approve(run)
    scopes: dict[str, dict[str, Any]] = {
        "subject": {"subject": {"system": "mosaic", "ref": case.ref}},
        "record_class": {"record_class": "child_record"},
        "everything": {},
    }
    hold = keeping.hold(**scopes[scope])
    assert item_of(keeping, run, case)["outcome"] == "held"
    assert (item_of(keeping, run, other)["outcome"] == "held") == (scope != "subject")
    if not approved:
        keeping.approve(run)
    done = keeping.execute(run)
    assert done["state"] == "executed"
    assert done["kept"] >= 1
    kept = case.read(f"/v1/subjects/mosaic/{case.ref}")
    assert kept["born_on"] == "1940-02-29"
    record = keeping.retention(case.ref)["records"][0]
    assert (record["held"], record["due"]) == (True, False)
    assert record["explanation"]["facts"]["held_by"] == [hold["id"]]
    if scope == "subject":
        again = keeping.api.create("/v1/retention-runs", {})
        assert again.status_code == 422, "what is held is not listed"
    keeping.lift(hold)
    assert keeping.subject_id(case) in keeping.items(keeping.propose())


def test_a_hold_is_lifted_with_a_reason_and_stays_on_record(
    keeping: Keeping, case: Auditing
) -> None:
    hold = keeping.hold_child(case)
    path = f"/v1/legal-holds/{hold['id']}"
    assert hold["subject"]["ref"] == case.ref
    assert keeping.api.act(f"{path}/lift", {}).status_code == 422
    keeping.lift(hold)
    lifted = keeping.read(path)
    assert (lifted["lifted_by"], lifted["lift_reason"]) == ("qs-2", "The inquiry has reported.")
    assert keeping.api.act(f"{path}/lift", {"reason": "Again."}).status_code == 409
    listed = keeping.read(f"/v1/legal-holds?subject={hold['subject']['id']}")["items"]
    assert [each["id"] for each in listed] == [hold["id"]]
    assert keeping.read("/v1/legal-holds?current=true")["items"] == []


def test_a_hold_has_one_scope(keeping: Keeping, case: Auditing) -> None:
    body = {
        "subject": {"system": "mosaic", "ref": case.ref},
        "record_class": "child_record",
        "reason": "Both.",
    }
    assert keeping.api.create("/v1/legal-holds", body).status_code == 422


def test_a_hold_over_a_merged_record_holds_the_one_it_was_merged_into(
    keeping: Keeping, case: Auditing
) -> None:
    other = keeping.child(None)
    keeping.hold_child(other)
    merge = Episode(keeping.api, [case.ref]).event("person.merged.v1")
    merge["data"] = {
        "occurred_at": "2026-11-23T09:00:00Z",
        "merge": {"from": other.ref, "into": case.ref},
    }
    assert Episode(keeping.api, [case.ref]).send(merge)["outcome"] == "applied"
    assert keeping.retention(case.ref)["records"][0]["held"]
    assert keeping.api.create("/v1/retention-runs", {}).status_code == 422


# --- the worker ---


def test_what_was_recorded_since_nobody_has_judged(keeping: Keeping, case: Auditing) -> None:
    run = keeping.propose()
    keeping.approve(run)
    clock.advance(timedelta(hours=1))
    case.plan()
    assert keeping.execute(run)["state"] == "executed"
    assert item_of(keeping, run, case)["outcome"] == "recorded_since"
    assert case.read(f"/v1/subjects/mosaic/{case.ref}")["born_on"] == "1940-02-29"


def test_what_somebody_is_still_to_write_about_keeps_its_record(
    keeping: Keeping, case: Auditing
) -> None:
    """What they wrote would be about a record that went, and no run would ever list it again."""
    audit = case.plan()
    run = keeping.propose()
    keeping.approve(run)
    keeping.execute(run)
    assert item_of(keeping, run, case)["outcome"] == "still_open"
    assert case.read(f"/v1/subjects/mosaic/{case.ref}")["born_on"] == "1940-02-29"
    cancelled = keeping.api.act(f"/v1/audits/{audit['id']}/cancel", {"reason": "Too late."})
    assert cancelled.status_code == 200
    run = keeping.propose()
    keeping.approve(run)
    assert keeping.execute(run)["removed"] == 1
    assert keeping.api.get(f"/v1/subjects/mosaic/{case.ref}").status_code == 404


def test_an_authority_that_keeps_records_longer_by_now_loses_none(
    keeping: Keeping, case: Auditing, at: Callable[[str], None]
) -> None:
    run = keeping.propose()
    keeping.approve(run)
    rules = [{"record_class": "child_record", "years": 150, "trigger": "born_on"}]
    changes = [{"key": "retention_rules", "value": rules}]
    give_right(keeping.api, policy={"effective_from": "2085-06-01", "changes": changes})
    at("2085-06-01T09:00:00Z")
    assert keeping.execute(run)["state"] == "executed"
    assert item_of(keeping, run, case)["outcome"] == "not_due"


@pytest.mark.long
def test_a_worker_that_is_killed_in_the_middle_leaves_nothing_half_done(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    children = [keeping.child() for _ in range(removing.AT_ONCE + 2)]
    run = keeping.propose()
    keeping.approve(run)

    async def killed(work: Work) -> None:
        await remove_approved_content(work)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keeping.service.work(killed)
    assert keeping.read(run)["removed"] == 0
    for child in children:
        assert child.read(f"/v1/subjects/mosaic/{child.ref}")["born_on"] == "1940-02-29"
    assert keeping.sweep() == removing.AT_ONCE
    half = keeping.read(run)
    assert (half["state"], half["removed"]) == ("approved", removing.AT_ONCE)
    done = keeping.execute(run)
    assert (done["state"], done["removed"]) == ("executed", done["items"])


@pytest.mark.long
def test_two_workers_never_settle_the_same_item(
    keeping: Keeping, keeping_settings: Settings
) -> None:
    for _ in range(removing.AT_ONCE + 5):
        keeping.child()
    run = keeping.propose()
    keeping.approve(run)

    def work_alone(_: int) -> int:
        with Service.over(keeping_settings) as service:
            return sum(iter(lambda: service.work(remove_approved_content), 0))

    with ThreadPoolExecutor(2) as workers:
        settled = list(workers.map(work_alone, range(2)))
    done = keeping.read(run)
    assert sum(settled) == done["items"] == done["removed"]
    keeping.sweep()
    assert keeping.read(run)["state"] == "executed"
    events = keeping.rows(
        "SELECT about_id FROM events WHERE type = 'retention.content_removed'"
        f" AND data ->> 'run_id' = '{done['id']}'"
    )
    assert len({row["about_id"] for row in events}) == len(events) == done["items"]


@pytest.mark.long
def test_an_event_that_is_being_taken_in_goes_first(keeping: Keeping, case: Auditing) -> None:
    run = keeping.propose()
    keeping.approve(run)

    async def sweep_meanwhile() -> None:
        connection = await asyncpg.connect(keeping.database.database_url)
        try:
            async with connection.transaction():
                turn = turn_of_ref("mosaic", case.ref)
                await connection.execute("SELECT pg_advisory_xact_lock($1)", turn)
                with pytest.raises(DBAPIError):
                    await asyncio.to_thread(keeping.sweep)
        finally:
            await connection.close()

    asyncio.run(sweep_meanwhile())
    assert item_of(keeping, run, case)["outcome"] is None, "it waits for the next sweep"
    assert keeping.execute(run)["state"] == "executed"
    assert keeping.api.get(f"/v1/subjects/mosaic/{case.ref}").status_code == 404


# --- restricted records ---


@pytest.mark.long
def test_a_restricted_record_goes_only_by_two_people_who_may_see_it(
    keeping: Keeping, case: Auditing
) -> None:
    other = keeping.child()
    subject_id = keeping.subject_id(case)
    ids = {person: keeping.read("/v1/me", person)["principal_id"] for person in ("qs-1", "qs-2")}
    restrict = "UPDATE subjects SET restricted = {0}, restriction_kind = {1} WHERE id = '{2}'"

    def let_in(person: str, by: str) -> None:
        body = {
            "principal_id": ids[person],
            "reason": "To decide about it.",
            "expires_at": in_a_week(),
        }
        path = f"/v1/subjects/mosaic/{case.ref}/restriction-grants"
        assert keeping.api.as_(by).create(path, body).status_code == 201

    keeping.rows(restrict.format("true", "'staff'", subject_id))
    unseen = keeping.propose()
    assert subject_id not in keeping.items(unseen)
    keeping.api.act(f"{unseen}/cancel", {"reason": "Again."})

    let_in("qs-1", by="qs-2")
    run = keeping.propose("qs-1")
    assert subject_id in keeping.items(run, "qs-1")
    assert subject_id not in keeping.items(run, "qs-2")
    seen = [keeping.read(run, person)["items"] for person in ("qs-1", "qs-2")]
    assert seen[0] == seen[1] + 1, "totals count what the reader may see"
    keeping.approve(run, "qs-2")
    assert keeping.execute(run)["state"] == "executed"
    assert item_of(keeping, run, case)["outcome"] == "not_seen_by_approver"
    assert keeping.api.get(f"/v1/subjects/mosaic/{other.ref}").status_code == 404

    let_in("qs-2", by="qs-1")
    run = keeping.propose("qs-1")
    keeping.approve(run, "qs-2")
    keeping.execute(run)
    assert keeping.api.get(f"/v1/subjects/mosaic/{case.ref}").status_code == 404
