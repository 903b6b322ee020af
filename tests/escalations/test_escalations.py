"""R4.3.1-R4.3.4: urgent findings and inadequate judgements, two hops with proof."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range

from qa_api.directory.service import service_of_team
from qa_api.escalations.missed import alert_missed_hops
from qa_api.escalations.service import mark_notified
from qa_api.models.directory import Post
from qa_api.models.events import LoggedEvent
from qa_api.models.subjects import Subject
from qa_api.subjects.service import reallocate
from qa_api.work import Work
from tests.api import Json
from tests.audits.auditing import FINDING, HEAD, MANAGER, SUPERVISOR, WORKER, Auditing
from tests.conftest import Database, execute, told
from tests.responses.casework import DEPUTY, Casework

INADEQUATE = {"judgement": "inadequate", "rationale": "Nobody saw the child."}


def urgent(case: Auditing, auditor: str = SUPERVISOR, **plan: Any) -> str:
    """The path of the escalation of an urgent finding, raised while the audit is in progress."""
    audit = case.started(auditor, **plan)
    found = case.api.as_(auditor).create(f"{audit}/urgent-findings", FINDING)
    assert found.status_code == 201, found.text
    (raised,) = of_audit(case, audit)
    return f"/v1/escalations/{raised['id']}"


def of_audit(case: Auditing, audit: str, person: str = "qs-1") -> list[Json]:
    listed = case.read(f"/v1/escalations?audit={audit.rpartition('/')[2]}", person)
    return list(listed["items"])


def act(case: Auditing, path: str, person: str, **body: Any) -> Json:
    return case.accept(case.api.as_(person).act(path, body))


def hand_over(case: Auditing, team: str, worker: str | None) -> Callable[[Work], Awaitable[bool]]:
    """The case goes to another team."""

    async def reallocated(work: Work) -> bool:
        subject = (await work.session.scalars(select(Subject).where(Subject.ref == case.ref))).one()
        return await reallocate(work, subject, team=team, worker=worker, at=work.now)

    return reallocated


@pytest.mark.long
def test_an_urgent_finding_is_the_managers_at_once(case: Auditing) -> None:
    escalation = case.read(urgent(case), MANAGER)
    assert (escalation["state"], escalation["trigger"]) == ("raised", "urgent_finding")
    assert [(r["recipient"], r["acts_as"]) for r in escalation["recipients"]] == [
        (MANAGER, "team_manager")
    ]
    # By the end of the same working day, and of the next: London midnights.
    assert escalation["acknowledge_by"] == "2026-11-24T00:00:00.000000Z"
    assert escalation["inform_by"] == "2026-11-25T00:00:00.000000Z"
    because = escalation["explanation"]
    assert because["raised"]["clause"] == "§4.3, R4.3.1"
    assert [step["date"] for step in because["inform_by"]["steps"] if step["counted"]] == [
        "2026-11-24"
    ]


def test_raised_on_a_sunday_it_is_due_on_monday(case: Auditing, at: Callable[[str], None]) -> None:
    audit = case.started()
    at("2026-11-29T10:00:00Z")
    case.accept(case.api.as_(SUPERVISOR).create(f"{audit}/urgent-findings", FINDING))
    (raised,) = of_audit(case, audit)
    assert raised["acknowledge_by"] == "2026-12-01T00:00:00.000000Z"


def test_an_inadequate_judgement_escalates_on_completion_even_without_actions(
    case: Auditing,
) -> None:
    audit = case.filled()
    case.accept(case.api.as_(SUPERVISOR).act(f"{audit}/complete", {"overall": INADEQUATE}))
    (raised,) = of_audit(case, audit)
    assert raised["trigger"] == "inadequate_judgement"


def test_another_judgement_does_not_escalate(case: Auditing) -> None:
    assert of_audit(case, case.completed()) == []


@pytest.mark.long
def test_both_hops_are_made_by_the_manager_and_only_quality_standards_resolves(
    case: Auditing, at: Callable[[str], None]
) -> None:
    path = urgent(case)
    early = case.api.as_(MANAGER).act(
        f"{path}/inform-quality-standards", {"actions_to_be_taken": "Visit."}
    )
    assert (early.status_code, early.json()["state"]) == (409, "raised")
    at("2026-11-23T09:42:10Z")
    acknowledged = act(case, f"{path}/acknowledge", MANAGER)
    assert acknowledged["state"] == "acknowledged"
    assert acknowledged["recipients"][0]["acknowledged_by"] == MANAGER
    at("2026-11-23T11:00:00Z")
    for_nobody_else = case.api.as_("qs-1").act(
        f"{path}/inform-quality-standards", {"actions_to_be_taken": "Visit."}
    )
    assert for_nobody_else.status_code == 403
    informed = act(
        case, f"{path}/inform-quality-standards", MANAGER, actions_to_be_taken="Visit today."
    )
    assert informed["state"] == "quality_standards_informed"
    assert (informed["informed_by"], informed["actions_to_be_taken"]) == (MANAGER, "Visit today.")
    assert [(hop["hop"], hop["minutes"]) for hop in informed["hops"]] == [
        ("acknowledgement", 12),
        ("quality_standards", 90),
    ]
    resolution = {"resolution": "Visited; safe."}
    assert case.api.as_(MANAGER).act(f"{path}/resolve", resolution).status_code == 403
    resolved = act(case, f"{path}/resolve", "qs-1", **resolution)
    assert (resolved["state"], resolved["resolved_by"]) == ("resolved", "qs-1")
    assert resolved["allowed_actions"] == []


def test_reading_and_arriving_prove_no_acknowledgement(case: Auditing, casework: Casework) -> None:
    path = urgent(case)
    case.read(path, MANAGER)
    assert case.read(path)["state"] == "raised"
    escalation_id = UUID(path.rpartition("/")[2])
    casework.as_service(lambda work: mark_notified(work, escalation_id, work.now))
    notified = case.read(path)
    assert (notified["state"], notified["acknowledged_at"]) == ("notified", None)
    assert act(case, f"{path}/acknowledge", MANAGER)["state"] == "acknowledged"
    casework.as_service(lambda work: mark_notified(work, escalation_id, work.now))
    assert case.read(path)["state"] == "acknowledged"


@pytest.mark.parametrize(
    ("person", "place"),
    [(MANAGER, "team_manager"), (DEPUTY, "deputy"), (HEAD, "head_of_service")],
)
def test_a_stand_in_acknowledges_in_the_managers_stead(
    case: Auditing, person: str, place: str
) -> None:
    acknowledged = act(case, f"{urgent(case)}/acknowledge", person)
    (recipient,) = acknowledged["recipients"]
    assert (recipient["recipient"], recipient["acts_as"]) == (MANAGER, "team_manager")
    assert (recipient["acknowledged_by"], recipient["acknowledged_as"]) == (person, place)


@pytest.mark.parametrize(
    ("person", "status"),
    [
        (WORKER, 403),
        (SUPERVISOR, 403),  # the auditor sees the finding, in the audit
        ("au-1", 403),
        ("tm-boston-fast", 404),
        ("slt-1", 403),
        ("case-system-mosaic", 403),
        ("qs-1", 200),
        (HEAD, 200),
    ],
)
def test_escalations_are_for_those_addressed_and_quality_standards(
    case: Auditing, person: str, status: int
) -> None:
    path = urgent(case)
    assert case.api.as_(person).get(path).status_code == status
    if status == 200:
        assert len(of_audit(case, case.read(path)["audit_id"], person)) == 1
    elif status == 404:
        assert of_audit(case, case.read(path)["audit_id"], person) == []


def test_quality_standards_does_not_acknowledge_for_a_manager_in_post(case: Auditing) -> None:
    assert case.api.as_("qs-1").act(f"{urgent(case)}/acknowledge").status_code == 403


@pytest.fixture
def nobody_leads(casework: Casework) -> Iterator[str]:
    """A team of which nobody is manager or deputy, in a service that nobody heads."""
    team = "contact-fgc"

    async def end_posts(work: Work) -> dict[UUID, Range[date]]:
        service = await service_of_team(work, team)
        posts = await work.session.scalars(
            select(Post).where((Post.team == team) | (Post.service == service))
        )
        held = {post.id: post.valid for post in posts}
        long_ago = Range(date(2020, 1, 1), date(2020, 1, 2))
        await work.session.execute(update(Post).where(Post.id.in_(held)).values(valid=long_ago))
        await work.record(told())
        return held

    async def restore(work: Work) -> None:
        for post, valid in held.items():
            await work.session.execute(update(Post).where(Post.id == post).values(valid=valid))
        await work.record(told())

    held = casework.as_service(end_posts)
    yield team
    casework.as_service(restore)


def test_where_nobody_leads_quality_standards_acts_and_the_record_says_so(
    case: Auditing, casework: Casework, nobody_leads: str
) -> None:
    casework.as_service(hand_over(case, nobody_leads, None))
    audit = case.started("au-1", type="collaborative")
    case.accept(case.api.as_("au-1").create(f"{audit}/urgent-findings", FINDING))
    (raised,) = of_audit(case, audit)
    path = f"/v1/escalations/{raised['id']}"
    (recipient,) = case.read(path)["recipients"]
    assert (recipient["acts_as"], recipient["recipient"]) == ("quality_standards", None)
    act(case, f"{path}/acknowledge", "qs-1")
    informed = act(
        case, f"{path}/inform-quality-standards", "qs-1", actions_to_be_taken="Visit today."
    )
    assert (informed["state"], informed["informed_by"]) == ("quality_standards_informed", "qs-1")


@pytest.mark.long
def test_two_managers_each_acknowledge(
    case: Auditing, casework: Casework, at: Callable[[str], None]
) -> None:
    """The team as audited and the team that holds the case now are both relevant."""
    audit = case.started("au-1", type="collaborative")

    casework.as_service(hand_over(case, "boston-fast", "sw1-boston-fast"))
    case.accept(case.api.as_("au-1").create(f"{audit}/urgent-findings", FINDING))
    (raised,) = of_audit(case, audit)
    path = f"/v1/escalations/{raised['id']}"
    both = {MANAGER, "tm-boston-fast"}
    for person in sorted(both):
        seen = case.read(path, person)
        assert {each["recipient"] for each in seen["recipients"]} == both
        assert seen["subject"]["ref"] == case.ref
    at("2026-11-23T11:00:00Z")
    first = act(case, f"{path}/acknowledge", MANAGER)
    assert first["state"] == "raised"
    assert first["changed_at"] == "2026-11-23T11:00:00.000000Z", "whoever follows it sees the first"
    assert acknowledged_by(first) == {MANAGER: MANAGER, "tm-boston-fast": None}
    second = act(case, f"{path}/acknowledge", "tm-boston-fast")
    assert second["state"] == "acknowledged"
    assert acknowledged_by(second) == {each: each for each in both}


def acknowledged_by(escalation: Json) -> dict[str, str | None]:
    return {each["recipient"]: each["acknowledged_by"] for each in escalation["recipients"]}


@pytest.mark.parametrize("person", ["tm-boston-fast", WORKER, "au-1", "qs-1"])
def test_nobody_is_written_down_as_acknowledging_for_a_team_that_they_do_not_lead(
    case: Auditing, database: Database, person: str
) -> None:
    escalation_id = urgent(case).rpartition("/")[2]
    acknowledge = (
        "SELECT set_config('qa.reach', 'service', false),"
        " set_config('qa.now', '2026-11-23T09:30:00Z', false); UPDATE escalation_recipients"
        f" SET acknowledged_at = now(), acknowledged_as = 'team_manager', acknowledged_by = '{{}}'"
        f" WHERE escalation_id = '{escalation_id}'"
    )
    with pytest.raises(asyncpg.CheckViolationError, match="leads the team that is asked"):
        execute(database.database_url, acknowledge.format(person))
    execute(database.database_url, acknowledge.format(HEAD))


def test_what_nobody_acknowledged_follows_the_case_to_its_new_manager(
    case: Auditing, casework: Casework
) -> None:
    path = urgent(case)

    casework.as_service(hand_over(case, "boston-fast", "sw1-boston-fast"))
    recipients = case.read(path, "tm-boston-fast")["recipients"]
    assert {each["recipient"] for each in recipients} == {MANAGER, "tm-boston-fast"}
    assert case.read(path, MANAGER)["team"] == "boston-fast"


@pytest.mark.long
def test_each_missed_hop_is_told_once_to_head_and_quality_standards(
    case: Auditing, casework: Casework, at: Callable[[str], None]
) -> None:
    path = urgent(case)
    escalation_id = path.rpartition("/")[2]
    unacknowledged, uninformed = "escalation_unacknowledged", "quality_standards_uninformed"
    casework.as_service(alert_missed_hops)
    assert casework.alerts(escalation_id, unacknowledged) == []
    at("2026-11-24T00:00:00Z")
    for _ in range(2):
        casework.as_service(alert_missed_hops)
    told = {("head_of_service", HEAD), ("quality_standards", "quality_standards")}
    assert set(casework.alerts(escalation_id, unacknowledged)) == told
    assert casework.alerts(escalation_id, uninformed) == []
    assert len(casework.events(escalation_id, "escalation.unacknowledged")) == 1
    assert case.read(path)["overdue"] is True
    act(case, f"{path}/acknowledge", MANAGER)
    at("2026-11-25T00:00:00Z")
    for _ in range(2):
        casework.as_service(alert_missed_hops)
    assert set(casework.alerts(escalation_id, uninformed)) == told
    assert len(casework.alerts(escalation_id, unacknowledged)) == 2
    assert len(casework.events(escalation_id, "escalation.quality_standards_uninformed")) == 1


def test_a_dispute_is_a_mark_beside_the_state(case: Auditing) -> None:
    path = urgent(case)
    disputed = act(case, f"{path}/dispute", MANAGER, reason="The visit is on the record.")
    assert (disputed["state"], disputed["disputed"]) == ("raised", True)
    assert (disputed["disputed_by"], disputed["dispute_reason"]) == (
        MANAGER,
        "The visit is on the record.",
    )
    again = case.api.as_(HEAD).act(f"{path}/dispute", {"reason": "So say I."})
    assert again.status_code == 409
    assert case.read("/v1/escalations?disputed=true&limit=500")["items"]
    assert act(case, f"{path}/acknowledge", MANAGER)["disputed"] is True


def test_a_stale_step_is_refused(case: Auditing) -> None:
    path = urgent(case)
    tag = case.api.as_(MANAGER).tag(path)
    act(case, f"{path}/dispute", MANAGER, reason="Because.")
    stale = case.api.as_(MANAGER).post(f"{path}/acknowledge", {}, headers={"if-match": tag})
    assert stale.status_code == 412


def test_what_was_said_reaches_no_event(case: Auditing, casework: Casework) -> None:
    path = urgent(case)
    act(case, f"{path}/acknowledge", MANAGER)
    act(case, f"{path}/inform-quality-standards", MANAGER, actions_to_be_taken="Unspeakable.")

    async def logged(work: Work) -> list[Json]:
        about = UUID(path.rpartition("/")[2])
        return list(
            await work.session.scalars(
                select(LoggedEvent.data).where(LoggedEvent.about_id == about)
            )
        )

    assert "Unspeakable" not in str(casework.as_service(logged))
