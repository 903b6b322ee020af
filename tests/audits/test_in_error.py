"""An audit made on the wrong child leaves that child's record, when two people say so."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import asyncpg
import pytest

from qa_api import clock
from qa_api.auth.actor import finding_the_caller
from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import Role
from qa_api.rules.local_time import local_date
from qa_api.rules.states import AuditState
from tests.api import SOME_VERSION, Api, in_a_week
from tests.audits.auditing import ACTION, FINDING, SUPERVISOR, WORKER, Auditing
from tests.closures.sending import PROPOSED, Episode
from tests.conftest import Database

WHY = {"reason": "The audit is about another child."}


def completed_with_action(case: Auditing) -> str:
    path = case.filled(actions=[ACTION])
    overall = {"overall": {"judgement": "good", "rationale": "Purposeful."}}
    case.accept(case.api.as_(SUPERVISOR).act(f"{path}/complete", overall))
    return path


def test_it_takes_two_of_quality_standards(case: Auditing) -> None:
    path = completed_with_action(case)
    assert case.api.as_("tm-lincoln-fast").act(f"{path}/record-in-error", WHY).status_code == 403
    first, second = case.api.as_("qs-1"), case.api.as_("qs-2")
    unreported = second.act(f"{path}/confirm-error")
    assert unreported.json()["code"] == "not-reported"
    assert case.accept(first.act(f"{path}/record-in-error", WHY))["error_reason"] == WHY["reason"]
    assert first.act(f"{path}/confirm-error").json()["code"] == "second-person"
    assert case.read(path)["state"] == AuditState.COMPLETED, "until then it stands"
    assert second.act(f"{path}/confirm-error").status_code == 204


@pytest.mark.long
def test_what_one_reported_waits_for_another_who_confirms_or_withdraws_it(case: Auditing) -> None:
    path = completed_with_action(case)
    first, second = case.api.as_("qs-1"), case.api.as_("qs-2")

    def waits(person: str) -> bool:
        found = case.api.as_(person).work("kind=confirm_error")
        return path in {item["path"] for item in found}

    def steps(person: str) -> set[str]:
        offered = case.read(path, person)["allowed_actions"]
        return {step for step in offered if step.endswith("_error")}

    assert steps("qs-1") == steps("qs-2") == {"record_in_error"}
    assert first.act(f"{path}/withdraw-error").json()["code"] == "not-reported"
    reported = case.accept(first.act(f"{path}/record-in-error", WHY))
    assert reported["error_reported_by"] == "qs-1"
    assert (waits("qs-1"), waits("qs-2"), waits("tm-lincoln-fast")) == (False, True, False)
    assert steps("qs-1") == {"withdraw_error"}
    assert steps("qs-2") == {"confirm_error", "withdraw_error"}
    assert steps("tm-lincoln-fast") == set()
    again = second.act(f"{path}/record-in-error", WHY)
    assert (again.status_code, again.json()["code"]) == (422, "reported-already")
    assert case.read(path)["error_reported_by"] == "qs-1"
    assert case.api.as_("tm-lincoln-fast").act(f"{path}/withdraw-error").status_code == 403
    withdrawn = case.accept(second.act(f"{path}/withdraw-error"))
    assert (withdrawn["error_reported_by"], withdrawn["error_reason"]) == (None, None)
    assert not waits("qs-2")
    case.accept(second.act(f"{path}/record-in-error", WHY))
    assert (waits("qs-1"), waits("qs-2")) == (True, False)
    assert first.act(f"{path}/confirm-error").status_code == 204
    assert not waits("qs-1")


@pytest.mark.long
def test_an_error_on_a_restricted_record_waits_for_a_grant_to_a_second_person(
    case: Auditing, restrict: Callable[[str], None]
) -> None:
    path = completed_with_action(case)
    audit_id = path.rpartition("/")[2]
    restrict(case.ref)

    def let_in(worker: str, by: str) -> None:
        body = {"about": audit_id, "worker": worker, "reason": "To put it right."}
        body |= {"expires_at": in_a_week()}
        granted = case.api.as_(by).create("/v1/restriction-grants", body)
        assert granted.status_code == 201, granted.text

    def listed(kind: str, person: str) -> bool:
        found = case.api.as_(person).work(f"kind={kind}")
        return audit_id in {item["about"] for item in found}

    principals = case.api.as_("admin-1").get("/v1/principals?worker=qs-1").json()["items"]
    grant = {"principal_id": principals[0]["id"], "reason": "To put it right."}
    grant |= {"expires_at": in_a_week()}
    child = f"/v1/subjects/mosaic/{case.ref}/restriction-grants"
    assert case.api.as_("qs-2").create(child, grant).status_code == 201
    case.accept(case.api.as_("qs-1").act(f"{path}/record-in-error", WHY))
    people = ("qs-1", "qs-2", "tm-lincoln-fast")
    assert [listed("grant_access", each) for each in people] == [True, True, False]
    assert not any(listed("confirm_error", each) for each in people)
    let_in("qs-2", "qs-1")
    assert not any(listed("grant_access", each) for each in people)
    assert [listed("confirm_error", each) for each in people] == [False, True, False]
    assert case.api.as_("qs-2").act(f"{path}/confirm-error").status_code == 204
    assert not any(
        listed(kind, each) for kind in ("confirm_error", "grant_access") for each in people
    )


@pytest.mark.long
def test_it_is_in_no_list_any_more_and_neither_is_what_hung_on_it(case: Auditing) -> None:
    path = completed_with_action(case)
    audit_id = path.rpartition("/")[2]
    lists = [
        f"/v1/audit-responses?audit={audit_id}",
        f"/v1/restorative-actions?audit={audit_id}",
        f"/v1/notifications?audit={audit_id}",
    ]
    assert all(case.read(each)["items"] for each in lists)
    case.accept(case.api.as_("qs-1").act(f"{path}/record-in-error", WHY))
    assert case.api.as_("qs-2").act(f"{path}/confirm-error").status_code == 204
    assert not any(case.read(each)["items"] for each in lists)
    for person in ("qs-1", SUPERVISOR, "tm-lincoln-fast", "sw1-lincoln-fast"):
        assert case.api.as_(person).get(path).status_code == 404
        waiting = case.api.as_(person).work()
        assert case.ref not in {(item["subject"] or {}).get("ref") for item in waiting}


def test_a_draft_is_cancelled_not_recorded_in_error(case: Auditing) -> None:
    path = case.started()
    assert case.api.as_("qs-1").act(f"{path}/record-in-error", WHY).status_code == 409


def recorded_in_error(case: Auditing, path: str) -> None:
    """Two of Quality & Standards agree."""
    case.accept(case.api.as_("qs-1").act(f"{path}/record-in-error", WHY))
    assert case.api.as_("qs-2").act(f"{path}/confirm-error").status_code == 204


def listed(case: Auditing, person: str, path: str) -> set[str]:
    """The ids of a list as somebody sees it."""
    return {row["id"] for row in case.accept(case.api.as_(person).get(path))["items"]}


def waits_for(case: Auditing, person: str) -> set[str]:
    """Where the work that waits for somebody is."""
    found = case.api.as_(person).work()
    return {item["path"] for item in found if item["kind"] != "told"}


def behind_the_second_lock(database: Database, table: str, row: str, **context: str) -> int:
    """How many rows row-level security lets a reader see who asks for one by its id."""

    async def count() -> int:
        reader = await asyncpg.connect(database.read_url)
        try:
            async with reader.transaction(readonly=True):
                for name, value in ({"reach": "rows"} | context).items():
                    await reader.execute("SELECT set_config($1, $2, true)", f"qa.{name}", value)
                seen = f"SELECT count(*) FROM {table} WHERE id = $1"  # our own names
                return int(await reader.fetchval(seen, UUID(row)))
        finally:
            await reader.close()

    return asyncio.run(count())


@pytest.mark.long
def test_its_escalations_are_over(case: Auditing) -> None:
    path = completed_with_action(case)
    finding = case.api.as_(SUPERVISOR).create(f"{path}/urgent-findings", FINDING)
    assert finding.status_code == 201, finding.text
    (raised,) = listed(case, "qs-1", f"/v1/escalations?audit={path.rpartition('/')[2]}")
    escalation = f"/v1/escalations/{raised}"
    assert escalation in waits_for(case, "tm-lincoln-fast")
    recorded_in_error(case, path)
    over = case.read(escalation)
    assert (over["state"], over["resolved_by"]) == ("resolved", "qs-2")
    assert over["resolution"] == "The audit that raised it was recorded in error."
    assert over["allowed_actions"] == []
    for person in ("tm-lincoln-fast", "hos-fast", "qs-1", "qs-2"):
        assert escalation not in waits_for(case, person)
    assert raised not in listed(case, "qs-1", "/v1/escalations?overdue=true&limit=500")


@pytest.mark.long
def test_who_was_asked_about_its_urgent_finding_reads_of_it_no_more(
    case: Auditing, database: Database
) -> None:
    manager, head = "tm-lincoln-fast", "hos-fast"
    path = completed_with_action(case)
    audit_id = path.rpartition("/")[2]
    made = case.accept(case.api.as_(SUPERVISOR).create(f"{path}/urgent-findings", FINDING))
    (raised,) = listed(case, "qs-1", f"/v1/escalations?audit={audit_id}")
    escalation = f"/v1/escalations/{raised}"
    theirs = {"worker": manager, "teams": case.team}

    def seen(table: str, row: str) -> int:
        return behind_the_second_lock(database, table, row, **theirs)

    for person in (manager, head):
        assert case.read(escalation, person)["finding"]["description"] == FINDING["description"]
    assert seen("escalations", raised) == seen("urgent_findings", made["id"]) == 1
    assert case.api.as_(manager).act(f"{escalation}/acknowledge").status_code == 200
    recorded_in_error(case, path)
    for person in (manager, head):
        assert case.api.as_(person).get(escalation).status_code == 404
        assert listed(case, person, f"/v1/escalations?audit={audit_id}") == set()
        for step, body in (("acknowledge", {}), ("dispute", {"reason": "It is not so."})):
            answer = case.api.as_(person).post(
                f"{escalation}/{step}", body, headers={"if-match": SOME_VERSION}
            )
            assert answer.status_code == 404
    assert seen("escalations", raised) == seen("urgent_findings", made["id"]) == 0
    assert case.read(escalation)["finding"]["description"] == FINDING["description"]


@pytest.mark.long
def test_the_owner_of_one_of_its_actions_in_another_team_reads_it_no_more(
    case: Auditing, database: Database
) -> None:
    owner = "sw1-boston-fast"
    path = case.filled(actions=[ACTION | {"owner": owner}])
    overall = {"overall": {"judgement": "good", "rationale": "Purposeful."}}
    case.accept(case.api.as_(SUPERVISOR).act(f"{path}/complete", overall))
    (action,) = case.read(path)["actions"]
    place, mine = f"/v1/restorative-actions/{action['id']}", f"owner={owner}&limit=500"
    theirs = {"worker": owner, "teams": ""}
    assert case.read(place, owner)["description"] == ACTION["description"]
    assert place in waits_for(case, owner)
    assert behind_the_second_lock(database, "restorative_actions", action["id"], **theirs) == 1
    recorded_in_error(case, path)
    assert case.api.as_(owner).get(place).status_code == 404
    assert action["id"] not in listed(case, owner, f"/v1/restorative-actions?{mine}")
    assert place not in waits_for(case, owner)
    refused = case.api.as_(owner).post(
        f"{place}/complete", {"done_on": "2026-11-23"}, headers={"if-match": SOME_VERSION}
    )
    assert refused.status_code == 404
    assert behind_the_second_lock(database, "restorative_actions", action["id"], **theirs) == 0


async def told_to(database: Database, issuer: str, person: str) -> str:
    """What the context of a caller says of the audits recorded in error."""
    now = clock.now()
    caller = {"issuer": issuer, "subject": person, "permitted_roles": [role.value for role in Role]}
    finding = finding_the_caller()
    reader = await asyncpg.connect(database.read_url)
    try:
        async with reader.transaction(readonly=True):
            values = {**caller, "now": now, "today": local_date(now)}
            (who,) = await reader.fetch(finding.sql, *finding.arguments(values))
            assert who["permitted"]
            return str(await reader.fetchval("SELECT current_setting('qa.in_error')"))
    finally:
        await reader.close()


def test_the_errors_are_told_with_the_caller_and_hide_what_belongs_to_them(
    case: Auditing, database: Database, issuer: DevelopmentIssuer
) -> None:
    def told(person: str) -> str:
        return asyncio.run(told_to(database, issuer.settings.issuer, person))

    def seen(errors: str) -> int:
        theirs = {"teams": case.team, "in_error": errors}
        return behind_the_second_lock(database, "restorative_actions", action["id"], **theirs)

    path = completed_with_action(case)
    (action,) = case.read(path)["actions"]
    before = told("tm-lincoln-fast")
    assert before.startswith(",")
    assert (seen(before), seen(","), seen("")) == (1, 1, 1)
    recorded_in_error(case, path)
    now = told("tm-lincoln-fast")
    assert path.rpartition("/")[2] in now
    assert (seen(now), seen("")) == (0, 0)
    assert seen(before) == 1, "rows are not looked up again where they are told"
    assert told("case-system-mosaic") == now
    assert told("qs-1") == told("slt-1") == "", "who reads the whole authority is shown them"


def test_the_case_system_lists_its_notification_no_more(case: Auditing, database: Database) -> None:
    path = completed_with_action(case)
    query = f"/v1/notifications?audit={path.rpartition('/')[2]}"
    system = "case-system-mosaic"
    (told,) = listed(case, system, query)
    assert behind_the_second_lock(database, "notifications", told, system="mosaic") == 1
    recorded_in_error(case, path)
    assert listed(case, system, query) == set()
    assert case.api.as_(system).get(f"/v1/notifications/{told}").status_code == 404
    assert behind_the_second_lock(database, "notifications", told, system="mosaic") == 0


@pytest.mark.long
def test_what_is_on_its_way_about_it_is_not_sent(case: Auditing) -> None:
    admin = case.api.as_("admin-1")
    wanted = {
        "system": "mosaic",
        "url": "http://127.0.0.1:9/hook",
        "event_types": ["audit.response_required"],
    }
    endpoint = case.accept(admin.create("/v1/webhook-endpoints", wanted))
    standing, wrong = completed_with_action(case), completed_with_action(case)

    def waiting() -> list[str]:
        found = admin.get(f"/v1/webhook-deliveries?endpoint={endpoint['id']}")
        return [row["state"] for row in found.json()["items"]]  # the newest first

    assert waiting() == ["waiting", "waiting"]
    audit = f"audit={wrong.rpartition('/')[2]}"
    (about,) = listed(case, "qs-1", f"/v1/notifications?{audit}")
    recorded_in_error(case, wrong)
    assert waiting() == ["skipped", "waiting"], "and what stands goes on"
    assert case.read(standing)["state"] == "completed"
    work = case.api.as_("tm-lincoln-fast").work("kind=told")
    assert f"/v1/notifications/{about}" not in {item["path"] for item in work}
    case.accept(admin.act(f"/v1/webhook-endpoints/{endpoint['id']}/disable"))


@pytest.mark.long
def test_nobody_who_reaches_rows_alone_sees_any_of_it_behind_the_second_lock(
    case: Auditing, database: Database
) -> None:
    path = completed_with_action(case)
    audit_id = path.rpartition("/")[2]
    (response,) = listed(case, "qs-1", f"/v1/audit-responses?audit={audit_id}")
    people = (
        {"worker": WORKER},
        {"worker": SUPERVISOR, "teams": case.team},
        {"worker": "tm-lincoln-fast", "teams": case.team},
    )
    for table, row in (("audits", audit_id), ("audit_responses", response)):
        for person in people:
            assert behind_the_second_lock(database, table, row, **person) == 1
    recorded_in_error(case, path)
    for table, row in (("audits", audit_id), ("audit_responses", response)):
        for person in people:
            assert behind_the_second_lock(database, table, row, **person) == 0
        assert behind_the_second_lock(database, table, row, reach="authority") == 1


@pytest.mark.long
def test_what_a_case_system_does_not_see_is_not_therefore_missing(
    api: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    at("2026-11-23T09:30:00Z")
    audited, waiting = Episode(api, [new_ref()]), Episode(api, [new_ref()])
    for episode in (audited, waiting):
        episode.tell(PROPOSED)
    audited.complete_audit()
    for flag, episode in (("true", audited), ("false", waiting)):
        for person in ("case-system-mosaic", "qs-1", "tm-lincoln-fast"):
            for each in (audited, waiting):
                found = api.as_(person).get(
                    f"/v1/closure-gates?audited={flag}&episode_id={each.id}"
                )
                assert bool(found.json()["items"]) is (each is episode), (person, flag)
