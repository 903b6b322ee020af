"""R4.5.4: how steady an auditor is, to themselves and to Quality & Standards alone."""

from typing import Final

import pytest
from sqlalchemy import select

from qa_api.models.moderation import ModerationSample
from qa_api.work import Work
from tests.api import Json
from tests.moderation.moderating import Moderating

STEADINESS: Final = "/v1/auditor-steadiness"
LENIENT: Final = "ps-lincoln-fast"
OTHERS: Final = ("ps-boston-fast", "ps-f4me-north", "ps-f4me-south", "ps-cwd", "dm-lincoln-fast")
"""As many as the smallest cell has."""
SAME, WORSE, BETTER = (("good", moderated) for moderated in ("good", "inadequate", "outstanding"))


@pytest.fixture(scope="module")
def year() -> str:
    """A year of its own: nothing else was moderated in the two years before it is over."""
    return "2017"


def moderated(moderating: Moderating, month: str, auditor: str, *pairs: tuple[str, str]) -> None:
    """As many audits of one auditor, each with both judgements; the sample is closed."""
    hours = (f"{month}-{1 + at // 20:02}T{1 + at % 20:02}:00:00Z" for at in range(len(pairs)))
    audits = moderating.audits(*hours, auditor=auditor)
    moderating.judged(audits, *pairs)
    close(moderating, month)


def close(moderating: Moderating, month: str) -> None:
    """End the moderation of those who belong to no group: their auditors see it now."""

    async def closed(work: Work) -> None:
        found = select(ModerationSample).where(
            ModerationSample.period == month, ModerationSample.group.is_(None)
        )
        sample = (await work.session.scalars(found)).one()
        sample.state, sample.closed_at = "closed", work.now

    moderating.service.work(closed)


def rows(moderating: Moderating, person: str, query: str = "") -> list[Json]:
    return list(moderating.read(STEADINESS + query, person)["items"])


def test_leniency_is_shown_to_the_auditor_and_to_quality_standards_and_to_nobody_else(
    moderating: Moderating, year: str
) -> None:
    moderated(moderating, f"{year}-04", LENIENT, *[WORSE] * 33, *[SAME] * 20, BETTER)
    for month, other in zip(("05", "06", "07", "08", "09"), OTHERS, strict=True):
        moderated(moderating, f"{year}-{month}", other, *[WORSE] * 3, *[SAME] * 8, BETTER)
    # All in quarters that are over; what runs is not counted.
    moderating.at(f"{year}-10-05T09:00:00Z")
    (own,) = rows(moderating, LENIENT)
    assert (own["auditor"], own["pairs"], own["second_grade"]) == (LENIENT, 54, "open")
    assert (own["starts_on"], own["ends_before"]) == (f"{int(year) - 2}-10-01", f"{year}-10-01")
    lowered = own["lowered"]
    assert (lowered["verdict"], lowered["others"]) == ("more_often", 0.25)
    assert (lowered["own"]["numerator"], lowered["own"]["denominator"]) == (33, 54)
    assert lowered["own"]["interval"]["low"] < 0.61 < lowered["own"]["interval"]["high"]
    assert 0 < lowered["difference"]["low"] < 0.36 < lowered["difference"]["high"]
    assert (own["raised"]["verdict"], own["raised"]["own"]["numerator"]) == ("no_difference", 1)
    # Of the others there is no number from which a colleague's could be worked out.
    assert own["explanation"]["facts"] == {
        "pairs": 54,
        "power_percent": own["explanation"]["facts"]["power_percent"],
        "power_needed_percent": 80,
    }

    everybody = {row["auditor"]: row for row in rows(moderating, "qs-1")}
    assert set(everybody) == {LENIENT, *OTHERS}
    assert everybody[LENIENT] == own
    assert everybody[OTHERS[0]]["lowered"]["verdict"] == "not_known_yet"
    assert everybody[OTHERS[0]]["lowered"]["others"] is None
    assert [row["auditor"] for row in rows(moderating, "qs-1", f"?auditor={LENIENT}")] == [LENIENT]
    first = moderating.read(f"{STEADINESS}?limit=2", "qs-1")
    assert len(first["items"]) == 2
    assert first["next_cursor"]

    # Nobody learns of another by asking for them, nor by leading the authority.
    (theirs,) = rows(moderating, OTHERS[0])
    assert theirs["auditor"] == OTHERS[0]
    assert rows(moderating, OTHERS[0], f"?auditor={LENIENT}") == []
    for person in ("slt-1", "reporting-1", "admin-1", "sw1-boston-fast"):
        assert moderating.api.as_(person).get(STEADINESS).status_code == 403


def test_of_few_others_an_auditor_is_told_nothing_and_the_running_quarter_counts_for_nothing(
    moderating: Moderating,
) -> None:
    moderated(moderating, "2023-10", LENIENT, *[WORSE] * 33, *[SAME] * 20, BETTER)
    moderated(moderating, "2023-11", OTHERS[0], *[SAME] * 60)
    moderated(moderating, "2024-01", LENIENT, SAME)
    (own,) = rows(moderating, LENIENT)
    assert (own["pairs"], own["lowered"]["verdict"]) == (54, "not_known_yet")
    assert own["lowered"]["own"]["numerator"] == 33
    told = {row["auditor"]: row for row in rows(moderating, "qs-1")}
    assert told[LENIENT]["lowered"]["verdict"] == "more_often"
    assert told[LENIENT]["lowered"]["others"] == 0


def test_what_is_recorded_in_error_since_counts_no_more(moderating: Moderating) -> None:
    (audit,) = moderating.audits("2014-07-03T10:00:00Z", auditor="ps-cwd")
    moderating.judged([audit], WORSE)
    close(moderating, "2014-07")
    moderating.at("2014-10-03T09:00:00Z")
    (own,) = rows(moderating, "ps-cwd")
    assert own["pairs"] == 1
    moderating.record_in_error(audit)
    assert rows(moderating, "ps-cwd") == []
