"""R3.2: where policy counts from the last audit, lateness moves the next one."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.calendars.policies import install_policy
from qa_api.settings import Settings
from qa_api.work import Work
from tests.api import Server
from tests.conftest import Clone, settings_for
from tests.due_audits.conftest import serving_with_a_tool
from tests.due_audits.fostering import Fostering, dates, standing

At = Callable[[str], None]


@pytest.fixture(scope="module")
def authority(clone_of_authority: Clone, issuer: DevelopmentIssuer) -> Settings:
    """An authority that is about to change its policy."""
    return settings_for(clone_of_authority(), issuer)


@pytest.fixture(scope="module")
def server(authority: Settings, issuer: DevelopmentIssuer) -> Iterator[Server]:
    """Its API."""
    with serving_with_a_tool(authority, issuer) as running:
        yield running


@pytest.mark.long
def test_a_new_policy_counts_from_its_own_day_on(fostering: Fostering, at: At) -> None:
    household = fostering.household("2024-12-14")

    async def decide(work: Work) -> None:
        values = {"cadence_anchor": "from_last_audit", "carers_audit_every_months": 6}
        day = date(2028, 1, 1)
        await install_policy(work, effective_from=day, values=values, reason="A test")

    fostering.service.work(decide)
    fostering.sweep()
    first, second = household.audits()
    assert dates([first, second]) == ["2025-12-14", "2026-12-14"]
    at("2027-12-01T09:00:00Z")
    fostering.sweep()
    late = household.audits()[-1]
    assert late["due_on"] == "2027-12-14"
    at("2028-02-20T09:00:00Z")
    before = standing(household.owes(until="2028-02-20"))
    assert before[-1] == ("2027-12-14", "overdue")
    fostering.complete(late["id"])
    rows = household.owes(until="2029-03-01", status="coming")
    assert dates(rows) == ["2028-08-20", "2029-02-20"]
    facts = rows[0]["explanation"]["facts"]
    assert (facts["counted_by"], facts["last_audit_on"]) == ("from_last_audit", "2028-02-20")
    assert rows[0]["policy_version"] == 2
    overdue = dates(household.owes(status="overdue"))
    assert overdue == ["2025-12-14", "2026-12-14"], "missed stays due"
