"""What people are only told: it never hides what is to be done, and goes when it is over (X6)."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select, update

from qa_api.alerts import alert_role, leave_alert
from qa_api.auth.roles import Role
from qa_api.escalations.missed import alert_missed_hops
from qa_api.me.service import settle_alerts
from qa_api.models.alerts import Alert
from qa_api.models.base import new_id
from qa_api.models.deliveries import Delivery
from qa_api.models.escalations import Escalation
from qa_api.notifications.service import alert_queued_past_policy
from qa_api.responses.overdue import alert_overdue_responses, alert_unreviewed
from qa_api.rules.alerts import AlertKind
from qa_api.rules.states import DeliveryState
from qa_api.work import Work
from tests.api import Api, Json
from tests.responses.casework import DEPUTY, MANAGER, WORKER, Case, Casework, casework, service

__all__ = ("casework", "service")

At = Callable[[str], None]


def work_of(api: Api, person: str, query: str = "") -> list[Json]:
    return api.as_(person).work(query.strip("&"))


def told(api: Api, person: str, path: str) -> list[str]:
    """What somebody is told about one record."""
    found = work_of(api, person, "&kind=told")
    assert not any(item["overdue"] or item["due_on"] for item in found), "nothing to do about it"
    return sorted(item["told"] for item in found if item["path"] == path)


def over(casework: Casework, about: str) -> list[bool]:
    """Of each alert about a record, whether the worker has noted that it is over."""

    async def read(work: Work) -> list[bool]:
        await settle_alerts(work)
        found = select(Alert.over_at).where(Alert.about_id == UUID(about)).order_by(Alert.at)
        return [at is not None for at in await work.session.scalars(found)]

    return casework.as_service(read)


@pytest.mark.long
def test_a_missed_response_is_told_until_it_is_answered_and_again_when_missed_again(
    casework: Casework, api: Api, at: At
) -> None:
    case = casework.completed_audit()
    casework.deliver(case)
    about = case.response.rpartition("/")[2]
    at("2026-12-02T09:30:00Z")
    casework.as_service(alert_overdue_responses)
    assert told(api, MANAGER, case.response) == ["response_overdue"]
    assert over(casework, about) == [False]
    case.submit()
    assert told(api, MANAGER, case.response) == []
    assert over(casework, about) == [True]
    case.review("returned")
    assert told(api, MANAGER, case.response) == [], "its date is still to come"
    at("2026-12-11T09:30:00Z")
    casework.as_service(alert_overdue_responses)
    assert told(api, MANAGER, case.response) == ["response_overdue"]


@pytest.mark.long
def test_a_missed_review_is_told_until_the_review(casework: Casework, api: Api, at: At) -> None:
    case = casework.completed_audit()
    casework.deliver(case)
    case.submit()
    at("2026-12-10T09:30:00Z")
    casework.as_service(alert_unreviewed)
    assert told(api, "hos-fast", case.response) == ["review_overdue"]
    case.review("adequate")
    assert told(api, "hos-fast", case.response) == []
    assert over(casework, case.response.rpartition("/")[2]) == [True]


@pytest.mark.long
def test_a_notification_that_waits_is_told_until_the_worker_is_notified(
    casework: Casework, api: Api, at: At
) -> None:
    case = casework.completed_audit()
    at("2026-11-25T09:30:00Z")
    casework.as_service(alert_queued_past_policy)
    assert told(api, MANAGER, case.notification) == ["notification_overdue"]
    casework.deliver(case)
    assert told(api, MANAGER, case.notification) == []


@pytest.mark.long
def test_a_missed_hop_is_told_until_it_is_taken(casework: Casework, api: Api, at: At) -> None:
    case = casework.completed_audit()
    finding = {"kind": "serious_safeguarding", "description": "X", "child_safe_now": "no"}
    raised = api.as_("au-1").create(f"/v1/audits/{case.audit_id}/urgent-findings", finding)
    assert raised.status_code == 201, raised.text

    async def raised_id(work: Work) -> UUID:
        found = select(Escalation.id).where(Escalation.audit_id == case.audit_id)
        return (await work.session.scalars(found)).one()

    path = f"/v1/escalations/{casework.as_service(raised_id)}"
    at("2026-11-24T09:30:00Z")
    casework.as_service(alert_missed_hops)
    assert told(api, "hos-fast", path) == ["escalation_unacknowledged"]
    case.act(f"{path}/acknowledge", MANAGER)
    assert told(api, "hos-fast", path) == []


def test_who_is_told_of_the_same_thing_again_is_told_once(casework: Casework, at: At) -> None:
    endpoint, kind = new_id(), AlertKind.WEBHOOK_ENDPOINT_FAILING
    for day in ("2026-11-23", "2026-11-24"):
        at(f"{day}T09:30:00Z")
        casework.as_service(
            partial(
                alert_role,
                role=Role.ADMINISTRATOR,
                kind=kind,
                about_id=endpoint,
                occasion=day,
            )
        )
    path = f"/v1/webhook-endpoints/{endpoint}"
    (item,) = [one for one in work_of(casework.api, "admin-1") if one["path"] == path]
    assert item["told_on"] == "2026-11-24"


@pytest.mark.long
def test_what_is_only_to_be_known_comes_after_what_is_to_be_done_on_every_page(
    casework: Casework, api: Api, at: At
) -> None:
    team = "south-holland-fast"
    person = f"tm-{team}"
    at("2026-11-20T09:30:00Z")

    async def tell(work: Work) -> None:
        for _ in range(3):
            await leave_alert(
                work,
                AlertKind.PRACTICE_OBSERVATION_RECORDED,
                new_id(),
                acting_as="team_manager",
                recipient=person,
            )

    casework.as_service(tell)
    at("2026-11-23T09:30:00Z")
    for _ in range(2):
        case = casework.completed_audit(team=team, worker=f"sw1-{team}")
        case.submit()
    whole = work_of(api, person)
    kinds = [item["kind"] == "told" for item in whole]
    assert kinds == sorted(kinds), "told last"
    assert any(kinds)
    assert not all(kinds)
    to_do = [item["due_on"] or "9999" for item in whole if item["kind"] != "told"]
    assert to_do == sorted(to_do)
    paged: list[Json] = []
    page = api.as_(person).get("/v1/me/work?limit=2").json()
    while True:
        paged += page["items"]
        if page["next_cursor"] is None:
            break
        page = api.as_(person).get(f"/v1/me/work?limit=2&cursor={page['next_cursor']}").json()
    assert paged == whole


@pytest.mark.long
def test_many_are_marked_together_or_none_where_one_is_somebody_else_s(
    casework: Casework, api: Api
) -> None:
    kind = AlertKind.MERGE_OF_DIFFERENT_KINDS
    events = [new_id() for _ in range(3)]

    async def tell(work: Work) -> None:
        for event in events:
            await alert_role(work, Role.QUALITY_STANDARDS, kind, event)
        await alert_role(work, Role.ADMINISTRATOR, AlertKind.WEBHOOK_ENDPOINT_PARKED, events[0])

    casework.as_service(tell)
    paths = {f"/v1/case-events/{event}" for event in events}

    def mine() -> list[str]:
        return [one["about"] for one in work_of(api, "qs-1", "&kind=told") if one["path"] in paths]

    waiting = mine()
    assert len(waiting) == 3
    (theirs,) = [
        one["about"]
        for one in work_of(api, "admin-1", "&kind=told")
        if one["path"] == f"/v1/webhook-endpoints/{events[0]}"
    ]
    path = "/v1/me/alerts/seen"
    assert api.as_("qs-1").post(path, {"alerts": [*waiting, theirs]}).status_code == 404
    assert mine() == waiting
    assert api.as_("qs-1").post(path, {"alerts": []}).status_code == 422
    # Each by itself: what is not theirs stops none of the others.
    each = f"{path}-each"
    first, *_ = waiting
    for outcome in ("seen", "already_seen"):
        answer = api.as_("qs-1").post(each, {"alerts": [first, theirs]})
        assert [one["outcome"] for one in answer.json()["items"]] == [outcome, "not_found"]
        assert mine() == waiting[1:]
    for _ in range(2):  # a second time changes nothing
        assert api.as_("qs-1").post(path, {"alerts": waiting}).status_code == 204
        assert mine() == []


def a_moved_date(casework: Casework) -> Case:
    """An action whose second date the manager was told of."""
    case = casework.completed_audit(actions=1)
    case.act(f"{case.action()}/plan", WORKER, finish_on="2026-11-27", how="A visit.")
    case.act(f"{case.action()}/replan", WORKER, finish_on="2026-11-30", reason="She was ill.")
    return case


@pytest.mark.long
def test_a_changed_date_is_told_until_the_action_is_verified_or_cancelled(
    casework: Casework, api: Api, at: At
) -> None:
    verified, cancelled = a_moved_date(casework), a_moved_date(casework)
    for case in (verified, cancelled):
        assert told(api, MANAGER, case.action()) == ["action_date_changed"]
    at("2026-11-24T09:30:00Z")
    verified.act(f"{verified.action()}/complete", WORKER, done_on="2026-11-24")
    assert told(api, MANAGER, verified.action()) == ["action_date_changed"]
    verified.act(f"{verified.action()}/verify", "au-1", made_a_difference=True)
    cancelled.act(f"{cancelled.action()}/cancel", "qs-1", reason="The family has moved.")
    for case in (verified, cancelled):
        assert told(api, MANAGER, case.action()) == []
        assert over(casework, str(case.action_ids[0])) == [True]
    # That the day was corrected after the verifying is news.
    at("2026-11-25T09:30:00Z")
    right = {"done_on": "2026-11-23", "reason": "Mistyped."}
    verified.act(f"{verified.action()}/correct-done", "qs-1", **right)
    assert told(api, MANAGER, verified.action()) == ["action_date_changed"]


@pytest.mark.long
def test_a_changed_date_of_an_audit_in_error_is_told_no_more(casework: Casework, api: Api) -> None:
    case = a_moved_date(casework)
    audit = f"/v1/audits/{case.audit_id}"
    case.act(f"{audit}/record-in-error", "qs-1", reason="It is about another child.")
    assert told(api, MANAGER, case.action()) == ["action_date_changed"], "until then it stands"
    assert api.as_("qs-2").act(f"{audit}/confirm-error").status_code == 204
    assert over(casework, str(case.action_ids[0])) == [True]
    assert told(api, MANAGER, case.action()) == []


@pytest.mark.long
def test_only_who_was_told_takes_note_while_they_are_in_post(casework: Casework, api: Api) -> None:
    case = a_moved_date(casework)
    found = work_of(api, MANAGER, "&kind=told")
    (item,) = [one for one in found if one["path"] == case.action()]
    seen = f"/v1/me/alerts/{item['about']}/seen"
    for person in ("hos-fast", DEPUTY, "qs-1", WORKER):
        assert told(api, person, case.action()) == []
        assert api.as_(person).post(seen).status_code == 404
    assert told(api, MANAGER, case.action()) == ["action_date_changed"]
    assert api.as_(MANAGER).post(seen).status_code == 204
    assert told(api, MANAGER, case.action()) == []


@pytest.mark.parametrize(
    ("kind", "stuck"),
    [
        (AlertKind.WEBHOOK_ENDPOINT_MISCONFIGURED, DeliveryState.WAITING),
        (AlertKind.WEBHOOK_MESSAGE_REFUSED, DeliveryState.REFUSED),
        (AlertKind.WEBHOOK_MESSAGE_PARKED, DeliveryState.PARKED),
    ],
)
def test_what_an_administrator_is_told_of_a_message_goes_with_it(
    casework: Casework, api: Api, kind: AlertKind, stuck: DeliveryState
) -> None:
    admin = api.as_("admin-1")
    wanted = {
        "system": "mosaic",
        "url": "http://127.0.0.1:9/hook",
        "event_types": ["audit.response_required"],
    }
    endpoint = admin.create("/v1/webhook-endpoints", wanted).json()
    casework.completed_audit()
    query = f"/v1/webhook-deliveries?endpoint={endpoint['id']}"
    (delivery,) = admin.get(query).json()["items"]
    by_message = kind is not AlertKind.WEBHOOK_ENDPOINT_MISCONFIGURED
    about = delivery["id"] if by_message else endpoint["id"]
    place = f"/v1/webhook-{'deliveries' if by_message else 'endpoints'}/{about}"

    async def stick(work: Work) -> None:
        await work.session.execute(
            update(Delivery)
            .where(Delivery.id == UUID(delivery["id"]))
            .values(state=stuck, attempts=1)
        )
        await alert_role(work, Role.ADMINISTRATOR, kind, UUID(about))

    casework.as_service(stick)
    assert told(api, "admin-1", place) == [kind.value]
    assert over(casework, about) == [False]
    path = f"/v1/webhook-deliveries/{delivery['id']}"
    if stuck is DeliveryState.WAITING:
        skipped = admin.act(f"{path}/skip")
        assert skipped.status_code == 200, skipped.text
    else:
        sent_again = admin.create(f"{path}/replay", {})
        assert sent_again.status_code == 201, sent_again.text
    assert told(api, "admin-1", place) == []
    assert over(casework, about) == [True]
    assert admin.act(f"/v1/webhook-endpoints/{endpoint['id']}/disable").status_code == 200
