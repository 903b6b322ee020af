"""R4.5.4: how steady an auditor is, to themselves and to Quality & Standards alone."""

from typing import Final
from uuid import uuid4

import pytest
from sqlalchemy import select

from qa_api.models.moderation import ModerationSample
from qa_api.work import Work
from tests.api import Json
from tests.moderation.moderating import Moderating
from tests.moderation.profiles import Pairs, published_tool
from tests.moderation.profiles import moderated as moderated_by_domain

STEADINESS: Final = "/v1/auditor-steadiness"
LENIENT: Final = "ps-lincoln-fast"
OTHERS: Final = ("ps-boston-fast", "ps-f4me-north", "ps-f4me-south", "ps-cwd", "dm-lincoln-fast")
"""As many as the smallest cell has."""
SAME, WORSE, BETTER = (("good", moderated) for moderated in ("good", "inadequate", "outstanding"))


SCALE: Final = {
    "name": "As steady as can be",
    "points": [
        {"code": code, "label": code.title(), "escalates": False}
        for code in ("outstanding", "good", "inadequate")
    ],
}


@pytest.fixture
def scale(moderating: Moderating) -> str:
    """A scale on which nobody else is judged: what other tests moderate is not counted with it."""
    code = f"steady-{uuid4().hex[:8]}"
    made = moderating.api.as_("qs-1").create("/v1/judgement-scales", SCALE | {"code": code})
    assert made.status_code == 201, made.text
    return code


def moderated(
    moderating: Moderating, scale: str, month: str, auditor: str, *pairs: tuple[str, str]
) -> None:
    """As many audits of one auditor, each with both judgements; the sample is closed."""
    hours = (f"{month}-{1 + at // 20:02}T{1 + at % 20:02}:00:00Z" for at in range(len(pairs)))
    audits = moderating.audits(*hours, auditor=auditor, scale=(scale, 1))
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


def rows(moderating: Moderating, scale: str, person: str, auditor: str = "") -> list[Json]:
    """What somebody reads of this scale, of everybody or of one auditor."""
    query = f"?limit=500&auditor={auditor}" if auditor else "?limit=500"
    found = moderating.read(STEADINESS + query, person)["items"]
    return [row for row in found if row["scale_code"] == scale]


@pytest.mark.long
def test_leniency_is_shown_to_the_auditor_and_to_quality_standards_and_to_nobody_else(
    moderating: Moderating, scale: str
) -> None:
    moderated(moderating, scale, "2017-04", LENIENT, *[WORSE] * 33, *[SAME] * 20, BETTER)
    for month, other in zip(("05", "06", "07", "08", "09"), OTHERS, strict=True):
        moderated(moderating, scale, f"2017-{month}", other, *[WORSE] * 3, *[SAME] * 8, BETTER)
    # All in quarters that are over; what runs is not counted.
    moderating.at("2017-10-05T09:00:00Z")
    (own,) = rows(moderating, scale, LENIENT)
    assert (own["auditor"], own["pairs"], own["second_grade"]) == (LENIENT, 54, "open")
    assert (own["starts_on"], own["ends_before"]) == ("2015-10-01", "2017-10-01")
    lowered = own["lowered"]
    assert (lowered["verdict"], lowered["others"]) == ("more_often", None)
    assert lowered["difference"] is None
    said = "Moderation lowered their judgements more often than the others'."
    assert lowered["sentence"] == said, "in words alone"
    assert (lowered["own"]["numerator"], lowered["own"]["denominator"]) == (33, 54)
    assert lowered["own"]["interval"]["low"] < 0.61 < lowered["own"]["interval"]["high"]
    assert (own["raised"]["verdict"], own["raised"]["own"]["numerator"]) == ("not_known_yet", 1)
    # Of the others there is no number from which a colleague's could be worked out.
    assert own["explanation"]["facts"] == {
        "pairs": 54,
        "audits": 54,
        "power_percent": own["explanation"]["facts"]["power_percent"],
        "power_needed_percent": 80,
    }

    everybody = {row["auditor"]: row for row in rows(moderating, scale, "qs-1")}
    assert set(everybody) == {LENIENT, *OTHERS}
    full = everybody[LENIENT]["lowered"]
    assert (full["verdict"], full["others"], full["own"]) == ("more_often", 0.25, lowered["own"])
    assert 0 < full["difference"]["low"] < 0.36 < full["difference"]["high"]
    assert everybody[OTHERS[0]]["lowered"]["verdict"] == "not_known_yet"
    assert everybody[OTHERS[0]]["lowered"]["others"] is None
    assert [row["auditor"] for row in rows(moderating, scale, "qs-1", LENIENT)] == [LENIENT]
    first = moderating.read(f"{STEADINESS}?limit=2", "qs-1")
    assert len(first["items"]) == 2
    assert first["next_cursor"]

    # Nobody learns of another by asking for them, nor by leading the authority.
    (theirs,) = rows(moderating, scale, OTHERS[0])
    assert theirs["auditor"] == OTHERS[0]
    assert rows(moderating, scale, OTHERS[0], LENIENT) == []
    for person in ("slt-1", "reporting-1", "admin-1", "sw1-boston-fast"):
        assert moderating.api.as_(person).get(STEADINESS).status_code == 403


@pytest.mark.long
def test_domains_stand_for_audits_without_an_overall_judgement_one_by_one_and_together(
    moderating: Moderating, scale: str
) -> None:
    """Of few others an auditor is told nothing, and the running quarter counts for nothing."""
    voice, safety = f"{scale[-4:]}_voice", f"{scale[-4:]}_safety"
    both = published_tool(moderating.api.as_("qs-1"), f"{scale}-both", scale, voice, safety)
    one = published_tool(moderating.api.as_("qs-1"), f"{scale}-one", scale, voice)

    def profiles(*voices: tuple[str, str]) -> list[Pairs]:
        return [{voice: each, safety: SAME} for each in voices]

    lenient = profiles(*[WORSE] * 33, *[SAME] * 20, BETTER)
    moderated_by_domain(moderating, scale, "2018-10", LENIENT, both, *lenient)
    others = profiles(*[WORSE] * 15, *[SAME] * 45)
    moderated_by_domain(moderating, scale, "2018-11", OTHERS[0], both, *others)
    for month, other in zip(("04", "05", "06", "07"), OTHERS[1:], strict=True):
        moderated_by_domain(moderating, scale, f"2018-{month}", other, one, {voice: WORSE})
    moderated_by_domain(moderating, scale, "2019-01", LENIENT, both, *profiles(WORSE))

    own = {(row["of"], row["domain_key"]): row for row in rows(moderating, scale, LENIENT)}
    assert [*own] == [("domain", safety), ("domain", voice), ("domains_together", None)]
    told = own["domain", voice]
    assert (told["domain"], told["pairs"], told["audits"]) == ("Voice", 54, 54)
    assert (told["lowered"]["verdict"], told["lowered"]["others"]) == ("more_often", None)
    # One colleague alone judged the other domain: of them nothing is told, not even together.
    safe, together = own["domain", safety], own["domains_together", None]
    assert (safe["pairs"], safe["lowered"]["verdict"]) == (54, "not_known_yet")
    assert (together["pairs"], together["audits"]) == (54, 54)
    assert together["lowered"] == told["lowered"]

    everybody = rows(moderating, scale, "qs-1", LENIENT)
    seen = {(row["of"], row["domain_key"]): row for row in everybody}
    full = seen["domain", voice]["lowered"]
    assert (full["verdict"], full["others"], full["own"]) == (
        *("more_often", 0.3),
        told["lowered"]["own"],
    )
    assert full["difference"]["low"] > 0
    assert seen["domain", safety]["lowered"]["verdict"] == "no_difference"
    whole = seen["domains_together", None]
    # 108 judgements of 54 audits know no more than 54 would.
    assert (whole["pairs"], whole["audits"]) == (108, 54)
    share = whole["lowered"]["own"]
    assert (share["numerator"], share["denominator"]) == (33, 108)
    assert share["interval"] == {"low": 0.1991, "high": 0.4379}
    assert whole["lowered"]["others"] == round(19 / 124, 2)
    assert [row["domain_key"] for row in rows(moderating, scale, "qs-1", OTHERS[1])] == [voice]


@pytest.mark.long
def test_what_is_recorded_in_error_since_counts_no_more(moderating: Moderating, scale: str) -> None:
    (audit,) = moderating.audits("2014-07-03T10:00:00Z", auditor="ps-cwd", scale=(scale, 1))
    moderating.judged([audit], WORSE)
    close(moderating, "2014-07")
    moderating.at("2014-10-03T09:00:00Z")
    (own,) = rows(moderating, scale, "ps-cwd")
    assert own["pairs"] == 1
    moderating.record_in_error(audit)
    assert rows(moderating, scale, "ps-cwd") == []
