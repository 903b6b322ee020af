"""Open work goes to others in one step: proposed first, then whole or not at all."""

import pytest
from sqlalchemy.dialects.postgresql import Range

from qa_api.models.directory import Absence
from qa_api.work import Work
from tests.conftest import Accounts, told
from tests.hand_overs.handing import HAND_OVERS, MANAGER, TEAM, Handing, goes, stays
from tests.responses.casework import WORKER


@pytest.mark.long
def test_a_proposal_says_what_goes_to_whom_and_what_stays_and_why_and_moves_nothing(
    handing: Handing,
) -> None:
    leaver, taker = (handing.newcomer("auditor", "worker") for _ in range(2))
    draft = handing.draft(leaver)
    owned = handing.owned(leaver)
    theirs = handing.casework.completed_audit(worker=leaver, actions=1)
    proposal = handing.propose(leaver, taker)
    assert goes(proposal) == {
        draft: taker,
        owned.action(): taker,
        theirs.response: taker,
        theirs.action(): None,
    }
    assert stays(proposal) == {theirs.action(): "follows_case"}
    (follows,) = (item for item in proposal["items"] if item["goes_to"] is None)
    assert "follows the case" in follows["detail"]
    subjects = {item["subject"]["id"] for item in proposal["items"]}
    assert str(owned.subject_id) in subjects
    assert (proposal["state"], proposal["accepted_at"]) == ("proposed", None)
    assert proposal["allowed_actions"] == ["accept", "withdraw"]
    assert handing.auditor_of(draft) == leaver
    assert handing.told(proposal) == []


@pytest.mark.long
def test_accepted_it_is_carried_out_whole_and_each_new_holder_is_told_once(
    handing: Handing,
) -> None:
    leaver, one, other = (handing.newcomer("auditor", "worker") for _ in range(3))
    drafts = [handing.draft(leaver) for _ in range(4)]
    owned = handing.owned(leaver)
    proposal = handing.propose(leaver, one, other)
    shared = [*goes(proposal).values()]
    assert abs(shared.count(one) - shared.count(other)) == 1
    done = handing.accepted(proposal)
    assert (done["state"], done["allowed_actions"]) == ("accepted", [])
    assert {path: handing.auditor_of(path) for path in drafts} | {
        owned.action(): handing.owner_of(owned.action())
    } == goes(proposal)
    assert handing.told(done) == sorted([one, other])
    (event,) = handing.casework.events(done["id"], "hand_over.accepted")
    assert event == {"from_worker": leaver, "to_workers": [one, other], "things": 5}
    # Each thing's own trail has it, as if it had been given alone.
    assigned = handing.casework.events(drafts[0].rpartition("/")[2], "audit.assigned")
    assert assigned[-1]["auditor"] == goes(proposal)[drafts[0]]
    reassigned = owned.read(owned.action())
    assert reassigned["reassigned_because"] == "Handed over with other work: who had it leaves."


@pytest.mark.long
def test_a_new_holder_finds_it_in_their_list_and_reads_their_own_part(handing: Handing) -> None:
    leaver, one, other = (handing.newcomer("auditor") for _ in range(3))
    for _ in range(2):
        handing.draft(leaver)
    done = handing.accepted(handing.propose(leaver, one, other))
    (entry,) = (item for item in handing.api.as_(one).work() if item["kind"] == "told")
    assert (entry["told"], entry["path"]) == ("work_handed_over", f"{HAND_OVERS}/{done['id']}")
    read = handing.api.as_(one).get(entry["path"]).json()
    assert [*goes(read).values()] == [one]
    assert read["allowed_actions"] == []
    seen = handing.api.as_(one).post(f"/v1/me/alerts/{entry['about']}/seen")
    assert seen.status_code == 204
    assert all(item["kind"] != "told" for item in handing.api.as_(one).work())
    assert handing.api.as_(handing.newcomer("auditor")).get(entry["path"]).status_code == 404


@pytest.mark.long
def test_a_thing_that_moved_meanwhile_refuses_the_whole_and_says_what_changed(
    handing: Handing,
) -> None:
    leaver, taker, third = (handing.newcomer("auditor") for _ in range(3))
    stays_theirs, moved = handing.draft(leaver), handing.draft(leaver)
    proposal = handing.propose(leaver, taker)
    at = [item["path"] for item in proposal["items"]].index(moved)
    assigned = handing.api.as_("qs-1").act(f"{moved}/assign", {"auditor": third})
    assert assigned.status_code == 200
    later = handing.draft(leaver)
    refused = handing.accept(proposal)
    assert (refused.status_code, refused.json()["code"]) == (409, "changed-since-proposed")
    assert {(each["pointer"], each["code"]) for each in refused.json()["errors"]} == {
        (f"/items/{at}", "no-longer-theirs"),
        ("/items", "more-since"),
    }
    assert handing.auditor_of(stays_theirs) == handing.auditor_of(later) == leaver
    assert handing.auditor_of(moved) == third
    assert handing.told(proposal) == []
    again = handing.accepted(handing.propose(leaver, taker))
    assert set(goes(again)) == {stays_theirs, later}


@pytest.mark.long
def test_a_taker_who_may_not_take_it_any_more_refuses_the_whole(
    handing: Handing, accounts: Accounts
) -> None:
    leaver, taker = (handing.newcomer("auditor") for _ in range(2))
    draft = handing.draft(leaver)
    proposal = handing.propose(leaver, taker)
    accounts.disable()
    refused = handing.accept(proposal)
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/items/0", "not-possible-now")
    assert handing.auditor_of(draft) == leaver


@pytest.mark.long
def test_a_taker_who_has_gone_on_leave_since_is_given_nothing(handing: Handing) -> None:
    leaver, taker = (handing.newcomer("auditor", "worker") for _ in range(2))
    case = handing.owned(leaver)
    proposal = handing.propose(leaver, taker, kinds=["action"])
    assert goes(proposal)[case.action()] == taker

    async def leave(work: Work) -> None:
        off = Range(work.today, None)
        work.session.add(Absence(worker=taker, reason_code="sickness", valid=off))
        await work.record(told())

    handing.casework.as_service(leave)
    refused = handing.accept(proposal)
    (error,) = refused.json()["errors"]
    assert (error["code"], error["detail"]) == (
        "not-possible-now",
        "Nobody of this code is in service and here today.",
    )
    assert handing.owner_of(case.action()) == leaver


def test_what_has_only_been_worked_on_since_is_handed_over_all_the_same(handing: Handing) -> None:
    leaver, taker = (handing.newcomer("auditor") for _ in range(2))
    draft = handing.draft(leaver)
    proposal = handing.propose(leaver, taker)
    written = handing.api.as_(leaver).change("PATCH", draft, {"positive_feedback": "Warm work."})
    assert written.status_code == 200, written.text
    handing.accepted(proposal)
    assert handing.auditor_of(draft) == taker


@pytest.mark.long
def test_work_of_a_post_follows_the_post_and_is_not_moved(handing: Handing) -> None:
    case = handing.casework.completed_audit(actions=1)
    handing.casework.deliver(case)
    case.submit()
    proposal = handing.propose(MANAGER, handing.newcomer("auditor", "worker"), kinds=["audit"])
    assert stays(proposal)[case.response] == "follows_post"
    handing.accepted(proposal)
    (review,) = (
        item
        for item in handing.api.as_(MANAGER).work("kind=review")
        if item["path"] == case.response
    )
    assert review["subject"]["id"] == str(case.subject_id)


def test_what_nobody_may_take_stays_with_the_rule_of_each_who_was_asked(handing: Handing) -> None:
    leaver, own, no_auditor = (handing.newcomer(role) for role in ("auditor", "auditor", "worker"))
    draft = handing.draft(leaver, worker=own)
    proposal = handing.propose(leaver, own, no_auditor)
    (item,) = proposal["items"]
    assert (item["path"], item["goes_to"], item["stays_because"]) == (draft, None, "nobody_can")
    assert {each["taker"]: each["detail"] for each in item["passed_over"]} == {
        own: "Nobody audits their own work.",
        no_auditor: "Nobody of this code is an auditor today.",
    }


@pytest.mark.long
def test_a_manager_hands_over_what_is_of_their_own_team(handing: Handing) -> None:
    leaver, taker = (handing.newcomer("worker") for _ in range(2))
    own = handing.owned(leaver)
    elsewhere = handing.owned(leaver, team="boston-fast", worker="sw1-boston-fast")
    proposal = handing.propose(leaver, taker, by=MANAGER, because="away")
    assert goes(proposal) == {own.action(): taker}
    handing.accepted(proposal, MANAGER)
    assert handing.owner_of(elsewhere.action()) == leaver
    assert goes(handing.propose(leaver, taker)) == {elsewhere.action(): taker}
    refused = handing.ask(leaver, taker, by=f"ps-{TEAM}")
    assert (refused.status_code, refused.json()["permission"]) == (403, "hand_over:carry_out")


def test_a_manager_does_not_give_what_only_quality_and_standards_may_give(
    handing: Handing,
) -> None:
    leaver, taker = (handing.newcomer("auditor") for _ in range(2))
    run_by_them = handing.draft(leaver)
    proposal = handing.propose(leaver, taker, by=MANAGER)
    assert stays(proposal) == {run_by_them: "not_yours_to_give"}
    assert proposal["items"][0]["detail"] == "Audits of this type are run by Quality & Standards."


def test_only_whoever_proposed_it_carries_it_out_and_once(handing: Handing) -> None:
    leaver, taker = (handing.newcomer("worker") for _ in range(2))
    handing.owned(leaver)
    proposal = handing.propose(leaver, taker, by=MANAGER)
    assert handing.accept(proposal, "qs-1").status_code == 403
    assert (
        handing.api.as_("tm-boston-fast").get(f"{HAND_OVERS}/{proposal['id']}").status_code == 404
    )
    handing.accepted(proposal, MANAGER)
    twice = handing.accept(proposal, MANAGER)
    assert (twice.status_code, twice.json()["state"]) == (409, "accepted")
    assert handing.told(proposal) == [taker]


def test_a_repeated_request_proposes_nothing_twice(handing: Handing) -> None:
    leaver, taker = (handing.newcomer("worker") for _ in range(2))
    handing.owned(leaver)
    body = {"from_worker": leaver, "to_workers": [taker], "because": "other"}
    first, again = (
        handing.api.as_("qs-1").create(HAND_OVERS, body, key=f"of-{leaver}") for _ in range(2)
    )
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotent-replayed"] == "true"


def test_who_is_named_must_be_there_and_somebody_else(handing: Handing) -> None:
    leaver = handing.newcomer("worker")
    refused = handing.ask(leaver, leaver, "nobody-at-all", "nobody-at-all")
    assert {(each["pointer"], each["code"]) for each in refused.json()["errors"]} == {
        ("/to_workers/0", "not-themselves"),
        ("/to_workers/1", "not-here"),
        ("/to_workers/1", "repeated"),
        ("/to_workers/2", "not-here"),
        ("/to_workers/2", "repeated"),
    }
    refused = handing.ask("nobody-at-all", leaver)
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/from_worker"]
    assert refused.status_code == 422


@pytest.mark.long
def test_a_response_goes_to_somebody_of_the_team_and_back_with_the_case(handing: Handing) -> None:
    leaver, of_team = (handing.newcomer("worker") for _ in range(2))
    elsewhere = handing.newcomer("worker", team="boston-fast")
    case = handing.casework.completed_audit(worker=leaver, actions=1)
    proposal = handing.propose(leaver, elsewhere, of_team, kinds=["response"])
    (item,) = (each for each in proposal["items"] if each["kind"] == "response")
    assert (item["goes_to"], item["passed_over"][0]["taker"]) == (of_team, elsewhere)
    handing.accepted(proposal)
    response = case.read(case.response)
    assert (response["handed_to"], response["handed_over_by"]) == (of_team, "qs-1")
    handing.casework.reallocate(case, WORKER)
    assert case.read(case.response)["handed_to"] is None
