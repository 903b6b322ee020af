"""C6: a merge re-points everything; an adopted child's two identities are never joined.

Of the ways in which three become one the suite walks some, others each week; `./dev drill merging`
walks all.
"""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any

import pytest

from qa_api.escalations.raising import NOT_WITHOUT_AUDIT, ONE_IS_ASKED
from qa_api.escalations.service import end_doubled
from qa_api.models.base import Base
from tests.api import Api, Json, in_a_week
from tests.closures.sending import (
    ALLOCATED,
    CANCELLED,
    CLOSED,
    MANAGER,
    PROPOSED,
    REOPENED,
    RESTRICTED,
    SUPERVISOR,
    Episode,
    at_hour,
)
from tests.conftest import Database, execute
from tests.drill import SEED, share
from tests.kept import KEPT
from tests.responses.casework import Service

MERGED = "person.merged.v1"
HELD: Json = {"allocation": {"team": "lincoln-fast", "worker": "sw1-lincoln-fast"}}
LEFT_BEHIND = {
    # What tells what happened stays as it was told; whose record is open to whom is granted anew.
    "events",
    "access_log",
    "restriction_grants",
}


@pytest.fixture
def other(api: Api, new_ref: Callable[[], str], episode: Episode) -> Episode:
    """An episode of another child."""
    return Episode(api, [new_ref()])


def merge(source: str, into: str) -> Json:
    """What the case system says when `source` turns out to be `into`."""
    return {"occurred_at": at_hour(9), "merge": {"from": source, "into": into}}


def tell_merge(episode: Episode, source: str, into: str) -> Json:
    event = episode.event(MERGED)
    event["data"] = merge(source, into)
    return episode.send(event)


def subject_of(episode: Episode, ref: str | None = None) -> str:
    answer = episode.api.as_("qs-1").get(f"/v1/subjects/mosaic/{ref or episode.refs[0]}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def rows(database: Database, statement: str, *values: Any) -> list[Any]:
    return list(KEPT.ask(database.migrate_url, lambda kept: kept.fetch(statement, *values)))


@pytest.mark.long
def test_everything_about_the_one_becomes_the_others(
    episode: Episode, other: Episode, database: Database
) -> None:
    for each in (episode, other):
        each.tell(PROPOSED)
        each.complete_audit(actions=1)
    source, into = subject_of(episode), subject_of(other)
    audits = episode.api.as_("qs-1").get(f"/v1/audits?subject={source}").json()["items"]

    receipt = tell_merge(episode, episode.refs[0], other.refs[0])

    assert receipt["outcome"] == "applied"
    assert subject_of(episode) == subject_of(other) == into
    now = episode.api.as_("qs-1").get(f"/v1/audits?subject={into}").json()["items"]
    assert {audit["id"] for audit in audits} < {audit["id"] for audit in now}
    assert {audit["subject"]["ref"] for audit in now} == {other.refs[0]}
    # One person, two episodes: both gates answer under either reference.
    assert len(episode.answer(other.refs[0])["gates"]) == 1
    assert episode.answer()["id"] == episode.answer(other.refs[0])["id"]
    # No table holds on to the record that is no longer used, but those that tell what happened.
    for table in Base.metadata.sorted_tables:
        columns = [
            key.parent.name for key in table.foreign_keys if key.column.table.name == "subjects"
        ]
        if table.name in LEFT_BEHIND or table.name == "subjects":
            continue
        for column in columns:
            left = rows(
                database,
                f"SELECT count(*) AS n FROM {table.name} WHERE {column} = $1",  # ours
                source,
            )
            assert left[0]["n"] == 0, f"{table.name}.{column}"


def test_an_action_of_either_record_holds_the_gates_of_the_other(
    episode: Episode, other: Episode
) -> None:
    """Whichever record is left, and also where only the other one has a gate."""
    for each, actions in ((episode, 0), (other, 1)):
        each.tell(PROPOSED)
        each.complete_audit(actions=actions)
    assert episode.answer()["may_close"] is True
    other.tell(CANCELLED, 2)

    tell_merge(episode, other.refs[0], episode.refs[0])

    held = episode.answer()
    assert (held["state"], held["may_close"]) == ("actions_outstanding", False)


def test_what_comes_late_under_the_old_reference_is_the_same_persons(
    episode: Episode, other: Episode
) -> None:
    other.tell(PROPOSED)
    episode.tell(PROPOSED)
    tell_merge(episode, episode.refs[0], other.refs[0])
    assert episode.tell(CLOSED, 2) == "closed_without_audit"
    assert episode.answer(other.refs[0])["state"] == "closed_without_audit"


@pytest.mark.long
@pytest.mark.parametrize("audited_remains", [True, False])
def test_what_a_gate_raised_that_stands_back_for_its_twin_is_over_at_the_merge(
    episode: Episode, new_ref: Callable[[], str], *, audited_remains: bool
) -> None:
    """Although the gate that answers, closed with its audit, does not change."""
    api = episode.api
    both = Episode(api, [new_ref(), new_ref()])
    both.tell(PROPOSED)
    without, audited = both.refs
    Episode(api, [audited], id=both.id).complete_audit()
    assert both.tell(CLOSED, 2) == "closed_without_audit"
    kept = both.answer(audited)
    assert kept["state"] == "closed"
    gate = both.answer(without)["id"]

    def raised() -> list[str]:
        answer = api.as_("qs-1").get(f"/v1/escalations?gate={gate}").json()
        return [row["state"] for row in answer["items"]]

    assert raised() == ["raised"]
    tell_merge(both, *((without, audited) if audited_remains else (audited, without)))
    for ref in both.refs:
        assert both.answer(ref)["state"] == "closed"
        assert both.answer(ref)["id"] == kept["id"]
    assert raised() == ["resolved"]


def test_what_both_gates_raised_stays_where_the_one_that_answers_has_no_audit_either(
    api: Api, new_ref: Callable[[], str]
) -> None:
    both = Episode(api, [new_ref(), new_ref()])
    both.tell(PROPOSED)
    assert both.tell(CLOSED, 2) == "closed_without_audit"
    tell_merge(both, *both.refs)
    gate = both.answer()["id"]
    answer = api.as_("qs-1").get(f"/v1/escalations?gate={gate}").json()
    assert [row["state"] for row in answer["items"]] == ["raised"]


@pytest.mark.parametrize("its_own", [True, False])
def test_what_an_earlier_merge_left_raised_twice_of_one_closing_is_over(
    episode: Episode,
    new_ref: Callable[[], str],
    database: Database,
    service: Service,
    its_own: bool,
) -> None:
    events = [
        episode.event(CLOSED, version, subjects=[{"ref": ref, "role": "child"}])
        for version, ref in enumerate((*episode.refs, new_ref(), new_ref()), start=1)
    ]
    for event in events:
        episode.send(event)
    answers, *others = gates = [
        episode.answer(event["data"]["subjects"][0]["ref"])["id"] for event in events
    ]
    # As a merge left them before it ended any: two of one closing, of the gate that answers or not.
    execute(
        database.migrate_url,
        f"UPDATE closure_gates SET duplicate_of = '{answers}', current = false, may_close = false"
        f" WHERE id::text = ANY('{{{','.join(others)}}}')",
    )
    if not its_own:
        execute(
            database.migrate_url,
            f"UPDATE escalations SET state = 'resolved', resolution = '{NOT_WITHOUT_AUDIT}',"
            f" resolved_at = now() WHERE gate_id = '{answers}'",
        )

    def open_ones() -> list[str]:
        found = rows(
            database,
            "SELECT gate_id::text FROM escalations WHERE gate_id = ANY($1::uuid[])"
            " AND state <> 'resolved' ORDER BY id",
            gates,
        )
        return [row["gate_id"] for row in found]

    kept = [answers] if its_own else open_ones()[:1]
    service.work(end_doubled)
    assert open_ones() == kept
    service.work(end_doubled)
    assert open_ones() == kept


def test_the_same_merge_again_and_the_other_way_round_change_nothing(
    episode: Episode, other: Episode
) -> None:
    episode.tell(PROPOSED)
    other.tell(PROPOSED)
    a, b = episode.refs[0], other.refs[0]
    assert tell_merge(episode, a, b)["outcome"] == "applied"
    assert tell_merge(episode, a, b)["outcome"] == "no_change"
    assert tell_merge(episode, b, a)["outcome"] == "no_change"


def test_three_records_become_one_in_two_steps(
    api: Api, episode: Episode, other: Episode, new_ref: Callable[[], str]
) -> None:
    third = Episode(api, [new_ref()])
    for each in (episode, other, third):
        each.tell(PROPOSED)
    tell_merge(episode, episode.refs[0], other.refs[0])
    tell_merge(episode, other.refs[0], third.refs[0])
    assert {subject_of(each) for each in (episode, other, third)} == {subject_of(third)}
    seen = api.as_("qs-1").get(f"/v1/subjects/mosaic/{episode.refs[0]}/record")
    assert seen.status_code == 200, seen.text


@pytest.mark.long
def test_of_two_gates_of_one_episode_the_audited_one_answers(
    api: Api, episode: Episode, new_ref: Callable[[], str]
) -> None:
    twin = Episode(api, [new_ref()], id=episode.id)
    episode.tell(PROPOSED, 1)
    twin.tell(PROPOSED, 2)
    twin.complete_audit()
    tell_merge(episode, twin.refs[0], episode.refs[0])
    answer = episode.answer()
    assert (answer["state"], answer["may_close"]) == ("clear", True)
    assert len(answer["gates"]) == 1


@pytest.mark.long
@pytest.mark.parametrize("audited", [0, 1])
@pytest.mark.parametrize("direction", [(0, 1), (1, 0)])
@pytest.mark.parametrize("one_event", [True, False])
def test_a_merge_within_one_episode_is_the_same_in_either_direction(
    api: Api,
    episode: Episode,
    new_ref: Callable[[], str],
    audited: int,
    direction: tuple[int, int],
    one_event: bool,
) -> None:
    refs = [episode.refs[0], new_ref()]
    children = [Episode(api, [ref], id=episode.id) for ref in refs]
    if one_event:
        Episode(api, refs, id=episode.id).tell(PROPOSED, 1)
    else:
        for version, child in enumerate(children, start=1):
            child.tell(PROPOSED, version)
    done = children[audited].complete_audit().rpartition("/")[2]
    tell_merge(episode, *(refs[number] for number in direction))
    for child in children:
        answer = child.answer()
        assert (answer["state"], answer["may_close"]) == ("clear", True)
        assert (answer["audit_id"], len(answer["gates"])) == (done, 1)
    subject = subject_of(episode)
    audits = api.as_("qs-1").get(f"/v1/audits?subject={subject}").json()["items"]
    assert sorted(audit["state"] for audit in audits) == ["cancelled", "completed"]
    assert len(episode.gates()) == 1
    assert episode.tell(CLOSED, 3, occurred_at="2026-11-23T09:29:00Z") == "gate_changed"
    assert episode.answer()["state"] == "closed"


@pytest.mark.parametrize("one_event", [True, False])
def test_two_gates_of_one_closing_owe_one_audit(
    api: Api, episode: Episode, new_ref: Callable[[], str], one_event: bool
) -> None:
    refs = [episode.refs[0], new_ref()]
    if one_event:
        Episode(api, refs, id=episode.id).tell(PROPOSED, 1)
    else:
        for version, ref in enumerate(refs, start=1):
            Episode(api, [ref], id=episode.id).tell(PROPOSED, version)
    tell_merge(episode, *refs)
    subject = subject_of(episode)
    audits = api.as_("qs-1").get(f"/v1/audits?subject={subject}").json()["items"]
    assert sorted(audit["state"] for audit in audits) == ["cancelled", "planned"]
    # Cancelled, the audit is owed again: once.
    (planned,) = [audit for audit in audits if audit["state"] == "planned"]
    assert planned["id"] == episode.answer()["audit_id"]
    episode.act(f"/v1/audits/{planned['id']}/cancel", MANAGER, reason="Of another team.")
    audits = api.as_("qs-1").get(f"/v1/audits?subject={subject}").json()["items"]
    assert sorted(audit["state"] for audit in audits) == ["cancelled", "cancelled", "planned"]


@pytest.mark.long
@pytest.mark.parametrize("completed", [0, 1])
@pytest.mark.parametrize("direction", [(0, 1), (1, 0)])
@pytest.mark.parametrize("one_event", [True, False])
def test_of_two_audits_begun_before_a_merge_either_clears_the_gate(
    api: Api,
    episode: Episode,
    new_ref: Callable[[], str],
    completed: int,
    direction: tuple[int, int],
    one_event: bool,
) -> None:
    refs = [episode.refs[0], new_ref()]
    children = [Episode(api, [ref], id=episode.id) for ref in refs]
    day = {"closure": {"date": "2026-12-04"}}
    if one_event:
        Episode(api, refs, id=episode.id).tell(PROPOSED, 1, **day)
    else:
        for version, child in enumerate(children, start=1):
            child.tell(PROPOSED, version, **day)
    begun = [child.begin_audit() for child in children]
    tell_merge(episode, *(refs[number] for number in direction))
    assert episode.answer()["state"] == "awaiting_audit"
    assert due(api, begun) == [None, "2026-12-04"]

    episode.complete_audit(begun[completed])

    for child in children:
        answer = child.answer()
        assert (answer["state"], answer["may_close"]) == ("clear", True)
        assert (answer["audit_id"], len(answer["gates"])) == (id_of(begun[completed]), 1)
    # The other is the auditor's to finish, and no closing waits for it any more.
    other = api.as_("qs-1").get(begun[1 - completed]).json()
    assert (other["state"], other["due_on"]) == ("in_progress", None)
    assert api.as_("qs-1").get(begun[completed]).json()["due_on"] == "2026-12-04"
    episode.complete_audit(begun[1 - completed])
    assert episode.answer()["audit_id"] == id_of(begun[completed])
    assert episode.tell(CLOSED, 3, occurred_at="2026-11-23T09:29:00Z") == "gate_changed"
    assert (episode.answer()["state"], len(episode.gates())) == ("closed", 1)


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


def due(api: Api, audits: list[str]) -> list[str | None]:
    """The days by which audits are due, those due by none first."""
    days = [api.as_("qs-1").get(path).json()["due_on"] for path in audits]
    return sorted(days, key=lambda day: day or "")


@pytest.mark.long
@pytest.mark.parametrize("direction", [(0, 1), (1, 0)])
def test_what_a_twin_completed_before_the_gate_was_reopened_does_not_clear_it(
    api: Api,
    episode: Episode,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
    direction: tuple[int, int],
) -> None:
    refs = [episode.refs[0], new_ref()]
    children = [Episode(api, [ref], id=episode.id) for ref in refs]
    for version, child in enumerate(children, start=1):
        child.tell(PROPOSED, version)
        child.complete_audit()
    at("2026-11-23T10:00:00Z")
    episode.act(f"{children[0].gate()}/reopen", MANAGER, reason="The father was not heard.")
    tell_merge(episode, *(refs[number] for number in direction))
    again = children[1].answer()
    assert (again["state"], again["may_close"]) == ("awaiting_audit", False)
    audits = api.as_("qs-1").get(f"/v1/audits?subject={subject_of(episode)}").json()["items"]
    assert sorted(audit["state"] for audit in audits) == ["completed", "completed", "planned"]
    at("2026-11-23T10:30:00Z")
    done = children[0].complete_audit()
    assert (episode.answer()["state"], episode.answer()["audit_id"]) == ("clear", id_of(done))


WAYS = (
    ((0, 1), (1, 2)),
    ((1, 2), (0, 1)),
    ((0, 2), (1, 2)),
    ((1, 0), (2, 0)),
    ((2, 1), (1, 0)),
)
"""In which three become one: who is merged into whom, and then again."""


@pytest.mark.long
@pytest.mark.parametrize("completed", range(3))
@pytest.mark.parametrize("one_event", [True, False])
def test_of_three_that_are_one_any_audit_clears_the_gate_whichever_way_they_merged(
    api: Api, episode: Episode, new_ref: Callable[[], str], completed: int, one_event: bool
) -> None:
    chance = random.Random(f"{SEED} {completed} {one_event}")
    for merges in chance.sample(WAYS, share(2) or len(WAYS)):
        refs = [new_ref() for _ in range(3)]
        children = [Episode(api, [ref]) for ref in refs]
        for child in children:
            child.id = children[0].id
        if one_event:
            Episode(api, refs, id=children[0].id).tell(PROPOSED, 1)
        else:
            for version, child in enumerate(children, start=1):
                child.tell(PROPOSED, version)
        begun = [child.begin_audit() for child in children]
        for source, into in merges:
            tell_merge(episode, refs[source], refs[into])
        assert children[0].answer()["state"] == "awaiting_audit"
        children[0].complete_audit(begun[completed])
        for child in children:
            answer = child.answer()
            assert (answer["state"], answer["audit_id"], len(answer["gates"])) == (
                "clear",
                id_of(begun[completed]),
                1,
            ), merges


def test_siblings_named_by_one_event_may_turn_out_to_be_one_child(
    api: Api, episode: Episode, new_ref: Callable[[], str]
) -> None:
    episode.refs.append(new_ref())
    episode.tell(PROPOSED, 1)
    assert tell_merge(episode, *episode.refs)["outcome"] == "applied"
    assert episode.answer(episode.refs[0])["id"] == episode.answer(episode.refs[1])["id"]
    assert episode.tell(PROPOSED, 2) in {"no_change", "gate_changed"}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_whatever_comes_first_the_gates_are_the_same(
    api: Api, episode: Episode, other: Episode, order: tuple[int, ...]
) -> None:
    merging = episode.event(MERGED)
    merging["data"] = merge(episode.refs[0], other.refs[0])
    told = [episode.event(PROPOSED), other.event(PROPOSED), merging]
    for number in order:
        episode.send(told[number])
    answers = [each.answer(other.refs[0]) for each in (episode, other)]
    assert [answer["state"] for answer in answers] == ["awaiting_audit", "awaiting_audit"]
    assert subject_of(episode) == subject_of(other)
    assert episode.answer()["id"] == answers[0]["id"]


@pytest.mark.long
@pytest.mark.parametrize("merged_first", [False, True], ids=["closed first", "merged first"])
def test_one_closing_of_one_child_is_put_before_its_manager_once(
    api: Api, episode: Episode, new_ref: Callable[[], str], merged_first: bool
) -> None:
    episode.refs.append(new_ref())
    episode.tell(ALLOCATED, **HELD)
    closed, merging = episode.event(CLOSED, 2), episode.event(MERGED)
    merging["data"] = merge(episode.refs[1], episode.refs[0])
    for event in (merging, closed) if merged_first else (closed, merging):
        episode.send(event)
    raised = api.as_("qs-1").get(f"/v1/escalations?subject={subject_of(episode)}").json()["items"]
    (left,) = [each for each in raised if each["state"] != "resolved"]
    assert left["gate_id"] == episode.answer()["id"]
    for over in (each for each in raised if each is not left):
        shown = api.as_("qs-1").get(f"/v1/escalations/{over['id']}").json()
        assert (shown["resolution"], shown["resolved_by"]) == (ONE_IS_ASKED, None)
    waits = api.as_(MANAGER).get("/v1/me/work?kind=acknowledge&limit=500").json()["items"]
    asked = {each["id"] for each in raised} & {entry["about"] for entry in waits}
    assert asked == {left["id"]}


def test_a_closing_that_turns_out_to_be_another_ones_escalates_for_itself(
    api: Api, episode: Episode, other: Episode
) -> None:
    other.id = episode.id
    episode.tell(CLOSED, 1)
    other.tell(CLOSED, 3)
    tell_merge(episode, other.refs[0], episode.refs[0])

    def still_open() -> list[Json]:
        path = f"/v1/escalations?subject={subject_of(episode)}"
        found = api.as_("qs-1").get(path).json()["items"]
        return [each for each in found if each["state"] != "resolved"]

    assert len(still_open()) == 1
    # It was opened again in between, so that it closed twice.
    episode.tell(REOPENED, 2)
    assert {each["gate_id"] for each in still_open()} == {each["id"] for each in episode.gates()}
    assert len(still_open()) == 2


def test_a_merge_of_two_that_nobody_knows_waits_until_one_comes_up(
    episode: Episode, other: Episode
) -> None:
    event = episode.event(MERGED)
    event["data"] = merge(episode.refs[0], other.refs[0])
    first = episode.send(event)
    assert (first["outcome"], len(first["outcomes"])) == ("parked", 2)
    path = f"/v1/case-events/{first['event_id']}"
    waiting = episode.api.as_("qs-1").get(path).json()
    assert (waiting["parked"], waiting["parked_reason"]) == (True, "nobody_known")
    assert episode.send(event) == first | {"outcome": "duplicate"}

    episode.tell(PROPOSED)

    assert episode.api.as_("qs-1").get(path).json()["parked"] is False
    assert subject_of(episode) == subject_of(other)
    assert episode.send(event) == first | {"outcome": "duplicate"}


@pytest.mark.parametrize("together", [True, False])
def test_a_merge_that_waits_is_carried_out_by_whatever_makes_its_names_known(
    api: Api, episode: Episode, new_ref: Callable[[], str], together: bool
) -> None:
    second, third = new_ref(), new_ref()
    waiting = []
    for source, into in ((second, third), (episode.refs[0], second)):
        event = episode.event(MERGED)
        event["data"] = merge(source, into)
        waiting.append(event)
    told = [*waiting, episode.event(PROPOSED)]
    if together:
        episode.send_batch(told)
    else:
        for event in told:
            episode.send(event)
    assert subject_of(episode) == subject_of(episode, second) == subject_of(episode, third)
    parked = api.as_("qs-1").get("/v1/case-events?parked=true&limit=500").json()["items"]
    assert not {event["id"] for event in waiting} & {each["id"] for each in parked}


def held_by(api: Api, ref: str) -> tuple[str | None, str | None]:
    found = api.as_("qs-1").get(f"/v1/subjects/mosaic/{ref}").json()
    return found["team"], found["worker"]


@pytest.mark.long
def test_the_holder_after_a_chain_of_merges_is_that_of_the_record_that_is_left(
    api: Api, episode: Episode, new_ref: Callable[[], str]
) -> None:
    found = set()
    for order in permutations(range(4)):
        first, second, third = (new_ref() for _ in range(3))
        events = []
        for ref, team, hour in ((first, "boston-fast", 8), (second, "lincoln-fast", 2)):
            said = {"allocation": {"team": team, "worker": f"sw1-{team}"}, "episode_id": None}
            held = [{"ref": ref, "role": "child"}]
            events.append(episode.event(ALLOCATED, hour, subjects=held, **said))
        for source, into in ((first, second), (second, third)):
            event = episode.event(MERGED)
            event["data"] = merge(source, into)
            events.append(event)
        for number in order:
            episode.send(events[number])
        found.add(held_by(api, first))
        names = api.as_("qs-1").get(f"/v1/subjects/mosaic/{second}").json()
        assert (names["ref"], len(names["names"])) == (third, 3)
    # The first was merged away at nine; what was told of it before stands behind.
    assert found == {("lincoln-fast", "sw1-lincoln-fast")}


def test_who_holds_the_surviving_record_holds_it_all(episode: Episode, other: Episode) -> None:
    other.team, other.worker = "boston-fast", "sw1-boston-fast"
    episode.tell(PROPOSED)
    other.tell(PROPOSED)
    tell_merge(episode, episode.refs[0], other.refs[0])
    assert {gate["team"] for gate in (*episode.gates(), *other.gates())} == {"boston-fast"}
    assert not episode.gates(MANAGER)


def test_a_restriction_of_either_holds_for_the_whole(episode: Episode, other: Episode) -> None:
    episode.tell(PROPOSED)
    other.tell(PROPOSED)
    kept = {"kind": "staff", "on": True}
    episode.send(episode.event(RESTRICTED, 3, restriction=kept))
    tell_merge(episode, episode.refs[0], other.refs[0])
    assert not other.gates(MANAGER)
    assert not other.gates("qs-1")
    release = {"kind": "staff", "on": False}
    other.send(other.event(RESTRICTED, 4, restriction=release))
    assert len(other.gates("qs-1")) == 1


def test_a_grant_for_the_one_does_not_open_the_other(
    api: Api, episode: Episode, other: Episode, database: Database
) -> None:
    staff = {"kind": "staff", "on": True}
    for each in (episode, other):
        each.tell(PROPOSED)
        each.send(each.event(RESTRICTED, 3, restriction=staff))
    (supervisor,) = rows(database, "SELECT id FROM principals WHERE worker = $1", SUPERVISOR)
    grant = {
        "principal_id": str(supervisor["id"]),
        "reason": "She audits this record.",
        "expires_at": in_a_week(),
    }
    path = f"/v1/subjects/mosaic/{episode.refs[0]}/restriction-grants"
    assert api.as_("qs-1").create(path, grant).status_code == 201
    assert len(episode.gates(SUPERVISOR)) == 1
    tell_merge(episode, episode.refs[0], other.refs[0])
    assert not other.gates(SUPERVISOR)


# --- adoption ---


def joined(database: Database, one: str, two: str) -> list[str]:
    """The tables with a row that names both, in whatever column or document."""
    found = []
    for table in Base.metadata.sorted_tables:
        count = rows(
            database,
            f"SELECT count(*) AS n FROM {table.name} r"  # ours
            " WHERE to_jsonb(r)::text LIKE '%' || $1 || '%'"
            " AND to_jsonb(r)::text LIKE '%' || $2 || '%'",
            one,
            two,
        )
        if count[0]["n"]:
            found.append(table.name)
    return found


def is_told(api: Api, database: Database, event_id: str) -> bool:
    """Whether Quality & Standards has been told of an event, and it waits in their list."""
    told = rows(database, "SELECT id FROM alerts WHERE about_id = $1", event_id)
    items = api.as_("qs-1").work("kind=told")
    return {str(alert["id"]) for alert in told} <= {item["about"] for item in items} and bool(told)


@pytest.mark.long
@pytest.mark.parametrize("taken_back", [False, True])
@pytest.mark.parametrize("which", [0, 1])
def test_the_identities_before_and_after_an_adoption_are_never_joined(
    episode: Episode, other: Episode, database: Database, which: int, taken_back: bool
) -> None:
    both = (episode, other)
    for each in both:
        each.tell(PROPOSED)
    before = {"kind": "pre_adoption", "on": True}
    both[which].send(both[which].event(RESTRICTED, 3, restriction=before))
    if taken_back:
        both[which].send(both[which].event(RESTRICTED, 4, restriction=before | {"on": False}))
    subjects = {
        each.refs[0]: rows(database, "SELECT id FROM subjects WHERE ref = $1", each.refs[0])
        for each in both
    }
    event = episode.event(MERGED)
    event["data"] = merge(episode.refs[0], other.refs[0])

    first = episode.send(event)

    assert first["outcome"] == "parked"
    assert episode.send(event) == first | {"outcome": "duplicate"}
    conflicting = event | {"data": merge(other.refs[0], episode.refs[0])}
    assert episode.send(conflicting)["outcome"] == "conflicting"
    (one,), (two,) = subjects.values()
    assert one["id"] != two["id"]
    assert joined(database, episode.refs[0], other.refs[0]) == []
    assert joined(database, str(one["id"]), str(two["id"])) == []
    kept = episode.api.as_("qs-1").get(f"/v1/case-events/{first['event_id']}").json()
    assert (kept["parked"], kept["parked_reason"]) == (True, "pre_adoption")
    assert kept["message"]["data"]["merge"] == {"from": None, "into": None}
    assert is_told(episode.api, database, first["event_id"])


def test_a_waiting_merge_is_not_carried_out_when_an_adoption_comes_up(
    episode: Episode, other: Episode, database: Database
) -> None:
    event = episode.event(MERGED)
    event["data"] = merge(episode.refs[0], other.refs[0])
    waiting = episode.send(event)
    before = {"kind": "pre_adoption", "on": True}
    episode.send(episode.event(RESTRICTED, 3, restriction=before))
    other.tell(PROPOSED)
    kept = episode.api.as_("qs-1").get(f"/v1/case-events/{waiting['event_id']}").json()
    assert kept["parked_reason"] == "pre_adoption"
    assert joined(database, episode.refs[0], other.refs[0]) == []


def test_an_adoption_that_comes_up_after_the_merge_is_told(
    episode: Episode, other: Episode, database: Database
) -> None:
    episode.tell(PROPOSED)
    other.tell(PROPOSED)
    tell_merge(episode, episode.refs[0], other.refs[0])
    before = {"kind": "pre_adoption", "on": True}
    late = other.send(other.event(RESTRICTED, 3, restriction=before))
    assert not other.gates("qs-1")
    assert is_told(other.api, database, late["event_id"])


@pytest.mark.parametrize("taken_back", [False, True])
@pytest.mark.parametrize("which", ["from", "into"])
@pytest.mark.parametrize("merge_first", [False, True])
def test_a_merge_and_an_adoption_are_the_one_pair_whose_order_decides(
    episode: Episode,
    other: Episode,
    database: Database,
    merge_first: bool,
    which: str,
    taken_back: bool,
) -> None:
    for each in (episode, other):
        each.tell(PROPOSED)
    merging = episode.event(MERGED)
    merging["data"] = merge(episode.refs[0], other.refs[0])
    side = episode if which == "from" else other
    on: Json = {"kind": "pre_adoption", "on": True}
    adoption = [side.event(RESTRICTED, 3, restriction=on)]
    if taken_back:
        adoption.append(side.event(RESTRICTED, 4, restriction=on | {"on": False}))
    told = [merging, *adoption] if merge_first else [*adoption, merging]
    receipts = [episode.send(event) for event in told]
    for event in told:
        assert episode.send(event)["outcome"] == "duplicate"
    subjects = {
        str(row["subject_id"])
        for row in rows(
            database,
            "SELECT subject_id FROM subject_aliases WHERE ref = ANY ($1)",
            [episode.refs[0], other.refs[0]],
        )
    }
    hidden = {each.refs[0] for each in (episode, other) if not each.gates("qs-1")}
    if merge_first:
        # One end: they are one, the whole record is restricted, and people are told.
        assert (receipts[0]["outcome"], len(subjects)) == ("applied", 1)
        both = {episode.refs[0], other.refs[0]}
        assert hidden == (set() if taken_back else both)
        assert is_told(episode.api, database, receipts[1]["event_id"])
    else:
        # The other end: they stay two, and people are told of the merge.
        assert (receipts[-1]["outcome"], len(subjects)) == ("parked", 2)
        assert hidden == (set() if taken_back else {side.refs[0]})
        assert is_told(episode.api, database, receipts[-1]["event_id"])


def test_an_adoption_is_told_also_where_the_other_name_was_new(
    episode: Episode, database: Database, new_ref: Callable[[], str]
) -> None:
    episode.tell(PROPOSED)
    tell_merge(episode, new_ref(), episode.refs[0])
    before = {"kind": "pre_adoption", "on": True}
    late = episode.send(episode.event(RESTRICTED, 3, restriction=before))
    assert is_told(episode.api, database, late["event_id"])


@pytest.mark.long
def test_events_under_all_names_of_a_family_at_once_wait_for_each_other_in_one_order(
    api: Api, episode: Episode, new_ref: Callable[[], str]
) -> None:
    refs = [episode.refs[0], *(new_ref() for _ in range(5))]
    for ref in refs:
        Episode(api, [ref], id=episode.id).tell(PROPOSED)
    for source, into in (refs[:2], refs[2:4], refs[4:]):
        tell_merge(episode, source, into)
    # Each batch names all three children, by other names and in another order.
    orders = (refs, refs[::-1], refs[1::2] + refs[::2], refs[::2] + refs[1::2])
    batches = [
        [
            Episode(api, [ref], id=episode.id).event(PROPOSED, version)
            for version, ref in enumerate(order, start=number * 10)
        ]
        for number, order in enumerate(orders, start=1)
    ]
    for batch in batches:
        for event in batch:
            event["data"]["occurred_at"] = at_hour(9)
    with ThreadPoolExecutor(len(batches)) as senders:
        answers = list(senders.map(episode.send_batch, batches))
    assert {item["outcome"] for items in answers for item in items} <= {"no_change"}


@pytest.mark.parametrize("late", ["role of the one", "merge"])
def test_a_household_that_is_told_to_be_a_child_is_merged_in_any_order(
    api: Api, episode: Episode, new_ref: Callable[[], str], late: str
) -> None:
    episode.tell(PROPOSED)
    ref, older = new_ref(), new_ref()
    waiting = []
    for source, into in ((older, ref), (older, episode.refs[0])):
        event = episode.event(MERGED)
        event["data"] = merge(source, into)
        waiting.append(event)
    household, child = (
        episode.event(
            ALLOCATED,
            version,
            subjects=[{"ref": name, "role": role}],
            allocation={"team": "boston-fast"},
            episode_id=None,
        )
        for version, name, role in ((2, ref, "carer_household"), (3, ref, "child"))
    )
    told = [household, *waiting, child] if late != "merge" else [household, child, *waiting]
    outcomes = [episode.send(event)["outcome"] for event in told]
    assert "parked" not in outcomes
    assert subject_of(episode) == subject_of(episode, ref) == subject_of(episode, older)
    assert api.as_("qs-1").get(f"/v1/subjects/mosaic/{older}").json()["kind"] == "child"
    parked = api.as_("qs-1").get("/v1/case-events?parked=true&limit=500").json()["items"]
    assert not {event["id"] for event in waiting} & {each["id"] for each in parked}


@pytest.mark.long
@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_merge_of_a_child_and_a_household_has_one_end_and_people_are_told(
    api: Api, episode: Episode, other: Episode, database: Database, order: tuple[int, ...]
) -> None:
    (ref,), (into,) = episode.refs, other.refs
    household = [{"ref": ref, "role": "carer_household"}]
    child = [{"ref": into, "role": "child"}]
    allocation = {"allocation": {"team": "boston-fast"}, "episode_id": None}
    merging = episode.event(MERGED)
    merging["data"] = merge(ref, into)
    events = [
        merging,
        episode.event(CLOSED, 1, subjects=household),
        other.event(PROPOSED, 1, subjects=[{"ref": into}]),
        other.event(ALLOCATED, 2, subjects=child, **allocation),
    ]
    kept = [episode.send(events[number])["event_id"] for number in order]
    assert subject_of(episode) == subject_of(other)
    assert api.as_("qs-1").get(f"/v1/subjects/mosaic/{into}").json()["kind"] == "child"
    # A child's case does not close without an audit, and what told of it was a household's record.
    assert episode.answer(episode=episode.id)["state"] == "closed_without_audit"
    assert other.answer()["state"] == "awaiting_audit"
    of_types = rows(
        database,
        "SELECT DISTINCT type FROM audits WHERE subject_id = $1 AND state = 'planned'",
        subject_of(other),
    )
    assert [row["type"] for row in of_types] == ["closure"]
    # Of whatever shows it: the merge, or what told of the one when they were joined.
    assert any(is_told(api, database, event_id) for event_id in kept)


def test_a_record_told_to_be_a_childs_owes_a_childs_audit_whichever_came_first(
    api: Api, new_ref: Callable[[], str], episode: Episode
) -> None:
    types: dict[str, str] = {}
    for first, second in (("child", "carer_household"), ("carer_household", "child")):
        told = Episode(api, [new_ref()])
        for version, role in enumerate((first, second), start=1):
            told.tell(PROPOSED, version, subjects=[{"ref": told.refs[0], "role": role}])
        answer = told.answer()
        audit = api.as_("qs-1").get(f"/v1/audits/{answer['audit_id']}").json()
        types[first] = audit["type"]
        kind = api.as_("qs-1").get(f"/v1/subjects/mosaic/{told.refs[0]}").json()["kind"]
        assert (kind, audit["state"]) == ("child", "planned")
    assert set(types.values()) == {"closure"}


@pytest.mark.long
@pytest.mark.parametrize("chain", [False, True])
def test_panel_date_and_due_audits_after_two_merges_are_the_same_in_every_order(
    api: Api,
    episode: Episode,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
    chain: bool,
) -> None:
    found = set()
    for order in permutations(range(2)):
        one, two, left = (new_ref() for _ in range(3))
        panels = ((one, "2024-05-10"), (two, "2023-09-01"), (left, None))
        for minute, (ref, panel) in enumerate(panels, start=30):
            # Entered before the merges: what is told after one is told of the joined record.
            at(f"2026-11-20T09:{minute}:00Z")
            made = {"kind": "carer_household", "team": "fostering-north", "worker": None}
            put = api.as_("qs-1").change("PUT", f"/v1/subjects/mosaic/{ref}", made)
            assert put.status_code in {200, 201}, put.text
            if panel:
                body = {"first_panel_on": panel}
                path = f"/v1/carer-households/mosaic/{ref}/panel-date"
                put = api.as_("qs-1").change("PUT", path, body)
                assert put.status_code in {200, 201}, put.text
        at("2026-11-23T09:30:00Z")
        merges = ((one, two), (two, left)) if chain else ((one, left), (two, left))
        for number in order:
            assert tell_merge(episode, *merges[number])["outcome"] == "applied"
        path = f"/v1/carer-households/mosaic/{one}/panel-date"
        panel_on = api.as_("qs-1").get(path).json()["first_panel_on"]
        due = api.as_("qs-1").get(f"/v1/due-audits?subject={subject_of(episode, left)}").json()
        assert due.get("items"), due
        found.add((panel_on, *(row["due_on"] for row in due["items"])))
    assert len(found) == 1
    # Of two that were merged into one that has none the newer entry, of a chain the nearer one.
    assert {first for first, *_ in found} == {"2023-09-01"}
