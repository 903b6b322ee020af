"""Each thing that is told counts by what it says: clocks, ties and parts (C2, traps 9 and 12)."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from tests.api import Api, Json
from tests.closures.orders import AHEAD
from tests.closures.sending import (
    ALLOCATED,
    CLOSED,
    HEAD,
    MANAGER,
    PROPOSED,
    RESTRICTED,
    Episode,
    at_hour,
)

HOUR_AHEAD, FAR_AHEAD = AHEAD
BOSTON = {"team": "boston-fast", "worker": "sw1-boston-fast"}
LINCOLN = {"team": "lincoln-fast", "worker": "sw2-lincoln-fast"}


def subject(episode: Episode, ref: str | None = None) -> Json:
    answer = episode.api.as_("qs-1").get(f"/v1/subjects/mosaic/{ref or episode.refs[0]}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def told(episode: Episode, type_: str, at: str, **data: Any) -> Json:
    """An event without episode and version, so that only its time orders it."""
    event = episode.event(type_, occurred_at=at, **data)
    for name in ("episode_id", "source_version", "team", "worker"):
        if name not in data:
            event["data"].pop(name, None)
    return event


def restriction(episode: Episode, at: str, *, on: bool, **data: Any) -> Json:
    said = {"kind": "staff", "on": on}
    return told(episode, RESTRICTED, at, restriction=said, **data)


# --- a clock that is ahead ---


@pytest.mark.parametrize("ahead", AHEAD)
@pytest.mark.parametrize("versions", [None, (1, 2)])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_clock_that_is_ahead_opens_no_record(
    episode: Episode, ahead: str, versions: tuple[int, int] | None, order: tuple[int, int]
) -> None:
    episode.tell(PROPOSED)
    numbered = [{"source_version": each} for each in versions] if versions else [{}, {}]
    events = [
        restriction(episode, ahead, on=False, **numbered[0]),
        restriction(episode, at_hour(9), on=True, **numbered[1]),
    ]
    for number in (*order, *order):
        episode.send(events[number])
    for person in ("qs-1", MANAGER, HEAD):
        assert episode.gates(person) == []


@pytest.mark.parametrize("ahead", AHEAD)
def test_an_allocation_from_a_clock_that_is_ahead_does_not_hold_for_ever(
    episode: Episode, ahead: str
) -> None:
    episode.tell(PROPOSED)
    episode.send(told(episode, ALLOCATED, ahead, allocation=BOSTON))
    episode.send(told(episode, ALLOCATED, at_hour(9), allocation=LINCOLN))
    held = subject(episode)
    assert (held["team"], held["worker"]) == ("lincoln-fast", "sw2-lincoln-fast")


def test_a_version_decides_over_a_clock_for_an_allocation(episode: Episode) -> None:
    first = told(episode, ALLOCATED, at_hour(9), allocation=LINCOLN, source_version=1)
    second = told(episode, ALLOCATED, FAR_AHEAD, allocation=BOSTON, source_version=2)
    assert episode.send(second)["outcome"] == "applied"
    assert episode.send(first)["outcome"] == "no_change"
    assert subject(episode)["team"] == "boston-fast"
    assert subject(episode)["allocated_at"].startswith("2099")


def test_a_closing_dated_ahead_is_shown_as_said_and_counts_when_it_was_heard_of(
    episode: Episode,
) -> None:
    episode.tell(CLOSED, 1, occurred_at=FAR_AHEAD)
    (gate,) = episode.gates()
    assert gate["closed_at"].startswith("2099-01-01")
    manager = episode.api.as_(MANAGER)

    def closed(first: str, last: str) -> list[str]:
        query = f"episode_id={episode.id}&closed_from={first}&closed_to={last}"
        return [each["id"] for each in manager.get(f"/v1/closure-gates?{query}").json()["items"]]

    assert closed("2026-11-23", "2026-11-24") == [gate["id"]]
    assert closed("2098-12-31", "2099-01-02") == []


def test_quality_and_standards_are_told_of_a_clock_once_a_day(
    episode: Episode, at: Callable[[str], None]
) -> None:
    def told_on() -> list[str]:
        found = episode.api.as_("qs-1").work("kind=told")
        return [each["told_on"] for each in found if each["told"] == "case_system_clock_ahead"]

    at("2031-02-03T09:30:00Z")
    episode.tell(PROPOSED, 1, occurred_at="2031-02-03T09:30:00Z")
    assert "2031-02-03" not in told_on()
    for version in (2, 3):
        episode.tell(PROPOSED, version, occurred_at="2031-02-03T10:30:00Z")
    assert told_on().count("2031-02-03") == 1
    at("2031-02-04T09:30:00Z")
    episode.tell(PROPOSED, 4, occurred_at="2031-02-05T09:30:00Z")
    assert told_on().count("2031-02-04") == 1


def test_a_restriction_from_a_clock_that_is_ahead_can_be_lifted(
    episode: Episode, at: Callable[[str], None]
) -> None:
    episode.tell(PROPOSED)
    episode.send(restriction(episode, FAR_AHEAD, on=True))
    episode.send(restriction(episode, at_hour(9), on=False))
    assert episode.gates("qs-1") == []
    at("2026-11-23T10:30:00Z")
    episode.send(restriction(episode, at_hour(10), on=False))
    assert len(episode.gates("qs-1")) == 1


# --- ties and parts ---


@pytest.mark.long
def test_when_a_case_was_allocated_does_not_depend_on_how_its_holders_are_written(
    episode: Episode, api: Api, new_ref: Callable[[], str]
) -> None:
    shouted = {name: code.upper() for name, code in LINCOLN.items()}
    found = in_every_order(
        api,
        new_ref,
        lambda e: told(e, ALLOCATED, at_hour(5), allocation=shouted),
        lambda e: told(e, ALLOCATED, at_hour(6), allocation=shouted),
        lambda e: told(e, ALLOCATED, at_hour(4), allocation=LINCOLN),
    )
    assert holders(found) == {("lincoln-fast", "sw2-lincoln-fast")}
    assert {each["allocated_at"][:19] + "Z" for each in found} == {at_hour(6)}


@pytest.mark.parametrize("blank", ["", "  ", "\u200b"])
def test_a_blank_holder_is_null_and_blocks_nobody(episode: Episode, blank: str) -> None:
    episode.tell(PROPOSED, 1)
    assert episode.tell(PROPOSED, 2, team=blank, worker=blank) == "no_change"
    held = subject(episode)
    assert (held["team"], held["worker"]) == ("lincoln-fast", "sw1-lincoln-fast")
    nobody = {"team": "lincoln-fast", "worker": blank}
    episode.send(told(episode, ALLOCATED, at_hour(9), allocation=nobody))
    held = subject(episode)
    assert (held["team"], held["worker"]) == ("lincoln-fast", None)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_restrictions_of_one_instant_the_restrictive_one_stands(
    episode: Episode, order: tuple[int, int]
) -> None:
    episode.tell(PROPOSED)
    events = [restriction(episode, at_hour(9), on=on) for on in (True, False)]
    for number in order:
        episode.send(events[number])
    assert episode.gates("qs-1") == []


def in_every_order(
    api: Api, new_ref: Callable[[], str], *tellings: Callable[[Episode], Json]
) -> list[Json]:
    """What is known of a child when these were told of it, in each order of them."""
    found = []
    for order in permutations(range(len(tellings))):
        episode = Episode(api, [new_ref()], team=None, worker=None)
        events = [tell(episode) | {"id": f"{episode.id}-{n}"} for n, tell in enumerate(tellings)]
        for number in order:
            episode.send(events[number])
        found.append(subject(episode))
    return found


def holders(found: list[Json]) -> set[tuple[str | None, str | None]]:
    return {(each["team"], each["worker"]) for each in found}


def test_two_allocations_of_one_instant_end_in_one(
    episode: Episode, api: Api, new_ref: Callable[[], str]
) -> None:
    found = in_every_order(
        api,
        new_ref,
        lambda told_of: told(told_of, ALLOCATED, at_hour(9), allocation=BOSTON),
        lambda told_of: told(told_of, ALLOCATED, at_hour(9), allocation=LINCOLN),
    )
    assert len(holders(found)) == 1


@pytest.mark.long
def test_team_and_worker_are_each_as_they_were_last_told(
    episode: Episode, api: Api, new_ref: Callable[[], str]
) -> None:
    found = in_every_order(
        api,
        new_ref,
        lambda e: told(e, ALLOCATED, at_hour(5), allocation={"worker": "sw2-lincoln-fast"}),
        lambda e: told(e, ALLOCATED, at_hour(4), allocation={"team": "lincoln-fast"}),
        lambda e: e.event(PROPOSED, 6),
    )
    assert holders(found) == {("lincoln-fast", "sw2-lincoln-fast")}


def test_a_newer_event_of_an_episode_without_a_team_leaves_the_older_ones(
    episode: Episode, api: Api, new_ref: Callable[[], str]
) -> None:
    found = in_every_order(
        api,
        new_ref,
        lambda e: e.event(PROPOSED, 1, team="lincoln-fast", worker="sw1-lincoln-fast"),
        lambda e: e.event(PROPOSED, 2, worker="sw2-lincoln-fast"),
    )
    assert holders(found) == {("lincoln-fast", "sw2-lincoln-fast")}


@pytest.mark.long
def test_facts_of_the_person_are_stored_whenever_they_are_told(
    episode: Episode, api: Api, new_ref: Callable[[], str]
) -> None:
    def about(episode: Episode, **facts: str | None) -> list[Json]:
        return [{"ref": episode.refs[0], "role": "child"} | facts]

    found = in_every_order(
        api,
        new_ref,
        lambda e: e.event(PROPOSED, 1, subjects=about(e)),
        lambda e: e.event(PROPOSED, 2, subjects=about(e, born_on="2015-03-09")),
        lambda e: e.event(CLOSED, 3, subjects=about(e, died_on="2026-11-20", born_on=None)),
    )
    known = {(each["born_on"], each["died_on"]) for each in found}
    assert known == {("2015-03-09", "2026-11-20")}


def test_one_version_with_two_reasons_ends_in_one(
    episode: Episode, api: Api, new_ref: Callable[[], str]
) -> None:
    reasons = set()
    for order in ((0, 1), (1, 0)):
        told_of = Episode(api, [new_ref()])
        events = [
            told_of.event(PROPOSED, 1, closure={"reason_code": reason, "date": day})
            | {"id": f"{told_of.id}-{reason}"}
            for reason, day in (("RC1", "2026-11-27"), ("RC2", "2026-12-04"))
        ]
        for number in order:
            told_of.send(events[number])
        (gate,) = told_of.gates()
        audit = api.as_("qs-1").get(f"/v1/audits/{gate['audit_id']}").json()
        reasons.add((gate["reason_code"], gate["closure_on"], audit["due_on"]))
    assert reasons == {("RC2", "2026-12-04", "2026-12-04")}


def test_what_was_entered_by_hand_is_weighed_with_what_is_told(
    episode: Episode, at: Callable[[str], None]
) -> None:
    episode.tell(PROPOSED, 1)
    path = f"/v1/subjects/mosaic/{episode.refs[0]}"
    by_hand = {"kind": "child", **BOSTON, "born_on": "2015-09-12"}
    entered = episode.api.as_("qs-1").change("PUT", path, by_hand)
    assert entered.status_code == 200, entered.text
    # Older than what was entered, though it comes later.
    episode.tell(PROPOSED, 2)
    assert subject(episode)["team"] == "boston-fast"
    at("2026-11-23T12:00:00Z")
    episode.tell(PROPOSED, 11)
    held = subject(episode)
    assert (held["team"], held["born_on"]) == ("lincoln-fast", "2015-09-12")
