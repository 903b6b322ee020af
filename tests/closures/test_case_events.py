"""C1, C2 and the contract's 'Events in': taken once, in any order, never blocking the sender."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api import Api, Json
from tests.closures.sending import (
    ALLOCATED,
    CANCELLED,
    CLOSED,
    HEAD,
    MANAGER,
    PROPOSED,
    REOPENED,
    RESTRICTED,
    Episode,
)
from tests.responses.casework import Casework


def test_each_child_of_a_sibling_group_has_its_own_gate_and_audit(
    api: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    at("2026-11-23T09:30:00Z")
    family = Episode(api, [new_ref(), new_ref(), new_ref()])
    receipt = family.send(family.event(PROPOSED))
    assert [each["ref"] for each in receipt["outcomes"]] == family.refs
    assert {each["outcome"] for each in receipt["outcomes"]} == {"gate_opened"}
    gates = family.gates()
    assert len({gate["id"] for gate in gates}) == len({gate["audit_id"] for gate in gates}) == 3
    assert family.answer(family.refs[1])["id"] == receipt["outcomes"][1]["gate_id"]
    # One of them closes; the others' gates stay as they are.
    leaving = Episode(api, family.refs[:1], id=family.id)
    assert leaving.tell(CLOSED, 2) == "closed_without_audit"
    assert [family.answer(ref)["state"] for ref in family.refs] == [
        "closed_without_audit",
        "awaiting_audit",
        "awaiting_audit",
    ]


def test_a_child_named_twice_is_one_child(episode: Episode) -> None:
    episode.refs *= 2
    outcomes = episode.send(episode.event(PROPOSED))["outcomes"]
    assert len({each["gate_id"] for each in outcomes}) == 1
    assert len(episode.gates()) == 1


def test_a_repeat_gets_the_same_answer_and_has_no_effect(episode: Episode) -> None:
    event = episode.event(PROPOSED)
    first, second = episode.send(event), episode.send(event | {"time": "2026-11-23T09:31:00Z"})
    assert second == first | {"outcome": "duplicate"}
    assert len(episode.gates()) == 1


@pytest.mark.long
def test_fifty_at_once_have_one_effect_and_one_answer(episode: Episode, casework: Casework) -> None:
    event = episode.event(PROPOSED)

    def send(_: int) -> httpx.Response:
        return episode.post(event)

    with ThreadPoolExecutor(50) as senders:
        answers = list(senders.map(send, range(50)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({str(answer.json()["outcomes"]) for answer in answers}) == 1
    assert sorted({answer.json()["outcome"] for answer in answers}) == ["duplicate", "gate_opened"]
    (gate,) = episode.gates()
    audits = episode.api.as_("qs-1").get(f"/v1/audits?subject={gate['subject']['id']}").json()
    assert len(audits["items"]) == 1
    assert len(casework.events(gate["id"], "closure_gate.opened")) == 1


def test_events_of_one_episode_at_once_leave_what_they_would_in_order(episode: Episode) -> None:
    events = [episode.event(PROPOSED, version) for version in range(1, 9)]
    events.append(episode.event(CLOSED, 9))
    with ThreadPoolExecutor(9) as senders:
        answers = list(senders.map(episode.post, events))
    assert {answer.status_code for answer in answers} == {202}
    (gate,) = episode.gates()
    assert gate["state"] == "closed_without_audit"


def test_other_data_under_the_same_id_is_kept_beside_the_first(episode: Episode) -> None:
    event = episode.event(PROPOSED)
    first = episode.send(event)
    other = event | {"data": event["data"] | {"closure": {"reason_text": "Unspeakable."}}}
    for _ in range(2):
        answer = episode.send(other)
        assert answer == first | {"outcome": "conflicting"}
    path = f"/v1/case-events/{first['event_id']}"
    kept = episode.api.as_("qs-1").get(path).json()
    assert kept["message"] == event
    assert [each["message"] for each in kept["conflicts"]] == [other]
    listed = episode.api.as_("qs-1").get(
        f"/v1/case-events?conflicting=true&episode_id={episode.id}"
    )
    assert [each["event_id"] for each in listed.json()["items"]] == [first["event_id"]]
    told = episode.api.as_("case-system-mosaic").get(path)
    assert (told.json()["message"], told.json()["conflicts"]) == (None, [])


def test_in_a_batch_the_malformed_are_refused_and_the_others_stand(
    episode: Episode, new_ref: Callable[[], str]
) -> None:
    good = episode.event(PROPOSED)
    bad = episode.event(PROPOSED, 2)
    bad["data"] = bad["data"] | {"source_version": "two", "subjects": []}
    foreign = episode.event(PROPOSED, 3) | {"source": "urn:somebody-else"}
    other = Episode(episode.api, [new_ref()])
    items = episode.send_batch([good, bad, 7, foreign, good, other.event(CLOSED)])
    assert [item["position"] for item in items] == list(range(6))
    assert [item["outcome"] for item in items] == [
        "gate_opened",
        "refused",
        "refused",
        "refused",
        "duplicate",
        "closed_without_audit",
    ]
    pointers = [[error["pointer"] for error in item["errors"]] for item in items]
    assert pointers == [
        [],
        ["/1/data/subjects", "/1/data/source_version"],
        ["/2"],
        ["/3/source"],
        [],
        [],
    ]
    assert episode.answer()["state"] == "awaiting_audit"
    assert other.answer()["state"] == "closed_without_audit"


def test_a_batch_has_at_most_a_hundred(episode: Episode) -> None:
    answer = episode.api.as_("case-system-mosaic").post("/v1/case-events/batch", [1] * 101)
    assert answer.status_code == 422


def test_a_malformed_event_is_refused_with_its_pointers(episode: Episode) -> None:
    event = episode.event(PROPOSED)
    del event["data"]["source_version"]
    event["data"]["occurred_at"] = "2026-11-23T09:00:00"
    answer = episode.post(event)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/data/source_version",
        "/data/occurred_at",
    }


def test_what_a_sender_knows_beyond_us_does_not_block_it(episode: Episode) -> None:
    event = episode.event(PROPOSED, novelty={"x": 1}) | {"traceparent": "00-1", "sequence": "7"}
    assert episode.post(event, "application/json").status_code == 202
    assert episode.answer()["state"] == "awaiting_audit"


def test_a_system_speaks_only_for_itself(episode: Episode) -> None:
    assert episode.post(episode.event(PROPOSED) | {"source": "urn:other"}).status_code == 403
    as_manager = episode.api.as_(MANAGER).post("/v1/case-events", episode.event(PROPOSED))
    assert as_manager.status_code == 403
    assert episode.answer()["state"] == "not_proposed"


def test_unknown_types_are_kept_and_ignored(episode: Episode) -> None:
    odd = episode.event("case.renamed.v9") | {"data": [1, 2]}
    assert episode.send(odd)["outcome"] == "ignored"


# --- order ---


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[tuple[str, int]], list[int]]:
    """What happened to an episode, and another order in which it arrives."""
    types = draw(
        st.lists(st.sampled_from([PROPOSED, CANCELLED, CLOSED, REOPENED]), min_size=2, max_size=5)
    )
    told = [(type_, version) for version, type_ in enumerate(types, start=1)]
    return told, draw(st.permutations(range(len(told))))


@pytest.mark.long
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(stories())
def test_the_order_of_arrival_does_not_matter(
    api: Api,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
    story: tuple[list[tuple[str, int]], list[int]],
) -> None:
    at("2026-11-23T09:30:00Z")
    told, arrival = story
    in_order, shuffled = Episode(api, [new_ref()]), Episode(api, [new_ref()])
    for type_, version in told:
        in_order.tell(type_, version)
    for number in arrival:
        shuffled.tell(*told[number])

    def answers(episode: Episode) -> Any:
        now = episode.answer()
        gates = [
            (gate["cycle"], gate["state"], gate["may_close"], gate["current"])
            for gate in episode.gates()
        ]
        return now["state"], now["may_close"], gates

    assert answers(shuffled) == answers(in_order)


def test_a_late_older_event_takes_its_place_and_undoes_nothing_already_made(
    episode: Episode,
) -> None:
    assert episode.tell(CLOSED, 2) == "closed_without_audit"
    before = episode.answer()
    assert episode.tell(PROPOSED, 1, closure={"reason_code": "RC2"}) == "no_change"
    after = episode.answer()
    assert after["id"] == before["id"]
    assert (after["state"], after["audit_id"]) == (before["state"], before["audit_id"])
    assert after["gates"][0]["reason_code"] == "RC2"
    assert len(episode.gates()) == 1


# --- who holds the case, and who may see it ---


def test_unknown_codes_are_kept_and_only_quality_standards_sees_the_gate(
    episode: Episode, casework: Casework
) -> None:
    episode.team, episode.worker = "a-team-to-come", "somebody"
    episode.tell(PROPOSED)
    (gate,) = episode.gates()
    assert (gate["team"], gate["worker"]) == (None, None)
    assert episode.api.as_(MANAGER).get(episode.gate()).status_code == 404


def test_a_new_allocation_moves_gate_and_audit_and_a_late_older_one_does_not(
    episode: Episode,
) -> None:
    episode.tell(PROPOSED, 1)
    moved: Json = {"allocation": {"team": "boston-fast", "worker": "sw2-boston-fast"}}
    assert episode.tell(ALLOCATED, 5, **moved) == "applied"
    older = {"allocation": {"team": "west-lindsey-fast", "worker": "sw1-west-lindsey-fast"}}
    assert episode.tell(ALLOCATED, 4, **older) == "no_change"
    (gate,) = episode.gates("tm-boston-fast")
    assert (gate["team"], gate["worker"]) == ("boston-fast", "sw2-boston-fast")
    audit = f"/v1/audits/{gate['audit_id']}"
    assert episode.api.as_("tm-boston-fast").get(audit).json()["worker"] == "sw2-boston-fast"
    assert episode.api.as_(MANAGER).get(audit).status_code == 404
    assert episode.gates(MANAGER) == []


def test_what_an_allocation_leaves_out_stays(episode: Episode) -> None:
    episode.tell(PROPOSED, 1)
    episode.tell(ALLOCATED, 2, allocation={"worker": "sw2-lincoln-fast"})
    (gate,) = episode.gates()
    assert (gate["team"], gate["worker"]) == ("lincoln-fast", "sw2-lincoln-fast")
    episode.tell(ALLOCATED, 3, allocation={"worker": None})
    (gate,) = episode.gates()
    assert (gate["team"], gate["worker"]) == ("lincoln-fast", None)


@pytest.mark.parametrize("kind", ["pre_adoption", "staff", "other"])
def test_a_restricted_record_is_hidden_from_people_but_its_system_is_still_answered(
    episode: Episode, kind: str
) -> None:
    receipt = episode.send(episode.event(PROPOSED, 1))
    gate, audit = episode.gate(), f"/v1/audits/{episode.answer()['audit_id']}"
    assert episode.tell(RESTRICTED, 2, restriction={"kind": kind, "on": True}) == "applied"
    for person in ("qs-1", MANAGER, HEAD):
        assert episode.gates(person) == []
        assert episode.api.as_(person).get(gate).status_code == 404
        assert episode.api.as_(person).get(audit).status_code == 404
    event = f"/v1/case-events/{receipt['event_id']}"
    assert episode.api.as_("qs-1").get(event).status_code == 404
    listed = episode.api.as_("qs-1").get(f"/v1/case-events?episode_id={episode.id}").json()
    assert listed["items"] == []
    assert episode.answer()["state"] == "awaiting_audit"
    assert episode.tell(RESTRICTED, 3, restriction={"kind": kind, "on": False}) == "applied"
    assert episode.api.as_(MANAGER).get(gate).status_code == 200


def test_a_late_restriction_event_does_not_open_a_record_that_a_newer_one_closed(
    episode: Episode,
) -> None:
    episode.tell(PROPOSED, 1)
    episode.tell(RESTRICTED, 5, restriction={"kind": "pre_adoption", "on": True})
    late = {"kind": "pre_adoption", "on": False}
    assert episode.tell(RESTRICTED, 3, restriction=late) == "no_change"
    other = {"kind": "staff", "on": False}
    assert episode.tell(RESTRICTED, 6, restriction=other) == "no_change"
    assert episode.api.as_(MANAGER).get(episode.gate()).status_code == 404
