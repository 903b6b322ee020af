"""C6: two records of one household owe its audits once."""

from uuid import UUID

import pytest

from qa_api.models.subjects import Subject
from qa_api.subjects.merging import merge_subjects
from qa_api.work import Work
from tests.due_audits.fostering import Fostering, Household, dates, keyed


def merge(fostering: Fostering, source: Household, into: Household) -> None:
    async def act(work: Work) -> None:
        await work.act_as_service()
        subjects = [await work.session.get_one(Subject, UUID(one.id)) for one in (source, into)]
        await merge_subjects(work, *subjects)

    fostering.service.work(act)


@pytest.mark.long
def test_the_audits_of_both_are_for_the_due_dates_of_the_one(fostering: Fostering) -> None:
    twice, household = fostering.household("2024-06-10"), fostering.household("2024-06-11")
    fostering.sweep()
    first, _ = twice.audits()
    fostering.complete(first["id"])
    merge(fostering, twice, household)
    fostering.sweep()
    assert dates(household.owes()) == ["2026-06-11", "2027-06-11"]
    states = sorted(keyed(household.audits(), "state"))
    assert states == ["cancelled", "cancelled", "completed", "planned"]
    assert twice.owes() == []


@pytest.mark.long
def test_the_panel_date_comes_along_where_only_one_had_it(fostering: Fostering) -> None:
    twice, household = fostering.household("2025-12-14"), fostering.household()
    fostering.sweep()
    merge(fostering, twice, household)
    fostering.sweep()
    (row,) = household.owes()
    assert (row["due_on"], row["audit"]["state"]) == ("2026-12-14", "planned")
    assert len(household.audits()) == 1
