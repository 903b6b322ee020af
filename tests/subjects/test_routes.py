"""Who may see a subject, who registers it, and who lets whom in to a restricted one (X3)."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from qa_api.db import Database as Connections
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.rules.decision import RuleRefused
from qa_api.rules.policy import Policy
from qa_api.rules.policy_keys import policy_from_values
from qa_api.settings import Settings
from qa_api.subjects import service
from qa_api.work import Workshop
from tests.api import SOME_VERSION, Api, Json, in_a_week
from tests.conftest import Database

NewRef = Callable[[], str]
NewCode = Callable[[str], str]
At = Callable[[str], None]


@pytest.fixture
def child(api: Api, new_ref: NewRef) -> str:
    """The path of a child whose case sw1-cwd holds."""
    path = f"/v1/subjects/mosaic/{new_ref()}"
    body = {"kind": "child", "team": "cwd", "worker": "sw1-cwd", "born_on": "2015-09-12"}
    assert api.change("PUT", path, body).status_code == 200
    return path


def pointers(answer: Any) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("qs-1", 200),
        ("slt-1", 200),
        ("tm-cwd", 200),
        ("dm-cwd", 200),
        ("ps-cwd", 200),
        ("hos-corporate-parenting", 200),
        ("sw1-cwd", 200),
        ("sw2-cwd", 404),
        ("tm-adoption", 404),
        ("ps-adoption", 404),
        ("hos-fast", 404),
        ("au-1", 404),
        ("admin-1", 403),
        ("reporting-1", 403),
        ("ld-1", 403),
        ("case-system-mosaic", 403),
    ],
)
def test_a_subject_is_seen_by_who_has_to_do_with_it(
    api: Api, child: str, person: str, status: int
) -> None:
    assert api.as_(person).get(child).status_code == status


def test_not_to_be_seen_looks_like_not_there(api: Api, child: str, new_ref: NewRef) -> None:
    they = api.as_("sw2-cwd")
    hidden, absent = they.get(child).json(), they.get(f"/v1/subjects/mosaic/{new_ref()}").json()
    own = {"instance", "correlation_id"}
    assert {k: v for k, v in hidden.items() if k not in own} == {
        k: v for k, v in absent.items() if k not in own
    }


def test_the_case_follows_its_allocation(api: Api, child: str) -> None:
    body = {"kind": "child", "team": "adoption", "worker": "sw2-adoption"}
    moved = api.change("PUT", child, body).json()
    assert (moved["team"], moved["worker"]) == ("adoption", "sw2-adoption")
    assert api.as_("sw1-cwd").get(child).status_code == 404
    assert api.as_("sw2-adoption").get(child).json()["born_on"] is None


def test_reading_a_subject_leaves_its_line_in_the_access_log(
    api: Api, child: str, database: Database
) -> None:
    correlation = str(uuid4())
    answer = api.as_("tm-cwd").get(child, headers={"x-correlation-id": correlation})

    async def lines() -> list[Any]:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            found: list[Any] = await connection.fetch(
                "SELECT p.worker, l.subject_ids FROM access_log l"
                " JOIN principals p ON p.id = l.principal_id WHERE l.correlation_id = $1",
                correlation,
            )
            return found
        finally:
            await connection.close()

    (line,) = asyncio.run(lines())
    assert line["worker"] == "tm-cwd"
    assert [str(one) for one in line["subject_ids"]] == [answer.json()["id"]]


def test_only_quality_and_standards_registers(api: Api, new_ref: NewRef) -> None:
    path = f"/v1/subjects/mosaic/{new_ref()}"
    for person in ("tm-cwd", "sw1-cwd", "admin-1", "case-system-mosaic"):
        answer = api.as_(person).request(
            "PUT", path, json={"kind": "child"}, headers={"if-none-match": "*"}
        )
        assert answer.status_code == 403
    assert api.get(path).status_code == 404


def test_a_subject_is_registered_once_and_stays_what_it_is(api: Api, child: str) -> None:
    again = api.request("PUT", child, json={"kind": "child"}, headers={"if-none-match": "*"})
    assert again.status_code == 412
    other = api.change("PUT", child, {"kind": "carer_household"})
    assert other.status_code == 422
    assert pointers(other) == ["/kind"]
    unknown = f"/v1/subjects/no-such-system/{child[-14:]}"
    assert api.change("PUT", unknown, {"kind": "child"}).status_code == 404


def test_until_its_worker_is_known_the_case_is_its_teams(
    api: Api, new_ref: NewRef, new_code: NewCode
) -> None:
    path, worker = f"/v1/subjects/mosaic/{new_ref()}", new_code("sw")
    body = {"kind": "child", "team": "cwd", "worker": worker}
    waiting = api.change("PUT", path, body).json()
    assert (waiting["team"], waiting["worker"]) == ("cwd", None)
    assert (waiting["reported_team"], waiting["reported_worker"]) == (None, worker)
    assert api.as_("tm-cwd").get(path).json()["worker"] is None
    api.as_("admin-1").change("PUT", f"/v1/workers/{worker}", {})
    assert api.as_("tm-cwd").get(path).json()["worker"] == worker


# --- restricted records ---


@pytest.fixture
def restricted(authority: Settings, child: str) -> str:
    """The path of a child whose record is restricted."""

    async def restrict() -> None:
        database = await Connections.open(authority)
        try:
            workshop = Workshop(database, Rulebook(), REACTIONS)
            async with workshop.open_as_service("test") as work:
                ref = child.rpartition("/")[2]
                subject = await service.find_subject(work, "mosaic", ref, visible=False)
                await service.restrict(work, subject, "staff")
        finally:
            await database.close()

    asyncio.run(restrict())
    return child


def principal_of(api: Api, worker: str) -> str:
    (found,) = api.as_("admin-1").get(f"/v1/principals?worker={worker}").json()["items"]
    return str(found["id"])


def grant(api: Api, worker: str, until: str | None = None) -> Json:
    principal = principal_of(api, worker)
    return {
        "principal_id": principal,
        "reason": "A reason of a test",
        "expires_at": until or in_a_week(),
    }


@pytest.mark.parametrize("person", ["qs-1", "slt-1", "tm-cwd", "ps-cwd", "sw1-cwd"])
def test_a_restricted_record_is_hidden_from_everyone(
    api: Api, restricted: str, person: str
) -> None:
    assert api.as_(person).get(restricted).status_code == 404


REGISTERING: tuple[Json, ...] = (
    {"kind": "child", "team": "adoption", "worker": "sw1-adoption", "born_on": "2016-02-29"},
    {"kind": "carer_household"},
    {"kind": "child", "team": "no-team-of-ours", "worker": "nobody-of-ours"},
    {"kind": "child", "born_on": "2100-01-01"},
    {"kind": "person"},
)


@pytest.mark.parametrize("body", REGISTERING)
@pytest.mark.parametrize("condition", [{"if-none-match": "*"}, {"if-match": SOME_VERSION}, {}])
def test_registering_does_not_tell_which_references_are_restricted(
    api: Api, restricted: str, new_ref: NewRef, body: Json, condition: dict[str, str]
) -> None:
    hidden, unknown = restricted.rpartition("/")[2], new_ref()
    key = {"idempotency-key": uuid4().hex}

    def answered(ref: str) -> tuple[Any, ...]:
        path = f"/v1/subjects/mosaic/{ref}"
        answer = api.request("PUT", path, json=body, headers=condition | key)
        again = api.request("PUT", path, json=body, headers=condition | key)
        if answer.status_code == 200:
            assert again.content == answer.content
            assert again.headers["etag"] == answer.headers["etag"]
        said, document = answer.text.replace(ref, "REF"), answer.json()
        for name in {"id", "correlation_id"} & set(document):
            said = said.replace(document[name], name)
        names = sorted(set(answer.headers) - {"date"})
        return answer.status_code, said, names, answer.headers["content-length"]

    assert answered(hidden) == answered(unknown)


def test_a_hidden_record_cannot_be_registered_over(api: Api, restricted: str) -> None:
    body = {"kind": "child", "team": "adoption", "worker": "sw1-adoption"}
    answer = api.request("PUT", restricted, json=body, headers={"if-none-match": "*"})
    assert answer.status_code == 200
    assert api.get(restricted).json() == answer.json(), "what they registered stands for it"
    api.create(f"{restricted}/restriction-grants", grant(api, "qs-2"))
    assert api.as_("qs-2").get(restricted).json()["team"] == "cwd"


def test_a_grant_lets_in_whom_it_names_and_nobody_else(api: Api, restricted: str) -> None:
    made = api.create(f"{restricted}/restriction-grants", grant(api, "tm-cwd"))
    assert made.status_code == 201
    assert api.as_("tm-cwd").get(restricted).json()["restriction_kind"] == "staff"
    assert api.as_("dm-cwd").get(restricted).status_code == 404
    assert api.get(restricted).status_code == 404, "who grants is not let in by it"
    assert api.get(made.headers["location"]).json() == made.json()
    listed = api.get(f"/v1/restriction-grants?subject={made.json()['subject_id']}").json()
    assert listed["items"] == [made.json()]


def test_a_grant_ends_at_its_instant(api: Api, restricted: str, at: At) -> None:
    at("2026-11-23T09:00:00Z")
    body = grant(api, "tm-cwd", until="2026-11-23T10:00:00Z")
    assert api.create(f"{restricted}/restriction-grants", body).status_code == 201
    at("2026-11-23T09:59:59Z")
    assert api.as_("tm-cwd").get(restricted).status_code == 200
    at("2026-11-23T10:00:00Z")
    assert api.as_("tm-cwd").get(restricted).status_code == 404
    late = api.create(f"{restricted}/restriction-grants", body)
    assert late.status_code == 422
    assert pointers(late) == ["/expires_at"]


@pytest.mark.parametrize(
    "refused",
    [
        {"principal_id": "qs-1"},
        {"principal_id": str(uuid4())},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2100-01-01T00:00:00Z"},
        {"reason": " "},
    ],
)
def test_a_grant_that_is_refused_does_not_tell_whether_a_record_is_restricted(
    api: Api, restricted: str, new_ref: NewRef, refused: Json
) -> None:
    if refused.get("principal_id") == "qs-1":
        refused = {"principal_id": principal_of(api, "qs-1")}
    body = grant(api, "tm-cwd") | refused
    told = []
    for path in (restricted, f"/v1/subjects/mosaic/{new_ref()}"):
        answer = api.create(f"{path}/restriction-grants", body)
        own = {"instance", "correlation_id"}
        told.append({k: v for k, v in answer.json().items() if k not in own})
    assert told[0] == told[1]
    assert told[0]["status"] == 422


@pytest.mark.parametrize(
    ("until", "status"),
    [("2026-12-07T09:00:00Z", 201), ("2026-12-07T09:00:00.000001Z", 422)],
)
def test_a_grant_is_for_as_long_as_the_policy_says_at_most(
    api: Api, restricted: str, at: At, until: str, status: int
) -> None:
    at("2026-11-23T09:00:00Z")
    answer = api.create(f"{restricted}/restriction-grants", grant(api, "tm-cwd", until=until))
    assert answer.status_code == status
    if status == 422:
        assert (answer.json()["code"], pointers(answer)) == ("grant-too-long", ["/expires_at"])
        assert "at most 14 days" in answer.json()["detail"]


@pytest.mark.parametrize(("days", "accepted"), [(1, True), (90, True), (91, False), (0, False)])
def test_no_policy_lets_anybody_in_for_longer_than_a_quarter(days: int, accepted: bool) -> None:
    def decide() -> Policy:
        return policy_from_values(1, date(2026, 4, 1), {"restriction_grant_days": days})

    if accepted:
        assert decide().restriction_grant_days == days
    else:
        with pytest.raises(RuleRefused):
            decide()


@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        ({"born_on": "2026-11-24"}, ["/born_on"]),
        ({"died_on": "2026-11-24"}, ["/died_on"]),
        ({"born_on": "2020-05-02", "died_on": "2020-05-01"}, ["/died_on"]),
        ({"born_on": "2026-11-23", "died_on": "2026-11-23"}, []),
    ],
)
def test_nobody_is_born_or_dies_after_today_or_dies_before_they_are_born(
    api: Api, child: str, new_ref: NewRef, at: At, days: Json, wrong: list[str]
) -> None:
    at("2026-11-23T23:59:00Z")  # today in London
    for path in (child, f"/v1/subjects/mosaic/{new_ref()}"):
        answer = api.change("PUT", path, {"kind": "child"} | days)
        assert answer.status_code == (422 if wrong else 200)
        assert not wrong or pointers(answer) == wrong


def test_nobody_lets_themselves_in(api: Api, restricted: str) -> None:
    answer = api.create(f"{restricted}/restriction-grants", grant(api, "qs-1"))
    assert answer.status_code == 422
    assert pointers(answer) == ["/principal_id"]
    assert api.get(restricted).status_code == 404
    second = api.as_("qs-2").create(f"{restricted}/restriction-grants", grant(api, "qs-1"))
    assert second.status_code == 201
    assert api.get(restricted).status_code == 200


def test_nobody_needs_leave_to_see_what_is_not_restricted(api: Api, child: str) -> None:
    answer = api.create(f"{child}/restriction-grants", grant(api, "tm-cwd"))
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/business-rule"


@pytest.mark.parametrize("person", ["tm-cwd", "slt-1", "admin-1", "sw1-cwd"])
def test_only_quality_and_standards_lets_in(api: Api, restricted: str, person: str) -> None:
    answer = api.as_(person).create(f"{restricted}/restriction-grants", grant(api, "tm-cwd"))
    assert answer.status_code == 403
    assert api.as_(person).get("/v1/restriction-grants").status_code == 403


def test_of_many_who_register_one_child_at_once_one_does_and_no_other_is_told_so(
    api: Api, new_ref: NewRef
) -> None:
    path = f"/v1/subjects/mosaic/{new_ref()}"

    def register(number: int) -> tuple[str, int]:
        worker = f"sw{1 + number % 2}-cwd"
        body = {"kind": "child", "team": "cwd", "worker": worker}
        answer = api.request("PUT", path, json=body, headers={"if-none-match": "*"})
        return worker, answer.status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(register, range(8)))
    registered = [worker for worker, status in answers if status == 200]
    assert sorted(status for _, status in answers) == [200, *[412] * 7]
    assert [api.get(path).json()["worker"]] == registered
