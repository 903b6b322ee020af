"""A proposal that cannot be carried out as things are says so; nothing of it leaves the lists."""

from datetime import date, timedelta

import pytest
from sqlalchemy.dialects.postgresql import Range

from qa_api.hand_overs.queries import HAND_OVER
from qa_api.models.directory import Absence, Worker
from qa_api.rules.hand_over import Overtaken
from qa_api.work import Work
from tests.api import Json
from tests.conftest import told
from tests.hand_overs.handing import HAND_OVERS, Handing
from tests.hand_overs.test_proposals import waits, withdraw
from tests.hand_overs.test_who_takes import grant

TODAY = date(2026, 11, 23)


def away(handing: Handing, person: str, first: date, until: date | None = None) -> None:
    """Somebody is away from a day on, until the day on which they are here again."""

    async def leave(work: Work) -> None:
        days = Range(first, until)
        work.session.add(Absence(worker=person, reason_code="sickness", valid=days))
        await work.record(told())

    handing.casework.as_service(leave)


def leaves(handing: Handing, person: str, last: date) -> None:
    """Somebody leaves, and this is their last day."""

    async def leave(work: Work) -> None:
        (await work.session.get_one(Worker, person)).leaves_on = last
        await work.record(told())

    handing.casework.as_service(leave)


def shown(handing: Handing, proposal: Json, reader: str = "qs-1") -> tuple[list[str], list[str]]:
    """Why it cannot be carried out, and what can be done with it; the list says the same."""
    reads = handing.api.as_(reader)
    read = reads.get(f"{HAND_OVERS}/{proposal['id']}").json()
    rows = reads.get(HAND_OVERS, params={"from_worker": read["from_worker"]}).json()["items"]
    (row,) = (each for each in rows if each["id"] == read["id"])
    assert (row["state"], row["overtaken"]) == (read["state"], read["overtaken"])
    return read["overtaken"], read["allowed_actions"]


def codes(handing: Handing, proposal: Json) -> set[str]:
    """Why it is refused."""
    answer = handing.accept(proposal)
    assert answer.status_code == 409, answer.text
    return {each["code"] for each in answer.json()["errors"]}


def test_what_stands_against_a_proposal_is_looked_for_once() -> None:
    assert HAND_OVER.prepared().sql.count(Overtaken.NO_LONGER_THEIRS) == 1


@pytest.mark.long
def test_what_cannot_come_about_says_why_and_waits_to_be_withdrawn(handing: Handing) -> None:
    leaver, gone, here = (handing.newcomer("auditor", "worker") for _ in range(3))
    handing.owned(leaver)
    draft = handing.draft(leaver)
    away(handing, leaver, TODAY, TODAY + timedelta(days=2))
    to_gone = handing.propose(leaver, gone, kinds=["action"], because="away")
    to_here, other = (
        handing.propose(leaver, here, kinds=["audit"], because=why) for why in ("away", "other")
    )
    for proposal in (to_gone, to_here, other):
        assert shown(handing, proposal) == ([], ["accept", "withdraw"])
    leaves(handing, gone, TODAY)
    handing.at("2026-11-25T09:30:00Z")
    assert shown(handing, to_gone)[0] == ["came_back", "new_holder_not_here"]
    assert codes(handing, to_gone) == {"came-back", "not-possible-now"}
    assert shown(handing, to_here) == (["came_back"], ["withdraw"])
    assert codes(handing, to_here) == {"came-back"}
    assert shown(handing, other) == ([], ["accept", "withdraw"])
    assert handing.api.as_("qs-1").act(f"{draft}/assign", {"auditor": here}).status_code == 200
    assert shown(handing, other) == (["no_longer_theirs"], ["withdraw"])
    assert codes(handing, other) == {"no-longer-theirs"}
    assert waits(handing, other, "qs-1") == [True]
    assert withdraw(handing, other, "qs-1").status_code == 200
    assert shown(handing, other) == ([], [])
    assert waits(handing, other, "qs-1") == [False]


@pytest.mark.long
def test_who_may_not_see_a_thing_is_not_told_that_it_is_gone(handing: Handing) -> None:
    leaver, taker = (handing.newcomer("auditor") for _ in range(2))
    no_leave = handing.newcomer("quality_standards")
    draft = handing.draft(leaver, restricted=True)
    grant(handing, draft, "qs-1", taker)
    proposal = handing.propose(leaver, taker)
    assert handing.api.as_("qs-1").act(f"{draft}/assign", {"auditor": taker}).status_code == 200
    assert shown(handing, proposal)[0] == ["no_longer_theirs"]
    assert shown(handing, proposal, no_leave)[0] == []


@pytest.mark.long
def test_a_new_holder_who_will_be_away_before_it_is_due_is_given_it_and_it_is_said(
    handing: Handing,
) -> None:
    leaver, soon, late, ends = (handing.newcomer("auditor", "worker") for _ in range(4))
    case = handing.casework.completed_audit(worker=leaver, actions=1)
    handing.casework.deliver(case)
    due = date.fromisoformat(case.read(case.response)["due_on"])
    away(handing, soon, TODAY + timedelta(days=1))
    away(handing, late, due + timedelta(days=1))
    leaves(handing, ends, due - timedelta(days=1))

    def told_of(taker: str) -> str | None:
        items = handing.propose(leaver, taker, kinds=["response"])["items"]
        (item,) = (each for each in items if each["path"] == case.response)
        assert item["goes_to"] == taker
        told: str | None = item["away_from"]
        return told

    assert [told_of(taker) for taker in (soon, late, ends)] == [
        "2026-11-24",
        None,
        due.isoformat(),
    ]
    done = handing.accepted(handing.propose(leaver, soon, kinds=["response"]))
    assert {item["away_from"] for item in done["items"]} == {None}
    assert case.read(case.response)["handed_to"] == soon
