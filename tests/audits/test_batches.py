"""Many audits planned or assigned at once: an outcome for each, and nothing twice."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api import Api, Json
from tests.audits.auditing import Auditing, of_new_child
from tests.conftest import Accounts
from tests.responses.casework import MANAGER, TEAM, WORKER, Casework, casework, service

__all__ = ("casework", "service")


@pytest.fixture
def case(api: Api, new_ref: Callable[[], str], at: Callable[[str], None]) -> Auditing:
    """A child of the team."""
    at("2026-11-23T09:30:00Z")
    return of_new_child(api, new_ref)


def plan(api: Api, *audits: Json, by: str = "qs-1") -> list[Json]:
    """What came of each audit."""
    answer = api.as_(by).post("/v1/audits/batch", {"audits": [*audits]})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def assign(api: Api, *assignments: Json, by: str = "qs-1") -> list[Json]:
    """What came of each assignment."""
    answer = api.as_(by).post("/v1/audits/assign/batch", {"assignments": [*assignments]})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def audit(case: Auditing, **more: Any) -> Json:
    """An audit of the child, with a key of its own."""
    return {"key": uuid4().hex, "type": "closure", "subject": case.subject} | more


def read(api: Api, audit_id: str | None) -> httpx.Response:
    """The audit as Quality & Standards see it."""
    return api.as_("qs-1").get(f"/v1/audits/{audit_id}")


def test_a_rule_refuses_one_as_it_would_alone_and_the_others_stand(case: Auditing) -> None:
    first, own, unknown, last = plan(
        case.api,
        audit(case, due_on="2026-12-04"),
        audit(case, type="collaborative", auditor=WORKER),
        audit(case, subject={"system": "mosaic", "ref": "NOBODY"}),
        {"key": uuid4().hex, "type": "collaborative", "team": TEAM, "auditor": "au-1"},
    )
    assert [each["outcome"] for each in (first, own, unknown, last)] == [
        "planned",
        "refused",
        "refused",
        "planned",
    ]
    assert read(case.api, first["audit_id"]).json()["due_on"] == "2026-12-04"
    assert read(case.api, last["audit_id"]).json()["auditor"] == "au-1"
    alone = case.api.as_("qs-1").create(
        "/v1/audits", {"type": "collaborative", "subject": case.subject, "auditor": WORKER}
    )
    assert own["problem"]["detail"] == alone.json()["detail"]
    assert (own["problem"]["status"], own["audit_id"]) == (422, None)
    assert [each["pointer"] for each in own["problem"]["errors"]] == ["/audits/1/auditor"]
    assert [each["pointer"] for each in unknown["problem"]["errors"]] == ["/audits/2/subject"]
    of_own_work = assign(
        case.api,
        {"audit_id": first["audit_id"], "version": 1, "auditor": WORKER},
        {"audit_id": last["audit_id"], "version": 1, "auditor": "au-2"},
    )
    assert [each["outcome"] for each in of_own_work] == ["refused", "assigned"]
    assert read(case.api, first["audit_id"]).json()["auditor"] is None


def test_sent_again_nothing_is_planned_twice_and_what_was_refused_is_tried_again(
    case: Auditing,
) -> None:
    good, later = audit(case), audit(case, subject={"system": "mosaic", "ref": f"L-{case.ref}"})
    first = plan(case.api, good, later)
    assert [each["outcome"] for each in first] == ["planned", "refused"]
    of_new_child(case.api, lambda: f"L-{case.ref}")
    again = plan(case.api, good, later)
    assert [each["outcome"] for each in again] == ["already_planned", "planned"]
    assert again[0]["audit_id"] == first[0]["audit_id"]
    listed = case.api.as_("qs-1").get(f"/v1/audits?subject=mosaic/{case.ref}").json()["items"]
    assert [each["id"] for each in listed] == [first[0]["audit_id"]]


def test_a_key_stands_for_one_audit_of_one_caller(case: Auditing) -> None:
    one = audit(case)
    first, other = plan(case.api, one, one | {"due_on": "2026-12-11"})
    assert (first["outcome"], other["outcome"]) == ("planned", "refused")
    assert other["problem"]["type"] == "/problems/idempotency-key-reused"
    (of_another,) = plan(case.api, one, by=MANAGER)
    assert of_another["outcome"] == "planned"
    assert of_another["audit_id"] != first["audit_id"]


def test_each_audit_of_a_batch_has_its_own_event_and_the_refused_has_none(
    casework: Casework,
) -> None:
    case = of_new_child(casework.api, casework.new_ref)
    planned, refused = plan(case.api, audit(case), audit(case, auditor=WORKER))
    assert len(casework.events(planned["audit_id"], "audit.planned")) == 1
    assert refused["outcome"] == "refused"
    (given,) = assign(
        case.api, {"audit_id": planned["audit_id"], "version": 1, "auditor": f"ps-{TEAM}"}
    )
    assert given["outcome"] == "assigned"
    (event,) = casework.events(planned["audit_id"], "audit.assigned")
    assert event["auditor"] == f"ps-{TEAM}"


def test_an_assignment_is_based_on_a_version_and_sent_again_changes_nothing(
    case: Auditing,
) -> None:
    audit_id = plan(case.api, audit(case, type="collaborative"))[0]["audit_id"]
    given = {"audit_id": audit_id, "version": 1, "auditor": "au-1"}
    outcomes = [assign(case.api, given)[0]["outcome"] for _ in range(2)]
    assert outcomes == ["assigned", "already_assigned"]
    (stale,) = assign(case.api, given | {"auditor": "au-2"})
    assert (stale["outcome"], stale["problem"]["status"]) == ("refused", 412)
    assert read(case.api, audit_id).json()["auditor"] == "au-1"


def test_what_somebody_may_not_see_is_told_like_what_is_not_there(
    case: Auditing, new_ref: Callable[[], str]
) -> None:
    audit_id = plan(case.api, audit(case))[0]["audit_id"]
    of_nothing = str(uuid4())
    told = assign(
        case.api,
        *({"audit_id": id_, "version": 1, "auditor": "au-1"} for id_ in (audit_id, of_nothing)),
        by="tm-boston-fast",
    )
    assert told[0]["problem"] == told[1]["problem"]
    assert told[0]["problem"]["status"] == 404


def test_a_batch_needs_the_permission_of_the_single_request(
    case: Auditing, accounts: Accounts
) -> None:
    nobody, _ = accounts.of_newcomer("worker")
    refused = case.api.as_(nobody).post("/v1/audits/batch", {"audits": [audit(case)]})
    assert (refused.status_code, refused.json()["permission"]) == (403, "audit:plan")


def test_a_body_that_is_not_of_the_declared_form_refuses_the_whole(case: Auditing) -> None:
    wrong = case.api.as_("qs-1").post(
        "/v1/audits/batch", {"audits": [audit(case), audit(case, due_on="4 December")]}
    )
    assert wrong.status_code == 422
    assert [each["pointer"] for each in wrong.json()["errors"]] == ["/audits/1/due_on"]
    many = {"audits": [audit(case)] * 101}
    assert case.api.as_("qs-1").post("/v1/audits/batch", many).status_code == 422


def test_what_follows_from_one_audit_gives_the_next_no_further_sight(
    case: Auditing, new_ref: Callable[[], str]
) -> None:
    elsewhere = Auditing(case.api, new_ref(), team="boston-fast")
    body = {"kind": "child", "team": "boston-fast", "worker": "sw1-boston-fast"}
    case.accept(case.api.change("PUT", f"/v1/subjects/mosaic/{elsewhere.ref}", body))
    own, others = plan(case.api, audit(case), audit(elsewhere), by=MANAGER)
    assert (own["outcome"], others["outcome"]) == ("planned", "refused")
    assert others["problem"]["errors"][0]["code"] == "unknown"


def test_batches_of_the_same_things_in_another_order_wait_for_each_other(case: Auditing) -> None:
    audits = [audit(case, type="collaborative", auditor="au-1") for _ in range(8)]
    with ThreadPoolExecutor(4) as pool:
        orders = [audits, audits[::-1]] * 2
        came = [each.result() for each in [pool.submit(plan, case.api, *one) for one in orders]]
    outcomes = Counter(item["outcome"] for items in came for item in items)
    assert outcomes == {"planned": 8, "already_planned": 24}
    for asked, items in zip(orders, came, strict=True):
        assert [item["key"] for item in items] == [one["key"] for one in asked]
