"""Observations are counted in the authority's own window (R4.6.1)."""

from datetime import date

from tests.adoption.authority import Authority, accept

TODAY = date(2026, 11, 23)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier."""
    index = day.year * 12 + day.month - 1 - months
    return day.replace(year=index // 12, month=index % 12 + 1)


def observed(house: Authority, worker: str, on: str) -> None:
    body = {
        "worker": worker,
        "observer": house.place.manager,
        "observed_on": on,
        "activity": "Home visit",
        "planned": True,
        "family_consent": "given",
        "strengths": "Clear about the worries.",
        "development": "Leave the child more room to begin.",
    }
    accept(house.api.as_(house.place.manager).create("/v1/practice-observations", body))


def test_as_many_are_required_as_the_policy_says_in_the_window_that_it_says(
    house: Authority,
) -> None:
    policy = house.policy
    *_, place = house.places()
    (row,) = house.listed("/v1/observation-compliance", worker=place.worker)
    assert row["required"] == policy["observations_required"]
    assert row["explanation"]["facts"]["window"] == policy["observation_window"]
    starts = date.fromisoformat(row["period"]["starts_on"])
    ends = date.fromisoformat(row["period"]["ends_on"])
    assert starts <= TODAY <= ends
    if policy["observation_window"] == "rolling":
        assert ends == TODAY
        assert (starts - months_before(TODAY, policy["observation_window_months"])).days in {0, 1}
    else:
        assert (starts.month, starts.day) == (4, 1)


def test_what_lies_before_the_window_is_not_counted(house: Authority) -> None:
    worker = house.place.worker
    (before,) = house.listed("/v1/observation-compliance", worker=worker)
    starts = date.fromisoformat(before["period"]["starts_on"])
    observed(house, worker, date.fromordinal(starts.toordinal() - 1).isoformat())
    (same,) = house.listed("/v1/observation-compliance", worker=worker)
    assert (same["done"], same["remaining"]) == (before["done"], before["remaining"])
    observed(house, worker, starts.isoformat())
    (counted,) = house.listed("/v1/observation-compliance", worker=worker)
    assert counted["done"] == before["done"] + 1
    assert counted["remaining"] == before["remaining"] - 1
