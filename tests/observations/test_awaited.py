"""Who is to be observed waits for those who observe them, until the pace is kept (X6, R4.6.2)."""

from collections.abc import Callable

import pytest

from qa_api.observations.awaiting import count_awaited_observations
from tests.api import Api, Json
from tests.observations.conftest import Office


def to_observe(office: Office, person: Api, worker: str) -> list[Json]:
    """What waits for somebody about one worker, once the sweep has been."""
    office.service.work(count_awaited_observations)
    found = person.work("kind=observe")
    return [item for item in found if f"worker={office.code(worker)}&" in item["path"]]


@pytest.mark.long
def test_a_worker_behind_the_pace_waits_for_their_supervisor_and_manager(office: Office) -> None:
    office.employ("ann", "north")
    for lead in ("ps-north", "tm-north"):
        (item,) = to_observe(office, office.as_(lead), "ann")
        assert (item["due_on"], item["subject"]) == ("2027-03-31", None)
        (row,) = office.as_(lead).get(item["path"]).json()["items"]
        assert (row["code"], row["remaining"]) == (office.code("ann"), 2)
    for other in (office.as_("ps-south"), office.as_("tm-south"), office.as_("hos"), office.api):
        assert to_observe(office, other, "ann") == []


@pytest.mark.long
def test_an_observation_takes_it_off_the_list_and_a_day_brings_it_back(
    office: Office, at: Callable[[str], None]
) -> None:
    office.employ("ben", "north", "south")
    assert to_observe(office, office.as_("ps-north"), "ben")
    assert to_observe(office, office.as_("ps-south"), "ben")
    office.observe("ben", "2026-11-20", by="ps-north")
    for lead in ("ps-north", "ps-south"):
        assert to_observe(office, office.as_(lead), "ben") == []
    at("2027-03-31T09:00:00Z")  # the last day of the financial year
    (item,) = to_observe(office, office.as_("ps-north"), "ben")
    assert item["working_days_left"] == 0


def test_nobody_is_to_observe_themselves(office: Office) -> None:
    office.employ("cat", "north")
    office.let_in("cat", "practice_supervisor", team="north")
    assert to_observe(office, office.as_("cat"), "cat") == []
    assert to_observe(office, office.as_("tm-north"), "cat")


@pytest.mark.long
def test_who_has_left_waits_for_nobody(office: Office, at: Callable[[str], None]) -> None:
    office.employ("dan", "north", leaves_on="2026-12-31")
    assert to_observe(office, office.as_("tm-north"), "dan")
    at("2027-01-04T09:00:00Z")
    assert to_observe(office, office.as_("tm-north"), "dan") == []
