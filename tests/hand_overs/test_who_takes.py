"""Whom the rules of the things themselves let take them: leave to see, and sealed moderation."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from qa_api.models.access import Principal, RestrictionGrant
from qa_api.models.audits import Audit
from qa_api.work import Work
from tests.api import Json
from tests.hand_overs.handing import MANAGER, Handing, goes
from tests.moderation.moderating import Moderating, place
from tests.moderation.months import Months
from tests.moderation.test_sealed import have_read, sample_of


@pytest.fixture
def moderating(handing: Handing, months: Months) -> Moderating:
    """Audits of long ago, and their moderation."""
    work = handing.casework
    return Moderating(work.service, work.api, work.new_ref, handing.at, months)


def grant(handing: Handing, audit: str, *people: str) -> None:
    """Leave to see the restricted record that an audit is about."""

    async def granted(work: Work) -> None:
        found = await work.session.get_one(Audit, UUID(audit.rpartition("/")[2]))
        codes = (*people, "qs-2")
        accounts = await work.session.execute(
            select(Principal.worker, Principal.id).where(Principal.worker.in_(codes))
        )
        ids = {row.worker: row.id for row in accounts}
        work.session.add_all(
            RestrictionGrant(
                subject_id=found.subject_id,
                principal_id=ids[person],
                reason="They work on it.",
                granted_by=ids["qs-2"],
                granted_at=work.now,
                expires_at=work.now + timedelta(days=7),
            )
            for person in people
        )

    handing.casework.as_service(granted)


@pytest.mark.long
def test_a_restricted_record_goes_only_to_who_has_leave_to_see_it(handing: Handing) -> None:
    leaver, without, with_leave = (handing.newcomer("auditor") for _ in range(3))
    draft = handing.draft(leaver, restricted=True)
    assert handing.propose(leaver, without)["items"] == [], "nobody who asks may know of it"
    grant(handing, draft, "qs-1", with_leave)
    (item,) = handing.propose(leaver, without, with_leave)["items"]
    assert item["goes_to"] == with_leave
    assert item["passed_over"] == [
        {"taker": without, "detail": "They have no leave to see the restricted record."}
    ]
    alone = handing.propose(leaver, without)
    assert alone["items"][0]["stays_because"] == "nobody_can"


@pytest.mark.long
def test_a_new_moderator_judges_sealed_and_never_what_is_theirs(
    handing: Handing, moderating: Moderating
) -> None:
    sample = sample_of(moderating, "2022-03", 1)
    (item,) = sample["items"]
    path, leaver = place(sample, item), item["moderator"]
    taker = next(person for person in moderators(sample) if person not in (leaver, item["auditor"]))
    proposal = handing.propose(leaver, item["auditor"], taker, kinds=["moderation"])
    (moves,) = (each for each in proposal["items"] if each["path"] == path)
    assert (moves["goes_to"], moves["passed_over"][0]["taker"]) == (taker, item["auditor"])
    handing.accepted(proposal)
    shown = moderating.read(path, taker)
    assert (shown["moderator"], shown["sealed"], shown["auditor_judgement"]) == (taker, True, None)
    assert handing.told(proposal) == [taker]


@pytest.mark.long
def test_who_reads_every_audit_moderates_unsealed_and_it_is_said(
    handing: Handing, moderating: Moderating
) -> None:
    sample = sample_of(moderating, "2022-05", 1)
    (item,) = sample["items"]
    proposal = handing.propose(item["moderator"], "slt-1", kinds=["moderation"])
    assert goes(proposal)[place(sample, item)] == "slt-1"
    handing.accepted(proposal)
    shown = moderating.read(place(sample, item), "slt-1")
    assert (shown["sealed"], shown["unsealed_because"]) == (False, "reads_all")


def test_who_moderates_is_quality_and_standards_to_say(
    handing: Handing, moderating: Moderating
) -> None:
    sample = sample_of(moderating, "2022-07", 1)
    (item,) = sample["items"]
    proposal = handing.propose(item["moderator"], "slt-1", by="tm-boston-fast")
    assert place(sample, item) not in goes(proposal)


@pytest.mark.long
def test_what_comes_of_a_seal_is_said_before_and_carried_out_as_it_was_said(
    handing: Handing, moderating: Moderating
) -> None:
    sample = sample_of(moderating, "2016-11", 1)
    (item,) = sample["items"]
    path, leaver = place(sample, item), item["moderator"]
    unread = next(one for one in moderators(sample) if one not in (leaver, item["auditor"]))

    def proposed(*takers: str) -> Json:
        found = handing.propose(leaver, *takers, kinds=["moderation"])
        (moves,) = (each for each in found["items"] if each["path"] == path)
        return found | {"moves": moves}

    knows = proposed("slt-1")["moves"]
    assert (knows["sealing"], knows["unsealed_because"]) == ("becomes_unsealed", "reads_all")
    assert knows["detail"] == (
        "It becomes unsealed. This person holds a role that reads every completed audit."
    )
    sealed = proposed("slt-1", unread)
    assert (sealed["moves"]["goes_to"], sealed["moves"]["sealing"]) == (unread, "stays_sealed")
    assert sealed["moves"]["detail"] == "It stays sealed."
    have_read(moderating, item["audit_id"], unread)
    refused = handing.accept(sealed)
    (error,) = refused.json()["errors"]
    at = sealed["items"].index(sealed["moves"])
    assert (error["pointer"], error["code"]) == (f"/items/{at}", "seal-changed")
    assert error["detail"] == ("It becomes unsealed. This person has read the auditor's judgement.")
    shown = moderating.read(path)
    assert (shown["moderator"], shown["sealed"]) == (leaver, True)
    handing.accepted(proposed("slt-1"))
    assert moderating.read(path)["unsealed_because"] == "reads_all"
    again = handing.propose("slt-1", leaver, kinds=["moderation"])
    (back,) = (each for each in again["items"] if each["path"] == path)
    assert (back["sealing"], back["unsealed_because"]) == ("becomes_sealed", None)
    handing.accepted(again)
    assert moderating.read(path)["sealed"] is True


@pytest.mark.long
def test_a_consensus_and_an_unjudged_practice_case_are_named(
    handing: Handing, moderating: Moderating
) -> None:
    sample = sample_of(moderating, "2022-11", 1)
    (item,) = sample["items"]
    path = place(sample, item)
    moderating.moderate(sample, item)
    body = {"judgement": "requires_improvement", "rationale": "We read it together."}
    moderator = moderating.api.as_(item["moderator"])
    assert moderator.change("PUT", f"{path}/consensus", body, on=path).status_code == 200
    case = {
        "title": "Two brothers, one plan",
        "material": "Four visits, two of them late.",
        "scale_code": "four-point",
        "scale_number": 1,
        "ends_on": "2022-12-31",
        "standard": {"judgement": "good", "rationale": "Both were seen."},
    }
    made = handing.api.as_("qs-1").create("/v1/practice-cases", case)
    assert made.status_code == 201, made.text
    told = handing.propose(item["auditor"], "slt-1", kinds=["audit"])
    named = {each["path"]: each for each in told["items"]}
    unjudged = named[made.headers["location"]]
    assert (named[path]["kind"], named[path]["stays_because"]) == ("consensus", "only_theirs")
    assert (unjudged["kind"], unjudged["due_on"]) == ("practice_audit", "2022-12-31")
    of_manager = handing.propose(item["auditor"], "slt-1", by=MANAGER)["items"]
    # These are for Quality & Standards alone to know.
    assert not {each["kind"] for each in of_manager} & {"consensus", "practice_audit"}


def moderators(sample: Json) -> list[str]:
    """Who leads or supervises the teams whose turn it is."""
    return [f"{post}-{team}" for team in sample["moderating_teams"] for post in ("ps", "tm", "dm")]
