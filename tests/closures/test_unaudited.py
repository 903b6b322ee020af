"""No gate waits for an audit that the authority does not offer (§3, C3).

In an authority of its own: its audit types change. That which is loaded audits the closings of
children, and of no carer household.
"""

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.closure_gates.deciding_again import decide_gates_again
from tests.api import Api, Json, serving
from tests.closures.orders import MERGED
from tests.closures.sending import (
    ALLOCATED,
    CANCELLED,
    CLOSED,
    PROPOSED,
    REOPENED,
    Episode,
)
from tests.conftest import Clone, Database, execute, settings_for
from tests.responses.casework import Service

TYPE = "/v1/audit-types/fostering-closure"
ITS_OWN: Json = {
    "name": "Closure audit (carers)",
    "clause": "§3, R3.1",
    "subject_kind": "carer_household",
    "owner": "service_area",
    "cadence": "every_closure",
    "tool_code": "carers",
    "may_audit": "any_auditor",
}


@pytest.fixture(scope="module")
def database(clone_of_authority: Clone) -> Database:
    return clone_of_authority()


@pytest.fixture(scope="module")
def service(database: Database, issuer: DevelopmentIssuer) -> Iterator[Service]:
    with Service.over(settings_for(database, issuer)) as opened:
        yield opened


@pytest.fixture(scope="module")
def authority(database: Database, service: Service, issuer: DevelopmentIssuer) -> Iterator[Api]:
    with serving(settings_for(database, issuer)) as server, Api(server, issuer) as client:
        yield client


@pytest.fixture
def api(authority: Api, at: Callable[[str], None]) -> Api:
    at("2026-11-23T09:30:00Z")
    return authority


@pytest.fixture
def household(api: Api, new_ref: Callable[[], str]) -> Callable[[], Episode]:
    """Makes an episode of a carer household."""
    return lambda: Household(api, [new_ref()])


class Household(Episode):
    """An episode of a carer household."""

    def event(self, type_: str, version: int = 1, **data: Any) -> Json:
        named = [{"ref": ref, "role": "carer_household"} for ref in self.refs]
        return super().event(type_, version, **{"subjects": named} | data)


def offer(api: Api, *, active: bool = True) -> None:
    """Let the authority audit the closings of households, or no longer."""
    answer = api.as_("admin-1").change("PUT", TYPE, ITS_OWN | {"active": active})
    assert answer.status_code in {200, 201}, answer.text


def escalations(episode: Episode) -> list[str]:
    """The states of what the gates of an episode have raised."""
    found: list[Json] = []
    for gate in episode.gates():
        answer = episode.api.as_("qs-1").get(f"/v1/escalations?gate={gate['id']}")
        found += answer.json()["items"]
    return sorted(each["state"] for each in found)


def audit_of(episode: Episode) -> Json:
    audit_id = episode.answer()["audit_id"]
    return dict(episode.api.as_("qs-1").get(f"/v1/audits/{audit_id}").json())


def test_a_household_without_an_audit_type_may_close_and_whoever_reads_it_sees_why(
    household: Callable[[], Episode],
) -> None:
    episode = household()
    episode.tell(PROPOSED)
    answer = episode.answer()
    assert (answer["state"], answer["may_close"], answer["waits_for"]) == ("exempt", True, [])
    facts = answer["explanation"]["facts"]
    assert (facts["exempt_because"], facts["set_aside"]) == ("no_audit_type", ["closure audit"])
    assert answer["audit_id"] is None


@pytest.mark.long
def test_no_order_of_its_events_makes_its_closing_one_without_an_audit(
    household: Callable[[], Episode],
) -> None:
    for order in permutations(range(4)):
        episode = household()
        events = [
            episode.event(type_, version)
            for version, type_ in enumerate((PROPOSED, CANCELLED, CLOSED, REOPENED), start=1)
        ]
        for number in order:
            episode.send(events[number])
        assert ({gate["state"] for gate in episode.gates()}, escalations(episode)) == (
            {"closed"},
            [],
        ), order


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_one_that_is_told_to_be_a_child_closed_without_an_audit_in_every_order(
    household: Callable[[], Episode], order: tuple[int, ...]
) -> None:
    episode = household()
    child = [{"ref": episode.refs[0], "role": "child"}]
    events = [
        episode.event(PROPOSED, 1),
        episode.event(CLOSED, 2),
        episode.event(ALLOCATED, 3, subjects=child, allocation={}, episode_id=None),
    ]
    for number in order:
        episode.send(events[number])
    assert (episode.answer()["state"], escalations(episode)) == ("closed_without_audit", ["raised"])
    audit = audit_of(episode)
    assert (audit["type"], audit["state"]) == ("closure", "planned")


def test_a_gate_that_waits_for_what_nobody_offers_is_put_right(
    household: Callable[[], Episode], database: Database, service: Service
) -> None:
    proposed, closed = household(), household()
    child = [{"ref": closed.refs[0], "role": "child"}]
    proposed.tell(PROPOSED)
    closed.tell(CLOSED, 1, subjects=child)
    # As an earlier version left them: of a household, with no audit that anybody was asked for.
    waits = """jsonb_set(explanation, '{facts}', explanation -> 'facts' ||
        '{"waits_for": ["closure audit"], "set_aside": [], "exempt": false}')"""
    for episode, state in ((proposed, "awaiting_audit"), (closed, "closed_without_audit")):
        gate = episode.answer()["id"]
        execute(
            database.migrate_url,
            f"UPDATE audits SET gate_id = NULL WHERE gate_id = '{gate}';"
            "UPDATE subjects SET kind = 'carer_household' WHERE id ="
            f" (SELECT subject_id FROM closure_gates WHERE id = '{gate}');"
            f"UPDATE closure_gates SET state = '{state}', may_close = false, audit_id = NULL,"
            f" explanation = {waits} WHERE id = '{gate}'",
        )
    assert escalations(closed) == ["raised"]
    service.work(decide_gates_again)
    assert (proposed.answer()["state"], closed.answer()["state"]) == ("exempt", "closed")
    assert escalations(closed) == ["resolved"]
    assert service.work(decide_gates_again) == 0


@pytest.mark.parametrize("batched", [False, True])
def test_of_many_audits_that_a_household_does_not_owe_each_is_taken_back(
    api: Api, household: Callable[[], Episode], new_ref: Callable[[], str], batched: bool
) -> None:
    # Told without a role, as of a child; then, at once for all its closings, as of a household.
    first = household()
    second, beside = Episode(api, first.refs), Episode(api, [new_ref()])
    unsaid = [{"ref": first.refs[0]}]
    for episode in (first, second):
        episode.tell(CLOSED, 1, subjects=unsaid)
    tells = first.event(ALLOCATED, 3, allocation={}, episode_id=None)
    if batched:
        assert len(first.send_batch([beside.event(PROPOSED), tells])) == 2
        assert beside.answer()["state"] == "awaiting_audit"
    else:
        first.send(tells)
    for episode in (first, second):
        assert (episode.answer()["state"], escalations(episode)) == ("closed", ["resolved"])
        assert audit_of(episode)["state"] == "cancelled"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_record_without_a_role_that_is_merged_into_a_household_owes_no_childs_audit(
    api: Api, household: Callable[[], Episode], new_ref: Callable[[], str], order: tuple[int, ...]
) -> None:
    carers, unsaid = household(), Episode(api, [new_ref()])
    merging = unsaid.event(MERGED)
    merging["data"] = {
        "occurred_at": "2026-11-23T09:00:00Z",
        "merge": {"from": unsaid.refs[0], "into": carers.refs[0]},
    }
    events = [
        carers.event(ALLOCATED, 1, allocation={}, episode_id=None),
        unsaid.event(PROPOSED, 1, subjects=[{"ref": unsaid.refs[0]}]),
        merging,
    ]
    for number in order:
        unsaid.send(events[number])
    answer = unsaid.answer()
    assert (answer["state"], answer["may_close"], answer["waits_for"]) == ("exempt", True, [])
    named = api.as_("qs-1").get(f"/v1/subjects/mosaic/{carers.refs[0]}").json()
    path = f"/v1/audits?subject={named['id']}&state=planned"
    assert api.as_("qs-1").get(path).json()["items"] == []


@pytest.mark.long
def test_what_is_open_when_the_authority_begins_to_audit_it_gets_its_audit(
    api: Api, household: Callable[[], Episode], service: Service, at: Callable[[str], None]
) -> None:
    open_, closed, overridden = household(), household(), household()
    open_.tell(PROPOSED)
    closed.tell(CLOSED, 3)
    at("2026-11-24T09:30:00Z")
    offer(api)
    service.work(decide_gates_again)
    answer = open_.answer()
    assert (answer["state"], answer["may_close"]) == ("awaiting_audit", False)
    assert answer["waits_for"] == ["closure audit"]
    audit = audit_of(open_)
    assert (audit["type"], audit["state"]) == ("fostering-closure", "planned")
    # What had closed stands, and so does one that closed before and is heard of now.
    assert closed.answer()["state"] == "closed"
    closed.tell(PROPOSED, 2)
    overridden.tell(CLOSED, 1)
    assert (closed.answer()["state"], overridden.answer()["state"]) == ("closed", "closed")
    assert escalations(closed) == escalations(overridden) == []
    # From now on a closing needs its audit.
    late = household()
    late.tell(CLOSED, 1, occurred_at="2026-11-24T09:30:00Z")
    assert (late.answer()["state"], escalations(late)) == ("closed_without_audit", ["raised"])
    ends_it(api, open_, late, service, at)


def ends_it(
    api: Api, open_: Episode, late: Episode, service: Service, at: Callable[[str], None]
) -> None:
    """What is asked for when the authority ends its type goes on; nothing new is waited for."""
    at("2026-11-25T09:30:00Z")
    offer(api, active=False)
    service.work(decide_gates_again)
    assert open_.answer()["state"] == "awaiting_audit"
    for episode in (open_, late):
        path = f"/v1/audits/{episode.answer()['audit_id']}"
        cancelled = api.as_("qs-1").act(f"{path}/cancel", {"reason": "No longer audited."})
        assert cancelled.status_code == 200, cancelled.text
    assert (open_.answer()["state"], open_.answer()["may_close"]) == ("exempt", True)
    # It closed without the audit that it needed that day: that stands, and waits for none.
    found = late.answer()
    assert (found["state"], found["waits_for"]) == ("closed_without_audit", [])
    assert escalations(late) == ["raised"]
    assert service.work(decide_gates_again) == 0
    at("2026-11-26T09:30:00Z")
    offer(api)
    service.work(decide_gates_again)
    for episode in (open_, late):
        assert episode.answer()["waits_for"] == ["closure audit"]
        assert audit_of(episode)["state"] == "planned"
    offer(api, active=False)


@pytest.mark.long
def test_a_household_that_is_merged_with_a_child_owes_a_childs_audits_in_every_order(
    api: Api,
    household: Callable[[], Episode],
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> None:
    at("2026-11-27T09:30:00Z")
    offer(api)
    for order in permutations(range(4)):
        carers, child = household(), Episode(api, [new_ref()])
        merging = child.event(MERGED)
        merging["data"] = {
            "occurred_at": "2026-11-27T09:00:00Z",
            "merge": {"from": carers.refs[0], "into": child.refs[0]},
        }
        events = [
            carers.event(PROPOSED, 1),
            carers.event(CLOSED, 2, occurred_at="2026-11-27T09:00:00Z"),
            child.event(PROPOSED, 1),
            merging,
        ]
        for number in order:
            child.send(events[number])
        found = [(each.answer()["state"], audit_of(each)["type"]) for each in (carers, child)]
        assert found == [("closed_without_audit", "closure"), ("awaiting_audit", "closure")], order
        path = f"/v1/audits?subject={audit_of(child)['subject']['id']}&state=planned"
        planned = api.as_("qs-1").get(path).json()["items"]
        assert sorted(each["type"] for each in planned) == ["closure", "closure"], order
    offer(api, active=False)
