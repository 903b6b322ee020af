"""R4.5.1: a draw that is spread over judgements takes the domains' where no whole was judged."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable

import pytest

from tests.adoption.authority import WHY, Authority, accept
from tests.adoption.test_profiles import grades, optional
from tests.api import Json

__all__ = ["optional"]

pytestmark = pytest.mark.parametrize("adopted", ["partnership"], indirect=True)

At = Callable[[str], None]
SAMPLES = "/v1/moderation-samples"


@pytest.fixture
def audit_type(house: Authority) -> Json:
    """The type that Quality & Standards runs: its auditors are in no group."""
    return house.type_of(owner="quality_standards", subject_kind="child")


def lot(sample: Json, name: str) -> str:
    """The place of a name in the lot, worked out by hand."""
    told = f"{sample['seed']}|{sample['population_hash']}|{name}"
    return hashlib.sha256(told.encode()).hexdigest()


@pytest.mark.long
def test_a_draw_is_spread_over_the_lowest_domain_or_the_overall_judgement_where_one_was_given(
    house: Authority, audit_type: Json, optional: Json, at: At
) -> None:
    assert house.policy["moderation_strata"] == ["judgement"]
    assert house.policy["moderation_sample_percent"] == 30
    best, _, third, *_, worst = grades(house, audit_type)
    at("2026-03-12T10:00:00Z")
    spread = {best: 2, third: 2, worst: 1}
    expected = {
        house.audited(audit_type, judgement=lowest): lowest
        for lowest, times in spread.items()
        for _ in range(times)
    }
    # Where it is the auditor's to give one: without it the lowest domain, with it the whole.
    expected[house.audited(optional, judgement=third)] = third
    auditor = house.auditor_of(optional)
    given = house.planned(optional, house.child(), auditor=auditor)
    house.answer(given, optional, auditor)
    grade = {"judgement": best, "rationale": WHY}
    accept(house.api.as_(auditor).change("PUT", f"{given}/judgements/overall", grade, on=given))
    house.complete(given, optional, auditor, judgement=worst, answered=True)
    expected[given] = best

    at("2026-04-02T10:00:00Z")
    sample = accept(house.api.create(SAMPLES, {"group": None, "period": "2026-03"}))
    found = house.listed(f"{SAMPLES}/{sample['id']}/population")
    strata = {f"/v1/audits/{row['audit_id']}": row["stratum"] for row in found}
    assert strata == expected

    # Three of seven: 9/7, 9/7 and 3/7 places; the one left over goes to the largest remainder.
    assert Counter(strata.values()) == {best: 3, third: 3, worst: 1}
    places = {best: 1, third: 1, worst: 1}
    assert {one["stratum"]: (one["population"], one["drawn"]) for one in sample["strata"]} == {
        best: (3, 1),
        third: (3, 1),
        worst: (1, 1),
    }
    facts = sorted(
        [row["audit_id"], row["audit_type"], row["stratum"], house.place.team, None]
        for row in found
    )
    told = json.dumps(facts, separators=(",", ":")).encode()
    assert sample["population_hash"] == hashlib.sha256(told).hexdigest()
    drawn = [
        audit_id
        for stratum, count in places.items()
        for audit_id in sorted(
            (row["audit_id"] for row in found if row["stratum"] == stratum),
            key=lambda audit_id: lot(sample, audit_id),
        )[:count]
    ]
    by_lot = sorted(drawn, key=lambda audit_id: lot(sample, audit_id))
    assert [item["audit_id"] for item in sample["items"]] == by_lot
    proof = accept(house.api.post(f"{SAMPLES}/{sample['id']}/redraw"))
    assert (proof["drawn"], proof["same_population"], proof["same_sample"]) == (by_lot, True, True)
