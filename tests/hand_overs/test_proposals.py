"""Proposals are listed and wait until they are carried out or withdrawn, however old they are."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from tests.api import Json
from tests.conftest import Accounts, Database
from tests.hand_overs.handing import HAND_OVERS, MANAGER, Handing
from tests.http.test_waiting import locked, wait_until

OTHER_MANAGER = "tm-boston-fast"


def path_of(proposal: Json) -> str:
    """Where it is read."""
    return f"{HAND_OVERS}/{proposal['id']}"


def listed(handing: Handing, person: str, **filters: object) -> list[str]:
    """The ids of the first page of somebody's list."""
    answer = handing.api.as_(person).get(HAND_OVERS, params={"limit": 500, **filters})
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["items"]]


def withdraw(handing: Handing, proposal: Json, person: str) -> httpx.Response:
    """Somebody withdraws it."""
    return handing.api.as_(person).act(f"{path_of(proposal)}/withdraw")


def waits(handing: Handing, proposal: Json, *people: str) -> list[bool]:
    """Whether it is in the work of each of them."""
    return [
        path_of(proposal)
        in {item["path"] for item in handing.api.as_(one).work("kind=accept_hand_over")}
        for one in people
    ]


@pytest.fixture
def leaver(handing: Handing) -> str:
    """Somebody with one action that is theirs."""
    leaver = handing.newcomer("worker")
    handing.owned(leaver)
    return leaver


@pytest.mark.long
def test_a_list_shows_ones_own_and_what_one_was_given_and_filters(
    handing: Handing, leaver: str
) -> None:
    taker = handing.newcomer("worker")
    of_manager = handing.propose(leaver, taker, by=MANAGER)
    of_others = handing.propose(leaver, taker)
    both = [of_others["id"], of_manager["id"]]
    about = {"from_worker": leaver}
    assert listed(handing, "qs-2", **about) == both
    assert listed(handing, MANAGER, **about) == both[1:]
    assert listed(handing, OTHER_MANAGER, **about) == listed(handing, taker, **about) == []
    assert listed(handing, "qs-2", proposed_by=MANAGER, **about) == both[1:]
    assert listed(handing, "qs-2", to_worker=taker) == both
    assert listed(handing, "qs-2", to_worker=leaver) == []
    day = {"proposed_from": "2026-11-23", "proposed_to": "2026-11-24"}
    assert listed(handing, "qs-2", **day, **about) == both
    assert listed(handing, "qs-2", proposed_from="2026-11-24", **about) == []
    handing.accepted(of_manager, MANAGER)
    assert listed(handing, taker, **about) == both[1:]
    assert withdraw(handing, of_others, "qs-1").status_code == 200
    assert listed(handing, "qs-2", state="proposed", **about) == []
    assert listed(handing, "qs-2", state=["accepted", "withdrawn"], **about) == both
    (row,) = handing.api.as_(taker).get(HAND_OVERS, params=about).json()["items"]
    assert (row["state"], row["goes"], row["stays"]) == ("accepted", 1, 0)


@pytest.mark.long
def test_whoever_proposed_it_or_quality_and_standards_withdraw_it_and_nothing_moves(
    handing: Handing, leaver: str
) -> None:
    taker = handing.newcomer("worker")
    first, second = (handing.propose(leaver, taker, by=MANAGER) for _ in range(2))
    headers = {"if-match": handing.api.as_(MANAGER).tag(path_of(first))}
    other = handing.api.as_(OTHER_MANAGER).post(f"{path_of(first)}/withdraw", headers=headers)
    assert other.status_code == 404
    for proposal, person in ((first, MANAGER), (second, "qs-2")):
        done = withdraw(handing, proposal, person).json()
        assert (done["state"], done["withdrawn_by"]) == ("withdrawn", person)
        assert (done["withdrawn_at"], done["allowed_actions"]) == (
            "2026-11-23T09:30:00.000000Z",
            [],
        )
        (event,) = handing.casework.events(done["id"], "hand_over.withdrawn")
        assert event == {"from_worker": leaver}
        for again in (withdraw(handing, proposal, person), handing.accept(proposal, MANAGER)):
            assert (again.status_code, again.json()["state"]) == (409, "withdrawn")
    (item,) = first["items"]
    assert handing.owner_of(item["path"]) == leaver
    assert handing.told(first) == handing.told(second) == []


@pytest.mark.long
def test_it_waits_for_whoever_proposed_it_until_it_is_decided_and_never_expires(
    handing: Handing, leaver: str, accounts: Accounts
) -> None:
    taker = handing.newcomer("worker")
    old, other = (handing.propose(leaver, taker, by=MANAGER) for _ in range(2))
    handing.at("2027-03-01T09:30:00Z")
    assert waits(handing, old, MANAGER, "qs-1", taker) == [True, False, False]
    withdraw(handing, other, MANAGER)
    assert waits(handing, other, MANAGER, "qs-1") == [False, False]
    handing.accepted(old, MANAGER)
    assert waits(handing, old, MANAGER, "qs-1") == [False, False]


@pytest.mark.long
def test_what_somebody_proposed_who_may_not_any_more_is_quality_and_standards_to_withdraw(
    handing: Handing, leaver: str, accounts: Accounts
) -> None:
    taker, gone = handing.newcomer("worker"), handing.newcomer("quality_standards")
    proposal = handing.propose(leaver, taker, by=gone)
    assert waits(handing, proposal, gone, "qs-1") == [True, False]
    told = handing.propose(gone, "qs-2")
    (own,) = (item for item in told["items"] if item["kind"] == "hand_over")
    assert (own["path"], own["stays_because"]) == (path_of(proposal), "others_do_it")
    accounts.disable()
    assert waits(handing, proposal, "qs-1") == [True]
    assert withdraw(handing, proposal, "qs-1").status_code == 200


def accept(handing: Handing, proposal: Json, tag: str, key: str) -> httpx.Response:
    """Its proposer accepts it as they read it, with a key of their own."""
    headers = {"if-match": tag, "idempotency-key": key}
    return handing.api.as_("qs-1").post(f"{path_of(proposal)}/accept", headers=headers)


def test_of_two_who_accept_at_once_one_does_and_the_other_is_told_that_it_is_done(
    handing: Handing, leaver: str
) -> None:
    proposal = handing.propose(leaver, handing.newcomer("worker"))
    tag, keys = handing.api.as_("qs-1").tag(path_of(proposal)), [uuid4().hex for _ in range(4)]
    stale = accept(handing, proposal, '"7.0000000000000000"', uuid4().hex)
    assert stale.status_code == 412, "nothing is done, and this is another version"
    with ThreadPoolExecutor(4) as pool:
        answers = [*pool.map(lambda key: accept(handing, proposal, tag, key), keys)]
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    won = next(at for at, answer in enumerate(answers) if answer.status_code == 200)
    for at, key in enumerate(keys):
        again = accept(handing, proposal, tag, key)
        if at == won:
            assert (again.status_code, again.headers["idempotent-replayed"]) == (200, "true")
        else:
            told = again.json()
            assert (again.status_code, told["type"]) == (409, "/problems/state-conflict")
            assert (told["state"], "carried out" in told["detail"]) == ("accepted", True)
    assert len(handing.told(proposal)) == 1


@pytest.mark.long
def test_of_two_about_the_same_things_accepted_at_once_the_second_is_told_what_has_changed(
    handing: Handing, database: Database
) -> None:
    leaver, *takers = (handing.newcomer("worker", "auditor") for _ in range(3))
    action, draft = handing.owned(leaver).action(), handing.draft(leaver)
    both = [handing.propose(leaver, taker) for taker in takers]
    tag = {proposal["id"]: handing.api.as_("qs-1").tag(path_of(proposal)) for proposal in both}
    held = f"SELECT FROM restorative_actions WHERE id = '{action.rpartition('/')[2]}' FOR UPDATE"
    with ThreadPoolExecutor(2) as pool:
        with locked(database, held):
            asked = [
                pool.submit(accept, handing, each, tag[each["id"]], uuid4().hex) for each in both
            ]
            wait_until(database, "(SELECT count(*) FROM pg_locks WHERE NOT granted) >= 2")
        done, refused = sorted((one.result() for one in asked), key=lambda one: one.status_code)
    told = refused.json()
    assert (done.status_code, refused.status_code, told["state"]) == (200, 409, "proposed")
    assert (told["code"], told["allowed_actions"]) == ("changed-since-proposed", ["withdraw"])
    assert [(each["pointer"], each["code"]) for each in told["errors"]] == [
        ("/items/0", "no-longer-theirs"),
        ("/items/1", "no-longer-theirs"),
    ]
    (taker,) = done.json()["to_workers"]
    assert (handing.owner_of(action), handing.auditor_of(draft)) == (taker, taker)
    (other,) = (each for each in both if each["id"] != done.json()["id"])
    assert withdraw(handing, other, "qs-1").json()["state"] == "withdrawn"
