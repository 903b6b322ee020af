"""The allocated worker is told through the case system, and it shows where that fails (R4.2.8)."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import update

from qa_api.models.directory import Worker
from qa_api.models.subjects import Subject
from qa_api.notifications.service import (
    FAILED,
    OVERDUE,
    alert_queued_past_policy,
    mark_undeliverable,
)
from qa_api.rules.notifications import UndeliverableReason
from qa_api.subjects.service import reallocate
from qa_api.work import Work
from tests.conftest import told
from tests.responses.casework import MANAGER, TEAM, WORKER, Case, Casework, event_of

At = Callable[[str], None]
BY_HAND = {"by": MANAGER, "how": "By telephone", "at": "2026-11-23T10:00:00Z"}


def id_of(case: Case) -> str:
    return case.notification.rpartition("/")[2]


def fail(casework: Casework, case: Case, reason: UndeliverableReason) -> None:
    async def failed(work: Work) -> None:
        await mark_undeliverable(work, await event_of(work, case.audit_id), reason)

    casework.as_service(failed)


def test_it_is_queued_when_the_audit_is_completed(casework: Casework) -> None:
    case = casework.completed_audit()
    queued = case.read(case.notification)
    assert (queued["kind"], queued["state"]) == ("response_required", "queued")
    # The end of the same London working day.
    assert queued["queued_until"].startswith("2026-11-24T00:00:00")
    assert queued["explanation"]["clause"] == "§4.2, R4.2.8"
    (sent,) = casework.events(id_of(case), "audit.response_required")
    assert sent["worker"] == WORKER
    assert sent["audit_id"] == str(case.audit_id)


def test_it_names_worker_and_team_as_the_case_system_calls_them(casework: Casework) -> None:
    admin = casework.api.as_("admin-1")
    suffix = uuid4().hex[:8]
    worker, team = f"sw-{suffix}", f"team-{suffix}"
    called = {"system": "mosaic", "reference": f"SmithJ-{suffix}"}
    ended = {"system": "mosaic", "reference": f"Smith-{suffix}", "to": "2026-11-01"}
    for path, body in (
        (f"workers/{worker}", {"references": [ended, called]}),
        (f"teams/{team}", {"name": team}),
    ):
        answer = admin.change("PUT", f"/v1/{path}", body)
        assert answer.status_code == 200, answer.text
    case = casework.completed_audit(worker=worker, team=team)
    for person in ("qs-1", "case-system-mosaic"):
        seen = case.read(case.notification, person)
        assert (seen["worker"], seen["worker_reference"]) == (worker, called["reference"])
        assert (seen["team"], seen["team_reference"]) == (team, None)


def test_a_completion_on_a_sunday_has_until_the_end_of_monday(casework: Casework, at: At) -> None:
    at("2026-11-29T12:00:00Z")
    case = casework.completed_audit()
    assert case.read(case.notification)["queued_until"].startswith("2026-12-01T00:00:00")


@pytest.mark.parametrize("actions", [0, 1])
def test_delivered_is_when_the_case_system_said_so(
    casework: Casework, at: At, actions: int
) -> None:
    case = casework.completed_audit(actions=actions)
    at("2026-11-23T11:00:00Z")
    casework.deliver(case, "2026-11-23T10:59:58Z")
    told = case.read(case.notification)
    assert told["state"] == "delivered"
    assert told["notified_at"].startswith("2026-11-23T10:59:58")
    (notified,) = casework.events(id_of(case), "notification.delivered")
    assert notified["by_hand"] is False


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"worker": None}, "no_allocated_worker"),
        ({"worker": "sw2-contact-fgc", "team": "contact-fgc"}, "worker_left"),
    ],
)
def test_who_cannot_be_told_shows_at_once_and_starts_no_clock(
    casework: Casework, facts: dict[str, str | None], reason: str
) -> None:
    if reason == "worker_left":
        casework.as_service(leaves)
    case = casework.completed_audit(**facts)
    undelivered = case.read(case.notification)
    assert (undelivered["state"], undelivered["undeliverable_reason"]) == ("undeliverable", reason)
    assert undelivered["event_id"] is None
    manager = f"tm-{case.team}"
    assert casework.alerts(id_of(case), FAILED) == [("team_manager", manager)]
    listed = casework.api.as_(manager).get("/v1/notifications?state=undeliverable").json()
    assert id_of(case) in {row["id"] for row in listed["items"]}
    assert case.read(case.response)["due_on"] is None


async def leaves(work: Work) -> None:
    left = {"leaves_on": work.today.replace(day=20)}
    await work.session.execute(update(Worker).where(Worker.code == "sw2-contact-fgc").values(left))
    await work.record(told())


def test_a_restricted_record_is_not_sent(casework: Casework) -> None:
    case = casework.completed_audit(restricted=True)
    # Without a grant nobody reads it; the case system knows of its own.
    assert (
        casework.api.as_("qs-1").get(f"/v1/notifications?audit={case.audit_id}").json()["items"]
        == []
    )
    mine = casework.api.as_("case-system-mosaic")
    (row,) = mine.get(f"/v1/notifications?audit={case.audit_id}").json()["items"]
    assert (row["state"], row["undeliverable_reason"]) == ("undeliverable", "restricted")
    assert casework.events(row["id"], "audit.response_required") == []


@pytest.mark.parametrize("reason", [UndeliverableReason.REFUSED, UndeliverableReason.EXHAUSTED])
def test_what_the_case_system_does_not_take_goes_to_the_manager(
    casework: Casework, reason: UndeliverableReason
) -> None:
    case = casework.completed_audit()
    fail(casework, case, reason)
    fail(casework, case, reason)
    assert case.read(case.notification, MANAGER)["undeliverable_reason"] == reason
    assert casework.alerts(id_of(case), FAILED) == [("team_manager", MANAGER)]
    # A later attempt may still get through.
    casework.deliver(case)
    assert case.read(case.notification)["state"] == "delivered"


def test_told_by_hand_the_clock_starts_at_the_instant_recorded(casework: Casework, at: At) -> None:
    case = casework.completed_audit()
    fail(casework, case, UndeliverableReason.REFUSED)
    at("2026-11-25T12:00:00Z")
    told = case.act(f"{case.notification}/record-delivery", MANAGER, **BY_HAND)
    assert (told["state"], told["delivered_by"]) == ("delivered", MANAGER)
    assert told["undeliverable_reason"] == "refused"
    assert case.read(case.response)["due_on"] == "2026-11-30"
    (notified,) = casework.events(id_of(case), "notification.delivered")
    assert notified["by_hand"] is True


def answered_before_told(casework: Casework, at: At) -> Case:
    """Handed in and found adequate on the day; that the worker was told was recorded nowhere."""
    at("2026-11-23T09:30:00Z")
    case = casework.completed_audit()
    fail(casework, case, UndeliverableReason.REFUSED)
    at("2026-11-23T11:00:00Z")
    case.submit()
    case.review("adequate")
    return case


@pytest.mark.long
def test_what_is_told_after_an_adequate_answer_moves_no_clock_that_is_over(
    casework: Casework, at: At
) -> None:
    case = answered_before_told(casework, at)
    at("2027-02-15T09:30:00Z")
    late = BY_HAND | {"at": "2027-02-15T09:00:00Z"}
    told = case.act(f"{case.notification}/record-delivery", MANAGER, **late)
    assert told["state"] == "delivered"
    assert told["notified_at"].startswith("2027-02-15T09:00:00")
    response = case.read(case.response)
    assert (response["state"], response["notified_at"], response["due_on"]) == (
        "adequate",
        None,
        None,
    )
    assert (response["first_submitted_on_time"], response["adequate_on_time"]) == (True, True)
    due = f"/v1/audit-responses?audit={case.audit_id}&due_from=2027-01-01"
    assert case.read(due)["items"] == [], "it is due in no quarter in which it was long over"
    # By the case system it is no other.
    again = answered_before_told(casework, at)
    at("2027-02-15T09:30:00Z")
    casework.deliver(again, "2027-02-15T09:00:00+00:00")
    assert case.read(again.response)["due_on"] is None


def test_the_instant_told_decides_whenever_it_is_recorded(casework: Casework, at: At) -> None:
    case = casework.completed_audit()
    fail(casework, case, UndeliverableReason.REFUSED)
    at("2026-12-08T09:30:00Z")
    case.submit()
    case.review("adequate")
    at("2027-02-15T09:30:00Z")
    case.act(f"{case.notification}/record-delivery", MANAGER, **BY_HAND)
    response = case.read(case.response)
    assert response["due_on"] == "2026-11-30"
    assert (response["first_submitted_on_time"], response["adequate_on_time"]) == (False, False)


@pytest.mark.long
def test_what_is_handed_in_before_the_telling_is_on_time_and_a_further_round_has_the_date(
    casework: Casework, at: At
) -> None:
    case = casework.completed_audit()
    fail(casework, case, UndeliverableReason.REFUSED)
    at("2026-11-24T09:30:00Z")
    case.submit()
    at("2026-11-26T09:30:00Z")
    told = BY_HAND | {"at": "2026-11-26T09:00:00Z"}
    case.act(f"{case.notification}/record-delivery", MANAGER, **told)
    response = case.read(case.response)
    assert (response["due_on"], response["first_submitted_on_time"]) == ("2026-12-03", True)
    case.review("returned")
    at("2026-12-04T09:30:00Z")
    case.submit()
    assert case.review("adequate")["adequate_on_time"] is False


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"at": "2026-11-23T09:29:59Z"}, "/at"),
        ({"at": "2026-11-23T12:00:01Z"}, "/at"),
        ({"by": "nobody-here"}, "/by"),
        ({"how": " "}, "/how"),
    ],
)
def test_what_cannot_be_recorded_by_hand(
    casework: Casework, at: At, changed: dict[str, str], pointer: str
) -> None:
    case = casework.completed_audit()
    fail(casework, case, UndeliverableReason.REFUSED)
    at("2026-11-23T12:00:00Z")
    answer = case.refused(f"{case.notification}/record-delivery", MANAGER, **BY_HAND | changed)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert case.read(case.response)["due_on"] is None


def test_what_was_delivered_is_not_recorded_again(casework: Casework, at: At) -> None:
    case = casework.completed_audit()
    casework.deliver(case)
    at("2026-11-23T12:00:00Z")
    answer = case.refused(f"{case.notification}/record-delivery", "qs-1", **BY_HAND)
    assert (answer.status_code, answer.json()["state"]) == (409, "delivered")


def test_who_sees_notifications(casework: Casework, at: At) -> None:
    case = casework.completed_audit()
    fail(casework, case, UndeliverableReason.REFUSED)
    at("2026-11-23T12:00:00Z")
    case.act(f"{case.notification}/record-delivery", MANAGER, **BY_HAND)
    assert case.read(case.notification, "hos-fast")["delivered_how"] == "By telephone"
    # A case system sees its own, without free text.
    assert case.read(case.notification, "case-system-mosaic")["delivered_how"] is None
    for person, status in ((WORKER, 403), ("au-1", 403), ("tm-boston-fast", 404)):
        assert casework.api.as_(person).get(case.notification).status_code == status
    answer = casework.api.as_("case-system-mosaic").post(
        f"{case.notification}/record-delivery", BY_HAND
    )
    assert answer.status_code == 403


@pytest.mark.long
def test_queued_past_policy_manager_and_quality_standards_are_told_once(
    casework: Casework, at: At
) -> None:
    case = casework.completed_audit()
    delivered = casework.completed_audit()
    casework.deliver(delivered)

    def told(of: Case) -> list[tuple[str, str]]:
        casework.as_service(alert_queued_past_policy)
        return casework.alerts(id_of(of), OVERDUE)

    at("2026-11-23T23:59:59Z")
    assert told(case) == []
    assert case.read(case.notification)["overdue"] is False
    at("2026-11-24T00:00:00Z")
    both = [("team_manager", MANAGER), ("quality_standards", "quality_standards")]
    assert told(case) == both
    assert told(case) == both
    assert told(delivered) == []
    listed = casework.api.as_(MANAGER).get(f"/v1/notifications?overdue=true&audit={case.audit_id}")
    assert len(listed.json()["items"]) == 1
    assert len(casework.events(id_of(case), "notification.overdue")) == 1


def test_what_could_be_sent_to_nobody_is_sent_as_soon_as_somebody_holds_the_case(
    casework: Casework, at: At
) -> None:
    case = casework.completed_audit(worker=None)
    assert case.read(case.notification)["undeliverable_reason"] == "no_allocated_worker"
    at("2026-11-23T11:00:00Z")

    async def held(work: Work) -> None:
        subject = await work.session.get_one(Subject, case.subject_id)
        await reallocate(work, subject, team=TEAM, worker=WORKER, at=work.now)

    casework.as_service(held)
    (sent,) = casework.events(id_of(case), "audit.response_required")
    assert sent["worker"] == WORKER
    # No clock has started: it starts when the case system takes the message.
    waiting = case.read(case.notification)
    assert (waiting["state"], case.read(case.response)["due_on"]) == ("undeliverable", None)
    casework.deliver(case)
    assert case.read(case.notification)["state"] == "delivered"
    assert case.read(case.response)["due_on"] == "2026-11-30"
    casework.as_service(held)
    assert len(casework.events(id_of(case), "audit.response_required")) == 1
