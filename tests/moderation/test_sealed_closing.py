"""What is told to its sealed moderator of an audit that closes, and to everybody else (R4.5.3)."""

from uuid import UUID

import pytest

from qa_api.audits.service import close_audit
from qa_api.work import Work
from tests.api import Json
from tests.moderation.moderating import Moderating, place

TOLD = ("state", "closed_at", "version", "changed_at")


def closed(moderating: Moderating, audit_id: str, at: str) -> None:
    """Nothing is left to do about it."""

    async def close(work: Work) -> None:
        assert await close_audit(work, UUID(audit_id))

    moderating.at(at)
    moderating.service.work(close)


def listed(moderating: Moderating, person: str, query: str) -> list[str]:
    """The ids of audits that somebody lists."""
    answer = moderating.api.as_(person).get(f"/v1/audits?limit=200&{query}")
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def standing(moderating: Moderating, audit: str, person: str) -> Json:
    """Where an audit stands, as somebody is told."""
    shown = moderating.read(f"/v1/audits/{audit}", person)
    return {name: shown[name] for name in TOLD}


@pytest.mark.long
def test_it_closes_for_everybody_but_its_moderator(moderating: Moderating) -> None:
    audit = moderating.audit("2019-02-03T10:00:00Z")
    sample = moderating.drawn("2019-02", now="2019-03-05T09:00:00Z")
    (item,) = sample["items"]
    moderator = item["moderator"]
    assert item["sealed"]
    before = standing(moderating, audit, moderator)
    assert standing(moderating, audit, "qs-1") == before
    tag = moderating.api.as_(moderator).get(f"/v1/audits/{audit}").headers["etag"]

    closed(moderating, audit, "2019-03-06T09:00:00Z")
    assert standing(moderating, audit, moderator) == before
    assert moderating.api.as_(moderator).get(f"/v1/audits/{audit}").headers["etag"] == tag
    known = standing(moderating, audit, "qs-1")
    assert (known["state"], known["version"]) == ("closed", before["version"] + 1)
    assert known["changed_at"] == known["closed_at"] == "2019-03-06T09:00:00.000000Z"

    # What else changes is told to both.
    moderating.at("2019-03-07T09:00:00Z")
    moderating.move(audit, "north-kesteven-fast")
    moved, after = (standing(moderating, audit, who) for who in (moderator, "qs-1"))
    assert (moved["state"], after["state"]) == ("completed", "closed")
    assert moved["changed_at"] == after["changed_at"] == "2019-03-07T09:00:00.000000Z"
    assert moved["version"] == after["version"] - 1

    asked = {
        "state=completed": (True, False),
        "state=closed": (False, True),
        "state=closed&state=completed": (True, True),
        "state=planned": (False, False),
        "done=true": (True, True),
        "sort=changed_at": (True, True),
        "sort=-changed_at": (True, True),
    }
    month = "completed_from=2019-02-01&completed_to=2019-03-01"
    for query, (to_moderator, to_others) in asked.items():
        for who, expected in ((moderator, to_moderator), ("qs-1", to_others)):
            found = listed(moderating, who, f"{month}&{query}")
            assert found.count(audit) == int(expected), (query, who)

    moderating.moderate(sample, item)
    assert standing(moderating, audit, moderator) == after
    assert moderating.read(place(sample, item), moderator)["judgement_sealed"] is False


@pytest.mark.long
def test_what_has_closed_is_sorted_by_what_is_told_of_it(moderating: Moderating) -> None:
    """Closed last, it stands where it was changed before: its place would tell as much."""
    first, second = moderating.audits("2022-09-03T10:00:00Z", "2022-09-03T10:00:00Z")
    sample = moderating.drawn("2022-09", now="2022-10-07T09:00:00Z")
    moderator = sample["items"][0]["moderator"]
    for item in sample["items"]:
        moderating.assign(sample, item, moderator, unsealed=False)
    by_change = "completed_from=2022-09-01&completed_to=2022-10-01&sort=changed_at"
    order = listed(moderating, moderator, by_change)
    assert {first, second} == {*order}
    closed(moderating, order[0], "2022-10-08T09:00:00Z")
    assert listed(moderating, moderator, by_change) == order
    assert listed(moderating, "qs-1", by_change) == [order[1], order[0]]
    since = f"{by_change}&changed_from=2022-10-08"
    assert listed(moderating, moderator, since) == []
    assert listed(moderating, "qs-1", since) == [order[0]]
