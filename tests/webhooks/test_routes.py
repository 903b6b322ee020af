"""Endpoints and the delivery log over HTTP, as an administrator works with them."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api import Api, Json

URL = "http://127.0.0.1:9/hook"
TYPES = ["closure_gate.changed", "escalation.raised"]


@pytest.fixture
def admin(api: Api) -> Api:
    return api.as_("admin-1")


def registered(admin: Api, **changes: Any) -> Json:
    """A new endpoint, with its secret."""
    wanted = {"system": "mosaic", "url": URL, "event_types": TYPES} | changes
    answer = admin.create("/v1/webhook-endpoints", wanted)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def place(endpoint: Json) -> str:
    """An endpoint's path."""
    return f"/v1/webhook-endpoints/{endpoint['id']}"


def test_the_secret_is_shown_once_and_never_again(admin: Api) -> None:
    key = uuid4().hex
    wanted = {"system": "mosaic", "url": URL, "event_types": TYPES}
    first = admin.create("/v1/webhook-endpoints", wanted, key=key)
    secret = first.json()["secret"]
    assert secret.startswith("whsec_")
    assert first.headers["location"] == place(first.json())
    again = admin.create("/v1/webhook-endpoints", wanted, key=key)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json() | {"secret": None}
    for path in (place(first.json()), "/v1/webhook-endpoints"):
        assert secret not in admin.get(path).text


def test_a_rotation_gives_a_new_secret_once(admin: Api) -> None:
    endpoint = registered(admin)
    rotated = admin.act(f"{place(endpoint)}/rotate-secret")
    assert rotated.status_code == 200
    assert rotated.json()["secret"] not in (None, endpoint["secret"])
    assert rotated.json()["version"] == 2


def test_an_endpoint_is_changed_disabled_and_resumed(admin: Api) -> None:
    endpoint = registered(admin)
    changed = admin.change(
        "PATCH", place(endpoint), {"event_types": ["response.overdue", "response.overdue"]}
    )
    assert changed.json()["event_types"] == ["response.overdue"]
    assert changed.json()["url"] == URL
    disabled = admin.act(f"{place(endpoint)}/disable")
    assert disabled.json()["state"] == "disabled"
    assert admin.act(f"{place(endpoint)}/disable").status_code == 409
    refused = admin.create(f"{place(endpoint)}/test", {})
    assert (refused.status_code, refused.json()["allowed_actions"]) == (409, ["resume"])
    assert admin.act(f"{place(endpoint)}/resume").json()["state"] == "active"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"url": "https://127.0.0.1/"}, "/url"),
        ({"url": "http://10.0.0.1/"}, "/url"),
        ({"url": "http://169.254.169.254/latest/meta-data"}, "/url"),
        ({"url": "http://user@127.0.0.1/"}, "/url"),
        ({"url": "http://cases.example.org/"}, None),  # may resolve to what is listed
        ({"event_types": ["log.checkpoint"]}, None),  # a witness
        ({"event_types": ["audit.invented"]}, "/event_types/0"),
        ({"event_types": ["escalation.raised", "webhook_endpoint.test"]}, "/event_types/1"),
        ({"event_types": []}, "/event_types"),
        ({"system": "no-such-system"}, "/system"),
    ],
)
def test_targets_and_types_that_are_not_there_are_refused_and_named(
    admin: Api, changes: Json, pointer: str | None
) -> None:
    wanted = {"url": URL, "event_types": TYPES} | changes
    answer = admin.create("/v1/webhook-endpoints", wanted)
    if pointer is None:
        assert answer.status_code == 201
        return
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    sent = str(next(iter(changes.values())))
    assert sent not in answer.text or sent == "[]"


def test_a_change_on_an_older_version_is_refused(admin: Api) -> None:
    endpoint = registered(admin)
    tag = admin.tag(place(endpoint))
    admin.change("PATCH", place(endpoint), {"url": "http://127.0.0.1:8/"})
    stale = admin.request("PATCH", place(endpoint), json={"url": URL}, headers={"if-match": tag})
    assert stale.status_code == 412


def test_a_test_is_queued_for_this_endpoint_alone_and_shows_in_the_log(admin: Api) -> None:
    endpoint, other = registered(admin), registered(admin)
    made = admin.create(f"{place(endpoint)}/test", {})
    assert made.status_code == 201, made.text
    delivery = made.json()
    assert delivery["event_type"] == "webhook_endpoint.test"
    assert (delivery["attempts"], delivery["log"], delivery["delivered_at"]) == (0, [], None)
    assert admin.get(made.headers["location"]).json() == delivery

    def listed(**query: str) -> list[str]:
        page = admin.get("/v1/webhook-deliveries", params=query).json()
        return [item["id"] for item in page["items"]]

    mine = {"endpoint": endpoint["id"]}
    assert listed(**mine) == [delivery["id"]]
    assert listed(endpoint=other["id"]) == []
    assert listed(**mine, delivered="false", due="true") == [delivery["id"]]
    assert listed(**mine, delivered="true") == []
    assert listed(**mine, due="false") == []
    assert listed(**mine, event_type="webhook_endpoint.test") == [delivery["id"]]
    assert listed(**mine, event_type="escalation.raised") == []


def of_delivery(delivery: Json, step: str = "") -> str:
    """A delivery's path, or that of a step on it."""
    return f"/v1/webhook-deliveries/{delivery['id']}{step}"


def test_what_waits_is_sent_now_or_skipped_and_what_is_settled_is_replayed(admin: Api) -> None:
    endpoint = registered(admin)
    delivery = admin.create(f"{place(endpoint)}/test", {}).json()
    assert (delivery["state"], delivery["settled_at"]) == ("waiting", None)
    assert delivery["allowed_actions"] == ["send_now", "skip"]
    refused = admin.create(of_delivery(delivery, "/replay"), {})
    assert (refused.status_code, refused.json()["state"]) == (409, "waiting")
    assert admin.request("POST", of_delivery(delivery, "/skip")).status_code == 428
    assert admin.act(of_delivery(delivery, "/send-now")).json()["state"] == "waiting"
    skipped = admin.act(of_delivery(delivery, "/skip")).json()
    assert (skipped["state"], skipped["allowed_actions"]) == ("skipped", ["replay"])
    assert skipped["settled_at"] is not None
    for step in ("/skip", "/send-now"):
        again = admin.act(of_delivery(delivery, step))
        assert (again.status_code, again.json()["state"]) == (409, "skipped")
    replay = admin.create(of_delivery(delivery, "/replay"), {}).json()
    assert (replay["event_id"], replay["state"]) == (delivery["event_id"], "waiting")
    assert admin.get(of_delivery(delivery)).json()["replayed_as"] == replay["id"]

    def listed(**query: str) -> list[str]:
        page = admin.get("/v1/webhook-deliveries", params={"endpoint": endpoint["id"]} | query)
        return [item["id"] for item in page.json()["items"]]

    assert listed(state="skipped", replayed="true") == [delivery["id"]]
    assert listed(state="skipped", replayed="false") == []
    assert listed(state="waiting") == [replay["id"]]
    assert listed(event=delivery["event_id"]) == [replay["id"], delivery["id"]]


def test_a_step_on_an_older_version_of_a_delivery_is_refused(admin: Api) -> None:
    endpoint = registered(admin)
    delivery = admin.create(f"{place(endpoint)}/test", {}).json()
    tag = admin.tag(of_delivery(delivery))
    assert admin.act(of_delivery(delivery, "/send-now")).status_code == 200
    path = of_delivery(delivery, "/skip")
    assert admin.request("POST", path, headers={"if-match": tag}).status_code == 412


def test_quality_standards_skip_send_and_replay_nothing(api: Api, admin: Api) -> None:
    delivery = admin.create(f"{place(registered(admin))}/test", {}).json()
    standards = api.as_("qs-1")
    assert standards.get(of_delivery(delivery)).json()["allowed_actions"] == []
    for step in ("/skip", "/send-now"):
        assert standards.act(of_delivery(delivery, step)).status_code == 403
    assert standards.create(of_delivery(delivery, "/replay"), {}).status_code == 403


def test_quality_standards_reads_and_only_administrators_change(api: Api, admin: Api) -> None:
    endpoint = registered(admin)
    standards = api.as_("qs-1")
    assert standards.get(place(endpoint)).status_code == 200
    assert standards.get("/v1/webhook-deliveries").status_code == 200
    assert standards.create("/v1/webhook-endpoints", {}).status_code in {403, 422}
    assert standards.act(f"{place(endpoint)}/disable").status_code == 403
    for person in ("tm-lincoln-fast", "sw1-lincoln-fast"):
        assert api.as_(person).get("/v1/webhook-endpoints").status_code == 403


def test_what_does_not_exist_is_not_found(admin: Api) -> None:
    for path in ("webhook-endpoints", "webhook-deliveries"):
        assert admin.get(f"/v1/{path}/{uuid4()}").status_code == 404
    assert admin.create(f"/v1/webhook-deliveries/{uuid4()}/replay", {}).status_code == 404
