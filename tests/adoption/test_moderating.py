"""Samples are drawn at the authority's own frequency, by its own rule (R4.5.1)."""

from collections.abc import Callable
from math import ceil

import pytest

from tests.adoption.authority import Authority, accept

At = Callable[[str], None]

PERIODS = {"month": "2026-10", "quarter": "2026-27 Q2"}
"""The period before Monday 23 November 2026, as each frequency names it."""
A_DAY_OF = {"month": "2026-10-14T10:00:00Z", "quarter": "2026-08-12T10:00:00Z"}


@pytest.mark.long
def test_a_sample_is_of_the_period_and_size_that_the_policy_says(house: Authority, at: At) -> None:
    frequency, policy = house.policy["moderation_frequency"], house.policy
    audit_type = house.type_of(owner="quality_standards", subject_kind="child")
    at(A_DAY_OF[frequency])
    for _ in range(4):
        house.audited(audit_type)
    at("2026-11-23T09:30:00Z")
    auditor_group = None  # who audits for Quality & Standards is in no team's group
    drawn = accept(house.api.create("/v1/moderation-samples", {"group": auditor_group}))

    assert drawn["period"] == PERIODS[frequency]
    asked = ceil(drawn["population"] * policy["moderation_sample_percent"] / 100)
    asked = max(asked, policy["moderation_sample_minimum"])
    asked = min(asked, policy["moderation_sample_maximum"], drawn["population"])
    assert drawn["population"] >= 4
    assert len(drawn["items"]) == asked
    facts = drawn["explanation"]["facts"]
    assert facts["percent"] == policy["moderation_sample_percent"]
    assert sum(stratum["drawn"] for stratum in drawn["strata"]) == asked
    if not policy["moderation_strata"]:
        assert [stratum["stratum"] for stratum in drawn["strata"]] == ["all"]
    proof = house.api.post(f"/v1/moderation-samples/{drawn['id']}/redraw").json()
    assert proof["same_sample"]


def test_a_period_of_the_other_frequency_is_not_one(house: Authority) -> None:
    other = next(f for f in PERIODS if f != house.policy["moderation_frequency"])
    refused = house.api.create("/v1/moderation-samples", {"group": None, "period": PERIODS[other]})
    assert refused.status_code == 422
