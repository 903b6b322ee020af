"""A case system sees and looks after its own endpoints, and knows of no other."""

from uuid import uuid4

import asyncpg
import pytest

from tests.api import Api, Json
from tests.conftest import Database
from tests.webhooks.test_routes import TYPES, URL, of_delivery, place, registered

SYSTEM = "SELECT set_config('qa.reach', $1, true), set_config('qa.system', $2, true)"


@pytest.fixture
def admin(api: Api) -> Api:
    return api.as_("admin-1")


@pytest.fixture
def mosaic(api: Api) -> Api:
    return api.as_("case-system-mosaic")


@pytest.fixture
def others(admin: Api) -> list[Json]:
    """Endpoints that are not its own: of all systems, and of another one."""
    code = f"other-{uuid4().hex[:8]}"
    body = {"name": "Another", "source": f"urn:{code}"}
    made = admin.request(
        "PUT", f"/v1/case-systems/{code}", json=body, headers={"if-none-match": "*"}
    )
    assert made.status_code in {200, 201}, made.text
    return [registered(admin, system=None), registered(admin, system=code)]


def test_it_reads_its_own_endpoints_and_their_log(
    admin: Api, mosaic: Api, others: list[Json]
) -> None:
    own = registered(admin)
    sent = admin.create(f"{place(own)}/test", {}).json()
    foreign = [admin.create(f"{place(one)}/test", {}).json() for one in others]
    assert mosaic.get(place(own)).json() == admin.get(place(own)).json()
    assert mosaic.get(of_delivery(sent)).json()["log"] == []
    for one, delivery in zip(others, foreign, strict=True):
        assert mosaic.get(place(one)).status_code == 404
        assert mosaic.get(of_delivery(delivery)).status_code == 404

    def listed(path: str, **query: str) -> set[str]:
        answer = mosaic.get(path, params={"limit": "500"} | query)
        return {item["id"] for item in answer.json()["items"]}

    endpoints = listed("/v1/webhook-endpoints")
    assert own["id"] in endpoints
    assert endpoints.isdisjoint(one["id"] for one in others)
    assert sent["id"] in listed("/v1/webhook-deliveries")
    assert listed("/v1/webhook-deliveries").isdisjoint(one["id"] for one in foreign)
    assert listed("/v1/webhook-deliveries", endpoint=others[0]["id"]) == set()


def test_it_rotates_its_own_secret_tests_and_replays(admin: Api, mosaic: Api) -> None:
    own = registered(admin)
    rotated = mosaic.act(f"{place(own)}/rotate-secret")
    assert rotated.status_code == 200, rotated.text
    assert rotated.json()["secret"] not in (None, own["secret"])
    sent = mosaic.create(f"{place(own)}/test", {}).json()
    assert mosaic.get(of_delivery(sent)).json()["allowed_actions"] == ["send_now"]
    assert mosaic.act(of_delivery(sent, "/send-now")).status_code == 200
    admin.act(of_delivery(sent, "/skip"))
    assert mosaic.create(of_delivery(sent, "/replay"), {}).status_code == 201
    again = mosaic.post(f"{place(own)}/replay", {"since": "2026-01-01T00:00:00Z"})
    assert (again.status_code, again.json()["queued"]) == (200, 0)


def test_another_endpoint_does_not_exist_for_it(
    admin: Api, mosaic: Api, others: list[Json]
) -> None:
    for one in others:
        sent = admin.create(f"{place(one)}/test", {}).json()
        tag = admin.tag(place(one))
        rotate = mosaic.request(
            "POST", f"{place(one)}/rotate-secret", json={}, headers={"if-match": tag}
        )
        since = {"since": "2026-01-01T00:00:00Z"}
        answers = [
            rotate,
            mosaic.create(f"{place(one)}/test", {}),
            mosaic.post(f"{place(one)}/replay", since),
            mosaic.create(of_delivery(sent, "/replay"), {}),
        ]
        assert [answer.status_code for answer in answers] == [404] * len(answers)
        assert admin.get(place(one)).json()["version"] == 1


def test_where_and_what_it_is_sent_an_administrator_decides(admin: Api, mosaic: Api) -> None:
    own = registered(admin)
    tag = {"if-match": admin.tag(place(own))}
    for method, step, body in (
        ("PATCH", "", {"url": f"{URL}/other"}),
        ("DELETE", "", None),
        ("POST", "/disable", {}),
        ("POST", "/resume", {}),
    ):
        answer = mosaic.request(method, f"{place(own)}{step}", json=body, headers=tag)
        assert answer.status_code == 403, f"{method} {step}"
    wanted = {"url": URL, "event_types": TYPES}
    assert mosaic.create("/v1/webhook-endpoints", wanted).status_code == 403


async def test_the_database_shows_it_no_other_whatever_a_statement_asks(
    admin: Api, others: list[Json], database: Database
) -> None:
    own = registered(admin)
    ids = [one["id"] for one in (own, *others)]
    for one in (own, *others):
        admin.create(f"{place(one)}/test", {})
    reader = await asyncpg.connect(database.read_url)
    try:

        async def seen(system: str) -> list[int]:
            async with reader.transaction():
                await reader.execute(SYSTEM, "rows", system)
                return [
                    await reader.fetchval(f"SELECT count(*) FROM {asked} = ANY ($1)", ids)
                    for asked in ("webhook_endpoints WHERE id", "deliveries WHERE endpoint_id")
                ]

        assert await seen("mosaic") == [1, 1]
        assert await seen("") == [3, 3], "a person with the permission sees all"
        nothing = "SELECT count(*) FROM deliveries"
        assert await reader.fetchval(nothing) == 0, "without a context nobody sees anything"
    finally:
        await reader.close()


# --- deleting ---


def test_a_deleted_endpoint_is_sent_nothing_and_its_log_stays(
    api: Api, admin: Api, mosaic: Api
) -> None:
    own = registered(admin)
    sent = admin.create(f"{place(own)}/test", {}).json()
    assert admin.request("DELETE", place(own)).status_code == 428
    deleted = admin.remove(place(own))
    assert deleted.status_code == 200, deleted.text
    assert (deleted.json()["state"], deleted.json()["url"]) == ("deleted", URL)
    for reader in (admin, mosaic, api.as_("qs-1")):
        assert reader.get(place(own)).json()["state"] == "deleted"
        log = reader.get("/v1/webhook-deliveries", params={"endpoint": own["id"]}).json()["items"]
        assert [(one["id"], one["state"]) for one in log] == [(sent["id"], "skipped")]

    def listed(deleted: str) -> set[str]:
        query = {"limit": "500", "system": "mosaic", "deleted": deleted}
        items = admin.get("/v1/webhook-endpoints", params=query).json()["items"]
        return {item["id"] for item in items}

    assert own["id"] in listed("true")
    assert own["id"] not in listed("false")


def test_nothing_is_done_with_a_deleted_endpoint(admin: Api) -> None:
    own = registered(admin)
    sent = admin.create(f"{place(own)}/test", {}).json()
    admin.remove(place(own))
    answers = [
        admin.change("PATCH", place(own), {"url": URL}),
        *(admin.act(f"{place(own)}/{step}") for step in ("rotate-secret", "disable", "resume")),
        admin.remove(place(own)),
        admin.create(f"{place(own)}/test", {}),
        admin.post(f"{place(own)}/replay", {"since": "2026-01-01T00:00:00Z"}),
        admin.create(of_delivery(sent, "/replay"), {}),
    ]
    for answer in answers:
        said = answer.json()
        assert (answer.status_code, said["state"]) == (409, "deleted"), answer.text
        assert said["allowed_actions"] == ["register"]
