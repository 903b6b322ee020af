"""Whom the rules of the things themselves let take them: leave to see, and sealed moderation."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from qa_api.models.access import Principal, RestrictionGrant
from qa_api.models.audits import Audit
from qa_api.work import Work
from tests.api import Json
from tests.hand_overs.handing import Handing, goes
from tests.moderation.moderating import Moderating, place
from tests.moderation.test_sealed import sample_of


@pytest.fixture
def moderating(handing: Handing) -> Moderating:
    """Audits of long ago, and their moderation."""
    work = handing.casework
    return Moderating(work.service, work.api, work.new_ref, handing.at)


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


def moderators(sample: Json) -> list[str]:
    """Who leads or supervises the teams whose turn it is."""
    return [f"{post}-{team}" for team in sample["moderating_teams"] for post in ("ps", "tm", "dm")]
